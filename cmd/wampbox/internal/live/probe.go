package live

import (
	"context"
	"errors"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/live/compare"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/words"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// callRule is about a call of the peer.
const callRule compare.Rule = "call"

// What to do about a call.
const (
	fixClocks = "set the clocks of both ends by NTP"
	fixKeys   = "compare the keyring files of both ends with -peer, and look for the call in the peer's log"
	fixURI    = "see what wampbox explain says of the procedure, with the files of both ends"
)

// probe calls a procedure of the peer, and reads its clock from what comes back sealed.
func (e *examination) probe(ctx context.Context, env Env, session *transparency.Session) error {
	result, err := session.Call(ctx, e.procedure, nil, nil, nil, nil)
	var raised client.RPCError
	var refused *transparency.Error
	switch {
	case err == nil:
		e.answered(env, "", result.Details)
	case errors.As(err, &raised) && raised.Err != nil:
		e.raised(env, raised.Err)
	case errors.As(err, &refused):
		e.refused(env, refused)
	case errors.Is(err, context.DeadlineExceeded):
		e.found(compare.Error, callRule, "see that the peer runs, and that the procedure ends in time", "the call of %s has no answer within %v", e.procedure, doctorPatience)
	case ctx.Err() != nil:
		return context.Cause(ctx)
	default:
		e.found(compare.Error, callRule, fixURI, "the call of %s fails: %s", e.procedure, words.Of(err))
	}
	return nil
}

// signedBy says who is proved to have signed, where somebody is.
func signedBy(s transparency.Sender) string {
	if s.Key.IsZero() {
		return ""
	}
	return ", signed by " + s.Name + ", " + s.Key.String()
}

// answered is what the peer's own answer says, and how it did answer.
func (e *examination) answered(env Env, how string, details wamp.Dict) {
	switch info, sealed := transparency.InfoFrom(details); {
	case !sealed:
		env.note("the peer serves %s, in plain%s", e.procedure, how)
	case info.Dialect.Foreign():
		env.note("the peer serves %s, and its answer opens; the dialect %v tells no time%s", e.procedure, info.Dialect, how)
	default:
		env.note("the peer serves %s, and its answer opens, with id %s%s%s", e.procedure, info.KeyID, signedBy(info.Sender), how)
		e.peerClock(env, time.Until(info.Sent))
	}
}

// raised is an error that answers the call, the peer's own or the router's.
func (e *examination) raised(env Env, err *wamp.Error) {
	if _, sealed := transparency.InfoFrom(err.Details); sealed {
		e.answered(env, ": it took the call, and raised an error of its own, as it may where it wants arguments", err.Details)
		return
	}
	switch err.Error {
	case wamp.ErrNoSuchProcedure:
		e.found(compare.Error, callRule, "see that the peer runs, and that both ends write the procedure's name alike and scramble it under one secret, which -peer compares", "nobody serves %s at present", e.procedure)
	case transparency.URISealedOnly:
		e.found(compare.Error, callRule, fixURI, "%s is plain in this file, and the peer takes it sealed alone, or not at all", e.procedure)
	case transparency.URINoPayloadCodec, transparency.URIDecryptError:
		e.found(compare.Error, callRule, fixKeys, "the peer refuses the call of %s, and doesn't say why: "+mostOften, e.procedure)
	default:
		e.found(compare.Warning, callRule, fixURI, "the call of %s is answered with the error %.200q, in plain, which proves nothing", e.procedure, err.Error)
	}
}

// refused is a refusal by the peer, or by this end.
func (e *examination) refused(env Env, err *transparency.Error) {
	switch {
	case err.Peer != nil:
		e.found(compare.Error, callRule, fixOf(err.Peer.Reason), "the peer refuses the call of %s: %v (ref %s)", e.procedure, err.Peer, err.Ref)
		e.peerClock(env, err.Peer.Skew)
	case err.Reason == transparency.Refused:
		e.found(compare.Error, callRule, fixKeys, "the call of %s is refused, by the peer or by a router that makes it up, and it isn't said why: "+mostOften+" (ref %s)", e.procedure, err.Ref)
	default:
		e.found(compare.Error, callRule, fixOf(err.Reason), "the call of %s fails: %s", e.procedure, words.Of(err))
	}
}

func fixOf(reason transparency.Reason) string {
	switch reason {
	case transparency.ClockSkew, transparency.Stale:
		return fixClocks
	case transparency.NotOpened, transparency.WrongKind, transparency.Malformed:
		return fixKeys
	}
	return fixURI
}

// peerClock tells by how much the peer's clock differs from this one. Below a second it
// may as well be the time that the answer took.
func (e *examination) peerClock(env Env, ahead time.Duration) {
	where, by := "ahead of", ahead.Round(time.Second)
	if by < 0 {
		where, by = "behind", -by
	}
	switch {
	case ahead.Abs() > clockSkew:
		e.found(compare.Error, clockRule, fixClocks, "by its sealed answer the peer's clock is %v %s this one: beyond %v, what the clock ahead seals is refused, and what the clock behind seals may be", by, where, clockSkew)
	case by == 0 || ahead.Abs() < time.Second:
		env.note("by its sealed answer the peer's clock goes as this one does")
	default:
		env.note("by its sealed answer the peer's clock is %v %s this one; the time that the answer took is part of it", by, where)
	}
}
