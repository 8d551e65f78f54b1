package keyring

import (
	"bytes"
	"fmt"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

// names are what follows from a key, and gives nothing of it away.
type names struct {
	id                    cryptobox.KeyID
	text                  string // of the id
	secret                string // the same wherever the secret is
	originator, responder cryptobox.PublicKey
}

// named gives the key with what its names are found by, at the first use: an
// exponentiation.
func (k Key) named() Key {
	m, kind, suite := k.material, k.kind, k.suite
	k.names = sync.OnceValue(func() names {
		if kind == kindShared {
			id := cryptobox.SharedID(m.symmetric)
			return names{id: id, text: id.String(), secret: id.String()}
		}
		own, peer := m.own(), m.peer
		originator, responder := own, peer
		if kind == kindResponder {
			originator, responder = peer, own
		}
		id := cryptobox.PairID(suite, originator, responder)
		n := names{id: id, text: id.String(), originator: originator, responder: responder}
		// Both ends agree on one secret, whichever of them is the originator, in every
		// dialect and suite.
		if bytes.Compare(own.Bytes(), peer.Bytes()) > 0 {
			own, peer = peer, own
		}
		n.secret = cryptobox.PairID(0, own, peer).String()
		return n
	})
	return k
}

// checkID checks a given id. Ids travel in the clear.
func checkID(id string) error {
	if id == "" {
		return fmt.Errorf("%w: the key id is empty: give the one that all peers use", ErrKey)
	}
	return checkText("key id", id)
}

// checkText checks what is shown in logs.
func checkText(what, text string) error {
	switch {
	case text == "":
		return fmt.Errorf("%w: the %s is empty: give it one", ErrKey, what)
	case len(text) > cryptobox.MaxKeyID:
		return fmt.Errorf("%w: the %s has %d bytes: at most %d are allowed", ErrKey, what, len(text), cryptobox.MaxKeyID)
	case !utf8.ValidString(text):
		return fmt.Errorf("%w: the %s isn't UTF-8: give it as text", ErrKey, what)
	}
	for _, r := range text {
		if !unicode.IsPrint(r) {
			return fmt.Errorf("%w: the %s has a character that doesn't print: %U: leave it out", ErrKey, what, r)
		}
	}
	return nil
}
