package authority_test

import (
	"bytes"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"filippo.io/age"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/authority"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/agefile"
)

// TestPermissions: the folder is its owner's alone, and is refused when others can read a file of
// it or put others in their place.
func TestPermissions(t *testing.T) {
	a, f := begun(t, authority.Options{})
	enrolled(t, a, "shop", false)
	holds(t, a, authority.GrantOptions{}, authority.Both, "shop", app)
	a.Close()
	dir := dirOf(f)
	for name, mode := range map[string]fs.FileMode{"": 0o700, "authority.json": 0o600, "keyring.json": 0o600} {
		info, err := os.Stat(filepath.Join(dir, name))
		require.NoError(t, err)
		require.Equal(t, mode, info.Mode().Perm(), name)
	}
	for _, test := range []struct {
		name    string
		mode    fs.FileMode
		refused bool
	}{
		{"", 0o755, false},
		{"", 0o777, true},
		{"authority.json", 0o640, true},
		{"authority.json", 0o604, true},
		{"authority.json", 0o620, true},
		{"keyring.json", 0o640, true},
		{"keyring.json", 0o602, true},
	} {
		path := filepath.Join(dir, test.name)
		info, err := os.Stat(path)
		require.NoError(t, err)
		require.NoError(t, os.Chmod(path, test.mode))
		err = showIn(dir, authority.Options{})
		if test.refused {
			require.ErrorIs(t, err, authority.ErrPermissions, "%s %#o", test.name, test.mode)
		} else {
			require.NoError(t, err)
		}
		require.NoError(t, os.Chmod(path, info.Mode().Perm()))
	}
	require.NoError(t, showIn(dir, authority.Options{}))
}

// showIn opens a folder, and reads both of its files.
func showIn(dir string, o authority.Options) error {
	a, err := authority.Open(dir, o)
	if err != nil {
		return err
	}
	defer a.Close()
	_, err = a.Show()
	return err
}

// sealedBy gives the options of a folder that is encrypted to an identity.
func sealedBy(identity *age.X25519Identity) authority.Options {
	return authority.Options{
		Decrypt: agefile.IdentitiesDecrypter(identity),
		Encrypt: func(w io.Writer) (io.WriteCloser, error) { return age.Encrypt(w, identity.Recipient()) },
	}
}

// TestEncrypted: an encrypted folder stays so, whatever is done, and isn't changed without what it
// needs.
func TestEncrypted(t *testing.T) {
	identity, err := age.GenerateX25519Identity()
	require.NoError(t, err)
	other, err := age.GenerateX25519Identity()
	require.NoError(t, err)
	o := sealedBy(identity)
	a, f := begun(t, o)
	shop := enrolled(t, a, "shop", false)
	enrolled(t, a, "desk", false)
	holds(t, a, authority.GrantOptions{}, authority.Both, "shop", app)
	holds(t, a, authority.GrantOptions{}, authority.Both, "desk", app)
	requireEncrypted(t, dirOf(f))
	_, err = a.Revoke("desk")
	require.NoError(t, err)
	_, _, err = a.Rekey()
	require.NoError(t, err)
	issued(t, a, f)
	shop.receive(t, f, a.Key())
	requireEncrypted(t, dirOf(f))
	key := a.Key()
	a.Close()

	// As its text is no secret, others may read it, but not write it.
	require.NoError(t, os.Chmod(filepath.Join(dirOf(f), "authority.json"), 0o664))
	require.ErrorIs(t, showIn(dirOf(f), o), authority.ErrPermissions)
	require.NoError(t, os.Chmod(filepath.Join(dirOf(f), "authority.json"), 0o644))
	require.NoError(t, showIn(dirOf(f), o))
	_, err = authority.Open(dirOf(f), authority.Options{})
	require.ErrorIs(t, err, authority.ErrEncrypted)
	_, err = authority.Open(dirOf(f), sealedBy(other))
	require.ErrorIs(t, err, agefile.ErrDecrypt)
	b, err := authority.Open(dirOf(f), authority.Options{Decrypt: o.Decrypt})
	require.NoError(t, err)
	require.Equal(t, key, b.Key())
	shown, err := b.Show()
	require.NoError(t, err)
	require.Len(t, shown.Members, 1)
	require.ErrorIs(t, b.Enrol(newPerson(t, "next", false).Enrolment), authority.ErrEncrypted)
	_, err = b.Issue(f, authority.IssueOptions{})
	require.ErrorIs(t, err, authority.ErrEncrypted)
	b.Close()
	requireEncrypted(t, dirOf(f))
}

func requireEncrypted(t *testing.T, dir string) {
	t.Helper()
	for _, name := range []string{"authority.json", "keyring.json"} {
		text, err := os.ReadFile(filepath.Join(dir, name))
		require.NoError(t, err)
		require.True(t, agefile.Encrypted(text), name)
	}
}

// TestNothingSecretIsSaid: no error or listing shows a key.
func TestNothingSecretIsSaid(t *testing.T) {
	a, f := begun(t, authority.Options{})
	enrolled(t, a, "shop", false)
	holds(t, a, authority.GrantOptions{}, authority.Both, "shop", app)
	state, err := os.ReadFile(filepath.Join(dirOf(f), "authority.json"))
	require.NoError(t, err)
	_, rest, found := bytes.Cut(state, []byte(`"key":"ed25519:`))
	require.True(t, found)
	secret := string(rest[:44])
	a.Close()
	for i := 0; i < len(state); i += 7 {
		for _, bad := range [][]byte{append(bytes.Clone(state[:i]), state[min(i+1, len(state)):]...), append(append(bytes.Clone(state[:i]), '"'), state[i:]...)} {
			require.NoError(t, os.WriteFile(filepath.Join(dirOf(f), "authority.json"), bad, 0o600))
			b, err := authority.Open(dirOf(f), authority.Options{})
			if err == nil {
				b.Close()
				continue
			}
			require.NotContains(t, err.Error(), secret)
			require.False(t, strings.Contains(err.Error(), secret[:20]))
		}
	}
}
