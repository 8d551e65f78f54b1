package lint

import (
	"fmt"
	"slices"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/words"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// compare looks at the key of one pattern as several files have it. Files may be those of
// many parties: each has to go with some other one.
func compare(list []at) {
	if len(list) < 2 {
		return
	}
	lonely := make([]bool, len(list))
	for i, a := range list {
		lonely[i] = !slices.ContainsFunc(list, func(b at) bool { return a != b && len(common(a.e, b.e)) > 0 })
		for _, b := range list[:i] {
			transitions(b, a)
			if shared := common(b.e, a.e); len(shared) > 0 {
				differences(b, a, shared)
			}
		}
	}
	oneSided(list)
	listing(list)
	for i, a := range list {
		if !lonely[i] {
			continue
		}
		j := partner(list, i)
		mismatch(a, list[j])
		lonely[i], lonely[j] = false, false
	}
}

// oneSided tells of a pattern of whose key all files have the same half.
func oneSided(list []at) {
	originator, responder := false, false
	for _, a := range list {
		for _, v := range a.e.versions {
			secret := v.shared != halves{}.shared
			originator, responder = originator || v.info.Signed.Originates, responder || v.info.Signed.Responds
			originator, responder = originator || v.hasOriginator || secret, responder || v.hasResponder || secret
		}
	}
	if originator != responder {
		side := "originator"
		if originator {
			side = "responder"
		}
		list[0].r.add(list[0].e, Missing, "no file has the %s's private key for it: give lint the files of all parties, or make it with wampbox add", side)
	}
}

// partner finds the file that one which shares no key with any was most likely meant to go
// with: one that has the same half, else one of the other role.
func partner(list []at, i int) int {
	best, most := -1, -1
	for j, b := range list {
		if j == i {
			continue
		}
		score := 0
		for _, v := range list[i].e.versions {
			for _, other := range b.e.versions {
				if v.originator != "" && (v.originator == other.originator || v.responder == other.responder) {
					score = 2
				} else if v.hasOriginator != other.hasOriginator {
					score = max(score, 1)
				}
			}
		}
		if score > most {
			best, most = j, score
		}
	}
	return best
}

// mismatch tells of two files whose keys for a pattern don't belong together.
func mismatch(a, b at) {
	for _, v := range a.e.versions {
		for _, other := range b.e.versions {
			switch {
			case !v.known() || !other.known():
			case v.same(other.halves):
				a.r.add(v, Differs, "it is %s here, and %s in %s, so that neither opens what the other seals: give it one dialect and suite in both",
					speaks(v.info), speaks(other.info), b.r.path)
				return
			case v.originator == "" || other.originator == "":
			case v.originator == other.originator:
				a.r.add(v, Pair, "%s", otherHalf("responder", a, b, v.hasResponder, other.hasResponder))
				return
			case v.responder == other.responder:
				a.r.add(v, Pair, "%s", otherHalf("originator", a, b, v.hasOriginator, other.hasOriginator))
				return
			}
		}
	}
	if a.e.shares() && b.e.shares() {
		a.r.add(a.e, Pair, "%s has another secret for it, so that neither opens what the other seals: "+sameSecret, b.r.path)
		return
	}
	if slices.ContainsFunc(a.e.versions, (*version).signed) && slices.ContainsFunc(b.e.versions, (*version).signed) {
		a.r.add(a.e, Pair, "%s has another reading key for it, so that neither opens what the other seals: give who sends the one that wampbox pubkey prints of who receives, "+
			"by wampbox rotate -peer, or make the pattern anew for both with wampbox add", b.r.path)
		return
	}
	a.r.add(a.e, Pair, "%s has other keys for it, so that neither opens what the other seals: "+
		"give each the public key that wampbox pubkey FILE -pattern %s prints of the other, or make the pattern anew for both with wampbox add",
		b.r.path, words.Argument(a.e.Pattern.URI))
}

// sameSecret is how two files get one secret.
const sameSecret = "copy the pattern's lines from one file into the other, in a safe way, or remove it from both and make it anew with wampbox add, -shared for each"

// shares tells whether all versions that aren't revoked are secrets that parties share.
func (e *entry) shares() bool {
	shared := false
	for _, v := range e.versions {
		switch {
		case v.Revoked:
		case v.info.Kind != "shared" && v.info.Kind != "both":
			return false
		default:
			shared = true
		}
	}
	return shared
}

// speaks says in which dialect a version seals, and how.
func speaks(v keyring.VersionInfo) string {
	if v.Dialect.Foreign() {
		return fmt.Sprintf("for %v", v.Dialect)
	}
	return fmt.Sprintf("in suite %v", v.Suite)
}

// otherHalf says which of two files holds the wrong public key of a side.
func otherHalf(side string, a, b at, here, there bool) string {
	put := func(where string, owner at) string {
		return fmt.Sprintf("as %s.public write %s what this prints: wampbox pubkey %s -pattern %s",
			side, where, words.Argument(owner.r.path), words.Argument(owner.e.Pattern.URI))
	}
	switch {
	case here && !there:
		return fmt.Sprintf("the %s's public key in %s isn't that of the private key here: %s", side, b.r.path, put("there", a))
	case there && !here:
		return fmt.Sprintf("the %s's public key here isn't that of the private key in %s: %s", side, b.r.path, put("here", b))
	}
	return fmt.Sprintf("the %s's key in %s is another one: give both files the same", side, b.r.path)
}

// differences tells what two files that have a key in common have apart.
func differences(a, b at, shared [][2]*version) {
	for _, pair := range shared {
		v, other := pair[0], pair[1]
		switch here, there := v.info, other.info; {
		case v.known() && other.known() && !v.same(other.halves):
			b.r.add(other, Pair, "%s has another key under the id %q: "+sameSecret, a.r.path, here.ID)
		case (here.State == keyring.StateRevoked) != (there.State == keyring.StateRevoked):
			b.r.add(other, Differs, "id %s is %v here and %v in %s: revoke it in both, with wampbox revoke", here.ID, there.State, here.State, a.r.path)
		case here.State == keyring.StateRevoked:
		case !here.Dates.ActiveFrom.Equal(there.Dates.ActiveFrom):
			b.r.add(other, Differs, "id %s seals %s here, and %s in %s: give both one date with wampbox activate -at",
				here.ID, begins(there.Dates), begins(here.Dates), a.r.path)
		case !here.Dates.NotAfter.Equal(there.Dates.NotAfter):
			b.r.add(other, Differs, "id %s opens %s here, and %s in %s: give both one date with wampbox retire -at",
				here.ID, ends(there.Dates), ends(here.Dates), a.r.path)
		}
	}
	lacks(a, b)
	lacks(b, a)
}

func begins(d keyring.Dates) string {
	if d.ActiveFrom.IsZero() {
		return "from the beginning"
	}
	return "from " + moment(d.ActiveFrom) + " on"
}

func ends(d keyring.Dates) string {
	if d.NotAfter.IsZero() {
		return "without end"
	}
	return "until " + moment(d.NotAfter)
}

// lacks tells of versions in use that one file has and the other doesn't.
func lacks(a, b at) {
	for _, v := range a.e.versions {
		if v.info.State == keyring.StateRevoked || v.info.State == keyring.StateExpired {
			continue
		}
		if !slices.ContainsFunc(b.e.versions, func(other *version) bool { return other.info.ID == v.info.ID }) {
			a.r.add(v, Differs, "%s lacks this version, id %s: %s", b.r.path, v.info.ID, words.HandOver("it"))
		}
	}
}
