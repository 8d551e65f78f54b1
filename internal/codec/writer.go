package codec

import (
	"math"
	"math/big"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Writer checks values and writes them, in one go. What it is given it never
// changes.
type Writer struct {
	format Format
	strict bool // CBOR as a StrictReader reads it
	dst    []byte
	start  int // of what is read, in dst
	left   budget
	memory int // that what was written takes when it is read
}

// Reset begins to write into the room of dst, which is empty, in JSON or CBOR.
func (w *Writer) Reset(f Format, dst []byte) {
	*w = Writer{format: f, dst: dst, left: sealBudget()}
}

// ResetStrict begins to write behind dst CBOR that a [StrictReader] reads: a [time.Time] is
// one with tag 1. What it reads begins at dst[start].
func (w *Writer) ResetStrict(dst []byte, start int) {
	w.format, w.strict, w.dst, w.start, w.left, w.memory = FormatCBOR, true, dst, start, sealBudget(), 0
}

// End checks that what was written can be read in the memory that it may take.
func (w *Writer) End() error {
	if w.memory > maxMemory(len(w.dst)-w.start) {
		return errTooBig
	}
	return nil
}

// Release gives all that was written, and keeps nothing of it.
func (w *Writer) Release() []byte {
	dst := w.dst
	w.dst = nil
	return dst
}

// BeginMap writes the head of a map of n entries.
func (w *Writer) BeginMap(n int) { w.dst = w.format.OpenMap(w.dst, n) }

// Key writes the key i of keys, up to its value.
func (w *Writer) Key(keys *Keys, i int) { w.dst = append(w.dst, keys.written[w.format][i]...) }

// EndMap writes the end of a map.
func (w *Writer) EndMap() { w.dst = w.format.CloseMap(w.dst) }

// Bool writes a boolean.
func (w *Writer) Bool(b bool) { w.dst = w.format.AppendBool(w.dst, b) }

// Int writes an integer.
func (w *Writer) Int(i int64) {
	w.memory += WordMemory(i)
	w.dst = w.format.AppendInt(w.dst, i)
}

// value writes v, which stands inside depth lists and maps.
func (w *Writer) value(v any, depth int, form Form) error {
	if err := w.left.takeValues(1); err != nil {
		return err
	}
	switch t := v.(type) {
	case nil:
		w.Null()
	case bool:
		w.Bool(t)
	case int64:
		w.Int(t)
	case int:
		w.Int(int64(t))
	case uint64:
		w.Uint(t)
	case float64:
		return w.float(t)
	case string:
		w.memory += TextMemory(len(t))
		return w.text(t)
	case []byte:
		return w.Bytes(t)
	case []any:
		return w.List(t, depth, form)
	case map[string]any:
		return w.Map(t, depth, form)
	case *big.Int:
		return w.bigInt(t)
	case time.Time:
		if form != nil {
			return w.other(v, depth, form)
		}
		return w.time(t)
	default:
		return w.number(v, depth, form)
	}
	return nil
}

// number writes the numbers that no reader gives, and leaves all else to other.
func (w *Writer) number(v any, depth int, form Form) error {
	switch t := v.(type) {
	case int32:
		w.Int(int64(t))
	case uint32:
		w.Int(int64(t))
	case uint:
		w.Uint(uint64(t))
	case float32:
		return w.float(float64(t))
	case int16:
		w.Int(int64(t))
	case uint16:
		w.Int(int64(t))
	case int8:
		w.Int(int64(t))
	case uint8:
		w.Int(int64(t))
	default:
		return w.other(v, depth, form)
	}
	return nil
}

// Null writes a null.
func (w *Writer) Null() { w.dst = w.format.AppendNull(w.dst) }

// Uint writes an integer.
func (w *Writer) Uint(u uint64) {
	if u <= math.MaxInt64 {
		w.Int(int64(u))
		return
	}
	w.memory += WordSize
	w.dst = w.format.AppendUint(w.dst, u)
}

func (w *Writer) float(f float64) error {
	if w.format == FormatJSON && (math.IsNaN(f) || math.IsInf(f, 0)) {
		return &ValueError{Type: "float64", Why: "JSON has no NaN and no infinity: send null in its place"}
	}
	w.memory += WordMemory(int64(math.Float64bits(f)))
	if w.format == FormatJSON {
		w.dst = appendJSONFloat(w.dst, f)
	} else {
		w.dst = appendCBORDouble(w.dst, f)
	}
	return nil
}

// Text writes a string.
func (w *Writer) Text(s string) error {
	w.memory += TextMemory(len(s))
	return w.text(s)
}

// text writes a string or a map key.
func (w *Writer) text(s string) error {
	if err := w.left.takeBytes(len(s)); err != nil {
		return err
	}
	if !utf8.ValidString(s) {
		return &ValueError{Type: "string", Why: "not valid UTF-8: pass bytes as []byte"}
	}
	if w.format == FormatJSON && strings.HasPrefix(s, bytesMark) {
		return &ValueError{Type: "string", Why: "begins with NUL, which marks bytes in JSON: send it as []byte"}
	}
	w.dst = w.format.AppendText(w.dst, s)
	return nil
}

// Bytes writes a byte string; nil is null.
func (w *Writer) Bytes(b []byte) error {
	if b == nil {
		w.Null()
		return nil
	}
	if err := w.left.takeBytes(len(b)); err != nil {
		return err
	}
	w.memory += BytesMemory(len(b))
	w.dst = w.format.AppendBinary(w.dst, b)
	return nil
}

// List writes a list that stands inside depth lists and maps; nil is null. form is handed
// down, as a Writer that kept it would keep records on the heap.
func (w *Writer) List(list []any, depth int, form Form) error {
	if list == nil {
		w.Null()
		return nil
	}
	if err := w.beginList(len(list), depth); err != nil {
		return err
	}
	for i, v := range list {
		w.dst = w.format.AppendComma(w.dst, i)
		if err := w.value(v, depth+1, form); err != nil {
			return At(indexStep(i), err)
		}
	}
	w.dst = w.format.CloseList(w.dst)
	return nil
}

// Map writes a map that stands inside depth lists and maps; nil is null.
func (w *Writer) Map(object map[string]any, depth int, form Form) error {
	if object == nil {
		w.Null()
		return nil
	}
	n := len(object)
	if err := w.beginMap(n, depth); err != nil {
		return err
	}
	i := 0
	for k, v := range object {
		if err := w.key(i, k); err != nil {
			return At("{key}", err)
		}
		if err := w.value(v, depth+1, form); err != nil {
			return At("{}", err)
		}
		i++
	}
	if i != n {
		return &ValueError{Type: "map", Why: "a method of what it holds changes it while it is written"}
	}
	w.dst = w.format.CloseMap(w.dst)
	return nil
}

// beginList writes the head of a list of n elements.
func (w *Writer) beginList(n, depth int) error {
	if err := w.enter(n, depth); err != nil {
		return err
	}
	room := n
	if w.format == FormatJSON { // which doesn't declare it
		room = roomFor(n)
	}
	w.memory += SliceSize + ListMemory(room)
	w.dst = w.format.OpenList(w.dst, n)
	return nil
}

// beginMap writes the head of a map of n entries.
func (w *Writer) beginMap(n, depth int) error {
	if err := w.enter(n, depth); err != nil {
		return err
	}
	w.memory += MapMemory(n)
	w.BeginMap(n)
	return nil
}

// enter checks a list or a map of n before any of it is written.
func (w *Writer) enter(n, depth int) error {
	if depth >= maxNesting {
		return tooDeepValue()
	}
	if n > w.left.values {
		return errTooMany
	}
	return nil
}

// key writes the key of the entry i, up to its value.
func (w *Writer) key(i int, k string) error {
	w.dst = w.format.AppendComma(w.dst, i)
	w.memory += CharsMemory(len(k))
	err := w.text(k)
	w.dst = w.format.AppendColon(w.dst)
	return err
}

func (w *Writer) bigInt(n *big.Int) error {
	switch {
	case n == nil:
		w.Null()
		return nil
	case n.IsInt64():
		w.Int(n.Int64())
		return nil
	case n.IsUint64():
		w.Uint(n.Uint64())
		return nil
	case n.BitLen() > MaxBigBits:
		return &ValueError{Type: "*big.Int", Why: "beyond MaxBigBits"}
	}
	w.memory += bigMemory(n)
	if w.format == FormatJSON {
		w.dst = n.Append(w.dst, 10)
	} else {
		w.dst = appendCBORBig(w.dst, n)
	}
	return w.left.takeBytes(n.BitLen() / 3)
}

func tooDeepValue() error {
	return &ValueError{Type: "list or map", Why: "nested beyond MaxDepth, or holds itself"}
}

// indexStep is the step of a path to the element i.
func indexStep(i int) string { return "[" + strconv.Itoa(i) + "]" }
