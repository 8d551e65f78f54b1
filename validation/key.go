package validation

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"math/big"
	"slices"
	"strconv"
	"time"
)

// keyer writes a value as a key: equal for values that JSON Schema calls equal, and for no
// others.
type keyer struct {
	out []byte
	// charge is told of what is written, unless it is nil.
	charge func(bytes int)
}

// value writes a value of a payload.
func (k *keyer) value(v any) {
	before := len(k.out)
	switch v := canonical(v).(type) {
	case nil:
		k.out = append(k.out, 'n')
	case bool:
		k.out = strconv.AppendBool(k.out, v)
	case string:
		k.text(v)
	case []byte, time.Time:
		k.text(asText(v))
	case int64:
		k.out = strconv.AppendInt(append(k.out, 'i'), v, 10)
	case uint64:
		k.out = strconv.AppendUint(append(k.out, 'i'), v, 10)
	case *big.Int:
		k.out = v.Append(append(k.out, 'i'), 10)
	case float64:
		k.float(v)
	case []any:
		k.list(v)
		return
	case map[string]any:
		k.object(v)
		return
	}
	k.charged(len(k.out) - before)
}

func (k *keyer) charged(bytes int) {
	if k.charge != nil {
		k.charge(bytes + 1)
	}
}

func (k *keyer) text(s string) {
	k.out = strconv.AppendInt(append(k.out, 's'), int64(len(s)), 10)
	k.out = append(append(k.out, ':'), s...)
}

func (k *keyer) float(f float64) {
	if !isWhole(f) {
		k.out = strconv.AppendFloat(append(k.out, 'f'), f, 'g', -1, 64)
		return
	}
	whole, _ := big.NewFloat(f).Int(nil)
	k.out = whole.Append(append(k.out, 'i'), 10)
}

func (k *keyer) list(list []any) {
	k.charged(0)
	k.out = append(k.out, '[')
	for _, v := range list {
		k.value(v)
		k.out = append(k.out, ',')
	}
	k.out = append(k.out, ']')
}

func (k *keyer) object(object map[string]any) {
	k.charged(len(object))
	k.out = append(k.out, '{')
	for _, name := range slices.Sorted(maps.Keys(object)) {
		k.text(name)
		k.charged(len(name))
		k.value(object[name])
		k.out = append(k.out, ',')
	}
	k.out = append(k.out, '}')
}

// schemaValue writes a value of a schema, whose numbers are text.
func (k *keyer) schemaValue(v any) error {
	plain, err := withoutNumbers(v)
	k.value(plain)
	return err
}

// withoutNumbers gives v with int64, big.Int and float64 in place of json.Number.
func withoutNumbers(v any) (any, error) {
	switch v := v.(type) {
	case json.Number:
		if whole, ok := new(big.Int).SetString(v.String(), 10); ok {
			return whole, nil
		}
		f, err := v.Float64()
		if err != nil || math.IsInf(f, 0) {
			return nil, fmt.Errorf("a number beyond the range of float64")
		}
		return f, nil
	case []any:
		list := make([]any, len(v))
		for i := range v {
			var err error
			if list[i], err = withoutNumbers(v[i]); err != nil {
				return nil, err
			}
		}
		return list, nil
	case map[string]any:
		object := make(map[string]any, len(v))
		for name := range v {
			var err error
			if object[name], err = withoutNumbers(v[name]); err != nil {
				return nil, err
			}
		}
		return object, nil
	}
	return v, nil
}
