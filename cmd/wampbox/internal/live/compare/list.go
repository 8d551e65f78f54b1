package compare

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/agefile"
)

// List tells what a keyring file holds, and nothing of its keys: it may be handed to
// anyone who may know the URIs.
type List struct {
	Unkeyed  string     `json:"unkeyed,omitempty"` // "plain", or nothing
	Scramble []Scramble `json:"scramble,omitempty"`
	Patterns []Pattern  `json:"patterns"`
}

// Pattern is an entry of a keyring file. Its fields are named as the file names them.
type Pattern struct {
	Pattern   string    `json:"pattern"`
	Match     string    `json:"match"` // exact, prefix or wildcard
	Plain     bool      `json:"plain,omitempty"`
	Plaintext string    `json:"plaintext,omitempty"` // in a transition: send or accept
	Until     time.Time `json:"until,omitzero"`
	// AllowUnsigned is until when versions that aren't signed open beside a signed one.
	AllowUnsigned time.Time `json:"allow_unsigned,omitzero"`
	Versions      []Version `json:"versions,omitempty"`

	parsed keyring.Pattern
}

// Version is a version of a pattern's key.
type Version struct {
	ID         string    `json:"id"`
	State      string    `json:"state"`             // when the list was made: pending, active, retired, expired or revoked
	Kind       string    `json:"kind"`              // originator, responder, pair, both, shared, signed or revoked
	Dialect    string    `json:"dialect,omitempty"` // autobahn, passthru, or nothing for this library's own
	Suite      string    `json:"suite,omitempty"`   // in our dialect
	Algorithm  string    `json:"algorithm,omitempty"`
	ActiveFrom time.Time `json:"active_from,omitzero"`
	NotAfter   time.Time `json:"not_after,omitzero"`
	Created    time.Time `json:"created,omitzero"`
	// Fingerprint is the same wherever the secret is, and gives nothing of it away. It is
	// missing where the version neither opens nor seals.
	Fingerprint string  `json:"fingerprint,omitempty"`
	Signed      *Signed `json:"signed,omitempty"`
}

// Kinds of versions, as keyring.VersionInfo names them.
const (
	kindOriginator = "originator"
	kindResponder  = "responder"
	kindShared     = "shared"
	kindSigned     = "signed"
)

// maxList bounds a list, in bytes, as a keyring file is bounded.
const maxList = 32 << 20

// errKeyring is for the file that the list should have been made of.
var errKeyring = errors.New("it is a keyring file, and its secrets are for nobody but its owner: " +
	"have wampbox list -json FILE run at the peer, and give what that prints")

// whatElse says what a text is that isn't a list.
func whatElse(text []byte) error {
	if agefile.Encrypted(text) {
		return errKeyring
	}
	var object struct {
		Version json.RawMessage `json:"version"`
	}
	if err := json.Unmarshal(text, &object); err == nil && object.Version != nil {
		return errKeyring
	}
	return errList
}

// errList repeats nothing of what was read.
var errList = errors.New("it isn't a list as wampbox list -json prints it: have wampbox list -json FILE run at the peer, and give what that prints")

// ReadList reads what wampbox list -json prints of one file, {"files": [List]}, or a List
// alone. Fields that it doesn't know are passed over.
func ReadList(r io.Reader) (List, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxList+1))
	if err != nil {
		return List{}, err
	}
	if len(text) > maxList {
		return List{}, fmt.Errorf("it has more than %d bytes: that can't be right", maxList)
	}
	var read struct {
		Files   []List          `json:"files"`
		Version json.RawMessage `json:"version"` // of the format of keyring files
		List
	}
	if err := json.Unmarshal(text, &read); err != nil {
		return List{}, whatElse(text)
	}
	if read.Version != nil {
		return List{}, errKeyring
	}
	l := read.List
	switch len(read.Files) {
	case 0:
	case 1:
		l = read.Files[0]
	default:
		return List{}, fmt.Errorf("it is about %d keyring files: make it of the one that the peer uses", len(read.Files))
	}
	if l.Patterns == nil {
		return List{}, errList
	}
	return l, l.parse()
}

// parse checks the patterns.
func (l List) parse() error {
	seen := map[keyring.Pattern]bool{}
	for i := range l.Patterns {
		p := &l.Patterns[i]
		match, err := keyring.ParseMatch(p.Match)
		if err != nil {
			return fmt.Errorf("patterns[%d]: the match is none of exact, prefix and wildcard", i)
		}
		p.parsed = keyring.Pattern{URI: p.Pattern, Match: match}
		if err := p.parsed.Validate(); err != nil {
			return fmt.Errorf("patterns[%d]: %w", i, err)
		}
		if seen[p.parsed] {
			return fmt.Errorf("patterns[%d]: %v stands twice", i, p.parsed)
		}
		seen[p.parsed] = true
	}
	return l.parseScrambles()
}

// Only gives the lists of what both say of one pattern, and of those that take URIs out of
// it or put them in: plain ones of one that has a key, keyed ones of one that is plain.
func Only(p keyring.Pattern, lists ...List) []List {
	is := map[bool]bool{} // by plain
	for _, l := range lists {
		for _, entry := range l.Patterns {
			is[entry.Plain] = is[entry.Plain] || entry.parsed == p
		}
	}
	only := make([]List, len(lists))
	for i, l := range lists {
		only[i] = List{Unkeyed: l.Unkeyed, Scramble: l.Scramble, Patterns: []Pattern{}}
		for _, entry := range l.Patterns {
			if _, meets := meet(entry.parsed, p); entry.parsed == p || meets && is[!entry.Plain] {
				only[i].Patterns = append(only[i].Patterns, entry)
			}
		}
	}
	return only
}

// Dialects gives the dialects of versions that open, each with a pattern that has it.
func (l List) Dialects(now time.Time) map[string]keyring.Pattern {
	found := map[string]keyring.Pattern{}
	for _, p := range l.Patterns {
		for _, v := range p.Versions {
			if v.opens(now) {
				found[v.Dialect] = p.parsed
			}
		}
	}
	return found
}
