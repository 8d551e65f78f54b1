package authority_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/authority"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyservice"
)

// TestEnrolTwice: name, key and recipient are a member's own, for ever but for the name.
func TestEnrolTwice(t *testing.T) {
	a, _ := begun(t, authority.Options{})
	shop := enrolled(t, a, "shop", false)
	refused := func(change func(*person)) {
		t.Helper()
		p := newPerson(t, "other", false)
		change(&p)
		require.ErrorIs(t, a.Enrol(p.enrolment(t).Enrolment), authority.ErrEnrolled)
	}
	tries := []func(*person){
		func(p *person) { p.sign = shop.sign },
		func(p *person) { p.age = shop.age },
	}
	name := func(p *person) { p.name = "SHOP" }
	for _, try := range append(tries, name) {
		refused(try)
	}
	require.ErrorIs(t, a.Enrol(shop.Enrolment), authority.ErrEnrolled)
	_, err := a.Revoke("shop")
	require.NoError(t, err)
	for _, try := range tries {
		refused(try)
	}
	enrolled(t, a, "shop", false)
	refused(name)
}

// TestForgedEnrolment: one that its member hasn't signed is refused.
func TestForgedEnrolment(t *testing.T) {
	a, _ := begun(t, authority.Options{})
	e := newPerson(t, "shop", false).Enrolment
	e.Key = cryptobox.GenerateSigningKey().Public()
	require.ErrorIs(t, a.Enrol(e), keyservice.ErrEnrolment)
	e = newPerson(t, "shop", false).Enrolment
	e.Recipient = newPerson(t, "shop", false).Recipient
	require.ErrorIs(t, a.Enrol(e), keyservice.ErrEnrolment)
	require.ErrorIs(t, a.Enrol(keyservice.Enrolment{}), keyservice.ErrEnrolment)
}

// TestGrantRefusals: what can't be is refused, all that was given with it too.
func TestGrantRefusals(t *testing.T) {
	a, _ := begun(t, authority.Options{})
	enrolled(t, a, "shop", false)
	enrolled(t, a, "desk", false)
	give := func(o authority.GrantOptions, as authority.As, name string, p keyring.Pattern) error {
		return a.Grant(o, authority.Granting{Member: name, Pattern: p, As: as})
	}
	none, signed := authority.GrantOptions{}, authority.GrantOptions{Suite: cryptobox.SuiteSigned}
	require.ErrorIs(t, give(none, authority.Both, "none", app), authority.ErrMember)
	require.ErrorIs(t, give(none, authority.Both, "shop", keyring.Exact("com.#")), keyring.ErrPattern)
	require.ErrorIs(t, give(none, 0, "shop", app), authority.ErrAs)
	require.ErrorIs(t, give(none, 9, "shop", app), authority.ErrAs)
	require.ErrorIs(t, give(authority.GrantOptions{Suite: cryptobox.SuiteXBox, Dialect: cryptobox.Autobahn}, authority.Both, "shop", app), authority.ErrOption)
	require.ErrorIs(t, give(authority.GrantOptions{ID: "id"}, authority.Both, "shop", app), authority.ErrOption)
	require.ErrorIs(t, give(authority.GrantOptions{AnyAnswerer: true}, authority.Both, "shop", app), authority.ErrOption)

	require.NoError(t, give(none, authority.Originator, "shop", app))
	require.ErrorIs(t, give(signed, authority.Originator, "desk", app), authority.ErrSuite)
	require.ErrorIs(t, give(authority.GrantOptions{Dialect: cryptobox.Autobahn}, authority.Both, "desk", app), authority.ErrSuite)
	require.ErrorIs(t, give(authority.GrantOptions{SignedOnce: true}, authority.Both, "desk", app), authority.ErrSuite)
	require.ErrorIs(t, give(none, authority.Responder, "shop", app), authority.ErrAs, "it would know both")
	require.NoError(t, give(none, authority.Both, "shop", app))
	require.ErrorIs(t, give(none, authority.Originator, "shop", app), authority.ErrAs)

	require.NoError(t, give(signed, authority.Sender, "shop", orders))
	require.NoError(t, give(none, authority.Reader, "shop", orders))
	require.NoError(t, give(none, authority.Responder, "shop", orders), "it learns nothing")
	require.ErrorIs(t, give(none, authority.Sender, "shop", orders), authority.ErrAs)

	tie := keyring.Wildcard("com..x")
	require.NoError(t, give(none, authority.Both, "shop", tie))
	require.ErrorIs(t, a.Grant(none,
		authority.Granting{Member: "desk", Pattern: app, As: authority.Both},
		authority.Granting{Member: "desk", Pattern: keyring.Exact("com.new"), As: authority.Both},
		authority.Granting{Member: "none", Pattern: app, As: authority.Both}), authority.ErrMember)
	shown, err := a.Show()
	require.NoError(t, err)
	require.Empty(t, shown.Members[1].Holdings)
	require.Len(t, shown.Patterns, 3)
}

// TestWithdraw: what a member had secrets of is replaced, and of a signed key that it only sent
// with nothing but the lists changes.
func TestWithdraw(t *testing.T) {
	a, f := begun(t, authority.Options{})
	shop, desk := enrolled(t, a, "shop", false), enrolled(t, a, "desk", false)
	signed := authority.GrantOptions{Suite: cryptobox.SuiteSigned}
	holds(t, a, authority.GrantOptions{}, authority.Both, "shop", app)
	holds(t, a, authority.GrantOptions{}, authority.Both, "desk", app)
	holds(t, a, signed, authority.Both, "shop", orders)
	holds(t, a, signed, authority.Originator, "desk", orders)
	issued(t, a, f)
	before := shop.receive(t, f, a.Key()).ring
	box, reading := before.Versions(app)[0].ID, before.Versions(orders)[0].ID
	require.Equal(t, []string{"desk", "shop"}, namesOf(before.Versions(orders)[0].Signed.Senders))

	require.ErrorIs(t, withdraw(a, "none", app), authority.ErrMember)
	require.ErrorIs(t, withdraw(a, "desk", keyring.Exact("com.none")), authority.ErrHolding)
	require.NoError(t, withdraw(a, "desk", app))
	require.NoError(t, withdraw(a, "desk", orders))
	require.ErrorIs(t, withdraw(a, "desk", orders), authority.ErrHolding)
	issued(t, a, f)
	require.Empty(t, desk.receive(t, f, a.Key()).file.Entries)
	after := shop.receive(t, f, a.Key()).ring
	requireReplaced(t, after, box)
	require.Len(t, after.Versions(orders), 1)
	require.Equal(t, reading, after.Versions(orders)[0].ID)
	require.Equal(t, []string{"shop"}, namesOf(after.Versions(orders)[0].Signed.Senders))
}

func withdraw(a *authority.Authority, name string, p keyring.Pattern) error {
	_, err := a.Withdraw(name, p)
	return err
}
