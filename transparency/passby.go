package transparency

import (
	"errors"

	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/passby"
)

// marked tells package passby that a client is a Session, or has one embedded.
//
//lint:ignore U1000 it is used by having its method
type marked = passby.Mark

var errPassBy = errors.New("only the key service's own URIs pass the keyring by, each by itself")

// passesBy tells whether a message passes the ring by, and gives the options without what says
// so. Only packages of this module can say it.
func passesBy(op, uri string, options wamp.Dict) (left wamp.Dict, past bool, err error) {
	pass, given := passby.Of(options)
	switch {
	case !given:
		return options, false, nil
	case !pass.Takes(uri):
		return nil, false, &Error{Op: op, URI: uri, Reason: Misuse, Err: errPassBy}
	}
	return passby.Without(options), true, nil
}

// decidePast gives the rules for what passes the ring by: all is plain.
func decidePast(r row, f form) (action, Reason) {
	switch r {
	case rowSend, rowYield, rowHandlerError:
		return passPlain, 0
	case rowReceive, rowContinue, rowError:
		if f == formPlain {
			return passPlain, 0
		}
	}
	return refuse, Malformed
}
