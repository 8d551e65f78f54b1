package validation

import (
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// node is a schema as it is applied. The keywords that it lacks are zero.
type node struct {
	never bool // the schema false
	free  bool // the schema true

	types  types
	konst  map[string]bool // the key of the only value
	enum   map[string]bool // keys of values
	format *jsonschema.Format
	why    struct{ types, format string } // of failures: these are many where nothing depends on one

	ref                 *node
	allOf, anyOf, oneOf []*node
	not                 *node
	cond, then, els     *node

	number *numberRules
	text   *textRules
	array  *arrayRules
	object *objectRules

	// unevaluated is set if the node itself has such a keyword.
	unevaluated bool
}

type numberRules struct {
	minimum, maximum, above, below, multipleOf *bound
}

type textRules struct {
	minLength, maxLength *int
	pattern              *regex
	base64               bool
}

type arrayRules struct {
	minItems, maxItems *int
	unique             bool
	prefix             []*node
	items              *node
	contains           *node
	minContains        int
	maxContains        *int
	unevaluated        *node
}

type objectRules struct {
	minProperties, maxProperties *int
	required                     []string
	properties                   map[string]*node
	patterns                     []patternRule
	each                         bool // something applies to each property
	additional                   *node
	names                        *node
	dependentRequired            map[string][]string
	dependentSchemas             map[string]*node
	unevaluated                  *node
}

type patternRule struct {
	pattern *regex
	node    *node
}

// same are the nodes that are applied to the very value that n is applied to.
func (n *node) same() []*node {
	all := []*node{n.ref, n.not, n.cond, n.then, n.els}
	all = append(append(append(all, n.allOf...), n.anyOf...), n.oneOf...)
	if n.object != nil {
		for _, dependent := range n.object.dependentSchemas {
			all = append(all, dependent)
		}
	}
	return all
}

// types is a set of the types of JSON. A number without fraction is an integer too.
type types uint8

const (
	null types = 1 << iota
	boolean
	object
	array
	number
	text
	integer
)

var typeOf = map[string]types{"null": null, "boolean": boolean, "object": object, "array": array, "number": number, "string": text, "integer": integer}
