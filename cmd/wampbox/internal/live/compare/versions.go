package compare

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/words"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// revoked tells whether a version neither opens nor seals, whatever its dates are.
func (v *Version) revoked() bool { return v.State == keyring.StateRevoked.String() }

// opens tells whether a version opens at a moment.
func (v *Version) opens(t time.Time) bool {
	return !v.revoked() && (v.NotAfter.IsZero() || !t.After(v.NotAfter))
}

// versions compares the versions of a pattern's key.
func (r *report) versions(a, b side, now time.Time) {
	if len(a.Versions) > 0 && len(b.Versions) > 0 && !shares(a.Pattern, b.Pattern) {
		r.add(Error, Pair, a.parsed, "", fmt.Sprintf("the keys don't belong together: %s has %s, and %s %s", a.name, ids(a), b.name, ids(b)),
			mend(a, b))
		return
	}
	said := map[string]bool{} // the ids of which enough was said
	for i := range a.Versions {
		v := &a.Versions[i]
		if other := b.version(v.ID); other != nil {
			said[v.ID] = r.version(a, b, v, other, now)
		}
	}
	r.timeline(a, b, now, said)
	r.timeline(b, a, now, said)
	r.notHandedOut(a, b, now, said)
	r.notHandedOut(b, a, now, said)
	for i := range a.Versions {
		v := &a.Versions[i]
		if other := b.version(v.ID); other != nil && !said[v.ID] {
			r.dates(a, b, v, other)
		}
	}
}

// mend says how to give both ends keys that belong together. Which public key is wrong a
// list doesn't tell.
func mend(a, b side) string {
	const anew = "make the pattern anew for both with wampbox add"
	originator, responder := a, b
	if a.holds(kindResponder) {
		originator, responder = b, a
	}
	switch {
	case originator.holds(kindOriginator) && responder.holds(kindResponder):
		return fmt.Sprintf("in the file of %s write as responder.public, and in that of %s as originator.public, "+
			"what wampbox pubkey FILE -pattern %s prints at the other end; or %s", originator.name, responder.name, words.Argument(a.Pattern.Pattern), anew)
	case a.holds(kindShared) && b.holds(kindShared):
		return "copy the pattern's entry from one file to the other; or " + anew
	}
	return anew
}

// holds tells whether one of a pattern's versions is of a kind.
func (p Pattern) holds(kind string) bool {
	return slices.ContainsFunc(p.Versions, func(v Version) bool { return v.Kind == kind })
}

// notHandedOut reports what seals at one end, or will, and isn't at the other. Where that
// one begins exchanges, nothing is refused as long as it has an older version.
func (r *report) notHandedOut(has, hasnt side, now time.Time, said map[string]bool) {
	for i := range has.Versions {
		v := &has.Versions[i]
		pending := v.ActiveFrom.After(now)
		if said[v.ID] || hasnt.version(v.ID) != nil || !v.opens(now) || !pending && has.sealer(now) != v {
			continue
		}
		since := "is its newest"
		if pending {
			since = "is to seal from " + date(v.ActiveFrom) + " on"
		}
		said[v.ID] = true
		r.add(Warning, MissingVersion, has.parsed, v.ID, fmt.Sprintf("it %s at %s, and %s doesn't have it", since, has.name, hasnt.name),
			"before the older one ends, "+words.HandOver(hasnt.name))
	}
}

// ids lists those of a side, the newest few.
func ids(s side) string {
	const most = 3
	var quoted []string
	for _, v := range s.Versions[:min(most, len(s.Versions))] {
		quoted = append(quoted, fmt.Sprintf("%q", v.ID))
	}
	if more := len(s.Versions) - most; more > 0 {
		quoted = append(quoted, fmt.Sprintf("%d more", more))
	}
	return strings.Join(quoted, ", ")
}

// version compares a version that both ends have, and tells whether enough was said.
func (r *report) version(a, b side, v, other *Version, now time.Time) bool {
	if v.revoked() != other.revoked() {
		gone, lives, alive := a.name, b.name, other
		if other.revoked() {
			gone, lives, alive = b.name, a.name, v
		}
		if !alive.opens(now) {
			return true
		}
		r.add(Error, Revoked, a.parsed, v.ID, fmt.Sprintf("%s has revoked it, and %s still uses it", gone, lives),
			fmt.Sprintf("revoke it at %s too (wampbox revoke), and give both another one", lives))
		return true
	}
	if !v.opens(now) || !other.opens(now) {
		return false
	}
	switch {
	case differ(v.Fingerprint, other.Fingerprint), differ(v.Algorithm, other.Algorithm):
		r.add(Error, Secret, a.parsed, v.ID, "the id stands for another key at the other end",
			"give both ends the same key under the id, or keys that were made together")
	case v.half() == other.half() && slices.Contains([]string{kindOriginator, kindResponder}, v.half()):
		does := map[string]string{
			kindOriginator: "nobody opens what they publish and call",
			kindResponder:  "nobody publishes or calls",
		}[v.half()]
		r.add(Error, Roles, a.parsed, v.ID, fmt.Sprintf("both ends hold the %s's half, so that %s", v.half(), does),
			"give one end the other half; two of the same half have nothing to say to each other")
	default:
		there, back := r.parties(a, b, v, other), r.parties(b, a, other, v)
		return there || back
	}
	return true
}

// differ tells whether two texts do, where both are there.
func differ(a, b string) bool { return a != "" && b != "" && a != b }

// dates reports dates that differ, where nothing is refused because of that.
func (r *report) dates(a, b side, v, other *Version) {
	if v.revoked() {
		return
	}
	for _, d := range []struct {
		name, command string
		ours, theirs  time.Time
	}{{"active_from", "activate", v.ActiveFrom, other.ActiveFrom}, {"not_after", "retire", v.NotAfter, other.NotAfter}} {
		if !d.ours.Equal(d.theirs) {
			r.add(Warning, Dates, a.parsed, v.ID, fmt.Sprintf("its %s is %s at %s, and %s at %s", d.name, orNone(d.ours), a.name, orNone(d.theirs), b.name),
				fmt.Sprintf("give it one date at both ends, with wampbox %s -at", d.command))
		}
	}
}

func orNone(t time.Time) string {
	if t.IsZero() {
		return "not given"
	}
	return date(t)
}
