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
func (m *keyMaker) version(v *Version) (keyring.KeyVersion, error) {
	key, err := m.key(v)
	if err != nil {
		return keyring.KeyVersion{}, err
	}
	return keyring.KeyVersion{Key: key, Dates: v.Dates, Revoked: v.Revoked}, key.Validate()
}

// key makes a version's Key.
func (m *keyMaker) key(v *Version) (keyring.Key, error) {
	shared, pair, signed := !v.Shared.IsZero(), v.Originator != nil || v.Responder != nil, v.signed()
	if err := v.checkKeys(shared, pair, signed); err != nil {
		return keyring.Key{}, err
	}
	if !shared && !pair && !signed {
		return v.gone(v.ID), nil
	}
	if err := v.checkDialect(shared, signed); err != nil {
		return keyring.Key{}, err
	}
	switch {
	case shared:
		return m.sharedKey(v)
	case signed:
		return m.signedKey(v)
	}
	return m.pair(v)
}

// checkKeys tells what a version has too much or too little of.
func (v *Version) checkKeys(shared, pair, signed bool) error {
	switch {
	case shared && pair:
		return fmt.Errorf("%w: it has a shared key and sides: remove one of the two", ErrSides)
	case signed && (shared || pair):
		return fmt.Errorf("%w: it has parts of a signed key and another key: remove one of the two", ErrSides)
	case v.Algorithm != "" && (!shared || v.Dialect != cryptobox.Passthru):
		return fmt.Errorf("%w: an algorithm is for shared keys in passthru: remove it", ErrSides)
	case shared || pair || signed:
		return nil
	case !v.Revoked:
		return fmt.Errorf("%w: it has no keys: give it originator and responder, shared, or what a signed key has", ErrSides)
	case v.ID == "":
		return fmt.Errorf("%w: a revoked version needs an id, or the keys that it follows from", ErrSides)
	}
	return nil
}

// checkDialect tells what doesn't go with a version's dialect.
func (v *Version) checkDialect(shared, signed bool) error {
	switch passthru := v.Dialect == cryptobox.Passthru; {
	case signed && v.Dialect.Foreign():
		return fmt.Errorf("%w: a signed key is of our own dialect: remove the other one", ErrSides)
	case passthru && v.ID == "":
		return fmt.Errorf("%w: in passthru a version needs an id: give the one that all peers use", keyring.ErrKey)
	case !passthru && v.ID != "":
		return fmt.Errorf("%w: its id follows from its keys: remove the one that is given", keyring.ErrKey)
	case shared && v.Dialect == cryptobox.Autobahn:
		return fmt.Errorf("%w: autobahn has no shared keys: give it originator and responder", ErrSides)
	case signed && !v.Suite.Signed():
		return fmt.Errorf("%w: a signed key needs its suite: write signed, or signed-pq", ErrSides)
	case !signed && !shared && v.Suite.Signed():
		return fmt.Errorf("%w: the suite %v isn't for a pair: give sign, seal and read in place of originator and responder", ErrSides, v.Suite)
	case !signed && v.Suite != 0 && (shared || v.Dialect.Foreign()):
		return fmt.Errorf("%w: a suite is for pairs of keys in our own dialect: remove it", ErrSides)
	}
	return nil
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
	var key keyring.Key
	switch o, r := !originator.private.IsZero(), !responder.private.IsZero(); {
	case o && r && originator.private.Equal(responder.private):
		if v.Dialect == cryptobox.Autobahn {
			return keyring.Both(originator.private), nil
		}
		return keyring.Key{}, fmt.Errorf("%w: both sides have one private key, which only peers with the dialect autobahn do: make another", ErrSides)
	case o && r:
		key = keyring.Pair(originator.private, responder.private)
	case o:
		key = keyring.Originator(originator.private, responder.public)
	case r:
		key = keyring.Responder(responder.private, originator.public)
	case v.Revoked && v.Dialect == cryptobox.Passthru:
		return keyring.Revoked(v.ID), nil
	case v.Revoked:
		return keyring.Revoked(cryptobox.PairID(v.suite(), originator.public, responder.public).String()), nil
	default:
		return keyring.Key{}, fmt.Errorf("%w: both sides have only public keys: give one of them its private key", ErrSides)
	}
	if v.Suite != 0 {
		key = key.WithSuite(v.Suite)
	}
	return v.foreign(key), nil
}

// suite is what a pair's id is made with.
func (v *Version) suite() cryptobox.Suite {
	switch {
	case v.Dialect.Foreign():
		return 0
	case v.Suite == 0:
		return cryptobox.SuiteBox
	}
	return v.Suite
}

// foreign gives the key for the version's dialect.
func (v *Version) foreign(key keyring.Key) keyring.Key {
	switch v.Dialect {
	case cryptobox.Autobahn:
		return key.ForAutobahn()
	case cryptobox.Passthru:
		return key.ForPassthru(v.ID)
	}
	return key
}

// halves are the keys of one side: the private one, or the public one alone.
type halves struct {
	private cryptobox.PrivateKey
	public  cryptobox.PublicKey
}

// forPublic and forSecret check who has access to a file with such a key.
func (m *keyMaker) forPublic(path string, info fs.FileInfo) error {
	return m.checkAccess(path, info, false)
}
func (m *keyMaker) forSecret(path string, info fs.FileInfo) error {
	return m.checkAccess(path, info, true)
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
	key cryptobox.SymmetricKey
	use string
}

// sharedKey makes the key of a version with a shared key.
func (m *keyMaker) sharedKey(v *Version) (keyring.Key, error) {
	b, err := m.resolve(v.Shared, "shared", m.forSecret)
	defer clear(b[:])
	if err != nil {
		return keyring.Key{}, err
	}
	use := v.Algorithm
	switch {
	case !v.Dialect.Foreign():
		use = cryptobox.SuiteShared.String()
	case use == "":
		use = cryptobox.AlgorithmSecretBox
	}
	digest := sha256.Sum256(b[:])
	shared, known := m.shared[digest]
	switch {
	case !known:
		if shared.key, err = cryptobox.NewSymmetricKey(b[:]); err != nil {
			return keyring.Key{}, fmt.Errorf("shared: %w: %w", keyring.ErrKey, err)
		}
		shared.use = use
		m.shared[digest] = shared
	case shared.use != use:
		return keyring.Key{}, fmt.Errorf("%w: another version uses the same secret with %s: make a key for each", keyring.ErrKey, shared.use)
	}
	if use == cryptobox.AlgorithmAESGCM {
		return keyring.AES256GCM(v.ID, shared.key), nil
	}
	return v.foreign(keyring.Shared(shared.key)), nil
}
