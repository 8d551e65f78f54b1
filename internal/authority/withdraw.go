package authority

import (
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// Withdrawn tells what was taken away from a member that stays one.
type Withdrawn struct {
	Ended
	Scrambled []EndedSecrets // the prefixes below which it holds nothing any more
}

// Withdraw takes a pattern away from a member: what it has secrets of is revoked, and has a
// follower that seals at once. So it is with the secrets of a scrambled prefix below which it holds
// nothing else. Others get that by the next Issue. The member can read all the
// same what was recorded before.
func (a *Authority) Withdraw(name string, p keyring.Pattern) (Withdrawn, error) {
	ended, err := a.withdraw(name, p)
	if err != nil {
		return Withdrawn{}, &Error{Op: "withdraw", Member: name, Pattern: p, Err: err}
	}
	return ended, nil
}

func (a *Authority) withdraw(name string, p keyring.Pattern) (w Withdrawn, err error) {
	if a.state.member(name) == nil {
		return w, ErrMember
	}
	h := a.state.holding(p)
	if h == nil {
		return w, ErrHolding
	}
	as, holds := h.Holders[name]
	if !holds {
		return w, ErrHolding
	}
	all, err := a.take(name, []keyring.Pattern{p}, false)
	w.Ended, w.Scrambled = Ended{Pattern: p}, all.scrambled
	if len(all.patterns) > 0 {
		w.Ended = all.patterns[0]
	}
	w.As = as
	return w, err
}
