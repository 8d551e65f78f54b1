package client

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/wire"
)

// TestProgressBeforeTheResult: progress is handed on one at a time and in order, and the
// call ends when all of it was handled.
func TestProgressBeforeTheResult(t *testing.T) {
	inSession(t, func(t *testing.T, c *Client, l *scripted) {
		var got []int64
		call := startCall(context.Background(), c, func(r *Result) error {
			time.Sleep(time.Millisecond)
			n, _ := wamp.AsInt64(r.Args[0])
			got = append(got, n)
			return nil
		})
		m := l.next(t)
		require.Equal(t, true, m.Options[wamp.OptReceiveProgress])
		const sent = 40
		var want []int64
		for i := range sent {
			l.send(wamp.RESULT, m.Request, more, []any{i})
			want = append(want, int64(i))
		}
		l.send(wamp.RESULT, m.Request, wamp.Dict{}, []any{"end"})
		l.requireNothing(t)
		require.Empty(t, call)
		time.Sleep(sent * time.Millisecond)
		ended := has(t, call)
		require.NoError(t, ended.err)
		require.Equal(t, wamp.List{"end"}, ended.result.Args)
		require.Equal(t, want, got)
	})
}

// TestProgressHandlerFails: the call is canceled and ends with that, and the handler gets
// nothing more, also where the result was faster.
func TestProgressHandlerFails(t *testing.T) {
	failed := errors.New("failed")
	for name, result := range map[string]bool{"before the result": false, "behind the result": true} {
		t.Run(name, func(t *testing.T) {
			inSession(t, func(t *testing.T, c *Client, l *scripted) {
				taken := 0
				wait, free := gate()
				call := startCall(context.Background(), c, func(*Result) error { taken++; wait(); return failed })
				id := l.next(t).Request
				for range 5 {
					l.send(wamp.RESULT, id, more)
				}
				if result {
					l.send(wamp.RESULT, id, wamp.Dict{})
				}
				synctest.Wait()
				free()
				if !result {
					require.Equal(t, wamp.CANCEL, l.next(t).Type)
					l.send(wamp.RESULT, id, more)
					l.send(wamp.ERROR, wamp.CALL, id, wamp.Dict{}, wamp.ErrCanceled)
				}
				require.Equal(t, failed, has(t, call).err)
				require.Equal(t, 1, taken)
				l.requireNothing(t)
				requireEmpty(t, c)
				require.Empty(t, l.refused())
			})
		})
	}
}

// TestUnwantedProgress: it isn't taken for the result.
func TestUnwantedProgress(t *testing.T) {
	inSession(t, func(t *testing.T, c *Client, l *scripted) {
		call := startCall(context.Background(), c, nil)
		l.send(wamp.RESULT, l.next(t).Request, more, []any{1})
		ended := has(t, call)
		require.NoError(t, ended.err)
		require.ErrorIs(t, ended.result.Err, errUnwanted)
		require.Empty(t, ended.result.Args)
	})
}

// TestCanceledBehindProgress: the handler gets nothing of what waits, and Call returns when
// it has.
func TestCanceledBehindProgress(t *testing.T) {
	inSession(t, func(t *testing.T, c *Client, l *scripted) {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		taken := 0
		wait, free := gate()
		call := startCall(ctx, c, func(*Result) error { taken++; wait(); return nil })
		id := l.next(t).Request
		for range softWaiting + 5 { // so that the router waits
			l.send(wamp.RESULT, id, more)
		}
		synctest.Wait()
		cancel()
		require.Equal(t, wamp.CANCEL, l.next(t).Type)
		require.Empty(t, l.in, "what is dropped needs no room")
		l.send(wamp.ERROR, wamp.CALL, id, wamp.Dict{}, wamp.ErrCanceled)
		synctest.Wait()
		require.Empty(t, call)
		free()
		require.ErrorIs(t, has(t, call).err, context.Canceled)
		require.Equal(t, 1, taken)
		requireEmpty(t, c)
	})
}

// startProgressive starts a call in chunks.
func startProgressive(ctx context.Context, c *Client, next ChunkSource) <-chan called {
	return start(func() called {
		var r Result
		err := c.CallProgressive(ctx, "com.example.procedure", next, nil, &r)
		return called{r, err}
	})
}

// TestChunksOfACall: all have one number, and the source is asked until the last one.
func TestChunksOfACall(t *testing.T) {
	inSession(t, func(t *testing.T, c *Client, l *scripted) {
		const chunks = 5
		asked := 0
		call := startProgressive(context.Background(), c, func(context.Context) (*wire.Part, error) {
			asked++
			return &wire.Part{Dict: wamp.Dict{wamp.OptProgress: asked < chunks}}, nil
		})
		for i := range chunks {
			m := l.next(t)
			require.Equal(t, wamp.ID(1), m.Request)
			require.Equal(t, i < chunks-1, isProgress(m.Options))
		}
		l.send(wamp.RESULT, 1, wamp.Dict{})
		require.NoError(t, has(t, call).err)
		require.Equal(t, chunks, asked)
		l.requireNothing(t)
	})
}

// TestChunkBehindTheResult: none is sent while progress before the result is handled. The
// router would take it for a new call.
func TestChunkBehindTheResult(t *testing.T) {
	inSession(t, func(t *testing.T, c *Client, l *scripted) {
		chunk, sendChunk := gate()
		progress, handleProgress := gate()
		asked := 0
		call := start(func() called {
			var r Result
			err := c.CallProgressive(context.Background(), "com.example.procedure", func(context.Context) (*wire.Part, error) {
				if asked++; asked > 1 {
					chunk()
				}
				return &wire.Part{Dict: wamp.Dict{wamp.OptProgress: true}}, nil
			}, func(*Result) error { progress(); return nil }, &r)
			return called{r, err}
		})
		id := l.next(t).Request
		l.send(wamp.RESULT, id, more)
		l.send(wamp.RESULT, id, wamp.Dict{})
		synctest.Wait()
		sendChunk()
		l.requireNothing(t)
		require.Equal(t, 2, asked)
		handleProgress()
		require.NoError(t, has(t, call).err)
	})
}

// TestChunksBehindTheEnd: of a call that has ended no chunk is sent, whatever has ended it,
// the source is told by its context, and a router that knew no better isn't blamed.
func TestChunksBehindTheEnd(t *testing.T) {
	failed := errors.New("failed")
	for name, c := range map[string]struct {
		end func(c *Client, l *scripted, cancel func())
		err error
	}{
		"result":      {func(_ *Client, l *scripted, _ func()) { l.send(wamp.RESULT, 1, wamp.Dict{}) }, nil},
		"canceled":    {func(_ *Client, _ *scripted, cancel func()) { cancel() }, context.Canceled},
		"the session": {func(c *Client, _ *scripted, _ func()) { c.End(ErrClosed) }, ErrInterrupted},
		"the source":  {nil, failed},
	} {
		t.Run(name, func(t *testing.T) {
			inSession(t, func(t *testing.T, client *Client, l *scripted) {
				ctx, cancel := context.WithCancel(context.Background())
				defer cancel()
				told := false
				asked := 0
				call := startProgressive(ctx, client, func(ctx context.Context) (*wire.Part, error) {
					asked++
					if asked > 1 && c.end == nil {
						return nil, failed
					}
					if asked > 1 {
						<-ctx.Done()
						told = true
					}
					return &wire.Part{Dict: wamp.Dict{wamp.OptProgress: true}}, nil
				})
				require.Equal(t, wamp.CALL, l.next(t).Type)
				if c.end != nil {
					c.end(client, l, cancel)
				}
				synctest.Wait()
				if len(l.out) > 0 {
					require.Equal(t, wamp.CANCEL, l.next(t).Type)
					l.send(wamp.ERROR, wamp.CALL, 1, wamp.Dict{}, wamp.ErrCanceled)
				}
				require.ErrorIs(t, has(t, call).err, c.err)
				require.Equal(t, c.end != nil, told)
				require.Equal(t, 2, asked)
				l.requireNothing(t)
				if client.Connected() {
					l.send(wamp.ERROR, wamp.CALL, 1, wamp.Dict{}, wamp.ErrInvalidArgument) // of a chunk
					require.Empty(t, l.refused())
				}
			})
		})
	}
}
