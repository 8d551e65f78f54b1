package lint

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

// Rule names what a finding is about, for scripts.
type Rule string

// The rules.
const (
	Invalid      Rule = "invalid"
	Permissions  Rule = "permissions"
	DuplicateID  Rule = "duplicate-id"
	WeakKey      Rule = "weak-key"
	NoRole       Rule = "no-role"
	Pair         Rule = "pair"
	Missing      Rule = "missing"
	Differs      Rule = "differs"
	NearMiss     Rule = "near-miss"
	Overlap      Rule = "overlap"
	PlainAround  Rule = "plain-around"
	OpenDefault  Rule = "open-default"
	NoDot        Rule = "no-dot"
	Transition   Rule = "transition"
	BothPrivate  Rule = "both-private"
	Gap          Rule = "gap"
	NoActive     Rule = "no-active"
	NoEnd        Rule = "no-end"
	NoDate       Rule = "no-date"
	Expired      Rule = "expired"
	Granted      Rule = "grant"
	NoSenders    Rule = "no-senders"
	NoAnswerers  Rule = "no-answerers"
	AnyAnswerer  Rule = "any-answerer"
	SignedOnce   Rule = "signed-once"
	Unlisted     Rule = "unlisted"
	TwoKeys      Rule = "two-keys"
	Unsigned     Rule = "unsigned"
	OneReading   Rule = "one-reading"
	Classical    Rule = "classical"
	AllowClear   Rule = "allow-clear"
	Scrambled    Rule = "scrambled"
	TooManyFound Rule = "more"
)

// rules say what each is about.
var rules = []struct {
	rule Rule
	text string
}{
	{Invalid, "what a session refuses to load for other reasons than these"},
	{Permissions, "others can read a file with secret keys, or write to it"},
	{DuplicateID, "an id stands for two versions, or for different keys"},
	{WeakKey, "a key is zero, of low order, published, or looks made up"},
	{NoRole, "a version has public keys only, which serve nobody"},
	{Pair, "the halves of a key in two files don't belong together"},
	{Missing, "a file lacks a pattern that another one has; a note, where the two share others"},
	{Differs, "two files have other versions, dates or plaintext for a pattern"},
	{NearMiss, "two patterns are nearly the same: one may be a typo"},
	{Overlap, "two patterns match some of the same URIs"},
	{PlainAround, "a note: what lies around keyed patterns is plain"},
	{OpenDefault, "URIs that no key is for are plain, and so are typos"},
	{NoDot, "a prefix doesn't end with a dot, and so matches more names"},
	{Transition, "a pattern lets plaintext through; a note, for a short time to come"},
	{BothPrivate, "the private keys of both parties are in one file"},
	{Gap, "there will be a time in which nothing seals"},
	{NoActive, "nothing seals now"},
	{NoEnd, "an old version opens without end"},
	{NoDate, "a revoked version doesn't say from when it sealed, so that an older one may seal"},
	{Expired, "a version's date has passed, and its keys are still there"},
	{Granted, "half of the time is over for which a key service has lent the keys, or all of it"},
	{NoSenders, "of a signed key: who receives lists no senders"},
	{NoAnswerers, "a note, of a signed key: who sends lists no answerers, and can't call"},
	{AnyAnswerer, "a note, of a signed key: whoever reads may answer"},
	{SignedOnce, "a note, of a signed key: one signature stands for an hour's calls"},
	{Unlisted, "of a signed key: two files don't list each other's verify keys"},
	{TwoKeys, "a note, of a signed key: a party has several keys, as while it changes its own"},
	{Unsigned, "a version that isn't signed beside one that is; a note, for a short time to come"},
	{OneReading, "two patterns have one reading key"},
	{Classical, "beside signed-pq, a version that a quantum computer opens; a note, if it ends soon"},
	{AllowClear, "scrambled URIs go as they are too; a note, for a short time to come"},
	{Scrambled, "a note: what doesn't count below a scrambled prefix; nothing lies below one"},
}

// Rules gives a line of help for each rule.
func Rules() string {
	var b strings.Builder
	for _, r := range rules {
		fmt.Fprintf(&b, "   %-14s %s\n", r.rule, r.text)
	}
	return b.String()
}

// Level says how bad a finding is.
type Level string

// The levels.
const (
	Error   Level = "error"   // the file doesn't load
	Warning Level = "warning" // it does, and it isn't as it should be
	Note    Level = "note"    // it may be meant
)

// MaxFindings bounds what is listed of one file.
const MaxFindings = 1000

// Finding is one thing that is wrong.
type Finding struct {
	File    string `json:"file"`
	Line    int    `json:"line,omitempty"`  // from 1; 0 for the whole file
	Entry   string `json:"entry,omitempty"` // `patterns[2] prefix "com.myapp." versions[0]`
	Level   Level  `json:"level"`
	Rule    Rule   `json:"rule"`
	Message string `json:"message"` // what is wrong, and what to do
}

// String gives one line: path:line: rule: entry: message, with "note: " before the rule of
// a note.
func (f Finding) String() string {
	text := f.File
	if f.Line > 0 {
		text += fmt.Sprintf(":%d", f.Line)
	}
	text += ": "
	if f.Level == Note {
		text += "note: "
	}
	text += fmt.Sprintf("%s: ", f.Rule)
	if f.Entry != "" {
		text += f.Entry + ": "
	}
	return text + f.Message
}

// report gathers the findings of one file.
type report struct {
	path     string
	now      time.Time
	file     *keyfile.File // nil where it isn't one
	hidden   []*scramble   // of those prefixes that are good
	entries  []*entry      // those that are good
	findings []Finding
	master   bool // it is an authority's, which lists parties elsewhere
}

// ofAuthority tells whether an authority decides who has which keys of the file.
func (r *report) ofAuthority() bool { return r.master || r.file.Grant != nil }

// place is where something stands in a file.
type place interface {
	line() int
	name() string
}

// add adds a warning about a place, nil for the whole file.
func (r *report) add(at place, rule Rule, format string, args ...any) {
	r.addAs(Warning, at, rule, fmt.Sprintf(format, args...))
}

func (r *report) addAs(level Level, at place, rule Rule, message string) {
	if len(r.findings) > MaxFindings {
		return
	}
	f := Finding{File: r.path, Level: level, Rule: rule, Message: keyfile.Conceal(message)}
	if at != nil {
		f.Line, f.Entry = at.line(), at.name()
	}
	if len(r.findings) == MaxFindings {
		f = Finding{File: r.path, Level: Warning, Rule: TooManyFound, Message: "there is more: mend these first"}
	}
	r.findings = append(r.findings, f)
}

// refused tells whether a finding says why the file doesn't load.
func (r *report) refused() bool {
	return slices.ContainsFunc(r.findings, func(f Finding) bool {
		return f.Level == Error
	})
}

func (r *report) sorted() []Finding {
	slices.SortStableFunc(r.findings, func(a, b Finding) int { return a.Line - b.Line })
	return r.findings
}
