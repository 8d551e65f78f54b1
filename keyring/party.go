package keyring

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

// parties are names by their keys. Once in a key they don't change.
type parties map[cryptobox.VerifyKey]string

// newParties makes them of a list.
func newParties(field string, list []Party) (parties, error) {
	ps := make(parties, len(list))
	for _, one := range list {
		if _, twice := ps[one.Key]; twice && ps[one.Key] == one.Name {
			return nil, fmt.Errorf("%w: %s has the party %.64q with one key twice: remove one", ErrKey, field, one.Name)
		}
		if err := ps.add(one); err != nil {
			return nil, fmt.Errorf("%w (%s)", err, field)
		}
	}
	return ps, nil
}

// add refuses a party that can't be in the list. One that is there already changes nothing.
func (ps parties) add(one Party) error {
	if err := checkText("party's name", one.Name); err != nil {
		return err
	}
	if one.Key.IsZero() {
		return zeroKey(fmt.Sprintf("key of the party %.64q", one.Name))
	}
	if other, known := ps[one.Key]; known && other != one.Name {
		return fmt.Errorf("%w: %.64q and %.64q have one key: a key belongs to one party", ErrKey, other, one.Name)
	}
	ps[one.Key] = one.Name
	return nil
}

// keys gives those of all, in no order.
func (ps parties) keys() []cryptobox.VerifyKey { return slices.Collect(maps.Keys(ps)) }

// list gives all in the order of their names, and of their keys' texts.
func (ps parties) list() []Party {
	list := make([]Party, 0, len(ps))
	for key, name := range ps {
		list = append(list, Party{name, key})
	}
	slices.SortFunc(list, func(a, b Party) int {
		if order := cmp.Compare(a.Name, b.Name); order != 0 {
			return order
		}
		return cmp.Compare(a.Key.String(), b.Key.String())
	})
	return list
}

// AddParty adds a party to the lists of all versions of a pattern that have such a list: of
// those that send ([RoleOriginator]: see [Signing].Senders), or of those that answer
// ([RoleResponder]: Answerers). It counts at once, in exchanges that are under way too. To add
// one that is listed changes nothing. What it costs grows with the length of the lists.
//
// The error is an [*Error] that wraps [ErrNoVersion], [ErrSource], [ErrWrongRole] for no role,
// [ErrKey] for a name or key that can't be listed, or [ErrState] if no version lists such
// parties. The ring is then unchanged.
func (r *Ring) AddParty(p Pattern, role Role, party Party) error {
	none := refuse("no version lists such parties: give the pattern a signed key with Read, or with Sign, Seal and not AnyAnswerer for who answers")
	return r.changeParties("add party", p, role, none, func(s *signed, list parties) (applies bool, err error) {
		if !s.takes(role) {
			return false, nil
		}
		return true, list.add(party)
	})
}

// RemoveParty takes a party out of the lists of all versions of a pattern: of those that send
// ([RoleOriginator]), or of those that answer ([RoleResponder]). It counts at once, in exchanges
// that are under way too: its next message is refused. If the Party has a Key, only that is
// taken out, and not others under its name. What it costs grows with the length of the lists.
//
// The error is an [*Error] that wraps [ErrNoVersion], [ErrSource], [ErrWrongRole] for no role,
// or [ErrNoParty] if no version lists it. The ring is then unchanged.
func (r *Ring) RemoveParty(p Pattern, role Role, party Party) error {
	none := fmt.Errorf("%w: no version lists %.64q, or not with this key", ErrNoParty, party.Name)
	return r.changeParties("remove party", p, role, none, func(_ *signed, list parties) (applies bool, err error) {
		before := len(list)
		maps.DeleteFunc(list, func(key cryptobox.VerifyKey, name string) bool {
			return name == party.Name && (party.Key.IsZero() || party.Key == key)
		})
		return len(list) < before, nil
	})
}

// changeParties has a function change the lists of a pattern's signed versions. If it applies
// to none of them, the error is the one that is given.
func (r *Ring) changeParties(op string, p Pattern, role Role, none error, change func(*signed, parties) (applies bool, err error)) error {
	if role != RoleOriginator && role != RoleResponder {
		return &Error{Op: op, Pattern: p, Err: fmt.Errorf("%w: give RoleOriginator for who sends, RoleResponder for who answers", ErrWrongRole)}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	e, err := r.ownEntry(op, p)
	if err != nil {
		return err
	}
	return r.changeEntry(op, e, func(e *Entry) (*Entry, error) {
		versions, applied := slices.Clone(e.versions), false
		for i, v := range versions {
			if !v.Signed() || v.Revoked() {
				continue
			}
			next, applies, err := v.relisted(role, change)
			if err != nil {
				return nil, &Error{Op: op, Pattern: p, ID: v.ID(), Err: err}
			}
			versions[i], applied = next, applied || applies
		}
		if !applied {
			return nil, &Error{Op: op, Pattern: p, Err: none}
		}
		return e.with(versions...), nil
	})
}

// relisted gives the version with a list that was changed, or v.
func (v *Version) relisted(role Role, change func(*signed, parties) (bool, error)) (next *Version, applies bool, err error) {
	own := v.key.signed
	before := own.parties(role)
	list := maps.Clone(before)
	applies, err = change(own, list)
	if err != nil || !applies || len(list) == len(before) {
		return v, applies, err
	}
	changed := *v
	changed.key = own.with(role, list)
	return &changed, true, changed.key.check()
}
