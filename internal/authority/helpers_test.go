package authority_test

import (
	"bytes"
	"io"
	"path/filepath"
	"testing"

	"filippo.io/age"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/authority"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/grants"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/statement"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyservice"
)

// person is a member, with the keys that it keeps to itself.
type person struct {
	name string
	sign cryptobox.SigningKey
	age  age.Identity
	keyservice.Enrolment
}

// newPerson makes one that isn't enrolled.
func newPerson(t testing.TB, name string, hybrid bool) person {
	t.Helper()
	p := person{name: name, sign: cryptobox.GenerateSigningKey()}
	var err error
	if p.age, err = age.GenerateX25519Identity(); hybrid {
		p.age, err = age.GenerateHybridIdentity()
	}
	require.NoError(t, err)
	return p.enrolment(t)
}

// enrolment signs the person's enrolment.
func (p person) enrolment(t testing.TB) person {
	t.Helper()
	i, err := keyservice.NewIdentity(p.name, p.sign, p.age)
	require.NoError(t, err)
	p.Enrolment, err = i.Enrolment()
	require.NoError(t, err)
	return p
}

// enrolled makes a member, and enrols it.
func enrolled(t testing.TB, a *authority.Authority, name string, hybrid bool) person {
	t.Helper()
	p := newPerson(t, name, hybrid)
	require.NoError(t, a.Enrol(p.Enrolment))
	return p
}

// begun makes an authority, and a folder for its grants.
func begun(t testing.TB, o authority.Options) (*authority.Authority, *grants.Folder) {
	t.Helper()
	dir := t.TempDir()
	a, err := authority.Init(filepath.Join(dir, "authority"), o)
	require.NoError(t, err)
	t.Cleanup(a.Close)
	f, err := grants.Create(filepath.Join(dir, "grants"))
	require.NoError(t, err)
	return a, f
}

// holds has a member hold patterns.
func holds(t testing.TB, a *authority.Authority, o authority.GrantOptions, as authority.As, name string, patterns ...keyring.Pattern) {
	t.Helper()
	for _, p := range patterns {
		require.NoError(t, a.Grant(o, authority.Granting{Member: name, Pattern: p, As: as}))
	}
}

func issued(t testing.TB, a *authority.Authority, f *grants.Folder) authority.Issued {
	t.Helper()
	made, err := a.Issue(f, authority.IssueOptions{})
	require.NoError(t, err)
	return made
}

// received is a grant as its member reads it.
type received struct {
	statement.Grant
	text string
	file *keyfile.File
	ring *keyring.Ring
}

// receive does with a grant what a member does.
func (p person) receive(t testing.TB, f *grants.Folder, key cryptobox.VerifyKey) received {
	t.Helper()
	m, err := f.Member(p.name)
	require.NoError(t, err)
	require.Equal(t, p.Key, m.Key)
	require.Equal(t, p.Recipient, m.Recipient)
	g, err := statement.OpenGrant(m.Grant, key)
	require.NoError(t, err)
	require.Equal(t, p.name, g.Member)
	require.Equal(t, statement.HashOfKey(p.Key), g.Key)
	require.Equal(t, statement.HashOf(p.Recipient), g.Recipient)
	require.Equal(t, statement.HashOf(m.Ciphertext), g.Ciphertext)
	got := received{Grant: g, text: decrypted(t, m.Ciphertext, p.age)}
	opts := []keyfile.Option{keyfile.SignAs(p.sign), keyfile.WithoutReferences()}
	got.file, err = keyfile.Parse([]byte(got.text), opts...)
	require.NoError(t, err)
	require.Equal(t, key, got.file.Grant.Authority)
	require.Equal(t, g.Serial, got.file.Grant.Serial)
	require.Equal(t, p.name, got.file.Grant.Member)
	require.True(t, g.Expires.Equal(got.file.Grant.Expires))
	got.ring, err = got.file.Ring()
	require.NoError(t, err)
	return got
}

func decrypted(t testing.TB, ciphertext []byte, identity age.Identity) string {
	t.Helper()
	r, err := age.Decrypt(bytes.NewReader(ciphertext), identity)
	require.NoError(t, err)
	text, err := io.ReadAll(r)
	require.NoError(t, err)
	return string(text)
}

// master reads the authority's keyring file.
func master(t testing.TB, dir string) *keyfile.File {
	t.Helper()
	f, err := keyfile.ParseFile(filepath.Join(dir, "keyring.json"))
	require.NoError(t, err)
	return f
}

// dirOf gives the authority's folder of [begun].
func dirOf(f *grants.Folder) string { return filepath.Join(filepath.Dir(f.Path()), "authority") }
