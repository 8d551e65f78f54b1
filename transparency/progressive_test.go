package transparency_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// collecting serves a progressive call: it keeps the arguments of each chunk and
// answers the last.
func collecting(chunks *[]any) client.InvocationHandler {
	return func(_ context.Context, inv *wamp.Invocation) client.InvokeResult {
		*chunks = append(*chunks, inv.Arguments...)
		if wamp.OptionFlag(inv.Details, wamp.OptProgress) {
			return client.InvokeResult{Err: wamp.InternalProgressiveOmitResult}
		}
		return client.InvokeResult{Args: wamp.List{"done"}}
	}
}

// sink serves progressive calls without looking at them.
func sink(_ context.Context, inv *wamp.Invocation) client.InvokeResult {
	if wamp.OptionFlag(inv.Details, wamp.OptProgress) {
		return client.InvokeResult{Err: wamp.InternalProgressiveOmitResult}
	}
	return client.InvokeResult{}
}

func TestBindingOfLaterChunks(t *testing.T) {
	k := harness.NewKeys()
	forge := harness.NewForger(t, harness.RingOf(t, k.OriginatorKey()), keyring.RoleOriginator)
	stranger := harness.NewForger(t, harness.RingOf(t, k.OriginatorKey()), keyring.RoleOriginator)
	_, other := forge.SealToken(harness.Prefix+"x", forge.Bind(cryptobox.KindCall, nil))

	type chunk struct {
		kwargs wamp.Dict
		args   wamp.List
		more   bool
	}
	next := func(f *harness.Forger, kind cryptobox.Kind, first cryptobox.Token, seq uint64) wamp.Dict {
		return f.Seal(harness.Prefix+"x", f.Bind(kind, func(b *harness.Bound) { b.Re, b.Seq = first, seq }), seq)
	}
	for _, c := range []struct {
		name   string
		later  func(first cryptobox.Token, again wamp.Dict) []chunk
		reason transparency.Reason
	}{
		{"right", func(first cryptobox.Token, _ wamp.Dict) []chunk {
			return []chunk{
				{kwargs: next(forge, cryptobox.KindCallProgress, first, 1), more: true},
				{kwargs: next(forge, cryptobox.KindCall, first, 2)},
			}
		}, 0},
		{"the first again", func(_ cryptobox.Token, again wamp.Dict) []chunk {
			return []chunk{{kwargs: again, more: true}}
		}, transparency.WrongRequest},
		{"one lost", func(first cryptobox.Token, _ wamp.Dict) []chunk {
			return []chunk{{kwargs: next(forge, cryptobox.KindCall, first, 2)}}
		}, transparency.Gap},
		{"one twice", func(first cryptobox.Token, _ wamp.Dict) []chunk {
			one := next(forge, cryptobox.KindCallProgress, first, 1)
			return []chunk{{kwargs: one, more: true}, {kwargs: one, more: true}}
		}, transparency.Gap},
		{"of another call", func(cryptobox.Token, wamp.Dict) []chunk {
			return []chunk{{kwargs: next(forge, cryptobox.KindCall, other, 1)}}
		}, transparency.WrongRequest},
		{"of another session", func(first cryptobox.Token, _ wamp.Dict) []chunk {
			return []chunk{{kwargs: next(stranger, cryptobox.KindCall, first, 1)}}
		}, transparency.WrongRequest},
		{"cut off", func(first cryptobox.Token, _ wamp.Dict) []chunk {
			return []chunk{{kwargs: next(forge, cryptobox.KindCallProgress, first, 1)}}
		}, transparency.WrongKind},
		{"the end kept open", func(first cryptobox.Token, _ wamp.Dict) []chunk {
			return []chunk{{kwargs: next(forge, cryptobox.KindCall, first, 1), more: true}}
		}, transparency.WrongKind},
		{"plain", func(cryptobox.Token, wamp.Dict) []chunk {
			return []chunk{{args: wamp.List{"plain"}}}
		}, transparency.Plaintext},
	} {
		t.Run(c.name, func(t *testing.T) {
			refused, option := harness.Collect()
			// Plain chunks must not slip in behind a sealed one even where
			// plain calls are allowed.
			s, stub := stubbed(t, harness.AcceptPlain(t, harness.RingOf(t, k.ResponderKey())), option)
			var got []any
			require.NoError(t, s.Register(harness.Prefix+"x", collecting(&got), nil))
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			send := func(ch chunk) client.InvokeResult {
				return stub.invocation(ctx, &wamp.Invocation{
					Request: 7, Arguments: ch.args, ArgumentsKw: ch.kwargs,
					Details: wamp.Dict{wamp.OptProgress: ch.more},
				})
			}
			kwargs, first := forge.SealToken(harness.Prefix+"x", forge.Bind(cryptobox.KindCallProgress, nil), 0)
			require.Equal(t, wamp.InternalProgressiveOmitResult, send(chunk{kwargs: kwargs, more: true}).Err)
			var last client.InvokeResult
			for _, ch := range c.later(first, kwargs) {
				last = send(ch)
			}
			if c.reason == 0 {
				require.Empty(t, last.Err)
				require.Equal(t, []any{int64(0), int64(1), int64(2)}, got)
				record, _ := forge.Open(last.Args, last.Kwargs)
				require.Equal(t, []any{"done"}, record.Args)
				require.Equal(t, first, record.Re, "answers refer to the first chunk")
				return
			}
			harness.RequireOpaque(t, harness.OpaqueError, last.Err, last.Args, last.Kwargs)
			harness.RequireReason(t, refused.Next(t), c.reason)
			require.NotContains(t, got, "plain")
			require.NotContains(t, got, uint64(2))

			// The invocation is over, and nothing more of it is served.
			count := refused.Count()
			late := send(chunk{kwargs: next(forge, cryptobox.KindCallProgress, first, 1), more: true})
			require.Equal(t, client.InvocationCanceled, late)
			require.Equal(t, count, refused.Count())
		})
	}
}

func TestSealedChunkBehindAPlainOne(t *testing.T) {
	k := harness.NewKeys()
	forge := harness.NewForger(t, harness.RingOf(t, k.OriginatorKey()), keyring.RoleOriginator)
	refused, option := harness.Collect()
	s, stub := stubbed(t, harness.AcceptPlain(t, harness.RingOf(t, k.ResponderKey())), option)
	var got []any
	require.NoError(t, s.Register(harness.Prefix+"x", collecting(&got), nil))
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	inv := &wamp.Invocation{Request: 7, Arguments: wamp.List{"a"}, Details: wamp.Dict{wamp.OptProgress: true}}
	require.Equal(t, wamp.InternalProgressiveOmitResult, stub.invocation(ctx, inv).Err)
	kwargs := forge.Seal(harness.Prefix+"x", forge.Bind(cryptobox.KindCall, nil), "b")
	require.NotEmpty(t, stub.invocation(ctx, &wamp.Invocation{Request: 7, ArgumentsKw: kwargs}).Err)
	harness.RequireReason(t, refused.Next(t), transparency.WrongRequest)
	require.Equal(t, []any{"a"}, got)
}

func TestProgressiveCallErrors(t *testing.T) {
	forEachScheme(t, func(t *testing.T, k harness.Keys) {
		s, callee := two(t, k, links[2], links[1])
		for _, uri := range []string{harness.Prefix + "x", "com.plain.x"} {
			require.NoError(t, callee.Register(uri, sink, nil))
			broken := errors.New("the source broke")
			for name, c := range map[string]struct {
				fail  int // the chunk that fails
				chunk func() (wamp.Dict, wamp.List, wamp.Dict, error)
				want  error
			}{
				"first chunk":             {1, func() (wamp.Dict, wamp.List, wamp.Dict, error) { return nil, nil, nil, broken }, broken},
				"later chunk":             {3, func() (wamp.Dict, wamp.List, wamp.Dict, error) { return nil, nil, nil, broken }, broken},
				"reserved option, first":  {1, func() (wamp.Dict, wamp.List, wamp.Dict, error) { return wamp.Dict{"ppt_scheme": "x"}, nil, nil, nil }, transparency.ReservedOption},
				"reserved option, later":  {3, func() (wamp.Dict, wamp.List, wamp.Dict, error) { return wamp.Dict{"enc_algo": "x"}, nil, nil, nil }, transparency.ReservedOption},
				"progress that's no bool": {3, func() (wamp.Dict, wamp.List, wamp.Dict, error) { return wamp.Dict{wamp.OptProgress: 1}, nil, nil, nil }, nil},
			} {
				t.Run(uri+" "+name, func(t *testing.T) {
					i := 0
					res, err := s.CallProgressive(harness.Timeout(t), uri, func(context.Context) (wamp.Dict, wamp.List, wamp.Dict, error) {
						if i++; i == c.fail {
							return c.chunk()
						}
						return wamp.Dict{wamp.OptProgress: true}, wamp.List{i}, nil, nil
					}, nil)
					if c.want == nil {
						require.NoError(t, err)
						return
					}
					require.ErrorIs(t, err, c.want)
					require.Nil(t, res)
				})
			}
		}
		t.Run("a later chunk that can't be sealed", func(t *testing.T) {
			i := 0
			_, err := s.CallProgressive(harness.Timeout(t), harness.Prefix+"x", func(context.Context) (wamp.Dict, wamp.List, wamp.Dict, error) {
				i++
				if i == 2 {
					return nil, wamp.List{make(chan int)}, nil, nil
				}
				return wamp.Dict{wamp.OptProgress: true}, wamp.List{i}, nil, nil
			}, nil)
			harness.RequireReason(t, err, transparency.Unsealable)
		})
	})
}

func TestCallerStopsAskingForChunksWhenTheCallHasEnded(t *testing.T) {
	forEachScheme(t, func(t *testing.T, k harness.Keys) {
		s, callee := two(t, k, links[1], links[0])
		var asked atomic.Int64
		again, ended := make(chan struct{}), make(chan struct{})
		require.NoError(t, callee.Register(harness.Prefix+"x", func(context.Context, *wamp.Invocation) client.InvokeResult {
			<-again
			return client.InvokeResult{Args: wamp.List{"enough"}}
		}, nil))
		res, err := s.CallProgressive(harness.Timeout(t), harness.Prefix+"x", func(ctx context.Context) (wamp.Dict, wamp.List, wamp.Dict, error) {
			if asked.Add(1) == 1 {
				return wamp.Dict{wamp.OptProgress: true}, nil, nil, nil
			}
			close(again)
			<-ctx.Done()
			close(ended)
			return nil, nil, nil, ctx.Err()
		}, nil)
		require.NoError(t, err)
		require.Equal(t, wamp.List{"enough"}, res.Arguments)
		harness.Receive(t, ended)
		require.EqualValues(t, 2, asked.Load())
	})
}

func TestNoChunkIsAskedForAfterTheCall(t *testing.T) {
	forEachScheme(t, func(t *testing.T, k harness.Keys) {
		s, callee := two(t, k, links[0], links[0])
		var over atomic.Bool
		release, asked := make(chan struct{}), make(chan struct{})
		require.NoError(t, callee.Register(harness.Prefix+"x", func(context.Context, *wamp.Invocation) client.InvokeResult {
			<-asked
			return client.InvokeResult{}
		}, nil))
		first := true
		_, err := s.CallProgressive(harness.Timeout(t), harness.Prefix+"x", func(context.Context) (wamp.Dict, wamp.List, wamp.Dict, error) {
			if over.Load() {
				t.Error("asked for a chunk of a call that is over")
			}
			if !first {
				close(asked)
				<-release // as a source does that knows nothing of contexts
			}
			first = false
			return wamp.Dict{wamp.OptProgress: true}, nil, nil, nil
		}, nil)
		require.NoError(t, err)
		over.Store(true)
		close(release)
		require.NoError(t, s.Close())
	})
}

// TestAnswerBeforeTheLastChunk: what an honest caller still sends is no attack.
func TestAnswerBeforeTheLastChunk(t *testing.T) {
	forEachScheme(t, func(t *testing.T, k harness.Keys) {
		r := startRouter(t)
		refused, option := harness.Collect()
		callee := local.session(t, r, harness.RingOf(t, k.ResponderKey()), option)
		s := links[1].session(t, r, harness.RingOf(t, k.OriginatorKey()))
		for _, uri := range []string{harness.Prefix + "x", "com.plain.x"} {
			var served atomic.Int64
			require.NoError(t, callee.Register(uri, func(context.Context, *wamp.Invocation) client.InvokeResult {
				served.Add(1)
				return client.InvokeResult{Args: wamp.List{"enough"}}
			}, nil))
			const calls = 50
			for range calls {
				i := 0
				_, err := s.CallProgressive(harness.Timeout(t), uri, func(context.Context) (wamp.Dict, wamp.List, wamp.Dict, error) {
					i++
					return wamp.Dict{wamp.OptProgress: i < 5}, nil, nil, nil
				}, nil)
				if err != nil { // nexus's router answers chunks of a call that is over
					require.Equal(t, wamp.ErrNoSuchProcedure, harness.Raised(t, err).Error)
				}
			}
			require.GreaterOrEqual(t, served.Load(), int64(calls))
		}
		require.Zero(t, refused.Count())
	})
}

// TestNoProgressBehindTheFinalAnswer: the final answer states how many chunks
// there were, so none may follow, however late a goroutine of the handler is.
func TestNoProgressBehindTheFinalAnswer(t *testing.T) {
	k := harness.NewKeys()
	forge := harness.NewForger(t, harness.RingOf(t, k.OriginatorKey()), keyring.RoleOriginator)
	s, stub := stubbed(t, harness.RingOf(t, k.ResponderKey()))
	var handler context.Context
	require.NoError(t, s.Register(harness.Prefix+"x", func(ctx context.Context, _ *wamp.Invocation) client.InvokeResult {
		handler = ctx
		require.NoError(t, s.SendProgress(ctx, wamp.List{1}, nil))
		return client.InvokeResult{}
	}, nil))
	kwargs := forge.Seal(harness.Prefix+"x", forge.Bind(cryptobox.KindCall, nil))
	res := stub.invocation(context.Background(), &wamp.Invocation{Request: 1, ArgumentsKw: kwargs})
	record, _ := forge.Open(res.Args, res.Kwargs)
	require.EqualValues(t, 1, record.Seq)
	require.ErrorIs(t, s.SendProgress(handler, wamp.List{2}, nil), client.ErrCallerNoProg)
	require.Len(t, stub.progress, 1)
}

func TestNoProgressBehindARefusedOne(t *testing.T) {
	k := harness.NewKeys()
	r := startRouter(t)
	router := local.plain(t, r)
	forge := harness.NewForger(t, harness.RingOf(t, k.ResponderKey()), keyring.RoleResponder)
	s := local.session(t, r, harness.RingOf(t, k.OriginatorKey()))
	var handlers sync.WaitGroup // nexus panics if one still sends when its client closes
	require.NoError(t, router.Register(harness.Prefix+"x", func(ctx context.Context, inv *wamp.Invocation) client.InvokeResult {
		handlers.Add(1)
		defer handlers.Done()
		_, token := forge.Open(inv.Arguments, inv.ArgumentsKw)
		for _, seq := range []uint64{1, 0, 1, 2, 3} { // all but the first would be right
			_ = router.SendProgress(ctx, nil, forge.Seal(harness.Prefix+"x", forge.Bind(cryptobox.KindProgress, func(b *harness.Bound) {
				b.Re, b.Seq = token, seq
			})))
		}
		<-ctx.Done()
		return client.InvocationCanceled
	}, nil))
	for range 30 {
		_, err := s.Call(harness.Timeout(t), harness.Prefix+"x", nil, nil, nil, func(*wamp.Result) { t.Error("delivered") })
		harness.RequireReason(t, err, transparency.Gap)
	}
	require.NoError(t, router.Unregister(harness.Prefix+"x"))
	handlers.Wait()
}

func TestSendProgress(t *testing.T) {
	forEachScheme(t, func(t *testing.T, k harness.Keys) {
		r := startRouter(t)
		callee := links[1].session(t, r, harness.RingOf(t, k.ResponderKey()))
		s := links[2].session(t, r, harness.RingOf(t, k.OriginatorKey()))
		t.Run("outside a handler", func(t *testing.T) {
			require.ErrorIs(t, callee.SendProgress(context.Background(), nil, nil), client.ErrCallerNoProg)
		})
		t.Run("caller doesn't want it", func(t *testing.T) {
			require.NoError(t, callee.Register(harness.Prefix+"a", func(ctx context.Context, _ *wamp.Invocation) client.InvokeResult {
				return client.InvokeResult{Args: wamp.List{errors.Is(callee.SendProgress(ctx, nil, nil), client.ErrCallerNoProg)}}
			}, nil))
			res, err := s.Call(harness.Timeout(t), harness.Prefix+"a", nil, nil, nil, nil)
			require.NoError(t, err)
			require.Equal(t, wamp.List{true}, res.Arguments)
		})
		t.Run("with another session's context", func(t *testing.T) {
			other := links[1].session(t, r, harness.RingOf(t, k.ResponderKey()))
			require.NoError(t, callee.Register(harness.Prefix+"b", func(ctx context.Context, _ *wamp.Invocation) client.InvokeResult {
				return client.InvokeResult{Args: wamp.List{errors.Is(other.SendProgress(ctx, nil, nil), client.ErrCallerNoProg)}}
			}, nil))
			res, err := s.Call(harness.Timeout(t), harness.Prefix+"b", nil, nil, nil, func(*wamp.Result) {})
			require.NoError(t, err)
			require.Equal(t, wamp.List{true}, res.Arguments)
		})
		t.Run("after the handler has answered", func(t *testing.T) {
			late := make(chan error, 1)
			returned := make(chan struct{})
			require.NoError(t, callee.Register(harness.Prefix+"c", func(ctx context.Context, _ *wamp.Invocation) client.InvokeResult {
				go func() {
					<-returned
					late <- callee.SendProgress(ctx, nil, nil)
				}()
				return client.InvokeResult{}
			}, nil))
			_, err := s.Call(harness.Timeout(t), harness.Prefix+"c", nil, nil, nil, func(*wamp.Result) { t.Error("delivered") })
			require.NoError(t, err)
			close(returned)
			require.ErrorIs(t, harness.Receive(t, late), client.ErrCallerNoProg)
		})
		t.Run("from several goroutines", func(t *testing.T) {
			const senders, each = 8, 20
			require.NoError(t, callee.Register(harness.Prefix+"d", func(ctx context.Context, _ *wamp.Invocation) client.InvokeResult {
				var wg sync.WaitGroup
				for range senders {
					wg.Go(func() {
						for range each {
							if err := callee.SendProgress(ctx, wamp.List{1}, nil); err != nil {
								t.Error(err)
							}
						}
					})
				}
				wg.Wait()
				return client.InvokeResult{}
			}, nil))
			got := 0
			_, err := s.Call(harness.Timeout(t), harness.Prefix+"d", nil, nil, nil, func(*wamp.Result) { got++ })
			require.NoError(t, err)
			require.Equal(t, senders*each, got)
		})
	})
}

func TestCancellation(t *testing.T) {
	forEachScheme(t, func(t *testing.T, k harness.Keys) {
		s, callee := two(t, k, links[2], links[1])
		ours := !strings.Contains(t.Name(), "/passthru")
		started, interrupted := make(chan struct{}, 9), make(chan struct{}, 9)
		require.NoError(t, callee.Register(harness.Prefix+"slow", func(ctx context.Context, _ *wamp.Invocation) client.InvokeResult {
			started <- struct{}{}
			<-ctx.Done()
			interrupted <- struct{}{}
			return client.InvocationCanceled
		}, nil))
		for _, mode := range []string{wamp.CancelModeKill, wamp.CancelModeKillNoWait} {
			t.Run(mode, func(t *testing.T) {
				require.NoError(t, s.SetCallCancelMode(mode))
				ctx, cancel := context.WithCancel(context.Background())
				go func() { <-started; cancel() }()
				_, err := s.Call(ctx, harness.Prefix+"slow", nil, nil, nil, nil)
				require.ErrorIs(t, err, context.Canceled)
				harness.Receive(t, interrupted)
			})
		}
		t.Run("deadline", func(t *testing.T) {
			ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
			defer cancel()
			_, err := s.Call(ctx, harness.Prefix+"slow", nil, nil, nil, nil)
			require.ErrorIs(t, err, context.DeadlineExceeded)
			harness.Receive(t, interrupted)
		})
		t.Run("by the callee", func(t *testing.T) {
			require.NoError(t, callee.Register(harness.Prefix+"no", answering(client.InvocationCanceled), nil))
			_, err := s.Call(harness.Timeout(t), harness.Prefix+"no", nil, nil, nil, nil)
			require.Equal(t, wamp.ErrCanceled, harness.Raised(t, err).Error)
			_, sealed := transparency.InfoFrom(harness.Raised(t, err).Details)
			require.Equal(t, ours, sealed, "its URI has no key of its own")
		})
		t.Run("call timeout", func(t *testing.T) {
			_, err := s.Call(harness.Timeout(t), harness.Prefix+"slow", wamp.Dict{"timeout": 20}, nil, nil, nil)
			require.Equal(t, wamp.ErrTimeout, harness.Raised(t, err).Error)
			require.Equal(t, ours, len(harness.Raised(t, err).Arguments) == 0, "the router's word")
		})
		t.Run("progress is for CallProgressive", func(t *testing.T) {
			_, err := s.Call(harness.Timeout(t), harness.Prefix+"slow", wamp.Dict{wamp.OptProgress: true}, nil, nil, nil)
			harness.RequireReason(t, err, transparency.Misuse)
		})
	})
}
