package live

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/urfave/cli/v3"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// keys is a keyring file.
type keys struct {
	path string
	opts []keyfile.Option
	ring *keyring.Ring
}

// loadKeys loads the file that the flags name.
func (env Env) loadKeys(cmd *cli.Command) (*keys, error) {
	path := cmd.String(keyringFlag)
	if path == "" {
		return nil, env.Usage(cmd, "the keyring file is missing: give -keyring FILE, or set %s; wampbox init makes one", keyringVariable)
	}
	reading, err := env.Access(cmd)
	if err != nil {
		return nil, err
	}
	k := &keys{path: path}
	if k.opts, err = reading(path); err != nil {
		return nil, err
	}
	if k.ring, err = keyfile.Load(path, k.opts...); err != nil {
		return nil, err
	}
	return k, nil
}

// framings are how messages travel in each dialect.
var framings = map[keyfile.Dialect]transparency.Framing{
	keyfile.Ours:     transparency.EncArgument,
	keyfile.Autobahn: transparency.Native,
	keyfile.Passthru: transparency.PPT,
}

// framing gives the one in which messages of a pattern travel. The ring doesn't know
// dialects, so where it says that there are some, the file is read again.
func (k *keys) framing(p keyring.Pattern) (transparency.Framing, error) {
	if !k.foreign() {
		return transparency.EncArgument, nil
	}
	file, err := keyfile.ParseFile(k.path, k.opts...)
	if err != nil {
		return 0, err
	}
	defer file.Wipe()
	var dialect keyfile.Dialect
	if p.Match == keyring.MatchExact {
		dialect = k.dialectOf(file, p.URI)
	} else if dialect, err = dialectIn(file, p); err != nil {
		return 0, err
	}
	framing, known := framings[dialect]
	if !known {
		return 0, fmt.Errorf("%v has the dialect %q, which this tool doesn't speak", p, dialect)
	}
	return framing, nil
}

// foreign tells whether a pattern has another dialect than ours.
func (k *keys) foreign() bool {
	for p := range k.ring.Patterns() {
		if slices.ContainsFunc(k.ring.Versions(p), func(v keyring.VersionInfo) bool { return v.Unbound }) {
			return true
		}
	}
	return false
}

// dialectOf gives that of the pattern that a URI comes under.
func (k *keys) dialectOf(file *keyfile.File, uri string) keyfile.Dialect {
	entry, err := k.ring.Lookup(uri)
	if err != nil {
		return keyfile.Ours // the session says what is wrong
	}
	for _, e := range file.Entries {
		if e.Pattern == entry.Pattern() {
			return e.Dialect
		}
	}
	return keyfile.Ours
}

// dialectIn gives the dialect of what a pattern takes in, which has to be one.
func dialectIn(file *keyfile.File, p keyring.Pattern) (keyfile.Dialect, error) {
	rings := map[keyfile.Dialect]*keyring.Ring{}
	for _, e := range file.Entries {
		if e.Plain {
			continue
		}
		if rings[e.Dialect] == nil {
			rings[e.Dialect] = keyring.New()
		}
		if err := rings[e.Dialect].SetPlain(e.Pattern); err != nil {
			return "", err
		}
	}
	maps.DeleteFunc(rings, func(_ keyfile.Dialect, ring *keyring.Ring) bool {
		_, met, _ := ring.Overlap(p)
		return met == keyring.Pattern{}
	})
	found := slices.Sorted(maps.Keys(rings))
	switch len(found) {
	case 0:
		return keyfile.Ours, nil
	case 1:
		return found[0], nil
	}
	names := make([]string, len(found))
	for i, d := range found {
		names[i] = fmt.Sprintf("%q", d)
	}
	return "", fmt.Errorf("%v takes in patterns of the dialects %s, and one session speaks one of them: subscribe to them one by one",
		p, strings.Join(names, " and "))
}
