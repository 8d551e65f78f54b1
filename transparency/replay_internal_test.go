package transparency

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

// TestSeenIsBounded: the memory keeps the newest payloads, and no more.
func TestSeenIsBounded(t *testing.T) {
	box, err := cryptobox.NewSecretBox(cryptobox.GenerateSymmetricKey())
	require.NoError(t, err)
	token := func() cryptobox.Token {
		_, token, err := cryptobox.Seal(box, cryptobox.CBOR, "", &cryptobox.Record{URI: "a"})
		require.NoError(t, err)
		return token
	}
	var memory seen
	first, second := token(), token()
	require.True(t, memory.add(first))
	require.True(t, memory.add(second))
	require.False(t, memory.add(first))
	for range maxSeen - 2 {
		require.True(t, memory.add(token()))
	}
	require.False(t, memory.add(first), "as many are kept")
	require.True(t, memory.add(token()))
	require.Len(t, memory.tokens, maxSeen)
	require.Len(t, memory.order, maxSeen)
	require.False(t, memory.add(second))
	require.True(t, memory.add(first), "the oldest one made room")
}
