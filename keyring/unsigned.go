package keyring

import (
	"fmt"
	"time"
)

// AllowUnsigned lets versions that aren't signed, of all dialects, open until a date, beside a
// signed one. Once a pattern has a signed version, whatever its dates and though it is revoked,
// they open no more without that ([ErrUnsigned]): whoever held a key of theirs could still speak
// in anybody's name. They seal by their dates all the same. So to change a key to a signed
// one, at each process:
//
//  1. AllowUnsigned, until all have gone over, and what was sent before has arrived.
//  2. [Ring.Add] the signed version, with an ActiveFrom to come.
//
// The zero date ends it at once. The error is an [*Error] that wraps [ErrPattern], [ErrSource],
// or [ErrNoVersion] for a pattern that has no key.
func (r *Ring) AllowUnsigned(p Pattern, until time.Time) error {
	until = until.Round(0).UTC()
	return r.alter("allow unsigned", p, func(e *Entry) { e.unsigned = until })
}

// AllowsUnsigned gives until when versions that aren't signed open beside a signed one, and
// whether that lasts.
func (e *Entry) AllowsUnsigned() (until time.Time, lasts bool) {
	return e.unsigned, !e.unsigned.IsZero() && !time.Now().After(e.unsigned)
}

// signedOnly tells whether what isn't signed opens no more.
func (e *Entry) signedOnly() bool {
	_, allowed := e.AllowsUnsigned()
	return e.signed && !allowed
}

// unsignedRefused says why an unsigned version doesn't open.
func (e *Entry) unsignedRefused() error {
	if e.unsigned.IsZero() {
		return ErrUnsigned
	}
	return fmt.Errorf("%w: they were allowed until %s, %s ago by this clock", ErrUnsigned, moment(e.unsigned), distance(e.unsigned, time.Now()))
}
