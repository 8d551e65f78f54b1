package transparency

import (
	"fmt"
	"math"
	"reflect"

	"github.com/gammazero/nexus/v3/transport/serialize"
	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/link/message"
)

// WithSerialization tells [Wrap] which serialization the client has. Structs, times and other
// values of the application's types are sealed as that would send them. Without it such a
// value is sealed if all serializations send the same, else it is [Unsealable]. The other
// ways to connect know the serialization.
func WithSerialization(serialization serialize.Serialization) Option {
	return func(cfg *config) error {
		codec, err := message.New(serialization)
		if err != nil {
			return fmt.Errorf("%w: WithSerialization: %w", ErrOption, err)
		}
		cfg.codec = codec
		return nil
	}
}

// refuseSerialization is for connections that are made here.
func (cfg *config) refuseSerialization() error {
	if cfg.codec == nil {
		return nil
	}
	return fmt.Errorf("%w: WithSerialization is for Wrap: elsewhere Serialization of client.Config says it", ErrOption)
}

// formOfWrapped gives the form that a value has in the serialization of a wrapped client, or
// in all of them.
func (cfg *config) formOfWrapped() (func(v any) (any, error), error) {
	if cfg.codec != nil {
		return cfg.codec.Form, nil
	}
	var codecs []*message.Codec
	for _, s := range []serialize.Serialization{serialize.CBOR, serialize.MSGPACK, serialize.JSON} {
		codec, err := message.New(s)
		if err != nil {
			return nil, err
		}
		codecs = append(codecs, codec)
	}
	return func(v any) (any, error) { return formInAll(codecs, v) }, nil
}

func formInAll(codecs []*message.Codec, v any) (form any, err error) {
	switch v.(type) {
	case wamp.Dict, wamp.List: // what they hold is asked for by itself
		return codecs[0].Form(v)
	}
	for i, codec := range codecs {
		next, err := codec.Form(v)
		if err != nil {
			return nil, err
		}
		if i > 0 && !sameForm(form, next) {
			return nil, &cryptobox.ValueError{Type: fmt.Sprintf("%T", v), Why: "JSON, CBOR and MessagePack send it as different things: say by WithSerialization which the wrapped client has, or convert it first"}
		}
		form = next
	}
	return form, nil
}

// sameForm compares integers by value, and all else exactly.
func sameForm(a, b any) bool { return reflect.DeepEqual(withSigned(a), withSigned(b)) }

// withSigned is v with int64 in place of each uint64 that fits.
func withSigned(v any) any {
	switch t := v.(type) {
	case uint64:
		if t <= math.MaxInt64 {
			return int64(t)
		}
	case []any:
		list := make([]any, len(t))
		for i := range t {
			list[i] = withSigned(t[i])
		}
		return list
	case map[string]any:
		object := make(map[string]any, len(t))
		for k := range t {
			object[k] = withSigned(t[k])
		}
		return object
	}
	return v
}
