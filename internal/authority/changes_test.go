package authority_test

import (
	"encoding/base32"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/authority"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/grants"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/statement"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

// office is an authority with its folder of grants.
type office struct {
	t testing.TB
	*authority.Authority
	dir    string
	grants *grants.Folder
	all    []person
}

func newOffice(t testing.TB, o authority.Options) *office {
	t.Helper()
	a, f := begun(t, o)
	one := &office{t: t, Authority: a, dir: dirOf(f), grants: f}
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

func (o *office) issue() authority.Issued {
	o.t.Helper()
	return issued(o.t, o.Authority, o.grants)
}

// hold has a member hold a pattern.
func (o *office) hold(m *holder, p keyring.Pattern, as authority.As, opts authority.GrantOptions) {
	o.t.Helper()
	holds(o.t, o.Authority, opts, as, m.name, p)
}

// holder is a member that runs: its ring takes its grants over.
type holder struct {
	t testing.TB
	person
	ring   *keyring.Ring
	file   *keyfile.File // of its last grant
	serial uint64
	hash   statement.Hash // of its last ciphertext
}

// enrol makes a member, and enrols it.
func (o *office) enrol(name string, hybrid bool) *holder {
	o.t.Helper()
	p := enrolled(o.t, o.Authority, name, hybrid)
	o.all = append(o.all, p)
	return &holder{t: o.t, person: p, ring: keyring.New(), hash: statement.HashOf("")}
}

// grantOf reads a member's grant, as the member does.
func (o *office) grantOf(name string) received {
	o.t.Helper()
	for _, p := range o.all {
		if p.name == name {
			return p.receive(o.t, o.grants, o.Key())
		}
	}
	o.t.Fatalf("no member %q", name)
	return received{}
}

// fetch takes the member's grant over, as a member does.
func (p *holder) fetch(o *office) keyring.Changes {
	p.t.Helper()
	got := p.receive(p.t, o.grants, o.Key())
	require.Greater(p.t, got.Serial, p.serial)
	changes, err := p.ring.Update("grants", got.ring)
	require.NoError(p.t, err)
	p.file, p.serial, p.hash = got.file, got.Serial, got.Ciphertext
	return changes
}

// get is the member's request, by which it says what it holds.
func (p *holder) get(o *office, next string) []byte {
	p.t.Helper()
	wire, err := statement.Get{
		Authority: statement.HashOfKey(o.Key()), Member: p.name, Serial: p.serial, Ciphertext: p.hash, NextRecipient: next,
	}.Sign(p.sign)
	require.NoError(p.t, err)
	return wire
}

// receipt has the server keep the member's request.
func (o *office) receipt(p *holder, next string) {
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
func (p *holder) seals(uri string) string {
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
func (p *holder) opens(uri, id string) error {
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
func pair(t testing.TB, o authority.GrantOptions) (*office, *holder, *holder, string) {
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

const shared = cryptobox.SuiteShared

// foreign gives options for peers of another make.
func foreign(dialect string, suite cryptobox.Suite) authority.GrantOptions {
	d, err := cryptobox.ParseDialect(dialect)
	if err != nil {
		panic(err)
	}
	return authority.GrantOptions{Dialect: d, Suite: suite}
}
