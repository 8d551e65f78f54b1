package keyservice_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/statement"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/grantor"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyservice"
)

const day = 24 * time.Hour

// hourly is for tests in which weeks pass.
func hourly(c *keyservice.Config) { c.Every = time.Hour }

// TestGrantRunsOut: an authority that issues no more is warned of from half of the grant's time on,
// once. At its end nothing is sealed, after the grace nothing is opened, and both are told.
func TestGrantRunsOut(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		w.issue("one")
		w.s.Delegate(w.a, func(d *statement.Delegation) { d.NotAfter = d.NotAfter.AddDate(1, 0, 0) })
		got := w.watch(hourly)
		passes(grantor.Valid/2 - time.Second)
		require.Empty(t, got.told())
		require.Equal(t, "one", got.id())

		passes(2 * time.Second)
		got.only(t, keyservice.ErrHalfway)
		passes(grantor.Valid/2 - 2*time.Second)
		require.Empty(t, got.told())
		require.Equal(t, "one", got.id())

		passes(2 * time.Second)
		got.only(t, keyservice.ErrExpired)
		require.Empty(t, got.id(), "nothing is sealed")
		require.NoError(t, got.opens(t, "one"), "within the grace it is opened")
		passes(grantor.Grace - 2*time.Second)
		require.NoError(t, got.opens(t, "one"))
		for _, err := range got.told() { // that the server's grant has expired, and that no answer is fresh
			require.True(t, errors.Is(err, keyservice.ErrExpired) || errors.Is(err, keyservice.ErrStale), "%v", err)
		}
		passes(2 * time.Second)
		got.only(t, keyservice.ErrExpired)
		require.ErrorIs(t, got.opens(t, "one"), keyring.ErrExpired)
		passes(30 * day)
		require.Empty(t, got.told())

		w.s.Delegate(w.a)
		w.issue("two")
		w.c.Changed()
		passes(10 * time.Second)
		require.Equal(t, "two", got.id())
		require.Empty(t, got.told())
	})
}

// TestServerThatLiedAboutTheTime: who has the fresh key can prove any time up to the delegation's end,
// by which grants end sooner, and honest answers are refused until the authority issues anew.
func TestServerThatLiedAboutTheTime(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		w.issue("one")
		got := w.watch(hourly)
		w.s.Ahead(grantor.Valid - time.Minute)
		passes(2 * time.Hour)
		w.s.Ahead(0)
		passes(2 * time.Hour)
		require.ErrorIs(t, got.Fetch(t.Context()), keyservice.ErrExpired)
		w.s.Delegate(w.a)
		w.issue("two")
		require.NoError(t, got.Fetch(t.Context()))
		require.Equal(t, "two", got.id())
	})
}

// TestHalfwayAgain: a newer grant is warned of by its own dates.
func TestHalfwayAgain(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		w.issue("one")
		got := w.watch(hourly)
		for range 3 {
			passes(grantor.Valid/2 + time.Minute)
			got.only(t, keyservice.ErrHalfway)
			w.s.Delegate(w.a)
			w.issue("next")
			passes(2 * time.Hour)
			require.Empty(t, got.told())
		}
	})
}

// TestWithheld: a router that withholds answers, or delays each, is told of as stale within the
// stated time, once, with the reason; and that it is reached again.
func TestWithheld(t *testing.T) {
	for name, on := range map[string]func(w *world) func(context.Context, []byte) (*wamp.Result, error){
		"never":    func(*world) func(context.Context, []byte) (*wamp.Result, error) { return grantor.Never },
		"too late": func(w *world) func(context.Context, []byte) (*wamp.Result, error) { return w.c.Late(time.Minute) },
		"refused": func(*world) func(context.Context, []byte) (*wamp.Result, error) {
			return func(context.Context, []byte) (*wamp.Result, error) {
				return nil, grantor.Refusal("wampbox.keyring.error.unavailable")
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, w *world) {
				w.issue("one")
				got := w.watch(func(c *keyservice.Config) { c.Stale = time.Hour })
				passes(time.Minute)
				w.c.OnCall(on(w))
				since := got.Stats().LastFresh
				passes(time.Until(since.Add(time.Hour)) - time.Second)
				require.Len(t, got.told(), 1, "that it isn't reached")
				passes(2 * time.Second)
				got.only(t, keyservice.ErrStale)
				passes(day)
				require.Empty(t, got.told())
				require.Equal(t, "one", got.id(), "what is held counts on")

				w.c.OnCall(nil)
				passes(10 * time.Minute)
				require.Empty(t, got.told())
				w.c.OnCall(on(w))
				passes(2 * time.Hour)
				require.Len(t, got.told(), 2, "told anew")
			})
		})
	}
}

// TestStaleByDefault is told after 3 times Every.
func TestStaleByDefault(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		w.issue("one")
		got := w.watch()
		passes(time.Minute)
		w.c.OnCall(grantor.Never)
		passes(time.Until(got.Stats().LastFresh.Add(3*keyservice.DefaultEvery + time.Millisecond)))
		errs := got.told()
		isA(t, errs[len(errs)-1], keyservice.ErrStale, keyservice.ErrUnreachable)
	})
}

// TestClocks: the time is the greater of the clock and what a server has proved, so that a clock
// that is behind, or set back, makes no grant last longer. A clock that is ahead ends it sooner.
func TestClocks(t *testing.T) {
	const off = 3 * day
	t.Run("behind", func(t *testing.T) {
		bubble(t, func(t *testing.T, w *world) {
			w.begins(off)
			w.s.Delegate(w.a, func(d *statement.Delegation) { d.NotAfter = d.NotAfter.AddDate(1, 0, 0) })
			w.issue("one")
			got := w.watch(hourly)
			require.Equal(t, off, got.Stats().Ahead.Round(time.Second))
			passes(grantor.Valid/2 + time.Second)
			got.only(t, keyservice.ErrHalfway)
			passes(grantor.Valid/2 - 2*time.Second)
			require.Equal(t, "one", got.id())
			passes(2 * time.Second)
			require.Empty(t, got.id(), "as if the clock were right")
			got.only(t, keyservice.ErrExpired)
			passes(grantor.Grace)
			require.ErrorIs(t, got.opens(t, "one"), keyring.ErrExpired)
		})
	})
	t.Run("behind, and the server is withheld then", func(t *testing.T) {
		bubble(t, func(t *testing.T, w *world) {
			w.begins(off)
			w.s.Delegate(w.a)
			w.issue("one")
			got := w.watch(hourly)
			w.c.OnCall(grantor.Never)
			passes(grantor.Valid - time.Second)
			require.Equal(t, "one", got.id())
			passes(2 * time.Second)
			require.Empty(t, got.id())
		})
	})
	t.Run("a server whose clock runs ahead", func(t *testing.T) {
		bubble(t, func(t *testing.T, w *world) {
			w.issue("one")
			got := w.watch(hourly)
			w.s.Ahead(off)
			require.NoError(t, got.Fetch(t.Context()))
			require.Equal(t, off, got.Stats().Ahead.Round(time.Second))
			w.s.Ahead(0)
			require.NoError(t, got.Fetch(t.Context()), "an earlier time is no rollback: there may be several servers")
			w.c.OnCall(grantor.Never)
			passes(grantor.Valid - off - time.Second)
			require.Equal(t, "one", got.id())
			passes(2 * time.Second)
			require.Empty(t, got.id(), "what was proved once isn't forgotten")
		})
	})
	t.Run("ahead", func(t *testing.T) {
		bubble(t, func(t *testing.T, w *world) {
			w.begins(-grantor.Valid - time.Hour)
			w.issue("one")
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			w.t = inContext{t, ctx}
			_, err := w.tryWatch(keyring.New())
			isA(t, err, keyservice.ErrExpired, context.DeadlineExceeded)
		})
	})
	t.Run("ahead by less than a grant lasts", func(t *testing.T) {
		bubble(t, func(t *testing.T, w *world) {
			w.begins(-off)
			w.issue("one")
			got := w.watch(hourly)
			require.Zero(t, got.Stats().Ahead)
			w.c.OnCall(grantor.Never)
			passes(grantor.Valid - off - time.Second)
			require.Equal(t, "one", got.id())
			passes(2 * time.Second)
			require.Empty(t, got.id())
		})
	})
}

// inContext is a test with another context.
type inContext struct {
	testing.TB
	ctx context.Context
}

func (i inContext) Context() context.Context { return i.ctx }

// TestHints: a hint hastens a fetch, and a flood of them is one in 5 seconds.
func TestHints(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		w.issue("one")
		got := w.watch()
		passes(time.Minute)
		w.issue("two")
		w.c.Changed()
		passes(2 * time.Second)
		require.Equal(t, "two", got.id())

		passes(time.Minute)
		before, _ := w.c.Counts()
		for range 600 {
			w.c.Changed()
			passes(100 * time.Millisecond)
		}
		after, _ := w.c.Counts()
		require.LessOrEqual(t, after-before, 13)
		require.GreaterOrEqual(t, after-before, 9)
		require.Empty(t, got.told())
	})
}

// TestFloodOfHints in the same moment costs nothing, and holds nobody up.
func TestFloodOfHints(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		w.issue("one")
		w.watch()
		passes(time.Minute)
		w.c.OnCall(grantor.Never)
		before, _ := w.c.Counts()
		for range 100_000 {
			w.c.Changed()
		}
		passes(4 * time.Second)
		after, _ := w.c.Counts()
		require.Equal(t, before+1, after)
	})
}

// TestEvery: without hints a change is seen after Every and a fifth at most.
func TestEvery(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		w.issue("one")
		got := w.watch()
		for i := range 20 {
			passes(time.Minute)
			id := string(rune('a' + i))
			w.issue(id)
			passes(keyservice.DefaultEvery*6/5 + time.Second)
			require.Equal(t, id, got.id())
		}
	})
}

// TestReceipt: soon after a grant the server is told that it is held, each time.
func TestReceipt(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		for _, id := range []string{"one", "two"} {
			g := w.issue(id)
			var got *watched
			if id == "one" {
				got = w.watch()
			} else {
				w.c.Changed()
			}
			passes(5 * time.Second)
			gets := w.s.Gets()
			require.Equal(t, statement.HashOf(g.Ciphertext), gets[len(gets)-1].Ciphertext)
			if got != nil {
				require.Equal(t, [2]any{uint64(0), statement.HashOf("")}, [2]any{gets[0].Serial, gets[0].Ciphertext})
				require.Equal(t, got.Stats().Serial, gets[len(gets)-1].Serial)
			}
		}
	})
}

// TestNoSubscription: a router that refuses it, or has lost it, is told of once; fetches go on.
func TestNoSubscription(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		w.issue("one")
		w.c.Refuse(grantor.Refusal("wamp.error.not_authorized"))
		got := w.watch()
		passes(time.Hour)
		got.only(t, keyservice.ErrNoHints)
		w.issue("two")
		passes(10 * time.Minute)
		require.Equal(t, "two", got.id())
		w.c.Refuse(nil)
		passes(10 * time.Minute)
		require.Equal(t, 1, w.c.Subscriptions())
		require.Empty(t, got.told())
	})
}

// TestServerComes: who waits for the first keys gets them soon after the server is there.
func TestServerComes(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		w.c.OnCall(func(context.Context, []byte) (*wamp.Result, error) {
			return nil, grantor.Refusal("wamp.error.no_such_procedure")
		})
		done := make(chan *watched)
		go func() { done <- w.watch() }()
		passes(time.Hour)
		select {
		case <-done:
			t.Fatal("it has no keys")
		default:
		}
		w.issue("one")
		w.c.OnCall(nil)
		passes(40 * time.Second)
		got := <-done
		require.Equal(t, "one", got.id())
		errs := got.told()
		require.Len(t, errs, 2, "that it isn't reached, and that this is stale: %v", errs)
		isA(t, errs[0], keyservice.ErrUnreachable)
		isA(t, errs[1], keyservice.ErrStale)
		synctest.Wait()
	})
}

// TestFailuresAreFew: a server that refuses isn't asked more often than one that answers, after the
// first few times; who has no keys yet asks each half a minute. Each kind of failure is told once,
// whatever a router makes of them by turns.
func TestFailuresAreFew(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		w.issue("one")
		got := w.watch()
		passes(time.Minute)
		n := 0
		w.c.OnCall(func(context.Context, []byte) (*wamp.Result, error) {
			if n++; n%2 == 0 {
				return grantor.Result([]byte{byte(n)})
			}
			return nil, grantor.Refusal("org.made.up", n)
		})
		passes(day)
		require.Less(t, n, 300)
		require.Greater(t, n, 200)
		require.Len(t, got.told(), 3, "refused, malformed, stale")
	})
	bubble(t, func(t *testing.T, w *world) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		w.t = inContext{t, ctx}
		_, err := w.tryWatch(keyring.New())
		isA(t, err, keyservice.ErrRefused)
		calls, _ := w.c.Counts()
		require.Less(t, calls, 130)
		require.Greater(t, calls, 90)
	})
}
