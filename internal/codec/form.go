package codec

import (
	"fmt"
	"math/big"
	"reflect"
	"time"
)

// Form gives what is written in place of a value that isn't of a canonical kind: something
// that is.
type Form func(v any) (any, error)

// Secret is embedded in what is never written by accident.
type Secret struct{}

func (Secret) secret() {}

const whySecret = "secret: it is not sealed by accident"

var secretType = reflect.TypeFor[interface{ secret() }]()

// other writes what isn't canonical by its form. What the form holds is asked for again.
func (w *Writer) other(v any, depth int, form Form) error {
	canonical, err := form.of(v)
	if err != nil {
		return err
	}
	if t, ok := canonical.(time.Time); ok {
		return w.time(t)
	}
	w.left.values++ // that v was charged for
	return w.value(canonical, depth, form)
}

// of gives the form of v, which isn't canonical.
func (form Form) of(v any) (any, error) {
	if _, ok := v.(interface{ secret() }); ok {
		return nil, unsealed(v, whySecret)
	}
	if form == nil {
		return nil, unsealed(v, "not a kind that is sealed: convert it first")
	}
	canonical, err := form(v)
	if err != nil {
		return nil, err
	}
	switch canonical.(type) {
	case time.Time, nil, bool, int64, uint64, float64, string, []byte, []any, map[string]any, *big.Int:
		return canonical, nil
	}
	return nil, unsealed(v, "its serializer makes a tag or extension of it, which isn't sealed: convert it first")
}

func unsealed(v any, why string) error {
	return &ValueError{Type: fmt.Sprintf("%T", v), Why: why}
}
