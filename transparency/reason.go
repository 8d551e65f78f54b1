package transparency

import (
	"fmt"
	"slices"
)

// Reason says why a message was refused. It is an error, so that
//
//	errors.Is(err, transparency.WrongURI)
//
// works on every error that a Session returns or reports. A reason leaves its Session
// sealed for the caller whose call was refused, or not at all.
type Reason uint8

// The reasons. The zero Reason is none of them.
const (
	// Plaintext: the payload is plain where it has to be sealed.
	Plaintext Reason = iota + 1
	// NoKey: the keyring has no key that serves. That is one of these:
	//
	//   - The ring says nothing of the URI.
	//   - Sending: no version of its key seals now, or the key has sealed as often as it may.
	//   - Subscribing, registering: no version opens any more.
	//   - Subscribing, registering: nothing on the ring matches the pattern.
	//   - Arrived sealed: the ring has no key for the URI, or declares it plain.
	NoKey
	// WrongRole: the key for the URI can't play the role that is needed, for
	// example publish with a key that only holds a responder's half.
	WrongRole
	// Malformed: parts of an envelope, or an envelope or a record out of shape. Only what
	// arrived is that, never what is to be sent.
	Malformed
	// NotOpened: sealed under another key or algorithm, under a version that is revoked or
	// expired, that isn't the one its exchange began with, or that isn't signed where one is by
	// now ([keyring.ErrUnsigned]); or changed on the way.
	NotOpened
	// WrongURI: sealed for another topic, procedure or error.
	WrongURI
	// WrongKind: sealed as another kind of message, such as a call that comes
	// back as a result.
	WrongKind
	// WrongRealm: sealed in another realm.
	WrongRealm
	// WrongRequest: sealed as part of another call, or by another session than
	// the one that began to answer; or a message that belongs to no call,
	// subscription or registration of this session.
	WrongRequest
	// Gap: a chunk of a progressive call or result is missing or out of order.
	Gap
	// Replayed: seen before, or too far behind its sender's newest message to tell; or an
	// event that this Session published, and didn't ask to get itself.
	Replayed
	// Stale: sent longer ago than [WithMaxAge] allows, or before the
	// subscription, the registration or the [ReplayMemory] began.
	Stale
	// ClockSkew: sent further ahead of our clock than [WithClockSkew] allows.
	ClockSkew
	// StoreDown: the [ReplayMemory] can't be asked.
	StoreDown
	// TooLarge: beyond a limit of package cryptobox, or of the connection.
	TooLarge
	// Unsealable: a value that can't be sealed, or, where it is sent plain, that the
	// serializer doesn't carry.
	Unsealable
	// Misuse: what was asked for can't be done, such as a pattern that matches keyed and
	// plain URIs, the empty URI, or an option that doesn't go there.
	Misuse
	// NotCarried: the router, or the client, doesn't carry the dialect of the key.
	NotCarried
	// Refused: the other end refused a call of ours, or a router said so. The call may have
	// run. [Error.Peer] has the other end's reason, where that can be read.
	Refused
	// ReservedOption: an option, argument or URI that is the library's own was given by
	// the application.
	ReservedOption
	// DeviceDown: the device that holds a private key can't be asked, or gives an impossible
	// answer.
	DeviceDown
	// WrongSender: nobody has signed it whom the ring lists for that: see [keyring.Signed].
	// Whoever reads may have made it. With Op "yield" it is an answer that wasn't sent: its
	// caller isn't listed any more. The other end is never told.
	WrongSender
	// Invalid: the [Validator] refuses the payload. A caller gets wamp.error.invalid_argument.
	Invalid

	reasonCount = int(Invalid) + 1
)

// reasonNames are those of docs/FORMAT.md, in which peers tell one another. The other
// reasons stay local.
var reasonNames = [TooLarge + 1]string{
	Plaintext: "Plaintext", NoKey: "NoKey", WrongRole: "WrongRole", Malformed: "Malformed",
	NotOpened: "NotOpened", WrongURI: "WrongURI", WrongKind: "WrongKind", WrongRealm: "WrongRealm",
	WrongRequest: "WrongRequest", Gap: "Gap", Replayed: "Replayed", Stale: "Stale",
	ClockSkew: "ClockSkew", StoreDown: "StoreDown", TooLarge: "TooLarge",
}

// reasonNamed gives the reason of that name, or 0.
func reasonNamed(name string) Reason {
	return Reason(max(0, slices.Index(reasonNames[:], name)))
}

var reasonTexts = [reasonCount]string{
	Plaintext:      "payload is not sealed",
	NoKey:          "no key for this URI",
	WrongRole:      "key can't play this role",
	Malformed:      "malformed",
	NotOpened:      "can't be opened",
	WrongURI:       "sealed for another URI",
	WrongKind:      "sealed as another kind of message",
	WrongRealm:     "sealed in another realm",
	WrongRequest:   "sealed for another request",
	Gap:            "chunk missing or out of order",
	Replayed:       "replayed",
	Stale:          "too old",
	ClockSkew:      "sent in the future",
	StoreDown:      "replay memory can't be reached",
	TooLarge:       "too large",
	Unsealable:     "can't be sealed or sent",
	Misuse:         "misused",
	NotCarried:     "not carried here",
	Refused:        "refused by the other end, outcome unknown",
	ReservedOption: "reserved",
	DeviceDown:     "the device that holds the private key failed",
	WrongSender:    "not signed by a listed sender",
	Invalid:        "invalid",
}

// Error returns the reason in words.
func (r Reason) Error() string {
	if int(r) >= reasonCount || reasonTexts[r] == "" {
		return fmt.Sprintf("reason %d", uint8(r))
	}
	return reasonTexts[r]
}

// MarshalText returns the reason in words, so that [Stats] reads well as JSON.
func (r Reason) MarshalText() ([]byte, error) { return []byte(r.Error()), nil }
