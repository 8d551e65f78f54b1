package wire

import (
	"fmt"
	"maps"

	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

// Between a Session and the peer below nexus's client, a message says by what is
// in its Arguments, and nothing else in there or in ArgumentsKw, what it holds:
//
//	*cryptobox.Envelope   a sealed payload
//	*Refusal              a payload that can't be taken
//
// Neither can come from a wire. On a message that is sent, a Receipt may follow
// as the last argument.

// Refusal stands for the payload of a message that was received with one that
// can't be taken. It holds nothing of that payload.
type Refusal struct{ Err error }

// Error says what is wrong, so that printed arguments read well.
func (r *Refusal) Error() string { return r.Err.Error() }

// Unwrap gives Err.
func (r *Refusal) Unwrap() error { return r.Err }

// Receipt is told what became of a message: nil once it is handed to the system, else
// why it isn't sent. It is called at most once, and must not block.
type Receipt func(error)

// WithReceipt returns args with receipt behind, in a list of its own.
func WithReceipt(args wamp.List, receipt Receipt) wamp.List {
	return append(append(make(wamp.List, 0, len(args)+1), args...), receipt)
}

// CutReceipt returns args without the Receipt behind, which is nil where there
// is none.
func CutReceipt(args wamp.List) (wamp.List, Receipt) {
	if len(args) == 0 {
		return args, nil
	}
	last := len(args) - 1
	receipt, ok := args[last].(Receipt)
	if !ok {
		return args, nil
	}
	if last == 0 {
		return nil, receipt
	}
	return args[:last:last], receipt
}

// ReceiptOption is the option of SUBSCRIBE and REGISTER, which have no arguments, that
// holds the Receipt.
const ReceiptOption = "x_cryptobox_receipt"

// CutReceiptOption returns options without the Receipt, which is nil where there is
// none.
func CutReceiptOption(options wamp.Dict) (wamp.Dict, Receipt) {
	receipt, ok := options[ReceiptOption].(Receipt)
	if !ok {
		return options, nil
	}
	options = maps.Clone(options)
	delete(options, ReceiptOption)
	return options, receipt
}

// Carry replaces the payload of part with env as it is.
func Carry(part *Part, env *cryptobox.Envelope) {
	part.Args, part.Kwargs, part.Raw = wamp.List{env}, nil, nil
}

// Refuse replaces the payload of part with the refusal.
func Refuse(part *Part, err error) {
	part.Args, part.Kwargs, part.Raw = wamp.List{&Refusal{err}}, nil, nil
}

// Carried returns what [Carry] or [Refuse] have left in part: an envelope, an
// error, or neither where the payload is plain.
func Carried(part *Part) (*cryptobox.Envelope, error) {
	if env, ok := only[*cryptobox.Envelope](part.Args); ok {
		return env, nil
	}
	if refusal, ok := only[*Refusal](part.Args); ok {
		return nil, refusal.Err
	}
	return nil, nil
}

// Foreign reports whether args, as an application or a local link hands them
// over, hold what only this package puts there.
func Foreign(args wamp.List) error {
	for _, arg := range args {
		switch arg.(type) {
		case *cryptobox.Envelope, *Refusal, Receipt, Raw:
			return fmt.Errorf("%w: an argument of type %T", ErrParts, arg)
		}
	}
	return nil
}
