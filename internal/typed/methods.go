package typed

import (
	"encoding"
	"encoding/json"
	"errors"
	"math"
	"math/big"
	"reflect"
	"time"

	ugorji "github.com/ugorji/go/codec"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/codec"
)

// byMethods has rv take v by a method of its own, and reports whether one did: the one that
// belongs to what the sender's serializer asked for, as far as v tells. Binary formats ask
// for bytes, JSON for JSON and then text, and what they don't ask of a type is of its kind.
func (d *decoder) byMethods(v any, rv reflect.Value) (done bool, err *Error) {
	if rv.Type() == timeType || rv.Type() == bigType {
		return false, nil
	}
	has := codec.MethodsOf(rv.Type())
	if has == (codec.Methods{}) {
		return false, nil
	}
	_, isBytes := v.([]byte)
	text, isText := v.(string)
	target := rv.Addr().Interface()
	switch {
	case has.Selfer:
		return true, run(rv, "CodecDecodeSelf", func() error { return d.selfDecode(v, target) })
	case has.Binary && isBytes:
		return true, run(rv, "UnmarshalBinary", func() error {
			return target.(encoding.BinaryUnmarshaler).UnmarshalBinary(append([]byte{}, v.([]byte)...))
		})
	case has.JSON && !isBytes && (d.sendable(v, 0) || d.left <= 0):
		data, err := d.json(v, rv)
		if err == nil {
			err = run(rv, "UnmarshalJSON", func() error { return target.(json.Unmarshaler).UnmarshalJSON(data) })
		}
		if err == nil || isText || d.left <= 0 {
			return true, err
		}
		rv.SetZero() // a binary format may have sent it by its kind
		return false, nil
	case has.Text && isText:
		return true, run(rv, "UnmarshalText", func() error {
			return target.(encoding.TextUnmarshaler).UnmarshalText([]byte(text))
		})
	}
	return false, nil
}

// run shields from what a method of the application does. Its error may hold the value.
func run(rv reflect.Value, name string, method func() error) (err *Error) {
	defer func() {
		if recover() != nil {
			err = fail(rv, "its "+name+" panics")
		}
	}()
	if method() != nil {
		return fail(rv, "its "+name+" refuses it")
	}
	return nil
}

// json is v in JSON, for which memory is charged.
func (d *decoder) json(v any, rv reflect.Value) ([]byte, *Error) {
	data, err := d.encode(v, new(ugorji.JsonHandle))
	if err != nil {
		return nil, fail(rv, "it would take too much memory")
	}
	return data, nil
}

// encode charges for what it gives, which is never more than the memory that is left.
func (d *decoder) encode(v any, handle ugorji.Handle) ([]byte, error) {
	if d.left <= 0 {
		return nil, errMemory
	}
	var out charged
	out.left = &d.left
	err := ugorji.NewEncoder(&out, handle).Encode(v)
	return out.data, err
}

// charged is what was written, as far as there is memory left.
type charged struct {
	data []byte
	left *int
}

func (c *charged) Write(p []byte) (int, error) {
	if *c.left -= len(p); *c.left < 0 {
		return 0, errMemory
	}
	c.data = append(c.data, p...)
	return len(p), nil
}

// sendable reports whether v is of the kinds that arrive, and JSON has a form for it: not of
// NaN and infinities. Each value is charged for, as a process may hold one list in many places.
func (d *decoder) sendable(v any, depth int) bool {
	if d.left -= codec.SlotSize; depth > maxDepth || d.left <= 0 {
		return false
	}
	switch v := v.(type) {
	case nil, bool, int64, uint64, *big.Int, string, []byte, time.Time:
		return true
	case float64:
		return !math.IsNaN(v) && !math.IsInf(v, 0)
	case []any:
		for _, element := range v {
			if !d.sendable(element, depth+1) {
				return false
			}
		}
		return true
	case map[string]any:
		for _, element := range v {
			if !d.sendable(element, depth+1) {
				return false
			}
		}
		return true
	}
	return false
}

var (
	errUnknown = errors.New("of no kind that arrives")
	errMemory  = errors.New("too much memory")
)

// selfDecode leaves v to the type's own way with ugorji's codec.
func (d *decoder) selfDecode(v any, target any) error {
	if !d.sendable(v, 0) {
		return errUnknown
	}
	handle := &ugorji.MsgpackHandle{WriteExt: true}
	handle.MapType = reflect.TypeFor[map[string]any]()
	data, err := d.encode(v, handle)
	if err != nil {
		return err
	}
	return ugorji.NewDecoderBytes(data, handle).Decode(target)
}
