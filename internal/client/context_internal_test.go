package client

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/wire"
)

// TestHandlerContext: it ends with the invocation, whatever ends that, and tells why.
func TestHandlerContext(t *testing.T) {
	for name, c := range map[string]struct {
		end func(c *Client, l *scripted, inv *Invocation)
		err error
	}{
		"answered":    {func(_ *Client, _ *scripted, inv *Invocation) { _ = inv.Yield(&wire.Part{}, nil) }, context.Canceled},
		"interrupted": {func(_ *Client, l *scripted, _ *Invocation) { l.send(wamp.INTERRUPT, 1, wamp.Dict{}) }, context.Canceled},
		"ended":       {func(c *Client, _ *scripted, _ *Invocation) { c.End(ErrClosed) }, context.Canceled},
		"expired":     {func(*Client, *scripted, *Invocation) { time.Sleep(time.Minute) }, context.DeadlineExceeded},
	} {
		t.Run(name, func(t *testing.T) {
			serving(t, func(t *testing.T, client *Client, l *scripted, served <-chan *Invocation) {
				l.invoke(1, wamp.Dict{wamp.OptTimeout: 60_000})
				inv := has(t, served)
				ctx := inv.Context()
				require.NoError(t, ctx.Err())
				done := ctx.Done()
				time.Sleep(time.Minute - 1)
				require.NoError(t, ctx.Err())
				c.end(client, l, inv)
				synctest.Wait()
				<-done
				<-ctx.Done()
				require.Equal(t, c.err, ctx.Err())
				require.Equal(t, c.err, context.Cause(ctx))
			})
		})
	}
}

// TestHandlerContextLeadsBack: so do those that are derived from it, and no other value is
// in it.
func TestHandlerContextLeadsBack(t *testing.T) {
	inv := &Invocation{}
	inv.ctx.inv = inv
	type key struct{}
	for _, ctx := range []context.Context{&inv.ctx, context.WithValue(&inv.ctx, key{}, 1), context.WithoutCancel(&inv.ctx)} {
		found, ok := Serving(ctx)
		require.True(t, ok)
		require.Same(t, inv, found)
	}
	require.Nil(t, inv.ctx.Value(key{}))
	_, ok := Serving(context.Background())
	require.False(t, ok)
	_, limited := inv.ctx.Deadline()
	require.False(t, limited)
}

// TestDerivedContexts: they end with it, and take no goroutine.
func TestDerivedContexts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var c handlerContext
		canceled, cancel := context.WithCancel(&c)
		defer cancel()
		timed, stop := context.WithTimeout(&c, time.Hour)
		defer stop()
		early, stopEarly := context.WithCancel(&c)
		require.Zero(t, goroutines("propagateCancel.func2"))
		require.Len(t, c.after, 3)
		stopEarly()
		require.Len(t, c.after, 2, "one that has ended is forgotten")
		require.ErrorIs(t, early.Err(), context.Canceled)
		short, stopShort := context.WithTimeout(&c, time.Second)
		defer stopShort()
		<-short.Done()
		require.ErrorIs(t, short.Err(), context.DeadlineExceeded)
		require.NoError(t, c.Err())
		c.end(context.DeadlineExceeded)
		c.end(context.Canceled) // the first counts
		synctest.Wait()
		for _, ctx := range []context.Context{canceled, timed} {
			require.ErrorIs(t, ctx.Err(), context.DeadlineExceeded)
		}
		late, stopLate := context.WithCancel(&c)
		defer stopLate()
		require.Error(t, late.Err())
	})
}

// TestAfterFunc: it runs once, at the end, in a goroutine of its own, unless it was stopped.
func TestAfterFunc(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var c handlerContext
		ran := make(chan string, 10)
		context.AfterFunc(&c, func() { ran <- "a" })
		stop := context.AfterFunc(&c, func() { ran <- "b" })
		stopLate := context.AfterFunc(&c, func() { ran <- "c"; _ = c.Err() })
		require.True(t, stop())
		require.False(t, stop())
		require.Empty(t, ran)
		c.end(context.Canceled)
		synctest.Wait()
		require.False(t, stopLate())
		require.ElementsMatch(t, []string{"a", "c"}, []string{<-ran, <-ran})
		stop = context.AfterFunc(&c, func() { ran <- "d" })
		synctest.Wait()
		require.False(t, stop())
		require.Equal(t, "d", <-ran)
		require.Empty(t, ran)
	})
}
