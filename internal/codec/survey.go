package codec

import (
	"encoding"
	"encoding/json"
	"reflect"
)

// Survey walks what a serializer writes by reflection, and refuses what would keep it from
// coming back: what holds itself, channels, and more than the limits of a [Writer]. It
// refuses functions and secrets too, and what ugorji's codec misreads in an interface; v
// itself is written by [AtAnAddress]. own tells of a type that the serializer has it write
// itself; what is in such values isn't looked at.
func Survey(v any, own func(reflect.Type) bool) error {
	s := survey{left: sealBudget(), own: own}
	return s.value(reflect.ValueOf(v), 0)
}

type survey struct {
	left budget
	own  func(reflect.Type) bool
}

// maxHops bounds pointers, interfaces, structs, lists and maps on one path.
// What is nested deeper in lists and maps is refused when it is written.
const maxHops = 4 * maxNesting

func (s *survey) value(rv reflect.Value, hops int) error {
	if hops > maxHops {
		return tooDeepValue()
	}
	if !rv.IsValid() {
		return nil
	}
	switch held := rv.Kind() == reflect.Interface; rv.Kind() {
	case reflect.Pointer, reflect.Interface:
		if rv.IsNil() {
			return nil
		}
		rv = rv.Elem()
		if held && misread(rv.Type(), s.own) {
			return &ValueError{Type: rv.Type().String(), Why: "this serializer misreads it in an interface, as it is one pointer wide: give a pointer to it"}
		}
		return s.value(rv, hops+1)
	case reflect.Chan, reflect.Func:
		if rv.IsNil() {
			return nil
		}
		return &ValueError{Type: rv.Type().String(), Why: `not data: leave it out, a field by the tag codec:"-"`}
	case reflect.String:
		return s.left.takeBytes(rv.Len())
	case reflect.Struct, reflect.Slice, reflect.Array, reflect.Map:
		return s.container(rv, hops)
	}
	return nil
}

func (s *survey) container(rv reflect.Value, hops int) error {
	t := rv.Type()
	if t.Implements(secretType) {
		return &ValueError{Type: t.String(), Why: whySecret}
	}
	if s.own(t) {
		return nil
	}
	switch rv.Kind() {
	case reflect.Struct:
		return s.fields(rv, hops)
	case reflect.Map:
		return s.entries(rv, hops)
	}
	return s.elements(rv, hops)
}

func (s *survey) fields(rv reflect.Value, hops int) error {
	if err := s.left.takeValues(rv.NumField()); err != nil {
		return err
	}
	t := rv.Type()
	written := 0
	for i := range rv.NumField() {
		f := t.Field(i)
		if LeftOut(f) {
			continue
		}
		written++
		if err := s.value(rv.Field(i), hops+1); err != nil {
			return At("."+f.Name, err)
		}
	}
	if written == 0 && formless(t) {
		return &ValueError{Type: t.String(), Why: "has no exported fields, and none of the methods that this serializer calls, so that nothing of it would arrive: send its text or bytes"}
	}
	return nil
}

// formless reports whether values of a struct type have a form, though not one that they are
// asked for.
func formless(t reflect.Type) bool {
	for _, form := range formTypes {
		if reflect.PointerTo(t).Implements(form) {
			return true
		}
	}
	return false
}

var formTypes = []reflect.Type{
	reflect.TypeFor[encoding.BinaryMarshaler](),
	reflect.TypeFor[encoding.TextMarshaler](),
	reflect.TypeFor[json.Marshaler](),
}

func (s *survey) elements(rv reflect.Value, hops int) error {
	n := rv.Len()
	switch kind := rv.Type().Elem().Kind(); {
	case kind == reflect.Uint8:
		return s.left.takeBytes(n)
	case kind <= reflect.Complex128: // numbers and booleans
		return s.left.takeValues(n)
	}
	if err := s.left.takeValues(n); err != nil {
		return err
	}
	for i := range n {
		if err := s.value(rv.Index(i), hops+1); err != nil {
			return At(indexStep(i), err)
		}
	}
	return nil
}

func (s *survey) entries(rv reflect.Value, hops int) error {
	if err := s.left.takeValues(rv.Len()); err != nil {
		return err
	}
	for it := rv.MapRange(); it.Next(); {
		if err := s.value(it.Key(), hops+1); err != nil {
			return At("{key}", err)
		}
		if err := s.value(it.Value(), hops+1); err != nil {
			return At("{}", err)
		}
	}
	return nil
}
