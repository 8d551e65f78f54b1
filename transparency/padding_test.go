package transparency_test

import (
	"strings"
	"testing"

	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// TestPaddedPayloadsLookAlike: for whoever sees the envelopes, and nobody else.
func TestPaddedPayloadsLookAlike(t *testing.T) {
	k := harness.NewKeys()
	r := startRouter(t)
	const size = 1024
	from := local.session(t, r, harness.RingOf(t, k.OriginatorKey()), transparency.WithPadding(func(least int) int { return max(least, size) }))
	delivered := events(t, local.session(t, r, harness.RingOf(t, k.ResponderKey())), harness.Prefix+"x", nil)
	seen := events(t, local.plain(t, r), harness.Prefix+"x", nil)
	for _, text := range []string{"", "a", strings.Repeat("b", 500)} {
		require.NoError(t, from.Publish(harness.Prefix+"x", nil, wamp.List{text}, nil))
		require.Equal(t, wamp.List{text}, harness.Receive(t, delivered).Arguments)
		require.Len(t, harness.Receive(t, seen).ArgumentsKw["enc"], cryptobox.MinSealed+size)
	}
}

func TestUnusablePadding(t *testing.T) {
	k := harness.NewKeys()
	s := local.session(t, startRouter(t), harness.RingOf(t, k.OriginatorKey()), transparency.WithPadding(func(int) int { return 3 }))
	err := s.Publish(harness.Prefix+"x", nil, nil, nil)
	harness.RequireReason(t, err, transparency.Misuse)
	require.ErrorIs(t, err, cryptobox.ErrPadding)
	_, err = transparency.Wrap(&scripted{}, harness.Realm, harness.RingOf(t, k.OriginatorKey()), transparency.WithPadding(nil))
	require.ErrorIs(t, err, transparency.ErrOption)
}
