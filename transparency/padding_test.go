package transparency_test

import (
	"strings"
	"testing"

	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/wire"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// TestPaddedPayloadsLookAlike: for whoever sees the envelopes, and nobody else.
func TestPaddedPayloadsLookAlike(t *testing.T) {
	k := newKeys()
	r := startRouter(t)
	const size = 1024
	for _, serializer := range []cryptobox.Serializer{cryptobox.JSON, cryptobox.MessagePack, cryptobox.CBOR} {
		t.Run(string(serializer), func(t *testing.T) {
			from := local.session(t, r, ringOf(t, k.originatorKey()), transparency.WithSerializer(serializer),
				transparency.WithPadding(func(least int) int { return max(least, size) }))
			delivered := events(t, local.session(t, r, ringOf(t, k.responderKey())), prefix+"x", nil)
			seen := events(t, local.plain(t, r), prefix+"x", nil)
			for _, text := range []string{"", "a", strings.Repeat("b", 500)} {
				require.NoError(t, from.Publish(prefix+"x", nil, wamp.List{text}, nil))
				require.Equal(t, wamp.List{text}, receive(t, delivered).Arguments)
				event := receive(t, seen)
				env, err := wire.EncArgument{}.Take(&wire.Part{Args: event.Arguments, Kwargs: event.ArgumentsKw})
				require.NoError(t, err)
				require.Len(t, env.Payload, 40+size)
			}
		})
	}
}

func TestUnusablePadding(t *testing.T) {
	k := newKeys()
	s := local.session(t, startRouter(t), ringOf(t, k.originatorKey()), transparency.WithPadding(func(int) int { return 3 }))
	err := s.Publish(prefix+"x", nil, nil, nil)
	requireReason(t, err, transparency.Malformed)
	require.ErrorIs(t, err, cryptobox.ErrPadding)
	_, err = transparency.Wrap(&scripted{}, realm, ringOf(t, k.originatorKey()), transparency.WithPadding(nil))
	require.ErrorIs(t, err, transparency.ErrOption)
}
