package transparency_test

import (
	"context"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/handrouter"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// slowMemory answers when it is told to.
type slowMemory struct {
	transparency.ReplayMemory
	asked   chan struct{}
	answers chan struct{}
}

func (m *slowMemory) Accept(context.Context, *transparency.ReplayMessage) error {
	m.asked <- struct{}{}
	<-m.answers
	return nil
}

// TestUnopenedInvocationsAreBounded: no more are read than 64 MiB of them, until some
// are opened.
func TestUnopenedInvocationsAreBounded(t *testing.T) {
	const size, fit, all = 14 << 20, 4, 6
	k := harness.NewKeys()
	memory := &slowMemory{ReplayMemory: transparency.NewReplayMemory(), asked: make(chan struct{}, all), answers: make(chan struct{})}
	p := playQuietly(t, dialects[0], handrouter.RawSocket, "msgpack", k.ResponderKey(), k.OriginatorKey(), transparency.WithReplayMemory(memory))
	served := make(chan struct{}, all)
	p.registered(harness.Prefix+"x", func(context.Context, *wamp.Invocation) client.InvokeResult {
		served <- struct{}{}
		return client.InvokeResult{}
	})
	env, _ := p.Envelope(&harness.Record{URI: harness.Prefix + "x", Args: []any{make([]byte, size)}, Bound: *p.Bind(cryptobox.KindCall, nil)})
	go func() {
		for i := range all { // all the same, which this memory doesn't mind
			head := []any{wamp.INVOCATION, i + 1, registration, wamp.Dict{}}
			p.Send(p.dialect.message(head, p.dialect.fields(env), p.binary(env.Payload))...)
		}
	}()
	for range fit {
		<-memory.asked
	}
	select {
	case <-memory.asked:
		require.Fail(t, "more was read than may wait")
	case <-time.After(time.Second):
	}
	close(memory.answers)
	for range all {
		<-served
	}
}
