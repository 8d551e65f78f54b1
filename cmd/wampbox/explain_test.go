package main_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// explainJSON is what explain prints as JSON.
type explainJSON struct {
	URI   string `json:"uri"`
	Files []struct {
		File       string   `json:"file"`
		Pattern    *string  `json:"pattern"`
		Match      string   `json:"match"`
		Why        string   `json:"why"`
		Others     []string `json:"others"`
		Closed     string   `json:"closed"`
		Near       string   `json:"near"`
		Sends      string   `json:"sends"`
		Serves     string   `json:"serves"`
		Transition string   `json:"transition"`
		Unsigned   string   `json:"unsigned"`
		SealsWith  string   `json:"seals_with"`
		Scrambled  string   `json:"scrambled"`
		Router     []struct {
			Router     string     `json:"router"`
			Secret     string     `json:"secret"`
			State      string     `json:"state"`
			ActiveFrom *time.Time `json:"active_from"`
			NotAfter   *time.Time `json:"not_after"`
		} `json:"router"`
	} `json:"files"`
	Faults []string `json:"faults"`
}

// TestExplain says which entry counts, why, and what each role does.
func TestExplain(t *testing.T) {
	dir, id := begun(t)
	wampbox(t, "add", "-plain", "com.", "com..z", "-originator", both(dir)[0], "-responder", both(dir)[1]).fine(t)
	var x explainJSON
	r := wampbox(t, with(dir, "explain", "com.x.z", "-json")...)
	r.decode(t, &x)
	r.noSecrets(t, both(dir)...)
	require.Equal(t, "com.x.z", x.URI)
	require.Empty(t, x.Faults)
	require.Len(t, x.Files, 2)
	for _, f := range x.Files {
		require.Equal(t, "com.x.", *f.Pattern)
		require.Equal(t, "prefix", f.Match)
		require.Equal(t, []string{`prefix "com."`, `wildcard "com..z"`}, f.Others)
		require.Contains(t, f.Why, "the longest prefix that matches")
	}
	require.Equal(t, []string{id, "sealed with id " + id + ", in suite box", "no: this file has the originator's half of the key"},
		[]string{x.Files[0].SealsWith, x.Files[0].Sends, x.Files[0].Serves})
	require.Equal(t, []string{"no: this file has the responder's half of the key", "opens what is sealed with id " + id + ", in suite box"}, []string{x.Files[1].Sends, x.Files[1].Serves})

	out := wampbox(t, with(dir, "explain", "com.x.z")...).fine(t)
	require.Contains(t, out, both(dir)[0]+"\n  pattern             prefix \"com.x.\"\n  why    ")
	require.Contains(t, out, "  publishes, calls    sealed with id "+id)
}

// TestExplainWhy goes through the rules of precedence, and what is closed.
func TestExplainWhy(t *testing.T) {
	key := func() string { return strings.TrimSpace(wampbox(t, "keygen").fine(t)) }
	entry := func(match, pattern, more string) string {
		return fmt.Sprintf(`{%q: %q, %s "versions": [{"id": "k", "dialect": "passthru", "shared": %q}]}`, match, pattern, more, key())
	}
	path := keyringFile(t,
		entry("exact", "com.a", ""), entry("prefix", "com.long.", ""), entry("wildcard", "org..b", ""),
		entry("prefix", "net.", `"plaintext": "send", "until": "2999-01-01T00:00:00Z",`),
		entry("prefix", "eu.", `"plaintext": "accept", "until": "2999-01-01T00:00:00Z",`),
		`{"exact": "com.late", "versions": [{"id": "late", "active_from": "2999-01-01T00:00:00Z", "dialect": "passthru", "shared": "`+key()+`"}]}`,
		`{"exact": "com.gone", "versions": [{"id": "gone", "revoked": true}]}`,
		`{"exact": "com.old", "versions": [{"id": "old", "not_after": "2020-01-01T00:00:00Z", "dialect": "passthru", "shared": "`+key()+`"}]}`)
	for uri, test := range map[string]struct {
		status int
		says   []string
	}{
		"com.a":             {0, []string{`exact "com.a"`, "it is the URI itself", "sealed with id k, for passthru, by xsalsa20poly1305", "opens what is sealed with id k, for passthru"}},
		"com.long.x":        {0, []string{"the longest prefix"}},
		"org.a.b":           {0, []string{"no prefix matches, and it has the most components"}},
		"net.x":             {0, []string{"publishes, calls    in plain", "takes plaintext too until 2999-01-01T00:00:00Z"}},
		"eu.x":              {0, []string{"sealed with id k", "answers plain calls in plain"}},
		"wamp.session.list": {0, []string{"WAMP's own", "in plain"}},
		"com.late":          {1, []string{"fails: no version of the key seals now: it seals from 2999-01-01T00:00:00Z on, in "}},
		"com.gone":          {1, []string{"it was revoked"}},
		"com.old":           {1, []string{"good until 2020-01-01T00:00:00Z"}},
		"com.A":             {1, []string{"closed", `it nearly matches exact "com.a"`, "fault: " + path + ": nothing is sent or taken"}},
		"com.lnog.x":        {1, []string{`it nearly matches prefix "com.long."`}},
		"com.long.*":        {0, []string{`prefix "com.long."`}},
		"com.other.*":       {1, []string{`"*" and "#" stand for nothing in WAMP`}},
		"com.other.":        {1, []string{"what ends with a dot is a pattern"}},
		"wampbox.error.x":   {1, []string{"wampbox's own"}},
	} {
		r := wampbox(t, "explain", uri, path)
		require.Equal(t, test.status, r.status, "%s: %s%s", uri, r.out, r.err)
		for _, says := range test.says {
			require.Contains(t, r.out, says, uri)
		}
		r.noSecrets(t, path)
	}
	open := write(t, "open.json", []byte(strings.Replace(string(must(os.ReadFile(path))), `"version": 2,`, `"version": 2, "unkeyed": "plain",`, 1)))
	require.Contains(t, wampbox(t, "explain", "example.x", open).fine(t), `plain by "unkeyed"`)
	wampbox(t, "explain", "", path).fails(t, 2, "the URI is empty")
	wampbox(t, "explain", "com.a", write(t, "bad.json", []byte("{}"))).fails(t, 1, "not a keyring file")
}

// TestExplainParties: files that say nothing of a URI are of parties that don't take part,
// as long as others do.
func TestExplainParties(t *testing.T) {
	p := newParties(t)
	r := wampbox(t, append([]string{"explain", "com.shop.orders.new"}, p.args...)...)
	out := r.fine(t)
	require.Contains(t, out, "\ntakes no part: "+p.file("billing")+", "+p.file("stock")+"\n")
	require.NotContains(t, out, "closed")
	require.NotContains(t, out, "fault")
	require.Len(t, strings.Split(strings.TrimSpace(out), "\n"), 11)
	var x explainJSON
	wampbox(t, append([]string{"explain", "com.shop.orders.new", "-json"}, p.args...)...).decode(t, &x)
	require.Empty(t, x.Faults)
	require.Len(t, x.Files, 4)
	require.NotEmpty(t, x.Files[1].Closed)

	// One that nearly has it is named, and what fails between the others is a fault.
	p.edit(t, "stock", "com.shop.stock.", "com.shop.order.")
	out = wampbox(t, append([]string{"explain", "com.shop.orders.new"}, p.args...)...).fine(t)
	require.Contains(t, out, p.file("stock")+` (it has prefix "com.shop.order.", which is nearly the same)`)
	wampbox(t, "add", "com.shop.orders.", "-originator", p.file("other"), "-responder", p.file("more")).fine(t)
	r = wampbox(t, append([]string{"explain", "com.shop.orders.new", p.file("more")}, p.args...)...)
	require.Equal(t, 1, r.status)
	require.Contains(t, r.out, "fault: "+p.file("front")+" seals with id ")
	require.NotContains(t, r.out, "fault: "+p.file("billing"))

	// Files that don't go together are faults, and those that take no part aren't.
	r = wampbox(t, "explain", "com.shop.orders.new", p.file("front"), p.file("more"), p.file("billing"))
	require.Equal(t, 1, r.status)
	require.Contains(t, r.out, "\ntakes no part: "+p.file("billing")+"\nfault: "+p.file("front")+" seals with id ")
	require.NotContains(t, r.out, "fault: "+p.file("billing"))

	// Nobody sends, or nobody receives, where all have the same half.
	copied := func(name string) string { return write(t, name, must(os.ReadFile(p.file(name)))) }
	r = wampbox(t, "explain", "com.shop.orders.new", p.file("orders"), copied("orders"), p.file("billing"))
	require.Equal(t, 1, r.status, r.out)
	require.Contains(t, r.out, "\nfault: nobody publishes or calls: "+p.file("orders")+", ")
	r = wampbox(t, "explain", "com.shop.orders.new", p.file("front"), copied("front"), p.file("billing"))
	require.Equal(t, 1, r.status, r.out)
	require.Contains(t, r.out, "no other file has the half that opens it")
	wampbox(t, "transition", "com.shop.orders.", "-send", "-until", "1h", p.file("front")).fine(t)
	r = wampbox(t, "explain", "com.shop.orders.new", p.file("front"), copied("front"))
	require.Equal(t, 1, r.status, r.out)
	require.Contains(t, r.out, "\nfault: nobody subscribes or serves: "+p.file("front")+", ")
	wampbox(t, "transition", "com.shop.orders.", "-end", p.file("front")).fine(t)

	// Where one alone has it, each says what it lacks.
	for _, paths := range [][]string{{p.file("billing")}, {p.file("billing"), p.file("stock")}, {p.file("front"), p.file("billing")}, {p.file("orders"), p.file("billing")}} {
		r = wampbox(t, append([]string{"explain", "com.shop.orders.new"}, paths...)...)
		require.Equal(t, 1, r.status)
		require.Contains(t, r.out, "fault: "+p.file("billing")+": nothing is sent or taken for it")
	}
	shared := filepath.Join(p.dir, "shared")
	wampbox(t, "init", "-shared", "-dir", shared, "com.shop.orders.").fine(t)
	wampbox(t, "explain", "com.shop.orders.new", filepath.Join(shared, sharedFile), p.file("billing")).fine(t)
}

// TestSwappedArguments are named, in place of what would follow from them.
func TestSwappedArguments(t *testing.T) {
	dir, id := begun(t)
	path := both(dir)[0]
	bare := run{dir: dir}
	for what, args := range map[string][]string{
		"URI": {"explain", path, "com.x.y"}, "PATTERN": {"rotate", path, "com.x."},
	} {
		wampbox(t, args...).fails(t, 2, "the first argument is a file: the "+what+" comes before the files")
		wampbox(t, args[0], path, both(dir)[1]).fails(t, 2, "the first argument is a file: the "+what+" comes")
		bare.start(t, args[0], originatorFile, args[2]).fails(t, 2, "the first argument is a file: the "+what+" comes")
	}
	for _, command := range []string{"activate", "retire", "revoke"} {
		wampbox(t, command, path, id).fails(t, 2, "the first argument is a file: the ID comes before the files")
	}
	require.NoError(t, os.WriteFile(filepath.Join(dir, "com.x.y"), nil, 0o600))
	bare.start(t, "explain", "com.x.y", originatorFile, responderFile).fine(t)
	bare.start(t, "explain", "com.x.y", "com.x.z").fails(t, 2, "the first argument is a file")
}

// TestExplainBetween tells whether one file opens what another seals.
func TestExplainBetween(t *testing.T) {
	dir, id := begun(t)
	other, _ := begun(t)
	fault := func(says string, args ...string) {
		t.Helper()
		r := wampbox(t, append([]string{"explain", "com.x.y"}, args...)...)
		require.Equal(t, 1, r.status, r.out)
		require.Contains(t, r.out, "\nfault: "+says)
	}
	originator, responder, stranger := both(dir)[0], both(dir)[1], both(other)[1]
	wampbox(t, "explain", "com.x.y", originator, responder).fine(t)
	fault(originator+" seals with id "+id+", which "+stranger+" doesn't open: the sender used another key", originator, stranger)
	fault(originator+" seals with id "+id+", and no other file has the half that opens it", originator, write(t, "copy.json", must(os.ReadFile(originator))))
	plain := keyringFile(t, `{"prefix": "com.", "plain": true}`)
	r := wampbox(t, "explain", "com.x.y", originator, plain)
	require.Equal(t, 1, r.status)
	require.Contains(t, r.out, "fault: "+originator+" seals, and in "+plain+" the URI is plain")
	require.Contains(t, r.out, "fault: "+plain+" sends in plain, and "+originator+" refuses what isn't sealed")
	shared := func() string {
		d := t.TempDir()
		wampbox(t, "init", "-dir", d, "-shared", "-for", "passthru", "-id", "k", "com.x.").fine(t)
		return d + "/" + sharedFile
	}
	a, b := shared(), shared()
	r = wampbox(t, "explain", "com.x.y", a, b)
	require.Equal(t, 1, r.status)
	require.Contains(t, r.out, "have different keys under the id k")

	// One key in two suites, or dialects, is said as that.
	box := must(os.ReadFile(responder))
	xbox := write(t, "xbox.json", bytes.Replace(box, []byte(`"responder":`), []byte(`"suite": "xbox", "responder":`), 1))
	fault(originator+" seals with id "+id+", in suite box, and "+xbox+" has this key in suite xbox", originator, xbox)
	foreign := write(t, "autobahn.json", bytes.Replace(box, []byte(`"responder":`), []byte(`"dialect": "autobahn", "responder":`), 1))
	fault(originator+" seals with id "+id+", in suite box, and "+foreign+" has this key for autobahn, by cryptobox", originator, foreign)

	// Versions that open are told with their dialects.
	wampbox(t, with(dir, "rotate", "com.x.", "-for", "autobahn")...).fine(t)
	require.Regexp(t, `opens what is sealed with id \S+, for autobahn, by cryptobox; or with `+id+`, in suite box`, wampbox(t, with(dir, "explain", "com.x.y")...).fine(t))
}
