package codec

import (
	"encoding"
	"encoding/json"
	"reflect"

	"github.com/ugorji/go/codec"
)

// The methods by which values write and read themselves. The serializers ask for both halves
// of a pair.
var (
	selferType = reflect.TypeFor[codec.Selfer]()
	binaryType = reflect.TypeFor[interface {
		encoding.BinaryMarshaler
		encoding.BinaryUnmarshaler
	}]()
	textType = reflect.TypeFor[interface {
		encoding.TextMarshaler
		encoding.TextUnmarshaler
	}]()
	jsonType = reflect.TypeFor[interface {
		json.Marshaler
		json.Unmarshaler
	}]()
)

// Methods are those that values of a type have.
type Methods struct{ Selfer, Binary, Text, JSON bool }

// MethodsOf looks at the methods of t and *t.
func MethodsOf(t reflect.Type) Methods {
	p := reflect.PointerTo(t)
	if p.NumMethod() == 0 {
		return Methods{}
	}
	return Methods{p.Implements(selferType), p.Implements(binaryType), p.Implements(textType), p.Implements(jsonType)}
}
