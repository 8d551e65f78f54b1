package main

import (
	"encoding/base64"
	"math/big"
	"slices"
	"strconv"
	"strings"
)

// pair is an entry of a map, pairs a map that keeps its order and may name a key
// twice.
type (
	pair struct {
		key   string
		value any
	}
	pairs []pair
)

// verbatim is put into a record as it is.
type verbatim string

// get is the value of a key, nil where there is none.
func (p pairs) get(key string) any {
	for _, e := range p {
		if e.key == key {
			return e.value
		}
	}
	return nil
}

// bound returns a record with a field of its binding replaced, or added.
func (p pairs) bound(field string, value any) pairs {
	return p.set("bind", p.get("bind").(pairs).set(field, value))
}

// unbound returns a record without a field of its binding.
func (p pairs) unbound(field string) pairs {
	return p.set("bind", p.get("bind").(pairs).without(field))
}

// set returns the map with a key replaced, or added.
func (p pairs) set(key string, value any) pairs {
	p = slices.Clone(p)
	for i := range p {
		if p[i].key == key {
			p[i].value = value
			return p
		}
	}
	return append(p, pair{key, value})
}

// without returns the map without a key.
func (p pairs) without(key string) pairs {
	return slices.DeleteFunc(slices.Clone(p), func(e pair) bool { return e.key == key })
}

// also returns the map with an entry more, though the key may be there.
func (p pairs) also(key string, value any) pairs {
	return append(slices.Clone(p), pair{key, value})
}

const maxExact = 1 << 53 // integers up to here survive every reader of JSON

// stated is a value as the file has it: see docs/FORMAT.md, "Test vectors".
func stated(v any) any {
	switch v := v.(type) {
	case int:
		return stated(int64(v))
	case int64:
		if v > maxExact || v < -maxExact {
			return map[string]any{"$int": strconv.FormatInt(v, 10)}
		}
	case uint64:
		return map[string]any{"$int": strconv.FormatUint(v, 10)}
	case *big.Int:
		return map[string]any{"$int": v.String()}
	case float64:
		return map[string]any{"$float": floatText(v)}
	case []byte:
		return map[string]any{"$bytes": base64.StdEncoding.EncodeToString(v)}
	case []any:
		list := make([]any, len(v))
		for i := range v {
			list[i] = stated(v[i])
		}
		return list
	case pairs:
		object := make(map[string]any, len(v))
		for _, e := range v {
			object[e.key] = stated(e.value)
		}
		return object
	}
	return v
}

// floatText writes no number as nan, inf and -inf.
func floatText(f float64) string {
	return strings.TrimPrefix(strings.ToLower(strconv.FormatFloat(f, 'g', -1, 64)), "+")
}
