package authority

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

// Shown is what a folder says, without its secrets.
type Shown struct {
	Key       cryptobox.VerifyKey   // what members pin
	Previous  []cryptobox.VerifyKey // what they pinned before, the last one first
	Recovery  []string
	Serial    uint64    // of the last grants, 0 for none
	Issued    time.Time // when they were
	Expires   time.Time // when they stop to count
	Members   []ShownMember
	Former    []ShownFormer
	Patterns  []ShownPattern
	Scrambled []ShownScrambled // in the order of their texts
}

// ShownScrambled is a prefix below which routers get URIs scrambled.
type ShownScrambled struct {
	keyring.Scrambled
	Members []string // who has its secrets, or will by the next Issue, in order
}

// ShownMember is a member.
type ShownMember struct {
	Name      string
	Key       cryptobox.VerifyKey
	Recipient string
	Hybrid    bool // the recipient is
	Enrolled  time.Time
	Holdings  []Holding // in the order of the patterns
}

// Holding is a pattern that a member holds.
type Holding struct {
	Pattern keyring.Pattern
	As      As
}

// ShownFormer is a member that was revoked.
type ShownFormer struct {
	Name    string
	Key     cryptobox.VerifyKey
	Revoked time.Time
}

// ShownPattern is a pattern that members hold, or that the master has.
type ShownPattern struct {
	keyfile.Info                     // of the master; without Versions if it doesn't have the pattern
	Holders                 []Holder // in the order of their names
	AnyAnswerer, SignedOnce bool
}

// Holder is a member that holds a pattern.
type Holder struct {
	Name string
	As   As
}

// Show tells what the folder says.
func (a *Authority) Show() (Shown, error) {
	s := a.state
	shown := Shown{
		Key: a.Key(), Previous: slices.Clone(s.Previous), Recovery: slices.Clone(s.Recovery),
		Serial: s.Serial, Issued: s.Issued, Expires: s.Expires,
	}
	master, err := a.master()
	if err != nil {
		return shown, &Error{Op: "show", Err: err}
	}
	defer master.Wipe()
	var infos []keyfile.Info
	if len(master.Entries) > 0 {
		if infos, err = master.List(); err != nil {
			return shown, &Error{Op: "show", Err: err}
		}
	}
	hidden, err := scrambledOf(master)
	if err != nil {
		return shown, &Error{Op: "show", Err: err}
	}
	for _, one := range hidden {
		shown.Scrambled = append(shown.Scrambled, ShownScrambled{one, slices.Sorted(maps.Keys(s.below(one.Prefix)))})
	}
	held := map[string][]Holding{}
	for _, info := range infos {
		shown.Patterns = append(shown.Patterns, s.shown(info))
	}
	for _, h := range s.Patterns {
		if !slices.ContainsFunc(infos, func(info keyfile.Info) bool { return info.Pattern == h.pattern() }) && len(h.Holders) > 0 {
			shown.Patterns = append(shown.Patterns, s.shown(keyfile.Info{Pattern: h.pattern()}))
		}
		for name, as := range h.Holders {
			held[name] = append(held[name], Holding{h.pattern(), as})
		}
	}
	for _, m := range s.Members {
		shown.Members = append(shown.Members, ShownMember{m.Name, m.Key, m.Recipient, hybrid(m.Recipient), m.Enrolled, held[m.Name]})
	}
	for _, f := range s.Former {
		shown.Former = append(shown.Former, ShownFormer(f))
	}
	return shown, nil
}

// shown tells of a pattern.
func (s *state) shown(info keyfile.Info) ShownPattern {
	shown := ShownPattern{Info: info}
	h := s.holding(info.Pattern)
	if h == nil {
		return shown
	}
	shown.AnyAnswerer, shown.SignedOnce = h.AnyAnswerer, h.SignedOnce
	for _, name := range slices.SortedFunc(maps.Keys(h.Holders), cmp.Compare[string]) {
		shown.Holders = append(shown.Holders, Holder{name, h.Holders[name]})
	}
	return shown
}
