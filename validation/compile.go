package validation

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// root is where the folder lies for package jsonschema. Nothing is fetched from there.
const root = "schemas:///"

// compiler makes nodes of the schemas of a folder. Package jsonschema resolves references and
// compares with the schema of schemas; what it makes is walked once.
type compiler struct {
	folder *folder
	from   *jsonschema.Compiler
	nodes  map[*jsonschema.Schema]*node
	state  map[*node]state // of the search for circles
}

// nothing loads no URL.
type nothing struct{}

var errElsewhere = errors.New("the folder has no such file, and nothing is fetched from elsewhere")

// Load implements [jsonschema.URLLoader].
func (nothing) Load(string) (any, error) { return nil, errElsewhere }

func newCompiler(f *folder) (*compiler, error) {
	c := &compiler{folder: f, from: jsonschema.NewCompiler(), nodes: map[*jsonschema.Schema]*node{}, state: map[*node]state{}}
	c.from.DefaultDraft(jsonschema.Draft2020)
	c.from.AssertFormat()
	c.from.AssertContent()
	c.from.UseLoader(nothing{})
	c.from.UseRegexpEngine(func(text string) (jsonschema.Regexp, error) { return compileRegex(text) })
	for _, name := range slices.Sorted(maps.Keys(f.docs)) {
		if err := c.from.AddResource(root+name, f.docs[name]); err != nil {
			return nil, &Error{File: name, Err: err}
		}
	}
	// Each is compiled as a whole, used or not, and so are the parts that nothing refers to.
	for _, name := range slices.Sorted(maps.Keys(f.docs)) {
		if _, err := c.compile(name); err != nil {
			return nil, located(name, err)
		}
	}
	return c, nil
}

// compile gives the node of a schema: of a file, or with a fragment of a part of it.
func (c *compiler) compile(name string) (*node, error) {
	schema, err := c.from.Compile(root + name)
	if err != nil {
		return nil, err
	}
	n, err := c.node(schema)
	if err != nil {
		return nil, err
	}
	return n, c.circle(n)
}

// located is an error of package jsonschema, whose own texts name places as URLs.
func located(name string, err error) error {
	file, at := name, ""
	if invalid, ok := errors.AsType[*jsonschema.SchemaValidationError](err); ok {
		file, _, _ = strings.Cut(strings.TrimPrefix(invalid.URL, root), "#")
		err = invalid.Err
	}
	if deepest, ok := errors.AsType[*jsonschema.ValidationError](err); ok {
		for len(deepest.Causes) > 0 {
			deepest = deepest.Causes[0]
		}
		for _, step := range deepest.InstanceLocation {
			at += "/" + escape(step)
		}
		err = errors.New("no schema by the schema of schemas: " + strings.Join(deepest.ErrorKind.KeywordPath(), "/"))
	}
	return &Error{File: file, At: at, Err: errors.New(shorten(strings.ReplaceAll(err.Error(), root, "")))}
}

// node converts a schema and all that it refers to.
func (c *compiler) node(s *jsonschema.Schema) (*node, error) {
	if s == nil {
		return nil, nil
	}
	if n, ok := c.nodes[s]; ok {
		return n, nil
	}
	n := &node{}
	c.nodes[s] = n
	if s.Bool != nil {
		n.free, n.never = *s.Bool, !*s.Bool
		return n, nil
	}
	f := filling{c: c}
	n.types, n.format = typesOf(s.Types), s.Format
	n.why.types = "type: " + n.types.String()
	if n.format != nil {
		n.why.format = "format: " + n.format.Name
	}
	if s.Const != nil {
		n.konst = map[string]bool{f.key(*s.Const): true}
	}
	if s.Enum != nil {
		n.enum = map[string]bool{}
		for _, v := range s.Enum.Values {
			n.enum[f.key(v)] = true
		}
	}
	n.ref, n.not, n.cond, n.then, n.els = f.node(s.Ref), f.node(s.Not), f.node(s.If), f.node(s.Then), f.node(s.Else)
	n.allOf, n.anyOf, n.oneOf = f.nodes(s.AllOf), f.nodes(s.AnyOf), f.nodes(s.OneOf)
	n.number, n.text, n.array, n.object = f.number(s), f.text(s), f.array(s), f.object(s)
	n.unevaluated = s.UnevaluatedItems != nil || s.UnevaluatedProperties != nil
	return n, f.err
}

func typesOf(t *jsonschema.Types) (set types) {
	if t != nil {
		for _, name := range t.ToStrings() {
			set |= typeOf[name]
		}
	}
	return set
}

type state uint8

const (
	entered state = iota + 1
	left
)

// circle refuses a schema that is applied to a value because it is applied to that value.
func (c *compiler) circle(n *node) error {
	switch {
	case n == nil || c.state[n] == left:
		return nil
	case c.state[n] == entered:
		return errors.New("a $ref leads back to itself without going into the value")
	}
	c.state[n] = entered
	for _, next := range n.same() {
		if err := c.circle(next); err != nil {
			return err
		}
	}
	c.state[n] = left
	return nil
}

// filling converts parts of a schema. It keeps the first error.
type filling struct {
	c   *compiler
	err error
}

func (f *filling) node(s *jsonschema.Schema) *node {
	n, err := f.c.node(s)
	if f.err == nil {
		f.err = err
	}
	return n
}

func (f *filling) nodes(all []*jsonschema.Schema) (nodes []*node) {
	for _, s := range all {
		nodes = append(nodes, f.node(s))
	}
	return nodes
}

func (f *filling) named(all map[string]*jsonschema.Schema) map[string]*node {
	nodes := make(map[string]*node, len(all))
	for name, s := range all {
		nodes[name] = f.node(s)
	}
	return nodes
}

// key is that of a value in a schema.
func (f *filling) key(v any) string {
	var k keyer
	if err := k.schemaValue(v); err != nil && f.err == nil {
		f.err = err
	}
	return string(k.out)
}

// regex is what compileRegex has made.
func (f *filling) regex(r jsonschema.Regexp) *regex {
	compiled, ok := r.(*regex)
	if r != nil && !ok && f.err == nil {
		f.err = fmt.Errorf("a regular expression of another make: %T", r)
	}
	return compiled
}

func (f *filling) number(s *jsonschema.Schema) *numberRules {
	rules := numberRules{
		minimum: newBound(s.Minimum), maximum: newBound(s.Maximum),
		above: newBound(s.ExclusiveMinimum), below: newBound(s.ExclusiveMaximum), multipleOf: newBound(s.MultipleOf),
	}
	if rules == (numberRules{}) {
		return nil
	}
	return &rules
}

func (f *filling) text(s *jsonschema.Schema) *textRules {
	rules := textRules{minLength: s.MinLength, maxLength: s.MaxLength, pattern: f.regex(s.Pattern), base64: s.ContentEncoding != nil}
	if rules == (textRules{}) {
		return nil
	}
	return &rules
}

func (f *filling) array(s *jsonschema.Schema) *arrayRules {
	rules := &arrayRules{
		minItems: s.MinItems, maxItems: s.MaxItems, unique: s.UniqueItems,
		prefix: f.nodes(s.PrefixItems), items: f.node(s.Items2020),
		contains: f.node(s.Contains), minContains: 1, maxContains: s.MaxContains,
		unevaluated: f.node(s.UnevaluatedItems),
	}
	if s.MinContains != nil {
		rules.minContains = *s.MinContains
	}
	return rules
}

func (f *filling) object(s *jsonschema.Schema) *objectRules {
	rules := &objectRules{
		minProperties: s.MinProperties, maxProperties: s.MaxProperties, required: s.Required,
		properties: f.named(s.Properties), names: f.node(s.PropertyNames),
		dependentRequired: s.DependentRequired, dependentSchemas: f.named(s.DependentSchemas),
		unevaluated: f.node(s.UnevaluatedProperties),
	}
	for pattern, schema := range s.PatternProperties {
		rules.patterns = append(rules.patterns, patternRule{f.regex(pattern), f.node(schema)})
	}
	switch additional := s.AdditionalProperties.(type) {
	case bool:
		rules.additional = &node{free: additional, never: !additional}
	case *jsonschema.Schema:
		rules.additional = f.node(additional)
	}
	rules.each = len(rules.properties)+len(rules.patterns) > 0 || rules.additional != nil || rules.names != nil
	return rules
}
