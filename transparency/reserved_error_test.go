package transparency_test

import (
	"testing"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// TestOwnErrorURIsAreNotTheApplications: what a handler raises isn't our protocol's own. The
// caller gets another error, sealed where the call was.
func TestOwnErrorURIsAreNotTheApplications(t *testing.T) {
	k := harness.NewKeys()
	for name, c := range map[string]struct{ callee, caller *keyring.Ring }{
		"plain":   {harness.PlainRing(t), harness.PlainRing(t)},
		"sealed":  {harness.RingOf(t, k.ResponderKey()), harness.RingOf(t, k.OriginatorKey())},
		"foreign": {harness.RingOf(t, k.In(cryptobox.Passthru).ResponderKey()), harness.RingOf(t, k.In(cryptobox.Passthru).OriginatorKey())},
	} {
		for _, uri := range []wamp.URI{"wampbox.error", "wampbox.error.sealed_only", "wampbox.errors"} {
			t.Run(name+" "+string(uri), func(t *testing.T) {
				r := startRouter(t)
				refused, option := harness.Collect()
				callee := local.session(t, r, c.callee, option)
				require.NoError(t, callee.Register(harness.Prefix+"x", answering(client.InvokeResult{Err: uri, Args: wamp.List{"made up"}}), nil))
				_, err := local.session(t, r, c.caller).Call(harness.Timeout(t), harness.Prefix+"x", nil, nil, nil, nil)
				raised := harness.Raised(t, err)
				require.Equal(t, wamp.URI("wamp.error.runtime_error"), raised.Error)
				require.Empty(t, raised.Arguments)
				_, sealed := transparency.InfoFrom(raised.Details)
				require.Equal(t, name == "sealed", sealed)
				told := refused.Next(t)
				harness.RequireReason(t, told, transparency.ReservedOption)
				require.Equal(t, "yield", told.Op)
				require.Equal(t, string(uri), told.URI)
				require.Equal(t, 1, refused.Count())
			})
		}
	}
}
