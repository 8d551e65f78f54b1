package transparency

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/clock"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/replay"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/shield"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// ReplayMemory remembers which events and calls were accepted, so that a router
// can't deliver one again. [NewReplayMemory] makes the one that a Session has by
// default; package redismemory has one that processes share. Implementations must be
// safe for use by several goroutines.
type ReplayMemory interface {
	// Accept notes a message that passed every other check. It returns nil if the message is
	// new. The error wraps [Replayed] if the message isn't new, or that can't be told. It
	// wraps [Stale] if the message was sent longer than m.Skew before the memory began, or
	// not after what the memory has forgotten of the same signer. Any other error means that the memory can't be
	// asked: the message is refused with [StoreDown].
	Accept(ctx context.Context, m *ReplayMessage) error

	// Shared reports whether Sessions of other processes use the memory too. It is then asked
	// for calls only, which a router can hand to each callee of a registration. The Session
	// remembers the rest by itself.
	Shared() bool
}

// ReplayMessage is what a [ReplayMemory] is told of a message.
type ReplayMessage struct {
	// Scope names what the message has to be new in: calls, or the events of one
	// subscription. Messages of two scopes are never compared.
	Scope string
	// Secret is a hash of the secret that opened the message: the same whatever the
	// key's id is.
	Secret string
	// Signer names who signed the message, once that is verified. It is empty where nothing
	// is signed. What is known of one signer says nothing of another: no signer must be able
	// to have another's messages refused, whatever Sender and Counter its own ones say.
	Signer string
	// Bound is true for a message of our dialect, which is known by Sender and Counter.
	// Messages of other dialects are known by Token.
	Bound   bool
	Sender  cryptobox.SenderID
	Counter uint64
	Token   cryptobox.Token
	// Sent is when the message was sent, by the sender's clock. From Expires on it is refused
	// as too old, and need not be remembered.
	Sent, Expires time.Time
	// Skew is by how much clocks may differ.
	Skew time.Duration
}

// NewReplayMemory returns a memory inside the process. Given by [WithReplayMemory] to one
// Session after the other, it outlives a reconnect: the next Session refuses what the one
// before accepted, and nothing else. Sessions that run at the same time need one each,
// because each of them gets the same events.
//
// It knows the last 8,192 counters of each of at most 100,000 senders, in at most 20 MB; a
// sender counts once for each subscription that its events reach. If there are more, those
// silent longest are forgotten, and what was not sent after their newest message is refused
// from then on. Messages in the foreign dialects name neither sender nor counter. The memory
// knows the last 32,768 of them, of all scopes together, and forgets older ones.
//
// What signers send is remembered for each of them, so that none can have a message of another
// be refused. A signer has room for 256 senders in each subscription, and for as many that
// call. If it has more, those silent longest are forgotten, of its own alone. Beside the above
// there is room for 100,000 senders of all signers together, in at most 64 MB. If that is used
// up, the signer that takes most of it gives way.
//
// Retained events are remembered apart: each subscription knows 32,768 that it had, and
// refuses them. Once it forgot some, it also refuses retained events not sent after those. It
// knows as many of each signer, and 131,072 of all signers together, in at most 50 MB. If there
// are more, the signer that has most gives way, and what is refused from then on is of that
// one alone.
func NewReplayMemory() ReplayMemory { return newInProcess(time.Now) }

// inProcess is the ReplayMemory that is not shared.
type inProcess struct {
	memory *replay.Memory
	clock  func() time.Time
	born   time.Time // it can't know what was before
}

var _ ReplayMemory = (*inProcess)(nil)

func newInProcess(now func() time.Time) *inProcess {
	return &inProcess{memory: replay.NewMemory(), clock: now, born: now()}
}

// Accept implements [ReplayMemory].
func (p *inProcess) Accept(_ context.Context, m *ReplayMessage) error { return p.accept(m, p.clock()) }

// accept is Accept at the time now.
func (p *inProcess) accept(m *ReplayMessage, now time.Time) error {
	if !m.Bound {
		return verdictError(p.memory.AddToken(m.Scope, m.Token))
	}
	if born := clock.WallTime(p.born, now); m.Sent.Add(m.Skew).Before(born) {
		return fmt.Errorf("%w: sent %s before the memory of this session began, beyond the skew of %s"+orTheClocks,
			Stale, clock.Text(born.Sub(m.Sent)), clock.Text(m.Skew))
	}
	known := m.known()
	verdict := p.memory.Add(&known, now.UnixMilli())
	if verdict == replay.Stale {
		return fmt.Errorf("%w: %s", Stale, behindFloor(known.Sent, known.Floor))
	}
	return verdictError(verdict)
}

// known is what packages below are told of m.
func (m *ReplayMessage) known() replay.Message {
	return replay.Message{
		Scope:   m.Scope,
		Key:     m.Secret,
		Signer:  m.Signer,
		From:    m.Sender,
		N:       m.Counter,
		Sent:    m.Sent.UnixMilli(),
		Token:   m.Token,
		Expires: m.Expires.UnixMilli(),
	}
}

// behindFloor says that a message is no newer than one that was forgotten, by how much, and
// why that may be.
func behindFloor(sent, floor int64) string {
	return fmt.Sprintf("sent %s before the newest of what was forgotten, for want of room or because a clock was ahead, or the sender's clock is behind",
		clock.Text(time.UnixMilli(floor).Sub(time.UnixMilli(sent))))
}

// Shared implements [ReplayMemory].
func (*inProcess) Shared() bool { return false }

// verdictError is for verdicts that have nothing to do with times.
func verdictError(v replay.Verdict) error {
	if v == replay.New {
		return nil
	}
	return Replayed
}

// Scopes, beside those of events.
const (
	callScope   = "call"   // of all procedures: a sender's counter counts for all too
	answerScope = "answer" // in the foreign dialects: ours are tied to their call, and new by that
)

// eventScope names that of a subscription: brokers deliver an event once for each
// that it matches.
func eventScope(p keyring.Pattern) string { return "event " + p.Match.String() + " " + p.URI }

// storeTime bounds how long a memory is waited for.
const storeTime = 5 * time.Second

// remember notes what was opened, and refuses what was seen before. It comes after
// every other check: what is refused for another reason uses up no counter.
func (s *Session) remember(ctx context.Context, want *expectation, in *opened) error {
	m := ReplayMessage{Scope: want.scope, Secret: in.version.Secret(), Signer: in.signer(), Token: in.token, Skew: want.clockSkew}
	head := in.head()
	if head == nil {
		return want.accept(ctx, &m)
	}
	if !want.re.IsZero() {
		// What answers or continues a call is tied to that, and new if the call is.
		return nil
	}
	m.Bound, m.Sender, m.Counter = true, head.From, head.N
	m.Sent = time.UnixMilli(head.TS)
	m.Expires = m.Sent.Add(want.maxAge).Add(want.clockSkew)
	if want.late(head) {
		return want.rememberLate(ctx, &m)
	}
	err := want.accept(ctx, &m)
	if err == nil && head.Keep && want.retained != nil {
		known := m.known()
		err = memoryRefusal(verdictError(want.retained.AddLive(&known)))
	}
	return err
}

// rememberLate notes a retained event. What the window knows doesn't count, because
// an earlier subscription may have had the event; but it must not come live as well.
func (want *expectation) rememberLate(ctx context.Context, m *ReplayMessage) error {
	switch known := m.known(); want.retained.AddRetained(&known) {
	case replay.Stale:
		return because(Stale, "%s", behindFloor(known.Sent, known.Floor))
	case replay.Seen:
		return Replayed
	}
	if m.Expires.After(want.now) {
		_ = want.accept(ctx, m)
	}
	return nil
}

func (want *expectation) accept(ctx context.Context, m *ReplayMessage) error {
	if p, ok := want.memory.(*inProcess); ok {
		return memoryRefusal(p.accept(m, want.now)) // takes no time
	}
	ctx, cancel := context.WithTimeout(ctx, storeTime)
	defer cancel()
	asked := *m
	var err error
	if panicked := shield.Run("ReplayMemory", func() { err = want.memory.Accept(ctx, &asked) }); panicked != nil {
		err = panicked
	}
	return memoryRefusal(err)
}

// memoryRefusal is what the verdict of a memory means.
func memoryRefusal(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, Replayed):
		return Replayed
	case errors.Is(err, Stale):
		return &Error{Reason: Stale, Err: err}
	}
	return &Error{Reason: StoreDown, Err: err}
}
