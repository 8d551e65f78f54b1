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

// transitionJSON is what transition prints as JSON.
type transitionJSON struct {
	Transitions []struct {
		File      string     `json:"file"`
		Pattern   string     `json:"pattern"`
		Match     string     `json:"match"`
		Plaintext string     `json:"plaintext"`
		Until     *time.Time `json:"until"`
	} `json:"transitions"`
}

// lets gives what a file lets through for com.x.y: sends, takes, and until when.
func lets(t testing.TB, path string) (sends, takes bool, until time.Time) {
	t.Helper()
	entry, err := ring(t, path).Lookup("com.x.y")
	require.NoError(t, err)
	_, until, _ = entry.Transition()
	return entry.SendsPlain(), entry.TakesPlain(), until
}

// TestTransition goes through a whole switch-over, and says at each step what follows.
func TestTransition(t *testing.T) {
	dir, _ := begun(t)
	step := func(sends, takes bool, after time.Duration, args ...string) result {
		t.Helper()
		r := wampbox(t, with(dir, append([]string{"transition", "com.x."}, args...)...)...)
		require.Empty(t, r.fine(t))
		r.noSecrets(t, both(dir)...)
		for _, path := range both(dir) {
			s, k, until := lets(t, path)
			require.Equal(t, []bool{sends, takes}, []bool{s, k})
			if after == 0 {
				require.Zero(t, until)
			} else {
				require.WithinDuration(t, time.Now().Add(after), until, time.Minute)
			}
			require.Contains(t, r.err, path+`: prefix "com.x." is s`)
		}
		return r
	}
	const day = 24 * time.Hour
	r := step(true, true, 7*day, "-send", "-until", "7d")
	_, _, until := lets(t, both(dir)[0])
	require.Contains(t, r.err, "warning: until then a router reads what is sent")
	require.Contains(t, r.err, "start the programs that use them again: those that follow their file (keywatch) refuse it")
	require.Contains(t, r.err, "go on with -accept, at each until "+until.Add(30*time.Second).Format(time.RFC3339)+" or later: it has to outlast every -send by 30s")

	r = step(false, true, 6*day, "-accept", "-until", "6d")
	require.Contains(t, r.err, "warning: "+both(dir)[0]+": it sent plain until ")
	require.Contains(t, r.err, "give -until "+until.Add(30*time.Second).Format(time.RFC3339)+" or later")
	step(true, true, 7*day, "-send", "-until", "1w")
	r = step(false, true, 8*day, "-accept", "-until", "8d")
	require.NotContains(t, r.err, "warning")
	require.Contains(t, r.err, "start the programs that use them again: those that follow their file (keywatch) refuse it")
	require.Contains(t, r.err, ": its date is later, so that it lets plaintext through for longer")
	step(true, true, 9*day, "-send", "-until", "9d")
	require.Contains(t, step(false, true, 8*day, "-accept", "-until", "8d").err, "take it over by themselves", "it lets less through")
	require.Contains(t, r.err, "no other program may send plain (-send) beyond ")
	r = step(false, false, 0, "-end")
	require.Contains(t, r.err, "nothing plain is taken")
	again := wampbox(t, with(dir, "transition", "com.x.", "-end")...)
	again.fine(t)
	require.Equal(t, "nothing to change\n", again.err)
	require.Contains(t, step(false, true, day, "-accept", "-until", "1d").err, "keywatch.AllowPlain", "it lets more through than before")

	var out transitionJSON
	date := time.Now().Add(48 * time.Hour).UTC().Truncate(time.Second)
	wampbox(t, with(dir, "transition", "com.x.", "-send", "-until", date.Format(time.RFC3339), "-json")...).decode(t, &out)
	require.Len(t, out.Transitions, 2)
	for i, c := range out.Transitions {
		require.Equal(t, []string{both(dir)[i], "com.x.", "prefix", "send"}, []string{c.File, c.Pattern, c.Match, c.Plaintext})
		require.True(t, date.Equal(*c.Until))
	}
}

func TestTransitionRefuses(t *testing.T) {
	dir, _ := begun(t)
	before := string(must(os.ReadFile(both(dir)[0])))
	for says, args := range map[string][]string{
		"give one of -send, -accept and -end":               {},
		"give one of -send, -accept and -end\n":             {"-send", "-end", "-until", "1d"},
		"-until is missing":                                 {"-send"},
		"-until is missing: what lets plaintext through":    {"-accept"},
		"-end is at once":                                   {"-end", "-until", "1d"},
		"-until: that has passed":                           {"-send", "-until", "2020-01-01"},
		"-until: that has passed: give a later date":        {"-send", "-until", "now"},
		"-until: give a duration such as 90s, 36h, 30d or ": {"-accept", "-until", "soon"},
	} {
		wampbox(t, with(dir, append([]string{"transition", "com.x."}, args...)...)...).fails(t, 2, says)
	}
	wampbox(t, with(dir, "transition", "com.y", "-end")...).fails(t, 1, `it doesn't have exact "com.y", but prefix "com.x."`)
	plain := keyringFile(t, `{"prefix": "com.x.", "plain": true}`)
	wampbox(t, append(with(dir, "transition", "com.x.", "-send", "-until", "1d"), plain)...).fails(t, 1, "add with -plain-until gives it one")
	require.Equal(t, before, string(must(os.ReadFile(both(dir)[0]))), "all or none")
}

// TestAddWhilePlain gives a pattern that is declared plain a key, in one step that a running
// program takes over, and begins the switch-over with it.
func TestAddWhilePlain(t *testing.T) {
	dir := t.TempDir()
	paths := []string{filepath.Join(dir, "a"), filepath.Join(dir, "b")}
	add := func(args ...string) result {
		return wampbox(t, append([]string{"add", "-originator", paths[0], "-responder", paths[1]}, args...)...)
	}
	add("-plain", "com.x.", "-comment", "mine").fine(t)
	running := map[string]*keyring.Ring{}
	for _, path := range paths {
		running[path] = keyring.New()
		_, err := running[path].Update("file", ring(t, path))
		require.NoError(t, err)
	}
	add("com.x.").fails(t, 1, "declares it plain: -plain-until gives it a key")
	add("-plain", "com.y", "-plain-until", "1d").fails(t, 2, "-plain-until is for patterns that get a key")
	add("com.x.", "-plain-until", "soon").fails(t, 2, "-plain-until: give a duration")
	r := add("com.x.", "-plain-until", "7d")
	id := strings.TrimSpace(r.fine(t))
	require.Contains(t, r.err, "when all programs have it, go on with transition -accept")
	for _, path := range paths {
		sends, takes, until := lets(t, path)
		require.True(t, sends && takes)
		require.WithinDuration(t, time.Now().Add(7*24*time.Hour), until, time.Minute)
		require.Equal(t, map[string]string{id: "active"}, states(t, path))
		require.Contains(t, string(must(os.ReadFile(path))), `"comment": "mine"`)
		_, err := running[path].Update("file", ring(t, path))
		require.NoError(t, err, "without a start, and without its consent")
	}
	add("com.x.", "-plain-until", "7d").fails(t, 1, "rotate gives it another key")
	wampbox(t, "init", "-dir", filepath.Join(dir, "new"), "com.x.", "-plain-until", "1d").fine(t)
	sends, _, _ := lets(t, filepath.Join(dir, "new", originatorFile))
	require.True(t, sends)
	require.NotContains(t, fmt.Sprint(wampbox(t, "lint", paths[0], paths[1]).out), "pair")
}
