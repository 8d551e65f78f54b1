// Package changelog says in a line of a log what a source has changed on a Ring. Call [Attrs].
package changelog

import (
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

// maxNamed is how many patterns a line names.
const maxNamed = 4

// Attrs gives counts, and some of the patterns, those first of which one wants to know most.
func Attrs(c keyring.Changes) []any {
	hidden := make([]keyring.Pattern, len(c.Scrambled))
	for i, prefix := range c.Scrambled {
		hidden[i] = keyring.Prefix(prefix)
	}
	var named []string
	for _, group := range []struct {
		what     string
		patterns []keyring.Pattern
	}{{"closed", c.Closed}, {"plain", c.Plain}, {"scrambled otherwise", hidden}, {"changed", c.Changed}, {"opened", c.Opened}} {
		for _, p := range group.patterns[:min(len(group.patterns), maxNamed-len(named))] {
			named = append(named, group.what+" "+keyfile.Conceal(p.String()))
		}
	}
	return []any{
		"opened", len(c.Opened), "changed", len(c.Changed), "closed", len(c.Closed), "plain", len(c.Plain),
		"scrambled", len(c.Scrambled), "unkeyed", c.Unkeyed, "patterns", named,
	}
}
