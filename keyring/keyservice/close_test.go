package keyservice_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/grantor"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyservice"
)

// TestCloseAtEachMoment: it takes no time, may be called again and by many, and leaves no
// goroutine and no subscription; the ring keeps what it had.
func TestCloseAtEachMoment(t *testing.T) {
	for name, at := range map[string]func(w *world, got *watched){
		"at once":            func(*world, *watched) {},
		"idle":               func(*world, *watched) { passes(time.Hour) },
		"while it asks":      func(w *world, _ *watched) { w.c.OnCall(grantor.Never); passes(10 * time.Minute) },
		"with a hint":        func(w *world, _ *watched) { passes(time.Minute); w.c.Changed() },
		"when it has failed": func(w *world, _ *watched) { w.c.OnCall(nil); w.s.Put(grantor.Grant{}); passes(time.Hour) },
		"unsubscribed":       func(w *world, _ *watched) { w.c.Refuse(errors.New("no")); passes(time.Minute) },
		"the session gone":   func(w *world, _ *watched) { passes(time.Minute); w.c.End(); passes(time.Minute) },
		"while one waits": func(w *world, got *watched) {
			passes(time.Minute)
			w.c.OnCall(grantor.Never)
			go func() {
				if err := got.Fetch(context.Background()); !errors.Is(err, keyservice.ErrClosed) {
					w.t.Errorf("Fetch gives %v", err)
				}
			}()
			passes(time.Second)
		},
	} {
		t.Run(name, func(t *testing.T) {
			for _, byContext := range []bool{false, true} {
				bubble(t, func(t *testing.T, w *world) {
					w.issue("one")
					ctx, cancel := context.WithCancel(t.Context())
					defer cancel()
					w.t = inContext{t, ctx}
					got := w.watch()
					at(w, got)
					began := time.Now()
					if byContext {
						cancel()
						synctest.Wait()
						isA(t, got.Fetch(t.Context()), keyservice.ErrClosed)
					}
					var closing sync.WaitGroup
					for range 3 {
						closing.Go(func() {
							if err := got.Close(); err != nil {
								t.Error(err)
							}
						})
					}
					closing.Wait()
					require.Zero(t, time.Since(began))
					if name != "the session gone" {
						require.Zero(t, w.c.Subscriptions())
					}
					require.Equal(t, "one", got.id())
					isA(t, got.Fetch(t.Context()), keyservice.ErrClosed)
				})
			}
		})
	}
}

// TestContextWhileNoKeysCome: Watch ends with its context, at once, and says why there were none.
func TestContextWhileNoKeysCome(t *testing.T) {
	for name, on := range map[string]func(w *world){
		"never an answer": func(w *world) { w.c.OnCall(grantor.Never) },
		"refused":         func(*world) {},
		"never a subscription": func(w *world) {
			w.c.OnCall(grantor.Never)
			w.c.Refuse(errors.New("no"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, w *world) {
				on(w)
				gone := errors.New("the program ends")
				ctx, cancel := context.WithCancelCause(t.Context())
				w.t = inContext{t, ctx}
				time.AfterFunc(100*time.Minute+time.Millisecond, func() { cancel(gone) })
				began := time.Now()
				ring := keyring.New()
				got, err := w.tryWatch(ring)
				isA(t, err, gone)
				require.NotContains(t, err.Error(), "\n")
				require.Nil(t, got.Watcher)
				require.True(t, errors.Is(err, keyservice.ErrUnreachable) || errors.Is(err, keyservice.ErrRefused), "%v", err)
				require.Equal(t, 100*time.Minute+time.Millisecond, time.Since(began))
				require.Zero(t, ring.Len())
				synctest.Wait()
				require.Zero(t, w.c.Subscriptions())
			})
		})
	}
}

// TestContextThatHasEnded gives no Watcher.
func TestContextThatHasEnded(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		w.t = inContext{t, ctx}
		_, err := w.tryWatch(keyring.New())
		isA(t, err, context.Canceled)
	})
}

// TestFetchEndsWithItsContext, and the next one is answered.
func TestFetchEndsWithItsContext(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		w.issue("one")
		got := w.watch()
		passes(time.Minute)
		w.c.OnCall(grantor.Never)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		isA(t, got.Fetch(ctx), context.DeadlineExceeded)
		w.issue("two")
		w.c.OnCall(nil)
		require.NoError(t, got.Fetch(t.Context()), "it waits for the one that is under way, and asks then")
		require.Equal(t, "two", got.id())
	})
}

// TestManyFetches at once are few.
func TestManyFetches(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		w.issue("one")
		got := w.watch()
		passes(time.Minute)
		w.c.OnCall(w.c.Late(time.Second))
		before, _ := w.c.Counts()
		var all sync.WaitGroup
		for range 100 {
			all.Go(func() {
				if err := got.Fetch(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		after, _ := w.c.Counts()
		require.LessOrEqual(t, after-before, 2)
	})
}

// TestUnsubscribeFails: Close says so, and that is all. Events that come yet hold nobody up.
func TestUnsubscribeFails(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		w.issue("one")
		stuck := errors.New("no answer")
		got, err := keyservice.Watch(t.Context(), unsubscribing{w.c, stuck}, keyring.New(), w.config())
		require.NoError(t, err)
		passes(time.Minute)
		for range 2 {
			isA(t, got.Close(), stuck)
			w.c.Changed()
			w.c.Changed()
		}
	})
}

type unsubscribing struct {
	*grantor.Client
	err error
}

func (u unsubscribing) Unsubscribe(string) error { return u.err }

// TestCallbacksComeOneByOne, and none after Close.
func TestCallbacksComeOneByOne(t *testing.T) {
	bubble(t, func(t *testing.T, w *world) {
		w.issue("one")
		inside, closed := 0, false
		in := func() {
			inside++
			if inside != 1 || closed {
				t.Error("two at once, or one behind Close")
			}
			time.Sleep(time.Second)
			inside--
		}
		got := w.watch(func(c *keyservice.Config) {
			c.OnChange = func(keyring.Changes) { in() }
			c.OnError = func(error) { in() }
		})
		n := 0
		w.c.OnCall(func(ctx context.Context, get []byte) (*wamp.Result, error) {
			if n++; n%2 == 0 {
				return nil, fmt.Errorf("trouble %d", n)
			}
			return w.c.Honest(ctx, get)
		})
		for i := range 20 {
			w.issue(fmt.Sprint("id", i))
			w.c.Changed()
			passes(7 * time.Second)
		}
		require.NoError(t, got.Close())
		closed = true
		passes(time.Hour)
		require.Positive(t, got.Stats().Changes)
	})
}
