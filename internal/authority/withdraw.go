package authority

import (
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// Withdraw takes a pattern away from a member: what it has secrets of is revoked, and has a
// follower that seals at once. Others get that by the next Issue. The member can read all the
// same what was recorded before.
func (a *Authority) Withdraw(name string, p keyring.Pattern) error {
	err := a.withdraw(name, p)
	if err != nil {
		return &Error{Op: "withdraw", Member: name, Pattern: p, Err: err}
	}
	return nil
}

func (a *Authority) withdraw(name string, p keyring.Pattern) error {
	if a.state.member(name) == nil {
		return ErrMember
	}
	h := a.state.holding(p)
	if h == nil {
		return ErrHolding
	}
	if _, holds := h.Holders[name]; !holds {
		return ErrHolding
	}
	_, err := a.take(name, []keyring.Pattern{p}, false)
	return err
}
