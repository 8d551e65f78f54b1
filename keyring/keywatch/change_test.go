package keywatch_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keywatch"
)

// keyed and plain are what the files of these tests say.
const (
	keyed = `{"prefix": "com.myapp.", "versions": [{"dialect": "passthru", "id": "one", "shared": "` + sampleKey + `"}]}`
	plain = `{"prefix": "com.public.", "plain": true}`
)

var app = keyring.Prefix("com.myapp.")

// A file that lacks a pattern leaves it closed.
func TestWhatAFileLacksIsClosed(t *testing.T) {
	path := join(t, "keyring.json")
	write(t, path, fileOf(keyed, plain))
	w := watch(t, path)
	replace(t, path, fileOf(plain))
	require.Equal(t, keyring.Changes{Closed: []keyring.Pattern{app}}, w.changed(t, 1))
	_, err := w.ring.Lookup("com.myapp.x")
	require.ErrorIs(t, err, keyring.ErrClosed)

	replace(t, path, fileOf(keyed))
	require.Equal(t, keyring.Changes{Opened: []keyring.Pattern{app}, Closed: []keyring.Pattern{keyring.Prefix("com.public.")}}, w.changed(t, 2))
	require.Equal(t, "one", w.id())
	_, err = w.ring.Lookup("com.public.x")
	require.ErrorIs(t, err, keyring.ErrClosed)
}

// What would be let through in plain needs consent, in each way in which a file can say it.
func TestPlainNeedsConsent(t *testing.T) {
	until := time.Now().Add(time.Hour).Format(time.RFC3339)
	transition := fmt.Sprintf(`{"prefix": "com.myapp.", "plaintext": "accept", "until": %q, "versions": [{"dialect": "passthru", "id": "one", "shared": %q}]}`, until, sampleKey)
	for name, tc := range map[string]struct {
		file  []byte
		allow keyring.Pattern
	}{
		"plain":              {fileOf(`{"prefix": "com.myapp.", "plain": true}`), app},
		"plain below it":     {fileOf(keyed, `{"exact": "com.myapp.x", "plain": true}`), keyring.Prefix("com.")},
		"in transition":      {fileOf(transition), keyring.Prefix("")},
		"plain unless keyed": {bytes.Replace(fileOf(keyed), []byte(`"patterns"`), []byte(`"unkeyed": "plain", "patterns"`), 1), keyring.Prefix("")},
	} {
		t.Run(name, func(t *testing.T) {
			path := join(t, "keyring.json")
			write(t, path, text("one"))
			w := watch(t, path, keywatch.Poll(20*time.Millisecond), keywatch.AllowPlain(keyring.Prefix("com.other.")))
			replace(t, path, tc.file)
			err := w.fails(t, 1)
			require.ErrorIs(t, err, keyring.ErrPlain)
			var at *keyfile.Error
			require.ErrorAs(t, err, &at)
			require.Equal(t, path, at.Path)
			time.Sleep(200 * time.Millisecond)
			require.Error(t, w.fails(t, 1)) // once, however often the file is looked at
			require.Equal(t, err, w.Stats().LastError)
			require.Equal(t, "one", w.id())
			e, err := w.ring.Lookup("com.myapp.x")
			require.NoError(t, err)
			require.False(t, e.TakesPlain())
			_, err = w.ring.Lookup("org.unkeyed")
			require.ErrorIs(t, err, keyring.ErrClosed)

			// What comes after it counts again.
			replace(t, path, text("two"))
			w.becomes(t, "two")

			with := watch(t, path, keywatch.AllowPlain(tc.allow))
			replace(t, path, tc.file)
			changes := with.changed(t, 1)
			require.True(t, changes.Unkeyed || len(changes.Plain) == 1, "%+v", changes)
		})
	}
}

// "unkeyed" ends with the file that says it.
func TestPlainUnlessKeyedEnds(t *testing.T) {
	path := join(t, "keyring.json")
	write(t, path, bytes.Replace(fileOf(keyed), []byte(`"patterns"`), []byte(`"unkeyed": "plain", "patterns"`), 1))
	w := watch(t, path)
	_, err := w.ring.Lookup("org.unkeyed")
	require.NoError(t, err)
	replace(t, path, fileOf(keyed))
	require.Equal(t, keyring.Changes{Unkeyed: true}, w.changed(t, 1))
	_, err = w.ring.Lookup("org.unkeyed")
	require.ErrorIs(t, err, keyring.ErrClosed)
}

// The file is a source of the ring: what the program itself has set stays, and a file
// that speaks of it is refused.
func TestThePatternsOfOthersStay(t *testing.T) {
	path := join(t, "keyring.json")
	write(t, path, fileOf(keyed))
	w := watch(t, path)
	require.NoError(t, w.ring.Set(keyring.Exact("org.own"), keyring.Both(mustKey(t))))
	replace(t, path, fileOf(plain))
	w.changed(t, 1)
	_, err := w.ring.Lookup("org.own")
	require.NoError(t, err)

	replace(t, path, fileOf(plain, `{"exact": "org.own", "plain": true}`))
	require.ErrorIs(t, w.fails(t, 1), keyring.ErrSource)
	e, err := w.ring.Lookup("org.own")
	require.NoError(t, err)
	require.False(t, e.Plain())

	other := keyring.New()
	require.NoError(t, other.Set(keyring.Exact("org.own"), keyring.Both(mustKey(t))))
	_, err = keywatch.Watch(t.Context(), path, other)
	require.ErrorIs(t, err, keyring.ErrSource)
	require.Equal(t, 1, other.Len())
}

// A change of the text that means the same is none: a comment, another order, another
// way to write a date.
func TestTheSameInOtherWordsIsNoChange(t *testing.T) {
	path := join(t, "keyring.json")
	entry := func(comment, from, until string) []byte {
		return fileOf(fmt.Sprintf(`{"prefix": "com.myapp.", "comment": %q, "plaintext": "accept", "until": %q, "versions": [{"dialect": "passthru", "id": "one", "active_from": %q, "shared": %q}]}`,
			comment, until, from, sampleKey))
	}
	write(t, path, entry("one", "2026-01-01T02:00:00+02:00", "2099-01-01T02:00:00+02:00"))
	log := new(lines)
	w := watch(t, path, keywatch.WithLogger(slog.New(slog.NewTextHandler(log, nil))))
	first := w.Stats().LastLoad
	for _, text := range [][]byte{
		entry("two", "2026-01-01T02:00:00+02:00", "2099-01-01T02:00:00+02:00"),
		entry("two", "2026-01-01T00:00:00Z", "2098-12-31T23:00:00-01:00"),
	} {
		before := w.Stats().LastLoad
		replace(t, path, text)
		require.Eventually(t, func() bool { return w.Stats().LastLoad.After(before) }, 5*time.Second, 5*time.Millisecond)
	}
	require.True(t, w.Stats().LastLoad.After(first))
	require.Zero(t, w.Stats().Changes)
	n, _ := w.told()
	require.Zero(t, n)
	require.Empty(t, log.all())
}

// lines are what was logged.
type lines struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *lines) all() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.FieldsFunc(l.text.String(), func(r rune) bool { return r == '\n' })
}

func TestChangesAreLoggedOnce(t *testing.T) {
	path := join(t, "keyring.json")
	write(t, path, fileOf(keyed, plain))
	log := new(lines)
	leaveOut := func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}
	w := watch(t, path, keywatch.Poll(20*time.Millisecond), keywatch.WithLogger(slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{ReplaceAttr: leaveOut}))))
	require.Empty(t, log.all(), "the first content is none")

	var many []string
	for i := range 9 {
		many = append(many, fmt.Sprintf(`{"exact": "com.p%d", "plain": true}`, i))
	}
	replace(t, path, fileOf(append(many, plain)...))
	w.changed(t, 1)
	require.Eventually(t, func() bool { return len(log.all()) == 1 }, 5*time.Second, 5*time.Millisecond)
	line := log.all()[0]
	require.Contains(t, line, "level=INFO msg=\"keyring file loaded again\" path="+path+" opened=9 changed=0 closed=1 plain=9 scrambled=0 unkeyed=false")
	require.Contains(t, line, `closed prefix \"com.myapp.\"`)
	require.Equal(t, 4, strings.Count(line, `\"com.`), line)

	replace(t, path, []byte("{"))
	require.Error(t, w.fails(t, 1))
	require.Eventually(t, func() bool { return len(log.all()) == 2 }, 5*time.Second, 5*time.Millisecond)
	require.Contains(t, log.all()[1], "level=ERROR")
	time.Sleep(100 * time.Millisecond)
	require.Len(t, log.all(), 2)
}
