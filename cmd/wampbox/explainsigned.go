package main

import (
	"fmt"
	"slices"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/live/compare"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/words"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/renewal"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// info gives what is known of a version.
func (f *explainFile) info(id string) keyring.VersionInfo {
	at := slices.IndexFunc(f.versions, func(v keyring.VersionInfo) bool { return v.ID == id })
	if at < 0 {
		return keyring.VersionInfo{}
	}
	return f.versions[at]
}

// signed tells whether the pattern's key is a signed one, or was.
func (f *explainFile) signed() bool {
	return slices.ContainsFunc(f.versions, func(v keyring.VersionInfo) bool { return v.Kind == kindSigned })
}

// part is what a file has of a key.
func (f *explainFile) part() string {
	if f.signed() {
		return "part"
	}
	return "half"
}

// names names parties.
func names(list []keyring.Party) string {
	shown := make([]compare.Party, len(list))
	for i, p := range list {
		shown[i] = compare.Party{Name: p.Name, Key: p.Key.String()}
	}
	return partyNames(shown)
}

// signs says how what is sent with a version is signed, and whose answers are taken; nothing of
// versions that aren't signed.
func (f *explainFile) signs(v *keyring.Version) string {
	if !v.Signed() {
		return ""
	}
	signed := f.info(v.ID()).Signed
	says := fmt.Sprintf(", each signed by %v", signed.Verify)
	if signed.SignedOnce {
		says = fmt.Sprintf(", signed by %v, calls once an hour", signed.Verify)
	}
	switch {
	case signed.AnyAnswerer:
		says += "; answers are taken of anybody who has the reading key, and nothing tells who it was"
	case len(signed.Answerers) == 0:
		says += "; it only publishes, as it lists no answerers"
	default:
		says += "; answers are taken of " + names(signed.Answerers)
	}
	return says
}

// hears says whom a version hears; nothing of versions that aren't signed.
func (f *explainFile) hears(v *keyring.Version) string {
	if !v.Signed() {
		return ""
	}
	signed := f.info(v.ID()).Signed
	says := ", from " + names(signed.Senders)
	if signed.SignedOnce {
		says += ", calls that are signed once an hour too"
	}
	switch {
	case signed.Verify.IsZero():
		says += "; its answers are unsigned"
	case !signed.Originates:
		says += fmt.Sprintf("; its answers are signed by %v", signed.Verify)
	}
	return says
}

// unlisted tells what is refused of what this file sends to another one, because the other
// doesn't list its key.
func (f *explainFile) unlisted(ours, theirs *keyring.Version, other explainFile) string {
	if !ours.Signed() {
		return ""
	}
	signed := f.info(ours.ID()).Signed
	switch _, listed := theirs.NameOf(signed.Verify, keyring.RoleOriginator); {
	case !listed:
		return fmt.Sprintf("%s signs with a key that %s doesn't list among its senders: %s adds it", f.File, other.File, f.added("sender", f.File, signed, other.File))
	case signed.SignedOnce && !other.info(theirs.ID()).Signed.SignedOnce:
		return fmt.Sprintf("%s signs its calls once an hour, which %s doesn't take: write \"signed_once\" in both, or in neither", f.File, other.File)
	}
	return ""
}

// unanswered tells that answers would be refused: of all files that could answer this one's
// calls, it lists the key of none.
func (f *explainFile) unanswered(all []explainFile) string {
	if f.SealsWith == "" || f.info(f.SealsWith).Kind != kindSigned {
		return ""
	}
	own := f.info(f.SealsWith).Signed
	if own.AnyAnswerer || len(own.Answerers) == 0 {
		return ""
	}
	lacks, theirs := "", keyring.SignedInfo{}
	for _, other := range all {
		signed := other.info(f.SealsWith).Signed
		switch {
		case !signed.Responds:
		case slices.ContainsFunc(own.Answerers, func(p keyring.Party) bool { return p.Key == signed.Verify }):
			return ""
		case other.File != f.File && lacks == "":
			lacks, theirs = other.File, signed
		}
	}
	if lacks == "" {
		return ""
	}
	return fmt.Sprintf("%s calls, and lists no key by which %s answers: %s adds it", f.File, lacks,
		f.added("answerer", lacks, theirs, f.File))
}

// added is the command that lists the party of a file in another one.
func (f *explainFile) added(as, of string, signed keyring.SignedInfo, in string) string {
	return fmt.Sprintf("wampbox add -%s %s %s %s", as, words.Argument(renewal.PartyOf(of)+"="+signed.Verify.String()),
		words.Argument(f.entry.Pattern().URI), words.Argument(in))
}

// deaf tells that a file receives, and lists nobody whom it would hear.
func (f *explainFile) deaf() string {
	hears, deaf := false, false
	for _, v := range f.versions {
		if lives := v.State != keyring.StateRevoked && v.State != keyring.StateExpired; lives && (v.Signed.Responds || v.Kind != kindSigned) {
			empty := v.Kind == kindSigned && len(v.Signed.Senders) == 0
			hears, deaf = hears || !empty, deaf || empty
		}
	}
	if hears || !deaf {
		return ""
	}
	return fmt.Sprintf("%s lists no senders, and hears nobody: wampbox add -sender NAME=KEY %s %s adds one", f.File,
		words.Argument(f.entry.Pattern().URI), words.Argument(f.File))
}
