package compare

import (
	"fmt"
	"slices"
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/words"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// Signed is what a version of a signed key can do, and whom it lists. No private key is in it.
type Signed struct {
	Verify      string   `json:"verify,omitempty"` // by which others list the party; none if it signs nothing
	Roles       []string `json:"roles"`            // originator, responder
	Senders     []Party  `json:"senders,omitempty"`
	Answerers   []Party  `json:"answerers,omitempty"`
	AnyAnswerer bool     `json:"any_answerer,omitempty"`
	SignedOnce  bool     `json:"signed_once,omitempty"`
}

// Party is one that is listed.
type Party struct {
	Name string `json:"name"`
	Key  string `json:"key"`
}

// newSigned tells of a version of a signed key; nil for others, and of one that is revoked.
func newSigned(v keyring.VersionInfo) *Signed {
	if v.Kind != kindSigned || v.State == keyring.StateRevoked {
		return nil
	}
	s := &Signed{Roles: []string{}, AnyAnswerer: v.Signed.AnyAnswerer, SignedOnce: v.Signed.SignedOnce}
	if !v.Signed.Verify.IsZero() {
		s.Verify = v.Signed.Verify.String()
	}
	if v.Signed.Originates {
		s.Roles = append(s.Roles, kindOriginator)
	}
	if v.Signed.Responds {
		s.Roles = append(s.Roles, kindResponder)
	}
	for _, p := range v.Signed.Senders {
		s.Senders = append(s.Senders, Party{p.Name, p.Key.String()})
	}
	for _, p := range v.Signed.Answerers {
		s.Answerers = append(s.Answerers, Party{p.Name, p.Key.String()})
	}
	return s
}

// has tells whether a version serves a role.
func (s *Signed) has(role string) bool { return s != nil && slices.Contains(s.Roles, role) }

// half is the one role that a version serves, or its kind where it serves both.
func (v *Version) half() string {
	if v.Signed != nil && len(v.Signed.Roles) == 1 {
		return v.Signed.Roles[0]
	}
	return v.Kind
}

// lists tells whether a key is in a list.
func lists(parties []Party, key string) bool {
	return key != "" && slices.ContainsFunc(parties, func(p Party) bool { return p.Key == key })
}

// parties compares whom the ends list in a version of a signed key that both have, and tells
// whether nothing is taken of what one of them sends.
func (r *report) parties(from, to side, v, other *Version) bool {
	if !v.Signed.has(kindOriginator) || !other.Signed.has(kindResponder) {
		return false
	}
	pattern := words.Argument(from.Pattern.Pattern)
	add := func(as, where, whose string) string {
		return fmt.Sprintf("at %s run wampbox add -%s NAME=KEY %s FILE, where KEY is what wampbox pubkey FILE prints at %s", where, as, pattern, whose)
	}
	unheard := !lists(other.Signed.Senders, v.Signed.Verify)
	switch calls := v.Signed.AnyAnswerer || len(v.Signed.Answerers) > 0; {
	case unheard:
		r.add(Error, Parties, from.parsed, v.ID, fmt.Sprintf("%s doesn't list the key by which %s signs among its senders: nothing that it sends is taken", to.name, from.name),
			add("sender", to.name, from.name))
	case v.Signed.SignedOnce && !other.Signed.SignedOnce:
		r.add(Error, Parties, from.parsed, v.ID, fmt.Sprintf("%s signs its calls once an hour, and %s doesn't take that: its calls are refused", from.name, to.name),
			"write \"signed_once\": true at both ends, or at neither")
	case !calls || v.Signed.AnyAnswerer:
	case !lists(v.Signed.Answerers, other.Signed.Verify):
		r.add(Warning, Parties, from.parsed, v.ID, fmt.Sprintf("%s doesn't list the key by which %s signs among its answerers: its answers are refused", from.name, to.name),
			add("answerer", from.name, to.name))
	case other.Signed.SignedOnce && !v.Signed.SignedOnce:
		r.add(Warning, Parties, from.parsed, v.ID, fmt.Sprintf("%s signs its answers once an hour, and %s doesn't take that: they are refused", to.name, from.name),
			"write \"signed_once\": true at both ends, or at neither")
	}
	return unheard
}

// takes tells whether a version opens what arrives at a moment. One that isn't signed does so
// beside a signed one until a date only.
func (p Pattern) takes(v *Version, t time.Time) bool {
	_, closed := p.closes(*v)
	return v.opens(t) && (!closed || !t.After(p.AllowUnsigned))
}

// signed tells whether a version is of a signed key, or was.
func (v Version) signed() bool {
	suite, err := cryptobox.ParseSuite(v.Suite)
	return err == nil && suite.Signed()
}

// closes gives until when a version opens that isn't signed, and whether there is a signed one
// beside it.
func (p Pattern) closes(v Version) (until time.Time, closes bool) {
	beside := slices.ContainsFunc(p.Versions, Version.signed) // a revoked one too
	if v.signed() || !beside {
		return v.NotAfter, false
	}
	if v.NotAfter.IsZero() || p.AllowUnsigned.Before(v.NotAfter) {
		return p.AllowUnsigned, true
	}
	return v.NotAfter, true
}
