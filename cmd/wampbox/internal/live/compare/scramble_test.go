package compare_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/live/compare"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

// TestListScrambles tells ids and dates, and no secret; also of patterns that don't count below
// the prefix.
func TestListScrambles(t *testing.T) {
	secret, key := cryptobox.GenerateScrambleSecret(), cryptobox.GenerateSymmetricKey()
	f := keyfile.New()
	for _, p := range []keyring.Pattern{keyring.Prefix("com.x."), keyring.Wildcard("com..b"), keyring.Prefix("")} {
		require.NoError(t, f.Add(p, &keyfile.Version{Shared: keyfile.SymmetricKey(key)}))
	}
	require.NoError(t, f.AddScramble("com.x.", &keyfile.ScrambleVersion{Secret: keyfile.ScrambleSecret(secret)}))
	l, err := compare.NewList(f)
	require.NoError(t, err)
	require.Equal(t, []compare.Scramble{{Prefix: "com.x.", Secrets: []compare.ScrambleSecret{{ID: secret.ID().String(), State: "active"}}}}, l.Scramble)
	for _, p := range l.Patterns {
		require.NotEmpty(t, p.Versions[0].Fingerprint)
	}
}

// TestScrambling: what one end sends, the other has to take.
func TestScrambling(t *testing.T) {
	now := time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
	list := func(scramble string) compare.List {
		l, err := compare.ReadList(strings.NewReader(fmt.Sprintf(`{"scramble": [%s], "patterns": [
			{"pattern": "com.x.", "match": "prefix", "versions": [{"id": "a", "state": "active", "kind": "shared", "suite": "shared", "fingerprint": "f"}]}]}`, scramble)))
		require.NoError(t, err)
		return l
	}
	by := func(more string, secrets ...string) string {
		return fmt.Sprintf(`{"prefix": "com."%s, "secrets": [%s]}`, more, strings.Join(secrets, ","))
	}
	one, two := `{"id": "one"}`, `{"id": "two"}`
	next, old := `{"id": "two", "active_from": "2026-07-01T00:00:00Z"}`, `{"id": "one", "not_after": "2026-08-01T00:00:00Z"}`
	soon, clearToo := `{"id": "one", "active_from": "2026-07-01T00:00:00Z"}`, `, "allow_clear": "2026-08-01T00:00:00Z"`
	for name, test := range map[string]struct {
		ours, peers string
		levels      []compare.Level
		says        string
	}{
		"none":             {"", "", nil, ""},
		"the same":         {by("", one), by("", one), nil, ""},
		"a rotation":       {by("", next, old), by("", next, old), nil, ""},
		"clear, both":      {by(clearToo, soon), by(clearToo, soon), nil, ""},
		"only this end":    {by("", one), "", []compare.Level{compare.Error, compare.Error}, "this end sends its URIs scrambled, and the peer doesn't take them so"},
		"only the peer":    {"", by("", one), []compare.Level{compare.Error, compare.Error}, "this end sends its URIs as they are, and the peer takes them scrambled alone"},
		"other secrets":    {by("", one), by("", two), []compare.Level{compare.Error, compare.Error}, "under the secret one, which the peer doesn't take"},
		"one lacks a next": {by("", next, old), by("", one), []compare.Level{compare.Warning}, "from 2026-07-01T00:00:00Z on, this end sends its URIs scrambled under the secret two"},
		"one has the next": {by("", two, `{"id": "one", "not_after": "2026-05-01T00:00:00Z"}`), by("", next, old), []compare.Level{compare.Error}, "the peer sends its URIs scrambled under the secret one, which this end doesn't take"},
		"clear here":       {by(clearToo, soon), by("", soon), []compare.Level{compare.Error}, "this end sends its URIs as they are"},
		"not yet there":    {by(clearToo, soon), "", []compare.Level{compare.Warning}, "from 2026-07-01T00:00:00Z on, this end sends its URIs scrambled, and the peer"},
		"another prefix":   {by("", one), `{"prefix": "com.x.", "secrets": [{"id": "one"}]}`, []compare.Level{compare.Error, compare.Error}, "doesn't take them so"},
	} {
		t.Run(name, func(t *testing.T) {
			var levels []compare.Level
			said := ""
			for _, f := range compare.Lists(list(test.ours), list(test.peers), now) {
				require.Equal(t, compare.Scrambling, f.Rule)
				levels, said = append(levels, f.Level), said+f.String()+"\n"
			}
			require.Equal(t, test.levels, levels, said)
			require.Contains(t, said, test.says)
		})
	}
	_, err := compare.ReadList(strings.NewReader(`{"patterns": [], "scramble": [{"prefix": "com.*"}]}`))
	require.ErrorContains(t, err, "scramble[0]")
}
