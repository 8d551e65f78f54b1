package keyfile

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// Version 1 had a list of "keys": an entry for each version, with the pattern in each,
// and a state in place of dates. All that knows of it is here.

// Convert makes a File of the text of a keyring file of version 1. Its URIs are opened
// and sealed with the same keys; comments stay. The notes
// say what to look at, a line each. Where the keys are isn't looked at: [Create] does
// that, and refuses one secret under two ids, which version 1 did not. The error is an
// [*Error].
//
// States become dates. An active version seals. A retired one is older, and opens until its
// date as before. A pending one opens, and seals from the year 9999 on, until it is given
// another date.
func Convert(text []byte, now time.Time, opts ...Option) (*File, []string, error) {
	var notes []string
	f, err := newSettings(opts).parse(text, converting(now, &notes))
	return f, notes, err
}

// ConvertFile puts what [Convert] makes of a file in the file's place, as [Update] does.
func ConvertFile(path string, now time.Time, opts ...Option) ([]string, error) {
	var notes []string
	err := update(path, newSettings(opts), converting(now, &notes), func(*File) error { return nil })
	return notes, err
}

// converting reads version 1, and takes down the notes.
func converting(now time.Time, notes *[]string) format {
	return func(text []byte) (*File, error) {
		keys, err := parseVersion1(text)
		c := converter{now: now, file: New()}
		if err == nil {
			err = c.convert(keys)
		}
		if err != nil {
			for _, k := range keys {
				k.Wipe()
			}
			return nil, err
		}
		*notes = c.notes
		return c.file, nil
	}
}

// oldKey is an entry of version 1.
type oldKey struct {
	*Version
	pattern keyring.Pattern
	match   string
	state   string
	unbound bool
}

// oldFields are what an entry of version 1 may have.
var oldFields = []string{"pattern", "match", "id", "state", "created", "not_after", "allow_unbound", "comment",
	"originator", "responder", "symmetric", "algorithm"}

// The states of version 1.
const (
	oldPending = "pending"
	oldActive  = "active"
	oldRetired = "retired"
	oldRevoked = "revoked"
)

// parseVersion1 reads a text strictly, as version 1 was read. The keys are given with an
// error too, to be wiped.
func parseVersion1(text []byte) ([]oldKey, error) {
	p, err := newParser(text)
	if err != nil {
		return nil, err
	}
	var keys []oldKey
	version := false
	err = p.object("the file", func(name string, line int) error {
		switch name {
		case "$schema":
			_, err := p.string(name)
			return err
		case "version":
			value, err := p.value('0', `"version"`, "a number")
			if version = true; err == nil && string(value) != "1" {
				err = p.fail(line, "it isn't of version 1, which is what is converted")
			}
			return err
		case "keys":
			return p.list(name, func() error {
				keys = append(keys, oldKey{Version: new(Version), state: oldActive})
				return p.oldKey(&keys[len(keys)-1], len(keys)-1)
			})
		}
		return p.unknown(line, name, "$schema, version and keys")
	})
	switch {
	case err != nil:
		return keys, err
	case !version || len(keys) == 0:
		return keys, p.fail(0, `"version" or "keys" is missing: it isn't a keyring file of version 1`)
	}
	return keys, p.end()
}

// oldKey reads one entry.
func (p *parser) oldKey(k *oldKey, index int) error {
	p.entry = func() string { return fmt.Sprintf("keys[%d]", index) }
	k.line = p.here()
	given := false
	if err := p.object("the entry", func(name string, line int) (err error) {
		switch name {
		case "pattern":
			given = true
			k.pattern.URI, err = p.string(name)
		case "match":
			k.match, err = word(p, name, line, []string{"exact", "prefix", "wildcard"})
		case "state":
			k.state, err = word(p, name, line, []string{oldPending, oldActive, oldRetired, oldRevoked})
		case "allow_unbound":
			k.unbound, err = p.bool(name)
		case "symmetric":
			k.Shared, err = p.secret(name, line)
		default:
			if !slices.Contains(oldFields, name) {
				return p.unknown(line, name, strings.Join(oldFields, ", "))
			}
			err = p.versionField(k.Version, name, line)
		}
		return err
	}); err != nil {
		return err
	}
	k.pattern.Match, _ = keyring.ParseMatch(k.match)
	k.Revoked = k.state == oldRevoked
	switch {
	case !given || k.match == "":
		return p.fail(k.line, `"pattern" or "match" is missing`)
	case k.state != oldRetired && !k.Dates.NotAfter.IsZero():
		return p.fail(k.line, `"not_after" is for retired keys: leave it out`)
	}
	return nil
}

// converter makes entries of keys.
type converter struct {
	now   time.Time
	file  *File
	notes []string
}

// note takes down what to look at.
func (c *converter) note(about, format string, args ...any) {
	c.notes = append(c.notes, about+": "+fmt.Sprintf(format, args...))
}

// convert gathers the keys of each pattern, in the order in which those first come.
func (c *converter) convert(keys []oldKey) error {
	byPattern, active := map[keyring.Pattern][]oldKey{}, map[keyring.Pattern]bool{}
	for i, k := range keys {
		if byPattern[k.pattern] == nil {
			c.file.Entries = append(c.file.Entries, &Entry{Pattern: k.pattern})
		}
		byPattern[k.pattern] = append(byPattern[k.pattern], k)
		if k.state == oldActive && active[k.pattern] {
			return &Error{Line: k.line, Entry: fmt.Sprintf("keys[%d]", i), Err: fmt.Errorf("%w: the pattern has two active keys: retire one", ErrFormat)}
		}
		active[k.pattern] = active[k.pattern] || k.state == oldActive
	}
	c.note("the file", "a URI that no pattern matches was sent and taken in plain, and is closed now: "+
		`where that is meant, give its pattern with "plain": true, or write "unkeyed": "plain"`)
	for i, e := range c.file.Entries {
		c.entry(e, e.Name(i), byPattern[e.Pattern])
	}
	return nil
}

// entry makes a pattern's entry.
func (c *converter) entry(e *Entry, name string, keys []oldKey) {
	for _, k := range keys {
		e.Versions = append(e.Versions, k.Version)
	}
	c.dialect(e, name, keys)
	c.pending(e, name, keys)

	begun := slices.DeleteFunc(slices.Clone(keys), func(k oldKey) bool { return k.state == oldPending })
	seals := slices.ContainsFunc(begun, func(k oldKey) bool { return k.state == oldActive })
	opens := slices.ContainsFunc(begun, func(k oldKey) bool { return k.state == oldRetired })
	if opens && !seals {
		begun = c.unsealed(e, name, begun)
	}
	c.date(begun)
}

// dialect says who is at the other end of a pattern whose keys allowed unbound. In all
// dialects but passthru the ids follow from the keys now.
func (c *converter) dialect(e *Entry, name string, keys []oldKey) {
	unbound := slices.ContainsFunc(keys, func(k oldKey) bool { return k.unbound })
	notes := map[cryptobox.Dialect]string{
		cryptobox.Autobahn: `"allow_unbound" has become "dialect": "autobahn": see that its peers are that, and not "passthru"`,
		cryptobox.Passthru: `"allow_unbound" has become "dialect": "passthru" where keys are shared: see that its peers are that`,
	}
	for _, v := range e.Versions {
		shared := !v.Shared.IsZero()
		switch {
		case !shared && v.Originator == nil && v.Responder == nil:
			continue // only its id is left
		case unbound && shared:
			v.Dialect = cryptobox.Passthru
		case unbound:
			v.Dialect = cryptobox.Autobahn
		case v.Algorithm == cryptobox.AlgorithmAESGCM:
			c.note(name, `"aes256gcm" is for "passthru" alone: its key seals as a shared key now`)
		}
		if v.Dialect != cryptobox.Passthru {
			v.ID, v.Algorithm = "", ""
		}
		if note := notes[v.Dialect]; note != "" {
			c.note(name, "%s", note)
			delete(notes, v.Dialect)
		}
	}
}

// pending gives what waits to be activated a day that doesn't come by itself.
func (c *converter) pending(e *Entry, name string, keys []oldKey) {
	from := time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)
	for i, k := range keys {
		if k.state != oldPending {
			continue
		}
		k.Dates.ActiveFrom = from
		c.note(name+" "+e.Versions[i].Name(i), "it was pending: it opens, and seals from %s on: "+
			"give it the date on which it shall, at all peers", from.Format(time.RFC3339))
		from = from.Add(time.Second)
	}
}

// unsealed keeps a pattern of which no version is active from being sealed with a
// retired one: something revoked comes after those, which is an id of its own if nothing
// was. It gives the keys with that one last.
func (c *converter) unsealed(e *Entry, name string, begun []oldKey) []oldKey {
	last := slices.IndexFunc(begun, func(k oldKey) bool { return k.Revoked })
	if last < 0 {
		last = len(begun)
		v := &Version{ID: "none-active", Revoked: true, Comment: "no version was active when this file was converted, so none below it seals"}
		begun = append(begun, oldKey{Version: v})
		e.Versions = append(e.Versions, v)
	}
	begun[last].state = oldActive // takes its place
	c.note(name, "no version was active, so nothing is sealed: add one that is")
	return begun
}

// skew is how far the clocks of peers may be behind.
const skew = time.Hour

// date gives versions the order in which they were used: each is active from a moment
// before the next one's, and the first one always was. A revoked one of which only the id
// is left needs no place, unless it is the last.
func (c *converter) date(begun []oldKey) {
	begun = slices.DeleteFunc(begun, func(k oldKey) bool {
		return k.state == oldRevoked && k.Shared.IsZero() && k.Originator == nil && k.Responder == nil
	})
	age := map[string]int{oldRevoked: 0, oldRetired: 1, oldActive: 2}
	slices.SortStableFunc(begun, func(a, b oldKey) int {
		return cmp.Or(cmp.Compare(age[a.state], age[b.state]), a.Created.Compare(b.Created))
	})
	from := c.now.Add(-skew).UTC().Truncate(time.Second)
	for i := len(begun) - 1; i > 0; i-- {
		v := begun[i].Version
		for _, bound := range []time.Time{v.Created, v.Dates.NotAfter} {
			if !bound.IsZero() && bound.Before(from) {
				from = bound
			}
		}
		v.Dates.ActiveFrom = from
		from = from.Add(-time.Second)
	}
}
