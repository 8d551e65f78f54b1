package guard_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/router"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/gorilla/websocket"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/handrouter"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/transport"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// endings are what no router sends, and no session survives.
var endings = map[string]string{
	"nothing":            ``,
	"no JSON":            `[1,`,
	"text":               `"x"`,
	"number":             `5`,
	"null":               `null`,
	"map":                `{"0":2}`,
	"empty list":         `[]`,
	"text for a code":    `["x"]`,
	"code below zero":    `[-1]`,
	"code with fraction": `[2.5]`,
	"nothing but a code": `[50]`,
	"text for an id":     `[50,"x",{}]`,
	"id below zero":      `[50,-1,{}]`,
	"id with fraction":   `[50,1.5,{}]`,
	"list for details":   `[50,1,[]]`,
	"number for a URI":   `[8,48,1,{},5]`,
	"deep":               `[36,1,1,{"a":` + strings.Repeat(`[`, 100000) + strings.Repeat(`]`, 100000) + `}]`,
	"deep in a welcome":  `[2,1,` + strings.Repeat(`{"a":`, 100000) + `1` + strings.Repeat(`}`, 100000) + `]`,
}

// ignored are messages that clients don't get.
var ignored = []string{
	`[999,1,{}]`, `[1,"realm1",{}]`, `[5,"x",{}]`, `[16,1,{},"a.b"]`, `[32,1,{},"a.b"]`,
	`[48,1,{},"a.b"]`, `[49,1,{}]`, `[64,1,{},"a.b"]`, `[70,1,{}]`, `[0]`, `[7]`,
}

func TestGuardBrokenMessages(t *testing.T) {
	for _, transport := range handrouter.Transports {
		for name, text := range endings {
			t.Run(string(transport)+"/"+name, func(t *testing.T) {
				t.Parallel()
				h := stage{transport: transport, encoding: "json"}.session(t, cryptobox.Wampbox)
				_, done := h.call("com.plain.x", nil)
				h.r.SendBytes([]byte(text))
				require.ErrorIs(t, harness.Receive(t, done).Err, client.ErrNotConn)
				harness.Receive(t, h.s.Done())
				require.NoError(t, h.s.Close())
			})
		}
	}
}

func TestGuardIgnoredMessages(t *testing.T) {
	forEachStage(t, func(t *testing.T, st stage, d cryptobox.Dialect) {
		st.encoding = "json"
		h := st.session(t, d)
		for _, text := range ignored {
			h.r.SendBytes([]byte(text))
		}
		h.requireAlive()
		require.Zero(t, h.refused.Count())
		h.requireCloses()
	})
}

// TestGuardUnknownFrames: nexus's client makes a message of a frame that is none.
func TestGuardUnknownFrames(t *testing.T) {
	for _, kind := range []byte{3, 7, 8, 0xff} {
		h := rawStage.session(t, cryptobox.Wampbox)
		_, done := h.call("com.plain.x", nil)
		h.r.Write([]byte{kind, 0, 0, 0})
		require.ErrorIs(t, harness.Receive(t, done).Err, client.ErrNotConn)
		require.NoError(t, h.s.Close())
	}
}

func TestGuardUnknownFramesNexus(t *testing.T) {
	harness.RequireDies(t, "nil pointer dereference", func(t *testing.T) {
		h := rawStage.nexus(t)
		h.r.Write([]byte{3, 0, 0, 0})
	})
}

// otherSubprotocol starts a WebSocket server that chooses what wasn't offered.
func otherSubprotocol(t *testing.T) string {
	t.Helper()
	var server transport.Server
	url, err := server.HTTP("/", func(w http.ResponseWriter, r *http.Request) {
		upgrader := websocket.Upgrader{}
		conn, err := upgrader.Upgrade(w, r, http.Header{"Sec-Websocket-Protocol": {"wamp.9.bogus"}})
		if err != nil {
			return
		}
		defer server.Drop(conn.NetConn())
		if server.Hold(conn.NetConn()) {
			_, _, _ = conn.ReadMessage()
		}
	})
	require.NoError(t, err)
	t.Cleanup(func() { _ = server.Close() })
	return url
}

func TestGuardUnknownSubprotocol(t *testing.T) {
	url := otherSubprotocol(t)
	_, err := transparency.ConnectNet(t.Context(), url, harness.Config(client.JSON), harness.RingOf(t, harness.NewKeys().OriginatorKey()))
	require.ErrorContains(t, err, "subprotocol")
}

func TestGuardUnknownSubprotocolNexus(t *testing.T) {
	harness.RequireDies(t, "nil pointer dereference", func(t *testing.T) {
		_, _ = client.ConnectNet(context.Background(), otherSubprotocol(t), harness.Config(client.JSON))
	})
}

// fakeRouter is a router inside the process that a test plays.
type fakeRouter struct {
	router.Router
	attached chan wamp.Peer
}

func (r *fakeRouter) Attach(p wamp.Peer) error {
	r.attached <- p
	return nil
}

// TestGuardLocalMessages: links inside the process bring messages that no codec has
// read.
func TestGuardLocalMessages(t *testing.T) {
	for _, d := range localDialects {
		r := &fakeRouter{attached: make(chan wamp.Peer, 1)}
		refused, collecting := harness.Collect()
		connected := make(chan *transparency.Session, 1)
		ring := harness.RingOf(t, harness.NewKeys().In(d).OriginatorKey())
		go func() {
			s, err := transparency.ConnectLocal(r, harness.Config(0), ring, collecting)
			if err != nil {
				t.Error(err)
			}
			connected <- s
		}()
		theirs := harness.Receive(t, r.attached)
		harness.Receive(t, theirs.Recv())
		features := wamp.Dict{"features": wamp.Dict{wamp.FeaturePayloadPassthruMode: true}}
		theirs.Send() <- &wamp.Welcome{ID: 1, Details: wamp.Dict{"roles": wamp.Dict{"broker": features, "dealer": features}}}
		s := harness.Receive(t, connected)
		go func() { _ = s.Subscribe("com.plain.x", func(*wamp.Event) { t.Error("an event was handed on") }, nil) }()
		subscribe, ok := harness.Receive(t, theirs.Recv()).(*wamp.Subscribe)
		require.True(t, ok)
		theirs.Send() <- &wamp.Subscribed{Request: subscribe.Request, Subscription: 10}
		theirs.Send() <- nil
		theirs.Send() <- &wamp.Hello{}
		theirs.Send() <- &wamp.Publish{}
		theirs.Send() <- &wamp.Yield{}
		harness.RequireReason(t, refused.Next(t), transparency.WrongRequest)
		harness.RequireReason(t, refused.Next(t), transparency.WrongRequest)
		harness.RequireReason(t, refused.Next(t), transparency.WrongRequest)
		for _, c := range passthruCases {
			theirs.Send() <- &wamp.Event{Subscription: 10, Details: c.details, Arguments: c.args}
			harness.RequireReason(t, refused.Next(t), transparency.Malformed)
		}
		passthru := wamp.Dict{"ppt_scheme": "mqtt"}
		theirs.Send() <- &wamp.Event{Subscription: 10, Details: passthru, Arguments: wamp.List{(*wamp.PassthruPayload)(nil)}}
		harness.RequireReason(t, refused.Next(t), transparency.Malformed)
		go func() {
			harness.Receive(t, theirs.Recv())
			theirs.Send() <- &wamp.Goodbye{Reason: wamp.ErrGoodbyeAndOut}
		}()
		require.NoError(t, s.Close())
	}
}
