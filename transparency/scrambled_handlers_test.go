package transparency_test

import (
	"context"
	"fmt"
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
)

// TestScrambledHandlersUseTheSession: handlers subscribe, unsubscribe, register, unregister and call
// while secrets change all the time. Nothing hangs, and what stands in the end is in place.
func TestScrambledHandlersUseTheSession(t *testing.T) {
	k, r, first := harness.NewKeys(), startRouter(t), cryptobox.GenerateScrambleSecret()
	responding, originating := scrambledRing(t, k.ResponderKey(), first), scrambledRing(t, k.OriginatorKey(), first)
	s, o := links[1].session(t, r, responding), links[1].session(t, r, originating)
	var handled, served atomic.Int64
	nothing := func(*wamp.Event) {}
	event := func(*wamp.Event) {
		n := handled.Add(1)
		uri := fmt.Sprintf("%sother.%d", below, n%3)
		_ = s.Subscribe(uri, nothing, nil)
		_ = s.Unsubscribe(uri)
		_ = s.Register(uri, harness.Echo, nil)
		_, _ = s.RouterURIs(uri, nil)
		_ = s.Unregister(uri)
		_ = s.Unsubscribe(below + "t.")
		_ = s.Ready()
	}
	require.NoError(t, s.Subscribe(below+"t.", event, prefixed))
	require.NoError(t, s.Register(below+"p", func(_ context.Context, inv *wamp.Invocation) client.InvokeResult {
		served.Add(1)
		_ = s.Subscribe(below+"t.", event, prefixed)
		return client.InvokeResult{Args: inv.Arguments}
	}, nil))
	until := time.Now().Add(time.Second)
	var all sync.WaitGroup
	all.Go(func() {
		for i := 0; time.Now().Before(until); i++ {
			secret := cryptobox.GenerateScrambleSecret()
			for _, ring := range []*keyring.Ring{responding, originating} {
				if err := ring.AddScramble(below, secret, keyring.Dates{ActiveFrom: time.Now().Add(-time.Microsecond)}); err != nil {
					t.Error(err)
				}
			}
			time.Sleep(5 * time.Millisecond)
			if i%4 == 3 {
				for _, ring := range []*keyring.Ring{responding, originating} {
					_ = ring.Scramble(below, secret)
				}
			}
		}
	})
	for i := range 4 {
		all.Go(func() {
			for time.Now().Before(until) {
				if i%2 == 0 {
					_ = o.Publish(below+"t.x", wamp.Dict{wamp.OptAcknowledge: true}, wamp.List{i}, nil)
					continue
				}
				_, _ = o.Call(harness.Timeout(t), below+"p", nil, wamp.List{i}, nil, nil)
			}
		})
	}
	all.Wait()
	require.Positive(t, handled.Load())
	require.Positive(t, served.Load())
	got := events(t, s, below+"end", nil)
	require.Eventually(t, func() bool { return s.Ready() == nil }, harness.Patience, time.Millisecond)
	require.NoError(t, o.Publish(below+"end", nil, wamp.List{"x"}, nil))
	harness.Receive(t, got)
	result, err := o.Call(harness.Timeout(t), below+"p", nil, wamp.List{"x"}, nil, nil)
	require.NoError(t, err)
	require.Equal(t, wamp.List{"x"}, result.Arguments)
}
