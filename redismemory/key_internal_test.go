package redismemory

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// TestKeyOfACall: the names that callees have in common don't change from one build to the
// next, or a call would be new once more while both run.
func TestKeyOfACall(t *testing.T) {
	m := &Memory{prefix: "{p}:"}
	msg := transparency.ReplayMessage{Scope: "call", Secret: "k", Bound: true, Sender: cryptobox.SenderID{1, 2, 3}, Counter: 7}
	require.Equal(t, "{p}:Xd9iE_6_UkdBpn8_lwm7y7vRIyaTozsn5TGOS8I3DBM", m.messageKey(&msg))
	msg.Signer = "signer 1"
	require.Equal(t, "{p}:EzxiopljZYDYCR1JoNayzKpkz8EK-txUChCADiY6KSM", m.messageKey(&msg))
}
