package statement_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/statement"
)

var now = time.UnixMilli(1_790_000_000_123).UTC()

// TestRoundTrip: each statement opens as it was signed, and by its signer's key alone.
func TestRoundTrip(t *testing.T) {
	key, other := cryptobox.GenerateSigningKey(), cryptobox.GenerateSigningKey()
	g := statement.Grant{
		Authority: statement.HashOfKey(key.Public()), Serial: 7, Member: "shop", Key: statement.HashOf("k"), Recipient: statement.HashOf("r"),
		Issued: now, Expires: now.Add(time.Hour), Ciphertext: statement.HashOf("c"),
	}
	grant, err := g.Sign(key)
	require.NoError(t, err)
	got, err := statement.OpenGrant(grant, key.Public())
	require.NoError(t, err)
	require.Equal(t, g, got)
	_, err = statement.OpenGrant(grant, other.Public())
	require.ErrorIs(t, err, statement.ErrForged)

	d := statement.Delegation{Serial: 3, Key: other.Public(), NotBefore: now, NotAfter: now.Add(time.Hour)}
	delegation, err := d.Sign(key)
	require.NoError(t, err)
	gotD, err := statement.OpenDelegation(delegation, key.Public())
	require.NoError(t, err)
	require.Equal(t, d, gotD)
	_, err = statement.OpenGrant(delegation, key.Public())
	require.Error(t, err)

	for _, next := range []string{"", "age1next"} {
		q := statement.Get{Authority: g.Authority, Member: "shop", Nonce: [32]byte{1}, Serial: 7, Ciphertext: g.Ciphertext, NextRecipient: next}
		get, err := q.Sign(key)
		require.NoError(t, err)
		name, err := statement.MemberOf(get)
		require.NoError(t, err)
		require.Equal(t, "shop", name)
		gotQ, err := statement.OpenGet(get, key.Public())
		require.NoError(t, err)
		require.Equal(t, q, gotQ)
	}

	f := statement.Fresh{Nonce: [32]byte{2}, Grant: statement.HashOf(grant), Time: now}
	fresh, err := f.Sign(other)
	require.NoError(t, err)
	gotF, err := statement.OpenFresh(fresh, d.Key)
	require.NoError(t, err)
	require.Equal(t, f, gotF)

	a := statement.Answer{Grant: grant, Ciphertext: []byte("c"), Delegation: delegation, Fresh: fresh}
	wire, err := a.Marshal()
	require.NoError(t, err)
	gotA, err := statement.ParseAnswer(wire)
	require.NoError(t, err)
	require.Equal(t, a, gotA)

	i := statement.Identity{Name: "shop", Key: key.Public(), Recipient: "age1"}
	signature, err := i.Sign(key)
	require.NoError(t, err)
	require.NoError(t, i.Verify(signature))
	i.Name = "desk"
	require.ErrorIs(t, i.Verify(signature), statement.ErrForged)
}
