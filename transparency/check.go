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
	// memory remembers the message, in that scope.
	memory ReplayMemory
	scope  string
	// retained is what knows the retained events of a subscription that asked for
	// them, else nil; isRetained is what the router says of this one.
	retained   *replay.Retained
	isRetained bool
	// now is our clock; what was sent before since, which tells the monotonic clock too,
	// is too old, unless that is zero.
	now, since        time.Time
	maxAge, clockSkew time.Duration
}

// check compares a record with what is expected. It returns nil where all holds.
func (want *expectation) check(record *cryptobox.Opened) error {
	head, none := &record.Head, cryptobox.SenderID{}
	switch {
	case !record.HasURI(want.uri):
		return WrongURI
	case !record.HasRealm(want.realm):
		return WrongRealm
	case head.Kind != want.kind:
		return because(WrongKind, "sealed as %v, expected %v", head.Kind, want.kind)
	case head.Re != want.re:
		return WrongRequest
	case want.from != none && head.From != want.from:
		return because(WrongRequest, "another session than the one that began")
	case want.kind != cryptobox.KindPublish && head.Seq != want.seq:
		return because(Gap, "chunk %d, expected %d", head.Seq, want.seq)
	case want.notFrom != none && head.From == want.notFrom && !head.Self:
		return because(Replayed, "own event, not asked for")
	}
	return want.checkTime(head)
}

// checkForeign is check in a dialect in which a record says nothing of itself but its URI,
// and in payload passthru mode not always that.
func (want *expectation) checkForeign(d cryptobox.Dialect, record *cryptobox.ForeignRecord) error {
	uri := record.URI()
	if uri == want.uri || uri == "" && d == cryptobox.Passthru {
		return nil
	}
	return WrongURI
}

// checkTime compares the sender's clock with ours. Only what the sender meant to be
// kept, and the router says it has kept, may be old.
func (want *expectation) checkTime(head *cryptobox.Head) error {
	sent := time.UnixMilli(head.TS)
	switch {
	case sent.After(want.now.Add(want.clockSkew)):
		return because(ClockSkew, "sent more than %v ahead of this clock: set the clocks, or allow a larger skew", want.clockSkew)
	case want.late(head):
		return nil
	case sent.Before(want.now.Add(-want.maxAge)):
		return because(Stale, "sent more than %v ago, which is as old as messages may be here", want.maxAge)
	case sent.Add(want.clockSkew).Before(asSetNow(want.since, want.now)):
		return because(Stale, "sent before this session asked for it")
	}
	return nil
}

// asSetNow is when at was by the clock as it is set now, in whole milliseconds. By the wall
// time of then, a clock that was an hour ahead and is set would leave us deaf for an hour,
// and one that was behind would let in what was sent before.
func asSetNow(at, now time.Time) time.Time {
	return now.Add(at.Sub(now)).Truncate(time.Millisecond)
}

// late reports whether a record is a retained event that was asked for.
func (want *expectation) late(head *cryptobox.Head) bool {
	return head.Keep && want.isRetained && want.retained != nil
}
