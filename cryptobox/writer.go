package cryptobox

import (
	"errors"
	"math"
	"math/big"
	"strconv"
	"strings"
	"unicode/utf8"
)

// writer checks values and writes them, in one go. What it is given it never
// changes.
type writer struct {
	to     Serializer
	format format
	keys   *knownKeys
	dst    []byte
	left   budget
	token  [maxToken]byte // room for what a token hides
}

// value writes v, which stands inside depth lists and maps.
func (w *writer) value(v any, depth int) error {
	if err := w.left.takeValues(1); err != nil {
		return err
	}
	switch t := v.(type) {
	case nil:
		w.null()
	case bool:
		w.dst = w.format.boolean(w.dst, t)
	case int64:
		w.dst = w.format.integer(w.dst, t)
	case int:
		w.dst = w.format.integer(w.dst, int64(t))
	case uint64:
		w.unsigned(t)
	case float64:
		return w.float(t)
	case string:
		return w.text(t)
	case []byte:
		return w.binary(t)
	case []any:
		return w.list(t, depth)
	case map[string]any:
		return w.object(t, depth)
	case *big.Int:
		return w.bigInt(t)
	default:
		return w.reflected(v, depth)
	}
	return nil
}

func (w *writer) null() { w.dst = w.format.null(w.dst) }

func (w *writer) unsigned(u uint64) {
	if u <= math.MaxInt64 {
		w.dst = w.format.integer(w.dst, int64(u))
		return
	}
	w.dst = w.format.unsigned(w.dst, u)
}

func (w *writer) float(f float64) error {
	if w.to == JSON && (math.IsNaN(f) || math.IsInf(f, 0)) {
		return &ValueError{Type: "float64", Why: "JSON has no NaN and no infinity: use CBOR or MessagePack"}
	}
	w.dst = w.format.float(w.dst, f)
	return nil
}

// text writes a string or a map key.
func (w *writer) text(s string) error {
	if err := w.left.takeBytes(len(s)); err != nil {
		return err
	}
	if !utf8.ValidString(s) {
		return &ValueError{Type: "string", Why: "not valid UTF-8: pass bytes as []byte"}
	}
	if w.to == JSON && strings.HasPrefix(s, bytesMark) {
		return &ValueError{Type: "string", Why: "begins with NUL, which marks bytes in JSON: use CBOR or MessagePack"}
	}
	w.dst = w.format.text(w.dst, s)
	return nil
}

func (w *writer) binary(b []byte) error {
	if b == nil {
		w.null()
		return nil
	}
	if err := w.left.takeBytes(len(b)); err != nil {
		return err
	}
	w.dst = w.format.binary(w.dst, b)
	return nil
}

// list writes the elements; a nil list is null.
func (w *writer) list(list []any, depth int) error {
	if list == nil {
		w.null()
		return nil
	}
	if err := w.enter(len(list), depth); err != nil {
		return err
	}
	w.dst = w.format.list(w.dst, len(list))
	for i, v := range list {
		w.dst = w.format.next(w.dst, i)
		if err := w.value(v, depth+1); err != nil {
			return at(indexStep(i), err)
		}
	}
	w.dst = w.format.endList(w.dst)
	return nil
}

// object writes the entries; a nil map is null.
func (w *writer) object(object map[string]any, depth int) error {
	if object == nil {
		w.null()
		return nil
	}
	if err := w.enter(len(object), depth); err != nil {
		return err
	}
	w.dst = w.format.object(w.dst, len(object))
	i := 0
	for k, v := range object {
		if err := w.key(i, k); err != nil {
			return at("{key}", err)
		}
		if err := w.value(v, depth+1); err != nil {
			return at("{}", err)
		}
		i++
	}
	w.dst = w.format.endObject(w.dst)
	return nil
}

// enter checks a list or a map of n before any of it is written.
func (w *writer) enter(n, depth int) error {
	if depth >= maxNesting {
		return tooDeepValue()
	}
	if n > w.left.values {
		return errTooMany
	}
	return nil
}

// key writes the key of the entry i, up to its value.
func (w *writer) key(i int, k string) error {
	w.dst = w.format.next(w.dst, i)
	err := w.text(k)
	w.dst = w.format.colon(w.dst)
	return err
}

func (w *writer) bigInt(n *big.Int) error {
	switch {
	case n == nil:
		w.null()
		return nil
	case n.IsInt64():
		w.dst = w.format.integer(w.dst, n.Int64())
		return nil
	case n.IsUint64():
		w.dst = w.format.unsigned(w.dst, n.Uint64())
		return nil
	case w.to == MessagePack:
		return &ValueError{Type: "*big.Int", Why: "beyond 64 bits, which MessagePack has no integers for: use CBOR or JSON"}
	case n.BitLen() > MaxBigBits:
		return &ValueError{Type: "*big.Int", Why: "beyond MaxBigBits"}
	}
	w.dst = w.format.big(w.dst, n)
	return w.left.takeBytes(n.BitLen() / 3)
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
