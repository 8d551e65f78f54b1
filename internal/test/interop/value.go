package interop

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// Pairs is a Python dict with keys that are not all strings, or with keys that
// begin with a dollar sign, in Python's order.
type Pairs [][2]any

const (
	bytesKey = "$bytes_hex"
	mapKey   = "$map"
	timeKey  = "$time"
	floatKey = "$float"
)

// plain turns a value into what encoding/json writes without loss.
func plain(value any) (any, error) {
	v := reflect.ValueOf(value)
	switch v.Kind() {
	case reflect.Invalid:
		return nil, nil
	case reflect.Float32, reflect.Float64:
		return plainFloat(v.Float()), nil
	case reflect.Slice, reflect.Array:
		return plainList(v)
	case reflect.Map:
		return plainMap(v)
	case reflect.Bool, reflect.String,
		reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return value, nil
	}
	if n, ok := value.(*big.Int); ok && n != nil {
		return json.Number(n.String()), nil
	}
	if at, ok := value.(time.Time); ok { // a datetime, which comes back in no form
		return map[string]any{timeKey: at.Format(time.RFC3339)}, nil
	}
	return nil, fmt.Errorf("interop: a %T can't be sent to Python", value)
}

// plainFloat keeps a float a float: JSON's 3 is an integer in Python.
func plainFloat(f float64) any {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return map[string]any{floatKey: fmt.Sprint(f)} // which comes back in no form
	}
	text := strconv.FormatFloat(f, 'g', -1, 64)
	if !strings.ContainsAny(text, ".e") {
		text += ".0"
	}
	return json.Number(text)
}

func plainList(v reflect.Value) (any, error) {
	if v.Type().Elem().Kind() == reflect.Uint8 {
		text := make([]byte, v.Len())
		reflect.Copy(reflect.ValueOf(text), v)
		return map[string]any{bytesKey: hex.EncodeToString(text)}, nil
	}
	if v.Kind() == reflect.Slice && v.IsNil() {
		return nil, nil
	}
	list := make([]any, v.Len())
	for i := range list {
		var err error
		if list[i], err = plain(v.Index(i).Interface()); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func plainMap(v reflect.Value) (any, error) {
	if v.IsNil() {
		return nil, nil
	}
	if v.Type().Key().Kind() != reflect.String {
		return nil, fmt.Errorf("interop: a %s can't be sent to Python", v.Type())
	}
	object, pairs, dollar := map[string]any{}, [][2]any{}, false
	for entries := v.MapRange(); entries.Next(); {
		key := entries.Key().String()
		item, err := plain(entries.Value().Interface())
		if err != nil {
			return nil, err
		}
		object[key], pairs = item, append(pairs, [2]any{key, item})
		dollar = dollar || strings.HasPrefix(key, "$")
	}
	if dollar {
		return map[string]any{mapKey: pairs}, nil
	}
	return object, nil
}

// parse reads one line from Python.
func parse(line []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(line))
	decoder.UseNumber()
	return decoder.Decode(into)
}

// native is plain's inverse, on what parse gives.
func native(value any) (any, error) {
	switch v := value.(type) {
	case json.Number:
		return nativeNumber(string(v))
	case []any:
		return nativeList(v)
	case map[string]any:
		if text, ok := v[bytesKey].(string); ok {
			return hex.DecodeString(text)
		}
		if pairs, ok := v[mapKey].([]any); ok {
			return nativePairs(pairs)
		}
		return nativeMap(v)
	}
	return value, nil
}

func nativeNumber(text string) (any, error) {
	if strings.ContainsAny(text, ".eE") {
		return strconv.ParseFloat(text, 64)
	}
	n, ok := new(big.Int).SetString(text, 10)
	switch {
	case !ok:
		return nil, fmt.Errorf("interop: Python sent %q for a number", text)
	case n.IsInt64():
		return n.Int64(), nil
	case n.IsUint64():
		return n.Uint64(), nil
	}
	return n, nil
}

func nativeList(list []any) ([]any, error) {
	items := make([]any, len(list))
	for i := range list {
		var err error
		if items[i], err = native(list[i]); err != nil {
			return nil, err
		}
	}
	return items, nil
}

func nativeMap(object map[string]any) (map[string]any, error) {
	items := make(map[string]any, len(object))
	for key := range object {
		var err error
		if items[key], err = native(object[key]); err != nil {
			return nil, err
		}
	}
	return items, nil
}

func nativePairs(list []any) (Pairs, error) {
	pairs := make(Pairs, len(list))
	for i := range list {
		item, err := native(list[i])
		if err != nil {
			return nil, err
		}
		pair, ok := item.([]any)
		if !ok || len(pair) != 2 {
			return nil, fmt.Errorf("interop: Python sent a pair of %T", item)
		}
		pairs[i] = [2]any{pair[0], pair[1]}
	}
	return pairs, nil
}
