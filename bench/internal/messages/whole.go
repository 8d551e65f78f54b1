package messages

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/bench/internal/measure"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

const uri = "com.myapp.encrypted.bench"

// whole is this library: the record that a Session makes of a call, with its binding,
// serialized, sealed and put into an envelope under its key's id; and back.
type whole struct {
	serializer   cryptobox.Serializer
	seals, opens *keyring.Version
	from         cryptobox.SenderID
	n            uint64

	envelope *cryptobox.Envelope // what was sealed last
	record   *cryptobox.Record   // what was opened last
}

func newWhole(serializer cryptobox.Serializer) (*whole, error) {
	originator, responder := cryptobox.GenerateKey(), cryptobox.GenerateKey()
	w := &whole{serializer: serializer, from: cryptobox.NewSenderID()}
	ring := keyring.New()
	if err := ring.Set("com.myapp.encrypted.", keyring.Prefix, keyring.Originator(originator, responder.Public())); err != nil {
		return nil, err
	}
	entry, _ := ring.Lookup(uri)
	var err error
	if w.seals, err = entry.Sealer(keyring.RoleOriginator); err != nil {
		return nil, err
	}
	if err := ring.Set("com.myapp.encrypted.", keyring.Prefix, keyring.Responder(responder, originator.Public())); err != nil {
		return nil, err
	}
	entry, _ = ring.Lookup(uri)
	openers, err := entry.Openers(keyring.RoleResponder, w.seals.ID())
	if err != nil {
		return nil, err
	}
	w.opens = openers[0]
	return w, nil
}

func (w *whole) name() string { return wholeName(w.serializer) }

func wholeName(s cryptobox.Serializer) string { return "cryptobox " + string(s) }

func (w *whole) run(_ context.Context, task string, size int, atLeast time.Duration) (measure.Sample, error) {
	sample, err := loop(w, task, size, atLeast)
	if err != nil {
		return sample, err
	}
	return sample, w.check(size)
}

// check opens what was sealed last, and compares what was opened.
func (w *whole) check(size int) error {
	if err := w.open(w.envelope); err != nil {
		return err
	}
	if w.record.URI != uri || !reflect.DeepEqual(w.record.Args, []any{payload(size)}) {
		return errors.New("messages: what was opened is not what was sealed")
	}
	return nil
}

func (w *whole) work(task string, size int) (func() error, error) {
	args := []any{payload(size)}
	seal := func() error { return w.seal(args) }
	switch task {
	case Seal:
		return seal, nil
	case Open:
		if err := seal(); err != nil {
			return nil, err
		}
		return func() error { return w.open(w.envelope) }, nil
	}
	return nil, unknownTask(task)
}

// seal does what a Session does from the arguments to the envelope.
func (w *whole) seal(args []any) error {
	w.n++
	record := &cryptobox.Record{URI: uri, Args: args, Bind: &cryptobox.Bind{
		Kind: cryptobox.KindCall, Realm: "realm1", From: w.from, N: w.n, TS: time.Now().UnixMilli(),
	}}
	env, token, err := cryptobox.Seal(w.seals.Cipher(), w.serializer, w.seals.ID(), record)
	if err != nil {
		return err
	}
	if token.IsZero() {
		return errors.New("messages: no token")
	}
	w.envelope = env
	return nil
}

func (w *whole) open(env *cryptobox.Envelope) error {
	record, token, err := cryptobox.Open(w.opens.Cipher(), env)
	if err != nil {
		return err
	}
	if record.Bind == nil || token.IsZero() {
		return errors.New("messages: no binding or no token")
	}
	w.record = record
	return nil
}

// recordSize is how many bytes the record of such a payload is sealed from.
func (w *whole) recordSize(size int) (int, error) {
	if err := w.seal([]any{payload(size)}); err != nil {
		return 0, fmt.Errorf("messages: the record's size: %w", err)
	}
	return len(w.envelope.Payload) - w.seals.Cipher().Overhead(), nil
}
