package main_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

// scrambledJSON is what scramble prints as JSON.
type scrambledJSON struct {
	Prefix     string     `json:"prefix"`
	ID         string     `json:"id"`
	ActiveFrom *time.Time `json:"active_from"`
	Old        string     `json:"old"`
	OldUntil   *time.Time `json:"old_not_after"`
	AllowClear *time.Time `json:"allow_clear"`
	Removed    []string   `json:"removed"`
	Files      []string   `json:"files"`
}

// scrambleStates gives what a file scrambles: prefix, and id to state of its secrets.
func scrambleStates(t testing.TB, path string) (prefix string, states map[string]string) {
	t.Helper()
	states = map[string]string{}
	for s := range ring(t, path).Scrambled() {
		prefix = s.Prefix
		for _, by := range s.Secrets {
			states[by.ID] = by.State.String()
		}
	}
	return prefix, states
}

// sees gives how routers of realm1 get a URI now, as a session with the file sends it.
func sees(t testing.TB, path, uri string) string {
	t.Helper()
	form, err := ring(t, path).Forms("realm1").Send(uri)
	require.NoError(t, err)
	return form.URI(uri)
}

// TestScramble goes through the life of a prefix's secrets, in the files of both parties.
func TestScramble(t *testing.T) {
	dir, _ := begun(t)
	agree := func(want map[string]string) {
		t.Helper()
		for _, path := range both(dir) {
			_, states := scrambleStates(t, path)
			require.Equal(t, want, states)
			require.Equal(t, os.FileMode(0o600), mode(t, path))
		}
		require.Empty(t, wampbox(t, with(dir, "lint")...).fine(t))
		require.Equal(t, sees(t, both(dir)[0], "com.x.y"), sees(t, both(dir)[1], "com.x.y"))
	}
	r := wampbox(t, with(dir, "scramble", "com.x.")...)
	r.noSecrets(t, both(dir)...)
	first := strings.TrimSpace(r.fine(t))
	require.Contains(t, r.err, `the URIs below "com.x." are scrambled under `+first+"\n")
	require.NotContains(t, r.err, "warning")
	agree(map[string]string{first: "active"})
	require.Regexp(t, `^com\.x\.[a-z2-7]{16}$`, sees(t, both(dir)[0], "com.x.y"))

	wampbox(t, with(dir, "scramble", "com.x.")...).fails(t, 1, "already: -rotate gives another secret")
	wampbox(t, with(dir, "scramble", "com.x.", "-activate", "1h")...).fails(t, 1, "to move the date of one to come, take that out with -remove -id, and -rotate again")
	var next scrambledJSON
	r = wampbox(t, with(dir, "scramble", "com.x.", "-rotate", "-json")...)
	r.noSecrets(t, both(dir)...)
	r.decode(t, &next)
	require.WithinDuration(t, time.Now().Add(24*time.Hour), *next.ActiveFrom, time.Minute)
	require.Equal(t, next.ActiveFrom.Add(7*24*time.Hour), *next.OldUntil)
	require.Equal(t, scrambledJSON{"com.x.", next.ID, next.ActiveFrom, first, next.OldUntil, nil, nil, both(dir)}, next)
	agree(map[string]string{first: "active", next.ID: "pending"})

	wampbox(t, with(dir, "scramble", "com.x.", "-rotate", "-activate", "1h")...).fails(t, 1, "the secret "+next.ID+" is sent under from ")
	wampbox(t, with(dir, "scramble", "com.x.", "-remove", "-id", first[:6])...).fails(t, 1, "it is the one in use: add another first")
	removed := wampbox(t, with(dir, "scramble", "com.x.", "-remove", "-id", next.ID[:6])...)
	require.Empty(t, removed.fine(t))
	require.Contains(t, removed.err, next.ID+" is out of "+strings.Join(both(dir), ", ")+": hand over at once; what is sent under it is missed")
	wampbox(t, with(dir, "scramble", "com.x.", "-remove", "-id", next.ID)...).fails(t, 1, "no secret of \"com.x.\" has this id")

	before := sees(t, both(dir)[0], "com.x.y")
	hasty := wampbox(t, with(dir, "scramble", "com.x.", "-rotate", "-activate", "now", "-retire", "1m")...)
	second := strings.TrimSpace(hasty.fine(t))
	require.Contains(t, hasty.err, "warning: messages that were sent under it and arrive later than that are refused")
	agree(map[string]string{first: "retired", second: "active"})
	require.NotEqual(t, before, sees(t, both(dir)[0], "com.x.y"))

	var gone scrambledJSON
	r = wampbox(t, with(dir, "scramble", "com.x.", "-remove", "-json")...)
	r.decode(t, &gone)
	require.ElementsMatch(t, []string{first, second}, gone.Removed)
	require.Contains(t, r.err, "warning: routers see the URIs")
	agree(map[string]string{})
	require.Equal(t, "com.x.y", sees(t, both(dir)[0], "com.x.y"))
	wampbox(t, with(dir, "scramble", "com.x.", "-remove")...).fails(t, 1, "aren't scrambled")
	wampbox(t, with(dir, "scramble", "com.x.", "-rotate")...).fails(t, 1, "aren't scrambled")
}

// TestScrambleSwitchesOver a system that runs: clear, then both, then scrambled alone.
func TestScrambleSwitchesOver(t *testing.T) {
	dir, _ := begun(t)
	var made scrambledJSON
	r := wampbox(t, with(dir, "scramble", "com.x.", "-activate", "24h", "-allow-clear", "48h", "-json")...)
	r.decode(t, &made)
	require.WithinDuration(t, time.Now().Add(48*time.Hour), *made.AllowClear, time.Minute)
	require.Contains(t, r.err, "who writes routers' rules has to allow both")
	require.Equal(t, "com.x.y", sees(t, both(dir)[0], "com.x.y"))
	_, states := scrambleStates(t, both(dir)[1])
	require.Equal(t, map[string]string{made.ID: "pending"}, states)
	require.Equal(t, 2, strings.Count(wampbox(t, with(dir, "lint")...).fine(t), ": note: allow-clear: "))
	require.Contains(t, wampbox(t, with(dir, "list")...).fine(t), "takes URIs as they are too until "+made.AllowClear.Format(time.RFC3339))

	longer := wampbox(t, with(dir, "scramble", "com.x.", "-allow-clear", "72h")...)
	longer.fine(t)
	require.Contains(t, longer.err, "(keywatch) refuse it until then")
	shorter := wampbox(t, with(dir, "scramble", "com.x.", "-allow-clear", "30h")...)
	shorter.fine(t)
	require.NotContains(t, shorter.err, "keywatch")
	wampbox(t, with(dir, "scramble", "com.x.", "-allow-clear", "now")...).fine(t)
	for s := range ring(t, both(dir)[0]).Scrambled() {
		require.Zero(t, s.ClearUntil)
	}
	require.Contains(t, wampbox(t, with(dir, "lint")...).out, ": no-active: ")

	dir, _ = begun(t)
	early := wampbox(t, with(dir, "scramble", "com.x.", "-activate", "1h")...)
	early.fine(t)
	require.Contains(t, early.err, "warning: nothing is sent for them before that")
}

// TestScrambleApart: each party takes the secret from a file.
func TestScrambleApart(t *testing.T) {
	dir, _ := begun(t)
	secret := filepath.Join(t.TempDir(), "scramble.key")
	wampbox(t, "keygen", "-scramble", "-o", secret).fine(t)
	text := string(must(os.ReadFile(secret)))
	key, err := cryptobox.ParseScrambleSecret(text)
	require.NoError(t, err)
	for _, path := range both(dir) {
		r := wampbox(t, "scramble", "com.x.", path, "-secret", secret, "-comment", "of 2026")
		require.Equal(t, key.ID().String()+"\n", r.fine(t))
		require.Contains(t, r.err, "all parties of these URIs need it")
		require.NotContains(t, r.err, text[9:30])
	}
	require.Equal(t, sees(t, both(dir)[0], "com.x.y"), sees(t, both(dir)[1], "com.x.y"))
	require.Empty(t, wampbox(t, with(dir, "lint")...).fine(t))
	require.Contains(t, string(must(os.ReadFile(both(dir)[0]))), "of 2026")

	third, _ := begun(t)
	wampbox(t, "scramble", "com.x.", both(dir)[0], both(third)[0]).fails(t, 1, "copy the lines of \"scramble\" over to that")
	wampbox(t, "scramble", "com.x.", both(third)[0]).fine(t)
	wampbox(t, "scramble", "com.x.", "-rotate", both(dir)[0], both(third)[0]).fails(t, 1, "under different secrets: wampbox lint tells more")
	wampbox(t, "scramble", "com.x.", both(third)[1], "-secret", write(t, "x", []byte("x"))).fails(t, 1, "wampbox keygen -scramble makes one")
	wampbox(t, "scramble", "com.x.", both(third)[1], "-secret", write(t, "x", []byte("scramble:"+strings.Repeat("A", 43)+"="))).fails(t, 1, "weak key")
}

// TestScrambleTakesOutWhatExpired, as a prefix has no room for many.
func TestScrambleTakesOutWhatExpired(t *testing.T) {
	dir, _ := begun(t)
	wampbox(t, with(dir, "scramble", "com.x.")...).fine(t)
	wampbox(t, with(dir, "scramble", "com.x.", "-rotate", "-activate", "now", "-retire", "0s")...).fine(t)
	time.Sleep(1100 * time.Millisecond) // dates of files are whole seconds
	for id, state := range func() map[string]string { _, s := scrambleStates(t, both(dir)[0]); return s }() {
		if state == "expired" {
			r := wampbox(t, "scramble", "com.x.", both(dir)[0], "-remove", "-id", id)
			require.Empty(t, r.fine(t))
			require.Contains(t, r.err, "hand over whenever you like, as it had expired")
		}
	}
	r := wampbox(t, with(dir, "scramble", "com.x.", "-rotate")...)
	next := strings.TrimSpace(r.fine(t))
	require.Contains(t, r.err, "has expired, and was taken out")
	_, states := scrambleStates(t, both(dir)[0])
	require.Len(t, states, 2)
	require.Equal(t, "pending", states[next])
}

// TestScrambleRefuses what can't be below a prefix, and flags that don't go together.
func TestScrambleRefuses(t *testing.T) {
	dir, _ := begun(t)
	before := string(must(os.ReadFile(both(dir)[0])))
	for _, test := range []struct {
		args   []string
		status int
		says   string
	}{
		{[]string{"com.x"}, 2, "what is scrambled lies below a prefix that ends with a dot: give com.x."},
		{[]string{"com..x"}, 2, "what is scrambled lies below a prefix"},
		{[]string{""}, 2, "the pattern is empty"},
		{[]string{"wamp."}, 1, `doesn't begin with "wamp."`},
		{[]string{"com.x.", "-rotate", "-remove"}, 2, "-rotate doesn't go with -remove"},
		{[]string{"com.x.", "-remove", "-activate", "now"}, 2, "-activate doesn't go with -remove"},
		{[]string{"com.x.", "-rotate", "-allow-clear", "1h"}, 2, "-allow-clear doesn't go with -rotate"},
		{[]string{"com.x.", "-id", "x"}, 2, "-id is for -remove"},
		{[]string{"com.x.", "-retire", "1h"}, 2, "-retire is for -rotate"},
		{[]string{"com.x.", "-activate", "soon"}, 2, "-activate: give a duration"},
		{[]string{"com.x.", "-rotate", "-activate", "2026-01-01T00:00:00Z"}, 2, "-activate: that date has passed"},
		{[]string{"com.x.", "-rotate", "-retire", "soon"}, 2, "-retire: give a duration"},
		{[]string{"com.x.", "-rotate", "-activate", "2d", "-retire", "2020-01-01"}, 2, "the old secret would end before"},
		{[]string{"com.x.", "-allow-clear", "2020-01-01"}, 2, "-allow-clear: that has passed"},
		{[]string{"com.x.", "-activate", "2h", "-allow-clear", "1h"}, 2, "give a later date than -activate"},
	} {
		wampbox(t, append([]string{"scramble"}, append(test.args, both(dir)...)...)...).fails(t, test.status, test.says)
	}
	require.Equal(t, before, string(must(os.ReadFile(both(dir)[0]))))

	wampbox(t, with(dir, "transition", "com.x.", "-send", "-until", "1h")...).fine(t)
	wampbox(t, with(dir, "scramble", "com.x.")...).fails(t, 1, `prefix "com.x." would be in a transition`)
	wampbox(t, with(dir, "transition", "com.x.", "-end")...).fine(t)
	wampbox(t, "add", "-plain", "com.x.open", "-originator", both(dir)[0], "-responder", both(dir)[1]).fine(t)
	wampbox(t, with(dir, "scramble", "com.x.")...).fails(t, 1, `exact "com.x.open" would be plain`)
	wampbox(t, with(dir, "remove", "-yes", "com.x.open")...).fine(t)
	wampbox(t, with(dir, "scramble", "com.x.")...).fine(t)
	wampbox(t, with(dir, "scramble", "com.x.a.")...).fails(t, 1, `the URIs below "com.x." are scrambled already`)
	wampbox(t, with(dir, "transition", "com.x.", "-send", "-until", "1h")...).fails(t, 1, "would be in a transition")
	wampbox(t, "add", "-plain", "com.x.open", "-originator", both(dir)[0], "-responder", both(dir)[1]).fails(t, 1, "would be plain")
	wampbox(t, with(dir, "rotate", "com.x.", "-for", "autobahn")...).fails(t, 1, "another dialect than ours")
	require.Contains(t, wampbox(t, with(dir, "scramble", "org.")...).err, `no pattern of it lies below "org."`)
}

// TestInitScramble gives both files one secret.
func TestInitScramble(t *testing.T) {
	dir := t.TempDir()
	r := wampbox(t, "init", "-dir", dir, "-scramble", "com.x.", "com.x.", "com.x..z")
	r.fine(t)
	r.noSecrets(t, both(dir)...)
	require.Contains(t, r.err, `routers see the URIs below "com.x." scrambled`)
	prefix, _ := scrambleStates(t, both(dir)[0])
	require.Equal(t, "com.x.", prefix)
	require.Equal(t, sees(t, both(dir)[0], "com.x.y"), sees(t, both(dir)[1], "com.x.y"))
	wampbox(t, "init", "-dir", t.TempDir(), "-scramble", "com.x", "com.x.").fails(t, 2, "a prefix that ends with a dot")
	wampbox(t, "init", "-dir", t.TempDir(), "-scramble", "com.x.", "com.x.", "-plain-until", "1h").fails(t, 1, "in a transition")
}

// TestListScramble tells of secrets, and shows none.
func TestListScramble(t *testing.T) {
	dir, _ := begun(t)
	first := strings.TrimSpace(wampbox(t, with(dir, "scramble", "com.x.", "-allow-clear", "1h")...).fine(t))
	next := strings.TrimSpace(wampbox(t, with(dir, "scramble", "com.x.", "-rotate")...).fine(t))
	var all listJSON
	r := wampbox(t, "list", "-json", both(dir)[0])
	r.decode(t, &all)
	r.noSecrets(t, both(dir)...)
	s := all.Files[0].Scramble[0]
	require.Equal(t, "com.x.", s.Prefix)
	require.NotNil(t, s.AllowClear)
	require.Equal(t, []string{next, "pending", first, "active"}, []string{s.Secrets[0].ID, s.Secrets[0].State, s.Secrets[1].ID, s.Secrets[1].State})
	require.True(t, strings.HasPrefix(first, s.Secrets[1].Short))
	require.Regexp(t, `com\.x\. +prefix +- +- +scramble +`+s.Secrets[1].Short+` +active +always`, wampbox(t, "list", both(dir)[0]).fine(t))
}

// TestExplainScramble tells what routers see, and what parties don't take of one another.
func TestExplainScramble(t *testing.T) {
	dir, _ := begun(t)
	id := strings.TrimSpace(wampbox(t, with(dir, "scramble", "com.x.")...).fine(t))
	seen := sees(t, both(dir)[0], "com.x.y.z")
	var x explainJSON
	wampbox(t, with(dir, "explain", "com.x.y.z", "-realm", "realm1", "-json")...).decode(t, &x)
	for _, f := range x.Files {
		require.Len(t, f.Router, 1)
		require.Equal(t, []string{seen, id, "active"}, []string{f.Router[0].Router, f.Router[0].Secret, f.Router[0].State})
		require.Equal(t, `below "com.x.": sent and taken as `+seen+" (secret "+id+")", f.Scrambled)
	}
	require.Contains(t, wampbox(t, with(dir, "explain", "com.x.y.z")...).fine(t), `scrambled           below "com.x.": -realm tells`)
	require.NotContains(t, wampbox(t, with(dir, "explain", "com.x.y.z", "-realm", "realm2")...).fine(t), seen)

	fault := func(says string) {
		t.Helper()
		r := wampbox(t, with(dir, "explain", "com.x.y.z", "-realm", "realm1")...)
		require.Equal(t, 1, r.status)
		require.Contains(t, r.out, "fault: "+says)
	}
	o, responder := both(dir)[0], both(dir)[1]
	wampbox(t, "scramble", "com.x.", "-remove", responder).fine(t)
	fault(o + " sends the URI scrambled, and " + responder + " takes it as it is")
	wampbox(t, "scramble", "com.x.", responder).fine(t)
	fault(o + " sends the URI scrambled under " + id + ", which " + responder + " doesn't take")
	wampbox(t, "scramble", "com.x.", "-remove", o).fine(t)
	fault(o + " sends the URI as it is, and " + responder + " takes it scrambled alone")
	wampbox(t, "scramble", "com.x.", responder, "-allow-clear", "1h").fine(t)
	wampbox(t, with(dir, "explain", "com.x.y.z")...).fine(t)
	wampbox(t, "scramble", "com.x.", o, "-activate", "1h").fine(t)
	fault(o + `: no secret scrambles the URIs below "com.x." now`)
	require.Contains(t, wampbox(t, "explain", "com.x.y.z", o).out, "publishes, calls    fails: no secret scrambles")
}
