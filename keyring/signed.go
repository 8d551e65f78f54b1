package keyring

import (
	"fmt"
	"maps"
	"sync/atomic"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

// Signing is what one party holds of a signed key: see [Signed]. Empty lists mean nobody.
type Signing struct {
	Suite cryptobox.Suite // [cryptobox.SuiteSigned] or [cryptobox.SuiteSignedPQ]

	Sign cryptobox.SigningKey       // the party's own, which it made itself; may be missing where Read is
	Seal cryptobox.ReadingPublicKey // of the responders, for who publishes and calls
	Read cryptobox.ReadingKey       // of the responders, for who subscribes and is called

	Senders   []Party // who may publish and call, for who has Read
	Answerers []Party // whose answers to calls are taken
	// AnyAnswerer takes the answers of whoever holds the reading key, in place of Answerers:
	// nothing tells then who answered.
	AnyAnswerer bool
	// SignedOnce signs calls and answers once an hour and direction, and takes those that were
	// signed so. It is several times as fast, for services whose readers trust one another: each
	// of them can make calls up that look like those of a caller of that hour.
	SignedOnce bool
}

// Party is one that sends or answers, by a name of the program's choice. A name may have
// several keys, such as the old one and the new one while a party changes its key.
type Party struct {
	Name string // 1 to [cryptobox.MaxKeyID] bytes of printable UTF-8
	Key  cryptobox.VerifyKey
}

// Signed is a key with which those who send can't read, those who read can't send, and each
// message proves which party sent it. With Sign and Seal a party publishes and calls
// ([RoleOriginator]), and can't open what it sealed. With Read it subscribes and is called
// ([RoleResponder]); then Senders are those who are heard, and with Sign its answers are
// signed. With all of them it does both. Who calls says whose answers it takes: else it only
// publishes.
//
// The id follows from the reading key, so that all parties have the same, whatever their lists
// are. Change the lists of a key that is in use by [Ring.AddParty] and [Ring.RemoveParty].
func Signed(s Signing) Key {
	senders, err := newParties("Senders", s.Senders)
	if err != nil {
		return Key{err: err}
	}
	answerers, err := newParties("Answerers", s.Answerers)
	if err != nil {
		return Key{err: err}
	}
	s.Senders, s.Answerers = nil, nil
	return newSigned(s, senders, answerers)
}

// signed is what a signed key was made of. Of a revoked version only the roles are left.
type signed struct {
	Signing              // without the lists
	senders, answerers   parties
	reading              cryptobox.ReadingPublicKey // Seal, or Read's
	originates, responds bool
	device               bool // one of its keys is in a device
}

// newSigned makes a key of parts without their lists, and of these.
func newSigned(s Signing, senders, answerers parties) Key {
	key, err := cryptobox.NewSignedKey(cryptobox.SignedParts{
		Suite: s.Suite, Sign: s.Sign, Seal: s.Seal, Read: s.Read,
		Senders: senders.keys(), Answerers: answerers.keys(), AnyAnswerer: s.AnyAnswerer, SignedOnce: s.SignedOnce,
	})
	if err != nil {
		return Key{err: fmt.Errorf("%w: %w", ErrKey, err)}
	}
	own := &signed{
		Signing: s, senders: senders, answerers: answerers, reading: s.Seal,
		originates: !s.Sign.IsZero() && !s.Seal.IsZero(), responds: !s.Read.IsZero(),
		device: inDevice(s.Sign) || inDevice(s.Read),
	}
	if own.responds {
		own.reading = s.Read.Public()
	}
	id := key.ID()
	known := names{id: id, text: id.String(), secret: id.String()} // as an id belongs to one reading key
	k := Key{
		kind: kindSigned, dialect: cryptobox.Wampbox, suite: key.Suite(), material: &material{signed: own},
		names: func() names { return known }, made: new(atomic.Pointer[sealing]),
	}
	k.made.Store(&sealing{key: key})
	return k
}

// inDevice tells whether there is a private key, and not in this program.
func inDevice(k interface {
	IsZero() bool
	UnsafeBytes() []byte
}) bool {
	secret := k.UnsafeBytes()
	defer clear(secret)
	return !k.IsZero() && secret == nil
}

// serves tells whether the key may be used in a role.
func (s *signed) serves(role Role) bool {
	return role == RoleOriginator && s.originates || role == RoleResponder && s.responds
}

// roles is what a revoked version keeps.
func (s *signed) roles() *signed {
	if s == nil {
		return nil
	}
	return &signed{originates: s.originates, responds: s.responds}
}

// equal tells whether both do the same, be their keys in devices or not.
func (s *signed) equal(other *signed) bool {
	return s.Sign.Equal(other.Sign) && s.Seal == other.Seal && s.Read.Equal(other.Read) &&
		s.AnyAnswerer == other.AnyAnswerer && s.SignedOnce == other.SignedOnce &&
		maps.Equal(s.senders, other.senders) && maps.Equal(s.answerers, other.answerers)
}

// parties gives the list of those that send, or that answer.
func (s *signed) parties(role Role) parties {
	switch {
	case s == nil:
		return nil
	case role == RoleOriginator:
		return s.senders
	case role == RoleResponder:
		return s.answerers
	}
	return nil
}

// takes tells whether such a list means something.
func (s *signed) takes(role Role) bool {
	if role == RoleOriginator {
		return s.responds
	}
	return s.originates && !s.AnyAnswerer
}

// with gives the key with another list.
func (s *signed) with(role Role, list parties) Key {
	if role == RoleOriginator {
		return newSigned(s.Signing, list, s.answerers)
	}
	return newSigned(s.Signing, s.senders, list)
}

// Signed tells whether the version's messages are signed: see [Signed].
func (v *Version) Signed() bool { return v.key.suite.Signed() }

// NameOf gives the name under which the version lists a key: among those that send
// ([RoleOriginator]), or those that answer ([RoleResponder]).
func (v *Version) NameOf(k cryptobox.VerifyKey, role Role) (name string, listed bool) {
	name, listed = v.key.signed.parties(role)[k]
	return name, listed
}

// TakesAnswers tells whether the version can be used for calls: whether it lists answerers, or
// takes any. It is true for versions that aren't signed.
func (v *Version) TakesAnswers() bool {
	s := v.key.signed
	return s == nil || s.AnyAnswerer || len(s.answerers) > 0
}

// SignedInfo tells what a version of a signed key can do.
type SignedInfo struct {
	Verify                  cryptobox.VerifyKey        // by which others list this party; zero if it has no Sign
	Reading                 cryptobox.ReadingPublicKey // of the responders
	Originates, Responds    bool                       // the roles that it serves
	Senders, Answerers      []Party                    // in the order of their names
	AnyAnswerer, SignedOnce bool
}

// info tells of the parts without the private ones.
func (s *signed) info() SignedInfo {
	if s == nil {
		return SignedInfo{}
	}
	return SignedInfo{
		Verify: s.Sign.Public(), Reading: s.reading, Originates: s.originates, Responds: s.responds,
		Senders: s.senders.list(), Answerers: s.answerers.list(), AnyAnswerer: s.AnyAnswerer, SignedOnce: s.SignedOnce,
	}
}
