package transparency_test

import (
	"context"
	"testing"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// TestChunksThatBeganToBindLater: docs/FORMAT.md 7.3 and 9.E, steps 2 and 6. The first chunk has no
// binding, the second has one; from then on all need one, and of the same sender.
func TestChunksThatBeganToBindLater(t *testing.T) {
	for name, reason := range map[string]transparency.Reason{"unbound": transparency.Unbound, "another sender": transparency.WrongRequest} {
		t.Run(name, func(t *testing.T) {
			k := harness.NewKeys()
			f := harness.NewForger(t, harness.RingOf(t, k.OriginatorKey()), keyring.RoleOriginator)
			box, refused := &scripted{}, []*transparency.Error(nil)
			s, err := transparency.Wrap(box, harness.Realm, harness.RingOf(t, k.ResponderKey().AllowUnbound()),
				transparency.WithOnReject(func(e *transparency.Error) { refused = append(refused, e) }))
			require.NoError(t, err)
			require.NoError(t, s.Register(harness.Prefix+"x", func(context.Context, *wamp.Invocation) client.InvokeResult {
				return client.InvokeResult{Err: wamp.InternalProgressiveOmitResult}
			}, nil))
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			chunk := func(kwargs wamp.Dict) {
				box.onCall(ctx, &wamp.Invocation{Request: 1, Details: wamp.Dict{"progress": true}, ArgumentsKw: kwargs})
			}
			first, token := f.SealToken(harness.Prefix+"x", nil)
			later := func(seq uint64) *cryptobox.Bind {
				return f.Bind(cryptobox.KindCallProgress, func(b *cryptobox.Bind) { b.Re, b.Seq = token, seq })
			}
			chunk(first)
			chunk(f.Seal(harness.Prefix+"x", later(1)))
			require.Empty(t, refused)
			third := (*cryptobox.Bind)(nil)
			if reason == transparency.WrongRequest {
				third = later(2)
				third.From = cryptobox.NewSenderID()
			}
			chunk(f.Seal(harness.Prefix+"x", third))
			require.Len(t, refused, 1)
			require.ErrorIs(t, refused[0], reason)
		})
	}
}
