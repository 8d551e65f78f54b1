package keyservice_test

import (
	"bytes"
	"context"
	"os"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/statement"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/grantor"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyservice"
)

// edit puts other bytes in the place of some.
func edit(wire []byte, at uint32, cut uint16, with []byte) []byte {
	from := int(at) % (len(wire) + 1)
	to := min(from+int(cut), len(wire))
	return append(append(bytes.Clone(wire[:from]), with...), wire[to:]...)
}

// FuzzAnswer: of all that can be made of an honest answer, that one alone is taken. Whatever else
// comes changes nothing, and is an error of the package's type.
func FuzzAnswer(f *testing.F) {
	f.Add(uint32(0), uint16(0), []byte{})
	f.Add(uint32(0), uint16(1), []byte{0x84})
	f.Add(uint32(0), uint16(1), []byte{0x85})
	f.Add(uint32(0), uint16(65535), []byte{0x84, 0x80, 0x40, 0x80, 0x80})
	for _, at := range []uint32{1, 2, 10, 100, 200, 300, 400, 1000} {
		f.Add(at, uint16(1), []byte{0})
		f.Add(at, uint16(40), []byte{})
		f.Add(at, uint16(0), nested(64))
	}
	f.Fuzz(func(t *testing.T, at uint32, cut uint16, with []byte) {
		bubble(t, func(t *testing.T, w *world) {
			w.issue("one")
			got := w.watch()
			passes(10 * time.Second) // the receipt
			w.issue("two")
			id := "one"
			w.c.OnCall(func(ctx context.Context, get []byte) (*wamp.Result, error) {
				r, err := w.c.Honest(ctx, get)
				if err != nil {
					return nil, err
				}
				answer := r.Arguments[0].([]byte)
				edited := edit(answer, at, cut, with)
				if bytes.Equal(answer, edited) {
					id = "two"
				}
				return grantor.Result(edited)
			})
			if err := got.Fetch(t.Context()); id == "two" {
				require.NoError(t, err)
			} else {
				isA(t, err)
			}
			require.Equal(t, id, got.id())
		})
	})
}

// FuzzCache: of all that can be made of a cache, what was stored alone gives keys.
func FuzzCache(f *testing.F) {
	f.Add(uint32(0), uint16(0), []byte{})
	f.Add(uint32(0), uint16(65535), []byte{})
	f.Add(uint32(1), uint16(1), []byte{0})
	f.Add(uint32(500), uint16(1), []byte{0})
	w := newWorld(f)
	w.issue("one")
	path := join(f, "cache")
	require.NoError(f, w.watch(cached(path)).Close())
	good, err := os.ReadFile(path)
	require.NoError(f, err)
	w.c.OnCall(grantor.Never)
	f.Fuzz(func(t *testing.T, at uint32, cut uint16, with []byte) {
		edited := edit(good, at, cut, with)
		require.NoError(t, os.WriteFile(path, edited, 0o600))
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		cfg := w.config()
		cfg.Cache = path
		var told error
		cfg.OnError = func(err error) {
			if told == nil {
				told = err
				cancel()
			}
		}
		ring := keyring.New()
		got, err := keyservice.Watch(ctx, w.c, ring, cfg)
		if bytes.Equal(good, edited) {
			require.NoError(t, err)
			require.NoError(t, got.Close())
			require.Equal(t, "one", idOf(ring))
			return
		}
		isA(t, err)
		isA(t, told, keyservice.ErrCache)
		require.Zero(t, ring.Len())
	})
}

// FuzzKeyring: whatever an authority signs, it is a keyring that says whose it is, or nothing
// changes.
func FuzzKeyring(f *testing.F) {
	f.Add([]byte(`{"version": 2, "patterns": []}`))
	f.Add([]byte(entry("x")))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, text []byte) {
		if len(text) > statement.MaxCiphertext/2 {
			return
		}
		bubble(t, func(t *testing.T, w *world) {
			w.issue("one")
			got := w.watch()
			w.issue("", func(d *grantor.Draft) { d.Text = append([]byte{}, text...) })
			isA(t, got.Fetch(t.Context()))
			require.Equal(t, "one", got.id())
			before := got.Stats().Serial
			w.issue("", func(d *grantor.Draft) { d.Entries = string(text) })
			if err := got.Fetch(t.Context()); err != nil {
				isA(t, err)
				require.Equal(t, "one", got.id())
				require.Equal(t, before, got.Stats().Serial)
			}
		})
	})
}
