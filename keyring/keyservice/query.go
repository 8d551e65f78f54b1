package keyservice

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/transport/serialize"
	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/passby"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/statement"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/wire"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// patience is how long an answer may take.
const patience = 30 * time.Second

// query is one question, to each authority by turns until one is known to the server. It changes
// nothing of the member's, so that it can be asked in a goroutine of its own.
type query struct {
	Config
	session     transparency.Client
	serial      uint64
	ciphertext  statement.Hash
	next        string
	authorities []cryptobox.VerifyKey
}

// reply is what came of it: bytes that nothing is proved of.
type reply struct {
	wire  []byte
	nonce [32]byte
	err   error
}

func (q *query) ask(ctx context.Context) (r reply) {
	ctx, cancel := context.WithTimeoutCause(ctx, patience, fmt.Errorf("no answer within %v", patience))
	defer cancel()
	for _, authority := range q.authorities {
		if r = q.askFor(ctx, authority); !isUnknown(r.err) {
			break
		}
	}
	return r
}

func (q *query) askFor(ctx context.Context, authority cryptobox.VerifyKey) (r reply) {
	_, _ = rand.Read(r.nonce[:]) // which doesn't fail
	get, err := statement.Get{
		Authority: statement.HashOfKey(authority), Member: q.Identity.Name(), Nonce: r.nonce,
		Serial: q.serial, Ciphertext: q.ciphertext, NextRecipient: q.next,
	}.Sign(q.Identity.SigningKey())
	if err != nil {
		r.err = err
		return r
	}
	result, err := q.session.Call(ctx, q.procedure(), passby.Options(q.session, q.Prefix), wamp.List{serialize.BinaryData(get)}, nil, nil)
	if err != nil {
		r.err = q.failed(ctx, err)
		return r
	}
	if len(result.Arguments) != 1 || len(result.ArgumentsKw) != 0 {
		r.err = fmt.Errorf("answer: %w: %d arguments and %d by name in place of one", ErrMalformed, len(result.Arguments), len(result.ArgumentsKw))
		return r
	}
	var ok bool
	if r.wire, ok = wire.Bytes(result.Arguments[0]); !ok {
		r.err = fmt.Errorf("answer: %w: no bytes", ErrMalformed)
	}
	return r
}

// failed says why a call has no result.
func (q *query) failed(ctx context.Context, err error) error {
	if refused, ok := errors.AsType[client.RPCError](err); ok && refused.Err != nil {
		return q.refused(refused.Err)
	}
	if rejected, ok := errors.AsType[*transparency.Error](err); ok && rejected.Reason == transparency.Malformed {
		return fmt.Errorf("answer: %w: %w", ErrMalformed, err)
	}
	if ended := context.Cause(ctx); ended != nil {
		err = ended
	}
	return fmt.Errorf("%w: %w", ErrUnreachable, err)
}

// noServer is the router's word for a procedure that nobody has registered.
const noServer = wamp.ErrNoSuchProcedure

// refused quotes an error, and cuts it: a router can write anything.
func (q *query) refused(e *wamp.Error) error {
	if e.Error == noServer {
		return fmt.Errorf("%w: no server has registered %.64q: see that wampbox serve runs on this realm, with this prefix", ErrUnreachable, q.procedure())
	}
	why := &refusal{uri: string(e.Error), unknown: string(e.Error) == q.Prefix+errorURI+string(refusedNotAuthorized)}
	if len(e.Arguments) > 0 {
		why.text, _ = wamp.AsString(e.Arguments[0])
	}
	return why
}

// refusal is a server's word, or a router's.
type refusal struct {
	uri, text string
	unknown   bool // the member, its key or the authority
}

func (r *refusal) Error() string {
	text := fmt.Sprintf("%v: the server, or a router in its name, says %.128q", ErrRefused, r.uri)
	if r.text != "" {
		text += fmt.Sprintf(": %.128q", r.text)
	}
	if r.unknown {
		text += ": see that the authority has enrolled this identity and issued, and that its key is the one which is pinned here"
	}
	return text
}

func (r *refusal) Unwrap() error { return ErrRefused }

func isUnknown(err error) bool {
	refused, ok := errors.AsType[*refusal](err)
	return ok && refused.unknown
}
