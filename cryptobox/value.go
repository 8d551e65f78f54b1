package cryptobox

import (
	"errors"
	"math"
	"math/big"
	"strconv"
	"strings"
	"unicode/utf8"
)

// walker turns values into canonical ones: nil, bool, int64, uint64 above
// MaxInt64, float64, string, []byte, []any, map[string]any and *big.Int. What
// is canonical already is not copied; what isn't is never changed in place.
type walker struct {
	to   Serializer
	left budget
}

// sizeHint estimates the size of the serialized record after a walk.
func (w *walker) sizeHint() int {
	return 128 + MaxPayload - w.left.bytes + 8*(MaxValues-w.left.values)
}

// value returns the canonical form of v, which stands inside depth lists and
// maps, and whether that is another value than v.
func (w *walker) value(v any, depth int) (any, bool, error) {
	if err := w.left.takeValues(1); err != nil {
		return nil, false, err
	}
	switch t := v.(type) {
	case nil, bool, int64:
		return v, false, nil
	case int:
		return int64(t), true, nil
	case uint64:
		if t <= math.MaxInt64 {
			return int64(t), true, nil
		}
		return v, false, nil
	case float64:
		return v, false, w.float(t)
	case string:
		return v, false, w.text(t)
	case []byte:
		if t == nil {
			return nil, true, nil
		}
		return v, false, w.left.takeBytes(len(t))
	case []any:
		list, changed, err := w.list(t, depth)
		return pick(v, list, changed), changed, err
	case map[string]any:
		object, changed, err := w.object(t, depth)
		return pick(v, object, changed), changed, err
	case *big.Int:
		return w.bigInt(t)
	}
	return w.reflected(v, depth)
}

// pick avoids to box an unchanged list or map again.
func pick[T []any | map[string]any](v any, t T, changed bool) any {
	switch {
	case !changed:
		return v
	case t == nil:
		return nil
	default:
		return t
	}
}

// list walks the elements; a nil list becomes nil.
func (w *walker) list(list []any, depth int) ([]any, bool, error) {
	if list == nil {
		return nil, true, nil
	}
	if depth >= maxNesting {
		return nil, false, tooDeepValue()
	}
	var out []any
	for i, v := range list {
		c, changed, err := w.value(v, depth+1)
		if err != nil {
			return nil, false, at(indexStep(i), err)
		}
		if changed && out == nil {
			out = append(make([]any, 0, len(list)), list...)
		}
		if changed {
			out[i] = c
		}
	}
	if out == nil {
		return list, false, nil
	}
	return out, true, nil
}

// object walks the entries; a nil map becomes nil.
func (w *walker) object(object map[string]any, depth int) (map[string]any, bool, error) {
	if object == nil {
		return nil, true, nil
	}
	if depth >= maxNesting {
		return nil, false, tooDeepValue()
	}
	var out map[string]any
	for k, v := range object {
		if err := w.text(k); err != nil {
			return nil, false, at("{key}", err)
		}
		c, changed, err := w.value(v, depth+1)
		if err != nil {
			return nil, false, at("{}", err)
		}
		if changed && out == nil {
			out = make(map[string]any, len(object))
			for k, v := range object {
				out[k] = v
			}
		}
		if changed {
			out[k] = c
		}
	}
	if out == nil {
		return object, false, nil
	}
	return out, true, nil
}

// text checks a string or map key.
func (w *walker) text(s string) error {
	if !utf8.ValidString(s) {
		return &ValueError{Type: "string", Why: "not valid UTF-8: pass bytes as []byte"}
	}
	if w.to == JSON && strings.HasPrefix(s, "\x00") {
		return &ValueError{Type: "string", Why: "begins with NUL, which marks bytes in JSON: use CBOR or MessagePack"}
	}
	return w.left.takeBytes(len(s))
}

func (w *walker) float(f float64) error {
	if w.to == JSON && (math.IsNaN(f) || math.IsInf(f, 0)) {
		return &ValueError{Type: "float64", Why: "JSON has no NaN and no infinity: use CBOR or MessagePack"}
	}
	return nil
}

func (w *walker) bigInt(n *big.Int) (any, bool, error) {
	if n == nil {
		return nil, true, nil
	}
	if c := canonicalBig(n); c != any(n) {
		return c, true, nil
	}
	if w.to == MessagePack {
		return nil, false, &ValueError{Type: "*big.Int", Why: "beyond 64 bits, which MessagePack has no integers for: use CBOR or JSON"}
	}
	if n.BitLen() > MaxBigBits {
		return nil, false, &ValueError{Type: "*big.Int", Why: "beyond MaxBigBits"}
	}
	return n, false, w.left.takeBytes(n.BitLen() / 3)
}

// canonicalUint is n as int64 where it fits.
func canonicalUint(n uint64) any {
	if n <= math.MaxInt64 {
		return int64(n)
	}
	return n
}

// canonicalBig is n as int64 or uint64 where it fits.
func canonicalBig(n *big.Int) any {
	switch {
	case n.IsInt64():
		return n.Int64()
	case n.IsUint64():
		return n.Uint64()
	}
	return n
}

func tooDeepValue() error {
	return &ValueError{Type: "list or map", Why: "nested beyond MaxDepth, or holds itself"}
}

// at puts a step before the path of a ValueError.
func at(step string, err error) error {
	var ve *ValueError
	if errors.As(err, &ve) {
		ve.Path = step + ve.Path
	}
	return err
}

// indexStep is the step of a path to the element i.
func indexStep(i int) string { return "[" + strconv.Itoa(i) + "]" }
