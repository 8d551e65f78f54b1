package main

import (
	"errors"
	"fmt"
	"math"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// checkWay returns an error unless an answer came as it has to.
func checkWay(details wamp.Dict, encrypted bool) error {
	if _, proved := transparency.InfoFrom(details); proved != encrypted {
		return errors.New("the answer came " + way(proved))
	}
	return nil
}

// way says in a word how a payload travels.
func way(encrypted bool) string {
	if encrypted {
		return "encrypted"
	}
	return "plain"
}

// integer returns a number from a payload. wamp.AsInt64 would also cut off the
// fraction of a float, and wrap an integer beyond int64.
func integer(v any) (int64, bool) {
	switch v := v.(type) {
	case int64:
		return v, true
	case uint64: // from plain payloads; sealed ones give int64 where it fits
		return int64(v), v <= math.MaxInt64
	}
	return 0, false
}

// explain says what failed, and what to do about it where that is known.
func explain(op, uri string, err error) error {
	var raised client.RPCError
	switch {
	case errors.As(err, &raised):
		// Not its text: that repeats the arguments of the error.
		return fmt.Errorf("%s %s: error %.200q%s", op, uri, raised.Err.Error, hint(raised.Err.Error))
	}
	if what := whatToCheck(err); what != "" {
		return fmt.Errorf("%s %s: %w: %s", op, uri, err, what)
	}
	return fmt.Errorf("%s %s: %w", op, uri, err)
}

// whatToCheck says what the user can see to where a payload was refused, by this end or by the
// other one, which says why if it could open the call.
func whatToCheck(err error) string {
	refused, ok := errors.AsType[*transparency.Error](err)
	if !ok {
		return ""
	}
	reason, by := refused.Reason, "this end"
	if refused.Peer != nil {
		reason, by = refused.Peer.Reason, "the other end"
	}
	switch reason {
	case transparency.Stale, transparency.ClockSkew:
		return "set the clocks of both ends right, or see whether the router holds messages back"
	case transparency.NotOpened:
		return keysDiffer
	case transparency.Refused:
		return "the other end couldn't open it, or a router made that up: " + keysDiffer
	case transparency.NoKey:
		return by + " has no key that is in use: wampbox list shows those of its keyring file"
	}
	return ""
}

const keysDiffer = "both ends need keyring files that were made together, and the same version of the key in use, which wampbox list shows"

func hint(raised wamp.URI) string {
	switch raised {
	case transparency.URIDecryptError:
		return ": the responder could not open it: " + keysDiffer
	case transparency.URINoPayloadCodec:
		return ": the responder has no key for it any more"
	case transparency.URISealedOnly:
		return ": the responder doesn't take it plain"
	case wamp.ErrNoSuchProcedure:
		return ": start the responder first, in the same realm"
	}
	return ""
}
