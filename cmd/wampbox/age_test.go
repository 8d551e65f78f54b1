package main_test

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"filippo.io/age"
	"filippo.io/age/armor"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/agefile"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

// encrypted is a keyring file that was encrypted with age, and how to read it.
type encrypted struct {
	path  string
	flags []string // that open it
	load  keyfile.Option
	id    string
}

// passphrase is that of the tests' files.
const passphrase = "correct horse battery staple"

// encryptedTo replaces a fresh originator's file with an encrypted one.
func encryptedTo(t testing.TB, armored bool, recipients ...age.Recipient) encrypted {
	t.Helper()
	dir, id := begun(t)
	path := filepath.Join(dir, originatorFile)
	plain := must(os.ReadFile(path))
	var sealed bytes.Buffer
	var to io.WriteCloser = nopCloser{&sealed}
	if armored {
		to = armor.NewWriter(&sealed)
	}
	w, err := age.Encrypt(to, recipients...)
	require.NoError(t, err)
	_, err = w.Write(plain)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	require.NoError(t, to.Close())
	require.NoError(t, os.WriteFile(path, sealed.Bytes(), 0o600))
	return encrypted{path: path, id: id}
}

type nopCloser struct{ io.Writer }

// Close does nothing.
func (nopCloser) Close() error { return nil }

// withPassphrase is a file that a passphrase opens, which is cheap to check.
func withPassphrase(t testing.TB, armored bool) encrypted {
	t.Helper()
	recipient, err := age.NewScryptRecipient(passphrase)
	require.NoError(t, err)
	recipient.SetWorkFactor(10)
	e := encryptedTo(t, armored, recipient)
	e.flags = []string{"-passphrase-file", write(t, "passphrase", []byte(passphrase+"\r\nand a line that isn't read\n"))}
	e.load = agefile.Passphrase(passphrase)
	return e
}

// identity gives an age identity, and a file with it.
func identity(t testing.TB) (*age.X25519Identity, string) {
	t.Helper()
	id, err := age.GenerateX25519Identity()
	require.NoError(t, err)
	return id, write(t, "identity.txt", []byte("# created by a test\n"+id.String()+"\n"))
}

// TestEncrypted: such files are opened with, linted, and written back encrypted
// in the same way.
func TestEncrypted(t *testing.T) {
	for name, armored := range map[string]bool{"binary": false, "armored": true} {
		id, file := identity(t)
		byIdentity := encryptedTo(t, armored, id.Recipient())
		byIdentity.flags = []string{"-identity", file}
		byIdentity.load = agefile.Identities(id)
		hybrid, err := age.GenerateHybridIdentity()
		require.NoError(t, err)
		byHybrid := encryptedTo(t, armored, hybrid.Recipient())
		byHybrid.flags = []string{"-identity", file, "-identity", write(t, "pq.txt", []byte(hybrid.String()+"\n"))}
		byHybrid.load = agefile.Identities(hybrid)
		t.Run(name+" identity", func(t *testing.T) { byIdentity.test(t, armored) })
		t.Run(name+" hybrid", func(t *testing.T) { byHybrid.test(t, armored) })
	}
	// What is written costs a second to open.
	t.Run("passphrase", func(t *testing.T) { withPassphrase(t, true).test(t, true) })
}

func (e encrypted) test(t *testing.T, armored bool) {
	with := func(command string, args ...string) result {
		return run{stdin: []byte("{}")}.start(t, append(append([]string{command}, e.flags...), args...)...)
	}
	sealed := with("seal", "-keyring", e.path, "-uri", "com.x.y", "-realm", "realm1").fine(t)
	responder := filepath.Join(filepath.Dir(e.path), responderFile)
	run{stdin: []byte(sealed)}.start(t, "open", "-keyring", responder, "-uri", "com.x.y").fine(t)
	require.Empty(t, with("lint", e.path).fine(t))

	next := strings.TrimSpace(with("rotate", "com.x.", e.path).fine(t))
	require.Equal(t, map[string]string{e.id: "active", next: "pending"}, states(t, e.path, e.load))
	text := must(os.ReadFile(e.path))
	require.True(t, agefile.Encrypted(text), "written back encrypted")
	require.Equal(t, armored, bytes.HasPrefix(text, []byte(armor.Header)), "in the same form")
	require.NotContains(t, string(text), "private")
	require.Equal(t, os.FileMode(0o600), mode(t, e.path))
}

// TestEncryptedRefusals: a file that doesn't open, or couldn't be written back
// for all who read it, stays as it is.
func TestEncryptedRefusals(t *testing.T) {
	id, file := identity(t)
	other, otherFile := identity(t)
	e := encryptedTo(t, false, id.Recipient())
	shared := encryptedTo(t, true, id.Recipient(), other.Recipient())
	pass := withPassphrase(t, false)
	wrong := write(t, "wrong", []byte("wrong"))
	for name, test := range map[string]struct {
		path  string
		flags []string
		env   string
		says  string
	}{
		"no identity":            {e.path, nil, "", "is encrypted to a recipient: give the -identity that opens it"},
		"a passphrase for none":  {e.path, pass.flags, "", "give the -identity that opens it"},
		"another identity":       {e.path, []string{"-identity", otherFile}, "", "the file doesn't decrypt"},
		"two recipients":         {shared.path, []string{"-identity", file}, "", "is encrypted to 2 recipients"},
		"no passphrase":          {pass.path, nil, "", "is encrypted with a passphrase: there is no terminal to ask for it: use -passphrase-file or -passphrase-env"},
		"a wrong passphrase":     {pass.path, []string{"-passphrase-file", wrong}, "", "the file doesn't decrypt"},
		"an empty passphrase":    {pass.path, []string{"-passphrase-env", "WAMPBOX_TEST_PASSPHRASE"}, "WAMPBOX_TEST_PASSPHRASE=", "passphrase"},
		"no such variable":       {pass.path, []string{"-passphrase-env", "WAMPBOX_TEST_NONE"}, "", `no variable of that name`},
		"no such file":           {pass.path, []string{"-passphrase-file", filepath.Join(t.TempDir(), "none")}, "", "no such file"},
		"an identity that isn't": {e.path, []string{"-identity", wrong}, "", "-identity"},
	} {
		t.Run(name, func(t *testing.T) {
			before := must(os.ReadFile(test.path))
			r := run{env: []string{test.env}}.start(t, append([]string{"rotate", "com.x.", test.path}, test.flags...)...)
			r.fails(t, 1, test.says)
			require.NotContains(t, r.err, id.String())
			require.Equal(t, before, must(os.ReadFile(test.path)))
		})
	}
	// Whom it can't be written back for can still read it.
	run{stdin: []byte("{}")}.start(t, "seal", "-keyring", shared.path, "-identity", file, "-uri", "com.x.y", "-realm", "realm1").fine(t)
	wampbox(t, "rotate", "com.x.", pass.path, "-passphrase-file", wrong, "-passphrase-env", "X").fails(t, 2, "not both")
}

// TestPassphraseEnv reads it from the environment.
func TestPassphraseEnv(t *testing.T) {
	e := withPassphrase(t, false)
	r := run{env: []string{"WAMPBOX_TEST_PASSPHRASE=" + passphrase}, stdin: []byte("{}")}.
		start(t, "seal", "-keyring", e.path, "-passphrase-env", "WAMPBOX_TEST_PASSPHRASE", "-uri", "com.x.y", "-realm", "realm1")
	r.fine(t)
	require.NotContains(t, r.err, passphrase)
}

// TestTamperedEncrypted is refused, with nothing of it printed.
func TestTamperedEncrypted(t *testing.T) {
	e := withPassphrase(t, false)
	text := must(os.ReadFile(e.path))
	text[len(text)-1] ^= 1
	require.NoError(t, os.WriteFile(e.path, text, 0o600))
	for _, command := range [][]string{{"lint", e.path}, {"rotate", "com.x.", e.path}, {"seal", "-uri", "com.x.y", "-keyring", e.path}} {
		args := append(command, e.flags...)
		run{stdin: []byte("{}")}.start(t, args...).fails(t, 1, "doesn't decrypt")
	}
}
