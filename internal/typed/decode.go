package typed

import (
	"math/big"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/codec"
)

// maxDepth is how deep lists, maps and pointers may lie within each other.
const maxDepth = 1100

var (
	timeType = reflect.TypeFor[time.Time]()
	bigType  = reflect.TypeFor[big.Int]()
)

// Decode puts v into what into points to, as a whole or, on an error, not at all.
func Decode(v, into any) *Error {
	target := reflect.ValueOf(into)
	if target.Kind() != reflect.Pointer || target.IsNil() {
		return &Error{Want: typeName(reflect.TypeOf(into)), Why: "a pointer that isn't nil is needed"}
	}
	d := &decoder{left: codec.MostMemory(codec.MaxBytes), shapes: map[reflect.Type]*shape{}}
	fresh := reflect.New(target.Type().Elem()).Elem()
	if err := d.value(v, fresh, 0); err != nil {
		err.Path = strings.TrimPrefix(err.Path, ".")
		return err
	}
	target.Elem().Set(fresh)
	return nil
}

func typeName(t reflect.Type) string {
	if t == nil {
		return "nil"
	}
	return t.String()
}

type decoder struct {
	left   int // bytes of memory that may still be taken
	shapes map[reflect.Type]*shape
}

func fail(rv reflect.Value, why string) *Error { return &Error{Want: rv.Type().String(), Why: why} }

// unfit is the error of a value of another kind.
func unfit(v any, rv reflect.Value) *Error { return fail(rv, "it is "+kindOf(v)) }

func (d *decoder) take(n, size int, rv reflect.Value) *Error {
	if size > 0 && n > d.left/size {
		return fail(rv, "it would take too much memory")
	}
	d.left -= n * size
	return nil
}

// value sets rv, which is zero, to v.
func (d *decoder) value(v any, rv reflect.Value, depth int) *Error {
	if depth > maxDepth {
		return fail(rv, "nested too deep")
	}
	v = plain(v)
	if v == nil {
		return nil
	}
	switch rv.Kind() {
	case reflect.Pointer:
		if err := d.take(1, int(rv.Type().Elem().Size()), rv); err != nil {
			return err
		}
		rv.Set(reflect.New(rv.Type().Elem()))
		return d.value(v, rv.Elem(), depth+1)
	case reflect.Interface:
		if rv.NumMethod() > 0 {
			return fail(rv, "an interface with methods says nothing of what it is to hold")
		}
		rv.Set(reflect.ValueOf(v))
		return nil
	}
	if reflect.TypeOf(v) == rv.Type() { // over a link inside the process it may be any type
		rv.Set(reflect.ValueOf(v))
		return nil
	}
	if done, err := d.byMethods(v, rv); done || err != nil {
		return err
	}
	return d.byKind(v, rv, depth)
}

func (d *decoder) byKind(v any, rv reflect.Value, depth int) *Error {
	switch kind := rv.Kind(); {
	case rv.Type() == timeType:
		return setTime(v, rv)
	case rv.Type() == bigType:
		return setBig(v, rv)
	case kind == reflect.Bool:
		b, ok := v.(bool)
		if !ok {
			return unfit(v, rv)
		}
		rv.SetBool(b)
	case kind == reflect.String:
		text, ok := v.(string)
		if !ok {
			return unfit(v, rv)
		}
		rv.SetString(text)
	case rv.CanInt():
		return setInt(v, rv)
	case rv.CanUint():
		return setUint(v, rv)
	case rv.CanFloat():
		return setFloat(v, rv)
	case kind == reflect.Slice, kind == reflect.Array:
		return d.list(v, rv, depth)
	case kind == reflect.Map:
		return d.dict(v, rv, depth)
	case kind == reflect.Struct:
		return d.fields(v, rv, depth)
	default:
		return fail(rv, "nothing that arrives is of that type")
	}
	return nil
}

func (d *decoder) list(v any, rv reflect.Value, depth int) *Error {
	if rv.Type().Elem().Kind() == reflect.Uint8 {
		if done, err := d.bytes(v, rv); done || err != nil {
			return err
		}
	}
	list, ok := v.([]any)
	if !ok {
		return unfit(v, rv)
	}
	if rv.Kind() == reflect.Array {
		if len(list) != rv.Len() {
			return fail(rv, "it has "+strconv.Itoa(len(list))+" elements")
		}
	} else {
		if err := d.take(len(list), int(rv.Type().Elem().Size()), rv); err != nil {
			return err
		}
		rv.Set(reflect.MakeSlice(rv.Type(), len(list), len(list)))
	}
	for i, element := range list {
		if err := d.value(element, rv.Index(i), depth+1); err != nil {
			return at("["+strconv.Itoa(i)+"]", err)
		}
	}
	return nil
}

func (d *decoder) dict(v any, rv reflect.Value, depth int) *Error {
	dict, ok := v.(map[string]any)
	if !ok {
		return unfit(v, rv)
	}
	t := rv.Type()
	if kind := t.Key().Kind(); kind != reflect.String && (kind != reflect.Interface || t.Key().NumMethod() > 0) {
		return fail(rv, "keys that arrive are text")
	}
	if err := d.take(len(dict), int(t.Key().Size()+t.Elem().Size())+codec.MapMemory(1)/8, rv); err != nil {
		return err
	}
	rv.Set(reflect.MakeMapWithSize(t, len(dict)))
	for name, element := range dict {
		key, value := reflect.New(t.Key()).Elem(), reflect.New(t.Elem()).Elem()
		if err := d.value(name, key, depth+1); err != nil {
			return at("{key}", err)
		}
		if err := d.value(element, value, depth+1); err != nil {
			return at("{}", err)
		}
		rv.SetMapIndex(key, value)
	}
	return nil
}

func (d *decoder) fields(v any, rv reflect.Value, depth int) *Error {
	t := rv.Type()
	s := d.shapes[t]
	if s == nil {
		s = shapeOf(t)
		d.shapes[t] = s
	}
	switch v := v.(type) {
	case map[string]any:
		for _, f := range s.fields {
			if err := d.field(f, v[f.name], rv, depth); err != nil {
				return at("."+f.name, err)
			}
		}
		return nil
	case []any:
		if !s.asList {
			break
		}
		for i, f := range s.fields[:min(len(v), len(s.fields))] {
			if err := d.field(f, v[i], rv, depth); err != nil {
				return at("["+strconv.Itoa(i)+"]", err)
			}
		}
		return nil
	}
	return unfit(v, rv)
}

func (d *decoder) field(f field, v any, rv reflect.Value, depth int) *Error {
	if v == nil {
		return nil
	}
	for _, i := range f.index[:len(f.index)-1] { // embedded structs
		rv = rv.Field(i)
		for rv.Kind() == reflect.Pointer {
			if rv.IsNil() {
				if err := d.take(1, int(rv.Type().Elem().Size()), rv); err != nil {
					return err
				}
				rv.Set(reflect.New(rv.Type().Elem()))
			}
			rv = rv.Elem()
		}
	}
	return d.value(v, rv.Field(f.index[len(f.index)-1]), depth+1)
}
