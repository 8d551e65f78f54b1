package lint

import (
	"slices"
	"strings"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/words"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// kindSigned is what a keyring calls signed keys.
const kindSigned = "signed"

// signed tells whether a version is a signed key, with what it is made of: not revoked.
func (v *version) signed() bool { return v.info.Kind == kindSigned && v.lives() }

// wasSigned tells whether a version is a signed key, or was one before it was revoked: beside
// either what isn't signed opens by "allow_unsigned" alone.
func (v *version) wasSigned() bool { return v.info.Suite.Signed() }

// lives tells whether a version opens, now or later.
func (v *version) lives() bool {
	return v.info.State != keyring.StateRevoked && v.info.State != keyring.StateExpired
}

// parties looks at whom the versions of signed keys list.
func (r *report) parties(e *entry) {
	pattern := words.Argument(e.Pattern.URI)
	for _, v := range e.versions {
		if !v.signed() {
			continue
		}
		signed := v.info.Signed
		if signed.Responds && len(signed.Senders) == 0 && !r.master {
			r.add(v, NoSenders, "it lists no senders, and hears nobody: %s", r.adds("sender", pattern))
		}
		switch {
		case signed.AnyAnswerer:
			r.addAs(Note, v, AnyAnswerer, "whoever has the reading key may answer its calls, and nothing tells who did: list answerers in place of that, "+
				"where readers don't trust one another")
		case signed.Originates && len(signed.Answerers) == 0 && !r.master:
			r.addAs(Note, v, NoAnswerers, "it lists no answerers, and so only publishes: its calls are refused here; "+r.adds("answerer", pattern))
		}
		if signed.SignedOnce {
			r.addAs(Note, v, SignedOnce, "calls and answers are signed once an hour: each who has the reading key can make calls up, and answers, "+
				"that look like those of a party of that hour; where readers don't trust one another, take \"signed_once\" out in all files")
		}
		r.twoKeys(v, "sender", signed.Senders)
		r.twoKeys(v, "answerer", signed.Answerers)
	}
}

// adds says how a party comes into a list.
func (r *report) adds(as, pattern string) string {
	if r.file.Grant == nil {
		return "wampbox add -" + as + " NAME=KEY " + pattern + " FILE adds one"
	}
	part := "sender"
	if as == "answerer" {
		part = "responder"
	}
	return "wampbox authority grant MEMBER " + pattern + " -as " + part + " has the authority list one"
}

// twoKeys tells of parties that have several keys.
func (r *report) twoKeys(v *version, as string, list []keyring.Party) {
	for i, p := range list {
		if i > 0 && list[i-1].Name == p.Name && (i == 1 || list[i-2].Name != p.Name) { // sorted by name
			r.addAs(Note, v, TwoKeys, "the "+as+" "+quote(p.Name)+" has several keys, as one does that changes its own: when it signs with the new one, "+
				"take the old one out with wampbox remove -"+as+" NAME=KEY "+words.Argument(v.of.Pattern.URI)+" FILE")
		}
	}
}

func quote(name string) string { return `"` + words.Clean(name) + `"` }

// unsigned looks at versions that aren't signed beside signed ones.
func (r *report) unsigned(e *entry) {
	if !slices.ContainsFunc(e.versions, (*version).wasSigned) {
		if !e.AllowUnsigned.IsZero() {
			r.add(e, Unsigned, "it has \"allow_unsigned\", and no signed version beside which that counts: take it out")
		}
		return
	}
	beside := false
	for _, v := range e.versions {
		if v.wasSigned() || !v.lives() {
			continue
		}
		beside = true
		ends := e.sealsUntil(v)
		switch seals := ends.IsZero() || ends.After(r.now); {
		case e.AllowUnsigned.IsZero():
			r.add(v, Unsigned, "it isn't signed, and beside a signed version, though that is revoked, it opens nothing: revoke it with wampbox revoke, or write \"allow_unsigned\" with the date until which it shall open")
		case seals && e.AllowUnsigned.Before(r.now):
			r.add(v, Unsigned, "it isn't signed, and opens nothing since %s, \"allow_unsigned\", but seals until %s: nobody opens that; "+
				"wampbox activate has the signed version seal, or give \"allow_unsigned\" a date to come", moment(e.AllowUnsigned), until(ends))
		case seals && (ends.IsZero() || ends.After(e.AllowUnsigned)):
			r.add(v, Unsigned, "it isn't signed, and seals until %s, but opens until %s only, \"allow_unsigned\": what it seals after that nobody opens; "+
				"wampbox activate dates the signed version earlier, or give \"allow_unsigned\" a later date", until(ends), moment(e.AllowUnsigned))
		case e.AllowUnsigned.Before(r.now):
			r.add(v, Unsigned, "it isn't signed, and opens nothing since %s, \"allow_unsigned\": revoke it with wampbox revoke", moment(e.AllowUnsigned))
		}
	}
	switch left := e.AllowUnsigned.Sub(r.now); {
	case e.AllowUnsigned.IsZero():
	case !beside:
		r.add(e, Unsigned, "it has \"allow_unsigned\", and nothing that isn't signed: take it out")
	case left > longTransition:
		r.add(e, Unsigned, "what isn't signed opens until %s: that is long, and until then whoever holds such a key speaks in anybody's name; give the day on which all peers will sign", moment(e.AllowUnsigned))
	case left > 0:
		r.addAs(Note, e, Unsigned, "what isn't signed opens until "+moment(e.AllowUnsigned)+", and until then whoever holds such a key speaks in anybody's name")
	}
}

// classical looks at versions that don't withstand quantum computers, beside one that shall.
func (r *report) classical(e *entry) {
	pq := slices.IndexFunc(e.versions, func(v *version) bool { return v.signed() && v.info.Suite == cryptobox.SuiteSignedPQ })
	if pq < 0 {
		return
	}
	for _, v := range e.versions {
		level, until := Warning, v.info.Dates.NotAfter
		if !until.IsZero() && until.Sub(r.now) <= longTransition {
			level = Note // it is on its way out
		}
		if v.lives() && v.info.Suite != cryptobox.SuiteSignedPQ {
			r.addAs(level, v, Classical, "it is "+speaks(v.info)+", and what is sealed with it is open to a quantum computer: only when it is gone is the pattern kept from one, "+
				"by the version of signed-pq beside it, and only if that one's private reading key was never sent under such a version")
		}
	}
}

// readingKeys looks for patterns that have one reading key.
func (r *report) readingKeys() {
	known := map[string]*version{}
	for _, e := range r.entries {
		for _, v := range e.versions {
			if !v.signed() {
				continue
			}
			other := known[v.info.ID]
			if other == nil || other.of == e {
				known[v.info.ID] = v
				continue
			}
			with := ""
			if shared := inBoth(v.info.Signed, other.info.Signed); shared != "" {
				with = ", and hears " + quote(shared) + " by one key in both"
			}
			r.add(v, OneReading, "its reading key is that of %s too%s: who reads one pattern reads the other, and to take a reader or a key out of one "+
				"takes it out of both: give each its own with wampbox rotate", other.of.name(), with)
		}
	}
}

// inBoth names a sender that two versions list with one key.
func inBoth(a, b keyring.SignedInfo) string {
	for _, p := range a.Senders {
		if slices.ContainsFunc(b.Senders, func(q keyring.Party) bool { return q.Key == p.Key }) {
			return p.Name
		}
	}
	return ""
}

// listing looks at whether the parties of a pattern list each other, in the files that have
// one version of it.
func listing(list []at) {
	for _, x := range list {
		for _, v := range x.e.versions {
			if v.signed() && v.info.Signed.Originates {
				v.listed(x, list)
			}
		}
	}
}

// listed looks for who hears the party of a version, and whose answers it takes.
func (v *version) listed(own at, list []at) {
	var deaf, heard, mute []string
	answered := false
	signed := v.info.Signed
	for _, x := range list {
		for _, other := range x.e.versions {
			theirs := other.info.Signed
			if !other.signed() || other.info.ID != v.info.ID || !theirs.Responds {
				continue
			}
			if slices.ContainsFunc(theirs.Senders, func(p keyring.Party) bool { return p.Key == signed.Verify }) {
				heard = append(heard, x.r.path)
			} else if x != own {
				deaf = append(deaf, x.r.path)
			}
			if slices.ContainsFunc(signed.Answerers, func(p keyring.Party) bool { return p.Key == theirs.Verify }) {
				answered = true
			} else if x != own {
				mute = append(mute, x.r.path)
			}
		}
	}
	how := func(as, where string) string {
		return "wampbox add -" + as + " NAME=KEY " + words.Argument(v.of.Pattern.URI) + " " + where + ", with the key that wampbox pubkey prints of the other"
	}
	if len(deaf) > 0 {
		level := Warning
		if len(heard) > 0 {
			level = Note
		}
		own.r.addAs(level, v, Unlisted, "the key by which it signs isn't among the senders in "+strings.Join(deaf, ", ")+": nothing that it sends is taken there; "+how("sender", words.Argument(deaf[0])))
	}
	if len(mute) > 0 && !answered && len(signed.Answerers) > 0 {
		own.r.addAs(Warning, v, Unlisted, "it calls, and lists no key by which "+strings.Join(mute, ", ")+" could answer: "+how("answerer", words.Argument(own.r.path)))
	}
}
