package transparency_test

import (
	"context"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// TestLeaseEnds: what began before the lease ended is finished, nothing begins after it, and all
// goes on with the next lease, what was subscribed and registered before too.
func TestLeaseEnds(t *testing.T) {
	forEachScheme(t, func(t *testing.T, k harness.Keys) {
		r := startRouter(t)
		ring := keyring.New()
		lent := func(seal, open time.Time) {
			t.Helper()
			given := harness.ClosedRing(t, bothRoles(k))
			given.Lease(seal, open)
			_, err := ring.Update("grants", given)
			require.NoError(t, err)
		}
		hour := time.Now().Add(time.Hour)
		lent(hour, hour)
		refused, option := harness.Collect()
		s := local.session(t, r, ring, option)
		peer := local.session(t, r, harness.ClosedRing(t, bothRoles(k)))
		const topic, procedure = harness.Prefix + "topic", harness.Prefix + "procedure"
		got := events(t, s, topic, nil)
		called, answer := make(chan struct{}, 1), make(chan struct{})
		waits := func(context.Context, *wamp.Invocation) client.InvokeResult {
			called <- struct{}{}
			<-answer
			return client.InvokeResult{Args: wamp.List{"done"}}
		}
		require.NoError(t, s.Register(procedure, waits, nil))
		require.NoError(t, peer.Register(procedure+".peer", waits, nil))
		under := []<-chan harness.Outcome{
			harness.Calling(func(ctx context.Context) (*wamp.Result, error) { return peer.Call(ctx, procedure, nil, nil, nil, nil) }),
			harness.Calling(func(ctx context.Context) (*wamp.Result, error) {
				return s.Call(ctx, procedure+".peer", nil, nil, nil, nil)
			}),
		}
		harness.Receive(t, called)
		harness.Receive(t, called)

		lent(time.Now().Add(-time.Minute), hour)
		const saying = "the lease of the pattern's keys has ended: they "
		require.ErrorContains(t, s.Publish(topic, nil, nil, nil), saying+"sealed until ")
		began := harness.Calling(func(ctx context.Context) (*wamp.Result, error) { return peer.Call(ctx, procedure, nil, nil, nil, nil) })
		harness.Receive(t, called)
		under = append(under, began) // what opens is answered
		lent(time.Now().Add(-time.Minute), time.Now().Add(-time.Minute))
		close(answer)
		for _, call := range under {
			outcome := harness.Receive(t, call)
			require.NoError(t, outcome.Err)
			require.Equal(t, wamp.List{"done"}, outcome.Result.Arguments)
		}
		for _, err := range []error{
			s.Publish(topic, nil, nil, nil), s.Subscribe(topic+"2", func(*wamp.Event) {}, nil), s.Register(procedure+"2", waits, nil), call(t, s, procedure),
		} {
			harness.RequireReason(t, err, transparency.NoKey)
			require.ErrorContains(t, err, saying)
		}
		require.NoError(t, peer.Publish(topic, nil, nil, nil))
		harness.RequireReason(t, refused.Next(t), transparency.NotOpened)
		require.Error(t, call(t, peer, procedure))
		told := refused.Next(t)
		harness.RequireReason(t, told, transparency.NotOpened)
		require.ErrorContains(t, told, saying+"opened until ")

		lent(hour, hour)
		require.NoError(t, peer.Publish(topic, nil, nil, nil))
		harness.Receive(t, got)
		require.NoError(t, call(t, peer, procedure))
		require.NoError(t, s.Publish(topic, nil, nil, nil))
		require.Empty(t, got)
	})
}

func call(t *testing.T, s *transparency.Session, procedure string) error {
	_, err := s.Call(harness.Timeout(t), procedure, nil, nil, nil, nil)
	return err
}

// bothRoles gives the key of who plays both roles, of a shared key too.
func bothRoles(k harness.Keys) keyring.Key {
	if key := k.PairKey(); key.Validate() == nil {
		return key
	}
	return k.OriginatorKey()
}
