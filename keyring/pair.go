package keyring

import (
	"fmt"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

// Pair is the key of a party that holds both ends' private keys, as an operator or a test
// does. It serves both roles, and works with the [Originator] and the [Responder] that hold
// one of them each.
//
// Give the parties of a conversation one half each, so that neither can speak
// for the other.
func Pair(originator, responder cryptobox.PrivateKey) Key {
	switch {
	case originator.IsZero():
		return Key{err: zeroKey("originator's private key")}
	case responder.IsZero():
		return Key{err: zeroKey("responder's private key")}
	case originator.Equal(responder):
		return Key{err: fmt.Errorf("%w: a pair has two private keys, and these are one: make another; one for all is for Autobahn's peers alone", ErrKey)}
	}
	// Both halves agree on one secret, so one of them does for both roles.
	k := half(kindOriginator, originator, responder.Public())
	k.kind = kindPair
	return k.named()
}
