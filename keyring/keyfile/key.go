package keyfile

import (
	"crypto/sha256"
	"fmt"
	"io/fs"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// keyMaker makes the keys of one file.
type keyMaker struct {
	settings
	shared map[[keySize]byte]sharedKey // by digest
}

// version makes an entry's version.
func (m *keyMaker) version(e *Entry) (keyring.KeyVersion, error) {
	if err := e.Pattern.Validate(); err != nil {
		return keyring.KeyVersion{}, err
	}
	state := e.State
	if state == 0 {
		state = keyring.StateActive
	}
	key, err := m.key(e, state)
	if err == nil {
		err = key.Validate()
	}
	return keyring.KeyVersion{Key: key, State: state, NotAfter: e.NotAfter}, err
}

// key makes an entry's Key.
func (m *keyMaker) key(e *Entry, state keyring.State) (keyring.Key, error) {
	var key keyring.Key
	var err error
	switch symmetric, pair := !e.Symmetric.IsZero(), e.Originator != nil || e.Responder != nil; {
	case symmetric && pair:
		return keyring.Key{}, fmt.Errorf("%w: it has a symmetric key and sides: remove one of the two", ErrSides)
	case symmetric:
		key, err = m.symmetric(e)
	case e.Algorithm != "":
		return keyring.Key{}, fmt.Errorf("%w: an algorithm is for symmetric keys: remove it", ErrSides)
	case pair:
		key, err = m.pair(e, state)
	case state == keyring.StateRevoked && e.ID != "":
		return keyring.Revoked(e.ID), nil
	case state == keyring.StateRevoked:
		return keyring.Key{}, fmt.Errorf("%w: a revoked entry needs an id, or the keys that it follows from", ErrSides)
	default:
		return keyring.Key{}, fmt.Errorf("%w: it has no keys: give it originator and responder, or symmetric", ErrSides)
	}
	if err != nil {
		return keyring.Key{}, err
	}
	if e.ID != "" {
		key = key.WithID(e.ID)
	}
	if e.AllowUnbound {
		key = key.AllowUnbound()
	}
	return key, nil
}

// pair makes the key of an entry with sides.
func (m *keyMaker) pair(e *Entry, state keyring.State) (keyring.Key, error) {
	originator, err := m.side("originator", e.Originator)
	if err != nil {
		return keyring.Key{}, err
	}
	responder, err := m.side("responder", e.Responder)
	if err != nil {
		return keyring.Key{}, err
	}
	switch o, r := !originator.private.IsZero(), !responder.private.IsZero(); {
	case o && r:
		return keyring.Pair(originator.private, responder.private), nil
	case o:
		return keyring.Originator(originator.private, responder.public), nil
	case r:
		return keyring.Responder(responder.private, originator.public), nil
	case state == keyring.StateRevoked:
		return keyring.Revoked(keyring.PairID(originator.public, responder.public)), nil
	}
	return keyring.Key{}, fmt.Errorf("%w: both sides have only public keys: give one of them its private key", ErrSides)
}

// halves are the keys of one side: the private one, or the public one alone.
type halves struct {
	private cryptobox.PrivateKey
	public  cryptobox.PublicKey
}

// forPublic and forSecret check the permissions of a file with such a key.
func (m *keyMaker) forPublic(mode fs.FileMode) error { return m.checkMode(mode, false) }
func (m *keyMaker) forSecret(mode fs.FileMode) error { return m.checkMode(mode, true) }

// side reads the keys of one side.
func (m *keyMaker) side(name string, s *Side) (halves, error) {
	var h halves
	if s == nil || s.Private.IsZero() && s.Public.IsZero() {
		return h, fmt.Errorf("%w: %s is missing: give its private key, or its public one", ErrSides, name)
	}
	if !s.Public.IsZero() {
		b, err := m.resolve(s.Public, name+".public", m.forPublic)
		if err != nil {
			return h, err
		}
		if h.public, err = cryptobox.NewPublicKey(b[:]); err != nil {
			return h, fmt.Errorf("%s.public: %w: %w", name, keyring.ErrKey, err)
		}
	}
	if s.Private.IsZero() {
		return h, nil
	}
	b, err := m.resolve(s.Private, name+".private", m.forSecret)
	defer clear(b[:])
	if err != nil {
		return h, err
	}
	if h.private, err = cryptobox.NewPrivateKey(b[:]); err != nil {
		return h, fmt.Errorf("%s.private: %w: %w", name, keyring.ErrKey, err)
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
func (m *keyMaker) symmetric(e *Entry) (keyring.Key, error) {
	if e.ID == "" {
		return keyring.Key{}, fmt.Errorf("%w: a symmetric key needs an id: give the one that all peers use", keyring.ErrKey)
	}
	b, err := m.resolve(e.Symmetric, "symmetric", m.forSecret)
	defer clear(b[:])
	if err != nil {
		return keyring.Key{}, err
	}
	algorithm := e.Algorithm
	if algorithm == "" {
		algorithm = cryptobox.AlgorithmSecretBox
	}
	digest := sha256.Sum256(b[:])
	shared, known := m.shared[digest]
	switch {
	case !known:
		if shared.key, err = cryptobox.NewSymmetricKey(b[:]); err != nil {
			return keyring.Key{}, fmt.Errorf("symmetric: %w: %w", keyring.ErrKey, err)
		}
		shared.algorithm = algorithm
		m.shared[digest] = shared
	case shared.algorithm != algorithm:
		return keyring.Key{}, fmt.Errorf("%w: another entry uses the same secret with %s: make a key for each algorithm", keyring.ErrKey, shared.algorithm)
	}
	if algorithm == cryptobox.AlgorithmAESGCM {
		return keyring.AES256GCM(e.ID, shared.key), nil
	}
	return keyring.Symmetric(e.ID, shared.key), nil
}
