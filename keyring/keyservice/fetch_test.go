package keyservice_test

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/statement"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/grantor"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyservice"
)

// TestFetch gives the member's keyring as a file, and tells the server that it is held.
func TestFetch(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		cfg := w.config()
		cfg.Cache = join(t, "shop.cache")
		g := w.issue("one")
		file, err := keyservice.Fetch(t.Context(), w.c, cfg)
		require.NoError(t, err)
		require.Equal(t, w.a.Key.Public(), file.Grant.Authority)
		require.Equal(t, "shop", file.Grant.Member)
		ring, err := file.Ring()
		require.NoError(t, err)
		require.Equal(t, "one", idOf(ring))
		gets := w.s.Gets()
		require.Len(t, gets, 2)
		require.Equal(t, statement.HashOf(g.Ciphertext), gets[1].Ciphertext)
		require.Equal(t, file.Grant.Serial, gets[1].Serial)

		// From the cache, the ciphertext isn't sent again.
		file, err = keyservice.Fetch(t.Context(), w.c, cfg)
		require.NoError(t, err)
		require.Len(t, file.Entries, 1)
		require.Equal(t, statement.HashOf(g.Ciphertext), w.s.Gets()[2].Ciphertext)

		// The lease is the ring's.
		passes(grantor.Valid + time.Second)
		require.Empty(t, idOf(ring))
		_, err = keyservice.Fetch(t.Context(), w.c, cfg)
		isA(t, err, keyservice.ErrExpired)
	})
}

// TestFetchHostile: each attack on a Watcher is one on Fetch, which writes nothing then. What a
// ring refuses because of what it has is no matter here.
func TestFetchHostile(t *testing.T) {
	for _, tc := range attacks {
		t.Run(tc.name, func(t *testing.T) {
			bubble(t, func(t *testing.T, w *world) {
				other := grantor.NewAuthority()
				cfg := w.config()
				cfg.Cache = join(t, "shop.cache")
				cfg.Authorities = append(cfg.Authorities, other.Key.Public())
				w.issue("one")
				_, err := keyservice.Fetch(t.Context(), w.c, cfg)
				require.NoError(t, err)
				before, err := os.ReadFile(cfg.Cache)
				require.NoError(t, err)
				passes(time.Second)
				w.issue("two")
				tc.on(t, w, other)
				_, err = keyservice.Fetch(t.Context(), w.c, cfg)
				if kind := tc.is[0]; kind == keyring.ErrPlain || kind == keyring.ErrSource || kind == keyring.ErrPattern {
					require.NoError(t, err)
					return
				}
				isA(t, err, tc.is...)
				after, err := os.ReadFile(cfg.Cache)
				require.NoError(t, err)
				require.Equal(t, before, after)
			})
		})
	}
}

// TestFetchEnds with its context.
func TestFetchEnds(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		w.c.OnCall(grantor.Never)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := keyservice.Fetch(ctx, w.c, w.config())
		isA(t, err, keyservice.ErrUnreachable, context.DeadlineExceeded)
		_, err = keyservice.Fetch(t.Context(), w.c, w.config())
		isA(t, err, keyservice.ErrUnreachable)
	})
}

// TestOwnSigningKey: where a grant says so, the member signs with its identity's key, which the
// authority never had.
func TestOwnSigningKey(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		reading, err := cryptobox.GenerateReadingKey(cryptobox.SuiteSigned)
		require.NoError(t, err)
		w.issue("", func(d *grantor.Draft) {
			d.Entries = `{"prefix": "com.myapp.", "versions": [{"suite": "signed", "sign": "identity", "seal": "` + reading.Public().String() + `", "any_answerer": true}]}`
		})
		got := w.watch()
		require.NotEmpty(t, got.id())
		file, err := keyservice.Fetch(t.Context(), w.c, w.config())
		require.NoError(t, err)
		require.NoError(t, file.FillIdentity(w.me.SigningKey()))
		text, err := file.Marshal()
		require.NoError(t, err)
		require.True(t, strings.Contains(string(text), w.me.SigningKey().UnsafeText()))
		_, err = keyfile.Parse(text)
		require.NoError(t, err)
	})
}
