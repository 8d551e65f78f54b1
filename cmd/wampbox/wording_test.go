package main_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"filippo.io/age"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/testrouter"
)

// goNames gives what the packages that the tool is made of export: names that say nothing
// to who doesn't program with them.
func goNames(t testing.TB) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	for _, folder := range []string{"cryptobox", "keyring", "keyring/keyfile", "keyring/agefile", "keyring/keyservice", "internal/authority", "internal/grants", "transparency"} {
		paths, err := filepath.Glob("../../" + folder + "/*.go")
		require.NoError(t, err)
		require.NotEmpty(t, paths)
		for _, path := range paths {
			if strings.HasSuffix(path, "_test.go") {
				continue
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
			require.NoError(t, err)
			ast.Inspect(file, func(n ast.Node) bool {
				if id, ok := n.(*ast.Ident); ok && id.IsExported() {
					names[id.Name] = true
				}
				return true
			})
		}
	}
	require.True(t, names["ForAutobahn"])
	for _, word := range []string{"JSON", "CBOR", "MessagePack", "ID", "URI", "Autobahn", "X25519", "EOF"} { // not Go's alone; the last is age's
		delete(names, word)
	}
	return names
}

var (
	word      = regexp.MustCompile(`\b[A-Z]\w*`)
	qualified = regexp.MustCompile(`\b(?:cryptobox|keyring|keyfile|agefile|keyservice|transparency|compare|lint)(?:\.[A-Z]|: )`)
	tempNames = regexp.MustCompile(`/[\w./-]*/`)
)

// TestNoGoNames: what goes wrong is said in words of the tool, whichever package has found
// it: with no names that only a program can use.
func TestNoGoNames(t *testing.T) {
	names := goNames(t)
	check := func(args []string, r result) {
		t.Helper()
		require.NotZero(t, r.status, "%q", args)
		said := tempNames.ReplaceAllString(r.out+r.err, "")
		require.NotRegexp(t, qualified, said, "%q", args)
		for line := range strings.Lines(r.err) {
			clauses := regexp.MustCompile(`: |; `).Split(strings.TrimSpace(line), -1)
			slices.Sort(clauses)
			require.Len(t, slices.Compact(slices.Clone(clauses)), len(clauses), "%q says a thing twice: %s", args, line)
		}
		for _, w := range word.FindAllString(said, -1) {
			require.False(t, names[w], "%q says %s: %s", args, w, said)
		}
	}
	for _, path := range faultyFiles(t) {
		for _, args := range [][]string{
			{"list", path}, {"lint", path}, {"explain", "com.x.y", path}, {"pubkey", path}, {"rotate", "com.x.", path},
			{"add", "com.n.", "-shared", path}, {"doctor", path, "-peer", path}, {"seal", "-keyring", path, "-uri", "com.x.y"},
		} {
			check(args, run{stdin: []byte("{}")}.start(t, args...))
		}
	}
	for _, args := range signedMistakes(t) {
		check(args, wampbox(t, args...))
	}
	o, mistakes := authorityMistakes(t)
	for _, args := range mistakes {
		check(args, run{dir: o.dir}.start(t, args...))
	}
	dir, id := begun(t)
	originator, responder := both(dir)[0], both(dir)[1]
	next := strings.TrimSpace(wampbox(t, with(dir, "rotate", "com.x.")...).fine(t))
	hidden := write(t, "hidden.json", must(os.ReadFile(originator)))
	hiddenID := strings.TrimSpace(wampbox(t, "scramble", "com.x.", hidden).fine(t))
	router := testrouter.Start(t)
	for text, says := range map[string]string{
		`{"args": ["` + strings.Repeat("a", 16<<20-20) + `"]}`: "too large", `{"args": [` + strings.Repeat("[", 200) + strings.Repeat("]", 200) + `]}`: "too large",
		`{"args": [1e999]}`: "malformed", `{"args": `: "malformed", `[]`: "is no JSON map", `{"args": [], "more": 1}`: "nothing else",
	} {
		r := run{stdin: []byte(text)}.start(t, "seal", "-keyring", originator, "-uri", "com.x.y", "-realm", "realm1")
		check([]string{"seal"}, r)
		require.Equal(t, 1, strings.Count(r.err, says), "%.300s", r.err)
		require.NotContains(t, r.err, "private half")
	}
	for _, args := range [][]string{
		{"rotate", "com.none.", originator}, {"rotate", "com.x.", "-for", "passthru", "-id", "\a", originator}, {"rotate", "com.x.", "-suite", "x", originator}, {"rotate", "com.x.", "-for", "x", originator}, {"rotate", "com.x.", "-peer", "x", originator},
		{"activate", next, "-at", "2999-01-01", originator, responder, "-pattern", "com.z."}, {"retire", next, "-at", "1h", originator},
		{"retire", id, "-at", "1h", originator}, {"activate", "nobody", originator}, {"revoke", "nobody", originator},
		{"add", "com.x.", "-originator", originator, "-responder", responder}, {"add", "com.x.*", "-originator", originator, "-responder", responder},
		{"init", "-dir", dir, "com.y."}, {"init", "-dir", dir, "wampbox.error.x"},
		{"identity", "a b"}, {"identity", "-o", originator, "x"}, {"identity", "-show", originator}, {"identity", "-show", dir}, {"identity", "x", "X"},
		{"seal", "-keyring", originator, "-uri", "com.z"}, {"seal", "-keyring", originator, "-uri", "wampbox.error.x"},
		{"open", "-keyring", responder, "-uri", "com.x.y"}, {"seal", "-keyring", originator, "-uri", "com.x.y", "-realm", "r", "-dialect", "passthru"},
		{"doctor", originator, "-call", "com.x.y", "-router", router.WebSocketURL(), "-realm", "realm1"},
		{"explain", "com.z", originator}, {"convert", originator},
		{"scramble", "com.x", originator}, {"scramble", "wamp.", originator}, {"scramble", "com.x.", "-rotate", originator}, {"scramble", "com.x.", "-remove", originator},
		{"scramble", "com.x.", "-secret", originator, originator}, {"scramble", "com.x.", "-activate", "x", originator}, {"scramble", "com.x.", hidden}, {"scramble", "com.x.y.", hidden},
		{"scramble", "com.x.", "-remove", "-id", "x", hidden}, {"scramble", "com.x.", "-remove", "-id", hiddenID, hidden}, {"transition", "com.x.", "-send", "-until", "1h", hidden},
		{"rotate", "com.x.", "-for", "autobahn", hidden}, {"uri", "-keyring", originator, "-realm", "r"}, {"uri", "-keyring", hidden, "-realm", "r", "com."},
		{"uri", "-keyring", hidden, "-realm", "r", "-find", "com.x.mzxw6ytboi5dqmrq"}, {"uri", "-keyring", hidden, "-realm", "r", "-match", "prefix", "com.x.y"},
		{"explain", "com.x.y", hidden, responder}, {"lint", hidden, responder},
		{"doctor", originator, "-peer", responder}, {"doctor", originator},
		{"pub", "-router", router.WebSocketURL(), "-realm", "realm1", "-keyring", originator, "com.z"},
		{"pub", "-router", router.WebSocketURL(), "-realm", "realm1", "-keyring", responder, "com.x.y"},
		{"call", "-router", router.WebSocketURL(), "-realm", "realm1", "-keyring", originator, "com.x.y"},
		{"call", "-router", router.WebSocketURL(), "-realm", "realm1", "-keyring", responder, "com.x.y"},
		{"sub", "-router", router.WebSocketURL(), "-realm", "realm1", "-keyring", originator, "com.x.y"},
		{"sub", "-router", router.WebSocketURL(), "-realm", "realm1", "-keyring", originator, "com.z"},
	} {
		check(args, run{stdin: []byte(`{"args": []}`)}.start(t, args...))
	}
}

// signedMistakes are commands about signed keys that fail.
func signedMistakes(t *testing.T) [][]string {
	t.Helper()
	dir, _ := begunSigned(t)
	originator, responder := both(dir)[0], both(dir)[1]
	box, _ := begun(t)
	own := verify(t, originator)
	sealed := exchange(t, originator, responder)
	call, answer := write(t, "call", sealed.call), write(t, "answer", wampMessage(`50,1,{}`, sealed.answer))
	wampbox(t, "remove", "-sender", "originator", "com.x.", responder).fine(t)
	return [][]string{
		{"add", "-sender", "a=" + own, "com.x.", originator}, {"add", "-sender", "a", "com.x.", responder}, {"add", "-sender", "\a=" + own, "com.x.", responder},
		{"add", "-sender", "=" + own, "com.x.", responder}, {"add", "-sender", "a=ed25519:x", "com.x.", responder}, {"add", "-answerer", "a=" + own, "com.x.", both(box)[0]},
		{"add", "-answerer", "a=" + verify(t, responder), "com.x.", originator}, {"remove", "-sender", "a", "com.x.", responder}, {"remove", "-answerer", "", "com.x.", originator},
		{"add", "-signed", "com.n.", "-originator", "a.json", "-reading", own}, {"add", "-signed", "com.n.", "-originator", "a.json", "-reading", "none"},
		{"add", "-signing", responder, "com.x.", originator}, {"add", "-signed", "com.x.", "-originator", originator, "-responder", responder},
		{"rotate", "com.x.", "-suite", "box", originator, responder}, {"rotate", "com.x.", originator}, {"rotate", "com.x.", "-peer", own, originator},
		{"open", "-keyring", responder, "-uri", "com.x.y", call}, {"open", "-keyring", originator, "-uri", "com.x.y", call},
		{"open", "-keyring", responder, "-uri", "com.x.y", answer}, {"open", "-keyring", responder, "-uri", "com.x.y", "-call", call, answer},
		{"seal", "-keyring", responder, "-uri", "com.x.y", "-realm", "r", write(t, "record", []byte("{}"))}, {"explain", "com.x.y", originator, responder},
		{"lint", originator, responder}, {"keygen", "-signing", "-reading"}, {"init", "-signed", "-suite", "box", "com.n."},
	}
}

// authorityMistakes are commands about an authority that fail, and where they are run.
func authorityMistakes(t *testing.T) (operation, [][]string) {
	t.Helper()
	o := begunAuthority(t)
	o.do(t, "grant", "shop", "com.s.", "-as", "sender", "-suite", "signed").fine(t)
	run{dir: o.dir}.start(t, "identity", "till").fine(t)
	hybrid, err := age.GenerateHybridIdentity()
	require.NoError(t, err)
	require.NoError(t, os.CopyFS(o.path("broken"), os.DirFS(o.path("authority"))))
	require.NoError(t, os.Chmod(o.path("broken", "keyring.json"), 0o600))
	require.NoError(t, os.WriteFile(o.path("broken", "authority.json"), []byte(`{"version": 1}`), 0o600))
	require.NoError(t, os.Chmod(o.path("broken", "authority.json"), 0o600))
	key := o.show(t).Key
	list := [][]string{
		{"show", "-dir", "none"}, {"show", "-dir", "broken"}, {"init"}, {"init", "-dir", "n", "-recovery", "age1x"}, {"init", "-dir", "n", "-both", "till.enrolment"},
		{"init", "-dir", "n", "-sender", "till.enrolment", "com.x."}, {"init", "-dir", "n", "-both", "till.enrolment", "-any-answerer", "com.x."},
		{"init", "-dir", "n", "-both", "till.enrolment", "-signed-once", "-suite", "xbox", "com.x."}, {"init", "-dir", "n", "-both", "till.enrolment", "-suite", "signed-pq", "com.x."},
		{"init", "-dir", "n", "-both", "till.enrolment", "-for", "autobahn", "-suite", "box", "com.x."}, {"init", "-dir", "n", "-both", "till.enrolment", "-id", "x", "com.x."},
		{"init", "-dir", "n", "-both", "till.enrolment", "-recovery", hybrid.Recipient().String(), "com.x."}, {"init", "-dir", "n", "-encrypt"},
		{"init", "-dir", "n", "-both", "till.enrolment", "wampbox.error.x"}, {"enrol", "shop.enrolment"}, {"enrol", "shop.identity"},
		{"grant", "x", "com.x.", "-as", "both"}, {"grant", "shop", "com.x.", "-as", "reader"}, {"grant", "shop", "com.x.", "-as", "originator"}, {"grant", "shop", "com.x.", "-as", "both", "-suite", "shared"},
		{"grant", "shop", "com.x.", "-as", "both", "-any-answerer"}, {"grant", "shop", "com.x.", "-as", "both", "-for", "passthru"}, {"rotate", "com.n."}, {"rotate", "com.x.", "-defer", "1h"},
		{"rotate", "com.x.", "-every", "1s"}, {"rotate", "com.x.", "-every", "1h", "-retire", "9d"}, {"revoke", "x"}, {"revoke", "shop", "com.n."}, {"issue", "-valid", "1ms"},
		{"issue", "-grants", "shop.identity"}, {"collect", "none"}, {"collect", "authority"}, {"recover", "-authority", key, "-recovery", "none"},
		{"recover", "-authority", "x", "-recovery", "none"}, {"recover", "-dir", "n", "-authority", key, "-recovery", write(t, "offline.txt", []byte(hybrid.String()+"\n"))},
	}
	for i := range list {
		list[i] = append([]string{"authority"}, list[i]...)
	}
	return o, list
}

// faultyFiles are keyring files, each with one thing wrong.
func faultyFiles(t *testing.T) []string {
	key := func() string { return strings.TrimSpace(wampbox(t, "keygen").fine(t)) }
	a, b := key(), key()
	publicB := private(t, b).Public().String()
	entry := func(more string, versions ...string) string {
		return fmt.Sprintf(`{"version": 2, "patterns": [{"prefix": "com.x.", %s "versions": [%s]}]}`, more, strings.Join(versions, ","))
	}
	shared := func(id, secret, more string) string {
		return fmt.Sprintf(`{"id": %q, %s "dialect": "passthru", "shared": %q}`, id, more, secret)
	}
	pair := func(originator, responder string) string {
		return fmt.Sprintf(`{"originator": {%s}, "responder": {%s}}`, originator, responder)
	}
	signed := func(parts string) string { return `{"suite": "signed", ` + parts + `}` }
	public := func(secret string) string {
		return strings.TrimSpace(run{stdin: []byte(secret)}.start(t, "pubkey").fine(t))
	}
	sign, read := strings.TrimSpace(wampbox(t, "keygen", "-signing").fine(t)), strings.TrimSpace(wampbox(t, "keygen", "-reading").fine(t))
	verifies, reading := public(sign), public(read)
	one := shared("k", a, "")
	scramble := strings.TrimSpace(wampbox(t, "keygen", "-scramble").fine(t))
	hidden := func(fields string) string {
		return strings.Replace(entry(``, one), `"patterns"`, `"scramble": [{"prefix": "com.x.", `+fields+`}], "patterns"`, 1)
	}
	var many []string
	for i := range 65 {
		many = append(many, shared(fmt.Sprint(i), key(), fmt.Sprintf(`"active_from": "2020-01-01T00:00:%02dZ",`, i%60)))
	}
	var paths []string
	for i, text := range []string{
		``, `[]`, `{`, `{"version": 3, "patterns": []}`, `{"version": 1, "keys": []}`, `{"version": 2, "patterns": []}`, `{"version": 2}`,
		entry(`"colour": 1,`, one), entry(`"dialect": "autobahn",`, one), entry(``, shared("k", a, `"suite": "xbox",`)), entry(``, strings.Replace(one, "passthru", "x", 1)), entry(``, strings.Replace(one, "passthru", "autobahn", 1)), entry(`"plain": true,`, one), entry(``), entry(`"plaintext": "send",`, one),
		entry(`"plaintext": "x", "until": "2999-01-01T00:00:00Z",`, one), entry(`"until": "x",`, one), entry(`"exact": "com.y",`, one),
		entry(``, strings.Replace(pair(fmt.Sprintf(`"private": %q`, a), fmt.Sprintf(`"public": %q`, publicB)), `{`, `{"dialect": "passthru", `, 1)),
		strings.Replace(entry(``, one), "com.x.", "com.*", 1), strings.Replace(entry(``, one), "com.x.", "com..x", 1), strings.Replace(entry(``, one), "com.x.", "wampbox.error.", 1),
		entry(``, one, shared("k", b, "")), entry(``, one, shared("l", b, "")), entry(``, one, shared("l", a, `"active_from": "2020-01-01T00:00:00Z",`)),
		entry(``, shared("k", strings.Repeat("A", 43)+"=", "")), entry(``, shared("k", "x", "")), entry(``, shared("", a, "")), entry(``, `{"id": "k", "shared": "`+a+`"}`),
		entry(``, shared(strings.Repeat("k", 300), a, "")), entry(``, shared("k\u0007", a, "")), entry(``, shared("k", a, `"algorithm": "x",`)),
		entry(``, shared("k", "env:WAMPBOX_TEST_NONE", "")), entry(``, shared("k", "env:", "")), entry(``, shared("k", "file:none", "")), entry(``, shared("k", "file:", "")),
		entry(``, shared("k", a, `"active_from": "2020-01-02T00:00:00Z", "not_after": "2020-01-01T00:00:00Z",`)), entry(``, shared("k", a, `"not_after": "x",`)),
		entry(``, `{"id": "k"}`), entry(``, `{"revoked": true}`), entry(``, pair(fmt.Sprintf(`"private": %q`, a), ``)),
		entry(``, pair(fmt.Sprintf(`"public": %q`, publicB), fmt.Sprintf(`"public": %q`, publicB))),
		entry(``, pair(fmt.Sprintf(`"private": %q, "public": %q`, a, publicB), fmt.Sprintf(`"public": %q`, publicB))),
		entry(``, pair(fmt.Sprintf(`"private": %q`, a), `"public": "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="`)),
		entry(``, pair(fmt.Sprintf(`"private": %q`, a), fmt.Sprintf(`"private": %q`, a))),
		entry(``, strings.Replace(pair(fmt.Sprintf(`"private": %q`, a), fmt.Sprintf(`"public": %q`, publicB)), `{`, `{"shared": "`+b+`", `, 1)),
		entry(``, many...), strings.Replace(entry(``, one), `]}]}`, `]}, {"prefix": "com.x.", "plain": true}]}`, 1),
		`{"version": 2, "patterns": [{"wildcard": "com..x", "plain": true}, {"wildcard": "com.x.", "plain": true}]}`,
		entry(``, signed(`"sign": "`+a+`"`)), entry(``, signed(`"sign": "`+sign+`"`)), entry(``, signed(`"seal": "`+reading+`"`)), entry(``, signed(`"sign": "`+sign+`", "read": "`+sign+`"`)),
		entry(``, signed(`"read": "`+read+`", "senders": [{"name": "", "key": "`+verifies+`"}]`)), entry(``, signed(`"read": "`+read+`", "senders": [{"name": "a", "key": "`+verifies+`"}, {"name": "b", "key": "`+verifies+`"}]`)),
		entry(``, signed(`"read": "`+read+`", "senders": [{"name": "a", "key": "x"}]`)), entry(``, signed(`"sign": "`+sign+`", "seal": "`+reading+`", "any_answerer": true, "answerers": [{"name": "a", "key": "`+verifies+`"}]`)),
		entry(``, strings.Replace(signed(`"read": "`+read+`"`), `"signed"`, `"signed-pq"`, 1)), entry(``, strings.Replace(signed(`"read": "`+read+`"`), `"suite": "signed", `, ``, 1)), entry(``, signed(`"dialect": "passthru", "id": "k", "read": "`+read+`"`)),
		strings.Replace(hidden(``), `, }`, `}`, 1), hidden(`"secrets": []`), hidden(`"secrets": [{"secret": "x"}]`), hidden(`"secrets": [{"secret": "` + a + `"}]`), hidden(`"secrets": [{"secret": "env:WAMPBOX_TEST_NONE"}]`),
		hidden(`"secrets": [{"secret": "` + scramble + `"}, {"secret": "` + scramble + `", "active_from": "2020-01-01T00:00:00Z"}]`), hidden(`"secrets": [{"secret": "` + scramble + `"}], "x": 1`),
		strings.Replace(hidden(`"secrets": [{"secret": "`+scramble+`"}]`), `"com.x."`, `"com.x"`, 1), strings.Replace(hidden(`"secrets": [{"secret": "`+scramble+`"}]`), `"com.x."`, `"wamp.x."`, 1),
		hidden(`"secrets": [{"secret": "` + scramble + `"}]`), // its pattern is for another dialect
		"age-encryption.org/v1\n-> X25519 x\nx\n--- x\n", "age-encryption.org/v1\nx",
	} {
		paths = append(paths, write(t, fmt.Sprintf("f%d.json", i), []byte(text)))
	}
	for _, mode := range []os.FileMode{0o644, 0o622} {
		path := write(t, "open.json", []byte(entry(``, one)))
		require.NoError(t, os.Chmod(path, mode))
		paths = append(paths, path)
	}
	path := write(t, "refers.json", []byte(entry(``, shared("k", "file:key", ""))))
	require.NoError(t, os.WriteFile(filepath.Join(filepath.Dir(path), "key"), []byte(a), 0o644))
	return append(paths, path, withPassphrase(t, false).path, t.TempDir())
}
