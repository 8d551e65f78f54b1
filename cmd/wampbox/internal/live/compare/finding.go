package compare

import (
	"fmt"
	"strings"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// Level says how bad a finding is.
type Level string

// The levels.
const (
	Error   Level = "error"   // something is refused, or will be
	Warning Level = "warning" // nothing is refused by it, but it isn't as it should be
	Note    Level = "note"    // it may be meant
)

// Rule names what a finding is about, for scripts.
type Rule string

// The rules about two ends.
const (
	MissingPattern Rule = "missing-pattern" // one end says nothing of a pattern, or something else
	Plain          Rule = "plain"           // one end seals what is plain at the other
	Dialect        Rule = "dialect"         // they write to different kinds of peers
	Pair           Rule = "pair"            // their keys don't belong together
	Roles          Rule = "roles"           // both hold the same half
	Secret         Rule = "secret"          // one id stands for different keys
	MissingVersion Rule = "missing-version" // one end lacks a version that the other seals with, or will
	Revoked        Rule = "revoked"         // one end has revoked what the other uses
	Dates          Rule = "dates"           // a version's dates differ, or end too early
	NoActive       Rule = "no-active"       // one end seals nothing
	Parties        Rule = "parties"         // one end doesn't list the other's key
	Transition     Rule = "transition"      // one end sends plain, or takes it
	Scrambling     Rule = "scrambling"      // one end sends URIs in a form that the other doesn't take
	Unkeyed        Rule = "unkeyed"         // one end takes as plain what no pattern matches
)

// Finding is one thing that is wrong, with what to do about it.
type Finding struct {
	Level   Level  `json:"level"`
	Rule    Rule   `json:"rule"`
	Pattern string `json:"pattern,omitempty"`
	Match   string `json:"match,omitempty"` // of the pattern; without it the finding is about none
	ID      string `json:"id,omitempty"`    // of the version
	Message string `json:"message"`
	Fix     string `json:"fix"`
}

// String writes a finding in two lines.
func (f Finding) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: ", f.Level)
	if f.Match != "" {
		fmt.Fprintf(&b, "%s %q: ", f.Match, f.Pattern)
	}
	if f.ID != "" {
		fmt.Fprintf(&b, "version %q: ", f.ID)
	}
	fmt.Fprintf(&b, "%s [%s]\n   fix: %s", f.Message, f.Rule, f.Fix)
	return b.String()
}

// report collects findings.
type report struct {
	findings  []Finding
	strangers bool // the ends have no pattern in common
}

// add notes a finding about a pattern, or its version with an id.
func (r *report) add(level Level, rule Rule, p keyring.Pattern, id, message, fix string) {
	r.findings = append(r.findings, Finding{
		Level: level, Rule: rule, Pattern: p.URI, Match: p.Match.String(), ID: id, Message: message, Fix: fix,
	})
}
