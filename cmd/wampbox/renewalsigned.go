package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/words"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

// signedRenewal is the next version that is a signed key. Its reading key is new. What follows
// a signed key keeps the signing keys and the lists; what follows another key gets new ones.
type signedRenewal struct {
	signedMaking
	follows bool                   // on a signed key
	signs   []cryptobox.SigningKey // else of each file
}

// prepareSigned settles what the next version is made of, where it or the one before is a
// signed key.
func (r *renewal) prepareSigned(bases []base) error {
	next := &signedRenewal{follows: bases[0].info.Suite.Signed()}
	path := bases[0].file.path
	switch {
	case !r.suite.Signed():
		return fmt.Errorf("%s: a signed key isn't followed by one that isn't: whoever held that could speak in anybody's name; "+
			"if it is meant, take the pattern out with wampbox remove, and make it anew with wampbox add", path)
	case !r.peer.IsZero():
		return fmt.Errorf("%s: -peer is a public key of a pair: of signed keys, give the public half of the new reading key, with x25519: or xwing: in front", path)
	}
	for i, b := range bases {
		next.parties = append(next.parties, b.party())
		for _, other := range next.parties[:i] {
			if other.name == next.parties[i].name && !next.follows {
				return fmt.Errorf("two of the files would be of one party, %q, as a party has the name of its file: name them differently", other.name)
			}
		}
		if !next.follows {
			next.signs = append(next.signs, cryptobox.GenerateSigningKey())
		}
	}
	_, responds := next.does()
	switch {
	case !r.reading.IsZero() && responds:
		return fmt.Errorf("%s: -peer is the public half of a reading key, and who receives needs the private one: rotate it without -peer, and give others what that prints", path)
	case !r.reading.IsZero() && r.reading.Suite() != r.suite:
		return fmt.Errorf("%s: -peer is a reading key of the suite %v, and the version would be of %v: give -suite %[2]v", path, r.reading.Suite(), r.suite)
	case !r.reading.IsZero() && r.reading == bases[0].info.Signed.Reading:
		return fmt.Errorf("%s: -peer is the reading key that it has already: give the new one", path)
	case r.reading.IsZero() && !responds:
		return fmt.Errorf("%s: the reading key is of those who receive: one of them rotates, and what that prints is given here by -peer", path)
	}
	next.reading.public = r.reading
	if responds {
		private, err := cryptobox.GenerateReadingKey(r.suite)
		if err != nil {
			return err
		}
		next.reading = readingKey{private: private, public: private.Public()}
	}
	r.signed = next
	return nil
}

// party says whose file the version is in, and what that does.
func (b base) party() party {
	p := party{name: partyOf(b.file.path), originates: hasPrivate(b.Originator), responds: hasPrivate(b.Responder)}
	switch {
	case b.info.Suite.Signed():
		p.originates, p.responds = b.info.Signed.Originates, b.info.Signed.Responds
	case !b.Shared.IsZero():
		p.originates, p.responds = true, true
	}
	return p
}

// signedVersion gives the next version, for one of the files.
func (r *renewal) signedVersion(b base, i int) *keyfile.Version {
	next := r.manner.version()
	if !r.signed.follows {
		r.signed.fill(next, i, r.signed.reading, r.signed.signs)
		return next
	}
	if next.Sign = copied(b.Sign); r.signed.parties[i].originates {
		next.Seal = keyfile.ReadingPublicKey(r.signed.reading.public)
	}
	if r.signed.parties[i].responds {
		next.Read = keyfile.ReadingKey(r.signed.reading.private)
	}
	next.Senders, next.Answerers = copiedParties(b.Senders), copiedParties(b.Answerers)
	next.AnyAnswerer, next.SignedOnce = b.AnyAnswerer, b.SignedOnce
	return next
}

func copiedParties(list []keyfile.Party) []keyfile.Party {
	var next []keyfile.Party
	for _, p := range list {
		next = append(next, keyfile.Party{Name: p.Name, Key: copied(p.Key)})
	}
	return next
}

// allowUnsigned lets what isn't signed open in a file until the versions that aren't end, where
// the next one is the first that is signed.
func (r *renewal) allowUnsigned(f opened) (*time.Time, error) {
	if r.signed == nil || r.signed.follows {
		return nil, nil
	}
	infos, err := f.ofPattern(r.pattern)
	if err != nil {
		return nil, err
	}
	var until time.Time
	for _, v := range infos {
		if lives := v.State != keyring.StateRevoked && v.State != keyring.StateExpired; lives && !v.Suite.Signed() && v.Dates.NotAfter.After(until) {
			until = v.Dates.NotAfter
		}
	}
	if until.IsZero() {
		return nil, nil
	}
	if err := f.AllowUnsigned(r.pattern, until); err != nil {
		return nil, fmt.Errorf("%s: %w", f.path, err)
	}
	return dated(until), nil
}

// public gives the public keys that are new, and that others have to learn.
func (s *signedRenewal) public() map[string]string {
	public := map[string]string{}
	if !s.reading.private.IsZero() {
		public["reading"] = s.reading.public.String()
	}
	for i, sign := range s.signs {
		public[s.parties[i].name] = sign.Public().String()
	}
	return public
}

// saySigned tells what has to be given to whom.
func (r *renewal) saySigned(made rotated) {
	s := r.signed
	originates, responds := s.does()
	pattern := words.Argument(r.pattern.URI)
	if made.AllowUnsigned != nil {
		note("what isn't signed opens beside it until %s (allow_unsigned), and no longer", shown(*made.AllowUnsigned, ""))
	}
	if responds && r.alone {
		note("the new reading key is in %s only: take the version to all others who receive in a safe way: copy the lines of %s in it, but each with its own \"sign\"; rotate there would make another key", made.Files[0], made.ID)
	}
	if responds && !originates {
		note("Public key: %s", s.reading.public)
		note("it is the reading key's public half, and for each who publishes and calls, who runs:\n   wampbox rotate %s -peer KEY%s -activate %s -retire %s FILE",
			pattern, r.asFlags(), shown(r.from, ""), shown(r.until, ""))
	}
	for i, sign := range s.signs {
		p, verify := s.parties[i], sign.Public().String()
		if p.originates && !responds {
			note("the verify key of %s is for those who receive: when they have rotated, each runs:\n   wampbox add -sender %s %s FILE", p.name, words.Argument(p.name+"="+verify), pattern)
		}
		if p.responds && !originates {
			note("the verify key of %s is for those who call: when they have rotated, each runs:\n   wampbox add -answerer %s %s FILE", p.name, words.Argument(p.name+"="+verify), pattern)
		}
	}
	if s.follows {
		note("signing keys and lists of parties stay as they are")
	} else if originates && responds {
		note("the parties list each other by the names of their files: %s", strings.Join(s.names(), ", "))
	}
}

// names gives those of the parties.
func (s *signedMaking) names() []string {
	var names []string
	for _, p := range s.parties {
		names = append(names, p.name)
	}
	return names
}
