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

// version makes a version's key.
func (m *keyMaker) version(e *Entry, v *Version) (keyring.KeyVersion, error) {
	key, err := m.key(v)
	if err == nil && e.Dialect == Passthru && v.ID == "" {
		err = fmt.Errorf("%w: in passthru a version needs an id: give the one that all peers use", keyring.ErrKey)
	}
	if err != nil {
		return keyring.KeyVersion{}, err
	}
	if v.ID != "" {
		key = key.WithID(v.ID)
	}
	if e.Dialect != Ours {
		key = key.AllowUnbound()
	}
	return keyring.KeyVersion{Key: key, Dates: v.Dates, Revoked: v.Revoked}, key.Validate()
}

// key makes a version's Key, without what its id and its pattern say.
func (m *keyMaker) key(v *Version) (keyring.Key, error) {
	switch shared, pair := !v.Shared.IsZero(), v.Originator != nil || v.Responder != nil; {
	case shared && pair:
		return keyring.Key{}, fmt.Errorf("%w: it has a shared key and sides: remove one of the two", ErrSides)
	case shared:
		return m.sharedKey(v)
	case v.Algorithm != "":
		return keyring.Key{}, fmt.Errorf("%w: an algorithm is for shared keys: remove it", ErrSides)
	case pair:
		return m.pair(v)
	case v.Revoked && v.ID != "":
		return keyring.Revoked(v.ID), nil
	case v.Revoked:
		return keyring.Key{}, fmt.Errorf("%w: a revoked version needs an id, or the keys that it follows from", ErrSides)
	}
	return keyring.Key{}, fmt.Errorf("%w: it has no keys: give it originator and responder, or shared", ErrSides)
}

// pair makes the key of a version with sides.
func (m *keyMaker) pair(v *Version) (keyring.Key, error) {
	originator, err := m.side("originator", v.Originator)
	if err != nil {
		return keyring.Key{}, err
	}
	responder, err := m.side("responder", v.Responder)
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
	case v.Revoked:
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
func (m *keyMaker) forPublic(path string, mode fs.FileMode) error {
	return m.checkMode(path, mode, false)
}
func (m *keyMaker) forSecret(path string, mode fs.FileMode) error {
	return m.checkMode(path, mode, true)
}

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

// sharedKey is a shared key as one Load knows it. Equal secrets are read
// once, as an AES-GCM key counts its seals.
type sharedKey struct {
	key       cryptobox.SymmetricKey
	algorithm string
}

// sharedKey makes the key of a version with a shared key.
func (m *keyMaker) sharedKey(v *Version) (keyring.Key, error) {
	if v.ID == "" {
		return keyring.Key{}, fmt.Errorf("%w: a shared key needs an id: give the one that all peers use", keyring.ErrKey)
	}
	b, err := m.resolve(v.Shared, "shared", m.forSecret)
	defer clear(b[:])
	if err != nil {
		return keyring.Key{}, err
	}
	algorithm := v.Algorithm
	if algorithm == "" {
		algorithm = cryptobox.AlgorithmSecretBox
	}
	digest := sha256.Sum256(b[:])
	shared, known := m.shared[digest]
	switch {
	case !known:
		if shared.key, err = cryptobox.NewSymmetricKey(b[:]); err != nil {
			return keyring.Key{}, fmt.Errorf("shared: %w: %w", keyring.ErrKey, err)
		}
		shared.algorithm = algorithm
		m.shared[digest] = shared
	case shared.algorithm != algorithm:
		return keyring.Key{}, fmt.Errorf("%w: another version uses the same secret with %s: make a key for each algorithm", keyring.ErrKey, shared.algorithm)
	}
	if algorithm == cryptobox.AlgorithmAESGCM {
		return keyring.AES256GCM(v.ID, shared.key), nil
	}
	return keyring.Symmetric(v.ID, shared.key), nil
}
