package authority

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/statement"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyservice"
)

// maxState bounds authority.json, in bytes: 1,000 members that hold 1,000 patterns each take
// 15 MB.
const maxState = 256 << 20

// signingKey is written as text, behind its type.
type signingKey struct{ key cryptobox.SigningKey }

// MarshalText gives the private key: authority.json is where it is kept.
func (k signingKey) MarshalText() ([]byte, error) { return []byte(k.key.UnsafeText()), nil }

// UnmarshalText reads it.
func (k *signingKey) UnmarshalText(text []byte) (err error) {
	k.key, err = cryptobox.ParseSigningKey(string(text))
	if err == nil && k.key.UnsafeText() != string(text) {
		err = errors.New("it isn't written as a key is")
	}
	return err
}

// holders are the names of those who hold a pattern, and as what. It is written by part.
type holders map[string]As

// MarshalJSON writes lists of names, each in order.
func (h holders) MarshalJSON() ([]byte, error) {
	lists := map[As][]string{}
	for name, as := range h {
		lists[as] = append(lists[as], name)
	}
	for _, names := range lists {
		slices.Sort(names)
	}
	return json.Marshal(lists, json.Deterministic(true))
}

// UnmarshalJSON reads them.
func (h *holders) UnmarshalJSON(text []byte) error {
	var lists map[As][]string
	if err := json.Unmarshal(text, &lists); err != nil {
		return err
	}
	*h = holders{}
	for as, names := range lists {
		for _, name := range names { // what is twice, or in another order, isn't written so
			(*h)[name] = as
		}
	}
	return nil
}

// marshal gives the text of authority.json. The caller wipes it.
func (s *state) marshal() ([]byte, error) {
	text, err := json.Marshal(s, json.Deterministic(true), json.ExperimentalSupportFormatTag(true))
	if err == nil && len(text) >= maxState {
		clear(text)
		err = fail(ErrTooLarge, "authority.json would have %d bytes", len(text))
	}
	if err != nil {
		return nil, err
	}
	return append(text, '\n'), nil
}

// parseState reads the text of authority.json, and checks it. The error wraps [ErrState], and
// repeats nothing of the text.
func parseState(text []byte) (*state, error) {
	s := new(state)
	if err := json.Unmarshal(text, s, json.RejectUnknownMembers(true), json.ExperimentalSupportFormatTag(true)); err != nil {
		return nil, fail(ErrState, "%s", plainly(err))
	}
	if err := s.check(); err != nil {
		return nil, fail(ErrState, "%w", err)
	}
	again, err := s.marshal() // which finds what would be lost by writing it
	defer clear(again)
	if err != nil || !bytes.Equal(bytes.TrimSpace(again), bytes.TrimSpace(text)) {
		return nil, fail(ErrState, "it isn't written as an authority writes it")
	}
	return s, nil
}

// plainly says where a text is wrong, without the text.
func plainly(err error) string {
	var semantic *json.SemanticError
	if errors.As(err, &semantic) && semantic.JSONPointer != "" {
		pointer := keyfile.Conceal(fmt.Sprintf("%.256q", string(semantic.JSONPointer)))
		return "what is at " + pointer + " isn't as it has to be"
	}
	return "it isn't JSON, or has what the format doesn't have"
}

// check refuses what doesn't hold together.
func (s *state) check() error {
	switch {
	case s.Version != stateVersion:
		return fmt.Errorf(`"version" is %d: this program reads %d`, s.Version, stateVersion)
	case s.Key.key.IsZero():
		return errors.New("the key is missing")
	case s.Serial > keyfile.MaxSerial:
		return errors.New("the serial is beyond what there are")
	}
	if err := checkRecovery(s.Recovery); err != nil {
		return err
	}
	if err := s.checkMembers(); err != nil {
		return err
	}
	if err := s.checkPatterns(); err != nil {
		return err
	}
	if err := s.checkScrambled(); err != nil {
		return err
	}
	return s.Ending.check(s)
}

// checkMembers refuses members that can't be enrolled beside one another.
func (s *state) checkMembers() error {
	names, keys, recipients := map[string]bool{}, map[cryptobox.VerifyKey]bool{}, map[string]bool{}
	known := map[statement.Hash]bool{}
	for _, hash := range s.Recipients {
		if known[hash] {
			return errors.New("a recipient is known twice")
		}
		known[hash] = true
	}
	for _, f := range s.Former {
		if err := statement.CheckName(f.Name); err != nil {
			return err
		}
		if f.Key.IsZero() || keys[f.Key] {
			return fmt.Errorf("the former member %q has no key of its own", f.Name)
		}
		keys[f.Key] = true
	}
	for i, m := range s.Members {
		if m == nil {
			return fmt.Errorf("the member %d is missing", i)
		}
		if err := statement.CheckName(m.Name); err != nil {
			return err
		}
		if _, err := keyservice.ParseRecipient(m.Recipient); err != nil {
			return fmt.Errorf("the member %q: %w", m.Name, err)
		}
		name := strings.ToLower(m.Name)
		if names[name] || m.Key.IsZero() || keys[m.Key] || recipients[m.Recipient] || !known[statement.HashOf(m.Recipient)] {
			return fmt.Errorf("the member %q has no name, key and recipient of its own", m.Name)
		}
		names[name], keys[m.Key], recipients[m.Recipient] = true, true, true
		if err := s.checkIssued(m); err != nil {
			return err
		}
		if err := m.reported.check(s); err != nil {
			return fmt.Errorf("the member %q: %w", m.Name, err)
		}
	}
	return nil
}

// checkIssued refuses grants that can't have been issued.
func (s *state) checkIssued(m *member) error {
	last := uint64(0)
	for _, one := range m.Issued {
		if one.Serial <= last || one.Serial > s.Serial {
			return fmt.Errorf("the grants of %q aren't in order", m.Name)
		}
		last = one.Serial
	}
	if len(m.Issued) > maxIssued {
		return fmt.Errorf("too many grants of %q", m.Name)
	}
	return nil
}

// checkPatterns refuses patterns that there can't be, or that strangers hold.
func (s *state) checkPatterns() error {
	names, known := map[string]bool{}, map[keyring.Pattern]bool{}
	for _, m := range s.Members {
		names[m.Name] = true
	}
	for i, h := range s.Patterns {
		if h == nil {
			return fmt.Errorf("the pattern %d is missing", i)
		}
		if _, err := keyring.ParseMatch(h.Match); err != nil {
			return fmt.Errorf("the pattern %d has no match", i)
		}
		p := h.pattern()
		if err := p.Validate(); err != nil {
			return err
		}
		if known[p] {
			return fmt.Errorf("the pattern %v is there twice", p)
		}
		known[p] = true
		if !h.checkHandedOut(s, h.Holders) {
			return fmt.Errorf("what was issued of the pattern %v can't have been", p)
		}
		for name := range h.Holders {
			if !names[name] {
				return fmt.Errorf("the pattern %v is held by %.64q, who is no member", p, name)
			}
		}
	}
	return nil
}
