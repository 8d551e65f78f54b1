package main

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// explainFile is what one keyring file means for a URI.
type explainFile struct {
	File       string       `json:"file"`
	Grant      *listedGrant `json:"grant,omitempty"`
	Pattern    *string      `json:"pattern,omitempty"` // the one that counts
	Match      string       `json:"match,omitempty"`
	Why        string       `json:"why,omitempty"`
	Others     []string     `json:"others,omitempty"` // that match as well
	Closed     string       `json:"closed,omitempty"`
	Near       string       `json:"near,omitempty"`
	Sends      string       `json:"sends,omitempty"`
	Serves     string       `json:"serves,omitempty"`
	Transition string       `json:"transition,omitempty"`
	Unsigned   string       `json:"unsigned,omitempty"`
	SealsWith  string       `json:"seals_with,omitempty"` // the id that publications and calls get
	Scrambled  string       `json:"scrambled,omitempty"`
	Router     []routerForm `json:"router,omitempty"` // what routers see, with -realm

	entry    *keyring.Entry
	versions []keyring.VersionInfo
	hidden   *keyring.Scrambled // nil where the URI isn't scrambled
	err      error              // why nothing is sent
}

// look finds out what a ring makes of a URI.
func (f *explainFile) look(ring *keyring.Ring, uri string) {
	entry, err := ring.Lookup(uri)
	if err != nil {
		f.Closed = cause(err)
		var known *keyring.Error
		if errors.As(err, &known) && known.Near != (keyring.Pattern{}) {
			f.Near = known.Near.String()
		}
		if strings.HasSuffix(uri, ".") {
			f.Closed += "; what ends with a dot is a pattern: explain takes the URI of one topic or procedure"
		}
		return
	}
	p := entry.Pattern()
	f.entry, f.versions = entry, ring.Versions(p)
	f.Pattern, f.Match = &p.URI, p.Match.String()
	f.why(ring, uri, p)
	f.sends()
	f.serves()
	if until, lasts := entry.AllowsUnsigned(); lasts && f.signed() {
		f.Unsigned = fmt.Sprintf("opens what isn't signed too until %s", shown(until, ""))
	}
	if plaintext, until, lasts := entry.Transition(); lasts {
		f.Transition = fmt.Sprintf("takes plaintext too until %s", shown(until, ""))
		if plaintext == keyring.AcceptPlain {
			f.Transition += ", and answers plain calls in plain"
		}
	}
}

// pattern names the one that counts.
func (f *explainFile) pattern() string {
	if f.Pattern == nil {
		return ""
	}
	return fmt.Sprintf("%s %q", f.Match, *f.Pattern)
}

// why says which rule of precedence has decided.
func (f *explainFile) why(ring *keyring.Ring, uri string, counts keyring.Pattern) {
	listed := false
	for p := range ring.Patterns() {
		switch {
		case p == counts:
			listed = true
		case p.Matches(uri) && len(f.Others) < maxListed:
			f.Others = append(f.Others, p.String())
		}
	}
	slices.Sort(f.Others)
	switch {
	case !listed && counts.URI != "":
		f.Why = `URIs that begin with "wamp." are WAMP's own, and plain, unless a pattern that begins so keys them`
	case !listed:
		f.Why = `no pattern matches, and what none matches is plain by "unkeyed"`
	case counts.Match == keyring.MatchExact:
		f.Why = "it is the URI itself, which counts before all others"
	case counts.URI == "":
		f.Why = "no longer pattern matches"
	case counts.Match == keyring.MatchPrefix:
		f.Why = "it is the longest prefix that matches, and no pattern is the URI itself"
	default:
		f.Why = "no prefix matches, and it has the most components of the wildcards that do"
	}
	if len(f.Others) > 0 {
		f.Why += "; it counts before " + strings.Join(f.Others, ", ")
	}
}

// sends says what becomes of publications and calls.
func (f *explainFile) sends() {
	switch version, err := f.entry.Sealer(keyring.RoleOriginator); {
	case f.entry.SendsPlain():
		f.Sends = "in plain"
	case err == nil:
		f.SealsWith = version.ID()
		f.Sends = fmt.Sprintf("sealed with id %s, %s%s", version.ID(), speaks(version), f.signs(version))
	case errors.Is(err, keyring.ErrWrongRole):
		f.Sends = fmt.Sprintf("no: this file has the responder's %s of the key", f.part())
	default:
		f.err = err
		f.Sends = "fails: " + cause(err)
	}
}

// serves says what becomes of events and invocations.
func (f *explainFile) serves() {
	if f.entry.Plain() {
		f.Serves = "in plain"
		return
	}
	_, err := f.entry.Dialects(keyring.RoleResponder)
	switch {
	case err == nil:
		var opens []string
		for _, info := range f.versions {
			if v, err := f.entry.Named(keyring.RoleResponder, info.ID); err == nil {
				opens = append(opens, fmt.Sprintf("%s, %s%s", v.ID(), speaks(v), f.hears(v)))
			}
		}
		f.Serves = "opens what is sealed with id " + strings.Join(opens, "; or with ")
	case errors.Is(err, keyring.ErrWrongRole):
		f.Serves = fmt.Sprintf("no: this file has the originator's %s of the key", f.part())
	default:
		f.err = cmp.Or(f.err, err)
		f.Serves = "fails: " + cause(err)
	}
}

// speaks says in which dialect a version seals, and how.
func speaks(v *keyring.Version) string {
	if d := v.Dialect(); d.Foreign() {
		return fmt.Sprintf("for %v, by %s", d, v.Cipher().Algorithm(d))
	}
	return fmt.Sprintf("in suite %v", v.Suite())
}

// faults tells what would fail: in this file, and between it and the others.
func (f *explainFile) faults(all []explainFile) []string {
	switch {
	case f.entry == nil:
		return []string{f.File + ": nothing is sent or taken for it"}
	case f.err != nil:
		return []string{f.File + ": " + cause(f.err)}
	}
	var list []string
	opened, asked := false, false
	for _, other := range all {
		if other.File == f.File || other.entry == nil {
			continue
		}
		fault, serves := f.sentTo(other)
		for _, fault := range []string{fault, f.unseen(other)} {
			if fault != "" {
				list = append(list, fault)
			}
		}
		opened, asked = opened || serves, true
	}
	if f.SealsWith != "" && asked && !opened && len(list) == 0 {
		list = append(list, fmt.Sprintf("%s seals with id %s, and no other file has the %s that opens it", f.File, f.SealsWith, f.part()))
	}
	if fault := f.unanswered(all); fault != "" {
		list = append(list, fault)
	}
	if fault := f.deaf(); fault != "" {
		list = append(list, fault)
	}
	return list
}

// oneSided tells that nobody sends, or nobody receives, where several files say something of
// the URI: then they have the same half of a key.
func oneSided(all []explainFile) []string {
	sends, serves := false, false
	var names []string
	for _, f := range all {
		sends = sends || f.entry.SendsPlain() || f.SealsWith != ""
		_, err := f.entry.Dialects(keyring.RoleResponder)
		serves = serves || f.entry.Plain() || err == nil
		names = append(names, f.File)
	}
	half, lacks := "responder", "publishes or calls"
	switch {
	case len(all) < 2 || sends && serves:
		return nil
	case sends:
		half, lacks = "originator", "subscribes or serves"
	}
	return []string{fmt.Sprintf("nobody %s: %s have the %s's half of the key; give explain the files of all parties, or make the halves with wampbox add",
		lacks, strings.Join(names[:min(len(names), maxListed)], ", "), half)}
}

// alone tells whether a file goes with its like: it is plain, or of a secret that all share.
func (f *explainFile) alone() bool {
	if f.err != nil {
		return false
	}
	if f.entry.SendsPlain() {
		return f.entry.TakesPlain()
	}
	fault, serves := f.sentTo(*f)
	return f.SealsWith != "" && serves && fault == ""
}

// sentTo tells what fails of what this file sends to another one, and whether that is asked
// to open it.
func (f *explainFile) sentTo(other explainFile) (fault string, serves bool) {
	switch {
	case f.entry.SendsPlain() && !other.entry.TakesPlain():
		return fmt.Sprintf("%s sends in plain, and %s refuses what isn't sealed", f.File, other.File), true
	case f.SealsWith == "":
		return "", false
	case other.entry.Plain():
		return fmt.Sprintf("%s seals, and in %s the URI is plain: it can't open it", f.File, other.File), true
	}
	theirs, err := other.entry.Named(keyring.RoleResponder, f.SealsWith)
	if errors.Is(err, keyring.ErrWrongRole) {
		return "", false
	}
	ours, closed := f.entry.Sealer(keyring.RoleOriginator)
	if closed != nil { // it was there a moment ago
		return "", true
	}
	if err != nil {
		for _, info := range other.versions {
			if v, err := other.entry.Named(keyring.RoleResponder, info.ID); err == nil && v.Secret() == ours.Secret() {
				return fmt.Sprintf("%s seals with id %s, %s, and %s has this key %s: give it one dialect and suite in both",
					f.File, f.SealsWith, speaks(ours), other.File, speaks(v)), true
			}
		}
		return fmt.Sprintf("%s seals with id %s, which %s doesn't open: %s", f.File, f.SealsWith, other.File, cause(err)), true
	}
	if ours.Secret() != theirs.Secret() {
		return fmt.Sprintf("%s and %s have different keys under the id %s", f.File, other.File, f.SealsWith), true
	}
	return f.unlisted(ours, theirs, other), true
}
