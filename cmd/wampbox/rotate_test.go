package main_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// rotateJSON is what rotate prints as JSON.
type rotateJSON struct {
	ID         string            `json:"id"`
	Pattern    string            `json:"pattern"`
	Match      string            `json:"match"`
	Dialect    string            `json:"dialect"`
	Suite      string            `json:"suite"`
	ActiveFrom time.Time         `json:"active_from"`
	Old        string            `json:"old"`
	OldUntil   time.Time         `json:"old_not_after"`
	Files      []string          `json:"files"`
	Public     map[string]string `json:"public"`
}

// TestRotateBoth goes through a whole rotation where one has both files. After
// each step both files agree, and each opens what the other seals.
func TestRotateBoth(t *testing.T) {
	dir, old := begun(t)
	originator, responder := filepath.Join(dir, originatorFile), filepath.Join(dir, responderFile)
	agree := func(want map[string]string, sealsWith string) {
		t.Helper()
		require.Equal(t, want, states(t, originator))
		require.Equal(t, want, states(t, responder))
		sealed := run{stdin: []byte("{}")}.start(t, "seal", "-keyring", originator, "-uri", "com.x.y", "-realm", "realm1")
		opened := run{stdin: []byte(sealed.fine(t))}.start(t, "open", "-keyring", responder, "-uri", "com.x.y")
		opened.fine(t)
		require.Contains(t, opened.err, "id "+sealsWith+",")
	}
	before := secrets(t, originator, responder)

	r := wampbox(t, with(dir, "rotate", "com.x.")...)
	next := strings.TrimSpace(r.fine(t))
	r.noSecrets(t, originator, responder)
	agree(map[string]string{old: "active", next: "pending"}, old)
	require.Len(t, secrets(t, originator), 2)
	for _, path := range both(dir) {
		require.Equal(t, os.FileMode(0o600), mode(t, path))
		versions := ring(t, path).Versions(keyring.Prefix("com.x."))
		require.WithinDuration(t, time.Now().Add(24*time.Hour), versions[0].Dates.ActiveFrom, time.Minute)
		require.Equal(t, versions[0].Dates.ActiveFrom.Add(7*24*time.Hour), versions[1].Dates.NotAfter, "it counts from then")
	}
	require.Empty(t, wampbox(t, with(dir, "lint")...).fine(t), "that is the whole of it")

	var change changeJSON
	wampbox(t, with(dir, "activate", next, "-json")...).decode(t, &change)
	require.Len(t, change.Changed, 4, "two versions in two files")
	agree(map[string]string{old: "retired", next: "active"}, next)

	change = changeJSON{}
	wampbox(t, with(dir, "retire", old, "-at", "2999-01-31", "-json")...).decode(t, &change)
	require.Len(t, change.Changed, 2)
	for i, path := range both(dir) {
		c := change.Changed[i]
		require.Equal(t, []string{path, "com.x.", "prefix", old, "retired"}, []string{c.File, c.Pattern, c.Match, c.ID, c.State})
		require.Equal(t, "2999-01-31T00:00:00Z", c.NotAfter.Format(time.RFC3339))
	}
	agree(map[string]string{old: "retired", next: "active"}, next)

	revoked := wampbox(t, with(dir, "revoke", old)...)
	require.Empty(t, revoked.fine(t))
	require.Contains(t, revoked.err, "id "+old+" is revoked")
	agree(map[string]string{old: "revoked", next: "active"}, next)
	for _, secret := range before {
		require.NotContains(t, secrets(t, originator, responder), secret, "the old keys are gone")
	}
	require.Empty(t, wampbox(t, with(dir, "lint")...).fine(t))
}

// TestRotateDates: what is to hold now is dated back by what clocks differ.
func TestRotateDates(t *testing.T) {
	for name, test := range map[string]struct {
		args       []string
		from, last time.Duration
	}{
		"now":         {[]string{"-activate", "now"}, -30 * time.Second, 7 * 24 * time.Hour},
		"zero":        {[]string{"-activate", "0s", "-retire=90s"}, -30 * time.Second, 90 * time.Second},
		"hours":       {[]string{"-activate", "36h", "-retire", "1d"}, 36 * time.Hour, 60 * time.Hour},
		"with a date": {[]string{"-activate", time.Now().Add(48 * time.Hour).Format(time.RFC3339), "-retire", "2h"}, 48 * time.Hour, 50 * time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			dir, old := begun(t)
			next := strings.TrimSpace(wampbox(t, append(with(dir, "rotate", "com.x."), test.args...)...).fine(t))
			for _, path := range both(dir) {
				versions := ring(t, path).Versions(keyring.Prefix("com.x."))
				require.Equal(t, []string{next, old}, []string{versions[0].ID, versions[1].ID})
				require.WithinDuration(t, time.Now().Add(test.from), versions[0].Dates.ActiveFrom, 10*time.Second)
				require.WithinDuration(t, time.Now().Add(test.last), versions[1].Dates.NotAfter, 10*time.Second)
			}
			require.Empty(t, wampbox(t, with(dir, "lint")...).fine(t))
		})
	}
	dir, _ := begun(t)
	for _, when := range []string{"soon", "-1h", "-1d", "99999d", "2027-13-01", "1"} {
		wampbox(t, with(dir, "rotate", "com.x.", "-activate="+when)...).fails(t, 2, "-activate: give a duration")
		wampbox(t, with(dir, "rotate", "com.x.", "-retire="+when)...).fails(t, 2, "-retire: give a duration")
	}
	wampbox(t, with(dir, "rotate", "com.x.", "-retire=2020-01-01")...).fails(t, 2, "the old version would end before the new one seals")
	wampbox(t, with(dir, "rotate", "com.x.", "-activate", "2d")...).fine(t)
	wampbox(t, with(dir, "rotate", "com.x.", "-activate", "1d")...).fails(t, 1, "which is later than the new version would")
	// Two at once come one behind the other.
	dir, _ = begun(t)
	first := strings.TrimSpace(wampbox(t, with(dir, "rotate", "com.x.", "-activate=now")...).fine(t))
	second := strings.TrimSpace(wampbox(t, with(dir, "rotate", "com.x.", "-activate=now")...).fine(t))
	require.Equal(t, "retired", states(t, both(dir)[0])[first])
	require.Eventually(t, func() bool { return states(t, both(dir)[0])[second] == "active" }, 5*time.Second, 100*time.Millisecond)
}

// TestRotateApart: each party has its own file, and learns nothing but public
// keys of the other.
func TestRotateApart(t *testing.T) {
	dir, old := begun(t)
	originator, responder := filepath.Join(dir, originatorFile), filepath.Join(dir, responderFile)

	var made rotateJSON
	r := wampbox(t, "rotate", "com.x.", originator, "-json")
	r.decode(t, &made)
	r.noSecrets(t, originator)
	require.Equal(t, rotateJSON{ID: made.ID, Pattern: "com.x.", Match: "prefix", Suite: "box", ActiveFrom: made.ActiveFrom, Old: old, OldUntil: made.OldUntil,
		Files: []string{originator}, Public: map[string]string{"originator": made.Public["originator"]}}, made)
	require.Contains(t, r.err, "Public key: "+made.Public["originator"]+"\n")
	dates := []string{"-activate", made.ActiveFrom.Format(time.RFC3339), "-retire", made.OldUntil.Format(time.RFC3339)}
	require.Contains(t, r.err, `wampbox rotate "com.x." -peer `+made.Public["originator"]+" "+strings.Join(dates, " ")+" FILE\n")
	first := made.ID
	require.Equal(t, map[string]string{old: "active", first: "pending"}, states(t, originator))

	there := wampbox(t, append([]string{"rotate", "com.x.", responder, "-peer", made.Public["originator"]}, dates...)...)
	require.Equal(t, first+"\n", there.fine(t), "the same id at both ends")
	require.NotContains(t, there.err, "Public key", "the responder's is the old one")
	require.Empty(t, wampbox(t, with(dir, "lint")...).fine(t), "and the same dates")

	// The other way round, for the responder's key.
	made = rotateJSON{}
	wampbox(t, "rotate", "com.x.", "-activate", "48h", responder, "-json").decode(t, &made)
	second := made.ID
	require.Equal(t, second+"\n", wampbox(t, "rotate", "com.x.", "-activate", made.ActiveFrom.Format(time.RFC3339), originator, "-peer", made.Public["responder"]).fine(t))

	want := map[string]string{old: "active", first: "pending", second: "pending"}
	require.Equal(t, want, states(t, originator))
	require.Equal(t, want, states(t, responder))
	wampbox(t, "activate", second, originator).fails(t, 1, "nothing would seal") // as the first one comes behind it, and ends
	wampbox(t, "activate", first, originator).fine(t)
	wampbox(t, "activate", second, originator).fine(t)
	sealed := run{stdin: []byte("{}")}.start(t, "seal", "-keyring", originator, "-uri", "com.x.y", "-realm", "realm1").fine(t)
	opened := run{stdin: []byte(sealed)}.start(t, "open", "-keyring", responder, "-uri", "com.x.y")
	opened.fine(t)
	require.Contains(t, opened.err, "id "+second)
	wampbox(t, "activate", first, responder).fine(t)
	wampbox(t, "activate", second, responder).fine(t)
	require.Equal(t, states(t, originator), states(t, responder))
	for _, secret := range secrets(t, responder) {
		require.NotContains(t, secrets(t, originator), secret)
	}
}

// TestRotateShared: a secret of all parties gets a new one for all.
func TestRotateShared(t *testing.T) {
	key := wampbox(t, "keygen").fine(t)
	key = strings.TrimSpace(key)
	for kind, version := range map[string]string{
		"":                 fmt.Sprintf(`{"shared": %q}`, key),
		"xsalsa20poly1305": fmt.Sprintf(`{"id": "k", "dialect": "passthru", "shared": %q}`, key),
		"aes256gcm":        fmt.Sprintf(`{"id": "k", "dialect": "passthru", "shared": %q, "algorithm": "aes256gcm"}`, key),
		"cryptobox":        fmt.Sprintf(`{"dialect": "autobahn", "originator": {"private": %q}, "responder": {"private": %[1]q}}`, key),
	} {
		entry := `{"prefix": "com.x.", "versions": [` + version + `]}`
		a, b := keyringFile(t, entry), keyringFile(t, entry)
		before := ring(t, a).Versions(keyring.Prefix("com.x."))[0]
		together := strings.TrimSpace(wampbox(t, "rotate", "com.x.", a, b).fine(t))
		require.Equal(t, map[string]string{before.ID: "active", together: "pending"}, states(t, a), kind)
		require.Equal(t, states(t, a), states(t, b), kind)
		require.Equal(t, secrets(t, a), secrets(t, b), kind)
		for _, v := range ring(t, a).Versions(keyring.Prefix("com.x.")) {
			require.Equal(t, kind, v.Algorithm)
			require.Equal(t, []any{before.Kind, before.Dialect, before.Suite}, []any{v.Kind, v.Dialect, v.Suite})
		}

		args := []string{"rotate", "com.x.", a, "-activate", "2d"}
		if before.Dialect == cryptobox.Passthru {
			args = append(args, "-id", "mine")
		}
		alone := wampbox(t, args...)
		require.Equal(t, before.Dialect == cryptobox.Passthru, alone.fine(t) == "mine\n")
		require.Contains(t, alone.err, "take the version to all other holders in a safe way: copy the file, or the lines of ")
		require.NotContains(t, alone.err, "Public key")
		alone.noSecrets(t, a)
		wampbox(t, "rotate", "com.x.", b, "-activate", "2d", "-peer", cryptobox.GenerateKey().Public().String()).
			fails(t, 1, "a secret that all parties share")
	}
}

// TestRotateKeepsTheRest of the file: comments, order, other entries and the dialect.
func TestRotateKeepsTheRest(t *testing.T) {
	o, r := cryptobox.GenerateKey(), cryptobox.GenerateKey()
	key := strings.TrimSpace(wampbox(t, "keygen").fine(t))
	other := fmt.Sprintf(`{"exact": "org.x", "comment": "leave me", "versions": [{"id": "s", "dialect": "passthru", "shared": %q}]}`, key)
	mine := strings.Replace(pairEntry("originator", "file:own.key", "responder", r.Public().String()), `"prefix": ""`, `"prefix": "com.x."`, 1)
	path := keyringFile(t, other, mine)
	own := filepath.Join(filepath.Dir(path), "own.key")
	require.NoError(t, os.WriteFile(own, []byte("# by hand\n"+textOf(o)+"\n"), 0o600))

	wampbox(t, "rotate", "com.y", path).fails(t, 1, `it doesn't have exact "com.y", but exact "org.x", prefix "com.x."`)
	wampbox(t, "rotate", "com.x.y", path, "-match", "prefix").fails(t, 1, `it doesn't have prefix "com.x.y"`)
	wampbox(t, "rotate", "com.x.", path, "-comment", "the next").fine(t)
	// The reference to the private key is kept where the key is.
	wampbox(t, "rotate", "com.x.", path, "-activate", "2d", "-peer", cryptobox.GenerateKey().Public().String()).fine(t)

	var file struct {
		Patterns []struct {
			Comment  string
			Versions []map[string]any
		}
	}
	require.NoError(t, json.Unmarshal(must(os.ReadFile(path)), &file))
	require.Len(t, file.Patterns, 2)
	require.Equal(t, "leave me", file.Patterns[0].Comment)
	require.Len(t, file.Patterns[1].Versions, 3)
	for _, v := range file.Patterns[1].Versions {
		require.Equal(t, "autobahn", v["dialect"])
	}
	require.Equal(t, map[string]any{"private": "file:own.key"}, file.Patterns[1].Versions[0]["originator"])
	require.Equal(t, "the next", file.Patterns[1].Versions[1]["comment"])
}

func textOf(key cryptobox.PrivateKey) string {
	text, err := json.Marshal(key.UnsafeBytes())
	if err != nil {
		panic(err)
	}
	return strings.Trim(string(text), `"`)
}

// TestRotateFor: a pattern goes over to another dialect or suite by a rotation, and back,
// and what has to follow is said. Before and after it both ends understand each other.
func TestRotateFor(t *testing.T) {
	dir := t.TempDir()
	wampbox(t, "init", "-dir", dir, "-suite", "xbox", "com.x.").fine(t)
	understood := func(dialect cryptobox.Dialect, suite cryptobox.Suite) {
		t.Helper()
		for _, path := range both(dir) {
			v := ring(t, path).Versions(keyring.Prefix("com.x."))[0]
			require.Equal(t, []any{dialect, suite}, []any{v.Dialect, v.Suite})
		}
		goTogether(t, "com.x.y", both(dir)[0], both(dir)[1])
		require.Empty(t, wampbox(t, with(dir, "lint")...).fine(t))
	}
	understood(cryptobox.Wampbox, cryptobox.SuiteXBox)
	for i, step := range []struct {
		args    []string
		dialect cryptobox.Dialect
		suite   cryptobox.Suite
		says    string
	}{
		{nil, cryptobox.Wampbox, cryptobox.SuiteXBox, ""},
		{[]string{"-for", "autobahn"}, cryptobox.Autobahn, 0, "it is sealed for autobahn: whoever is at the other end has to speak that"},
		{nil, cryptobox.Autobahn, 0, ""},
		{[]string{"-for", "passthru", "-id", "k2"}, cryptobox.Passthru, 0, "it is sealed for passthru"},
		{nil, cryptobox.Passthru, 0, ""},
		{[]string{"-for", "wampbox", "-suite", "xbox"}, cryptobox.Wampbox, cryptobox.SuiteXBox, "it is sealed for this library, in suite xbox"},
		{[]string{"-suite", "box"}, cryptobox.Wampbox, cryptobox.SuiteBox, "it is sealed for this library, in suite box"},
		{[]string{"-for", "wampbox"}, cryptobox.Wampbox, cryptobox.SuiteBox, ""},
	} {
		r := wampbox(t, append(with(dir, "rotate", "com.x.", "-activate", fmt.Sprintf("%dh", i+1)), step.args...)...)
		r.fine(t)
		if step.says == "" {
			require.NotContains(t, r.err, "it is sealed for")
		} else {
			require.Contains(t, r.err, step.says)
		}
		understood(step.dialect, step.suite)
	}

	// A secret of all parties takes the form that the dialect has for it.
	path := filepath.Join(t.TempDir(), sharedFile)
	wampbox(t, "add", "com.x.", "-shared", path).fine(t)
	for i, step := range []struct{ dialect, kind string }{{"autobahn", "both"}, {"passthru", "shared"}, {"autobahn", "both"}, {"wampbox", "shared"}} {
		wampbox(t, "rotate", "com.x.", path, "-for", step.dialect, "-activate", fmt.Sprintf("%dh", i+1)).fine(t)
		v := ring(t, path).Versions(keyring.Prefix("com.x."))[0]
		require.Equal(t, []string{step.dialect, step.kind}, []string{v.Dialect.String(), v.Kind})
	}
	wampbox(t, "rotate", "com.x.", path, "-suite", "xbox").fails(t, 1, "which has one suite")
	wampbox(t, with(dir, "rotate", "com.x.", "-for", "autobahn", "-suite", "xbox")...).fails(t, 2, "-suite is for our own dialect")
	wampbox(t, with(dir, "rotate", "com.x.", "-id", "k")...).fails(t, 2, "-id is for passthru")
}

// TestRotateForApart: the other party is told the flags that it has to give too.
func TestRotateForApart(t *testing.T) {
	for _, flags := range [][]string{{"-for", "passthru"}, {"-for", "passthru", "-id", "k7"}, {"-for", "wampbox", "-suite", "xbox"}} {
		dir, _ := begun(t)
		r := wampbox(t, append([]string{"rotate", "com.x.", both(dir)[0], "-activate", "now"}, flags...)...)
		id := r.fine(t)
		_, command, found := strings.Cut(r.err, "   wampbox ")
		require.True(t, found)
		command, _, _ = strings.Cut(command, " FILE\n")
		command = strings.ReplaceAll(command, `"`, "")
		require.Contains(t, command, strings.Join(flags, " "))
		require.Equal(t, id, wampbox(t, append(strings.Fields(command), both(dir)[1])...).fine(t), "the same id at both ends")
		goTogether(t, "com.x.y", both(dir)[0], both(dir)[1])
		require.Empty(t, wampbox(t, with(dir, "lint")...).fine(t))
	}
}

// TestRotatePassthru: there each version has an id, which follows from the keys if none is
// given.
func TestRotatePassthru(t *testing.T) {
	dir := t.TempDir()
	wampbox(t, "init", "-dir", dir, "-for", "passthru", "com.x.", "-id", "2026").fine(t)
	next := strings.TrimSpace(wampbox(t, with(dir, "rotate", "com.x.")...).fine(t))
	require.Regexp(t, "^[a-z2-7]{26}$", next)
	require.Equal(t, map[string]string{"2026": "active", next: "pending"}, states(t, both(dir)[1]))
	require.Equal(t, "2027\n", wampbox(t, with(dir, "rotate", "com.x.", "-id", "2027", "-activate", "2d")...).fine(t))
}

// TestRotateRefuses what would give files that don't go together.
func TestRotateRefuses(t *testing.T) {
	dir, old := begun(t)
	originator, responder := filepath.Join(dir, originatorFile), filepath.Join(dir, responderFile)
	public := cryptobox.GenerateKey().Public().String()
	wampbox(t, "rotate", "com.x.", originator, originator).fails(t, 2, "the same file is named twice")
	wampbox(t, with(dir, "rotate", "com.x.", "-peer", public)...).fails(t, 2, "-peer is for one file")
	bad := wampbox(t, "rotate", "com.x.", originator, "-peer", "not a key")
	bad.fails(t, 2, "-peer: ")
	require.NotContains(t, bad.err, "not a key\n")
	wampbox(t, "rotate", "com.x.", responder, "-peer", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=").fails(t, 2, "weak key")

	copied := write(t, "copy.json", must(os.ReadFile(originator)))
	wampbox(t, "rotate", "com.x.", originator, copied).fails(t, 1, "the private key of one party only")
	other, _ := begun(t)
	wampbox(t, "rotate", "com.x.", originator, filepath.Join(other, responderFile)).fails(t, 1, "don't belong together")
	plain := keyringFile(t, `{"prefix": "com.x.", "plain": true}`)
	wampbox(t, "rotate", "com.x.", plain).fails(t, 1, `prefix "com.x." is plain, and has no key`)

	for _, path := range []string{originator, responder} {
		require.Equal(t, map[string]string{old: "active"}, states(t, path), "nothing has changed")
	}
	wampbox(t, with(dir, "revoke", old)...).fine(t)
	wampbox(t, with(dir, "rotate", "com.x.")...).fails(t, 1, "all versions")
}

// TestRotateSaysWhatFollows: which files go where by when, and which programs have to be
// started again.
func TestRotateSaysWhatFollows(t *testing.T) {
	dir, _ := begun(t)
	var made rotateJSON
	r := wampbox(t, with(dir, "rotate", "com.x.", "-json")...)
	r.decode(t, &made)
	require.NotContains(t, r.err, "warning")
	require.True(t, strings.HasSuffix(r.err, fmt.Sprintf("hand over by %s, in any order, to all programs that use them: %s\n", made.ActiveFrom.Format(time.RFC3339), strings.Join(both(dir), ", "))+
		"programs that follow their file (keywatch) take it over by themselves; those that loaded it once have to be started again by then\n"), r.err)
	r = wampbox(t, with(dir, "rotate", "com.x.", "-activate", "2d")...)
	r.fine(t)
	dir, _ = begun(t)
	r = wampbox(t, with(dir, "rotate", "com.x.", "-activate", "now")...)
	id := strings.TrimSpace(r.fine(t))
	require.NotContains(t, r.err, "warning")
	require.True(t, strings.HasSuffix(r.err, "hand over at once, to all programs that use them: "+strings.Join(both(dir), ", ")+"; a program without "+id+" refuses what it seals\n"+
		"programs that follow their file (keywatch) take it over by themselves; those that loaded it once have to be started again at once\n"), r.err)
}

// TestRotateWarns of an end of the old version that comes before its messages, and of a
// time in which nothing seals.
func TestRotateWarns(t *testing.T) {
	for name, test := range map[string]struct {
		args []string
		says string
	}{
		"soon":        {[]string{"-retire", "5m"}, "so retire it at "},
		"at once":     {[]string{"-activate", "now", "-retire", "now"}, "has expired, and opens nothing any more"},
		"with it":     {[]string{"-activate", "1h", "-retire", "now"}, "and opens until "},
		"long enough": {[]string{"-retire", "331s"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			dir, old := begun(t)
			r := wampbox(t, append(with(dir, "rotate", "com.x."), test.args...)...)
			r.fine(t)
			if test.says == "" {
				require.NotContains(t, r.err, "warning")
				return
			}
			require.Contains(t, r.err, "warning: "+old)
			require.Contains(t, r.err, test.says)
			require.Equal(t, 1, strings.Count(r.err, "warning"), r.err)
		})
	}

	dir, old := begun(t)
	for _, path := range both(dir) {
		text := string(must(os.ReadFile(path)))
		require.NoError(t, os.WriteFile(path, []byte(strings.Replace(text, `"created"`, `"not_after": "2025-01-01T00:00:00Z", "created"`, 1)), 0o600))
	}
	require.Equal(t, map[string]string{old: "expired"}, states(t, both(dir)[0]))
	r := wampbox(t, with(dir, "rotate", "com.x.")...)
	next := strings.TrimSpace(r.fine(t))
	require.Equal(t, 1, strings.Count(r.err, "warning"), r.err)
	require.Contains(t, r.err, `warning: nothing seals for prefix "com.x." until `)
	require.Contains(t, r.err, `"wampbox activate `+next+" "+strings.Join(both(dir), " ")+`" has it seal at once, as "-activate now" would have`)
	activated := wampbox(t, with(dir, "activate", next)...)
	activated.fine(t)
	require.Equal(t, "active", states(t, both(dir)[1])[next])
	require.NotContains(t, activated.err, "warning")

	// The same where the dates are moved.
	dir, old = begun(t)
	next = strings.TrimSpace(wampbox(t, with(dir, "rotate", "com.x.", "-retire", "1h")...).fine(t))
	require.Contains(t, wampbox(t, with(dir, "activate", next, "-at", "24h58m")...).err, "warning: "+both(dir)[0]+": "+old+" seals until ")
	require.NotContains(t, wampbox(t, with(dir, "activate", next)...).err, "warning")
	require.Contains(t, wampbox(t, with(dir, "retire", old)...).err, "has expired, and opens nothing any more")
	require.NotContains(t, wampbox(t, with(dir, "retire", old, "-at", "10m")...).err, "warning")
}

// TestRotateKnowsItsOwnKey: a public key of the file itself is no other party's, under
// whatever pattern and version it is, and one that is there already is no new one.
func TestRotateKnowsItsOwnKey(t *testing.T) {
	dir, _ := begun(t)
	originator, responder := both(dir)[0], both(dir)[1]
	wampbox(t, "add", "-originator", originator, "-responder", responder, "com.y.").fine(t)
	own := func(file string, i int) string {
		return strings.TrimSpace(run{stdin: []byte(secrets(t, file)[i])}.start(t, "pubkey").fine(t))
	}
	first, elsewhere := own(originator, 0), own(originator, 1)
	wampbox(t, "rotate", "com.x.", originator, "-activate", "1h").fine(t)
	for _, public := range []string{first, elsewhere, own(originator, 1), own(originator, 2)} {
		wampbox(t, "rotate", "com.x.", originator, "-activate", "2h", "-peer", public).fails(t, 1, "-peer is this file's own public key")
	}
	wampbox(t, "rotate", "com.x.", originator, "-activate", "2h", "-peer", own(responder, 0)).
		fails(t, 1, "-peer is the public key that it has for the other party already")
	require.Len(t, states(t, originator), 2, "nothing has changed")
	wampbox(t, "rotate", "com.x.", responder, "-activate", "1h", "-peer", own(originator, 1)).fine(t)

	// Where the private key is in a file of its own, too.
	key := filepath.Join(t.TempDir(), "own.key")
	public := strings.TrimSpace(strings.TrimPrefix(wampbox(t, "keygen", "-o", key).err, "Public key: "))
	path := keyringFile(t, strings.Replace(pairEntry("originator", "file:"+key, "responder", first), `"prefix": ""`, `"prefix": "com.x."`, 1))
	wampbox(t, "rotate", "com.x.", path, "-peer", public).fails(t, 1, "-peer is this file's own public key")
}

// TestAtOnce: tools that run at once, also with the files in another order,
// lose no change.
func TestAtOnce(t *testing.T) {
	dir, old := begun(t)
	originator, responder := filepath.Join(dir, originatorFile), filepath.Join(dir, responderFile)
	const each = 6
	var all sync.WaitGroup
	ids := make(chan string, 3*each)
	for range each {
		all.Go(func() { ids <- strings.TrimSpace(wampbox(t, with(dir, "rotate", "com.x.")...).out) })
		all.Go(func() { ids <- strings.TrimSpace(wampbox(t, "rotate", "com.x.", responder, originator).out) })
	}
	all.Wait()
	close(ids)
	want := map[string]string{old: "active"}
	for id := range ids {
		require.NotEmpty(t, id)
		want[id] = "pending"
	}
	require.Len(t, want, 2*each+1)
	require.Equal(t, want, states(t, originator))
	require.Equal(t, want, states(t, responder))
	require.Empty(t, wampbox(t, with(dir, "lint")...).fine(t))
}
