package main_test

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// parties are the files of a shop's front end, which publishes and calls, and of three
// services that it speaks to.
type parties struct {
	dir  string
	args []string // all files
}

func (p parties) file(name string) string { return filepath.Join(p.dir, name+".json") }

// newParties sets three patterns up for four parties.
func newParties(t testing.TB) parties {
	t.Helper()
	p := parties{dir: t.TempDir()}
	for _, service := range []string{"orders", "billing", "stock"} {
		wampbox(t, "add", "com.shop."+service+".", "-originator", p.file("front"), "-responder", p.file(service)).fine(t)
		p.args = append(p.args, p.file(service))
	}
	p.args = append(p.args, p.file("front"))
	return p
}

// edit changes the text of a file by hand.
func (p parties) edit(t testing.TB, name, old, replacement string) {
	t.Helper()
	text := string(must(os.ReadFile(p.file(name))))
	require.Contains(t, text, old)
	require.NoError(t, os.WriteFile(p.file(name), []byte(strings.Replace(text, old, replacement, 1)), 0o600))
}

// TestPlantedFaults: each of the mistakes that people make is found by lint, and where it
// touches a URI by explain, and both say where.
func TestPlantedFaults(t *testing.T) {
	tomorrow := time.Now().Add(24 * time.Hour).UTC().Format(time.RFC3339)
	for name, test := range map[string]struct {
		plant   func(t *testing.T, p parties)
		lint    string // a rule
		in      string // the file that it names
		says    string
		uri     string
		explain string
	}{
		"a pair from two inits": {func(t *testing.T, p parties) {
			require.NoError(t, os.Remove(p.file("billing")))
			wampbox(t, "add", "com.shop.billing.", "-originator", filepath.Join(p.dir, "other"), "-responder", p.file("billing")).fine(t)
		}, "pair", "billing", "has other keys for it", "com.shop.billing.paid", "doesn't open"},
		"a typo in a pattern": {func(t *testing.T, p parties) { p.edit(t, "stock", "com.shop.stock.", "com.shop.stocks.") },
			"missing", "front", `stock.json has prefix "com.shop.stocks.", which is nearly the same`, "com.shop.stock.low", "stock.json: nothing is sent or taken"},
		"plain where it is sealed": {func(t *testing.T, p parties) {
			wampbox(t, "add", "-plain", "com.shop.", "-originator", p.file("front"), "-responder", p.file("other")).fine(t)
			wampbox(t, "add", "-plain", "com.shop.orders.new", "-originator", p.file("orders"), "-responder", p.file("more")).fine(t)
		}, "overlap", "orders", "these go out in plain", "com.shop.orders.new", "the URI is plain: it can't open it"},
		"a rotation at one end": {func(t *testing.T, p parties) {
			wampbox(t, "rotate", "com.shop.orders.", "-activate", "now", p.file("front")).fine(t)
		}, "differs", "front", "orders.json lacks this version", "com.shop.orders.new", "doesn't open"},
		"dates that leave a gap": {func(t *testing.T, p parties) {
			for _, name := range []string{"front", "orders"} {
				p.edit(t, name, `"created"`, `"not_after": "`+tomorrow+`", "created"`)
			}
		}, "gap", "orders", "from " + tomorrow + " on nothing seals", "", ""},
		"a version that nobody activated": {func(t *testing.T, p parties) {
			for _, name := range []string{"front", "orders"} {
				p.edit(t, name, `"created"`, `"active_from": "`+tomorrow+`", "created"`)
			}
		}, "no-active", "front", "no version seals before", "com.shop.orders.new", "no version of the key seals now"},
		"a transition that is over": {func(t *testing.T, p parties) {
			p.edit(t, "orders", `"versions"`, `"plaintext": "accept", "until": "2020-01-01T00:00:00Z", "versions"`)
		}, "transition", "orders", "has passed", "", ""},
		"a file that others read": {func(t *testing.T, p parties) { require.NoError(t, os.Chmod(p.file("stock"), 0o644)) },
			"permissions", "stock", "too wide", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			p := newParties(t)
			require.Empty(t, wampbox(t, append([]string{"lint"}, p.args...)...).fine(t))
			test.plant(t, p)
			r := wampbox(t, append([]string{"lint"}, p.args...)...)
			require.Equal(t, 1, r.status)
			found := false
			for line := range strings.Lines(r.out) {
				found = found || strings.HasPrefix(line, p.file(test.in)) && strings.Contains(line, ": "+test.lint+": ") && strings.Contains(line, test.says)
			}
			require.True(t, found, r.out)
			r.noSecrets(t, p.args...)
			if test.uri == "" {
				return
			}
			service := p.file(strings.Split(test.uri, ".")[2])
			r = wampbox(t, "explain", test.uri, p.file("front"), service)
			require.Equal(t, 1, r.status, r.out)
			require.Contains(t, r.out, test.explain)
			r.noSecrets(t, p.args...)
		})
	}
}

// TestNoCommandShowsKeys: none but those that are for it.
func TestNoCommandShowsKeys(t *testing.T) {
	p := newParties(t)
	front, orders := p.file("front"), p.file("orders")
	next := strings.TrimSpace(wampbox(t, "rotate", "com.shop.orders.", front, orders, "-activate", "now").fine(t))
	paths := []string{front, orders, p.file("billing"), p.file("stock")}
	wampbox(t, append([]string{"scramble", "com.shop."}, paths...)...).fine(t)
	all := secrets(t, paths...)
	require.Len(t, all, 12)
	for _, args := range [][]string{
		{"list"}, {"list", "-json"}, {"lint"}, {"lint", "-json"}, {"explain", "com.shop.orders.x"}, {"explain", "com.shop.orders.x", "-json"},
		{"explain", "com.shop.orders.x", "-realm", "realm1"}, {"scramble", "com.shop.", "-rotate"}, {"scramble", "com.shop.", "-rotate", "-activate", "now", "-json"},
		{"scramble", "com.shop."}, {"scramble", "com.shop.", "-allow-clear", "1h"}, {"scramble", "com.shop.", "-remove", "-id", "x"}, {"scramble", "com.shop.orders."},
		{"activate", "nobody"}, {"rotate", "com.shop"}, {"rotate", "com.shop.orders.", "-json"},
		{"retire", next, "-at", "1h"}, {"activate", next, "-at", "1h"}, {"revoke", "", "-json"},
	} {
		r := wampbox(t, append(args, paths...)...)
		require.NotEmpty(t, r.out+r.err)
		for _, secret := range all {
			require.NotContains(t, r.out+r.err, secret, "%v", args)
			require.NotContains(t, r.out+r.err, secret[:20], "%v", args)
		}
	}
	for _, args := range [][]string{{}, {"-json"}, {"com.shop.orders.x"}, {"-find", "com.shop.mzxw6ytboi5dqmrq"}, {"-find", "-json", "com.shop.mzxw6ytboi5dqmrq"}} {
		r := wampbox(t, append([]string{"uri", "-keyring", front, "-realm", "realm1"}, args...)...)
		require.NotEmpty(t, r.out)
		for _, secret := range secrets(t, paths...) {
			require.NotContains(t, r.out+r.err, secret[:20], "%v", args)
		}
	}
	// A key in the place of something else isn't repeated.
	for _, args := range [][]string{
		{"list", all[0]}, {"lint", all[0]}, {"explain", "com.x", all[0]}, {"explain", all[0], front}, {"explain", all[0], front, "-json"}, {"convert", all[0]},
		{"rotate", all[0], front}, {"rotate", "com.shop.orders.", all[0]}, {"revoke", all[0], front}, {"activate", next, all[0]},
		{"init", all[0]}, {"init", "com.x", "-for", all[0]}, {"add", all[0], "-originator", front, "-responder", orders},
		{"add", "com.n.", "-originator", all[0], "-responder", orders}, {"rotate", "com.shop.orders.", front, "-activate", all[0]},
		{"revoke", next, front, "-pattern", all[0]}, {all[0]}, {"scramble", all[0], front}, {"scramble", "com.shop.", all[0]}, {"scramble", "com.shop.", front, "-secret", all[0]},
		{"scramble", "com.shop.", front, "-activate", all[0]}, {"uri", "-keyring", all[0], "-realm", "x"}, {"uri", "-keyring", front, "-realm", "x", "-find", "com.shop.mzxw6ytboi5dqmrq", "-words", all[0]}, {"open", "-keyring", all[0], "-uri", "com.x"}, {"seal", "-keyring", front, "-uri", all[0]},
	} {
		for form, near := range nearKeys(all[0]) {
			given := slices.Clone(args)
			for i := range given {
				given[i] = strings.ReplaceAll(given[i], all[0], near)
			}
			r := run{dir: t.TempDir()}.start(t, given...)
			if r.status == 0 && form != "key" { // some of a key is a pattern like any other
				continue
			}
			require.NotZero(t, r.status, "%v", given)
			require.NotContains(t, r.out+r.err, near[:11], "%s: %v", form, given)
		}
	}
}

// nearKeys are a key, and what is almost one.
func nearKeys(key string) map[string]string {
	raw := must(base64.StdEncoding.DecodeString(key))
	return map[string]string{
		"key": key, "unpadded": key[:43], "url-safe": base64.URLEncoding.EncodeToString(raw), "cut short": key[:36], "hex": hex.EncodeToString(raw), "colons": strings.ReplaceAll(fmt.Sprintf("% x", raw), " ", ":"),
	}
}

// TestKeysInFiles: what was almost a key and stands in a place of a file where a name
// belongs, list, lint and the others don't repeat.
func TestKeysInFiles(t *testing.T) {
	key := strings.TrimSpace(wampbox(t, "keygen").fine(t))
	for form, near := range nearKeys(key) {
		for _, text := range []string{
			`{"version": 2, "patterns": [{"prefix": "com.x.", "versions": [{"dialect": "passthru", "id": "k", "shared": "` + near + `x"}]}]}`,
			`{"version": 2, "patterns": [{"prefix": "com.x.", "versions": [{"dialect": "passthru", "id": "` + near + `", "shared": "x"}]}]}`,
			`{"version": 2, "patterns": [{"prefix": "` + near + `.*", "versions": [{"dialect": "passthru", "id": "k", "shared": "x"}]}]}`,
			`{"version": 2, "patterns": [{"prefix": "com.x.", "versions": [{"dialect": "passthru", "id": "k", "shared": "file:` + near + `"}]}]}`,
			`{"version": 2, "patterns": [{"prefix": "com.x.", "versions": [{"dialect": "passthru", "id": "k", "shared": "env:` + near + `"}]}]}`,
			`{"version": 2, "patterns": [{"prefix": "com.x.", "` + near + `": 1, "plain": true}]}`,
			`{"version": 2, "scramble": [{"prefix": "com.x.", "secrets": [{"secret": "scramble:` + near + `x"}]}], "patterns": [{"prefix": "com.x.y.", "plain": true}]}`,
			`{"version": 2, "scramble": [{"prefix": "com.x.", "secrets": [{"secret": "file:` + near + `"}]}], "patterns": [{"prefix": "com.x.y.", "plain": true}]}`,
			`{"version": 2, "scramble": [{"prefix": "` + near + `.x", "secrets": [{"secret": "x"}]}], "patterns": [{"prefix": "com.x.y.", "plain": true}]}`,
			`{"version": 2, "patterns": [{"prefix": "com.x.", "versions": [{"suite": "` + near + `", "shared": "` + near + `"}]}]}`,
			near, `{"` + near + `": `, `["` + near + `"]`,
		} {
			path := write(t, "keyring.json", []byte(text))
			for _, args := range [][]string{{"lint", path}, {"lint", path, "-json"}, {"list", path}, {"explain", "com.x.y", path}, {"rotate", "com.x.", path}, {"open", "-keyring", path, "-uri", "com.x.y"}} {
				r := run{stdin: sixtyBytes}.start(t, args...)
				require.NotZero(t, r.status, "%s", text)
				require.NotContains(t, r.out+r.err, near[:11], "%s: %v %s", form, args, text)
			}
		}
	}
}

// TestSecretInPlaceOfAName: what is given where the name of a variable or of a file belongs
// may be the secret, and isn't repeated.
func TestSecretInPlaceOfAName(t *testing.T) {
	file := withPassphrase(t, false).path
	for _, secret := range []string{"hunter2", "correct horse battery staple", "HUNTER2", "AGE-SECRET-KEY-1QQPQZ89VVNS0KLCNN8YY4YX4KVJC3J9ZU6"} {
		for _, flag := range []string{"-passphrase-env", "-passphrase-file", "-identity"} {
			r := wampbox(t, "list", file, flag, secret)
			require.NotZero(t, r.status)
			require.NotContains(t, r.out+r.err, secret, flag)
		}
		for _, auth := range []string{"ticket:env:" + secret, "ticket:file:" + secret, "wampcra:env:" + secret, secret} {
			r := wampbox(t, "pub", "-router", "ws://127.0.0.1:1/ws", "-realm", "realm1", "-keyring", file, "-auth", auth, "-authid", "joe", "com.x")
			require.NotZero(t, r.status)
			require.NotContains(t, r.out+r.err, secret, auth)
		}
	}
}

// TestOthersWrite: what others can write to or replace is refused, with the flag that
// accepts it, and no other; a pipe isn't waited for.
func TestOthersWrite(t *testing.T) {
	p := newParties(t)
	require.NoError(t, os.Chmod(p.dir, 0o777))
	for _, args := range [][]string{{"list", p.file("stock")}, {"explain", "com.shop.stock.x", p.file("stock")}, {"seal", "-keyring", p.file("front"), "-uri", "com.shop.stock.x"}} {
		r := wampbox(t, args...)
		require.Equal(t, 1, r.status)
		require.Contains(t, r.err, "lets others put another file in its place: chmod go-w "+p.dir+" (-writable-by-others accepts it, where nobody else is)\n")
		require.NotContains(t, r.err, "-readable-by-others")
	}
	require.Contains(t, wampbox(t, "lint", p.file("stock")).out, ": permissions: ")
	wampbox(t, "list", p.file("stock"), "-writable-by-others").fine(t)
	require.NoError(t, os.Chmod(p.dir, 0o700))
	wampbox(t, "list", p.file("stock")).fine(t)
}
