package validation

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"

	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// Validator validates payloads by the schemas of a folder. It never changes, and is safe for
// use by several goroutines.
type Validator struct {
	ring   *keyring.Ring // only for its look-up: patterns mean here what they mean there
	rules  map[keyring.Pattern]map[cryptobox.Kind]rule
	names  map[string]bool
	refuse bool // what no pattern matches
}

var _ transparency.Validator = (*Validator)(nil)

// rule is the schemas of a kind of payload.
type rule struct{ args, kwargs *node }

// Load reads the schemas of a folder of the file system. A link within it that leads out of it
// is an error.
func Load(dir string) (*Validator, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSchemas, err)
	}
	defer func() { _ = root.Close() }()
	return LoadFS(root.FS())
}

// LoadFS is [Load] for a folder of any kind, such as an embed.FS. Use fs.Sub for a folder
// within it.
func LoadFS(files fs.FS) (*Validator, error) {
	f, err := readFolder(files)
	if err != nil {
		return nil, err
	}
	idx, err := readIndex(f.index)
	if err != nil {
		return nil, err
	}
	c, err := newCompiler(f)
	if err != nil {
		return nil, err
	}
	v := &Validator{
		ring: keyring.New(), rules: map[keyring.Pattern]map[cryptobox.Kind]rule{},
		names: f.names, refuse: idx.Unlisted == "refuse",
	}
	key := keyring.Shared(cryptobox.GenerateSymmetricKey())
	for i := range idx.Patterns {
		at := fmt.Sprintf("/patterns/%d", i)
		if err := v.list(c, key, at, &idx.Patterns[i]); err != nil {
			return nil, err
		}
	}
	return v, f.unused()
}

// list adds what the index says of a pattern.
func (v *Validator) list(c *compiler, key keyring.Key, at string, l *listing) error {
	pattern, err := l.pattern()
	if err != nil {
		return &Error{File: indexFile, At: at, Err: err}
	}
	if _, twice := v.rules[pattern]; twice {
		return wrong(indexFile, at, "%v is there already", pattern)
	}
	if err := v.ring.Set(pattern, key); err != nil {
		return &Error{File: indexFile, At: at, Err: err}
	}
	kinds := l.kinds()
	if len(kinds) == 0 {
		return wrong(indexFile, at, "it says nothing: give event, call, chunk, result, progress or error")
	}
	rules := map[cryptobox.Kind]rule{}
	for _, name := range slices.Sorted(maps.Keys(kinds)) {
		k := kinds[name]
		var r rule
		if r.args, err = c.part(at+"/"+name+"/args", k.parts.Args); err != nil {
			return err
		}
		if r.kwargs, err = c.part(at+"/"+name+"/kwargs", k.parts.Kwargs); err != nil {
			return err
		}
		rules[k.kind] = r
	}
	v.rules[pattern] = rules
	return nil
}

// part gives the node of what the index says of a part; nil if nothing may stand there.
func (c *compiler) part(at string, p part) (*node, error) {
	switch {
	case p.any:
		return &node{free: true}, nil
	case p.file == "":
		return nil, nil
	}
	check := checker{folder: c.folder, file: indexFile}
	if err := isReference(&check, at, p.file); err != nil {
		return nil, check.located(at, err)
	}
	if err := c.folder.follow(c.folder.references[len(c.folder.references)-1]); err != nil {
		return nil, err
	}
	n, err := c.compile(p.file)
	if err != nil {
		return nil, located(p.file, err)
	}
	return n, nil
}

// ruleFor gives the rule for a kind of payload of a URI. listed tells whether a pattern of the
// index matches the URI, found whether that pattern has a rule for the kind.
func (v *Validator) ruleFor(kind cryptobox.Kind, uri string) (r rule, listed, found bool) {
	entry, err := v.ring.Lookup(uri)
	if err != nil {
		return rule{}, false, false
	}
	rules, listed := v.rules[entry.Pattern()]
	if r, found = rules[kind]; !found && kind == cryptobox.KindCallProgress {
		r, found = rules[cryptobox.KindCall]
	}
	return r, listed, found
}

// Covers implements [transparency.Validator].
func (v *Validator) Covers(kind cryptobox.Kind, uri string) bool {
	_, listed, found := v.ruleFor(kind, uri)
	return found || !listed && v.refuse && !own(uri)
}

// Validate implements [transparency.Validator]. The error is a [*transparency.InvalidError],
// whose path has names of the schemas only: "{}" stands for any other, which is payload. Why
// begins with the keyword that doesn't hold.
func (v *Validator) Validate(p *transparency.Payload) error {
	r, listed, found := v.ruleFor(p.Kind, p.URI)
	switch {
	case !found && !listed && v.refuse && !own(p.URI):
		return &transparency.InvalidError{Why: "no pattern of the index matches the URI"}
	case !found:
		return nil
	}
	args, kwargs := p.Args(), p.Kwargs()
	if args == nil {
		args = wamp.List{}
	}
	if kwargs == nil {
		kwargs = wamp.Dict{}
	}
	e := evaluation{names: v.names, work: leastWork}
	e.grant([]any(args), 0)
	e.grant(map[string]any(kwargs), 0)
	if err := e.part(r.args, "args", []any(args), len(args)); err != nil {
		return err
	}
	return e.part(r.kwargs, "kwargs", map[string]any(kwargs), len(kwargs))
}

// part validates one part of a payload, of which length values are.
func (e *evaluation) part(n *node, part string, v any, length int) error {
	if n == nil {
		if length > 0 {
			return &transparency.InvalidError{Path: part, Why: "nothing is listed for it, so it has to be empty"}
		}
		return nil
	}
	if invalid := e.run(n, part, v); invalid != nil {
		return invalid
	}
	return nil
}
