package authority

import (
	"strings"
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/statement"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// state is what authority.json says.
type state struct {
	Version  int                   `json:"version"`
	Key      signingKey            `json:"key"`
	Previous []cryptobox.VerifyKey `json:"previous,omitempty"` // of [Authority.Rekey], the last one first
	Recovery []string              `json:"recovery,omitempty"`
	Serial   uint64                `json:"serial,omitzero"` // of the last grants
	Issued   time.Time             `json:"issued,omitzero"`
	Expires  time.Time             `json:"expires,omitzero"`
	// OpensUntil is until when grants open that were issued: the latest date of all.
	OpensUntil time.Time `json:"opens_until,omitzero"`
	Changed    bool      `json:"changed,omitzero"`     // something isn't in the last grants, or not in all of them
	FreshUntil time.Time `json:"fresh_until,omitzero"` // how long the last fresh key counts
	Members    []*member `json:"members,omitempty"`
	Former     []former  `json:"former,omitempty"`
	// Recipients are the hashes of those that members have and had: none comes again. Of one that
	// changes its own, maxPast are remembered.
	Recipients []statement.Hash `json:"recipients,omitempty"`
	Patterns   []*holding       `json:"patterns,omitempty"`
	Scrambled  []*scrambled     `json:"scrambled,omitempty"`
	Ending     *ending          `json:"ending,omitzero"`
}

// stateVersion is that of the format.
const stateVersion = 1

// member is one that is enrolled.
type member struct {
	Name      string              `json:"name"`
	Key       cryptobox.VerifyKey `json:"key"`
	Recipient string              `json:"recipient"`
	Enrolled  time.Time           `json:"enrolled"`
	Issued    []issued            `json:"issued,omitempty"` // its last grants, at most [maxIssued], the newest last
	reported
}

// issued is a grant that was issued to a member.
type issued struct {
	Serial     uint64         `json:"serial"`
	Ciphertext statement.Hash `json:"ciphertext"`
	At         time.Time      `json:"at"`
	Expires    time.Time      `json:"expires"`
}

// maxIssued is of how many grants it is known what they were.
const maxIssued = 16

// former is one that was enrolled: its key never comes again.
type former struct {
	Name    string              `json:"name"`
	Key     cryptobox.VerifyKey `json:"key"`
	Revoked time.Time           `json:"revoked"`
}

// holding is what is known of a pattern beside its key, and who holds it.
type holding struct {
	Match       string  `json:"match"`
	URI         string  `json:"uri"`
	AnyAnswerer bool    `json:"any_answerer,omitzero"`
	SignedOnce  bool    `json:"signed_once,omitzero"`
	Holders     holders `json:"holders"`
	handedOut
	Rotate *Schedule `json:"rotate,omitzero"`
}

// pattern gives the pattern, which was checked.
func (h *holding) pattern() keyring.Pattern {
	match, _ := keyring.ParseMatch(h.Match)
	return keyring.Pattern{URI: h.URI, Match: match}
}

// member finds one by its name, nil if there is none.
func (s *state) member(name string) *member {
	for _, m := range s.Members {
		if m.Name == name {
			return m
		}
	}
	return nil
}

// holding finds what is held of a pattern, nil for nothing.
func (s *state) holding(p keyring.Pattern) *holding {
	for _, h := range s.Patterns {
		if h.pattern() == p {
			return h
		}
	}
	return nil
}

// holdings gives the patterns that a member holds, in their order.
func (s *state) holdings(name string) (all []*holding) {
	for _, h := range s.Patterns {
		if _, holds := h.Holders[name]; holds {
			all = append(all, h)
		}
	}
	return all
}

// sameName tells whether names differ in case at most: they are names of files.
func sameName(a, b string) bool { return strings.EqualFold(a, b) }
