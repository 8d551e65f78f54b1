package attacks_test

import (
	"context"
	"testing"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/proxy"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// lying has a router say in details what it likes.
func lying(lies map[string]any) func(*proxy.Message) {
	return func(m *proxy.Message) {
		for name, value := range lies {
			m.Details()[name] = value
		}
	}
}

// TestHostileEditDetails: nothing that a router says in details changes what is opened,
// or what is proved of it.
func TestHostileEditDetails(t *testing.T) {
	forEachKind(t, func(th *theatre, k payloadKind) {
		for _, lies := range []map[string]any{
			{"x_cryptobox_info": true},
			{"x_cryptobox_info": map[string]any{"info": map[string]any{"KeyID": "forged", "Kind": 1}}},
			{"topic": otherURI, "procedure": otherURI},
			{"topic": 5, "procedure": nil},
			{"publisher": 1, "caller": 1, "publisher_authid": "root", "caller_authid": "root", "trustlevel": 9},
			{"retained": true},
			{"progress": "yes"},
			{"progress": 1},
		} {
			_, more := lies["progress"]
			if more && k.more {
				continue // it is there
			}
			k.change(th, lying(lies))
			k.passes(th)
		}
	})
}

// TestHostileEditProgress: whether more is to come is sealed too.
func TestHostileEditProgress(t *testing.T) {
	attack(t, func(_ *testing.T, th *theatre) {
		call, chunk := payloadKinds[1], payloadKinds[2]
		call.refuses(th, transparency.WrongKind, asProgress(true))
		chunk.refuses(th, transparency.WrongKind, asProgress(false))
		// A last chunk that is said not to be the last, and the other way round.
		for chunks, more := range map[int]bool{2: true, 3: false} {
			at := 0
			th.callee.conn.On(proxy.Down, func(m *proxy.Message, send func(...*proxy.Message)) {
				if m.Is(wamp.INVOCATION) {
					if at++; at == 2 {
						m.Details()[wamp.OptProgress] = more
					}
				}
				send(m)
			})
			if chunks == 2 {
				th.requireRefused(th.callInChunks("x", chunks), transparency.WrongKind)
			} else {
				th.requireRefused(th.callUntilRefused(2), transparency.WrongKind)
			}
			th.callee.refuses("invocation", transparency.WrongKind)
			th.requireServed("x", 1)
		}
	})
}

// TestHostileEditProgressUnasked: a caller that takes no progress gets none for a
// result.
func TestHostileEditProgressUnasked(t *testing.T) {
	attackEach(t, func(t *testing.T, th *theatre) {
		th.caller.conn.On(proxy.Down, func(m *proxy.Message, send func(...*proxy.Message)) {
			if m.Is(wamp.RESULT) {
				m.Details()[wamp.OptProgress] = true
			}
			send(m)
		})
		_, err := th.caller.Call(harness.Timeout(t), attackedURI, nil, wamp.List{"x"}, nil, nil)
		harness.RequireReason(t, err, transparency.Malformed)
		th.caller.refuses("result", transparency.Malformed)
		harness.Receive(t, th.callee.served)
	})
}

// TestHostileEditInfo: what a router leaves of ours in details proves nothing.
func TestHostileEditInfo(t *testing.T) {
	const plain = "com.plain.x"
	attackEach(t, func(t *testing.T, th *theatre) {
		forged := map[string]any{"x_cryptobox_info": map[string]any{"info": map[string]any{"Kind": 1}}}
		th.callee.subscribe(plain, nil)
		th.callee.serve(plain)
		for _, a := range []*actor{th.caller, th.callee} {
			a.conn.On(proxy.Down, func(m *proxy.Message, send func(...*proxy.Message)) {
				if m.Is(wamp.EVENT, wamp.INVOCATION, wamp.RESULT, wamp.ERROR) {
					lying(forged)(m)
				}
				send(m)
			})
		}
		require.NoError(t, th.caller.Publish(plain, nil, nil, nil))
		result, err := th.caller.Call(harness.Timeout(t), plain, nil, wamp.List{"x"}, nil, nil)
		require.NoError(t, err)
		_, err = th.caller.Call(harness.Timeout(t), plain, nil, wamp.List{"fail plainly"}, nil, nil)
		for _, details := range []wamp.Dict{
			harness.Receive(t, th.callee.events).Details, harness.Receive(t, th.callee.served).Details, harness.Receive(t, th.callee.served).Details,
			result.Details, harness.Raised(t, err).Details,
		} {
			_, proved := transparency.InfoFrom(details)
			require.False(t, proved)
			require.NotContains(t, details, "x_cryptobox_info")
		}
		require.NoError(t, th.caller.Publish(attackedURI, nil, nil, nil))
		info, proved := transparency.InfoFrom(harness.Receive(t, th.callee.events).Details)
		require.True(t, proved)
		require.Equal(t, string(th.dialect), info.Dialect.String())
		require.Equal(t, th.OriginatorKey().ID(), info.KeyID)
	})
}

// TestHostileEditExactTopic: what was subscribed or registered for is what a handler is
// told.
func TestHostileEditExactTopic(t *testing.T) {
	attackEach(t, func(t *testing.T, th *theatre) {
		for _, lie := range []any{otherURI, "", 5, nil} {
			th.callee.conn.On(proxy.Down, func(m *proxy.Message, send func(...*proxy.Message)) {
				if m.Is(wamp.EVENT, wamp.INVOCATION) {
					lying(map[string]any{"topic": lie, "procedure": lie})(m)
				}
				send(m)
			})
			require.NoError(t, th.publish("x"))
			require.EqualValues(t, attackedURI, harness.Receive(t, th.callee.events).Details["topic"])
			require.NoError(t, th.call("x"))
			require.EqualValues(t, attackedURI, harness.Receive(t, th.callee.served).Details["procedure"])
		}
	})
}

// TestHostileEditTopic: for a pattern the URI is the router's word, which has to
// match the pattern and what is sealed.
func TestHostileEditTopic(t *testing.T) {
	const within = harness.Prefix + "within."
	pattern := wamp.Dict{wamp.OptMatch: wamp.MatchPrefix}
	attackEach(t, func(t *testing.T, th *theatre) {
		topics := make(chan any, 10)
		require.NoError(t, th.callee.Subscribe(within, func(ev *wamp.Event) { topics <- ev.Details["topic"] }, pattern))
		require.NoError(t, th.callee.Register(within, func(_ context.Context, inv *wamp.Invocation) client.InvokeResult {
			topics <- inv.Details["procedure"]
			return client.InvokeResult{}
		}, pattern))
		publish := func() error { return th.caller.Publish(within+"x", nil, nil, nil) }
		call := func() error {
			_, err := th.caller.Call(harness.Timeout(t), within+"x", nil, nil, nil, nil)
			return err
		}
		for _, c := range []struct {
			op, detail string
			kind       wamp.MessageType
			send       func() error
		}{
			{"event", "topic", wamp.EVENT, publish},
			{"invocation", "procedure", wamp.INVOCATION, call},
		} {
			require.NoError(t, c.send())
			require.EqualValues(t, within+"x", harness.Receive(t, topics))
			for _, lie := range []any{within + "y", within + "X", attackedURI, "com.plain.x", "", 5, nil, []any{within + "x"}} {
				th.callee.conn.On(proxy.Down, func(m *proxy.Message, send func(...*proxy.Message)) {
					if m.Is(c.kind) {
						m.Details()[c.detail] = lie
					}
					send(m)
				})
				err := c.send()
				th.callee.refuses(c.op, transparency.WrongURI)
				if c.op == "invocation" {
					th.requireRefused(err, transparency.WrongURI)
				}
				harness.Nothing(t, topics)
			}
		}
		// Of a call in chunks all are for one procedure.
		th.callee.conn.On(proxy.Down, nil)
		require.NoError(t, th.callee.Unregister(within))
		procedures := make(chan any, 10)
		require.NoError(t, th.callee.Register(within, func(_ context.Context, inv *wamp.Invocation) client.InvokeResult {
			procedures <- inv.Details["procedure"]
			return client.InvokeResult{Err: wamp.InternalProgressiveOmitResult}
		}, pattern))
		th.changeChunk(1, lying(map[string]any{"procedure": within + "y"}))
		chunks := 0
		_, err := th.caller.CallProgressive(harness.Timeout(t), within+"x", func(ctx context.Context) (wamp.Dict, wamp.List, wamp.Dict, error) {
			if chunks++; chunks > 2 {
				<-ctx.Done()
			}
			return wamp.Dict{wamp.OptProgress: true}, nil, nil, ctx.Err()
		}, nil)
		th.requireRefused(err, transparency.WrongURI)
		th.callee.refuses("invocation", transparency.WrongURI)
		require.EqualValues(t, within+"x", harness.Receive(t, procedures))
		harness.Nothing(t, procedures)
		require.NoError(t, th.callee.Unregister(within))
		require.NoError(t, th.callee.Unsubscribe(within))
	})
}
