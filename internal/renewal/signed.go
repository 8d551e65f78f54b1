package renewal

import (
	"fmt"
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

// prepareSigned settles what the next version is made of, where it or the one before is a
// signed key. Its reading key is new. What follows a signed key keeps the signing keys and the
// lists; what follows another key gets new ones.
func (r *Renewal) prepareSigned(bases []base) error {
	next := new(SignedKeys)
	r.Follows = bases[0].info.Suite.Signed()
	path := bases[0].file.Path
	switch {
	case !r.Manner.Suite.Signed():
		return fmt.Errorf("%s: a signed key isn't followed by one that isn't: whoever held that could speak in anybody's name; "+
			"if it is meant, take the pattern out with wampbox remove, and make it anew with wampbox add", path)
	case !r.Peer.IsZero():
		return fmt.Errorf("%s: -peer is a public key of a pair: of signed keys, give the public half of the new reading key, with x25519: or xwing: in front", path)
	}
	for i, b := range bases {
		next.Parties = append(next.Parties, b.party())
		for _, other := range next.Parties[:i] {
			if other.Name == next.Parties[i].Name && !r.Follows {
				return fmt.Errorf("two of the files would be of one party, %q, as a party has the name of its file: name them differently", other.Name)
			}
		}
		if !r.Follows {
			next.Signs = append(next.Signs, cryptobox.GenerateSigningKey())
		}
	}
	_, responds := next.Does()
	switch suite := r.Manner.Suite; {
	case !r.Reading.IsZero() && responds:
		return fmt.Errorf("%s: -peer is the public half of a reading key, and who receives needs the private one: rotate it without -peer, and give others what that prints", path)
	case !r.Reading.IsZero() && r.Reading.Suite() != suite:
		return fmt.Errorf("%s: -peer is a reading key of the suite %v, and the version would be of %v: give -suite %[2]v", path, r.Reading.Suite(), suite)
	case !r.Reading.IsZero() && r.Reading == bases[0].info.Signed.Reading:
		return fmt.Errorf("%s: -peer is the reading key that it has already: give the new one", path)
	case r.Reading.IsZero() && !responds:
		return fmt.Errorf("%s: the reading key is of those who receive: one of them rotates, and what that prints is given here by -peer", path)
	}
	next.Reading.Public = r.Reading
	if responds {
		var err error
		if next.Reading, err = NewReading(r.Manner.Suite); err != nil {
			return err
		}
	}
	r.Signed = next
	return nil
}

// party says whose file the version is in, and what that does.
func (b base) party() Party {
	p := Party{Name: PartyOf(b.file.Path), Originates: HasPrivate(b.Originator), Responds: HasPrivate(b.Responder)}
	switch {
	case b.info.Suite.Signed():
		p.Originates, p.Responds = b.info.Signed.Originates, b.info.Signed.Responds
	case !b.Shared.IsZero():
		p.Originates, p.Responds = true, true
	}
	return p
}

// signed gives the next version, for one of the files, the parts of a signed key.
func (r *Renewal) signed(next *keyfile.Version, b base, i int) {
	if !r.Follows {
		r.Signed.Fill(next, i)
		return
	}
	if next.Sign = Copied(b.Sign); r.Signed.Parties[i].Originates {
		next.Seal = keyfile.ReadingPublicKey(r.Signed.Reading.Public)
	}
	if r.Signed.Parties[i].Responds {
		next.Read = keyfile.ReadingKey(r.Signed.Reading.Private)
	}
	next.Senders, next.Answerers = copiedParties(b.Senders), copiedParties(b.Answerers)
	next.AnyAnswerer, next.SignedOnce = b.AnyAnswerer, b.SignedOnce
}

// allowUnsigned lets what isn't signed open in a file until the versions that aren't end, where
// the next one is the first that is signed.
func (r *Renewal) allowUnsigned(f File) (until time.Time, err error) {
	if r.Signed == nil || r.Follows {
		return until, nil
	}
	infos, err := f.OfPattern(r.Pattern)
	if err != nil {
		return until, err
	}
	for _, v := range infos {
		if Lives(v, r.Now) && !v.Suite.Signed() && v.Dates.NotAfter.After(until) {
			until = v.Dates.NotAfter
		}
	}
	if until.IsZero() {
		return until, nil
	}
	if err := f.AllowUnsigned(r.Pattern, until); err != nil {
		return until, fmt.Errorf("%s: %w", f.Path, err)
	}
	return until, nil
}
