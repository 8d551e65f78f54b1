package validation

import (
	"encoding/base64"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// evaluation applies schemas to one payload.
type evaluation struct {
	names map[string]bool // that a path may show
	work  int             // that is left
	depth int
	path  []step
	quiet int // more than 0 while a failure decides nothing by itself
	found *transparency.InvalidError
}

// step leads into a list, or into an object if list is false.
type step struct {
	list  bool
	index int
	name  string
}

// exhausted is what an evaluation ends with, whatever its schemas say, if it takes too much.
type exhausted struct{}

// run applies the schema to a part of the payload. It returns nil if that is valid.
func (e *evaluation) run(n *node, part string, v any) (invalid *transparency.InvalidError) {
	defer func() {
		if stop := recover(); stop != nil {
			if _, ok := stop.(exhausted); !ok {
				panic(stop)
			}
			invalid = &transparency.InvalidError{Path: part, Why: "takes too much work to check"}
		}
	}()
	e.path = append(e.path[:0], step{name: part})
	if e.apply(n, v, nil) {
		return nil
	}
	return e.found
}

// grant adds the work that a value may cost.
func (e *evaluation) grant(v any, depth int) {
	if e.work = min(maxWork, e.work+workForValue); depth > maxDepth {
		return
	}
	switch v := canonical(v).(type) {
	case string:
		e.work += len(v)
	case []byte:
		e.work += len(v)
	case []any:
		for i := range v {
			e.grant(v[i], depth+1)
		}
	case map[string]any:
		for name := range v {
			e.work += len(name)
			e.grant(v[name], depth+1)
		}
	}
}

// charge takes units of work.
func (e *evaluation) charge(units int) {
	if e.work -= units; e.work < 0 {
		panic(exhausted{})
	}
}

// fail notes the first failure that counts.
func (e *evaluation) fail(why string) bool {
	if e.quiet == 0 && e.found == nil {
		e.found = &transparency.InvalidError{Path: e.where(), Why: why}
	}
	return false
}

// where is the path to the value. Names that no schema has are payload, and stay out.
func (e *evaluation) where() string {
	var b strings.Builder
	b.WriteString(e.path[0].name)
	for _, s := range e.path[1:] {
		switch {
		case b.Len() > longest:
			return b.String()
		case s.list:
			b.WriteString("[" + strconv.Itoa(s.index) + "]")
		case e.names[s.name]:
			b.WriteString("." + shorten(s.name))
		default:
			b.WriteString("{}")
		}
	}
	return b.String()
}

// into applies a schema to what the step leads to.
func (e *evaluation) into(s step, n *node, v any) bool {
	e.path = append(e.path, s)
	valid := e.apply(n, v, nil)
	e.path = e.path[:len(e.path)-1]
	return valid
}

// holds tells whether a schema holds for the value, which decides nothing by itself.
func (e *evaluation) holds(n *node, v any, seen *evaluated) bool {
	e.quiet++
	valid := e.apply(n, v, seen)
	e.quiet--
	return valid
}

// apply applies a schema to a value. What it evaluates of that is added to seen, if seen isn't
// nil. If it returns false, seen is spoilt.
func (e *evaluation) apply(n *node, v any, seen *evaluated) bool {
	e.charge(1)
	switch {
	case n.never:
		return e.fail("false")
	case n.free:
		return true
	case e.depth > maxDepth:
		panic(exhausted{})
	}
	e.depth++
	valid := e.applyAll(n, canonical(v), seen)
	e.depth--
	return valid
}

func (e *evaluation) applyAll(n *node, v any, outer *evaluated) bool {
	seen := outer
	if n.unevaluated {
		seen = &evaluated{}
	}
	has := typesOfValue(v)
	if has == 0 {
		return e.fail("a value that JSON doesn't have")
	}
	if n.types != 0 && n.types&has == 0 {
		return e.fail(n.why.types)
	}
	if !e.values(n, v) || !e.byType(n, v, seen) || !e.combined(n, v, seen) {
		return false
	}
	if n.unevaluated {
		if !e.unevaluated(n, v, seen) {
			return false
		}
		e.merge(outer, seen)
	}
	return true
}

// values are the keywords that know of single values.
func (e *evaluation) values(n *node, v any) bool {
	if n.konst == nil && n.enum == nil && n.format == nil {
		return true
	}
	if n.konst != nil || n.enum != nil {
		key := e.key(v)
		if n.konst != nil && !n.konst[key] {
			return e.fail("const")
		}
		if n.enum != nil && !n.enum[key] {
			return e.fail("enum")
		}
	}
	if n.format != nil && typesOfValue(v) == text {
		s := e.text(v)
		if e.charge(len(s) / 4); len(s) > maxFormat || n.format.Validate(s) != nil {
			return e.fail(n.why.format)
		}
	}
	return true
}

func (e *evaluation) key(v any) string {
	k := keyer{charge: func(bytes int) { e.charge(1 + bytes/16) }}
	k.value(v)
	return string(k.out)
}

// text is asText, charged for.
func (e *evaluation) text(v any) string {
	if b, ok := v.([]byte); ok {
		e.charge(len(b) / 16)
	}
	return asText(v)
}

func (e *evaluation) byType(n *node, v any, seen *evaluated) bool {
	switch v := v.(type) {
	case []any:
		return n.array == nil || e.array(n.array, v, seen)
	case map[string]any:
		return n.object == nil || e.object(n.object, v, seen)
	case nil, bool:
		return true
	}
	if typesOfValue(v) == text {
		return n.text == nil || e.texts(n.text, v)
	}
	return n.number == nil || e.number(n.number, v)
}

func (e *evaluation) number(r *numberRules, v any) bool {
	switch {
	case r.minimum != nil && r.minimum.compare(v) < 0:
		return e.fail("minimum")
	case r.maximum != nil && r.maximum.compare(v) > 0:
		return e.fail("maximum")
	case r.above != nil && r.above.compare(v) <= 0:
		return e.fail("exclusiveMinimum")
	case r.below != nil && r.below.compare(v) >= 0:
		return e.fail("exclusiveMaximum")
	case r.multipleOf != nil && !r.multipleOf.divides(v):
		return e.fail("multipleOf")
	}
	return true
}

func (e *evaluation) texts(r *textRules, v any) bool {
	if r.minLength != nil || r.maxLength != nil {
		n := e.length(v)
		if r.minLength != nil && n < *r.minLength {
			return e.fail("minLength")
		}
		if r.maxLength != nil && n > *r.maxLength {
			return e.fail("maxLength")
		}
	}
	if r.pattern != nil && !e.matches(r.pattern, e.text(v)) {
		return e.fail("pattern")
	}
	if s, ok := v.(string); ok && r.base64 {
		e.charge(len(s) / 16)
		if _, err := io.Copy(io.Discard, base64.NewDecoder(base64.StdEncoding, strings.NewReader(s))); err != nil {
			return e.fail("contentEncoding: base64")
		}
	}
	return true
}

// length is in characters.
func (e *evaluation) length(v any) int {
	switch v := v.(type) {
	case string:
		e.charge(len(v) / 64)
		return utf8.RuneCountInString(v)
	case []byte:
		return base64.StdEncoding.EncodedLen(len(v))
	}
	return utf8.RuneCountInString(asText(v))
}

// matches charges for the steps that the slowest way of matching takes.
func (e *evaluation) matches(r *regex, s string) bool {
	e.charge(1 + (len(s)+1)*(8+r.size)/16)
	return r.MatchString(s)
}

// String names the types.
func (t types) String() string {
	var names []string
	for _, name := range typeNames {
		if t&typeOf[name] != 0 {
			names = append(names, name)
		}
	}
	return strings.Join(names, ", ")
}
