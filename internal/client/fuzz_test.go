package client_test

import (
	"context"
	"io"
	"log"
	"net"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	nexus "github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/transport/serialize"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/client"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/link"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/link/message"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/wire"
)

// fuzzTimeout is the response timeout, in the time of a bubble.
const fuzzTimeout = time.Second

// fuzzed is a link that a fuzzer plays: what is read from it has gone through a real codec.
type fuzzed struct {
	t          *testing.T
	codec      *message.Codec
	serializer serialize.Serializer
	in         chan []byte
	done       chan struct{}
	once       sync.Once
	answer     func(m *message.Out) []any
}

func (l *fuzzed) IsLocal() bool { return false }

func (l *fuzzed) Form(v any) (any, error) { return v, nil }

func (l *fuzzed) Close() error {
	l.once.Do(func() { close(l.done) })
	return nil
}

func (l *fuzzed) Read(in *link.Incoming) error {
	for {
		select {
		case data := <-l.in:
			if ok, err := in.ReadFrom(l.codec, data); ok || err != nil {
				return err
			}
		case <-l.done:
			return net.ErrClosed
		}
	}
}

func (l *fuzzed) Write(_ context.Context, _ time.Duration, m message.Out) error {
	if _, err := l.codec.Append(nil, &m); err != nil {
		return err
	}
	if reply := l.answer(&m); reply != nil {
		go l.send(reply)
	}
	return nil
}

func (l *fuzzed) send(list []any) {
	if data, err := l.serializer.SerializeDataItem(list); err == nil {
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
func confirm(m *message.Out) []any {
	role := wamp.Dict{"features": wamp.Dict{wamp.FeatureProgCallInvocations: true, wamp.FeaturePayloadPassthruMode: true}}
	switch m.Type {
	case wamp.HELLO:
		return []any{wamp.WELCOME, 1, wamp.Dict{"roles": wamp.Dict{"broker": role, "dealer": role}}}
	case wamp.SUBSCRIBE:
		return []any{wamp.SUBSCRIBED, m.Request, 1}
	case wamp.REGISTER:
		return []any{wamp.REGISTERED, m.Request, 1}
	case wamp.GOODBYE:
		return []any{wamp.GOODBYE, wamp.Dict{}, wamp.ErrGoodbyeAndOut}
	}
	return nil
}

// script turns bytes into messages that nearly fit: each takes four of them, for the type,
// the request, the handler, and what is in details and payload.
func script(data []byte) (messages [][]any) {
	kinds := []wamp.MessageType{
		wamp.EVENT, wamp.INVOCATION, wamp.RESULT, wamp.ERROR, wamp.INTERRUPT, wamp.PUBLISHED, wamp.SUBSCRIBED,
		wamp.UNSUBSCRIBED, wamp.REGISTERED, wamp.UNREGISTERED, wamp.WELCOME, wamp.CHALLENGE, wamp.ABORT, wamp.GOODBYE,
	}
	details := []wamp.Dict{
		nil, {"progress": true}, {"progress": true, "receive_progress": true}, {"timeout": -5}, {"ppt_scheme": "wamp"},
		{"timeout": 50, "progress": true}, {"enc_algo": "cryptobox", "enc_serializer": "json"}, {"ppt_scheme": "wamp", "ppt_serializer": "cbor", "ppt_cipher": "aes256gcm"},
	}
	payloads := [][]any{nil, {[]any{}}, {[]any{1}}, {[]any{[]byte("x")}, wamp.Dict{"a": 1}}, {[]byte("raw")}, {[]any{}, wamp.Dict{"enc": append([]byte{1}, make([]byte, cryptobox.MinSealed)...)}}, {5}, {nil, nil, nil}}
	for ; len(data) >= 4 && len(messages) < 300; data = data[4:] {
		kind := kinds[int(data[0])%len(kinds)]
		id, handler := int(data[1])%12, int(data[2])%3
		dict, payload := details[data[3]&7], payloads[data[3]>>3&7]
		var m []any
		switch kind {
		case wamp.EVENT:
			m = append([]any{kind, handler, id, dict}, payload...)
		case wamp.INVOCATION:
			m = append([]any{kind, id, handler, dict}, payload...)
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

// FuzzClient: whatever a router sends, nothing panics, each request returns, an event
// handler gets no event twice at a time, Close returns in time, and no goroutine is left:
// a bubble fails where one is.
func FuzzClient(f *testing.F) {
	f.Add(uint8(0), true, []byte{0, 1, 1, 0, 1, 1, 1, 2, 2, 3, 0, 1, 2, 3, 0, 0, 2, 3, 0, 0})
	f.Add(uint8(1), true, []byte{1, 5, 1, 1, 1, 5, 1, 1, 1, 5, 1, 1, 1, 5, 1, 0, 4, 5, 0, 0, 1, 5, 1, 0})
	f.Add(uint8(2), true, []byte{0, 1, 1, 4, 1, 1, 1, 4, 2, 3, 1, 4, 3, 3, 0, 12, 0, 1, 1, 5, 0, 1, 1, 7})
	f.Add(uint8(3), true, []byte{2, 3, 0, 1, 2, 3, 0, 1, 3, 3, 0, 0, 2, 4, 0, 0, 2, 5, 0, 33, 2, 6, 0, 40, 13, 0, 0, 0})
	f.Add(uint8(4), true, []byte{10, 1, 0, 0, 11, 1, 0, 0, 6, 3, 2, 0, 7, 4, 0, 0, 8, 5, 0, 0, 12, 0, 0, 0})
	f.Add(uint8(8), true, []byte{1, 1, 1, 5, 1, 2, 1, 5, 4, 1, 0, 0, 1, 1, 1, 1, 2, 4, 0, 1, 2, 4, 0, 1, 2, 4, 0, 0})
	f.Add(uint8(0), false, []byte(`[36,1,1,{"ppt_scheme":"wamp"},[]]`))
	f.Add(uint8(0), false, []byte(`[68,1,1,{"progress":true},[1]]`))
	f.Add(uint8(3), false, []byte(`[50,3,{"ppt_scheme":5}]`))
	f.Add(uint8(0), false, []byte(`[]`))
	f.Fuzz(func(t *testing.T, mode uint8, structured bool, data []byte) {
		kinds := []serialize.Serialization{serialize.JSON, serialize.MSGPACK, serialize.CBOR}
		serializers := []serialize.Serializer{&serialize.JSONSerializer{}, &serialize.MessagePackSerializer{}, &serialize.CBORSerializer{}}
		codec, err := message.New(kinds[int(mode)%3])
		require.NoError(t, err)
		var messages [][]any
		if structured {
			messages = script(data)
		}
		synctest.Test(t, func(t *testing.T) {
			l := &fuzzed{
				t: t, codec: codec, serializer: serializers[int(mode)%3],
				in: make(chan []byte, 1024), done: make(chan struct{}), answer: confirm,
			}
			c := startFuzzed(t, l)
			go func() {
				for _, m := range messages {
					l.send(m)
				}
				if !structured {
					l.sendBytes(data)
				}
			}()
			use(t, c)
			requireReturns(t, "Close", func() { _ = c.Close() })
			requireReturns(t, "Done", func() { <-c.Done() })
			require.Error(t, c.Err())
			time.Sleep(2 * fuzzTimeout) // in which handlers end
		})
	})
}

// startFuzzed joins, with all that a router can interfere with.
func startFuzzed(t *testing.T, l *fuzzed) *client.Client {
	c, err := client.New(t.Context(), l, client.Config{
		Config:  nexus.Config{Realm: "realm1", ResponseTimeout: fuzzTimeout, Logger: log.New(io.Discard, "", 0)},
		Refused: func(wamp.MessageType, error) {},
		Ended:   func(error) {},
	})
	require.NoError(t, err)
	var handling sync.Mutex
	require.NoError(t, c.Subscribe("com.example.topic", nil, func(*client.Event) {
		require.True(t, handling.TryLock(), "two events at a time")
		defer handling.Unlock()
		_ = c.Publish("com.example.echo", &wire.Part{}, nil)
	}))
	require.NoError(t, c.Register("com.example.procedure", nil, func(inv *client.Invocation, r *client.Received) {
		ctx, cancel := context.WithTimeout(inv.Context(), fuzzTimeout/10)
		defer cancel()
		_ = c.Call(ctx, "com.example.inner", &wire.Part{}, nil, new(client.Result))
		_ = inv.Progress(ctx, &wire.Part{})
		if !wamp.OptionFlag(r.Details, wamp.OptProgress) {
			_ = inv.Yield(&wire.Part{Args: r.Args}, nil)
		}
	}))
	return c
}

// use makes requests, from several goroutines, until they return.
func use(t *testing.T, c *client.Client) {
	ctx, cancel := context.WithTimeout(context.Background(), fuzzTimeout/5)
	defer cancel()
	var work sync.WaitGroup
	work.Go(func() { _ = c.Call(ctx, "com.example.x", &wire.Part{}, nil, new(client.Result)) })
	work.Go(func() {
		_ = c.Call(ctx, "com.example.x", &wire.Part{}, func(*client.Result) error { return nil }, new(client.Result))
	})
	work.Go(func() {
		chunks := 0
		_ = c.CallProgressive(ctx, "com.example.x", func(context.Context) (*wire.Part, error) {
			chunks++
			return &wire.Part{Dict: wamp.Dict{wamp.OptProgress: chunks < 3}}, nil
		}, nil, new(client.Result))
	})
	work.Go(func() { _ = c.Publish("com.example.x", &wire.Part{Dict: wamp.Dict{wamp.OptAcknowledge: true}}, nil) })
	work.Go(func() { _ = c.Subscribe("com.example.other", nil, func(*client.Event) {}) })
	requireReturns(t, "a request", work.Wait)
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

// TestFuzzSeeds: scripts reach each type of message.
func TestFuzzSeeds(t *testing.T) {
	kinds := map[any]bool{}
	for i := range 14 {
		for _, m := range script([]byte{byte(i), 1, 1, 1}) {
			kinds[m[0]] = true
		}
	}
	require.Len(t, kinds, 14)
}
