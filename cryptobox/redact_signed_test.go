package cryptobox_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/leak"
)

// signedValues are those of the types of signed envelopes beside keys. They hide what is
// sealed, the keys of the context, and the private keys.
func signedValues(t *testing.T) map[string][]any {
	t.Helper()
	c := newCast(t, cryptobox.SuiteSigned)
	parts := c.reader()
	alice, bob := signedKey(t, c.sender(c.alice)), signedKey(t, parts)
	call := draft(t, alice, callOf(plainText))
	enc := call.Append(nil)
	opened, err := openIn(t, bob, cryptobox.Exchange{}, enc, cryptobox.Message)
	require.NoError(t, err)
	hidden := [][]byte{c.read.UnsafeBytes(), c.bob.sign.UnsafeBytes(), c.alice.sign.UnsafeBytes(), []byte(plainText), enc[17+32 : 17+32+24]}
	for _, v := range []any{alice, bob, *bob, call, opened, call.Exchange(), opened.Exchange(), parts, &parts} {
		leak.RequireHidden(t, v, hidden...)
	}
	x := opened.Exchange()
	return map[string][]any{"SignedParts": {parts, &parts}, "Exchange": {x, &x}, "Ref": {call.Ref()}}
}
