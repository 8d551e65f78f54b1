//go:build unix

package keyfile_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

func TestPermissions(t *testing.T) {
	secret := one(asOriginator)
	public := one(`"originator": {"private": "file:key"}, "responder": {"public": "$r"}`)
	scrambled := sampleKeys.Replace(`{"version": 2, "scramble": [{"prefix": "com.", "secrets": [` + "\n" + `{"secret": "%s"}]}], "patterns": [{"exact": "org.a", "plain": true}]}`)
	scramble, scrambleFile := strings.ReplaceAll(scrambled, "%s", sampleKeys.Replace("$C")), strings.ReplaceAll(scrambled, "%s", "file:scramble")
	cases := []struct {
		name      string
		text      string
		mode, key fs.FileMode
		allow     bool
		want      string // "" loads; %f is the file's path, %p the key's
	}{
		{"a secret for the owner", secret, 0o600, 0o600, false, ""},
		{"a secret for the owner to read", secret, 0o400, 0o600, false, ""},
		{"a secret for the group", secret, 0o640, 0o600, false, ": the file's permissions are too wide: 0640 lets others read a secret key: chmod 600 %f"},
		{"a secret for all", secret, 0o604, 0o600, false, ": the file's permissions are too wide: 0604 lets others read a secret key: chmod 600 %f"},
		{"a secret as Kubernetes mounts it", secret, 0o644, 0o600, false, ": the file's permissions are too wide: 0644 lets others read a secret key: chmod 600 %f"},
		{"a secret for all, allowed", secret, 0o444, 0o600, true, ""},
		{"a secret for all to write", secret, 0o622, 0o600, true, ": the file's permissions are too wide: 0622 lets others write to it: chmod go-w %f"},
		{"no secret, for all", public, 0o644, 0o600, false, ""},
		{"no secret, for all to write", public, 0o666, 0o600, false, ": the file's permissions are too wide: 0666 lets others write to it: chmod go-w %f"},
		{"a key's file for the group", public, 0o600, 0o640, false, " line 2: patterns[0] exact \"com.a\" versions[0]: originator.private: %p: the file's permissions are too wide: 0640 lets others read a secret key: chmod 600 %p"},
		{"a key's file for the group, allowed", public, 0o600, 0o640, true, ""},
		{"a key's file to write", public, 0o600, 0o602, true, " line 2: patterns[0] exact \"com.a\" versions[0]: originator.private: %p: the file's permissions are too wide: 0602 lets others write to it: chmod go-w %p"},
		{"a scramble secret for the owner", scramble, 0o600, 0o600, false, ""},
		{"a scramble secret for all", scramble, 0o644, 0o600, false, ": the file's permissions are too wide: 0644 lets others read a secret key: chmod 600 %f"},
		{"no scramble secret, for all", scrambleFile, 0o644, 0o600, false, ""},
		{"a scramble secret's file for the group", scrambleFile, 0o600, 0o640, false, " line 2: scramble[0] prefix \"com.\" secrets[0]: secret: %s: the file's permissions are too wide: 0640 lets others read a secret key: chmod 600 %s"},
		{"a scramble secret's file for the group, allowed", scrambleFile, 0o600, 0o640, true, ""},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			path := written(t, tc.text)
			require.NoError(t, os.Chmod(path, tc.mode))
			key := beside(t, path, "key", sampleOriginator, tc.key)
			secret := beside(t, path, "scramble", sampleKeys.Replace("$C"), tc.key)
			var opts []keyfile.Option
			if tc.allow {
				opts = append(opts, keyfile.AllowReadableByOthers())
			}
			_, err := keyfile.Load(path, opts...)
			if tc.want == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorIs(t, err, keyfile.ErrPermissions)
			require.EqualError(t, err, "keyring file "+path+strings.NewReplacer("%p", key, "%s", secret, "%f", path).Replace(tc.want))
		})
	}
}

// A secret key in the text counts wherever it stands; public keys and references don't.
func TestSecretsOfAFile(t *testing.T) {
	t.Setenv("WAMPBOX_TEST_KEY", sampleOriginator)
	for fields, secret := range map[string]bool{
		asOriginator: true, asResponder: true, sharedKey: true,
		`"shared": "env:WAMPBOX_TEST_KEY"`:                                                     false,
		`"originator": {"private": "env:WAMPBOX_TEST_KEY"}, "responder": {"public": "$r"}`:     false,
		`"originator": {"private": "file:key", "public": "$o"}, "responder": {"public": "$r"}`: false,
	} {
		path := written(t, one(fields))
		beside(t, path, "key", sampleOriginator, 0o600)
		require.NoError(t, os.Chmod(path, 0o644))
		_, err := keyfile.Load(path)
		require.Equal(t, secret, errors.Is(err, keyfile.ErrPermissions), "%s: %v", fields, err)
		require.Equal(t, !secret, err == nil, "%s: %v", fields, err)
	}
}

// The permissions of what a link leads to count.
func TestPermissionsBehindALink(t *testing.T) {
	path := written(t, one(asOriginator))
	link := filepath.Join(t.TempDir(), "link")
	require.NoError(t, os.Symlink(path, link))
	_, err := keyfile.Load(link)
	require.NoError(t, err)
	require.NoError(t, os.Chmod(path, 0o644))
	_, err = keyfile.Load(link)
	require.ErrorIs(t, err, keyfile.ErrPermissions)
}

// A public key's file may be read by all, but not written.
func TestPermissionsOfPublicKeys(t *testing.T) {
	path := written(t, one(`"originator": {"private": "$O"}, "responder": {"public": "file:public"}`))
	key := beside(t, path, "public", publicText(sampleResponder), 0o644)
	_, err := keyfile.Load(path)
	require.NoError(t, err)
	require.NoError(t, os.Chmod(key, 0o666))
	_, err = keyfile.Load(path)
	require.ErrorIs(t, err, keyfile.ErrPermissions)
}
