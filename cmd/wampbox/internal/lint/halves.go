package lint

import (
	"crypto/sha256"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

// halves are the keys of a version, as far as they are no secret: empty where they can't be
// had.
type halves struct {
	originator, responder       string // public keys
	hasOriginator, hasResponder bool   // their private keys are there
	shared                      [sha256.Size]byte
}

// same tells whether two versions are of the same key.
func (h halves) same(other halves) bool {
	return h.originator == other.originator && h.responder == other.responder && h.shared == other.shared
}

// known tells whether the keys are there: those of a revoked version may be gone.
func (h halves) known() bool { return h != halves{} }

func (r *report) halves(v *keyfile.Version) halves {
	var h halves
	h.originator, h.hasOriginator = r.half(v.Originator)
	h.responder, h.hasResponder = r.half(v.Responder)
	if b := r.key(v.Shared); b != nil {
		h.shared = sha256.Sum256(b)
		clear(b)
	}
	return h
}

// half gives the public key of a side, and whether the private one is there.
func (r *report) half(s *keyfile.Side) (public string, private bool) {
	if s == nil {
		return "", false
	}
	if b := r.key(s.Private); b != nil {
		defer clear(b)
		if key, err := cryptobox.NewPrivateKey(b); err == nil {
			return key.Public().String(), true
		}
	}
	if key, err := cryptobox.NewPublicKey(r.key(s.Public)); err == nil {
		return key.String(), false
	}
	return "", false
}

// key gives the bytes of a key, nil where they can't be had: loading says why.
func (r *report) key(s keyfile.Secret) []byte {
	if s.IsZero() {
		return nil
	}
	b, err := r.file.UnsafeKey(s)
	if err != nil {
		return nil
	}
	return b
}
