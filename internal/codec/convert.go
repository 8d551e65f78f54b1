package codec

import (
	"encoding"
	"reflect"

	"github.com/fxamacker/cbor/v2"
)

var (
	anyListType = reflect.TypeFor[[]any]()
	anyMapType  = reflect.TypeFor[map[string]any]()

	marshalerTypes = []reflect.Type{
		reflect.TypeFor[cbor.Marshaler](),
		reflect.TypeFor[encoding.BinaryMarshaler](),
		reflect.TypeFor[encoding.TextMarshaler](),
	}
)

// reflected writes what isn't canonical by its kind, so that named types of
// other packages are taken without knowing them.
func (w *Writer) reflected(v any, depth int) error {
	rv, err := follow(reflect.ValueOf(v))
	if err != nil {
		return err
	}
	if !rv.IsValid() {
		w.Null()
		return nil
	}
	if marshalsItself(rv.Type()) {
		return w.mapped(rv, depth)
	}
	switch {
	case rv.Kind() == reflect.Bool:
		w.Bool(rv.Bool())
		return nil
	case rv.CanInt():
		w.Int(rv.Int())
		return nil
	case rv.CanUint() && rv.Kind() != reflect.Uintptr:
		w.Uint(rv.Uint())
		return nil
	case rv.CanFloat():
		return w.float(rv.Float())
	}
	switch rv.Kind() {
	case reflect.String:
		return w.Text(rv.String())
	case reflect.Slice, reflect.Array:
		return w.reflectedList(rv, depth)
	case reflect.Map:
		return w.reflectedMap(rv, depth)
	case reflect.Struct:
		return w.mapped(rv, depth)
	}
	return &ValueError{Type: rv.Type().String(), Why: "not data"}
}

// follow leaves pointers and interfaces behind. A nil gives the zero Value.
func follow(rv reflect.Value) (reflect.Value, error) {
	for range MaxDepth {
		if rv.Kind() != reflect.Pointer && rv.Kind() != reflect.Interface {
			return rv, nil
		}
		if rv.IsNil() {
			return reflect.Value{}, nil
		}
		rv = rv.Elem()
	}
	return reflect.Value{}, &ValueError{Type: rv.Type().String(), Why: "pointers nested beyond MaxDepth, or to themselves"}
}

// marshalsItself reports whether t or *t brings its own form.
func marshalsItself(t reflect.Type) bool {
	for _, m := range marshalerTypes {
		if reflect.PointerTo(t).Implements(m) {
			return true
		}
	}
	return false
}

func (w *Writer) reflectedList(rv reflect.Value, depth int) error {
	if rv.Kind() == reflect.Slice && rv.IsNil() {
		w.Null()
		return nil
	}
	if rv.Type().Elem().Kind() == reflect.Uint8 {
		return w.reflectedBytes(rv)
	}
	if rv.CanConvert(anyListType) && rv.Kind() == reflect.Slice {
		return w.List(rv.Convert(anyListType).Interface().([]any), depth)
	}
	// An array of empty structs has a length and no size.
	if err := w.beginList(rv.Len(), depth); err != nil {
		return err
	}
	for i := range rv.Len() {
		w.dst = w.format.AppendComma(w.dst, i)
		if err := w.value(rv.Index(i).Interface(), depth+1); err != nil {
			return At(indexStep(i), err)
		}
	}
	w.dst = w.format.CloseList(w.dst)
	return nil
}

func (w *Writer) reflectedBytes(rv reflect.Value) error {
	if rv.Kind() == reflect.Slice {
		return w.Bytes(rv.Bytes())
	}
	if rv.Len() > w.left.bytes {
		return errTooLong
	}
	out := make([]byte, rv.Len())
	for i := range out {
		out[i] = byte(rv.Index(i).Uint())
	}
	return w.Bytes(out)
}

func (w *Writer) reflectedMap(rv reflect.Value, depth int) error {
	if rv.Type().Key().Kind() != reflect.String {
		return &ValueError{Type: rv.Type().String(), Why: "map keys have to be strings"}
	}
	if rv.IsNil() {
		w.Null()
		return nil
	}
	if rv.CanConvert(anyMapType) {
		return w.Map(rv.Convert(anyMapType).Interface().(map[string]any), depth)
	}
	if err := w.beginMap(rv.Len(), depth); err != nil {
		return err
	}
	i := 0
	for it := rv.MapRange(); it.Next(); i++ {
		if err := w.key(i, it.Key().String()); err != nil {
			return At("{key}", err)
		}
		if err := w.value(it.Value().Interface(), depth+1); err != nil {
			return At("{}", err)
		}
	}
	w.dst = w.format.CloseMap(w.dst)
	return nil
}
