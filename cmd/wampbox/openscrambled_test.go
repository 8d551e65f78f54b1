package main_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestOpenScrambled: what was captured at a router opens by the URI that it shows, if the record
// is for that.
func TestOpenScrambled(t *testing.T) {
	dir := t.TempDir()
	wampbox(t, "init", "-dir", dir, "-scramble", "com.x.", "com.x.", "com.x.orders.").fine(t)
	sealed := run{stdin: []byte(`{"args": ["noon"]}`)}.start(t, "seal", "-keyring", both(dir)[0], "-uri", "com.x.orders.new", "-realm", "realm1", "-message").fine(t)
	seen := func(uri string) string { return sees(t, both(dir)[0], uri) }
	shown := func(uri string) []byte {
		var list []any
		require.NoError(t, json.Unmarshal([]byte(sealed), &list))
		list[3] = uri
		return must(json.Marshal(list))
	}
	for _, rotated := range []bool{false, true} {
		r := run{stdin: shown(seen("com.x.orders.new"))}.start(t, "open", "-keyring", both(dir)[1], "-realm", "realm1")
		opened := record(t, r.fine(t))
		require.Equal(t, []any{"com.x.orders.new", []any{"noon"}}, []any{opened.URI, opened.Args})
		require.Contains(t, r.err, `opened with the key of prefix "com.x.orders."`)
		r.noSecrets(t, both(dir)...)
		if !rotated {
			wampbox(t, with(dir, "scramble", "com.x.", "-rotate")...).fine(t)
		}
	}
	for name, test := range map[string]struct {
		uri   string
		realm string
		says  string
	}{
		"no realm":              {seen("com.x.orders.new"), "", "is scrambled, as routers see it: give -realm, or the real one by -uri"},
		"another URI":           {seen("com.x.orders.old"), "realm1", `it was sealed for "com.x.orders.new": who shows it as one for`},
		"another pattern":       {seen("com.x.new.orders"), "realm1", "the sender used another key than this pattern's"},
		"another realm":         {seen("com.x.orders.new"), "realm2", "the sender used another key than this pattern's"},
		"another prefix, clear": {"com.x.stock", "", "the sender used another key than this pattern's"},
		"below no pattern":      {strings.Replace(seen("com.x.orders.new"), "com.x.", "com.y.", 1), "realm1", "no pattern of the keyring matches"},
	} {
		args := []string{"open", "-keyring", both(dir)[1]}
		if test.realm != "" {
			args = append(args, "-realm", test.realm)
		}
		t.Run(name, func(t *testing.T) { run{stdin: shown(test.uri)}.start(t, args...).fails(t, 1, test.says) })
		_ = name
	}
}
