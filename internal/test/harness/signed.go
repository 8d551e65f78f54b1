package harness

import (
	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// The parties of [SignedKeys], as all of them list each other.
const (
	Originating = "originator"
	Responding  = "responder"
	DoingBoth   = "both"
)

// Signed are the keys of a pattern of signed envelopes.
type Signed struct {
	Suite cryptobox.Suite
	Once  bool // see [keyring.Signing]
	Read  cryptobox.ReadingKey
	Sign  map[string]cryptobox.SigningKey
}

// SignedKeys returns new keys of suite 4 or 5.
func SignedKeys(suite cryptobox.Suite, once bool) Keys {
	read, err := cryptobox.GenerateReadingKey(suite)
	if err != nil {
		panic(err)
	}
	s := &Signed{Suite: suite, Once: once, Read: read, Sign: map[string]cryptobox.SigningKey{}}
	for _, name := range []string{Originating, Responding, DoingBoth} {
		s.Sign[name] = cryptobox.GenerateSigningKey()
	}
	return Keys{signed: s}
}

// Party gives a party as others list it.
func (s *Signed) Party(name string) keyring.Party {
	return keyring.Party{Name: name, Key: s.Sign[name].Public()}
}

// Originator is what a party has that publishes and calls.
func (s *Signed) Originator(sign cryptobox.SigningKey) keyring.Signing {
	return keyring.Signing{
		Suite: s.Suite, SignedOnce: s.Once, Sign: sign, Seal: s.Read.Public(),
		Answerers: []keyring.Party{s.Party(Responding), s.Party(DoingBoth)},
	}
}

// Responder is what a party has that subscribes and is called.
func (s *Signed) Responder(sign cryptobox.SigningKey) keyring.Signing {
	return keyring.Signing{
		Suite: s.Suite, SignedOnce: s.Once, Sign: sign, Read: s.Read,
		Senders: []keyring.Party{s.Party(Originating), s.Party(DoingBoth)},
	}
}

// OriginatorKey is the key of who publishes and calls.
func (s *Signed) OriginatorKey() keyring.Key {
	return keyring.Signed(s.Originator(s.Sign[Originating]))
}

// ResponderKey is the key of who subscribes and serves.
func (s *Signed) ResponderKey() keyring.Key {
	return keyring.Signed(s.Responder(s.Sign[Responding]))
}

// PairKey is the key of who plays both roles.
func (s *Signed) PairKey() keyring.Key {
	parts := s.Responder(s.Sign[DoingBoth])
	parts.Seal, parts.Answerers = s.Read.Public(), s.Originator(s.Sign[DoingBoth]).Answerers
	return keyring.Signed(parts)
}
