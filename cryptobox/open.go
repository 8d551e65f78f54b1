package cryptobox

import (
	"slices"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/codec"
)

// Opened is a message that opened: it is authentic, and its whole record was scanned and is
// sound. Its values aren't built yet, so that a message refused for its Head costs little.
// [SuiteKey.Open] fills it. It may not be copied, and is used by one goroutine; it holds room
// that others can use once it is released.
//
// It prints as its type's name with every verb, and refuses to be marshalled.
type Opened struct {
	redacted[Opened]
	_ noCopy
	Head
	Token Token // stands for this message
	// Signer has signed the message. It is zero in suites 1 to 3, and for an answer that is
	// taken whoever signed it.
	Signer VerifyKey

	held     func() *sealspace // nil is empty
	exchange Exchange
}

// Open opens what [SuiteKey.Seal] made in that direction, here or at the other end. It
// neither changes nor keeps enc. What into held before is released. The caller has to release
// what it holds after.
//
// Errors: those of [SuiteAndID]; [ErrOpen] whenever it does not authenticate, and for another
// suite or key; [ErrKey] for the zero SuiteKey, an unknown direction, or a signed key that
// doesn't read; those of a device (see [NewDeviceBox], [NewReadingDevice]); [ErrSigner] for
// what no listed key has signed. After authentication, so of a sender who holds the key:
// [ErrMalformed] and [ErrTooLarge], which leave the Token, the Signer and the Exchange alone;
// and a [*WrongKindError] for a record that is sound, but sealed for the other direction, which
// leaves everything there. After other errors Opened is empty.
func (k *SuiteKey) Open(enc []byte, direction Direction, into *Opened) error {
	return k.OpenIn(Exchange{}, enc, direction, into)
}

// OpenIn is Open for a later chunk of a call, or an answer to it, in the [Exchange] of the
// call's first message. Of a key of suite 4 or 5 it takes who may sign, so k may be a newer
// one than that with which the exchange began. Their answers open in no other way.
func (k *SuiteKey) OpenIn(x Exchange, enc []byte, direction Direction, into *Opened) error {
	into.Release()
	suite, id, err := SuiteAndID(enc)
	switch {
	case err != nil:
		return err
	case !direction.known():
		return errDirection
	case k.isZero():
		return errZeroKey
	case suite != k.suite || id != k.ID():
		return ErrOpen // the secret isn't asked for
	}
	ws := newSealspace()
	if k.signed != nil {
		err = k.signed().open(ws, x.get(), enc, direction, into)
	} else {
		err = k.open(ws, enc, direction, into)
	}
	if err == nil || !into.Token.IsZero() {
		into.exchange = ws.exchange()
	}
	if err != nil {
		ws.release()
		into.Head = Head{}
		return err
	}
	into.held = ws.held
	if into.Kind.Direction() != direction {
		return &WrongKindError{Kind: into.Kind, Direction: direction}
	}
	return nil
}

// open is OpenIn in suites 1 to 3.
func (k *SuiteKey) open(ws *sealspace, enc []byte, direction Direction, into *Opened) error {
	c, err := k.ciphers(direction)
	if err != nil {
		return err
	}
	if err := ws.unseal(c, enc, sealedAt, 0); err != nil {
		return err
	}
	into.Token = newToken(enc[nonceAt:sealedAt])
	return ws.read(&into.Head)
}

// unseal opens what is sealed in enc from at on: a record, and at most so many bytes before.
func (ws *sealspace) unseal(c suiteCipher, enc []byte, at, front int) error {
	size := len(enc) - at - tagSize
	if size < 0 {
		return ErrOpen
	}
	if size > codec.MaxBytes+front {
		return errRecordSize
	}
	sealed, ok := c.open(slices.Grow(ws.sealed, size), enc, at)
	if !ok {
		return ErrOpen
	}
	ws.sealed = sealed
	return nil
}

// Exchange is that which the message begins or goes on with.
func (o *Opened) Exchange() Exchange { return o.exchange }

// Realm is the record's realm; "" for a refusal, and if o is empty.
func (o *Opened) Realm() string {
	if o.held == nil {
		return ""
	}
	return string(o.held().realm)
}

// HasRealm is Realm() == realm, and allocates nothing.
func (o *Opened) HasRealm(realm string) bool {
	if o.held == nil {
		return realm == ""
	}
	return string(o.held().realm) == realm
}

// URI is the topic, procedure or error URI; "" for a refusal, and if o is empty.
func (o *Opened) URI() string {
	if o.held == nil {
		return ""
	}
	return string(o.held().uri)
}

// HasURI is URI() == uri, and allocates nothing.
func (o *Opened) HasURI(uri string) bool {
	if o.held == nil {
		return uri == ""
	}
	return string(o.held().uri) == uri
}

// Values builds args and kwargs, nil if they are null. Both belong to the caller, and stay
// valid after Release.
//
// The error is [ErrReleased] if o is empty.
func (o *Opened) Values() (args []any, kwargs map[string]any, err error) {
	if o.held == nil {
		return nil, nil, ErrReleased
	}
	ws := o.held()
	return ws.reader.List(ws.args), ws.reader.Map(ws.kwargs), nil
}

// Memory is how many bytes of memory the values take once they are built; 0 if o is empty.
func (o *Opened) Memory() int {
	if o.held == nil {
		return 0
	}
	return o.held().reader.Memory()
}

// Release empties o, and wipes what it held, except for memory that built values refer to.
func (o *Opened) Release() {
	if o.held != nil {
		o.held().release()
	}
	o.Head, o.Token, o.Signer, o.held, o.exchange = Head{}, Token{}, VerifyKey{}, nil, Exchange{}
}
