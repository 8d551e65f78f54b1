package authority

import (
	"fmt"
	"slices"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/renewal"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

// ownKey stands for the signing key of whoever reads the file.
const ownKey = "identity"

// parting gives members their parts of one pattern of the master.
type parting struct {
	entry *keyfile.Entry
	held  *holding

	senders, answerers []keyfile.Party // by who holds the pattern
}

// newParting lists the parties of a pattern.
func newParting(e *keyfile.Entry, h *holding, keys map[string]cryptobox.VerifyKey) *parting {
	p := &parting{entry: e, held: h}
	if !slices.ContainsFunc(e.Versions, func(v *keyfile.Version) bool { return v.Suite.Signed() }) {
		return p // nobody is listed
	}
	for _, name := range sortedNames(h.Holders) {
		party := keyfile.Party{Name: name, Key: keyfile.VerifyKey(keys[name])}
		if h.Holders[name].originates() {
			p.senders = append(p.senders, party)
		}
		if h.Holders[name].answers() && !h.AnyAnswerer {
			p.answerers = append(p.answerers, party)
		}
	}
	return p
}

// as gives what one who holds the pattern so is given of it. Comments stay in the master.
func (p *parting) as(as As) (*keyfile.Entry, error) {
	e := &keyfile.Entry{
		Pattern: p.entry.Pattern, Plaintext: p.entry.Plaintext, Until: p.entry.Until, AllowUnsigned: p.entry.AllowUnsigned,
	}
	for _, v := range p.entry.Versions {
		if !v.Revoked && as.fits(v) != nil {
			continue
		}
		part, err := p.version(v, as)
		if err != nil {
			return nil, fmt.Errorf("%v: %w", p.entry.Pattern, err)
		}
		e.Versions = append(e.Versions, part)
	}
	if len(e.Versions) == 0 {
		return nil, fail(ErrMaster, "%v has no version that can be held as %v", p.entry.Pattern, as)
	}
	return e, nil
}

// version gives a part of a version.
func (p *parting) version(v *keyfile.Version, as As) (*keyfile.Version, error) {
	part := &keyfile.Version{ID: v.ID, Dates: v.Dates, Revoked: v.Revoked, Dialect: v.Dialect, Suite: v.Suite, Algorithm: v.Algorithm}
	if v.Revoked {
		return part, nil
	}
	if v.Suite.Signed() {
		return part, p.signed(part, v, as)
	}
	if renewal.IsShared(v) {
		part.Shared, part.Originator, part.Responder = v.Shared, v.Originator, v.Responder
		return part, nil
	}
	var err error
	if part.Originator, err = side(v.Originator, as.originates()); err != nil {
		return nil, err
	}
	part.Responder, err = side(v.Responder, as.responds())
	return part, err
}

// side gives one side of a pair: its private key, or the public one.
func side(s *keyfile.Side, private bool) (*keyfile.Side, error) {
	if s == nil || s.Private.IsZero() {
		return nil, fail(ErrMaster, "a version has one private key alone")
	}
	if private {
		return &keyfile.Side{Private: s.Private}, nil
	}
	key, err := cryptobox.ParsePrivateKey(string(s.Private.UnsafeText()))
	if err != nil {
		return nil, err
	}
	return &keyfile.Side{Public: keyfile.PublicKey(key.Public())}, nil
}

// signed gives a part of a signed key. The lists are those of the holders.
func (p *parting) signed(part, v *keyfile.Version, as As) error {
	reading, err := cryptobox.ParseReadingKey(string(v.Read.UnsafeText()))
	if err != nil {
		return fail(ErrMaster, "a version has no reading key: %w", err)
	}
	part.SignedOnce = p.held.SignedOnce
	if as != Reader {
		part.Sign = keyfile.Text(ownKey)
	}
	if as.originates() {
		part.Seal = keyfile.ReadingPublicKey(reading.Public())
	}
	if as.hears() {
		part.Answerers, part.AnyAnswerer = p.answerers, p.held.AnyAnswerer
	}
	if as.responds() {
		part.Read, part.Senders = v.Read, p.senders
	}
	return nil
}

// plainEntry gives what all are told of a plain pattern.
func plainEntry(e *keyfile.Entry) *keyfile.Entry {
	return &keyfile.Entry{Pattern: e.Pattern, Plain: true}
}
