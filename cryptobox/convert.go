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

// reflected converts what isn't canonical by its kind, so that named types of
// other packages are taken without knowing them.
func (w *walker) reflected(v any, depth int) (any, bool, error) {
	rv, err := follow(reflect.ValueOf(v))
	if err != nil || !rv.IsValid() {
		return nil, true, err
	}
	if marshalsItself(rv.Type()) {
		return w.mapped(rv, depth)
	}
	switch {
	case rv.Kind() == reflect.Bool:
		return rv.Bool(), true, nil
	case rv.CanInt():
		return rv.Int(), true, nil
	case rv.CanUint() && rv.Kind() != reflect.Uintptr:
		return canonicalUint(rv.Uint()), true, nil
	case rv.CanFloat():
		return rv.Float(), true, w.float(rv.Float())
	}
	switch rv.Kind() {
	case reflect.String:
		return rv.String(), true, w.text(rv.String())
	case reflect.Slice, reflect.Array:
		return w.convertList(rv, depth)
	case reflect.Map:
		return w.convertMap(rv, depth)
	case reflect.Struct:
		return w.mapped(rv, depth)
	}
	return nil, false, &ValueError{Type: rv.Type().String(), Why: "not data"}
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

func (w *walker) convertList(rv reflect.Value, depth int) (any, bool, error) {
	if rv.Kind() == reflect.Slice && rv.IsNil() {
		return nil, true, nil
	}
	if rv.Type().Elem().Kind() == reflect.Uint8 {
		return w.convertBytes(rv)
	}
	if rv.CanConvert(anyListType) && rv.Kind() == reflect.Slice {
		list, _, err := w.list(rv.Convert(anyListType).Interface().([]any), depth)
		return list, true, err
	}
	if depth >= maxNesting {
		return nil, false, tooDeepValue()
	}
	// An array of empty structs has a length and no size.
	if rv.Len() > w.left.values {
		return nil, false, errTooMany
	}
	out := make([]any, rv.Len())
	for i := range out {
		c, _, err := w.value(rv.Index(i).Interface(), depth+1)
		if err != nil {
			return nil, false, at(indexStep(i), err)
		}
		out[i] = c
	}
	return out, true, nil
}

func (w *walker) convertBytes(rv reflect.Value) (any, bool, error) {
	if err := w.left.takeBytes(rv.Len()); err != nil {
		return nil, false, err
	}
	if rv.Kind() == reflect.Slice {
		return rv.Bytes(), true, nil
	}
	out := make([]byte, rv.Len())
	for i := range out {
		out[i] = byte(rv.Index(i).Uint())
	}
	return out, true, nil
}

func (w *walker) convertMap(rv reflect.Value, depth int) (any, bool, error) {
	if rv.Type().Key().Kind() != reflect.String {
		return nil, false, &ValueError{Type: rv.Type().String(), Why: "map keys have to be strings"}
	}
	if rv.IsNil() {
		return nil, true, nil
	}
	if rv.CanConvert(anyMapType) {
		object, _, err := w.object(rv.Convert(anyMapType).Interface().(map[string]any), depth)
		return object, true, err
	}
	if depth >= maxNesting {
		return nil, false, tooDeepValue()
	}
	out := make(map[string]any, min(rv.Len(), w.left.values))
	for it := rv.MapRange(); it.Next(); {
		if err := w.text(it.Key().String()); err != nil {
			return nil, false, at("{key}", err)
		}
		c, _, err := w.value(it.Value().Interface(), depth+1)
		if err != nil {
			return nil, false, at("{}", err)
		}
		out[it.Key().String()] = c
	}
	return out, true, nil
}
