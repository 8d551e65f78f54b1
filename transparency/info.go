package transparency

import (
	"maps"
	"strings"
	"time"

	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// Info is what opening a message proved about it. Everything else in the
// details of a message is merely the router's word.
type Info struct {
	// Pattern is that of the ring by which the message was opened.
	Pattern keyring.Pattern
	// KeyID is the id of the key that opened the message.
	KeyID string
	// Dialect and Suite say how it was sealed; only our dialect has suites.
	Dialect cryptobox.Dialect
	Suite   cryptobox.Suite
	// In the other dialects only the URI is proved, and the fields below are zero.

	// Kind is what the message was sealed as.
	Kind cryptobox.Kind
	// Role is what the sender acted as: an originator publishes and calls, a
	// responder answers. A key that both ends share proves no more than that
	// one of its holders said so.
	Role keyring.Role
	// Sender has signed the message. It is zero where the key isn't signed ([keyring.Signed]),
	// and for an answer where the ring takes any. See [AllowSenders].
	Sender Sender
	// Session identifies the sending Session. It is random and new for each. Under a signed key
	// it means something together with Sender alone: each sender may name any.
	Session cryptobox.SenderID
	// Counter numbers the messages of that Session, from 1, with gaps.
	Counter uint64
	// Sent is the sender's clock when it sealed, to the millisecond.
	Sent time.Time
	// Missed is how many events of this sender on this topic are missing between this one and
	// those before: a router that is overrun drops some. It is 0 for a sender's first event,
	// for events that come late, for events of this Session itself, and for events that were
	// sent to some sessions only.
	Missed uint64
}

// Sender is who is proved to have sent a message: a party that the ring lists.
type Sender struct {
	Name string // that the ring gives the key
	Key  cryptobox.VerifyKey
}

// roleOf returns which role seals messages of a kind.
func roleOf(kind cryptobox.Kind) keyring.Role {
	switch kind {
	case cryptobox.KindPublish, cryptobox.KindCall, cryptobox.KindCallProgress:
		return keyring.RoleOriginator
	}
	return keyring.RoleResponder
}

// infoEntry is where a Session leaves the Info in details. The value is of a
// type that nothing but this package can make, so no router can forge it.
const infoEntry = "x_cryptobox_info"

// algorithmEntry is set as Autobahn sets it, so that handlers ported from
// Python keep working.
const algorithmEntry = "enc_algo"

type proved struct{ info *Info }

// InfoFrom returns what was proved of a message, from the Details of an event,
// invocation, result or progress, or of RPCError.Err. It returns false for a
// message that came in plain.
//
// The Session leaves it there as an entry of its own, beside "enc_algo", which is
// "cryptobox" as Autobahn has it. Don't pass details on as options.
func InfoFrom(details wamp.Dict) (Info, bool) {
	p, ok := details[infoEntry].(proved)
	if !ok {
		return Info{}, false
	}
	return *p.info, true
}

// cleanDetails takes from details what only a Session or a dialect may put there.
func cleanDetails(details wamp.Dict) wamp.Dict {
	maps.DeleteFunc(details, func(name string, _ any) bool {
		return name == infoEntry || strings.HasPrefix(name, "enc_")
	})
	return details
}

// provedDetails is cleanDetails with what was proved.
func provedDetails(details wamp.Dict, info *Info) wamp.Dict {
	clean := cleanDetails(details)
	clean[infoEntry] = proved{info}
	clean[algorithmEntry] = cryptobox.AlgorithmBox
	return clean
}
