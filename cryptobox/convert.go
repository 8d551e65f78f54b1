package cryptobox

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
func (w *writer) reflected(v any, depth int) error {
	rv, err := follow(reflect.ValueOf(v))
	if err != nil {
		return err
	}
	if !rv.IsValid() {
		w.null()
		return nil
	}
	if marshalsItself(rv.Type()) {
		return w.mapped(rv, depth)
	}
	switch {
	case rv.Kind() == reflect.Bool:
		w.dst = w.format.boolean(w.dst, rv.Bool())
		return nil
	case rv.CanInt():
		w.dst = w.format.integer(w.dst, rv.Int())
		return nil
	case rv.CanUint() && rv.Kind() != reflect.Uintptr:
		w.unsigned(rv.Uint())
		return nil
	case rv.CanFloat():
		return w.float(rv.Float())
	}
	switch rv.Kind() {
	case reflect.String:
		return w.text(rv.String())
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

func (w *writer) reflectedList(rv reflect.Value, depth int) error {
	if rv.Kind() == reflect.Slice && rv.IsNil() {
		w.null()
		return nil
	}
	if rv.Type().Elem().Kind() == reflect.Uint8 {
		return w.reflectedBytes(rv)
	}
	if rv.CanConvert(anyListType) && rv.Kind() == reflect.Slice {
		return w.list(rv.Convert(anyListType).Interface().([]any), depth)
	}
	// An array of empty structs has a length and no size.
	if err := w.enter(rv.Len(), depth); err != nil {
		return err
	}
	w.dst = w.format.list(w.dst, rv.Len())
	for i := range rv.Len() {
		w.dst = w.format.next(w.dst, i)
		if err := w.value(rv.Index(i).Interface(), depth+1); err != nil {
			return at(indexStep(i), err)
		}
	}
	w.dst = w.format.endList(w.dst)
	return nil
}

func (w *writer) reflectedBytes(rv reflect.Value) error {
	if rv.Kind() == reflect.Slice {
		return w.binary(rv.Bytes())
	}
	if rv.Len() > w.left.bytes {
		return errTooLong
	}
	out := make([]byte, rv.Len())
	for i := range out {
		out[i] = byte(rv.Index(i).Uint())
	}
	return w.binary(out)
}

func (w *writer) reflectedMap(rv reflect.Value, depth int) error {
	if rv.Type().Key().Kind() != reflect.String {
		return &ValueError{Type: rv.Type().String(), Why: "map keys have to be strings"}
	}
	if rv.IsNil() {
		w.null()
		return nil
	}
	if rv.CanConvert(anyMapType) {
		return w.object(rv.Convert(anyMapType).Interface().(map[string]any), depth)
	}
	if err := w.enter(rv.Len(), depth); err != nil {
		return err
	}
	w.dst = w.format.object(w.dst, rv.Len())
	i := 0
	for it := rv.MapRange(); it.Next(); i++ {
		if err := w.key(i, it.Key().String()); err != nil {
			return at("{key}", err)
		}
		if err := w.value(it.Value().Interface(), depth+1); err != nil {
			return at("{}", err)
		}
	}
	w.dst = w.format.endObject(w.dst)
	return nil
}
