package keyservice

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/statement"
)

// expectation is all that an answer has to fit. A nil nonce is for the cache: what is in it was
// fresh once, and is the newest that is known.
type expectation struct {
	authorities []cryptobox.VerifyKey
	member      string
	key         cryptobox.VerifyKey
	recipients  []string
	nonce       *[32]byte
	held        *granted                       // nil for nothing
	delegations map[cryptobox.VerifyKey]uint64 // the newest serial of each authority
	now         time.Time                      // the clock, or the newest time that was proved, if that is later
}

// aDay is how far ahead of its time a serial, and ahead of the time now a grant, may be.
const aDay = 24 * time.Hour

// verify checks all of an answer but what is encrypted. The error wraps one of this package's.
func (x *expectation) verify(wire []byte) (*granted, error) {
	answer, err := statement.ParseAnswer(wire)
	if err != nil {
		return nil, fmt.Errorf("answer: %w", known(err))
	}
	g := &granted{answer: answer}
	for _, check := range []func(*granted) error{x.checkDelegation, x.checkFresh, x.checkGrant, x.checkMember, x.checkSerial, x.checkDates, x.checkCiphertext} {
		if err := check(g); err != nil {
			return nil, err
		}
	}
	return g, nil
}

// known gives statement's errors in this package's words.
func known(err error) error {
	switch {
	case errors.Is(err, statement.ErrForged):
		return ErrForged
	case errors.Is(err, statement.ErrMalformed):
		return fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	return err
}

// checkDelegation finds the authority that has delegated, and refuses what is older than what it
// has delegated since, or so far ahead that nothing later could follow.
func (x *expectation) checkDelegation(g *granted) (err error) {
	for _, authority := range x.authorities {
		if g.delegation, err = statement.OpenDelegation(g.answer.Delegation, authority); err == nil {
			g.authority = authority
			break
		}
		if !errors.Is(err, statement.ErrForged) {
			break
		}
	}
	if err != nil {
		return fmt.Errorf("delegation: %w", known(err))
	}
	d := g.delegation
	switch newest := x.delegations[g.authority]; {
	case d.Serial < newest:
		return fmt.Errorf("delegation: %w: serial %d, and %d is known", ErrRollback, d.Serial, newest)
	case d.Serial > uint64(d.NotBefore.Add(2*aDay).UnixMilli()): // it may begin before it was issued
		return fmt.Errorf("delegation: %w: the serial %d is more than two days ahead of its beginning", ErrAhead, d.Serial)
	}
	return nil
}

// checkFresh refuses what the delegated key hasn't said of this grant, within the time that it
// has, and in answer to this question.
func (x *expectation) checkFresh(g *granted) (err error) {
	if g.fresh, err = statement.OpenFresh(g.answer.Fresh, g.delegation.Key); err != nil {
		return fmt.Errorf("fresh: %w", known(err))
	}
	d, now := g.delegation, g.fresh.Time
	if x.nonce != nil {
		now = x.time(g) // what the cache has was proved before
	}
	switch {
	case x.nonce != nil && g.fresh.Nonce != *x.nonce:
		return fmt.Errorf("fresh: %w", ErrNotFresh)
	case g.fresh.Grant != statement.HashOf(g.answer.Grant):
		return fmt.Errorf("fresh: %w: it is of another grant", ErrMixed)
	case g.fresh.Time.Before(d.NotBefore):
		return fmt.Errorf("delegation: %w: it begins %s, and the server's clock says %s", ErrAhead, moment(d.NotBefore), moment(g.fresh.Time))
	case now.After(d.NotAfter):
		return fmt.Errorf("delegation: %w: it ended %s, and the time is %s by the server's clock, and %s here: let the authority issue, or set the clock",
			ErrExpired, moment(d.NotAfter), moment(g.fresh.Time), moment(x.now))
	}
	return nil
}

// time is that by which an answer counts: what it proves itself is a time too.
func (x *expectation) time(g *granted) time.Time { return later(x.now, g.fresh.Time) }

// checkGrant refuses a grant by anybody but the authority that has delegated.
func (x *expectation) checkGrant(g *granted) (err error) {
	if g.grant, err = statement.OpenGrant(g.answer.Grant, g.authority); err == nil {
		return nil
	}
	if errors.Is(err, statement.ErrForged) && slices.ContainsFunc(x.authorities, func(other cryptobox.VerifyKey) bool {
		_, err := statement.OpenGrant(g.answer.Grant, other)
		return err == nil
	}) {
		return fmt.Errorf("grant: %w: another authority has signed it than the delegation", ErrMixed)
	}
	return fmt.Errorf("grant: %w", known(err))
}

// checkMember refuses a grant that is for somebody else, or for keys that the member hasn't.
func (x *expectation) checkMember(g *granted) error {
	at := slices.IndexFunc(x.recipients, func(r string) bool { return statement.HashOf(r) == g.grant.Recipient })
	switch {
	case g.grant.Member != x.member:
		return fmt.Errorf("grant: %w: it is for %.64q", ErrOther, g.grant.Member)
	case g.grant.Key != statement.HashOfKey(x.key):
		return fmt.Errorf("grant: %w: it is for another verify key: let the authority enrol this identity", ErrOther)
	case at < 0:
		return fmt.Errorf("grant: %w: it is for another age recipient: let the authority enrol this identity", ErrOther)
	}
	g.recipient = x.recipients[at]
	return nil
}

// checkSerial refuses a grant that is older than the one that is held, or so far ahead that no
// later one could follow it.
func (x *expectation) checkSerial(g *granted) error {
	switch held := x.held.serial(); {
	case g.grant.Serial < held:
		return fmt.Errorf("grant: %w: serial %d, and %d is held", ErrRollback, g.grant.Serial, held)
	case g.grant.Serial == held && !g.sameGrant(x.held):
		return fmt.Errorf("grant: %w: there are two of the serial %d", ErrMixed, held)
	case g.grant.Serial > uint64(g.grant.Issued.Add(aDay).UnixMilli()):
		return fmt.Errorf("grant: %w: the serial %d is more than a day ahead of the time at which it was issued", ErrAhead, g.grant.Serial)
	}
	return nil
}

// checkDates refuses a grant that comes from the future or the past.
func (x *expectation) checkDates(g *granted) error {
	now := x.time(g)
	switch {
	case !g.grant.Expires.After(g.grant.Issued):
		return fmt.Errorf("grant: %w: it expires before it was issued", ErrMalformed)
	case g.grant.Issued.After(now.Add(aDay)):
		return fmt.Errorf("grant: %w: it was issued %s, and the time here is %s", ErrAhead, moment(g.grant.Issued), moment(now))
	case x.nonce != nil:
		return g.expired(now)
	}
	return nil
}

// expired refuses a grant whose time has passed.
func (g *granted) expired(now time.Time) error {
	if !now.After(g.grant.Expires) {
		return nil
	}
	return fmt.Errorf("grant: %w: it was good until %s, and the time here is %s: let the authority issue, or set the clock",
		ErrExpired, moment(g.grant.Expires), moment(now))
}

// checkCiphertext refuses one that isn't the grant's. None stands for the one that is held.
func (x *expectation) checkCiphertext(g *granted) error {
	if len(g.answer.Ciphertext) == 0 && x.held != nil && x.held.hash() == g.grant.Ciphertext {
		g.answer.Ciphertext = x.held.answer.Ciphertext
		return nil
	}
	if statement.HashOf(g.answer.Ciphertext) != g.grant.Ciphertext {
		return fmt.Errorf("ciphertext: %w: the grant is of another", ErrMixed)
	}
	return nil
}

// moment writes a time for people.
func moment(t time.Time) string { return t.UTC().Format(time.RFC3339) }

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
