package keyservice_test

import (
	"bytes"
	"log/slog"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/grantor"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyservice"
)

// TestUnusableConfigs are refused before anything is asked, and say what to give.
func TestUnusableConfigs(t *testing.T) {
	key := func() cryptobox.VerifyKey { return cryptobox.GenerateSigningKey().Public() }
	for name, tc := range map[string]struct {
		change func(*keyservice.Config)
		says   string
	}{
		"no identity":      {func(c *keyservice.Config) { c.Identity = nil }, "Identity"},
		"a zero identity":  {func(c *keyservice.Config) { c.Identity = new(keyservice.Identity) }, "Identity"},
		"no authority":     {func(c *keyservice.Config) { c.Authorities = nil }, "Authorities"},
		"a zero authority": {func(c *keyservice.Config) { c.Authorities = make([]cryptobox.VerifyKey, 1) }, "zero"},
		"one twice":        {func(c *keyservice.Config) { c.Authorities = append(c.Authorities, c.Authorities[0]) }, "twice"},
		"many authorities": {func(c *keyservice.Config) {
			c.Authorities = []cryptobox.VerifyKey{key(), key(), key(), key(), key(), key(), key(), key(), key()}
		}, "8"},
		"a prefix of no dot":              {func(c *keyservice.Config) { c.Prefix = "com.keys" }, "dot"},
		"too often":                       {func(c *keyservice.Config) { c.Every = time.Millisecond }, "Every"},
		"never":                           {func(c *keyservice.Config) { c.Every = math.MaxInt64 }, "Every"},
		"negative":                        {func(c *keyservice.Config) { c.Every = -time.Hour }, "Every"},
		"stale too soon":                  {func(c *keyservice.Config) { c.Stale = 9 * time.Minute }, "Stale"},
		"no pattern":                      {func(c *keyservice.Config) { c.AllowPlain = []keyring.Pattern{{}} }, "AllowPlain"},
		"a new recipient without a cache": {func(c *keyservice.Config) { c.ChangeRecipient = true }, "Cache"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.issue("one")
			ring := keyring.New()
			_, err := w.tryWatch(ring, tc.change)
			isA(t, err, keyservice.ErrConfig)
			require.ErrorContains(t, err, tc.says)
			cfg := w.config()
			tc.change(&cfg)
			_, err = keyservice.Fetch(t.Context(), w.c, cfg)
			isA(t, err, keyservice.ErrConfig)
			calls, _ := w.c.Counts()
			require.Zero(t, calls)
			_, err = ring.Lookup("wampbox.keyring.get")
			require.ErrorIs(t, err, keyring.ErrClosed, "not even reserved")
		})
	}
	w := newWorld(t)
	_, err := keyservice.Watch(t.Context(), nil, keyring.New(), w.config())
	isA(t, err, keyservice.ErrConfig)
	_, err = keyservice.Watch(t.Context(), w.c, nil, w.config())
	isA(t, err, keyservice.ErrConfig)
	for _, prefix := range []string{"wamp.", "a..b.", "."} {
		_, err = w.tryWatch(keyring.New(), func(c *keyservice.Config) { c.Prefix = prefix })
		isA(t, err, keyring.ErrPattern)
	}
}

// TestPrefixIsReserved in the ring from Watch on, another one if that is configured.
func TestPrefixIsReserved(t *testing.T) {
	for _, prefix := range []string{"", "org.keys."} {
		bubble(t, func(t *testing.T, w *world) {
			w.issue("one")
			got := w.watch(func(c *keyservice.Config) { c.Prefix = prefix })
			_, err := got.ring.Lookup(max(prefix, "wampbox.") + "keyring.get")
			if prefix != "" {
				_, err = got.ring.Lookup(prefix + "keyring.get")
			}
			require.ErrorIs(t, err, keyring.ErrReserved)
		})
	}
}

// TestConsent lets a grant have plaintext sent where it was sealed.
func TestConsent(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		w.issue("one")
		got := w.watch(func(c *keyservice.Config) { c.AllowPlain = []keyring.Pattern{app} })
		w.issue("", func(d *grantor.Draft) { d.Entries = `{"prefix": "com.myapp.", "plain": true}` })
		require.NoError(t, got.Fetch(t.Context()))
		e, err := got.ring.Lookup("com.myapp.x")
		require.NoError(t, err)
		require.True(t, e.Plain())
		require.Equal(t, []keyring.Pattern{app}, got.changed()[0].Plain)
	})
}

// TestWhatAGrantLacksIsClosed, all of it too, where a member holds nothing any more.
func TestWhatAGrantLacksIsClosed(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		w.issue("one")
		got := w.watch()
		w.issue("", func(d *grantor.Draft) { d.Entries = "" })
		require.NoError(t, got.Fetch(t.Context()))
		_, err := got.ring.Lookup("com.myapp.x")
		require.ErrorIs(t, err, keyring.ErrClosed)
		require.Equal(t, []keyring.Pattern{app}, got.changed()[0].Closed)
	})
}

// TestSourceIsOne: a second source in the ring keeps its patterns.
func TestSourceIsOne(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		w.issue("one")
		ring := keyring.New()
		file := keyring.New()
		require.NoError(t, file.SetPlain(keyring.Exact("org.file")))
		_, err := ring.Update("a file", file)
		require.NoError(t, err)
		got, err := w.tryWatch(ring)
		require.NoError(t, err)
		defer got.Close()
		w.issue("two")
		require.NoError(t, got.Fetch(t.Context()))
		_, err = ring.Lookup("org.file")
		require.NoError(t, err)
	})
}

// TestLog: a line for each grant, each error and each warning; no key, and nothing else.
func TestLog(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		var log bytes.Buffer
		w.issue("one")
		got := w.watch(hourly, func(c *keyservice.Config) {
			c.Logger = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
				if a.Key == slog.TimeKey {
					return slog.Attr{}
				}
				return a
			}}))
		})
		passes(day)
		w.issue("two")
		require.NoError(t, got.Fetch(t.Context()))
		w.c.OnCall(grantor.Never)
		passes(day)
		w.c.OnCall(nil)
		passes(20 * day)
		require.NoError(t, got.Close())
		lines := strings.Split(strings.TrimSpace(log.String()), "\n")
		require.Len(t, lines, 6, "%s", log.String())
		for i, want := range []string{
			`level=INFO msg="keys from a key service" member=shop serial=`, `changed=1 closed=0`, "level=ERROR", "stale", "is reached again", "level=WARN",
		} {
			require.Contains(t, lines[i], want)
		}
		require.Contains(t, lines[0], "opened=1")
		require.NotContains(t, log.String(), sampleKey)
	})
}
