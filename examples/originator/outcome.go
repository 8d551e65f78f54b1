package main

import (
	"errors"
	"fmt"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/examples/internal/party"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// checkWay returns an error unless an answer came as it has to.
func checkWay(details wamp.Dict, encrypted bool) error {
	if party.Encrypted(details) != encrypted {
		return errors.New("the answer came " + party.Way(!encrypted))
	}
	return nil
}

// explain says what failed, and what to do about it where that is known.
func explain(op, uri string, err error) error {
	var raised client.RPCError
	switch {
	case errors.As(err, &raised):
		// Not its text: that repeats the arguments of the error.
		return fmt.Errorf("%s %s: error %.200q%s", op, uri, raised.Err.Error, hint(raised.Err.Error))
	case errors.Is(err, transparency.NotOpened):
		return fmt.Errorf("%s %s: %w: %s", op, uri, err, keysDiffer)
	}
	return fmt.Errorf("%s %s: %w", op, uri, err)
}

const keysDiffer = "each end's -peer-key has to be the public key of the other's private key"

func hint(raised wamp.URI) string {
	switch raised {
	case transparency.URIDecryptError:
		return ": the responder could not open it: " + keysDiffer
	case wamp.ErrNoSuchProcedure:
		return ": start the responder first, in the same realm"
	}
	return ""
}
