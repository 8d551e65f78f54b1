package transparency_test

import (
	"testing"

	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// Parties beside those of the harness.
const billing, support, shop = "billing", "support", "shop"

// company are the keys of a signed pattern with further parties. All of them send, and the
// harness's responder is heard.
type company struct{ *harness.Signed }

func newCompany(once bool) *company {
	c := &company{harness.SignedKeys(cryptobox.SuiteSigned, once).Parties()}
	for _, name := range []string{billing, support, shop} {
		c.Sign[name] = cryptobox.GenerateSigningKey()
	}
	return c
}

// parties gives some as others list them.
func (c *company) parties(names ...string) []keyring.Party {
	list := make([]keyring.Party, len(names))
	for i, name := range names {
		list[i] = c.Party(name)
	}
	return list
}

// sending is what one has that publishes and calls.
func (c *company) sending(name string) keyring.Signing { return c.Originator(c.Sign[name]) }

// serving is what the responder has, with senders of these names.
func (c *company) serving(senders ...string) keyring.Signing {
	parts := c.Responder(c.Sign[harness.Responding])
	parts.Senders = c.parties(senders...)
	return parts
}

// holding is a ring with a signed key.
func holding(t testing.TB, parts keyring.Signing) *keyring.Ring {
	t.Helper()
	return harness.RingOf(t, keyring.Signed(parts))
}

// forger seals what a party could.
func (c *company) forger(t testing.TB, name string) *harness.Forger {
	t.Helper()
	return harness.NewForger(t, holding(t, c.sending(name)), keyring.RoleOriginator)
}

// sender is what is proved of one.
func (c *company) sender(name string) transparency.Sender {
	return transparency.Sender{Name: name, Key: c.Party(name).Key}
}

// senderOf is what details prove of who sent.
func senderOf(t testing.TB, details wamp.Dict) transparency.Sender {
	t.Helper()
	info, sealed := transparency.InfoFrom(details)
	require.True(t, sealed, "it came in plain")
	return info.Sender
}

// forEachSigned runs the test in each suite that is signed, and each way to sign.
func forEachSigned(t *testing.T, test func(t *testing.T, k harness.Keys)) {
	t.Helper()
	forEachScheme(t, func(t *testing.T, k harness.Keys) {
		if k.Parties() != nil {
			test(t, k)
		}
	})
}

// requireUnreadable checks that a refusal says nothing to the caller who made the call.
func requireUnreadable(t testing.TB, f *harness.Forger, call cryptobox.Token, enc []byte) {
	t.Helper()
	require.Len(t, enc, 256)
	var opened cryptobox.Opened
	require.ErrorIs(t, f.Version.Key().OpenIn(f.Exchange(call), enc, cryptobox.Answer, &opened), cryptobox.ErrOpen)
}
