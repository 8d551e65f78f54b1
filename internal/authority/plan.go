package authority

import (
	"maps"
	"slices"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

// plan is what all members are to be given: the parts of patterns are made once, whoever holds
// them.
type plan struct {
	unkeyed   bool
	infos     []keyfile.Info // of the master
	plain     []*piece
	members   map[string][]*piece // by name, in the order of the master
	scrambles []*hiddenPrefix     // of the master
}

// piece is an entry of members' files, and what it adds to the size of one.
type piece struct {
	entry *keyfile.Entry
	size  int
}

func sortedNames(h holders) []string { return slices.Sorted(maps.Keys(h)) }

// newPlan parts the master.
func (s *state) newPlan(master *keyfile.File) (*plan, error) {
	p := &plan{unkeyed: master.PlainUnlessKeyed, members: map[string][]*piece{}}
	held, keys := map[keyring.Pattern]*holding{}, map[string]cryptobox.VerifyKey{}
	for _, h := range s.Patterns {
		if len(h.Holders) > 0 {
			held[h.pattern()] = h
		}
	}
	for _, m := range s.Members {
		keys[m.Name] = m.Key
	}
	var err error
	if p.infos, err = list(master); err != nil {
		return nil, err
	}
	if p.scrambles, err = s.prefixes(master); err != nil {
		return nil, err
	}
	for _, e := range master.Entries {
		h := held[e.Pattern]
		delete(held, e.Pattern)
		switch {
		case e.Plain && h != nil:
			return nil, fail(ErrMaster, "%v is plain in it, and members hold it: revoke it from them first", e.Pattern)
		case e.Plain:
			one, err := newPiece(plainEntry(e))
			if err != nil {
				return nil, err
			}
			p.plain = append(p.plain, one)
		case h != nil:
			if err := p.add(newParting(e, h, keys)); err != nil {
				return nil, err
			}
		}
	}
	for pattern := range held {
		return nil, fail(ErrMaster, "%v isn't in it, and members hold it: revoke it from them, or put it back", pattern)
	}
	return p, s.checkPostQuantum(master)
}

// list tells of the entries of the master, of which there may be none.
func list(master *keyfile.File) ([]keyfile.Info, error) {
	if len(master.Entries) == 0 {
		return nil, nil
	}
	return master.List()
}

// add gives all holders of a pattern their parts.
func (p *plan) add(pattern *parting) error {
	var pieces [Both + 1]*piece
	for _, name := range sortedNames(pattern.held.Holders) {
		as := pattern.held.Holders[name]
		if pieces[as] == nil {
			e, err := pattern.as(as)
			if err != nil {
				return err
			}
			if pieces[as], err = newPiece(e); err != nil {
				return err
			}
		}
		p.members[name] = append(p.members[name], pieces[as])
	}
	return nil
}

// newPiece measures an entry.
func newPiece(e *keyfile.Entry) (*piece, error) {
	one, err := sizeOf(e)
	if err != nil {
		return nil, err
	}
	two, err := sizeOf(e, e)
	return &piece{e, two - one}, err
}

// sizeOf measures the text of a file.
func sizeOf(entries ...*keyfile.Entry) (int, error) {
	text, err := (&keyfile.File{Entries: entries}).Marshal()
	defer clear(text)
	return len(text), err
}

// checkPostQuantum refuses that a private key of signed-pq goes to a recipient that doesn't
// withstand quantum computers, as after a rotation to that suite.
func (s *state) checkPostQuantum(master *keyfile.File) error {
	entries, members := map[keyring.Pattern]*keyfile.Entry{}, map[string]*member{}
	for _, e := range master.Entries {
		entries[e.Pattern] = e
	}
	for _, m := range s.Members {
		members[m.Name] = m
	}
	for _, h := range s.Patterns {
		e := entries[h.pattern()]
		if e == nil || !slices.ContainsFunc(live(e), func(v *keyfile.Version) bool { return v.Suite == cryptobox.SuiteSignedPQ }) {
			continue
		}
		for _, name := range sortedNames(h.Holders) {
			if err := postQuantum(members[name], e, h.Holders[name]); err != nil {
				return err
			}
		}
	}
	return nil
}

// file gives a member's file.
func (p *plan) file(name string, g keyfile.Grant) *keyfile.File {
	f := p.scrambled(name, g)
	for _, one := range slices.Concat(p.members[name], p.plain) {
		f.Entries = append(f.Entries, one.entry)
	}
	return f
}

// scrambled gives a member's file without patterns.
func (p *plan) scrambled(name string, g keyfile.Grant) *keyfile.File {
	f := &keyfile.File{Grant: &g, PlainUnlessKeyed: p.unkeyed}
	for _, one := range p.scrambles {
		if one.members[name] {
			f.Scrambles = append(f.Scrambles, one.file)
		}
	}
	return f
}

// size gives how many bytes the text of a member's file has.
func (p *plan) size(name string, g keyfile.Grant) (int, error) {
	text, err := p.scrambled(name, g).Marshal()
	defer clear(text)
	n := len(text)
	for _, one := range slices.Concat(p.members[name], p.plain) {
		n += one.size
	}
	if len(p.members[name])+len(p.plain) > 0 {
		n-- // the first has no comma before it
	}
	return n, err
}
