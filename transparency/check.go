package transparency

import (
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/replay"
)

// expectation is what a record has to say of itself, to be what the router
// presents it as.
type expectation struct {
	uri   string
	realm string
	kind  cryptobox.Kind

	// re is the token of the first sealed payload of the exchange; zero where
	// there is none before this one.
	re cryptobox.Token
	// seq is the number of chunks before this one, in this direction.
	seq uint64
	// from is the only session that may go on, or zero before the first.
	from cryptobox.SenderID
	// notFrom is our own id where an own message may only come back if it was
	// sealed to; zero elsewhere.
	notFrom cryptobox.SenderID
	// unbound allows a record without a binding.
	unbound bool
	// memory remembers the message, in that scope.
	memory ReplayMemory
	scope  string
	// retained is what knows the retained events of a subscription that asked for
	// them, else nil; isRetained is what the router says of this one.
	retained   *replay.Retained
	isRetained bool
	// now is our clock; what was sent before since is too old, unless that is
	// zero.
	now, since        time.Time
	maxAge, clockSkew time.Duration
	// uriOptional allows a record without a binding to name no URI either.
	uriOptional bool
}

// check compares a record with what is expected. It returns nil where all holds.
func (want *expectation) check(record *cryptobox.Record) error {
	bind := record.Bind()
	anonymous := record.URI() == "" && bind == nil && want.unbound && want.uriOptional
	if record.URI() != want.uri && !anonymous {
		return WrongURI
	}
	if bind == nil {
		if want.unbound {
			return nil
		}
		return Unbound
	}
	none := cryptobox.SenderID{}
	switch {
	case bind.Realm != want.realm:
		return WrongRealm
	case bind.Kind != want.kind:
		return because(WrongKind, "sealed as %s, expected %s", bind.Kind, want.kind)
	case bind.Re != want.re:
		return WrongRequest
	case want.from != none && bind.From != want.from:
		return because(WrongRequest, "another session than the one that began")
	case want.kind != cryptobox.KindPublish && bind.Seq != want.seq:
		return because(Gap, "chunk %d, expected %d", bind.Seq, want.seq)
	case want.notFrom != none && bind.From == want.notFrom && !bind.Self:
		return because(Replayed, "own event, not asked for")
	}
	return want.checkTime(bind)
}

// checkTime compares the sender's clock with ours. Only what the sender meant to be
// kept, and the router says it has kept, may be old.
func (want *expectation) checkTime(bind *cryptobox.Bind) error {
	sent := time.UnixMilli(bind.TS)
	switch {
	case sent.After(want.now.Add(want.clockSkew)):
		return because(ClockSkew, "sent more than %v ahead of this clock: set the clocks, or allow a larger skew", want.clockSkew)
	case want.late(bind):
		return nil
	case sent.Before(want.now.Add(-want.maxAge)):
		return because(Stale, "sent more than %v ago, which is as old as messages may be here", want.maxAge)
	case sent.Add(want.clockSkew).Before(want.since.Truncate(time.Millisecond)):
		return because(Stale, "sent before this session asked for it")
	}
	return nil
}

// late reports whether a record is a retained event that was asked for.
func (want *expectation) late(bind *cryptobox.Bind) bool {
	return bind.Keep && want.isRetained && want.retained != nil
}
