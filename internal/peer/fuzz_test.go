package peer_test

import (
	"context"
	"io"
	"log"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/transport/serialize"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/link"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/peer"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/wire"
)

// fuzzTimeout is the client's response timeout, in the time of a bubble.
const fuzzTimeout = time.Second

// fuzzed is a link that a fuzzer plays: what it reads goes through the codec.
type fuzzed struct {
	codec  *link.Codec
	in     chan []byte
	done   chan struct{}
	once   sync.Once
	answer func(msg wamp.Message) []any
}

func (l *fuzzed) IsLocal() bool { return false }

func (l *fuzzed) Gather() {}

func (l *fuzzed) Flush() error { return nil }

func (l *fuzzed) Close() error {
	l.once.Do(func() { close(l.done) })
	return nil
}

func (l *fuzzed) Read() (wamp.Message, error) {
	for {
		select {
		case data := <-l.in:
			if msg, err := l.codec.Decode(data); msg != nil || err != nil {
				return msg, err
			}
		case <-l.done:
			return nil, io.EOF
		}
	}
}

func (l *fuzzed) Write(msg wamp.Message) error {
	if _, err := l.codec.Encode(msg); err != nil {
		return err
	}
	if reply := l.answer(msg); reply != nil {
		l.send(reply)
	}
	return nil
}

func (l *fuzzed) send(message []any) {
	data, err := l.codec.Serializer().SerializeDataItem(message)
	if err == nil {
		l.sendBytes(data)
	}
}

func (l *fuzzed) sendBytes(data []byte) {
	select {
	case l.in <- data:
	case <-l.done:
	}
}

// confirm answers what the client needs to get going, and GOODBYE.
func confirm(msg wamp.Message) []any {
	role := wamp.Dict{"features": wamp.Dict{wamp.FeatureProgCallInvocations: true, wamp.FeaturePayloadPassthruMode: true}}
	switch m := msg.(type) {
	case *wamp.Hello:
		return []any{wamp.WELCOME, 1, wamp.Dict{"roles": wamp.Dict{"broker": role, "dealer": role}}}
	case *wamp.Subscribe:
		return []any{wamp.SUBSCRIBED, m.Request, 1}
	case *wamp.Register:
		return []any{wamp.REGISTERED, m.Request, 1}
	case *wamp.Goodbye:
		return []any{wamp.GOODBYE, wamp.Dict{}, wamp.ErrGoodbyeAndOut}
	}
	return nil
}

// script turns bytes into messages that nearly fit: each takes four of them, for the
// type, the request, the handler, and what stands in details and payload.
func script(data []byte) (messages [][]any) {
	kinds := []wamp.MessageType{wamp.EVENT, wamp.INVOCATION, wamp.RESULT, wamp.ERROR, wamp.INTERRUPT, wamp.PUBLISHED,
		wamp.SUBSCRIBED, wamp.UNSUBSCRIBED, wamp.REGISTERED, wamp.UNREGISTERED, wamp.WELCOME, wamp.CHALLENGE, wamp.ABORT, wamp.GOODBYE}
	details := []wamp.Dict{nil, {"progress": true}, {"progress": true, "receive_progress": true}, {"timeout": -5}, {"ppt_scheme": "wamp"},
		{"ppt_scheme": "mqtt", "ppt_serializer": 1}, {"enc_algo": "cryptobox"}, {"ppt_scheme": "wamp", "ppt_serializer": "cbor", "ppt_cipher": "aes256gcm"}}
	payloads := [][]any{nil, {[]any{}}, {[]any{1}}, {[]any{[]byte("x")}, wamp.Dict{"a": 1}}, {[]byte("raw")}, {[]any{}, wamp.Dict{"enc": 1}}, {5}, {nil, nil, nil}}
	for ; len(data) >= 4 && len(messages) < 300; data = data[4:] {
		kind := kinds[int(data[0])%len(kinds)]
		id, handler := int(data[1])%12, int(data[2])%3
		dict, payload := details[data[3]&7], payloads[data[3]>>3&7]
		var m []any
		switch kind {
		case wamp.EVENT, wamp.INVOCATION:
			m = append([]any{kind, id, handler, dict}, payload...)
			if kind == wamp.EVENT {
				m[1], m[2] = handler, id
			}
		case wamp.RESULT:
			m = append([]any{kind, id, dict}, payload...)
		case wamp.ERROR:
			m = append([]any{kind, []int{48, 32, 64, 16}[handler], id, dict, "com.example.error"}, payload...)
		case wamp.ABORT, wamp.GOODBYE:
			m = []any{kind, dict, "com.example.reason"}
		case wamp.CHALLENGE:
			m = []any{kind, "wampcra", dict}
		default:
			m = []any{kind, id, handler}
		}
		messages = append(messages, m)
	}
	return messages
}

// FuzzPeer: whatever a router sends, nexus's client on a Peer doesn't panic, each
// call returns, Close returns in time, and no goroutine is left: a bubble fails where
// one is.
func FuzzPeer(f *testing.F) {
	f.Add(uint8(0), true, []byte{0, 1, 1, 0, 1, 1, 1, 2, 2, 3, 0, 1, 2, 3, 0, 0, 2, 3, 0, 0})
	f.Add(uint8(1), true, []byte{1, 5, 1, 1, 1, 5, 1, 1, 1, 5, 1, 1, 1, 5, 1, 0, 4, 5, 0, 0, 1, 5, 1, 0})
	f.Add(uint8(2), true, []byte{0, 1, 1, 4, 1, 1, 1, 4, 2, 3, 1, 4, 3, 3, 0, 12, 0, 1, 1, 5, 0, 1, 1, 7})
	f.Add(uint8(3), true, []byte{2, 3, 0, 1, 2, 3, 0, 1, 3, 3, 0, 0, 2, 4, 0, 0, 2, 5, 0, 33, 2, 6, 0, 40, 13, 0, 0, 0})
	f.Add(uint8(4), true, []byte{10, 1, 0, 0, 11, 1, 0, 0, 6, 3, 2, 0, 7, 4, 0, 0, 8, 5, 0, 0, 12, 0, 0, 0})
	f.Add(uint8(0), false, []byte(`[36,1,1,{"ppt_scheme":"wamp"},[]]`))
	f.Add(uint8(0), false, []byte(`[68,1,1,{"progress":true},[1]]`))
	f.Add(uint8(3), false, []byte(`[50,3,{"ppt_scheme":5}]`))
	f.Add(uint8(0), false, []byte(`[]`))
	f.Fuzz(func(t *testing.T, mode uint8, structured bool, data []byte) {
		framing := wire.Framings()[int(mode)%3]
		names := []serialize.Serialization{serialize.JSON, serialize.MSGPACK, serialize.CBOR}
		codec, err := link.NewCodec(names[int(mode/3)%3])
		require.NoError(t, err)
		var messages [][]any
		if structured {
			messages = script(data)
		}
		synctest.Test(t, func(t *testing.T) {
			l := &fuzzed{codec: codec, in: make(chan []byte, 1024), done: make(chan struct{}), answer: confirm}
			session := startFuzzed(t, l, framing)
			go func() {
				for _, m := range messages {
					l.send(m)
				}
				if !structured {
					l.sendBytes(data)
				}
			}()
			session.use(t)
			session.end(t)
			time.Sleep(2 * fuzzTimeout) // a handler may still wait for what nexus has it wait for
		})
	})
}

// fuzzSession is a client on a Peer, with all that a router can interfere with.
type fuzzSession struct {
	client *client.Client
	peer   *peer.Peer
}

func startFuzzed(t *testing.T, l *fuzzed, framing wire.Framing) *fuzzSession {
	p := peer.New(l, peer.Config{Framing: framing, ResponseTimeout: fuzzTimeout, Report: func(*peer.Violation) {}})
	c, err := client.NewClient(p, client.Config{Realm: "realm1", ResponseTimeout: fuzzTimeout, Logger: log.New(io.Discard, "", 0)})
	require.NoError(t, err)
	s := &fuzzSession{c, p}
	require.NoError(t, c.Subscribe("com.example.topic", func(*wamp.Event) { _ = c.Publish("com.example.echo", nil, nil, nil) }, nil))
	p.Subscribed(1)
	require.NoError(t, c.Register("com.example.procedure", func(ctx context.Context, inv *wamp.Invocation) client.InvokeResult {
		p.Taken(inv.Request)
		ctx, cancel := context.WithTimeout(ctx, fuzzTimeout/10)
		defer cancel()
		_, _ = c.Call(ctx, "com.example.inner", nil, nil, nil, nil)
		_ = c.SendProgress(ctx, nil, nil)
		if wamp.OptionFlag(inv.Details, wamp.OptProgress) {
			return client.InvokeResult{Err: wamp.InternalProgressiveOmitResult}
		}
		return client.InvokeResult{}
	}, nil))
	p.Registered(1)
	return s
}

// use makes requests, from several goroutines, until they return.
func (s *fuzzSession) use(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), fuzzTimeout/5)
	defer cancel()
	var work sync.WaitGroup
	work.Go(func() { _, _ = s.client.Call(ctx, "com.example.x", nil, nil, nil, nil) })
	work.Go(func() { _, _ = s.client.Call(ctx, "com.example.x", nil, nil, nil, func(*wamp.Result) {}) })
	work.Go(func() { _ = s.client.Publish("com.example.x", wamp.Dict{wamp.OptAcknowledge: true}, nil, nil) })
	work.Go(func() { _ = s.client.Subscribe("com.example.other", func(*wamp.Event) {}, nil) })
	requireReturns(t, "a request", work.Wait)
}

// end closes the client, as a Session does.
func (s *fuzzSession) end(t *testing.T) {
	cut := time.AfterFunc(2*fuzzTimeout, s.peer.Close)
	defer cut.Stop()
	requireReturns(t, "Close", func() { _ = s.client.Close() })
	requireReturns(t, "the Peer's Close", s.peer.Close)
}

func requireReturns(t *testing.T, what string, f func()) {
	t.Helper()
	returned := make(chan struct{})
	go func() {
		f()
		close(returned)
	}()
	select {
	case <-returned:
	case <-time.After(5 * time.Second):
		require.FailNow(t, what+" doesn't return")
	}
}
