package codec

import (
	"reflect"

	"github.com/ugorji/go/codec"
)

// ugorji's codec (1.3.1) takes what a value points to for the value itself, where an
// interface holds that without memory of its own: where the value is one pointer wide, and
// writes itself or is an array. Behind a pointer it reads the same value well.

var missingType = reflect.TypeFor[codec.MissingFielder]()

// AtAnAddress gives v, or a pointer to a copy of it where ugorji's codec might misread it.
// That writes the same for either.
func AtAnAddress(v any) any {
	t := reflect.TypeOf(v)
	if t == nil || t.Kind() == reflect.Pointer || !pointerShaped(t) || t.Name() == "" && t.Kind() == reflect.Map {
		return v
	}
	p := reflect.New(t)
	p.Elem().Set(reflect.ValueOf(v))
	return p.Interface()
}

// misread reports whether ugorji's codec misreads values of type t in an interface. own is
// as for [Survey].
func misread(t reflect.Type, own func(reflect.Type) bool) bool {
	switch {
	case t.Kind() == reflect.Pointer || !pointerShaped(t):
		return false
	case t.Kind() == reflect.Array || own(t) || reflect.PointerTo(t).Implements(missingType):
		return true
	case t.Kind() == reflect.Struct:
		for i := range t.NumField() {
			if misread(t.Field(i).Type, own) {
				return true
			}
		}
	}
	return false
}

// pointerShaped reports whether an interface holds values of type t as one pointer.
func pointerShaped(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Pointer, reflect.Map, reflect.Chan, reflect.Func, reflect.UnsafePointer:
		return true
	case reflect.Array:
		return t.Len() == 1 && pointerShaped(t.Elem())
	case reflect.Struct: // what else it has is of no size
		for i := range t.NumField() {
			if pointerShaped(t.Field(i).Type) {
				return t.Size() == reflect.TypeFor[uintptr]().Size()
			}
		}
	}
	return false
}
