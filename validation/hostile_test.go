package validation_test

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

const tooMuch = "args: takes too much work to check"

// nested is v in so many objects or lists.
func nested(depth int, in func(v any) any, v any) any {
	for range depth {
		v = in(v)
	}
	return v
}

func inObject(v any) any { return map[string]any{"a": v} }

func inList(v any) any { return []any{v} }

func repeat(n int, v any) []any {
	list := make([]any, n)
	for i := range list {
		list[i] = v
	}
	return list
}

// chain is a schema of n references, one behind the other.
func chain(n int, last string) string {
	var defs []string
	for i := range n {
		defs = append(defs, fmt.Sprintf(`"d%d": {"$ref": "#/$defs/d%d"}`, i, i+1))
	}
	return fmt.Sprintf(`{"$ref": "#/$defs/d0", "$defs": {%s, "d%d": %s}}`, strings.Join(defs, ","), n, last)
}

// wide is an object of n entries.
func wide(n int) map[string]any {
	object := make(map[string]any, n)
	for i := range n {
		object[fmt.Sprintf("k%d", i)] = int64(i)
	}
	return object
}

// TestHostilePayloads: as large and deep as a record may be, against schemas that an honest
// operator could have written. Each ends soon, and takes little memory.
func TestHostilePayloads(t *testing.T) {
	const many = 100_000
	for name, c := range map[string]struct {
		schema  string
		payload any
		want    string
	}{
		"twice a level":               {`{"properties": {"a": {"anyOf": [{"allOf": [{"$ref": "#"}, {"required": ["x"]}]}, {"$ref": "#"}]}}}`, nested(100, inObject, nil), tooMuch},
		"twice a level, by a pattern": {`{"properties": {"a": {"$ref": "#"}}, "patternProperties": {"^a": {"$ref": "#"}}}`, nested(100, inObject, nil), tooMuch},
		"twice a level, under not":    {`{"not": {"$ref": "#/$defs/t"}, "$defs": {"t": {"properties": {"a": {"oneOf": [{"$ref": "#/$defs/t"}, {"$ref": "#/$defs/t"}]}}}}}`, nested(100, inObject, nil), tooMuch},
		"deep":                        {`{"properties": {"a": {"$ref": "#"}}}`, nested(120, inObject, int64(1)), ""},
		"long chain":                  {chain(1900, `{"type": "null"}`), nil, ""},
		"longer chain":                {chain(2100, `{"type": "null"}`), nil, tooMuch},
		"deep, by chains":             {chain(1000, `{"items": {"$ref": "#"}}`), nested(120, inList, nil), tooMuch},
		"very deep":                   {`{"items": {"$ref": "#"}}`, nested(100_000, inList, nil), tooMuch},
		"many wrong":                  {`{"items": {"type": "string"}}`, repeat(many, int64(1)), "args[0][0]: type: string"},
		"many right":                  {`{"items": {"type": "integer", "minimum": 1}}`, repeat(many, int64(1)), ""},
		"many, in vain":               {`{"items": {"anyOf": [` + strings.Repeat(`{"type": "string"},`, 100) + `{"minimum": 5}]}}`, append(repeat(many, int64(7)), true), tooMuch},
		"none contained":              {`{"contains": {"type": "string"}}`, repeat(many, int64(1)), "args[0]: contains"},
		"many unique":                 {`{"uniqueItems": true}`, repeat(many, "x"), "args[0]: uniqueItems"},
		"many names":                  {`{"patternProperties": {"x{50}y{50}": true}, "additionalProperties": false}`, wide(many), "args[0]: additionalProperties"},
		"unevaluated":                 {`{"allOf": [{"allOf": [{"allOf": [{"additionalProperties": true}]}]}], "unevaluatedProperties": false}`, wide(many), ""},
		"expression":                  {`{"pattern": "(x+x+)+y"}`, strings.Repeat("x", 1<<20), "args[0]: pattern"},
		"large expression":            {`{"pattern": "[^q]{0,900}z"}`, strings.Repeat("x", 1<<20), tooMuch},
		"expression, often":           {`{"items": {"pattern": "[a-z]{0,300}[0-9]"}}`, repeat(many, strings.Repeat("x", 100)), "args[0][0]: pattern"},
		"long text":                   {`{"minLength": 1, "maxLength": 20000000, "pattern": "^x"}`, strings.Repeat("x", 8<<20), ""},
		"long bytes":                  {`{"type": "string", "contentEncoding": "base64", "maxLength": 30000000}`, make([]byte, 16<<20), ""},
		"long address":                {`{"format": "uri"}`, "http://example.com/" + strings.Repeat("x", 1<<20), "args[0]: format: uri"},
		"long base64":                 {`{"contentEncoding": "base64"}`, strings.Repeat("AAAA", 4<<20), ""},
		"large constant":              {`{"enum": [1, [2]]}`, repeat(many, int64(2)), "args[0]: enum"},
		"few values, many schemas":    {`{"items": {"allOf": [` + strings.Repeat(`{"type": "integer"},`, 4000) + `true]}}`, repeat(200, int64(1)), tooMuch},
	} {
		t.Run(name, func(t *testing.T) {
			v := load(t, schemaOf(c.schema))
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			invalid := verdict(t, v, c.payload)
			runtime.ReadMemStats(&after)
			got := ""
			if invalid != nil {
				got = invalid.Error()
			}
			require.Equal(t, c.want, got)
			require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(128<<20))
		})
	}
}

// TestErrorsHoldNothingOfThePayload: neither values nor names, but those of the schemas.
func TestErrorsHoldNothingOfThePayload(t *testing.T) {
	const secret = "secret"
	v := load(t, schemaOf(`{"properties": {"known": {"$ref": "#"}, "n": {"maximum": 5, "multipleOf": 2}},
		"additionalProperties": {"type": "object", "propertyNames": {"maxLength": 3}, "additionalProperties": {"enum": [1]}}, "dependentRequired": {"known": ["n"]}}`))
	for _, arg := range []any{
		map[string]any{secret: secret}, map[string]any{secret: map[string]any{secret: secret}}, map[string]any{secret: map[string]any{"s1": secret}},
		map[string]any{"n": int64(133)}, map[string]any{"known": map[string]any{secret: int64(133)}}, map[string]any{"known": secret},
	} {
		invalid := verdict(t, v, arg)
		require.NotNil(t, invalid)
		require.NotContains(t, invalid.Error(), secret)
		require.NotContains(t, invalid.Error(), "s1")
		require.NotContains(t, invalid.Error(), "133")
		require.LessOrEqual(t, len(invalid.Path), 700)
	}
	long := strings.Repeat("long", 1000)
	v = load(t, schemaOf(fmt.Sprintf(`{"properties": {%q: {"$ref": "#"}}, "required": [%q]}`, long, long)))
	invalid := verdict(t, v, nested(50, func(v any) any { return map[string]any{long: v} }, map[string]any{}))
	require.Less(t, len(invalid.Path)+len(invalid.Why), 1500)
}

// TestPayloadsAreNotChanged by validating.
func TestPayloadsAreNotChanged(t *testing.T) {
	v := load(t, schemaOf(`{"enum": [[{"a": 1}]], "items": {"additionalProperties": {"const": 1}}}`))
	arg := wamp.List{wamp.Dict{"a": int8(1)}}
	require.Nil(t, verdict(t, v, arg))
	require.Equal(t, wamp.List{wamp.Dict{"a": int8(1)}}, arg)
}

// TestConcurrentUse: a Validator has no state.
func TestConcurrentUse(t *testing.T) {
	v := load(t, schemaOf(`{"properties": {"a": {"$ref": "#"}}, "required": ["a"]}`))
	done := make(chan error)
	for i := range 8 {
		go func() {
			var err error
			for range 200 {
				p := transparency.NewPayload(cryptobox.KindCall, "com.x", wamp.List{nested(i, inObject, nil)}, nil)
				err = v.Validate(p)
			}
			done <- err
		}()
	}
	for range 8 {
		<-done
	}
}

// TestVeryDeepPayloads end the evaluation, not the process.
func TestVeryDeepPayloads(t *testing.T) {
	defer debug.SetMaxStack(debug.SetMaxStack(16 << 20))
	v := load(t, schemaOf(`{"items": {"$ref": "#"}}`))
	require.Equal(t, tooMuch, verdict(t, v, nested(300_000, inList, nil)).Error())
}
