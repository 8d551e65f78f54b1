package validation

// array applies the keywords of arrays.
func (e *evaluation) array(r *arrayRules, v []any, seen *evaluated) bool {
	switch {
	case r.minItems != nil && len(v) < *r.minItems:
		return e.fail("minItems")
	case r.maxItems != nil && len(v) > *r.maxItems:
		return e.fail("maxItems")
	case r.unique && !e.unique(v):
		return e.fail("uniqueItems")
	}
	for i := range min(len(r.prefix), len(v)) {
		if !e.into(step{list: true, index: i}, r.prefix[i], v[i]) {
			return false
		}
	}
	seen.addItems(min(len(r.prefix), len(v)))
	if r.items != nil {
		for i := len(r.prefix); i < len(v); i++ {
			if !e.into(step{list: true, index: i}, r.items, v[i]) {
				return false
			}
		}
		seen.addItems(len(v))
	}
	return r.contains == nil || e.contains(r, v, seen)
}

func (e *evaluation) unique(v []any) bool {
	keys := make(map[string]struct{}, len(v))
	for _, item := range v {
		key := e.key(item)
		if _, before := keys[key]; before {
			return false
		}
		keys[key] = struct{}{}
	}
	return true
}

func (e *evaluation) contains(r *arrayRules, v []any, seen *evaluated) bool {
	found := 0
	for i := range v {
		e.quiet++
		if e.into(step{list: true, index: i}, r.contains, v[i]) {
			found++
			seen.addItem(i)
		}
		e.quiet--
	}
	switch {
	case found < r.minContains:
		return e.fail("contains")
	case r.maxContains != nil && found > *r.maxContains:
		return e.fail("maxContains")
	}
	return true
}

// object applies the keywords of objects.
func (e *evaluation) object(r *objectRules, v map[string]any, seen *evaluated) bool {
	switch {
	case r.minProperties != nil && len(v) < *r.minProperties:
		return e.fail("minProperties")
	case r.maxProperties != nil && len(v) > *r.maxProperties:
		return e.fail("maxProperties")
	}
	e.charge((len(r.dependentRequired) + len(r.dependentSchemas)) / 4)
	if !e.required(r.required, v, "required: ") {
		return false
	}
	for name, names := range r.dependentRequired {
		if _, given := v[name]; given && !e.required(names, v, "dependentRequired: ") {
			return false
		}
	}
	if r.each {
		for name, value := range v {
			if !e.property(r, name, value, seen) {
				return false
			}
		}
	}
	for name, n := range r.dependentSchemas {
		if _, given := v[name]; given && !e.apply(n, v, seen) {
			return false
		}
	}
	return true
}

func (e *evaluation) required(names []string, v map[string]any, why string) bool {
	e.charge(len(names) / 4)
	for _, name := range names {
		if _, given := v[name]; !given {
			if e.quiet > 0 {
				return false
			}
			return e.fail(why + shorten(name))
		}
	}
	return true
}

func (e *evaluation) property(r *objectRules, name string, v any, seen *evaluated) bool {
	e.charge(1)
	into := step{name: name}
	if r.names != nil && !e.holds(r.names, name, nil) {
		return e.fail("propertyNames")
	}
	n, known := r.properties[name]
	if known && !e.into(into, n, v) {
		return false
	}
	for _, p := range r.patterns {
		if e.matches(p.pattern, name) {
			known = true
			if !e.into(into, p.node, v) {
				return false
			}
		}
	}
	if !known && r.additional != nil {
		if r.additional.never {
			return e.fail("additionalProperties")
		}
		if !e.into(into, r.additional, v) {
			return false
		}
		known = true
	}
	if known {
		seen.addProperty(name)
	}
	return true
}

// combined applies the keywords that apply schemas to the value itself.
func (e *evaluation) combined(n *node, v any, seen *evaluated) bool {
	if n.ref != nil && !e.apply(n.ref, v, seen) {
		return false
	}
	for _, each := range n.allOf {
		if !e.apply(each, v, seen) {
			return false
		}
	}
	switch {
	case n.anyOf != nil && e.count(n.anyOf, v, seen, seen == nil) == 0:
		return e.fail("anyOf")
	case n.oneOf != nil && e.count(n.oneOf, v, seen, false) != 1:
		return e.fail("oneOf")
	case n.not != nil && e.holds(n.not, v, nil):
		return e.fail("not")
	case n.cond == nil:
		return true
	}
	branch := n.els
	if inner := seen.fresh(); e.holds(n.cond, v, inner) {
		e.merge(seen, inner)
		branch = n.then
	}
	return branch == nil || e.apply(branch, v, seen)
}

// count tells how many of the schemas hold, or, if one is enough, whether one does. More than
// two aren't counted.
func (e *evaluation) count(nodes []*node, v any, seen *evaluated, one bool) int {
	found := 0
	for _, n := range nodes {
		inner := seen.fresh()
		if !e.holds(n, v, inner) {
			continue
		}
		e.merge(seen, inner)
		if found++; one {
			break
		}
	}
	return found
}

// unevaluated applies the keywords for what no other has evaluated.
func (e *evaluation) unevaluated(n *node, v any, seen *evaluated) bool {
	e.charge(length(v))
	switch v := v.(type) {
	case []any:
		if n.array.unevaluated == nil {
			return true
		}
		for i := range v {
			if !seen.hasItem(i) && !e.into(step{list: true, index: i}, n.array.unevaluated, v[i]) {
				return false
			}
		}
		seen.addItems(len(v))
	case map[string]any:
		if n.object.unevaluated == nil {
			return true
		}
		for name, value := range v {
			if seen.hasProperty(name) {
				continue
			}
			if n.object.unevaluated.never {
				return e.fail("unevaluatedProperties")
			}
			if !e.into(step{name: name}, n.object.unevaluated, value) {
				return false
			}
			seen.addProperty(name)
		}
	}
	return true
}
