package agefile_test

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
	"filippo.io/age/armor"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/agefile"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keywatch"
)

const file = `{"version": 2, "patterns": [{"exact": "com.a", "versions": [{"id": "x", "dialect": "passthru", "shared": "bkQzyAmjd8T49VEnV/Rb5qfZSIZ1iMrvpNiCqQMls6Q="}]}]}`

// sealed encrypts a text to a recipient.
func sealed(t testing.TB, text string, armored bool, to age.Recipient) []byte {
	t.Helper()
	var out bytes.Buffer
	var w io.Writer = &out
	closers := []io.Closer{}
	if armored {
		a := armor.NewWriter(&out)
		w, closers = a, append(closers, a)
	}
	enc, err := age.Encrypt(w, to)
	require.NoError(t, err)
	_, err = io.WriteString(enc, text)
	require.NoError(t, err)
	for _, c := range append([]io.Closer{enc}, closers...) {
		require.NoError(t, c.Close())
	}
	return out.Bytes()
}

// passphrase makes a recipient that costs little work.
func passphrase(t testing.TB, text string, work int) age.Recipient {
	t.Helper()
	r, err := age.NewScryptRecipient(text)
	require.NoError(t, err)
	r.SetWorkFactor(work)
	return r
}

func identity(t testing.TB) *age.X25519Identity {
	t.Helper()
	id, err := age.GenerateX25519Identity()
	require.NoError(t, err)
	return id
}

// write makes a file that everybody may read: it is encrypted.
func write(t testing.TB, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "keyring.json.age")
	require.NoError(t, os.WriteFile(path, data, 0o644))
	return path
}

func TestEncryptedFilesLoad(t *testing.T) {
	own, other := identity(t), identity(t)
	hybrid, err := age.GenerateHybridIdentity()
	require.NoError(t, err)
	for _, armored := range []bool{false, true} {
		for name, tc := range map[string]struct {
			to   age.Recipient
			with keyfile.Option
		}{
			"a passphrase":         {passphrase(t, "secret", 10), agefile.Passphrase("secret")},
			"an identity":          {own.Recipient(), agefile.Identities(own)},
			"one of two":           {own.Recipient(), agefile.Identities(other, own)},
			"a hybrid one":         {hybrid.Recipient(), agefile.Identities(hybrid)},
			"white space in front": {own.Recipient(), agefile.Identities(own)},
		} {
			data := sealed(t, file, armored, tc.to)
			if armored && strings.HasPrefix(name, "white") {
				data = append([]byte("\n \n"), data...)
			}
			ring, err := keyfile.Load(write(t, data), tc.with)
			require.NoError(t, err, name)
			require.Equal(t, "x", ring.Versions(keyring.Exact("com.a"))[0].ID)
			ring, err = keyfile.Read(bytes.NewReader(data), tc.with)
			require.NoError(t, err, name)
			require.Equal(t, 1, ring.Len())
			require.True(t, agefile.Encrypted(data[:64]))
		}
	}
	require.False(t, agefile.Encrypted([]byte(file)))
	require.False(t, agefile.Encrypted(nil))
}

func TestWhatDoesNotDecrypt(t *testing.T) {
	own := identity(t)
	byKey := sealed(t, file, false, own.Recipient())
	byWord := sealed(t, file, false, passphrase(t, "secret", 10))
	altered := bytes.Clone(byKey)
	altered[len(altered)-1] ^= 1
	cases := []struct {
		name string
		data []byte
		with keyfile.Option
		is   error
		want string // "" where age's own words follow
	}{
		{"another passphrase", byWord, agefile.Passphrase("Secret"), agefile.ErrDecrypt, ""},
		{"another identity", byKey, agefile.Identities(identity(t)), agefile.ErrDecrypt, ""},
		{"an identity for a passphrase's", byWord, agefile.Identities(own), agefile.ErrDecrypt, ""},
		{"a passphrase for an identity's", byKey, agefile.Passphrase("secret"), agefile.ErrDecrypt, ""},
		{"altered", altered, agefile.Identities(own), agefile.ErrDecrypt, ""},
		{"cut short", byKey[:len(byKey)-20], agefile.Identities(own), agefile.ErrDecrypt, ""},
		{"a header only", []byte("age-encryption.org/v1\n"), agefile.Identities(own), agefile.ErrDecrypt, ""},
		{"a plain file", []byte(file), agefile.Identities(own), agefile.ErrNotEncrypted,
			"keyring file: the file isn't encrypted with age: encrypt it, or load it without an option of agefile"},
		{"an empty file", nil, agefile.Passphrase("secret"), agefile.ErrNotEncrypted,
			"keyring file: the file isn't encrypted with age: encrypt it, or load it without an option of agefile"},
		{"an empty passphrase", byWord, agefile.Passphrase(""), agefile.ErrPassphrase,
			"keyring file: the passphrase is empty: give the one that the file was encrypted with"},
		{"no identity", byKey, agefile.Identities(), agefile.ErrNoIdentity, "keyring file: no identities: give at least one"},
		{"no keyring in it", sealed(t, "{", false, own.Recipient()), agefile.Identities(own), keyfile.ErrFormat,
			"keyring file line 1: not a keyring file: it isn't JSON: look for a missing comma, quote or bracket here or just before"},
		{"encrypted twice", sealed(t, string(byKey), false, own.Recipient()), agefile.Identities(own), keyfile.ErrFormat, ""},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			ring, err := keyfile.Read(bytes.NewReader(tc.data), tc.with)
			require.Nil(t, ring)
			require.ErrorIs(t, err, tc.is)
			var at *keyfile.Error
			require.ErrorAs(t, err, &at)
			if tc.want != "" {
				require.EqualError(t, err, tc.want)
			}
			require.NotContains(t, err.Error(), "ecret\"")
		})
	}
}

// A file can't ask for more work than what is allowed, which is less than what
// age allows by itself.
func TestWorkIsBounded(t *testing.T) {
	data := sealed(t, file, false, passphrase(t, "secret", 10))
	more := bytes.Replace(data, []byte(" 10\n"), []byte(" 21\n"), 1)
	require.NotEqual(t, data, more)
	began := time.Now()
	_, err := keyfile.Read(bytes.NewReader(more), agefile.Passphrase("secret"))
	require.ErrorIs(t, err, agefile.ErrDecrypt)
	require.ErrorContains(t, err, "work factor")
	require.Less(t, time.Since(began), 2*time.Second)
	require.Equal(t, 20, agefile.MaxWorkFactor)
}

func TestSizeIsBounded(t *testing.T) {
	own := identity(t)
	_, err := keyfile.Read(bytes.NewReader(sealed(t, strings.Repeat(" ", 32<<20-20_000), false, own.Recipient())), agefile.Identities(own))
	require.ErrorIs(t, err, keyfile.ErrFormat)
	_, err = keyfile.Read(bytes.NewReader(sealed(t, strings.Repeat(" ", 32<<20+1), false, own.Recipient())), agefile.Identities(own))
	require.ErrorIs(t, err, keyfile.ErrTooLarge)
}

func TestEncryptedFilesAreWatched(t *testing.T) {
	own := identity(t)
	path := write(t, sealed(t, file, true, own.Recipient()))
	ring := keyring.New()
	w, err := keywatch.Watch(t.Context(), path, ring, keywatch.Settle(10*time.Millisecond), keywatch.LoadWith(agefile.Identities(own)))
	require.NoError(t, err)
	defer w.Close()
	require.NoError(t, os.WriteFile(path, sealed(t, strings.Replace(file, `"x"`, `"y"`, 1), true, own.Recipient()), 0o644))
	require.Eventually(t, func() bool { return ring.Versions(keyring.Exact("com.a"))[0].ID == "y" }, 5*time.Second, 5*time.Millisecond)
}
