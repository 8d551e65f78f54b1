package validation_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"
)

// value reads JSON as a Session delivers it: integers as int64.
func value(t testing.TB, text string) any {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader([]byte(text)))
	d.UseNumber()
	var v any
	require.NoError(t, d.Decode(&v), text)
	return delivered(v)
}

func delivered(v any) any {
	switch v := v.(type) {
	case json.Number:
		if whole, ok := new(big.Int).SetString(v.String(), 10); ok {
			switch {
			case whole.IsInt64():
				return whole.Int64()
			case whole.IsUint64():
				return whole.Uint64()
			}
			return whole
		}
		f, _ := v.Float64()
		return f
	case []any:
		for i := range v {
			v[i] = delivered(v[i])
		}
	case map[string]any:
		for k := range v {
			v[k] = delivered(v[k])
		}
	}
	return v
}

// TestKeywords: for each, values that are valid and invalid, and where and why.
func TestKeywords(t *testing.T) {
	for _, c := range []struct {
		schema         string
		valid, invalid []string
		where          string // "path: why" of all that are invalid
	}{
		{`true`, []string{`1`, `null`, `{}`}, nil, ""},
		{`false`, nil, []string{`1`, `null`}, `args[0]: false`},
		{`{"type": "integer"}`, []string{`1`, `1.0`, `-5`, `1e300`, `18446744073709551615`, `123456789012345678901234567890`}, []string{`1.5`, `"1"`, `null`, `true`, `[]`}, `args[0]: type: integer`},
		{`{"type": ["number", "null"]}`, []string{`1`, `1.5`, `null`}, []string{`"1"`, `false`, `{}`}, `args[0]: type: null, number`},
		{`{"type": "string", "minLength": 2, "maxLength": 3}`, []string{`"ab"`, `"äöü"`}, nil, ""},
		{`{"minLength": 2}`, []string{`1`, `"世界"`}, []string{`""`, `"a"`}, `args[0]: minLength`},
		{`{"maxLength": 2}`, []string{`"世界"`}, []string{`"abc"`}, `args[0]: maxLength`},
		{`{"pattern": "^a+$"}`, []string{`"aa"`, `1`}, []string{`"ab"`}, `args[0]: pattern`},
		{`{"minimum": 0.1}`, []string{`0.1`, `1`, `18446744073709551615`}, []string{`0.09`, `0`, `-1e300`}, `args[0]: minimum`},
		{`{"maximum": 10}`, []string{`10`, `10.0`, `-5`}, []string{`11`, `10.5`, `18446744073709551615`, `123456789012345678901234567890`}, `args[0]: maximum`},
		{`{"exclusiveMinimum": 0}`, []string{`0.001`, `1`}, []string{`0`, `-0.0`, `-1`}, `args[0]: exclusiveMinimum`},
		{`{"exclusiveMaximum": 9007199254740993}`, []string{`9007199254740992`}, []string{`9007199254740993`, `9007199254740994`}, `args[0]: exclusiveMaximum`},
		{`{"multipleOf": 0.1}`, []string{`0.3`, `1`, `1.1`, `0`}, []string{`0.35`}, `args[0]: multipleOf`},
		{`{"multipleOf": 3}`, []string{`9`, `9.0`, `-3`, `"x"`}, []string{`10`, `9.5`, `18446744073709551614`}, `args[0]: multipleOf`},
		{`{"const": {"a": [1, 2.0, null]}}`, []string{`{"a": [1.0, 2, null]}`}, []string{`{"a": [1, 2]}`, `1`, `{"a": [1, 2, null], "b": 1}`}, `args[0]: const`},
		{`{"enum": [1, "1", true, [], 0.5]}`, []string{`1`, `1.0`, `"1"`, `true`, `[]`, `0.5`}, []string{`2`, `"true"`, `false`, `{}`, `[[]]`, `null`}, `args[0]: enum`},
		{`{"items": {"type": "string"}}`, []string{`[]`, `["a"]`, `{}`}, nil, ""},
		{`{"items": {"type": "string"}}`, nil, []string{`["a", 1]`}, `args[0][1]: type: string`},
		{`{"prefixItems": [true, {"type": "null"}], "items": false}`, []string{`[1]`, `[1, null]`}, nil, ""},
		{`{"prefixItems": [true], "items": false}`, nil, []string{`[1, 2]`}, `args[0][1]: false`},
		{`{"minItems": 1}`, []string{`[1]`}, []string{`[]`}, `args[0]: minItems`},
		{`{"maxItems": 1}`, []string{`[1]`}, []string{`[1, 2]`}, `args[0]: maxItems`},
		{`{"uniqueItems": true}`, []string{`[1, "1", true, 1.5, [1], {"a": 1}]`}, []string{`[1, 1.0]`, `[{"a": 1, "b": 2}, {"b": 2, "a": 1}]`, `["a", "a"]`}, `args[0]: uniqueItems`},
		{`{"contains": {"type": "null"}}`, []string{`[1, null]`, `1`}, []string{`[]`, `[1]`}, `args[0]: contains`},
		{`{"contains": {"type": "null"}, "minContains": 2, "maxContains": 2}`, []string{`[null, null, 1]`}, []string{`[null]`}, `args[0]: contains`},
		{`{"contains": {"type": "null"}, "minContains": 0, "maxContains": 1}`, []string{`[]`, `[null]`}, []string{`[null, null]`}, `args[0]: maxContains`},
		{`{"properties": {"a": {"properties": {"b": {"type": "null"}}}}}`, []string{`{}`, `{"a": {}}`, `{"a": 1}`}, []string{`{"a": {"b": 1}}`}, `args[0].a.b: type: null`},
		{`{"patternProperties": {"^x": {"type": "null"}}}`, []string{`{"xa": null, "a": 1}`}, []string{`{"xsecret": 1}`}, `args[0]{}: type: null`},
		{`{"properties": {"a": true}, "patternProperties": {"^x": true}, "additionalProperties": false}`, []string{`{"a": 1, "x1": 2}`}, []string{`{"secret": 1}`}, `args[0]: additionalProperties`},
		{`{"properties": {"a": true}, "additionalProperties": {"type": "null"}}`, []string{`{"a": 1, "b": null}`}, []string{`{"secret": 1}`}, `args[0]{}: type: null`},
		{`{"propertyNames": {"maxLength": 3}}`, []string{`{"abc": 1}`}, []string{`{"secret": 1}`}, `args[0]: propertyNames`},
		{`{"required": ["a", "b"]}`, []string{`{"a": 1, "b": 2}`, `[]`}, []string{`{"a": 1}`}, `args[0]: required: b`},
		{`{"minProperties": 1}`, []string{`{"a": 1}`}, []string{`{}`}, `args[0]: minProperties`},
		{`{"maxProperties": 1}`, []string{`{"a": 1}`}, []string{`{"a": 1, "b": 1}`}, `args[0]: maxProperties`},
		{`{"dependentRequired": {"a": ["b"]}}`, []string{`{}`, `{"b": 1}`, `{"a": 1, "b": 1}`}, []string{`{"a": 1}`}, `args[0]: dependentRequired: b`},
		{`{"dependentSchemas": {"a": {"maxProperties": 1}}}`, []string{`{"a": 1}`, `{"b": 1, "c": 1}`}, []string{`{"a": 1, "b": 1}`}, `args[0]: maxProperties`},
		{`{"allOf": [{"minimum": 1}, {"maximum": 2}]}`, []string{`1`, `2`}, []string{`3`}, `args[0]: maximum`},
		{`{"anyOf": [{"minimum": 5}, {"maximum": 2}]}`, []string{`1`, `6`}, []string{`3`}, `args[0]: anyOf`},
		{`{"oneOf": [{"minimum": 2}, {"maximum": 5}]}`, []string{`1`, `6`}, []string{`3`}, `args[0]: oneOf`},
		{`{"not": {"type": "null"}}`, []string{`1`}, []string{`null`}, `args[0]: not`},
		{`{"if": {"type": "string"}, "then": {"minLength": 1}, "else": {"type": "integer"}}`, []string{`"a"`, `1`}, []string{`""`}, `args[0]: minLength`},
		{`{"if": {"type": "string"}, "else": {"type": "integer"}}`, []string{`""`, `1`}, []string{`1.5`}, `args[0]: type: integer`},
		{`{"$ref": "#/$defs/tree", "$defs": {"tree": {"properties": {"kids": {"items": {"$ref": "#/$defs/tree"}}}, "additionalProperties": false}}}`,
			[]string{`{}`, `{"kids": [{}, {"kids": [{}]}]}`}, []string{`{"kids": [{}, {"kids": [{"no": 1}]}]}`}, `args[0].kids[1].kids[0]: additionalProperties`},
		{`{"$ref": "#here", "$defs": {"x": {"$anchor": "here", "type": "null"}}}`, []string{`null`}, []string{`1`}, `args[0]: type: null`},
		{`{"allOf": [{"properties": {"a": true}}], "anyOf": [{"properties": {"b": true}, "required": ["b"]}, true], "unevaluatedProperties": false}`,
			[]string{`{"a": 1}`, `{"a": 1, "b": 1}`}, []string{`{"a": 1, "c": 1}`}, `args[0]: unevaluatedProperties`},
		{`{"if": {"properties": {"a": {"const": 1}}, "required": ["a"]}, "then": {"properties": {"b": true}}, "unevaluatedProperties": {"type": "null"}}`,
			[]string{`{"a": 1, "b": 1}`, `{"a": 1, "c": null}`, `{"c": null}`}, []string{`{"a": 2}`}, `args[0].a: type: null`},
		{`{"prefixItems": [true], "contains": {"type": "string"}, "unevaluatedItems": {"type": "null"}}`, []string{`[1, "a", null]`, `[1, null, "b"]`}, []string{`[1, "a", 2]`}, `args[0][2]: type: null`},
		{`{"format": "date-time"}`, []string{`"2026-11-27T06:00:00Z"`, `5`}, []string{`"yesterday"`}, `args[0]: format: date-time`},
		{`{"contentEncoding": "base64"}`, []string{`"AAH/"`, `""`, `5`}, []string{`"AAH"`, `"%"`}, `args[0]: contentEncoding: base64`},
	} {
		v := load(t, schemaOf(c.schema))
		for _, text := range c.valid {
			require.Nil(t, verdict(t, v, value(t, text)), "%s: %s", c.schema, text)
		}
		for _, text := range c.invalid {
			invalid := verdict(t, v, value(t, text))
			require.NotNil(t, invalid, "%s: %s", c.schema, text)
			require.Equal(t, c.where, invalid.Error(), "%s: %s", c.schema, text)
		}
	}
}

// TestValuesOfWAMP: what JSON doesn't have.
func TestValuesOfWAMP(t *testing.T) {
	moment := time.Date(2026, 11, 27, 6, 0, 0, 500, time.UTC)
	for _, c := range []struct {
		schema string
		value  any
		want   string
	}{
		{`{"type": "string", "contentEncoding": "base64", "pattern": "^AAH/$", "minLength": 4, "maxLength": 4, "const": "AAH/"}`, []byte{0, 1, 255}, ""},
		{`{"type": "string", "maxLength": 0}`, []byte{}, ""},
		{`{"maxLength": 3}`, []byte{0, 1, 255}, "args[0]: maxLength"},
		{`{"type": "array"}`, []byte{0, 1, 255}, "args[0]: type: array"},
		{`{"type": "string", "format": "date-time", "pattern": "Z$"}`, moment, ""},
		{`{"format": "date"}`, moment, "args[0]: format: date"},
		{`{"type": "integer", "minimum": 18446744073709551615}`, uint64(math.MaxUint64), ""},
		{`{"maximum": 18446744073709551614}`, uint64(math.MaxUint64), "args[0]: maximum"},
		{`{"type": "integer", "const": 36893488147419103232}`, new(big.Int).Lsh(big.NewInt(1), 65), ""},
		{`{"multipleOf": 2}`, new(big.Int).Lsh(big.NewInt(1), 65), ""},
		{`{"type": "number"}`, math.NaN(), "args[0]: a value that JSON doesn't have"},
		{`{"title": "anything"}`, math.Inf(1), "args[0]: a value that JSON doesn't have"},
		{`{"properties": {"a": {"type": "number"}}}`, map[string]any{"a": math.Inf(-1)}, "args[0].a: a value that JSON doesn't have"},
		{`{"title": "anything"}`, (*big.Int)(nil), "args[0]: a value that JSON doesn't have"},
		{`{"title": "anything"}`, struct{}{}, "args[0]: a value that JSON doesn't have"},
		{`{"enum": [[1, {"a": 2}]]}`, wamp.List{int8(1), wamp.Dict{"a": uint16(2)}}, ""},
		{`{"uniqueItems": true}`, []any{math.Inf(1), math.NaN(), struct{}{}, 1}, ""},
	} {
		got := ""
		if invalid := verdict(t, load(t, schemaOf(c.schema)), c.value); invalid != nil {
			got = invalid.Error()
		}
		require.Equal(t, c.want, got, "%s: %v", c.schema, c.value)
	}
	for _, n := range []any{int(7), int8(7), int16(7), int32(7), int64(7), uint(7), uint8(7), uint16(7), uint32(7), uint64(7), float32(7), float64(7), big.NewInt(7)} {
		require.Nil(t, verdict(t, load(t, schemaOf(`{"type": "integer", "minimum": 7, "maximum": 7, "const": 7, "multipleOf": 3.5}`)), n), fmt.Sprintf("%T", n))
	}
}
