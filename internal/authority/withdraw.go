package authority

import (
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// Withdraw takes a pattern away from a member: what it has secrets of is revoked, and has a
// follower that seals at once. Others get that by the next Issue. The member can read all the
// same what was recorded before.
func (a *Authority) Withdraw(name string, p keyring.Pattern) (Ended, error) {
	ended, err := a.withdraw(name, p)
	if err != nil {
		return Ended{}, &Error{Op: "withdraw", Member: name, Pattern: p, Err: err}
	}
	return ended, nil
}

func (a *Authority) withdraw(name string, p keyring.Pattern) (Ended, error) {
	if a.state.member(name) == nil {
		return Ended{}, ErrMember
	}
	h := a.state.holding(p)
	if h == nil {
		return Ended{}, ErrHolding
	}
	as, holds := h.Holders[name]
	if !holds {
		return Ended{}, ErrHolding
	}
	ended := Ended{Pattern: p}
	list, err := a.take(name, []keyring.Pattern{p}, false)
	if len(list) > 0 {
		ended = list[0]
	}
	ended.As = as
	return ended, err
}
