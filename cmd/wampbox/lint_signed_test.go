package main_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// edit replaces a text in a file, which has it.
func edit(t testing.TB, path, old, with string) {
	t.Helper()
	text := string(must(os.ReadFile(path)))
	require.Contains(t, text, old)
	require.NoError(t, os.WriteFile(path, []byte(strings.ReplaceAll(text, old, with)), 0o600))
}

// date is one from now, as keyring files have it.
func date(from time.Duration) string { return time.Now().Add(from).UTC().Format(time.RFC3339) }

// TestLintSigned: each rule of signed keys finds what was planted, at its level, and shows no key.
func TestLintSigned(t *testing.T) {
	const day = 24 * time.Hour
	anyone := "ed25519:11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
	rotated := func(args ...string) func(o, r string) {
		return func(o, r string) { wampbox(t, append(append([]string{"rotate", "com.x."}, args...), o, r)...).fine(t) }
	}
	allow := func(until string) func(o, r string) {
		return func(o, r string) {
			rotated("-suite", "signed")(o, r)
			for _, path := range []string{o, r} {
				was := fmt.Sprintf(`"allow_unsigned": %q,`, allowed(t, path).Format(time.RFC3339))
				if until == "" {
					edit(t, path, was, "")
				} else {
					edit(t, path, was, fmt.Sprintf(`"allow_unsigned": %q,`, until))
				}
			}
		}
	}
	for name, test := range map[string]struct {
		box   bool // begin with a key that isn't signed
		plant func(o, r string)
		rule  string // with "note: " before it for a note
		says  string
	}{
		"no senders":   {false, func(_, r string) { wampbox(t, "remove", "-sender", "originator", "com.x.", r).fine(t) }, "no-senders", "hears nobody"},
		"no answerers": {false, func(o, _ string) { wampbox(t, "remove", "-answerer", "responder", "com.x.", o).fine(t) }, "note: no-answerers", "only publishes"},
		"any answerer": {false, func(o, _ string) {
			wampbox(t, "remove", "-answerer", "responder", "com.x.", o).fine(t)
			edit(t, o, `"suite"`, `"any_answerer": true, "suite"`)
		}, "note: any-answerer", "nothing tells who did"},
		"signed once": {false, func(o, r string) {
			edit(t, o, `"suite"`, `"signed_once": true, "suite"`)
			edit(t, r, `"suite"`, `"signed_once": true, "suite"`)
		}, "note: signed-once", "where readers don't trust one another"},
		"unlisted sender": {false, func(_, r string) {
			wampbox(t, "remove", "-sender", "originator", "com.x.", r).fine(t)
			wampbox(t, "add", "-sender", "other="+anyone, "com.x.", r).fine(t)
		}, "unlisted", "isn't among the senders in"},
		"unlisted answerer": {false, func(o, _ string) {
			wampbox(t, "add", "-answerer", "other="+anyone, "com.x.", o).fine(t)
			wampbox(t, "remove", "-answerer", "responder", "com.x.", o).fine(t)
		}, "unlisted", "lists no key by which"},
		"two keys": {false, func(_, r string) { wampbox(t, "add", "-sender", "originator="+anyone, "com.x.", r).fine(t) }, "note: two-keys", `"originator" has several keys`},
		"another reading key": {false, func(o, _ string) {
			edit(t, o, info(t, o).Signed.Reading.String(), "x25519:8iV1EUmSKzQwHh+M7KRsUe0Qi/BlW6Hka7toElk6biI=")
		}, "pair", "has another reading key"},
		"one reading key": {false, func(_, r string) {
			edit(t, r, `"patterns": [`, `"patterns": [`+"\n"+`{"prefix": "com.z.", "versions": [`+versionText(t, r)+`]},`)
		}, "one-reading", `by one key in both`},
		"made up": {false, func(_, r string) {
			edit(t, r, `"sign": "ed25519:`+signedSecrets(t, r)[0], `"sign": "ed25519:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=`)
		}, "weak-key", "sign: the key doesn't look random"},
		"unsigned, for a time": {true, rotated("-suite", "signed"), "note: unsigned", "speaks in anybody's name"},
		"unsigned, without":    {true, allow(""), "unsigned", `write "allow_unsigned" with the date`},
		"unsigned, past":       {true, allow(date(-day)), "unsigned", "opens nothing since"},
		"unsigned, long":       {true, allow(date(60 * day)), "unsigned", "that is long"},
		"unsigned, with none": {true, func(o, _ string) {
			edit(t, o, `"versions"`, fmt.Sprintf(`"allow_unsigned": %q, "versions"`, date(day)))
		}, "unsigned", "no signed version beside which that counts"},
		"unsigned, all signed": {false, func(o, _ string) {
			edit(t, o, `"versions"`, fmt.Sprintf(`"allow_unsigned": %q, "versions"`, date(day)))
		}, "unsigned", "nothing that isn't signed"},
		"classical":             {false, func(o, r string) { rotated("-suite", "signed-pq", "-retire", "60d")(o, r) }, "classical", "open to a quantum computer"},
		"classical, for a time": {false, rotated("-suite", "signed-pq"), "note: classical", "open to a quantum computer"},
		"a box to signed-pq":    {true, rotated("-suite", "signed-pq", "-retire", "60d"), "classical", "it is in suite box"},
	} {
		t.Run(name, func(t *testing.T) {
			dir, _ := begun(t)
			if !test.box {
				dir, _ = begunSigned(t)
			}
			test.plant(both(dir)[0], both(dir)[1])
			r := wampbox(t, with(dir, "lint")...)
			isNote := strings.HasPrefix(test.rule, "note: ")

			require.Equal(t, isNote, r.status == 0, "%s", r.out)
			found := false
			for line := range strings.Lines(r.out) {
				found = found || strings.Contains(line, ": "+test.rule+": ") && strings.Contains(line, test.says)
			}
			require.True(t, found, "%s", r.out)
			for _, secret := range signedSecrets(t, both(dir)...) {
				require.NotContains(t, r.out+r.err, secret)
			}
		})
	}
}

// versionText gives the first version of a file, as it stands there.
func versionText(t testing.TB, path string) string {
	t.Helper()
	text := string(must(os.ReadFile(path)))
	from := strings.Index(text, `"versions": [`) + len(`"versions": [`)
	return text[from:from+strings.LastIndex(text[from:], `"suite"`)] + `"suite": "signed"}`
}

// TestListSigned says whom each file lists, in the table by name, in JSON by verify key too.
func TestListSigned(t *testing.T) {
	dir, id := begunSigned(t, "-both", "-signed-once")
	does := filepath.Join(dir, bothFile)
	r := wampbox(t, "list", does, both(dir)[0], both(dir)[1])
	for _, says := range []string{
		"signed  " + id[:6], "takes answers of both, responder, hears both, originator, signed once\n", "takes answers of both, responder, signed once\n", "hears both, originator, signed once\n",
	} {
		require.Contains(t, r.fine(t), says)
	}
	r.noSignedSecrets(t, append(both(dir), does)...)
	var listed struct {
		Files []struct {
			Patterns []struct {
				Versions []struct {
					ID, Kind, Suite string
					Signed          struct {
						Verify             string
						Roles              []string
						Senders, Answerers []struct{ Name, Key string }
						SignedOnce         bool `json:"signed_once"`
					}
				}
			}
		}
	}
	text := wampbox(t, "list", "-json", both(dir)[1]).fine(t)
	require.NoError(t, jsonOf(text, &listed))
	v := listed.Files[0].Patterns[0].Versions[0]
	require.Equal(t, []any{id, "signed", "signed", verify(t, both(dir)[1]), []string{"responder"}, true}, []any{v.ID, v.Kind, v.Suite, v.Signed.Verify, v.Signed.Roles, v.Signed.SignedOnce})
	require.Equal(t, verify(t, both(dir)[0]), v.Signed.Senders[1].Key)
	require.Empty(t, v.Signed.Answerers)

	box, _ := begun(t)
	wampbox(t, with(box, "rotate", "com.x.", "-suite", "signed")...).fine(t)
	require.Contains(t, wampbox(t, with(box, "list")...).fine(t), "unsigned ones open until "+allowed(t, both(box)[0]).Format(time.RFC3339)+"; hears originator")
}

// TestExplainSigned says who may send, who may answer, and how it is signed.
func TestExplainSigned(t *testing.T) {
	dir, id := begunSigned(t)
	originator, responder := both(dir)[0], both(dir)[1]
	var x explainJSON
	wampbox(t, with(dir, "explain", "com.x.y", "-json")...).decode(t, &x)
	require.Equal(t, fmt.Sprintf("sealed with id %s, in suite signed, each signed by %s; answers are taken of responder", id, verify(t, originator)), x.Files[0].Sends)
	require.Equal(t, "no: this file has the originator's part of the key", x.Files[0].Serves)
	require.Equal(t, "no: this file has the responder's part of the key", x.Files[1].Sends)
	require.Equal(t, fmt.Sprintf("opens what is sealed with id %s, in suite signed, from originator; its answers are signed by %s", id, verify(t, responder)), x.Files[1].Serves)
	require.Empty(t, x.Faults)

	says := func(text string, fault bool) {
		t.Helper()
		r := wampbox(t, with(dir, "explain", "com.x.y")...)
		require.Equal(t, fault, r.status == 1, r.out)
		require.Contains(t, r.out, text)
		r.noSignedSecrets(t, both(dir)...)
	}
	edit(t, originator, `"suite"`, `"signed_once": true, "suite"`)
	says("signs its calls once an hour, which "+responder+" doesn't take", true)
	edit(t, responder, `"suite"`, `"signed_once": true, "suite"`)
	says("calls once an hour", false)
	edit(t, responder, verify(t, originator), "ed25519:11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=")
	says("signs with a key that "+responder+" doesn't list among its senders: wampbox add -sender 'originator="+verify(t, originator)+"' com.x. "+responder+" adds it", true)
	wampbox(t, "add", "-sender", "originator="+verify(t, originator), "com.x.", responder).fine(t)
	edit(t, originator, verify(t, responder), "ed25519:11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=")
	says("lists no key by which "+responder+" answers: wampbox add -answerer 'responder="+verify(t, responder)+"' com.x. "+originator+" adds it", true)
	wampbox(t, "remove", "-answerer", "responder", "com.x.", originator).fine(t)
	says("it only publishes, as it lists no answerers", false)
	edit(t, originator, `"suite"`, `"any_answerer": true, "suite"`)
	says("answers are taken of anybody who has the reading key", false)

	wampbox(t, "remove", "-sender", "originator", "com.x.", responder).fine(t)
	deaf := wampbox(t, "explain", "com.x.y", responder)
	require.Equal(t, 1, deaf.status)
	require.Contains(t, deaf.out, "fault: "+responder+" lists no senders, and hears nobody: wampbox add -sender NAME=KEY com.x. "+responder+" adds one")

	box, _ := begun(t)
	next := strings.TrimSpace(wampbox(t, with(box, "rotate", "com.x.", "-suite", "signed")...).fine(t))
	require.Contains(t, wampbox(t, with(box, "explain", "com.x.y")...).fine(t), "opens what isn't signed too until ")
	wampbox(t, "activate", next, both(box)[1]).fine(t)
	edit(t, both(box)[1], `"allow_unsigned"`, `"comment": "x", "allow_unsigned"`)
	text := string(must(os.ReadFile(both(box)[1])))
	until := allowed(t, both(box)[1]).Format(time.RFC3339)
	require.NoError(t, os.WriteFile(both(box)[1], []byte(strings.Replace(text, `"allow_unsigned": "`+until+`"`, `"allow_unsigned": "2020-01-01T00:00:00Z"`, 1)), 0o600))
	late := wampbox(t, with(box, "explain", "com.x.y")...)
	late.fails2(t, "the pattern's key is signed, and versions that aren't open no more")
	require.NotContains(t, late.out, "AllowUnsigned")
	require.Equal(t, keyring.StatePending, info(t, both(box)[0]).State)
}
