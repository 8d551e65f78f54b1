package keyservice_test

import (
	"bytes"
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/files"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/statement"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/grantor"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyservice"
)

// TestAwayForAWeek: a member with a cache begins with it though the server isn't reached, and goes
// on from there. The cache holds the bytes as served, for the owner alone.
func TestAwayForAWeek(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		path := join(t, "shop.cache")
		first := w.issue("one")
		got := w.watch(cached(path))
		passes(10 * time.Second)
		require.NoError(t, got.Close())

		wire, err := os.ReadFile(path)
		require.NoError(t, err)
		answer, err := statement.ParseAnswer(wire)
		require.NoError(t, err)
		require.Equal(t, first.Wire, answer.Grant)
		require.Equal(t, first.Ciphertext, answer.Ciphertext)
		info, err := os.Stat(path)
		require.NoError(t, err)
		require.Equal(t, fs.FileMode(0o600), info.Mode().Perm())
		left, err := os.ReadDir(filepath.Dir(path))
		require.NoError(t, err)
		require.Len(t, left, 1)

		passes(7 * day)
		w.c.OnCall(grantor.Never)
		again := w.watch(cached(path))
		require.Equal(t, "one", again.id())
		require.Zero(t, again.Stats().LastFresh)
		passes(keyservice.DefaultEvery*3 + time.Second)
		errs := again.told()
		require.Len(t, errs, 2)
		isA(t, errs[0], keyservice.ErrUnreachable)
		isA(t, errs[1], keyservice.ErrStale)

		w.c.OnCall(nil)
		before := len(w.s.Gets())
		w.issue("two")
		passes(10 * time.Minute)
		require.Equal(t, "two", again.id())
		require.Equal(t, statement.HashOf(first.Ciphertext), w.s.Gets()[before].Ciphertext, "it says what it holds")
	})
}

// TestSameGrantCostsNoCiphertext: after a restart too.
func TestSameGrantCostsNoCiphertext(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		path := join(t, "shop.cache")
		g := w.issue("one", func(d *grantor.Draft) { d.Top = `"$schema": "` + string(bytes.Repeat([]byte("x"), 100_000)) + `", ` })
		require.NoError(t, w.watch(cached(path)).Close())
		got := w.watch(cached(path))
		_, before := w.c.Counts()
		require.Greater(t, before, len(g.Ciphertext))
		require.NoError(t, got.Fetch(t.Context()))
		_, after := w.c.Counts()
		require.Less(t, after-before, 4096)
		require.Empty(t, got.told())
	})
}

// TestBadCaches: what isn't good is told once, gives no keys, and is written over.
func TestBadCaches(t *testing.T) {
	flip := func(part func(*statement.Answer) *[]byte) func(*testing.T, *world, statement.Answer) []byte {
		return func(t *testing.T, _ *world, a statement.Answer) []byte {
			p := part(&a)
			*p = flipped(*p, -1)
			wire, err := a.Marshal()
			require.NoError(t, err)
			return wire
		}
	}
	remade := func(g func(*testing.T, *world) grantor.Grant) func(*testing.T, *world, statement.Answer) []byte {
		return func(t *testing.T, w *world, a statement.Answer) []byte {
			made := g(t, w)
			a.Grant, a.Ciphertext, a.Fresh = made.Wire, made.Ciphertext, w.s.Fresh([32]byte{}, made.Wire)
			wire, err := a.Marshal()
			require.NoError(t, err)
			return wire
		}
	}
	for _, tc := range []struct {
		name string
		is   error
		make func(*testing.T, *world, statement.Answer) []byte
	}{
		{"empty", keyservice.ErrMalformed, func(*testing.T, *world, statement.Answer) []byte { return nil }},
		{"no answer", keyservice.ErrMalformed, func(*testing.T, *world, statement.Answer) []byte { return []byte("cache") }},
		{"too large", files.ErrTooLarge, func(*testing.T, *world, statement.Answer) []byte { return make([]byte, statement.MaxAnswer+1) }},
		{"an altered grant", keyservice.ErrMixed, flip(func(a *statement.Answer) *[]byte { return &a.Grant })},
		{"an altered ciphertext", keyservice.ErrMixed, flip(func(a *statement.Answer) *[]byte { return &a.Ciphertext })},
		{"an altered delegation", keyservice.ErrForged, flip(func(a *statement.Answer) *[]byte { return &a.Delegation })},
		{"an altered proof", keyservice.ErrForged, flip(func(a *statement.Answer) *[]byte { return &a.Fresh })},
		{"without a ciphertext", keyservice.ErrMixed, func(t *testing.T, _ *world, a statement.Answer) []byte {
			a.Ciphertext = nil
			wire, err := a.Marshal()
			require.NoError(t, err)
			return wire
		}},
		{"a proof of a time behind its delegation's", keyservice.ErrExpired, func(t *testing.T, w *world, a statement.Answer) []byte {
			a.Fresh = w.s.Fresh([32]byte{}, a.Grant, func(f *statement.Fresh) { f.Time = f.Time.Add(2 * grantor.Valid) })
			wire, err := a.Marshal()
			require.NoError(t, err)
			return wire
		}},
		{"another member's", keyservice.ErrOther, remade(func(t *testing.T, w *world) grantor.Grant {
			return w.a.Issue(t, enrolment(t, newIdentity(t, "desk", false)), entry("desk"))
		})},
		{"another authority's", keyservice.ErrForged, remade(func(t *testing.T, w *world) grantor.Grant {
			return grantor.NewAuthority().Issue(t, w.enrol, entry("theirs"))
		})},
		{"a keyring with references", keyservice.ErrMalformed, remade(func(t *testing.T, w *world) grantor.Grant {
			return w.a.Issue(t, w.enrol, `{"prefix": "com.myapp.", "versions": [{"dialect": "passthru", "id": "x", "shared": "env:HOME"}]}`)
		})},
		{"an expired grant", keyservice.ErrExpired, remade(func(t *testing.T, w *world) grantor.Grant {
			return w.a.Issue(t, w.enrol, entry("old"), func(d *grantor.Draft) {
				d.Grant.Issued, d.Grant.Expires = d.Issued.Add(-time.Hour), d.Issued.Add(-time.Second)
				d.Inside.Expires = d.Grant.Expires
			})
		})},
	} {
		t.Run(tc.name, func(t *testing.T) {
			bubble(t, func(t *testing.T, w *world) {
				path := join(t, "shop.cache")
				w.issue("one")
				require.NoError(t, w.watch(cached(path)).Close())
				good, err := os.ReadFile(path)
				require.NoError(t, err)
				answer, err := statement.ParseAnswer(good)
				require.NoError(t, err)
				require.NoError(t, os.WriteFile(path, tc.make(t, w, answer), 0o600))

				w.c.OnCall(grantor.Never)
				ring := keyring.New()
				var errs []error
				ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
				defer cancel()
				w.t = inContext{t, ctx}
				bad, err := w.tryWatch(ring, cached(path), func(c *keyservice.Config) { c.OnError = func(err error) { errs = append(errs, err) } })
				if err == nil {
					require.NoError(t, bad.Close())
				}
				isA(t, err, context.DeadlineExceeded)
				w.t = t
				require.Len(t, errs, 1)
				isA(t, errs[0], keyservice.ErrCache)
				isA(t, errs[0], tc.is)
				require.Zero(t, ring.Len())

				w.c.OnCall(nil)
				w.issue("two")
				got := w.watch(cached(path))
				require.Equal(t, "two", got.id())
				require.Len(t, got.told(), 1)
				require.NoError(t, got.Close())
				w.c.OnCall(grantor.Never)
				require.Equal(t, "two", w.watch(cached(path)).id(), "it was written over")
			})
		})
	}
}

// TestOlderCache: who puts an older one in its place gets no further than that the member begins
// with it; the next answer counts. And a server can't go behind what is in it.
func TestOlderCache(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		path := join(t, "shop.cache")
		older := w.issue("one")
		require.NoError(t, w.watch(cached(path)).Close())
		first, err := os.ReadFile(path)
		require.NoError(t, err)
		w.issue("two")
		require.NoError(t, w.watch(cached(path)).Fetch(t.Context()))
		second, err := os.ReadFile(path)
		require.NoError(t, err)
		require.NotEqual(t, first, second)

		require.NoError(t, os.WriteFile(path, first, 0o600))
		w.c.OnCall(w.c.Late(time.Second))
		got := w.watch(cached(path))
		require.Equal(t, "one", got.id())
		passes(10 * time.Second)
		require.Equal(t, "two", got.id())
		require.NoError(t, got.Close())

		w.s.Put(older)
		got = w.watch(cached(path))
		passes(10 * time.Second)
		require.Equal(t, "two", got.id())
		got.only(t, keyservice.ErrRollback)
	})
}

// TestExpiredCacheIsAFloor: it gives no keys, and nothing older than it is taken.
func TestExpiredCacheIsAFloor(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		path := join(t, "shop.cache")
		w.issue("one")
		older := w.a.Issue(t, w.enrol, entry("older"), func(d *grantor.Draft) {
			d.Grant.Serial -= 10_000
			d.Inside.Serial -= 10_000
			d.Grant.Expires = d.Grant.Expires.AddDate(1, 0, 0)
			d.Inside.Expires, d.OpensUntil = d.Grant.Expires, d.Grant.Expires
		})
		require.NoError(t, w.watch(cached(path)).Close())
		passes(grantor.Valid + time.Hour)

		w.s.Delegate(w.a)
		w.s.Put(older)
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		w.t = inContext{t, ctx}
		_, err := w.tryWatch(keyring.New(), cached(path))
		isA(t, err, keyservice.ErrRollback)
		w.t = t
		w.issue("two")
		require.Equal(t, "two", w.watch(cached(path)).id())
	})
}

// TestClockSetBack: after a restart with a clock that was set back, the newest time in the cache
// counts, so that the grant lasts no longer. It is at most an hour old.
func TestClockSetBack(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		path := join(t, "shop.cache")
		w.issue("one")
		got := w.watch(cached(path), hourly)
		passes(10 * day)
		// What is now is 10 days ahead of the clock of a bubble that begins now: so it is told
		// by a server whose clock is ahead by as much.
		w.s.Ahead(10 * day)
		require.NoError(t, got.Fetch(t.Context()))
		require.NoError(t, got.Close())

		w.c.OnCall(grantor.Never)
		again := w.watch(cached(path), hourly)
		require.Equal(t, 10*day, again.Stats().Ahead.Round(time.Minute))
		passes(8*day - time.Hour)
		require.Equal(t, "one", again.id())
		passes(2 * time.Hour)
		require.Empty(t, again.id())
	})
}

// TestPodWithoutCache waits for the server, however long that takes, and asks for all of it.
func TestPodWithoutCache(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		w.issue("one")
		w.c.OnCall(grantor.Never)
		ctx, cancel := context.WithTimeout(t.Context(), 7*day)
		defer cancel()
		w.t = inContext{t, ctx}
		began := time.Now()
		_, err := w.tryWatch(keyring.New(), hourly)
		isA(t, err, context.DeadlineExceeded, keyservice.ErrUnreachable)
		require.Equal(t, 7*day, time.Since(began))
	})
}

// TestCacheThatCantBeWritten: the keys count all the same, which is told once; and it is tried
// again.
func TestCacheThatCantBeWritten(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		path := join(t, filepath.Join("gone", "shop.cache"))
		w.issue("one")
		got := w.watch(cached(path))
		passes(time.Hour)
		require.Equal(t, "one", got.id())
		got.only(t, keyservice.ErrCache, fs.ErrNotExist)
		require.NoError(t, os.Mkdir(filepath.Dir(path), 0o700))
		passes(10 * time.Minute)
		require.FileExists(t, path)
		require.Empty(t, got.told())
	})
}

// TestCacheIsWrittenSeldom: with what is new, and for its time once an hour.
func TestCacheIsWrittenSeldom(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		path := join(t, "shop.cache")
		w.issue("one")
		w.watch(cached(path))
		var states int
		var last []byte
		for range 24 * 60 {
			passes(time.Minute)
			now, err := os.ReadFile(path)
			require.NoError(t, err)
			if !bytes.Equal(now, last) {
				states, last = states+1, now
			}
		}
		require.LessOrEqual(t, states, 25)
		require.GreaterOrEqual(t, states, 20)
	})
}

// TestThreeReplicas of a member share its identity: each has its own cache and says itself what
// it holds.
func TestThreeReplicas(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		w.issue("one")
		var replicas [3]*watched
		for i := range replicas {
			replicas[i] = w.watch(cached(join(t, "cache")))
		}
		passes(10 * time.Second)
		require.Len(t, w.s.Gets(), 6)
		second := w.issue("two")
		before := len(w.s.Gets())
		for _, r := range replicas {
			require.NoError(t, r.Fetch(t.Context()))
		}
		passes(10 * time.Second)
		hold := 0
		for _, g := range w.s.Gets()[before:] {
			if g.Ciphertext == statement.HashOf(second.Ciphertext) {
				hold++
			}
		}
		require.Equal(t, 3, hold)
		for _, r := range replicas {
			require.Equal(t, "two", r.id())
			require.Empty(t, r.told())
		}
	})
}

// TestAuthorityChanges: members pin both keys for a while, and one that holds a grant by the old
// one takes the new one's. After that nothing older counts, and whoever pins the new one alone
// takes nothing by the old.
func TestAuthorityChanges(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		path := join(t, "shop.cache")
		former := w.a
		older := w.issue("one")
		next := grantor.NewAuthority()
		both := func(c *keyservice.Config) {
			c.Cache, c.Authorities = path, []cryptobox.VerifyKey{former.Key.Public(), next.Key.Public()}
		}
		got := w.watch(both)
		passes(10 * time.Second)

		w.a = next
		w.s.Delegate(next)
		w.issue("two")
		require.NoError(t, got.Fetch(t.Context()))
		require.Equal(t, "two", got.id())
		require.Equal(t, next.Key.Public(), got.Stats().Authority)
		require.Len(t, got.changed(), 1)
		require.Empty(t, got.told())
		passes(10 * time.Second)
		before, _ := w.c.Counts()
		require.NoError(t, got.Fetch(t.Context()))
		after, _ := w.c.Counts()
		require.Equal(t, before+1, after, "it asks the one that has granted last first")

		w.s.Delegate(former)
		w.s.Put(older)
		isA(t, got.Fetch(t.Context()), keyservice.ErrRollback)
		require.Equal(t, "two", got.id())
		require.NoError(t, got.Close())

		alone := func(c *keyservice.Config) { c.Cache, c.Authorities = path, []cryptobox.VerifyKey{next.Key.Public()} }
		again := w.watch(alone)
		require.Equal(t, "two", again.id())
		isA(t, again.Fetch(t.Context()), keyservice.ErrRefused)
		w.c.OnCall(func(ctx context.Context, get []byte) (*wamp.Result, error) {
			asked, err := statement.OpenGet(get, w.me.SigningKey().Public())
			require.NoError(t, err)
			asked.Authority = statement.HashOfKey(former.Key.Public())
			other, err := asked.Sign(w.me.SigningKey())
			require.NoError(t, err)
			return w.c.Honest(ctx, other)
		})
		isA(t, again.Fetch(t.Context()), keyservice.ErrForged)
		require.Equal(t, "two", again.id())
	})
}
