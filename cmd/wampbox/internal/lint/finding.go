package lint

import (
	"fmt"
	"slices"
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

// Rule names what a finding is about, for scripts.
type Rule string

// The rules. Files with a finding of one of the first six don't load.
const (
	Invalid      Rule = "invalid"      // what loading refuses for another reason
	Permissions  Rule = "permissions"  // others can read a secret key, or write to the file
	DuplicateID  Rule = "duplicate-id" // a pattern's versions share an id; or one id stands for different keys
	TwoActive    Rule = "two-active"   // two versions of a pattern are active
	WeakKey      Rule = "weak-key"     // a key is zero, of low order, published, or looks made up
	NoRole       Rule = "no-role"      // both sides have only public keys
	Overlap      Rule = "overlap"      // two patterns match some of the same URIs
	BothPrivate  Rule = "both-private" // the private keys of both sides are in one file
	Expired      Rule = "expired"      // a version's date has passed, and its keys are still there
	NoEnd        Rule = "no-end"       // a retired version has no date
	NoActive     Rule = "no-active"    // a pattern has keys, but none that seals
	TooManyFound Rule = "more"         // there are more findings than are listed
)

// MaxFindings bounds what is listed of one file.
const MaxFindings = 1000

// Finding is one thing that is wrong.
type Finding struct {
	File    string `json:"file"`
	Line    int    `json:"line,omitempty"`  // from 1; 0 for the whole file
	Entry   string `json:"entry,omitempty"` // `keys[2] prefix "com.myapp."`
	Rule    Rule   `json:"rule"`
	Message string `json:"message"` // what is wrong, and what to do
}

// String gives one line: path:line: rule: entry: message.
func (f Finding) String() string {
	text := f.File
	if f.Line > 0 {
		text += fmt.Sprintf(":%d", f.Line)
	}
	text += fmt.Sprintf(": %s: ", f.Rule)
	if f.Entry != "" {
		text += f.Entry + ": "
	}
	return text + f.Message
}

// report gathers the findings of one file.
type report struct {
	path     string
	file     *keyfile.File
	now      time.Time
	findings []Finding
}

// add adds a finding about an entry, nil for the whole file.
func (r *report) add(at *entry, rule Rule, format string, args ...any) {
	if len(r.findings) > MaxFindings {
		return
	}
	f := Finding{File: r.path, Rule: rule, Message: keyfile.Conceal(fmt.Sprintf(format, args...))}
	if at != nil {
		f.Line, f.Entry = at.Line(), at.Name(at.index)
	}
	if len(r.findings) == MaxFindings {
		f = Finding{File: r.path, Rule: TooManyFound, Message: "there is more: mend these first"}
	}
	r.findings = append(r.findings, f)
}

// refused tells whether a finding says why the file doesn't load.
func (r *report) refused() bool {
	return slices.ContainsFunc(r.findings, func(f Finding) bool {
		return slices.Contains([]Rule{Invalid, Permissions, DuplicateID, TwoActive, WeakKey, NoRole}, f.Rule)
	})
}

func (r *report) sorted() []Finding {
	slices.SortStableFunc(r.findings, func(a, b Finding) int { return a.Line - b.Line })
	return r.findings
}
