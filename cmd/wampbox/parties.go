package main

import (
	"fmt"
	"strings"

	"github.com/urfave/cli/v3"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// partyFlags name parties, in the commands that add and remove them.
func partyFlags(does, form string) []cli.Flag {
	return []cli.Flag{
		&cli.StringSliceFlag{Name: "sender", Usage: does + " `PARTY`, " + form + ", as a sender; may come again"},
		&cli.StringSliceFlag{Name: "answerer", Usage: does + " `PARTY`, " + form + ", as an answerer; may come again"},
	}
}

// forParties tells whether the command line is about parties, in place of patterns.
func forParties(cmd *cli.Command) bool { return cmd.IsSet("sender") || cmd.IsSet("answerer") }

// listed is a party in a list of a pattern's key.
type listed struct {
	keyring.Party
	role keyring.Role // that it has: an originator sends, a responder answers
}

// list is what keyring files call the one that it is in.
func (l listed) list() string {
	if l.role == keyring.RoleOriginator {
		return "senders"
	}
	return "answerers"
}

// as says what the party is, in flags.
func (l listed) as() string { return strings.TrimSuffix(l.list(), "s") }

// readParties reads the parties that the flags name. Without a key all those of the name are
// meant, where that is allowed.
func readParties(cmd *cli.Command, keyless bool) ([]listed, error) {
	var all []listed
	for _, flag := range []struct {
		name string
		role keyring.Role
	}{{"sender", keyring.RoleOriginator}, {"answerer", keyring.RoleResponder}} {
		for _, text := range cmd.StringSlice(flag.name) {
			p, err := readParty(text)
			if err != nil {
				return nil, usagef(cmd, "-%s: %v", flag.name, err)
			}
			if p.Key.IsZero() && !keyless {
				return nil, usagef(cmd, "-%s: write NAME=KEY, where KEY is the verify key that keygen or pubkey prints, ed25519:...", flag.name)
			}
			all = append(all, listed{p, flag.role})
		}
	}
	return all, nil
}

// readParty reads NAME=KEY, or NAME. A name may have a sign of equality.
func readParty(text string) (keyring.Party, error) {
	const keyType = "=ed25519:"
	at := strings.LastIndex(text, keyType)
	if at < 0 {
		return keyring.Party{Name: text}, nil
	}
	key, err := cryptobox.ParseVerifyKey(text[at+1:])
	if err != nil {
		return keyring.Party{}, fmt.Errorf("%w: give what wampbox pubkey prints; "+seenPrivate, err)
	}
	return keyring.Party{Name: text[:at], Key: key}, nil
}

// changedParty is one that was added or removed, as JSON shows it.
type changedParty struct {
	File    string   `json:"file"`
	Pattern string   `json:"pattern"`
	Match   string   `json:"match"`
	Role    string   `json:"role"` // sender or answerer
	Name    string   `json:"name"`
	Key     string   `json:"key"`
	others  []string // keys that the name has beside this one
}

// partyChange changes the lists of a pattern in several files.
type partyChange struct {
	pattern keyring.Pattern
	parties []listed
	change  func(opened, listed) error
	// missing tells whether a file without the party has to be passed over.
	missing func(error) bool
}

// run makes the change in all files, and tells what it has changed.
func (c *partyChange) run(cmd *cli.Command, paths []string) ([]changedParty, error) {
	access, err := newAccess(cmd)
	if err != nil {
		return nil, err
	}
	list := []changedParty{}
	err = access.update(paths, func(open []opened) error {
		open, err := having(open, c.pattern)
		if err != nil {
			return err
		}
		for _, l := range c.parties {
			changed, err := c.one(open, l)
			if err != nil {
				return err
			}
			list = append(list, changed...)
		}
		return nil
	})
	return list, err
}

// one changes the list of one party, in the files that have such a list.
func (c *partyChange) one(open []opened, l listed) ([]changedParty, error) {
	var list []changedParty
	var passed error
	applied := false
	for _, f := range open {
		before, lists, err := f.parties(c.pattern, l.role)
		if err != nil {
			return nil, err
		}
		if !lists {
			note("%s lists no %s of %v: %s", f.Path, l.list(), c.pattern, f.whyNoList(c.pattern, l.role))
			continue
		}
		if err := c.change(f, l); err != nil {
			passed = fmt.Errorf("%s: %w", f.Path, err)
			if c.missing(err) {
				passed = fmt.Errorf("%w; its %s are %s", passed, l.list(), names(before))
				continue
			}
			return nil, passed
		}
		applied = true
		after, _, err := f.parties(c.pattern, l.role)
		if err != nil {
			return nil, err
		}
		for _, p := range apart(before, after) {
			list = append(list, changedParty{f.Path, c.pattern.URI, c.pattern.Match.String(), l.as(), p.Name, p.Key.String(), named(after, p)})
		}
	}
	switch {
	case applied:
		return list, nil
	case passed != nil:
		return nil, passed
	}
	return nil, fmt.Errorf("no file lists %s of %v: give those of who %s", l.list(), c.pattern,
		map[keyring.Role]string{keyring.RoleOriginator: "subscribes and is called", keyring.RoleResponder: "calls"}[l.role])
}

// parties gives those that the versions of a pattern list in a role, and whether one of them
// has such a list.
func (f opened) parties(p keyring.Pattern, role keyring.Role) (all []keyring.Party, lists bool, err error) {
	versions, err := f.OfPattern(p)
	if err != nil {
		return nil, false, err
	}
	seen := map[keyring.Party]bool{}
	for _, v := range versions {
		list, has := v.Signed.Senders, v.Signed.Responds
		if role == keyring.RoleResponder {
			list, has = v.Signed.Answerers, v.Signed.Originates && !v.Signed.AnyAnswerer
		}
		lists = lists || has && v.State != keyring.StateRevoked
		for _, party := range list {
			if !seen[party] {
				seen[party] = true
				all = append(all, party)
			}
		}
	}
	return all, lists, nil
}

// whyNoList says why a file has no list of parties for a role.
func (f opened) whyNoList(p keyring.Pattern, role keyring.Role) string {
	versions, _ := f.OfPattern(p)
	signed := false
	for _, v := range versions {
		signed = signed || v.Kind == kindSigned && v.State != keyring.StateRevoked
		if role == keyring.RoleResponder && v.Signed.AnyAnswerer {
			return "it takes any answerer"
		}
	}
	switch {
	case !signed:
		return "its key isn't a signed one"
	case role == keyring.RoleOriginator:
		return "it doesn't receive"
	}
	return "it doesn't call"
}

// kindSigned is what a keyring calls signed keys.
const kindSigned = "signed"

// apart gives the parties that one of two lists has alone.
func apart(before, after []keyring.Party) []keyring.Party {
	seen := map[keyring.Party]int{}
	for _, p := range before {
		seen[p]++
	}
	for _, p := range after {
		seen[p]--
	}
	var list []keyring.Party
	for _, p := range append(before, after...) {
		if seen[p] != 0 {
			list = append(list, p)
			seen[p] = 0
		}
	}
	return list
}

// named gives the keys that a name has beside one.
func named(list []keyring.Party, p keyring.Party) []string {
	var keys []string
	for _, other := range list {
		if other.Name == p.Name && other.Key != p.Key {
			keys = append(keys, other.Key.String())
		}
	}
	return keys
}

// printParties prints what has changed.
func printParties(cmd *cli.Command, list []changedParty, says func(changedParty) string) error {
	if cmd.Bool("json") {
		return outputJSON(struct {
			Parties []changedParty `json:"parties"`
		}{list})
	}
	if len(list) == 0 {
		note("nothing to change")
		return nil
	}
	for _, p := range list {
		note("%s: %s %q: %s", p.File, p.Match, p.Pattern, says(p))
	}
	note("that holds at once in programs that follow their file (keywatch), in exchanges that are under way too; in others when they are started again")
	return nil
}
