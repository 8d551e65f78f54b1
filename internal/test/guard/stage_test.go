package guard_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/handrouter"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// hostile is a router that a test plays, and a client of it: a Session, or one of
// nexus's own.
type hostile struct {
	t       *testing.T
	s       transparency.Client
	r       *handrouter.Conn
	refused *harness.Rejections // nil for nexus's
	keys    harness.Keys

	encoding string
	through  *strait      // or nil
	progress chan error   // what a handler's progress came to
	underWay <-chan error // what a call came to
	giveUp   func()       // ends the call's context
}

// stage is how a hostile router is reached.
type stage struct {
	transport handrouter.Transport
	encoding  string
	limit     byte // that is announced, as a code of RawSocket; 0 for the largest
	change    func(*client.Config)
	through   *strait // between client and router, or nil
	options   []transparency.Option
}

var rawStage = stage{transport: handrouter.RawSocket, encoding: "msgpack"}

func (st stage) start(t *testing.T) (*handrouter.Router, client.Config) {
	r := handrouter.Start(t, st.transport, st.encoding)
	if st.limit != 0 {
		r.Limit(st.limit)
	}
	cfg := harness.Config(r.Serialization())
	if st.change != nil {
		st.change(&cfg)
	}
	return r, cfg
}

// both are the features that foreign dialects need.
var both = []string{"payload_transparency", wamp.FeaturePayloadPassthruMode}

// session connects a Session, with a key for the test prefix.
func (st stage) session(t *testing.T, d cryptobox.Dialect) *hostile {
	t.Helper()
	h, err := st.join(t, d)
	for range 50 {
		if err == nil {
			break
		}
		h, err = st.join(t, d) // a client that waits shortly for replies does so for WELCOME
	}
	require.NoError(t, err)
	return h
}

// join connects a Session, which may take longer than the client waits.
func (st stage) join(t *testing.T, d cryptobox.Dialect) (*hostile, error) {
	t.Helper()
	r, cfg := st.start(t)
	refused, collecting := harness.Collect()
	h := &hostile{t: t, refused: refused, keys: harness.NewKeys().In(d), encoding: st.encoding}
	ring := harness.RingOf(t, h.keys.PairKey())
	connected := harness.Go(func() error {
		s, err := transparency.ConnectNet(context.Background(), st.through.url(t, r.URL()), cfg, ring, append(st.options, collecting)...)
		h.s = s
		return err
	})
	h.r = r.Welcome(both...)
	if err := harness.Receive(t, connected); err != nil {
		h.r.Close()
		return nil, err
	}
	t.Cleanup(func() {
		h.r.Close()
		_ = h.s.Close()
	})
	return h, nil
}

// nexus connects a client of nexus's own.
func (st stage) nexus(t *testing.T) *hostile {
	t.Helper()
	r, cfg := st.start(t)
	h := &hostile{t: t}
	connected := harness.Go(func() error {
		c, err := client.ConnectNet(context.Background(), r.URL(), cfg)
		h.s = c
		return err
	})
	h.r = r.Welcome(both...)
	require.NoError(t, harness.Receive(t, connected))
	return h
}

// forEachStage runs the test with each dialect over each transport.
func forEachStage(t *testing.T, test func(t *testing.T, st stage, d cryptobox.Dialect)) {
	t.Helper()
	dialects := []cryptobox.Dialect{cryptobox.Wampbox, cryptobox.Autobahn, cryptobox.Passthru}
	for i, d := range dialects {
		for j, transport := range handrouter.Transports {
			st := stage{transport: transport, encoding: handrouter.Serializers[(i+j)%3]}
			t.Run(fmt.Sprintf("%v/%s/%s", d, st.transport, st.encoding), func(t *testing.T) {
				t.Parallel()
				test(t, st, d)
			})
		}
	}
}

// subscribe has the client subscribe as the id.
func (h *hostile) subscribe(topic string, id int) <-chan *wamp.Event {
	h.t.Helper()
	got := make(chan *wamp.Event, 1000)
	harness.Confirmed(h.t, h.r, func() error { return h.s.Subscribe(topic, func(ev *wamp.Event) { got <- ev }, nil) }, id)
	return got
}

// register has the client register as the id.
func (h *hostile) register(procedure string, id int, fn client.InvocationHandler) {
	h.t.Helper()
	harness.Confirmed(h.t, h.r, func() error { return h.s.Register(procedure, fn, nil) }, id)
}

// call has the client call, and returns the id of the request and the outcome.
func (h *hostile) call(procedure string, progress client.ProgressHandler) (request any, done <-chan harness.Outcome) {
	h.t.Helper()
	done = harness.Calling(func(ctx context.Context) (*wamp.Result, error) {
		return h.s.Call(ctx, procedure, nil, wamp.List{"x"}, nil, progress)
	})
	call := h.r.Next()
	require.EqualValues(h.t, wamp.CALL, call[0])
	return call[1], done
}

// callIn has the client call, for what becomes of it under the context.
func (h *hostile) callIn(ctx context.Context, progress client.ProgressHandler) <-chan error {
	return harness.Go(func() error {
		_, err := h.s.Call(ctx, "com.plain.x", nil, nil, nil, progress)
		return err
	})
}

// requireAlive has the client call once more.
func (h *hostile) requireAlive() {
	h.t.Helper()
	request, done := h.call("com.plain.alive", nil)
	h.r.Send(wamp.RESULT, request, wamp.Dict{}, []any{"alive"})
	outcome := harness.Receive(h.t, done)
	require.NoError(h.t, outcome.Err)
	require.Equal(h.t, wamp.List{"alive"}, outcome.Result.Arguments)
}

// requireCloses bounds Close, with a router that answers the GOODBYE.
func (h *hostile) requireCloses() {
	h.t.Helper()
	closed := harness.Go(func() error { return h.s.Close() })
	for {
		msg := h.r.Next()
		if msg == nil {
			break
		}
		if id, _ := wamp.AsInt64(msg[0]); id == int64(wamp.GOODBYE) {
			h.r.Send(wamp.GOODBYE, wamp.Dict{}, wamp.ErrGoodbyeAndOut)
			break
		}
	}
	require.NoError(h.t, harness.Receive(h.t, closed))
}
