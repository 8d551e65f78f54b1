package transparency_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// TestNothingPlainWhileAPatternIsMixedOrClosed: a ring goes to and fro between one by which
// what was asked for is mixed and one that says nothing of the URI. Neither lets anything
// plain in, and nor does the change.
func TestNothingPlainWhileAPatternIsMixedOrClosed(t *testing.T) {
	k := harness.NewKeys()
	asked, public := keyring.Prefix("com."), keyring.Prefix(publicPrefix)
	for name, deliver := range map[string]func(box *scripted){
		"events": func(box *scripted) {
			box.event(&wamp.Event{Details: wamp.Dict{"topic": publicPrefix + "x"}, Arguments: wamp.List{"made up"}})
		},
		"invocations": func(box *scripted) {
			box.invocation(context.Background(), &wamp.Invocation{Details: wamp.Dict{"procedure": publicPrefix + "x"}, Arguments: wamp.List{"made up"}})
		},
	} {
		t.Run(name, func(t *testing.T) {
			ring := harness.ClosedRing(t, k.ResponderKey())
			s, box := stubbed(t, ring)
			var taken atomic.Int64
			require.NoError(t, s.Subscribe(asked.URI, func(*wamp.Event) { taken.Add(1) }, matching(asked)))
			require.NoError(t, s.Register(asked.URI, func(context.Context, *wamp.Invocation) client.InvokeResult {
				taken.Add(1)
				return client.InvokeResult{}
			}, matching(asked)))
			end := time.Now().Add(1500 * time.Millisecond)
			var flood sync.WaitGroup
			for range 3 {
				flood.Go(func() {
					for time.Now().Before(end) && taken.Load() == 0 {
						deliver(box)
					}
				})
			}
			for time.Now().Before(end) && taken.Load() == 0 {
				require.NoError(t, ring.SetPlain(public))
				require.NoError(t, ring.Remove(public))
			}
			flood.Wait()
			require.Zero(t, taken.Load(), "something plain was taken")
		})
	}
}
