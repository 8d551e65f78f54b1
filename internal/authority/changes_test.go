package authority_test

import (
	"bytes"
	"encoding/base32"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

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

// office is an authority with its folder of grants.
type office struct {
	t testing.TB
	*authority.Authority
	dir    string
	grants *grants.Folder
}

func newOffice(t testing.TB, o authority.Options) *office {
	t.Helper()
	dir := t.TempDir()
	a, err := authority.Init(filepath.Join(dir, "authority"), o)
	require.NoError(t, err)
	f, err := grants.Create(filepath.Join(dir, "grants"))
	require.NoError(t, err)
	one := &office{t, a, filepath.Join(dir, "authority"), f}
	t.Cleanup(func() { one.Close() })
	return one
}

// reopen closes the folder and opens it again, as the next command does.
func (o *office) reopen() {
	o.t.Helper()
	o.Close()
	var err error
	o.Authority, err = authority.Open(o.dir, authority.Options{})
	require.NoError(o.t, err)
}

// issue issues grants.
func (o *office) issue() authority.Issued {
	o.t.Helper()
	made, err := o.Issue(o.grants, authority.IssueOptions{})
	require.NoError(o.t, err)
	return made
}

// hold has a member hold a pattern.
func (o *office) hold(m *person, p keyring.Pattern, as authority.As, opts authority.GrantOptions) {
	o.t.Helper()
	require.NoError(o.t, o.Grant(opts, authority.Granting{Member: m.name, Pattern: p, As: as}))
}

// person is a member, with all that it alone has.
type person struct {
	t       testing.TB
	name    string
	signing cryptobox.SigningKey
	decrypt []age.Identity
	ring    *keyring.Ring
	file    *keyfile.File // of its last grant
	serial  uint64
	hash    statement.Hash // of its last ciphertext
}

// enrol makes a member, and enrols it.
func (o *office) enrol(name string, hybrid bool) *person {
	o.t.Helper()
	p := &person{t: o.t, name: name, signing: cryptobox.GenerateSigningKey(), ring: keyring.New()}
	p.decrypt = []age.Identity{newAge(o.t, hybrid)}
	i, err := keyservice.NewIdentity(name, p.signing, p.decrypt...)
	require.NoError(o.t, err)
	e, err := i.Enrolment()
	require.NoError(o.t, err)
	require.NoError(o.t, o.Enrol(e))
	return p
}

func newAge(t testing.TB, hybrid bool) age.Identity {
	if hybrid {
		made, err := age.GenerateHybridIdentity()
		require.NoError(t, err)
		return made
	}
	made, err := age.GenerateX25519Identity()
	require.NoError(t, err)
	return made
}

func recipientOf(i age.Identity) string {
	if own, is := i.(*age.HybridIdentity); is {
		return own.Recipient().String()
	}
	return i.(*age.X25519Identity).Recipient().String()
}

// fetch takes the member's grant over, as a member does.
func (p *person) fetch(o *office) keyring.Changes {
	p.t.Helper()
	m, err := o.grants.Member(p.name)
	require.NoError(p.t, err)
	g, err := statement.OpenGrant(m.Grant, o.Key())
	require.NoError(p.t, err)
	require.Equal(p.t, p.name, g.Member)
	require.Equal(p.t, statement.HashOfKey(p.signing.Public()), g.Key)
	require.Equal(p.t, statement.HashOf(m.Ciphertext), g.Ciphertext)
	require.Greater(p.t, g.Serial, p.serial)
	plain, err := age.Decrypt(bytes.NewReader(m.Ciphertext), p.decrypt...)
	require.NoError(p.t, err)
	text, err := io.ReadAll(plain)
	require.NoError(p.t, err)
	p.file, err = keyfile.Parse(text, keyfile.SignAs(p.signing), keyfile.WithoutReferences())
	require.NoError(p.t, err)
	ring, err := p.file.Ring()
	require.NoError(p.t, err)
	changes, err := p.ring.Update("grants", ring)
	require.NoError(p.t, err)
	p.serial, p.hash = g.Serial, g.Ciphertext
	return changes
}

// get is the member's request, by which it says what it holds.
func (p *person) get(o *office, next string) []byte {
	p.t.Helper()
	wire, err := statement.Get{
		Authority: statement.HashOfKey(o.Key()), Member: p.name, Serial: p.serial, Ciphertext: p.hash, NextRecipient: next,
	}.Sign(p.signing)
	require.NoError(p.t, err)
	return wire
}

// receipt has the server keep the member's request.
func (o *office) receipt(p *person, next string) {
	o.t.Helper()
	require.NoError(o.t, o.grants.PutReceipt(p.name, p.serial, grants.Receipt{At: time.Now(), Get: p.get(o, next)}))
}

// collect takes the receipts in, which nothing is wrong with.
func (o *office) collect() authority.Collected {
	o.t.Helper()
	c, err := o.Collect(o.grants)
	require.NoError(o.t, err)
	require.Empty(o.t, c.Problems)
	return c
}

// seals gives the id of the version with which a member seals, "" if nothing does.
func (p *person) seals(uri string) string {
	p.t.Helper()
	e, err := p.ring.Lookup(uri)
	require.NoError(p.t, err)
	v, err := e.Sealer(keyring.RoleOriginator)
	if err != nil {
		return ""
	}
	return v.ID()
}

// opens tells how it goes to open what was sealed with a version.
func (p *person) opens(uri, id string) error {
	p.t.Helper()
	e, err := p.ring.Lookup(uri)
	require.NoError(p.t, err)
	kid, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(strings.ToUpper(id))
	require.NoError(p.t, err)
	_, err = e.Opener(keyring.RoleResponder, cryptobox.KeyID(kid))
	return err
}

// ids gives those of the versions that the master has of a pattern: with keys, and revoked ones.
func (o *office) ids(p keyring.Pattern) (live, revoked []string) {
	o.t.Helper()
	shown, err := o.Show()
	require.NoError(o.t, err)
	for _, one := range shown.Patterns {
		for _, v := range one.Versions {
			switch {
			case one.Pattern != p:
			case v.State == keyring.StateRevoked:
				revoked = append(revoked, v.ID)
			default:
				live = append(live, v.ID)
			}
		}
	}
	return live, revoked
}

const topic = "com.myapp.hello"

var area = keyring.Prefix("com.myapp.")

// pair makes an office with two members that hold a pattern both ways, and have its key.
func pair(t testing.TB, o authority.GrantOptions) (*office, *person, *person, string) {
	t.Helper()
	of := newOffice(t, authority.Options{})
	shop, desk := of.enrol("shop", true), of.enrol("desk", true)
	of.hold(shop, area, authority.Both, o)
	of.hold(desk, area, authority.Both, o)
	of.issue()
	shop.fetch(of)
	desk.fetch(of)
	first := shop.seals(topic)
	require.NotEmpty(t, first)
	require.NoError(t, desk.opens(topic, first))
	return of, shop, desk, first
}

// soon lets a serial's millisecond pass.
func soon() { time.Sleep(time.Second) }

var suites = map[string]authority.GrantOptions{
	"box": {}, "xbox": {Suite: cryptobox.SuiteXBox}, "shared": {Suite: cryptobox.SuiteShared},
	"signed": {Suite: cryptobox.SuiteSigned}, "signed-pq": {Suite: cryptobox.SuiteSignedPQ},
}

func lastOf(ids []string) string { return ids[len(ids)-1] }

func without(list []string, one string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(other string) bool { return other == one })
}

const shared = cryptobox.SuiteShared

// foreign gives options for peers of another make.
func foreign(dialect string, suite cryptobox.Suite) authority.GrantOptions {
	d, err := cryptobox.ParseDialect(dialect)
	if err != nil {
		panic(err)
	}
	return authority.GrantOptions{Dialect: d, Suite: suite}
}
