package transparency

import (
	"crypto/rand"
	"errors"
	"time"

	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/client"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/wire"
)

// Error URIs of our own dialect. A router sees no others of it.
const (
	// URIError stands in place of an error URI that is sealed. Every refusal of a sealed call
	// has it too.
	URIError = wamp.URI("wampbox.error")
	// URISealedOnly answers a plain call where only sealed ones are taken.
	URISealedOnly = wamp.URI("wampbox.error.sealed_only")
)

// refusalSize is the size in bytes of what refuses a sealed call: a record of kind refusal,
// or random bytes. A router can't tell which.
const refusalSize = 256

// No more than so many refusals a second are records: the rest is random.
const (
	refusalsPerSecond = 16
	refusalBurst      = 16
)

// seen is what a message shows before it is opened.
type seen struct {
	form    form
	ours    bool // it has what is our dialect's alone
	dialect cryptobox.Dialect
	suite   cryptobox.Suite // in our dialect
	id      cryptobox.KeyID
	ref     cryptobox.Ref
	given   string // the key id in the others
	size    int
}

func lookAt(r *client.Received) seen {
	l := seen{form: formOf(r), dialect: r.Envelope.Dialect, given: r.Envelope.KeyID, size: len(r.Envelope.Payload)}
	switch l.form {
	case formSealed:
		if l.ours = !l.dialect.Foreign(); l.ours {
			l.suite, l.id, _ = cryptobox.SuiteAndID(r.Envelope.Payload)
			l.ref = cryptobox.RefOf(r.Envelope.Payload)
		}
	case formParts:
		l.ours = errors.Is(r.Err, wire.ErrEnc)
	}
	return l
}

// keyID is the one that the message names, for people.
func (l *seen) keyID() string {
	if l.suite != 0 {
		return l.id.String()
	}
	return l.given
}

// refusal is what refuses a sealed call of our dialect: a record under the version that
// opened it, if one did, which tells an honest peer why. Who was taken off the list since it
// called is told nothing.
func (s *Session) refusal(in *invocation, reason Reason) *wire.Envelope {
	named := int(reason) < len(reasonNames)
	listed := in.received == 0 || in.admitted() == nil // the first was opened as from who is
	if named && listed && in.version != nil && !in.version.Revoked() && s.refusals.Allow() {
		if enc, err := s.refusalRecord(in, reason); err == nil {
			return &wire.Envelope{Payload: enc}
		}
	}
	return randomRefusal(in.shown.suite, in.shown.id)
}

// randomRefusal says nothing. Suite and id are those of the call, or zero.
func randomRefusal(suite cryptobox.Suite, id cryptobox.KeyID) *wire.Envelope {
	enc := make([]byte, refusalSize)
	_, _ = rand.Read(enc) // doesn't fail
	if enc[0] = byte(suite); suite == 0 {
		enc[0] = byte(cryptobox.SuiteBox)
	} else {
		copy(enc[1:], id[:])
	}
	return &wire.Envelope{Payload: enc}
}

func (s *Session) refusalRecord(in *invocation, reason Reason) ([]byte, error) {
	now, key := s.cfg.clock().UnixMilli(), in.version.Key()
	head := cryptobox.Head{Kind: cryptobox.KindRefusal, From: s.from, N: s.sent.Add(1), TS: now, Re: in.first}
	record := cryptobox.NewRecord(head, "", "", wamp.List{reasonNames[reason], now}, nil)
	record.Exchange = in.exchange
	record.Pad = func(int) int { return refusalSize - key.Overhead(cryptobox.KindRefusal) }
	enc, _, err := key.Seal(make([]byte, 0, refusalSize), &record)
	return enc, err
}

// errRefused is what is known where a refusal says nothing.
var errRefused = errors.New("it doesn't say why, or a router made it up: see its log, by ref")

// readRefusal is the error that a refusal of a call is.
func (c *call) readRefusal(in *opened) error {
	defer in.record.Release()
	args, kwargs, err := in.record.Values()
	if err != nil || len(args) != 2 || kwargs != nil {
		return errNoRefusal
	}
	name, named := args[0].(string)
	theirs, timed := args[1].(int64)
	switch {
	case !named || !timed || theirs < 0:
		return errNoRefusal
	case in.record.Re != c.first:
		return WrongRequest
	}
	return &Error{Reason: Refused, Peer: &Peer{Reason: reasonNamed(name), Skew: c.ahead(time.UnixMilli(theirs), c.session.cfg.clock())}}
}

var errNoRefusal = because(Malformed, "a refusal is a reason and a time")
