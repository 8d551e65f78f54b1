package validation

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/big"
	"net/url"
	"regexp"
	"regexp/syntax"
	"slices"
	"strconv"
	"strings"
)

// draft is the only dialect of JSON Schema that is taken.
const draft = "https://json-schema.org/draft/2020-12/schema"

// shape is what may stand behind a keyword.
type shape func(c *checker, at string, v any) error

// shapeOf gives what may stand behind a keyword, or nil for what is none.
func shapeOf(keyword string) shape {
	switch keyword {
	case "not", "if", "then", "else", "items", "contains", "additionalProperties", "propertyNames", "unevaluatedItems", "unevaluatedProperties":
		return oneSchema
	case "allOf", "anyOf", "oneOf", "prefixItems":
		return schemaList
	case "$defs":
		return schemaMap
	case "properties", "dependentSchemas":
		return namedSchemas
	case "patternProperties":
		return regexSchemas
	case "maximum", "exclusiveMaximum", "minimum", "exclusiveMinimum":
		return isNumber
	case "maxLength", "minLength", "maxItems", "minItems", "maxContains", "minContains", "maxProperties", "minProperties":
		return isCount
	case "uniqueItems", "deprecated", "readOnly", "writeOnly":
		return isBool
	case "enum", "examples":
		return isList
	case "const", "default":
		return anything
	case "$comment", "title", "description":
		return isText
	}
	return map[string]shape{
		"$schema": isDraft, "$ref": isReference, "$anchor": isAnchor, "multipleOf": isStep, "type": isType, "pattern": isRegex,
		"required": isNames, "dependentRequired": isNameLists, "format": isFormat, "contentEncoding": isEncoding,
	}[keyword]
}

// untaken are keywords of the draft that aren't, and why.
var untaken = map[string]string{
	"$id":              "files of the folder refer to one another by their names: leave it out",
	"$dynamicRef":      "use $ref",
	"$dynamicAnchor":   "use $anchor",
	"$vocabulary":      "schemas of schemas aren't taken",
	"contentMediaType": "what is in a text isn't looked at: leave it out",
	"contentSchema":    "what is in a text isn't looked at: leave it out",
}

// formats are those of the draft that are checked.
var formats = []string{
	"date-time", "date", "time", "duration", "email", "hostname", "ipv4", "ipv6", "uri", "uri-reference", "iri", "iri-reference",
	"uuid", "json-pointer", "relative-json-pointer",
}

// checker checks the schemas of one file, and counts those of all.
type checker struct {
	folder *folder
	file   string
}

// schema checks a schema and all within it.
func (c *checker) schema(at string, v any) error {
	if c.folder.schemas++; c.folder.schemas > maxSchemas {
		return wrong(c.file, at, "more than %d schemas in the folder", maxSchemas)
	}
	c.folder.places[c.file+"#"+at] = true
	object, ok := v.(map[string]any)
	if _, isBool := v.(bool); isBool {
		return nil
	}
	if !ok {
		return wrong(c.file, at, "a schema is an object or a boolean")
	}
	for _, keyword := range slices.Sorted(maps.Keys(object)) {
		at, v := at+"/"+escape(keyword), object[keyword]
		check := shapeOf(keyword)
		if why, known := untaken[keyword]; known {
			return wrong(c.file, at, "not taken: %s", why)
		}
		if check == nil {
			return wrong(c.file, at, "%.50q is no keyword of JSON Schema 2020-12", keyword)
		}
		if err := check(c, at, v); err != nil {
			return c.located(at, err)
		}
	}
	return nil
}

// located is err with the place, unless it has one.
func (c *checker) located(at string, err error) error {
	if _, ok := errors.AsType[*Error](err); ok {
		return err
	}
	return &Error{File: c.file, At: at, Err: err}
}

// escape is a step of a JSON Pointer.
func escape(name string) string {
	return strings.ReplaceAll(strings.ReplaceAll(name, "~", "~0"), "/", "~1")
}

func oneSchema(c *checker, at string, v any) error { return c.schema(at, v) }

func schemaList(c *checker, at string, v any) error {
	list, ok := v.([]any)
	if !ok || len(list) == 0 {
		return errors.New("a list of schemas is wanted, with one at least")
	}
	for i, v := range list {
		if err := c.schema(at+"/"+strconv.Itoa(i), v); err != nil {
			return err
		}
	}
	return nil
}

func schemaMap(c *checker, at string, v any) error {
	object, ok := v.(map[string]any)
	if !ok {
		return errors.New("an object of schemas is wanted")
	}
	for _, name := range slices.Sorted(maps.Keys(object)) {
		if err := c.schema(at+"/"+escape(name), object[name]); err != nil {
			return err
		}
	}
	return nil
}

func namedSchemas(c *checker, at string, v any) error {
	if object, ok := v.(map[string]any); ok {
		for name := range object {
			c.folder.names[name] = true
		}
	}
	return schemaMap(c, at, v)
}

func regexSchemas(c *checker, at string, v any) error {
	if object, ok := v.(map[string]any); ok {
		for pattern := range object {
			if _, err := compileRegex(pattern); err != nil {
				return c.located(at+"/"+escape(pattern), err)
			}
		}
	}
	return schemaMap(c, at, v)
}

func anything(*checker, string, any) error { return nil }

func isText(_ *checker, _ string, v any) error { return want[string](v, "a text") }

func isBool(_ *checker, _ string, v any) error { return want[bool](v, "true or false") }

func isList(_ *checker, _ string, v any) error { return want[[]any](v, "a list") }

func isNumber(_ *checker, _ string, v any) error { return want[json.Number](v, "a number") }

func want[T any](v any, what string) error {
	if _, ok := v.(T); !ok {
		return errors.New(what + " is wanted")
	}
	return nil
}

func isCount(_ *checker, _ string, v any) error {
	n, _ := v.(json.Number)
	r, ok := new(big.Rat).SetString(n.String())
	if !ok || !r.IsInt() || r.Sign() < 0 || r.Num().BitLen() > 31 {
		return errors.New("a number from 0 to 2147483647 without fraction is wanted")
	}
	return nil
}

var typeNames = []string{"null", "boolean", "object", "array", "number", "string", "integer"}

func isType(_ *checker, _ string, v any) error {
	list, isList := v.([]any)
	if !isList {
		list = []any{v}
	}
	if len(list) == 0 {
		return errors.New("a type is wanted")
	}
	for _, v := range list {
		if name, ok := v.(string); !ok || !slices.Contains(typeNames, name) {
			return fmt.Errorf("one of these is wanted, or a list of them: %s", strings.Join(typeNames, ", "))
		}
	}
	return nil
}

func isNames(c *checker, _ string, v any) error {
	list, ok := v.([]any)
	for _, v := range list {
		name, isName := v.(string)
		ok = ok && isName
		c.folder.names[name] = true
	}
	if !ok {
		return errors.New("a list of names is wanted")
	}
	return nil
}

func isNameLists(c *checker, at string, v any) error {
	object, ok := v.(map[string]any)
	if !ok {
		return errors.New("an object of lists of names is wanted")
	}
	for _, v := range object {
		if err := isNames(c, at, v); err != nil {
			return err
		}
	}
	return nil
}

func isDraft(_ *checker, _ string, v any) error {
	if name, _ := v.(string); strings.TrimSuffix(name, "#") != draft {
		return fmt.Errorf("only %s is taken", draft)
	}
	return nil
}

func isFormat(_ *checker, _ string, v any) error {
	if name, ok := v.(string); !ok || !slices.Contains(formats, name) {
		return fmt.Errorf("one of these is wanted: %s", strings.Join(formats, ", "))
	}
	return nil
}

func isEncoding(_ *checker, _ string, v any) error {
	if v != "base64" {
		return errors.New(`only "base64" is taken`)
	}
	return nil
}

// isReference notes what is referred to. Whether that is there is known when all files are
// checked.
func isReference(c *checker, at string, v any) error {
	ref, ok := v.(string)
	if !ok {
		return errors.New("a text is wanted")
	}
	file, fragment, _ := strings.Cut(ref, "#")
	target := c.file
	if file != "" {
		var err error
		if target, err = resolve(c.file, file); err != nil {
			return err
		}
	}
	fragment, err := url.PathUnescape(fragment)
	if err != nil {
		return errors.New("what stands behind # is no fragment of a URL")
	}
	c.folder.references = append(c.folder.references, reference{c.file, at, target, fragment})
	return nil
}

func isAnchor(c *checker, _ string, v any) error {
	name, ok := v.(string)
	if !ok || name == "" || strings.HasPrefix(name, "/") {
		return errors.New("a name is wanted")
	}
	place := c.file + "#" + name
	if c.folder.places[place] {
		return errors.New("the file has this anchor already")
	}
	c.folder.places[place] = true
	return nil
}

func isStep(_ *checker, _ string, v any) error {
	n, _ := v.(json.Number)
	if r, ok := new(big.Rat).SetString(n.String()); !ok || r.Sign() <= 0 {
		return errors.New("a number above 0 is wanted")
	}
	return nil
}

func isRegex(_ *checker, _ string, v any) error {
	text, ok := v.(string)
	if !ok {
		return errors.New("a regular expression is wanted")
	}
	_, err := compileRegex(text)
	return err
}

// regex is a compiled regular expression, with the size of its program.
type regex struct {
	*regexp.Regexp
	size int
}

// compileRegex takes what Go's package regexp takes. That matches in time that is linear in
// the text, times the size of the program.
func compileRegex(text string) (*regex, error) {
	if len(text) > maxRegexBytes {
		return nil, fmt.Errorf("a regular expression of more than %d bytes", maxRegexBytes)
	}
	parsed, err := syntax.Parse(text, syntax.Perl)
	if err != nil {
		return nil, fmt.Errorf("a regular expression that Go's package regexp doesn't take: %s", shorten(err.Error()))
	}
	program, err := syntax.Compile(parsed.Simplify())
	if err != nil {
		return nil, fmt.Errorf("a regular expression that Go's package regexp doesn't take: %s", shorten(err.Error()))
	}
	if len(program.Inst) > maxRegexSize {
		return nil, fmt.Errorf("a regular expression that becomes more than %d instructions", maxRegexSize)
	}
	compiled, err := regexp.Compile(text)
	if err != nil {
		return nil, err
	}
	return &regex{compiled, len(program.Inst)}, nil
}
