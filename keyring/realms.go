package keyring

import (
	"maps"
	"weak"
)

// realms has a ring's Forms by their realm, for as long as somebody holds on to them.
type realms struct {
	forms map[string]weak.Pointer[Forms]
	many  int // of these it looks for what nobody holds on to any more
}

// get gives the Forms of a realm, which may be new.
func (rs *realms) get(r *Ring, realm string) *Forms {
	if fs := rs.forms[realm].Value(); fs != nil {
		return fs
	}
	if len(rs.forms) >= rs.many {
		maps.DeleteFunc(rs.forms, func(_ string, at weak.Pointer[Forms]) bool { return at.Value() == nil })
		rs.many = 2*len(rs.forms) + 8
	}
	if rs.forms == nil {
		rs.forms = map[string]weak.Pointer[Forms]{}
	}
	fs := &Forms{ring: r, realm: realm}
	fs.forms.Store(new(map[formKey]*Form))
	rs.forms[realm] = weak.Make(fs)
	return fs
}

// each walks through those that somebody holds on to.
func (rs *realms) each(yield func(*Forms) bool) {
	for _, at := range rs.forms {
		if fs := at.Value(); fs != nil && !yield(fs) {
			return
		}
	}
}
