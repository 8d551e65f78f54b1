package main_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyservice"
)

// identityKeys gives the private keys of an identity's file.
func identityKeys(t testing.TB, path string) []string {
	t.Helper()
	var file struct {
		Signing string
		Decrypt []string
	}
	require.NoError(t, json.Unmarshal(must(os.ReadFile(path)), &file))
	return append(file.Decrypt, strings.TrimPrefix(file.Signing, "ed25519:"))
}

// TestIdentity makes the files of members, prints what an authority needs, and nothing else.
func TestIdentity(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "members")
	r := wampbox(t, "identity", "-dir", dir, "shop", "desk-2")
	lines := strings.Split(strings.TrimSpace(r.fine(t)), "\n")
	require.Len(t, lines, 2)
	for i, name := range []string{"shop", "desk-2"} {
		path := filepath.Join(dir, name+".identity")
		e, err := keyservice.ParseEnrolment(lines[i])
		require.NoError(t, err)
		require.Equal(t, name, e.Name)
		require.False(t, e.Hybrid())
		me, err := keyservice.LoadIdentity(path)
		require.NoError(t, err)
		require.Equal(t, e.Recipient, me.Recipient())
		require.Equal(t, e.Key, me.SigningKey().Public())
		require.Equal(t, os.FileMode(0o600), mode(t, path))
		require.Equal(t, lines[i]+"\n", string(must(os.ReadFile(filepath.Join(dir, name+".enrolment")))))
		require.Equal(t, lines[i]+"\n", wampbox(t, "identity", "-show", path).fine(t))
		for _, key := range identityKeys(t, path) {
			require.NotContains(t, r.out+r.err, key)
		}
	}
	require.Contains(t, r.err, "by another way than the router")

	alone := filepath.Join(dir, "alone.identity")
	r = wampbox(t, "identity", "-pq", "-json", "-o", alone, "cashier")
	var made struct {
		Identities []struct {
			Name, File, Key, Recipient, Enrolment string
			EnrolmentFile                         string `json:"enrolment_file"`
		}
	}
	r.decode(t, &made)
	require.Len(t, made.Identities, 1)
	require.Equal(t, alone, made.Identities[0].File)
	require.Equal(t, filepath.Join(dir, "alone.enrolment"), made.Identities[0].EnrolmentFile)
	e, err := keyservice.ParseEnrolment(made.Identities[0].Enrolment)
	require.NoError(t, err)
	require.True(t, e.Hybrid())
	require.Equal(t, []string{e.Name, e.Key.String(), e.Recipient}, []string{"cashier", made.Identities[0].Key, made.Identities[0].Recipient})
}

// TestIdentityMakesAllOrNone, and overwrites nothing.
func TestIdentityMakesAllOrNone(t *testing.T) {
	for _, there := range []string{"desk.identity", "desk.enrolment"} {
		dir := t.TempDir()
		path := filepath.Join(dir, there)
		require.NoError(t, os.WriteFile(path, []byte("mine"), 0o600))
		wampbox(t, "identity", "-dir", dir, "shop", "desk").fails(t, 1, path+" exists and isn't overwritten")
		require.Equal(t, "mine", string(must(os.ReadFile(path))))
		left, err := os.ReadDir(dir)
		require.NoError(t, err)
		require.Len(t, left, 1)
	}
}

// TestIdentityMistakes are told before anything is made.
func TestIdentityMistakes(t *testing.T) {
	dir := t.TempDir()
	wampbox(t, "identity", "-dir", dir, "shop").fine(t)
	own := filepath.Join(dir, "shop.identity")
	key := identityKeys(t, own)[0]
	for name, test := range map[string]struct {
		args   []string
		status int
		says   string
	}{
		"the name of a file":    {[]string{"shop.identity"}, 2, "give the name of a member, without .identity"},
		"two that differ in A":  {[]string{"shop", "Shop"}, 2, "the same but for small and capital letters"},
		"no name":               {[]string{"../shop"}, 1, "a member's name has letters and digits"},
		"a key":                 {[]string{key}, 2, "looks like a key where a NAME is wanted"},
		"a file for two":        {[]string{"-o", "x", "a", "b"}, 2, "-o is for one member"},
		"a file and a folder":   {[]string{"-o", "x", "-dir", "y", "a"}, 2, "give -o or -dir"},
		"show and make":         {[]string{"-show", own, "a"}, 2, "give no NAME"},
		"show and -pq":          {[]string{"-show", own, "-pq"}, 2, "leave -o, -dir and -pq out"},
		"readable, and none":    {[]string{"-readable-by-others", "a"}, 2, "are for -show"},
		"show what isn't there": {[]string{"-show", filepath.Join(dir, "none")}, 1, "no such file"},
		"show no identity":      {[]string{"-show", filepath.Join(dir, "shop.enrolment")}, 1, "lets others read"},
		"show a key":            {[]string{"-show", key}, 1, "there is what looks like a key where the name of a file is wanted"},
	} {
		t.Run(name, func(t *testing.T) {
			r := run{dir: t.TempDir()}.start(t, append([]string{"identity"}, test.args...)...)
			r.fails(t, test.status, test.says)
			require.NotContains(t, r.err, key)
		})
	}
	require.NoError(t, os.Chmod(own, 0o644))
	wampbox(t, "identity", "-show", own).fails(t, 1, "chmod 600 "+own)
	wampbox(t, "identity", "-show", own, "-readable-by-others").fine(t)
}
