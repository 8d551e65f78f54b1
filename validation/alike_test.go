package validation_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/validation"
)

// theirs is package jsonschema's own verdict, which isn't bounded.
func theirs(t require.TestingT, schema, instance string) error {
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(schema))
	require.NoError(t, err)
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	c.AssertContent()
	require.NoError(t, c.AddResource("mem:///schema.json", doc))
	compiled, err := c.Compile("mem:///schema.json")
	require.NoError(t, err, schema)
	v, err := jsonschema.UnmarshalJSON(strings.NewReader(instance))
	require.NoError(t, err)
	return compiled.Validate(v)
}

// schemaGen makes schemas that are about few names and values, so that they often hold.
func schemaGen(depth int) *rapid.Generator[any] {
	return rapid.Custom(func(t *rapid.T) any {
		s := map[string]any{}
		count := rapid.IntRange(0, 3).Draw(t, "keywords")
		for range count {
			addKeyword(t, s, depth)
		}
		if len(s) == 0 {
			return rapid.Bool().Draw(t, "any")
		}
		return s
	})
}

var namesGen = rapid.SampledFrom([]string{"a", "b", "c"})

func addKeyword(t *rapid.T, s map[string]any, depth int) {
	leaf := []string{"type", "const", "enum", "minimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength", "pattern", "minItems", "maxItems", "uniqueItems", "required", "minProperties", "dependentRequired", "format"}
	inner := []string{"properties", "patternProperties", "additionalProperties", "propertyNames", "items", "prefixItems", "contains", "minContains", "maxContains", "allOf", "anyOf", "oneOf", "not", "if", "then", "else", "dependentSchemas", "unevaluatedProperties", "unevaluatedItems", "$ref"}
	all := leaf
	if depth > 0 {
		all = append(all, inner...)
	}
	keyword := rapid.SampledFrom(all).Draw(t, "keyword")
	small := func() any { return rapid.IntRange(0, 2).Draw(t, "n") }
	sub := func() any { return schemaGen(depth-1).Draw(t, "sub") }
	subs := func() any { return rapid.SliceOfN(schemaGen(depth-1), 1, 3).Draw(t, "subs") }
	named := func() any { return rapid.MapOfN(namesGen, schemaGen(depth-1), 1, 3).Draw(t, "named") }
	switch keyword {
	case "type":
		s[keyword] = rapid.SampledFrom([]string{"null", "boolean", "object", "array", "number", "string", "integer"}).Draw(t, "type")
	case "const":
		s[keyword] = valueGen(1).Draw(t, "const")
	case "enum":
		s[keyword] = rapid.SliceOfN(valueGen(1), 1, 3).Draw(t, "enum")
	case "minimum", "exclusiveMaximum":
		s[keyword] = rapid.SampledFrom([]any{0, 1, 0.5, -1}).Draw(t, "bound")
	case "multipleOf":
		s[keyword] = rapid.SampledFrom([]any{1, 2, 0.5, 0.1}).Draw(t, "step")
	case "minLength", "maxLength", "minItems", "maxItems", "minProperties", "minContains", "maxContains":
		s[keyword] = small()
	case "pattern":
		s[keyword] = rapid.SampledFrom([]string{"^a", "b$", "ab", ""}).Draw(t, "pattern")
	case "format":
		s[keyword] = rapid.SampledFrom([]string{"date", "uuid", "ipv4"}).Draw(t, "format")
	case "uniqueItems":
		s[keyword] = rapid.Bool().Draw(t, "unique")
	case "required":
		s[keyword] = rapid.SliceOfNDistinct(namesGen, 0, 2, rapid.ID).Draw(t, "required")
	case "dependentRequired":
		s[keyword] = map[string]any{namesGen.Draw(t, "if"): rapid.SliceOfNDistinct(namesGen, 1, 2, rapid.ID).Draw(t, "then")}
	case "properties", "dependentSchemas":
		s[keyword] = named()
	case "patternProperties":
		s[keyword] = map[string]any{rapid.SampledFrom([]string{"^a", "b", "."}).Draw(t, "names"): sub()}
	case "prefixItems", "allOf", "anyOf", "oneOf":
		s[keyword] = subs()
	case "$ref":
		s[keyword] = "#/$defs/tree"
	default:
		s[keyword] = sub()
	}
}

func valueGen(depth int) *rapid.Generator[any] {
	return rapid.Custom(func(t *rapid.T) any {
		kinds := 5
		if depth > 0 {
			kinds = 7
		}
		switch rapid.IntRange(0, kinds-1).Draw(t, "kind") {
		case 0:
			return nil
		case 1:
			return rapid.Bool().Draw(t, "bool")
		case 2:
			return rapid.SampledFrom([]any{-1, 0, 1, 2, 3}).Draw(t, "int")
		case 3:
			return rapid.SampledFrom([]any{0.5, 1.0, 0.3, -2.5}).Draw(t, "float")
		case 4:
			return rapid.SampledFrom([]string{"", "a", "ab", "ba", "2026-11-27", "127.0.0.1"}).Draw(t, "text")
		case 5:
			return rapid.SliceOfN(valueGen(depth-1), 0, 3).Draw(t, "list")
		}
		return rapid.MapOfN(rapid.SampledFrom([]string{"a", "b", "c", "d"}), valueGen(depth-1), 0, 4).Draw(t, "object")
	})
}

// TestVerdictsAreThoseOfPackageJSONSchema, which is slow and unbounded, but known to be right.
func TestVerdictsAreThoseOfPackageJSONSchema(t *testing.T) {
	verdicts := map[bool]int{}
	rapid.Check(t, func(t *rapid.T) {
		top := map[string]any{
			"allOf": []any{schemaGen(3).Draw(t, "schema")},
			"$defs": map[string]any{"tree": map[string]any{"properties": map[string]any{"a": map[string]any{"$ref": "#/$defs/tree"}}, "required": []any{"a"}}},
		}
		for range rapid.IntRange(0, 2).Draw(t, "more") {
			addKeyword(t, top, 2)
		}
		schema, err := json.Marshal(top)
		require.NoError(t, err)
		v, err := validation.LoadFS(schemaOf(string(schema)))
		require.NoError(t, err, string(schema))
		for range 5 {
			instance, err := json.Marshal(valueGen(3).Draw(t, "instance"))
			require.NoError(t, err)
			want := theirs(t, string(schema), string(instance))
			verdicts[want == nil]++
			requireAlike(t, v, want, string(schema), string(instance))
		}
	})
	require.Greater(t, verdicts[true], 50)
	require.Greater(t, verdicts[false], 50)
}

func requireAlike(t require.TestingT, v *validation.Validator, want error, schema, instance string) {
	d := json.NewDecoder(strings.NewReader(instance))
	d.UseNumber()
	var arg any
	require.NoError(t, d.Decode(&arg))
	got := v.Validate(callOf(delivered(arg)))
	require.Equal(t, want == nil, got == nil, "%s\n%s\ntheirs: %v\nours: %v", schema, instance, want, got)
	invalid, ok := errors.AsType[*transparency.InvalidError](got)
	require.True(t, got == nil || ok && strings.HasPrefix(invalid.Path, "args[0]") && invalid.Why != "", fmt.Sprint(got))
}

// FuzzSchemas: whatever is in a file, loading returns, and its error names the file. What loads
// has the verdicts of package jsonschema.
func FuzzSchemas(f *testing.F) {
	for _, c := range refusedSchemas {
		if len(c.schema) < 2000 {
			f.Add(c.schema, `{"a": [1, "x", null]}`)
		}
	}
	f.Add(`{"properties": {"a": {"items": {"$ref": "#"}}}, "unevaluatedProperties": false}`, `{"a": [{"a": []}, 1]}`)
	f.Fuzz(func(t *testing.T, schema, instance string) {
		v, err := validation.LoadFS(schemaOf(schema))
		if err != nil {
			require.ErrorIs(t, err, validation.ErrSchemas)
			require.Regexp(t, `^validation: unusable schemas: (schema|args)\.json`, err.Error())
			return
		}
		if len(instance) > 1000 || !json.Valid([]byte(instance)) || number(instance) {
			return
		}
		requireAlike(t, v, theirs(t, schema, instance), schema, instance)
	})
}

// number tells of numbers that differ as decimals and as float64: package jsonschema takes
// decimals, and a payload has none.
func number(instance string) bool {
	return strings.ContainsAny(instance, "eE.") || strings.Contains(instance, "-0")
}

// FuzzIndexes: whatever is in an index, loading returns, and its error names the file.
func FuzzIndexes(f *testing.F) {
	for _, c := range refusedIndexes {
		if len(c.index) < 2000 {
			f.Add(c.index)
		}
	}
	f.Add(ofValue)
	f.Fuzz(func(t *testing.T, index string) {
		_, err := validation.LoadFS(folderOf(map[string]string{"index.json": index, "args.json": `{"type": "array"}`}))
		if err != nil {
			require.ErrorIs(t, err, validation.ErrSchemas)
			require.Regexp(t, `^validation: unusable schemas: (index|args)\.json`, err.Error())
		}
	})
}
