package lint

// ids looks for ids that were given to more than one key.
func (r *report) ids() {
	keys := map[string]*version{}
	for _, e := range r.entries {
		for _, v := range e.versions {
			if v.ID == "" || !v.known() {
				continue
			}
			if other := keys[v.ID]; other != nil && !other.same(v.halves) {
				r.add(v, DuplicateID, "the id %q stands for another key in %s, and who reads it in a log can't tell them apart: "+
					"give each key an id of its own", v.ID, other.of.name())
			}
			keys[v.ID] = v
		}
	}
}
