package keywatch

import (
	"log/slog"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

// maxNamed is how many patterns a line names.
const maxNamed = 4

// logChanges logs one line: counts, and some of the patterns, those first of which one
// wants to know most.
func logChanges(logger *slog.Logger, path string, c keyring.Changes) {
	var named []string
	for _, group := range []struct {
		what     string
		patterns []keyring.Pattern
	}{{"closed", c.Closed}, {"plain", c.Plain}, {"changed", c.Changed}, {"opened", c.Opened}} {
		for _, p := range group.patterns[:min(len(group.patterns), maxNamed-len(named))] {
			named = append(named, group.what+" "+keyfile.Conceal(p.String()))
		}
	}
	logger.Info("keyring file loaded again", "path", path,
		"opened", len(c.Opened), "changed", len(c.Changed), "closed", len(c.Closed), "plain", len(c.Plain),
		"unkeyed", c.Unkeyed, "patterns", named)
}
