package typed

import (
	"encoding/base64"
	"math"
	"math/big"
	"reflect"
	"time"

	"github.com/gammazero/nexus/v3/transport/serialize"
	"github.com/gammazero/nexus/v3/wamp"
)

// plain makes of v, which may come over a link inside the process, one of the types that
// arrive over a network, where that takes no copy.
func plain(v any) any {
	switch v := v.(type) {
	case wamp.Dict:
		return map[string]any(v)
	case wamp.List:
		return []any(v)
	case wamp.URI:
		return string(v)
	case serialize.BinaryData:
		return []byte(v)
	case int64, uint64, float64:
		return v
	}
	rv := reflect.ValueOf(v)
	switch {
	case !rv.IsValid() || rv.Kind() != reflect.Pointer && rv.Type().PkgPath() != "":
	case rv.CanInt():
		return rv.Int()
	case rv.CanUint():
		return rv.Uint()
	case rv.CanFloat():
		return rv.Float()
	}
	return v
}

// kindOf names what v is.
func kindOf(v any) string {
	switch v.(type) {
	case nil:
		return "null"
	case bool:
		return "a boolean"
	case int64, uint64, *big.Int:
		return "an integer"
	case float64:
		return "a float"
	case string:
		return "text"
	case []byte:
		return "bytes"
	case []any:
		return "a list"
	case map[string]any:
		return "a map"
	case time.Time:
		return "a time"
	}
	return "a " + reflect.TypeOf(v).String()
}

const whyRange = "it is a number that doesn't fit"

// whole gives the integer that v is. A float may be whole.
func whole(v any) (i *big.Int, ok bool) {
	switch v := v.(type) {
	case int64:
		return big.NewInt(v), true
	case uint64:
		return new(big.Int).SetUint64(v), true
	case *big.Int:
		return v, v != nil
	case float64:
		if v == math.Trunc(v) && math.Abs(v) <= 1<<53 {
			return big.NewInt(int64(v)), true
		}
	}
	return nil, false
}

func setInt(v any, rv reflect.Value) *Error {
	i, ok := v.(int64)
	if !ok {
		n, whole := whole(v)
		if !whole {
			return unfitNumber(v, rv)
		}
		if !n.IsInt64() {
			return fail(rv, whyRange)
		}
		i = n.Int64()
	}
	if rv.OverflowInt(i) {
		return fail(rv, whyRange)
	}
	rv.SetInt(i)
	return nil
}

func setUint(v any, rv reflect.Value) *Error {
	n, ok := whole(v)
	if !ok {
		return unfitNumber(v, rv)
	}
	if !n.IsUint64() || rv.OverflowUint(n.Uint64()) {
		return fail(rv, whyRange)
	}
	rv.SetUint(n.Uint64())
	return nil
}

func setBig(v any, rv reflect.Value) *Error {
	n, ok := whole(v)
	if !ok {
		return unfitNumber(v, rv)
	}
	rv.Set(reflect.ValueOf(new(big.Int).Set(n)).Elem())
	return nil
}

func unfitNumber(v any, rv reflect.Value) *Error {
	if _, float := v.(float64); float {
		return fail(rv, "it is no whole number")
	}
	return unfit(v, rv)
}

func setFloat(v any, rv reflect.Value) *Error {
	f, ok := v.(float64)
	if !ok {
		n, whole := whole(v)
		if !whole {
			return unfit(v, rv)
		}
		var accuracy big.Accuracy
		if f, accuracy = new(big.Float).SetInt(n).Float64(); accuracy != big.Exact {
			return fail(rv, whyRange)
		}
	}
	if rv.OverflowFloat(f) {
		return fail(rv, whyRange)
	}
	rv.SetFloat(f)
	return nil
}

func setTime(v any, rv reflect.Value) *Error {
	switch v := v.(type) {
	case time.Time:
		rv.Set(reflect.ValueOf(v))
		return nil
	case string: // as JSON has it
		t, err := time.Parse(time.RFC3339Nano, v)
		if err != nil {
			return fail(rv, "it is text, and no time as of RFC 3339")
		}
		rv.Set(reflect.ValueOf(t))
		return nil
	}
	return unfit(v, rv)
}

// bytes reports whether v is bytes, or text, which has to be base64 of bytes as JSON has them.
func (d *decoder) bytes(v any, rv reflect.Value) (bool, *Error) {
	var b []byte
	switch v := v.(type) {
	case []byte:
		b = v
	case string:
		if v != "" && v[0] == 0 { // which the WAMP specification puts before it
			v = v[1:]
		}
		var err error
		if b, err = base64.StdEncoding.DecodeString(v); err != nil {
			return false, fail(rv, "it is text, and no base64 of bytes")
		}
	default:
		return false, nil
	}
	if rv.Kind() == reflect.Array {
		if len(b) != rv.Len() {
			return false, fail(rv, "it has another number of bytes")
		}
	} else {
		if err := d.take(1, len(b), rv); err != nil {
			return false, err
		}
		rv.Set(reflect.MakeSlice(rv.Type(), len(b), len(b)))
	}
	if from := reflect.ValueOf(b); rv.Type().Elem() == from.Type().Elem() {
		reflect.Copy(rv, from)
		return true, nil
	}
	for i := range b {
		rv.Index(i).SetUint(uint64(b[i]))
	}
	return true, nil
}
