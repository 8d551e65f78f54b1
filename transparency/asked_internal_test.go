package transparency

import (
	"io"
	"log"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// TestAdaptBeforeAsked: the ring may change when something is on the list and nobody has taken its
// lock to ask the router for it.
func TestAdaptBeforeAsked(t *testing.T) {
	ring := keyring.New()
	require.NoError(t, ring.Scramble("com.myapp.", cryptobox.GenerateScrambleSecret()))
	s, err := newSession("realm1", ring, log.New(io.Discard, "", 0), nil)
	require.NoError(t, err)
	a := s.asked.get(opSubscribe, keyring.Exact("com.myapp.x"))
	until, complete := s.adapt(a)
	require.True(t, complete)
	require.Zero(t, until)
	require.Empty(t, a.texts)
	require.NoError(t, s.incomplete())
}
