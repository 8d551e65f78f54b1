package keyservice

import (
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/statement"
)

// granted is an answer that was verified.
type granted struct {
	authority  cryptobox.VerifyKey
	recipient  string // of the identity's, that it is encrypted to
	grant      statement.Grant
	delegation statement.Delegation
	fresh      statement.Fresh
	answer     statement.Answer // with the ciphertext in full
}

// sameGrant tells whether two answers have the same grant. Nothing has none.
func (g *granted) sameGrant(other *granted) bool {
	return g != nil && other != nil && string(g.answer.Grant) == string(other.answer.Grant)
}

// serial is 0 of nothing.
func (g *granted) serial() uint64 {
	if g == nil {
		return 0
	}
	return g.grant.Serial
}

// hash is that of the ciphertext, of nothing that of no bytes.
func (g *granted) hash() statement.Hash {
	if g == nil {
		return statement.HashOf("")
	}
	return g.grant.Ciphertext
}

// halfway is when one has to warn.
func (g *granted) halfway() time.Time {
	return g.grant.Issued.Add(g.grant.Expires.Sub(g.grant.Issued) / 2)
}
