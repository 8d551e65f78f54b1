package lint

import (
	"fmt"
	"slices"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// at is an entry in one of several files.
type at struct {
	r *report
	e *entry
}

// between looks at what several files say of the same patterns.
func between(reports []*report) {
	reports = slices.DeleteFunc(slices.Clone(reports), func(r *report) bool { return r.file == nil })
	if len(reports) < 2 {
		return
	}
	for _, a := range reports {
		for _, b := range reports {
			if a != b {
				scrambledBetween(a, b)
			}
		}
	}
	holders := map[keyring.Pattern][]at{}
	var order []keyring.Pattern
	for _, r := range reports {
		for _, e := range r.entries {
			if holders[e.Pattern] == nil {
				order = append(order, e.Pattern)
			}
			holders[e.Pattern] = append(holders[e.Pattern], at{r, e})
		}
	}
	lacking := map[*report]Level{} // how bad it is that no other file has a pattern
	for _, r := range reports {
		lacking[r] = Warning
	}
	for _, list := range holders {
		for _, one := range list {
			if len(list) > 1 {
				lacking[one.r] = Note
			}
		}
	}
	for _, p := range order {
		list := holders[p]
		if len(list) == 1 {
			missing(list[0], reports, lacking[list[0].r])
			continue
		}
		var keyed []at
		for _, one := range list {
			if !one.e.Plain {
				keyed = append(keyed, one)
			}
		}
		if len(keyed) > 0 && len(keyed) < len(list) {
			plainElsewhere(list)
		}
		compare(keyed)
	}
}

// plainElsewhere tells of a pattern that is plain in one file, and has a key in another.
func plainElsewhere(list []at) {
	plain := slices.IndexFunc(list, func(one at) bool { return one.e.Plain })
	for _, one := range list {
		if one.e.Plain {
			continue
		}
		when := ""
		if one.lets() {
			when = " after " + moment(one.e.Until)
		}
		one.r.add(one.e, Differs, "it is plain in %s, which sends in plain what is refused here%s", list[plain].r.path, when)
		return
	}
}

// missing tells of a pattern that one file alone has, unless what counts in its place in
// another one does as well. The level is for where nothing else does count there: files that
// share other patterns may be of some of several parties.
func missing(only at, reports []*report, level Level) {
	who, hint := "no other file has it", ""
	for _, r := range reports {
		if r == only.r {
			continue
		}
		if len(reports) == 2 {
			who = r.path + " lacks it"
		}
		ring, err := r.file.Ring()
		if err != nil {
			return // what is wrong there is said
		}
		withKey, withoutKey, both := ring.Overlap(only.e.Pattern)
		none := keyring.Pattern{}
		switch {
		case only.e.Plain && withKey == none && withoutKey != none:
			return
		case !only.e.Plain && !both && withKey != none && sharesID(only.e, r, withKey):
			return
		}
		if p := nearest(only, r); p != none {
			hint = "; " + r.path + " has " + p.String() + ", which is nearly the same"
		} else if hint == "" {
			hint = only.against(r, withKey, withoutKey)
		}
	}
	does := "what is sealed here fails there"
	if only.e.Plain {
		does = "what is plain here is refused there"
	}
	if hint != "" {
		level = Warning
	}
	only.r.addAs(level, only.e, Missing, fmt.Sprintf("%s%s: %s", who, hint, does))
}

// against tells that another file seals what an entry leaves plain, or the other way round,
// by the patterns that it has for some of the same URIs; nothing where neither is so.
func (x at) against(r *report, withKey, withoutKey keyring.Pattern) string {
	switch none := (keyring.Pattern{}); {
	case !x.e.Plain && withoutKey != none:
		return "; its URIs are plain in " + r.path + ", by " + withoutKey.String()
	case x.opens(withKey):
		return "; some of its URIs have a key in " + r.path + ", by " + withKey.String()
	}
	return ""
}

// opens tells whether an entry that is plain counts for URIs that another file has a key for.
func (x at) opens(withKey keyring.Pattern) bool {
	ring, err := x.r.file.Ring()
	if err != nil || !x.e.Plain || withKey == (keyring.Pattern{}) {
		return false
	}
	_, withoutKey, _ := ring.Overlap(withKey)
	return withoutKey != keyring.Pattern{}
}

// nearest finds a pattern of a file that is like one that it lacks, and that the other one
// lacks.
func nearest(only at, r *report) keyring.Pattern {
	for _, e := range r.entries {
		if alike(only.e.Pattern, e.Pattern) && !slices.ContainsFunc(only.r.entries, func(other *entry) bool { return other.Pattern == e.Pattern }) {
			return e.Pattern
		}
	}
	return keyring.Pattern{}
}

// sharesID tells whether a pattern of a file has a version that an entry has too.
func sharesID(e *entry, r *report, p keyring.Pattern) bool {
	return slices.ContainsFunc(r.entries, func(other *entry) bool {
		return other.Pattern == p && len(common(e, other)) > 0
	})
}

// common gives the versions that two entries both have, by id.
func common(a, b *entry) [][2]*version {
	var list [][2]*version
	for _, v := range a.versions {
		for _, other := range b.versions {
			if v.info.ID == other.info.ID {
				list = append(list, [2]*version{v, other})
			}
		}
	}
	return list
}
