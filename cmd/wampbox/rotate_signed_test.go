package main_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// allowed gives allow_unsigned of the first pattern of a file.
func allowed(t testing.TB, path string) time.Time {
	t.Helper()
	var file struct {
		Patterns []struct {
			Allow time.Time `json:"allow_unsigned"`
		}
	}
	require.NoError(t, json.Unmarshal(must(os.ReadFile(path)), &file))
	return file.Patterns[0].Allow
}

// opensBy expects that what one file seals now is of a version, and that another opens it.
func opensBy(t testing.TB, from, to, id string) {
	t.Helper()
	sealed := run{stdin: []byte("{}")}.start(t, "seal", "-keyring", from, "-uri", "com.x.y", "-realm", "realm1").fine(t)
	opened := run{stdin: []byte(sealed)}.start(t, "open", "-keyring", to, "-uri", "com.x.y")
	opened.fine(t)
	require.Contains(t, opened.err, "id "+id+",")
}

// TestRotateSigned: the reading key is new; signing keys, lists and manner stay.
func TestRotateSigned(t *testing.T) {
	dir, old := begunSigned(t, "-both", "-signed-once")
	all := append(both(dir), filepath.Join(dir, bothFile))
	before := map[string]keyring.SignedInfo{}
	for _, path := range all {
		before[path] = info(t, path).Signed
	}
	r := wampbox(t, append([]string{"rotate", "com.x.", "-activate", "2h"}, all...)...)
	next := strings.TrimSpace(r.fine(t))
	r.noSignedSecrets(t, all...)
	require.Contains(t, r.err, "signing keys and lists of parties stay as they are")
	for _, path := range all {
		require.Equal(t, map[string]string{old: "active", next: "pending"}, states(t, path))
		after := info(t, path).Signed
		require.NotEqual(t, before[path].Reading, after.Reading)
		after.Reading = before[path].Reading
		require.Equal(t, before[path], after)
		require.True(t, allowed(t, path).IsZero())
	}
	require.Empty(t, findings(t, all...))
	opensBy(t, all[0], all[1], old)
	wampbox(t, append([]string{"activate", next}, all...)...).fine(t)
	opensBy(t, all[0], all[1], next)
	opensBy(t, all[2], all[2], next)
	wampbox(t, append([]string{"revoke", old}, all...)...).fine(t)
	opensBy(t, all[0], all[2], next)

	pq := strings.TrimSpace(wampbox(t, append([]string{"rotate", "com.x.", "-suite", "signed-pq"}, all...)...).fine(t))
	require.Equal(t, []any{pq, cryptobox.SuiteSignedPQ}, []any{info(t, all[0]).ID, info(t, all[0]).Suite})
	require.Contains(t, wampbox(t, append([]string{"lint"}, all...)...).fine(t), "note: classical: ")
	for _, suite := range []string{"box", "xbox"} {
		wampbox(t, append([]string{"rotate", "com.x.", "-activate", "3d", "-suite", suite}, all...)...).fails(t, 1, "a signed key isn't followed by one that isn't")
	}
	wampbox(t, append([]string{"rotate", "com.x.", "-activate", "3d", "-for", "autobahn"}, all...)...).fails(t, 1, "a signed key isn't followed by one that isn't")
}

// TestRotateSignedApart: who receives makes the reading key, and who sends gets its public half.
func TestRotateSignedApart(t *testing.T) {
	for _, suite := range []string{"signed", "signed-pq"} {
		dir, old := begunSigned(t, "-suite", suite)
		originator, responder := both(dir)[0], both(dir)[1]
		wampbox(t, "rotate", "com.x.", originator).fails(t, 1, "the reading key is of those who receive")
		r := wampbox(t, "rotate", "com.x.", responder, "-activate", "2h")
		next := strings.TrimSpace(r.fine(t))
		r.noSignedSecrets(t, both(dir)...)
		reading := info(t, responder).Signed.Reading.String()
		require.Contains(t, r.err, "Public key: "+reading+"\n")
		told := commandIn(t, r.err, "wampbox rotate", originator)
		for i, word := range told {
			if word == "KEY" {
				told[i] = reading
			}
		}
		require.Equal(t, next+"\n", wampbox(t, told...).fine(t))
		require.Empty(t, wampbox(t, with(dir, "lint")...).fine(t), "and the same dates")
		require.Equal(t, states(t, originator), states(t, responder))
		wampbox(t, with(dir, "activate", next)...).fine(t)
		opensBy(t, originator, responder, next)
		require.Equal(t, "retired", states(t, originator)[old])

		for says, args := range map[string][]string{
			"who receives needs the private one":      {responder, "-peer", reading},
			"-peer is the reading key that it has":    {originator, "-peer", reading},
			"-peer is a public key of a pair":         {originator, "-peer", "GTtQ37XGJO2O4R8Dvx4AUo8pe61D9evIWpKGQAPdOh0="},
			"-peer: reading public key: not a key: w": {originator, "-peer", verify(t, originator)},
		} {
			r := wampbox(t, append([]string{"rotate", "com.x.", "-activate", "3d"}, args...)...)
			require.NotZero(t, r.status)
			require.Contains(t, strings.ReplaceAll(r.err, "cryptobox: ", ""), says)
		}
	}
	dir, _ := begun(t)
	wampbox(t, "rotate", "com.x.", both(dir)[0], "-peer", "x25519:Yp8TrmdpJDyaLTiw4DZFVcBEmfqQvsZ3WbAiJRWwvHY=").fails(t, 1, "this is no signed key: -suite signed makes the next version one")
}

// TestRotateToSigned: a key of another kind goes over to a signed one by one change. Until the old
// one ends, both open.
func TestRotateToSigned(t *testing.T) {
	for name, test := range map[string]struct{ begin, rotate []string }{
		"box": {nil, nil}, "xbox to signed-pq": {[]string{"-suite", "xbox"}, []string{"-suite", "signed-pq"}},
		"autobahn": {[]string{"-for", "autobahn"}, []string{"-for", "wampbox"}},
		"shared":   {[]string{"-shared"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			old := strings.TrimSpace(wampbox(t, append([]string{"init", "-dir", dir, "com.x."}, test.begin...)...).fine(t))
			files := both(dir)
			if name == "shared" {
				files = []string{filepath.Join(dir, sharedFile), filepath.Join(dir, "second.json")}
				require.NoError(t, os.WriteFile(files[1], must(os.ReadFile(files[0])), 0o600))
			}
			args := append([]string{"rotate", "com.x.", "-json"}, test.rotate...)
			if len(test.rotate) != 2 || test.rotate[0] != "-suite" {
				args = append(args, "-suite", "signed")
			}
			var made struct {
				rotateJSON
				AllowUnsigned time.Time `json:"allow_unsigned"`
			}
			r := wampbox(t, append(args, files...)...)
			r.decode(t, &made)
			r.noSignedSecrets(t, files...)
			for _, path := range files {
				require.Equal(t, map[string]string{old: "active", made.ID: "pending"}, states(t, path))
				require.True(t, made.AllowUnsigned.Equal(allowed(t, path)))
				require.True(t, made.AllowUnsigned.Equal(made.OldUntil), "as long as the old one opens")
			}
			require.Empty(t, findings(t, files...))
			if name != "autobahn" { // which seal can't address
				opensBy(t, files[0], files[1], old)
			}
			wampbox(t, append([]string{"activate", made.ID}, files...)...).fine(t)
			opensBy(t, files[0], files[1], made.ID)
			if name == "shared" {
				opensBy(t, files[1], files[0], made.ID)
			}
			wampbox(t, append([]string{"rotate", "com.x.", "-suite", "box", "-activate", "3d"}, files...)...).fails(t, 1, "a signed key isn't followed")
		})
	}
}

// TestRotateToSignedApart: the same where each party keeps its own file.
func TestRotateToSignedApart(t *testing.T) {
	dir, old := begun(t)
	originator, responder := both(dir)[0], both(dir)[1]
	wampbox(t, "rotate", "com.x.", "-suite", "signed", originator).fails(t, 1, "the reading key is of those who receive")
	received := wampbox(t, "rotate", "com.x.", "-suite", "signed", responder)
	next := strings.TrimSpace(received.fine(t))
	told := commandIn(t, received.err, "wampbox rotate", originator)
	for i, word := range told {
		if word == "KEY" {
			told[i] = info(t, responder).Signed.Reading.String()
		}
	}
	sent := wampbox(t, told...)
	require.Equal(t, next+"\n", sent.fine(t))
	wampbox(t, commandIn(t, sent.err, "wampbox add -sender", responder)...).fine(t)
	wampbox(t, commandIn(t, received.err, "wampbox add -answerer", originator)...).fine(t)
	require.Empty(t, findings(t, originator, responder))
	require.Equal(t, allowed(t, originator), allowed(t, responder))
	opensBy(t, originator, responder, old)
	wampbox(t, with(dir, "activate", next)...).fine(t)
	opensBy(t, originator, responder, next)

	// Cancelled before its date, it is as it was.
	dir, old = begun(t)
	next = strings.TrimSpace(wampbox(t, with(dir, "rotate", "com.x.", "-suite", "signed")...).fine(t))
	wampbox(t, with(dir, "revoke", next)...).fine(t)
	wampbox(t, with(dir, "retire", old, "-at", "ever")...).fine(t)
	opensBy(t, both(dir)[0], both(dir)[1], old)
	require.Empty(t, wampbox(t, with(dir, "lint")...).fine(t), "not even a date is left of it")
}
