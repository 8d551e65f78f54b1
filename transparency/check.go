package transparency

import (
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/clock"
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
	// from is the only one that may go on, or zero before the first.
	from speaker
	// notFrom is our own id, where a message that we sent may come back only if it was sealed
	// so; zero elsewhere.
	notFrom cryptobox.SenderID
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
	// called is when the call that this answers was sealed; zero for what answers none.
	called time.Time
}

// check compares a record with what is expected. It returns nil where all holds.
func (want *expectation) check(record *cryptobox.Opened, signer cryptobox.VerifyKey) error {
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
	case want.from != (speaker{}) && want.from != (speaker{signer, head.From}):
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
	if !want.called.IsZero() {
		return want.checkAnswerTime(head)
	}
	sent, since := time.UnixMilli(head.TS), clock.WallTime(want.since, want.now)
	switch {
	case sent.After(want.now.Add(want.clockSkew)):
		return because(ClockSkew, "sent %s ahead of this clock, beyond the skew of %s: set this one or the sender's, or allow a larger skew",
			clock.Text(sent.Sub(want.now)), clock.Text(want.clockSkew))
	case want.late(head):
		return nil
	case sent.Before(want.now.Add(-want.maxAge)):
		return because(Stale, "sent %s ago, beyond the max age of %s"+orTheClocks, clock.Text(want.now.Sub(sent)), clock.Text(want.maxAge))
	case sent.Add(want.clockSkew).Before(since):
		return because(Stale, "sent %s before this session asked for it, beyond the skew of %s"+orTheClocks,
			clock.Text(since.Sub(sent)), clock.Text(want.clockSkew))
	}
	return nil
}

// orTheClocks is what else may be wrong with what seems to be old.
const orTheClocks = ", or the sender's clock is behind, or this one ahead"

// checkAnswerTime bounds for how long an answer may be held back. It was sealed after its
// call, to which it is tied, so it is no older than that, whatever clocks say. Only later
// does its own time count. The clock that it is compared with can't be set: the one that
// told when the call was sealed, and what has elapsed since.
func (want *expectation) checkAnswerTime(head *cryptobox.Head) error {
	elapsed := want.now.Sub(want.called)
	age := want.called.Add(elapsed).Sub(time.UnixMilli(head.TS))
	if elapsed <= want.maxAge || age <= want.maxAge {
		return nil
	}
	return because(Stale, "sealed %s ago, beyond the max age of %s, or the other end's clock is behind, or was set back",
		clock.Text(age), clock.Text(want.maxAge))
}

// late reports whether a record is a retained event that was asked for.
func (want *expectation) late(head *cryptobox.Head) bool {
	return head.Keep && want.isRetained && want.retained != nil
}
