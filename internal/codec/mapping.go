package codec

import (
	"errors"
	"reflect"
	"strings"

	"github.com/fxamacker/cbor/v2"
)

func mustEncMode(o cbor.EncOptions) cbor.EncMode {
	mode, err := o.EncMode()
	if err != nil {
		panic(err) // constant options
	}
	return mode
}

// structMode writes structs and types that bring their own form: "cbor" or
// "json" field tags, times as RFC 3339 text.
var structMode = mustEncMode(cbor.EncOptions{
	Time:          cbor.TimeRFC3339Nano,
	TextMarshaler: cbor.TextMarshalerTextString,
})

// strictMode is structMode for a strict Writer: times have tag 1.
var strictMode = mustEncMode(cbor.EncOptions{
	Time:          cbor.TimeUnixDynamic,
	TimeTag:       cbor.EncTagRequired,
	TextMarshaler: cbor.TextMarshalerTextString,
})

// mapped writes a struct, or a type with its own form, by way of CBOR. So it
// has one mapping, whatever the record is serialized as.
func (w *Writer) mapped(rv reflect.Value, depth int) error {
	m := measure{left: w.left}
	if err := m.walk(rv, 0); err != nil {
		return err
	}
	mode, read := structMode, readCBOR
	if w.strict {
		mode, read = strictMode, readStrict
	}
	data, err := mode.Marshal(rv.Interface())
	if err != nil {
		return mappingError(rv, err)
	}
	if len(data) > w.left.bytes {
		return errTooLong
	}
	// Writing charges for what comes out.
	v, err := read(data, depth, w.left)
	switch {
	case errors.Is(err, errTooDeep):
		return tooDeepValue()
	case errors.Is(err, ErrTooLarge):
		return err
	case err != nil:
		return mappingError(rv, err)
	}
	return w.value(v, depth)
}

// mappingError leaves out err, whose text may be of any type's making.
func mappingError(rv reflect.Value, err error) error {
	why := "has parts that are not data, map keys that are not strings, or fails to marshal itself"
	if errors.Is(err, ErrSecret) {
		why = "secret: it is not sealed by accident"
	}
	return &ValueError{Type: rv.Type().String(), Why: why}
}

// measure walks what structMode would write and refuses what holds itself or
// goes beyond the limits: the encoder below would not come back.
type measure struct{ left budget }

// maxHops bounds pointers, interfaces, structs, lists and maps on one path.
// What is nested deeper in lists and maps is refused after encoding.
const maxHops = 4 * maxNesting

func (m *measure) walk(rv reflect.Value, hops int) error {
	if hops > maxHops {
		return tooDeepValue()
	}
	switch rv.Kind() {
	case reflect.Pointer, reflect.Interface:
		if rv.IsNil() {
			return nil
		}
		return m.walk(rv.Elem(), hops+1)
	case reflect.String:
		return m.left.takeBytes(rv.Len())
	case reflect.Slice, reflect.Array, reflect.Map, reflect.Struct:
		if marshalsItself(rv.Type()) {
			return nil
		}
	}
	switch rv.Kind() {
	case reflect.Struct:
		return m.fields(rv, hops)
	case reflect.Slice, reflect.Array:
		return m.elements(rv, hops)
	case reflect.Map:
		return m.entries(rv, hops)
	}
	return nil
}

func (m *measure) fields(rv reflect.Value, hops int) error {
	if err := m.left.takeValues(rv.NumField()); err != nil {
		return err
	}
	for i := range rv.NumField() {
		f := rv.Type().Field(i)
		if (!f.IsExported() && !f.Anonymous) || ignoredField(f.Tag) {
			continue
		}
		if err := m.walk(rv.Field(i), hops+1); err != nil {
			return err
		}
	}
	return nil
}

func (m *measure) elements(rv reflect.Value, hops int) error {
	if rv.Type().Elem().Kind() == reflect.Uint8 {
		return m.left.takeBytes(rv.Len())
	}
	if err := m.left.takeValues(rv.Len()); err != nil {
		return err
	}
	for i := range rv.Len() {
		if err := m.walk(rv.Index(i), hops+1); err != nil {
			return err
		}
	}
	return nil
}

func (m *measure) entries(rv reflect.Value, hops int) error {
	if err := m.left.takeValues(rv.Len()); err != nil {
		return err
	}
	for it := rv.MapRange(); it.Next(); {
		if err := m.walk(it.Key(), hops+1); err != nil {
			return err
		}
		if err := m.walk(it.Value(), hops+1); err != nil {
			return err
		}
	}
	return nil
}

// ignoredField reports whether the encoder leaves the field out.
func ignoredField(tag reflect.StructTag) bool {
	name, ok := tag.Lookup("cbor")
	if !ok {
		name = tag.Get("json")
	}
	name, _, _ = strings.Cut(name, ",")
	return name == "-"
}
