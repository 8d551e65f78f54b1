package keyring

import (
	"crypto/sha256"
	"fmt"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile/document"
)

// key makes an entry's Key.
func (l *loader) key(e *document.Entry, state State) (Key, error) {
	var key Key
	var err error
	switch symmetric, pair := !e.Symmetric.IsZero(), e.Originator != nil || e.Responder != nil; {
	case symmetric && pair:
		return Key{}, fmt.Errorf("%w: it has a symmetric key and sides: remove one of the two", ErrSides)
	case symmetric:
		key, err = l.symmetric(e)
	case e.Algorithm != "":
		return Key{}, fmt.Errorf("%w: an algorithm is for symmetric keys: remove it", ErrSides)
	case pair:
		key, err = l.pair(e, state)
	case state == StateRevoked && e.ID != "":
		return Revoked(e.ID), nil
	case state == StateRevoked:
		return Key{}, fmt.Errorf("%w: a revoked entry needs an id, or the keys that it follows from", ErrSides)
	default:
		return Key{}, fmt.Errorf("%w: it has no keys: give it originator and responder, or symmetric", ErrSides)
	}
	if err != nil {
		return Key{}, err
	}
	if e.ID != "" {
		key = key.WithID(e.ID)
	}
	if e.AllowUnbound {
		key = key.AllowUnbound()
	}
	return key, key.check()
}

// pair makes the key of an entry with sides.
func (l *loader) pair(e *document.Entry, state State) (Key, error) {
	originator, err := l.side("originator", e.Originator)
	if err != nil {
		return Key{}, err
	}
	responder, err := l.side("responder", e.Responder)
	if err != nil {
		return Key{}, err
	}
	switch o, r := !originator.private.IsZero(), !responder.private.IsZero(); {
	case o && r:
		return Pair(originator.private, responder.private), nil
	case o:
		return Originator(originator.private, responder.public), nil
	case r:
		return Responder(responder.private, originator.public), nil
	case state == StateRevoked:
		return Revoked(deriveID(originator.public, responder.public)), nil
	}
	return Key{}, fmt.Errorf("%w: both sides have only public keys: give one of them its private key", ErrSides)
}

// halves are the keys of one side: the private one, or the public one alone.
type halves struct {
	private cryptobox.PrivateKey
	public  cryptobox.PublicKey
}

// side reads the keys of one side.
func (l *loader) side(name string, s *document.Side) (halves, error) {
	var h halves
	if s == nil || s.Private.IsZero() && s.Public.IsZero() {
		return h, fmt.Errorf("%w: %s is missing: give its private key, or its public one", ErrSides, name)
	}
	if !s.Public.IsZero() {
		b, err := l.resolve(s.Public, name+".public", false)
		if err != nil {
			return h, err
		}
		if h.public, err = cryptobox.NewPublicKey(b[:]); err != nil {
			return h, fmt.Errorf("%s.public: %w: %w", name, ErrKey, err)
		}
	}
	if s.Private.IsZero() {
		return h, nil
	}
	b, err := l.resolve(s.Private, name+".private", true)
	defer clear(b[:])
	if err != nil {
		return h, err
	}
	if h.private, err = cryptobox.NewPrivateKey(b[:]); err != nil {
		return h, fmt.Errorf("%s.private: %w: %w", name, ErrKey, err)
	}
	if !h.public.IsZero() && h.private.Public() != h.public {
		return h, fmt.Errorf("%w: see which of the two %s keys is the right one, or remove the public one", ErrMismatch, name)
	}
	return h, nil
}

// sharedKey is a symmetric key as one Load knows it. Equal secrets are read
// once, as an AES-GCM key counts its seals.
type sharedKey struct {
	key       cryptobox.SymmetricKey
	algorithm string
}

// symmetric makes the key of an entry with a symmetric key.
func (l *loader) symmetric(e *document.Entry) (Key, error) {
	if e.ID == "" {
		return Key{}, fmt.Errorf("%w: a symmetric key needs an id: give the one that all peers use", ErrKey)
	}
	b, err := l.resolve(e.Symmetric, "symmetric", true)
	defer clear(b[:])
	if err != nil {
		return Key{}, err
	}
	algorithm := e.Algorithm
	if algorithm == "" {
		algorithm = cryptobox.AlgorithmSecretBox
	}
	digest := sha256.Sum256(b[:])
	shared, known := l.shared[digest]
	switch {
	case !known:
		if shared.key, err = cryptobox.NewSymmetricKey(b[:]); err != nil {
			return Key{}, fmt.Errorf("symmetric: %w: %w", ErrKey, err)
		}
		shared.algorithm = algorithm
		l.shared[digest] = shared
	case shared.algorithm != algorithm:
		return Key{}, fmt.Errorf("%w: another entry uses the same secret with %s: make a key for each algorithm", ErrKey, shared.algorithm)
	}
	if algorithm == cryptobox.AlgorithmAESGCM {
		return AES256GCM(e.ID, shared.key), nil
	}
	return Symmetric(e.ID, shared.key), nil
}
