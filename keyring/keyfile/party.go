package keyfile

import (
	"bytes"
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// Party is one that sends or answers, as the file writes it. Its key is a public one.
type Party struct {
	Name string
	Key  Secret
}

// AddParty adds a party to the lists of a pattern's versions, as [keyring.Ring.AddParty] does,
// and refuses what that refuses.
func (f *File) AddParty(p keyring.Pattern, role keyring.Role, party keyring.Party) error {
	_, err := f.order(p, func(r *keyring.Ring) error { return r.AddParty(p, role, party) })
	return err
}

// RemoveParty takes a party out of the lists of a pattern's versions, as
// [keyring.Ring.RemoveParty] does, and refuses what that refuses.
func (f *File) RemoveParty(p keyring.Pattern, role keyring.Role, party keyring.Party) error {
	_, err := f.order(p, func(r *keyring.Ring) error { return r.RemoveParty(p, role, party) })
	return err
}

// AllowUnsigned lets versions that aren't signed open beside a signed one until a date, as
// [keyring.Ring.AllowUnsigned] does, and refuses what that refuses.
func (f *File) AllowUnsigned(p keyring.Pattern, until time.Time) error {
	e, err := f.order(p, func(r *keyring.Ring) error { return r.AllowUnsigned(p, until) })
	if err == nil {
		e.AllowUnsigned = until
	}
	return err
}

// relist gives a list of the file as a change of the ring has left it. Parties that stay are
// left as they were written.
func (s settings) relist(field string, list []Party, now []keyring.Party) ([]Party, error) {
	if len(list) == len(now) { // a change adds some or removes some
		return list, nil
	}
	missing := make(map[string]keyring.Party, len(now)) // by name and key
	for _, one := range now {
		missing[one.Name+" "+one.Key.String()] = one
	}
	var next []Party
	for i, one := range list {
		written := one.Name + " " + string(bytes.TrimSpace(one.Key.UnsafeText()))
		if where, _ := one.Key.reference(); where != inText {
			is, err := s.party(field, i, one)
			if err != nil {
				return nil, err
			}
			written = is.Name + " " + is.Key.String()
		}
		if _, stays := missing[written]; stays {
			next = append(next, one)
			delete(missing, written)
		}
	}
	for _, one := range now {
		if _, is := missing[one.Name+" "+one.Key.String()]; is {
			next = append(next, Party{one.Name, VerifyKey(one.Key)})
		}
	}
	return next, nil
}
