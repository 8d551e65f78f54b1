package typed

import (
	"reflect"
	"strings"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/codec"
)

// field is one that is written and read.
type field struct {
	name  string
	index []int // as of [reflect.Value.FieldByIndex]
}

// shape is how a struct is written.
type shape struct {
	fields []field
	asList bool // in the order of its fields
}

const (
	maxEmbedded = 16 // structs in one another, as those may hold themselves
	markName    = "_struct"
)

// shapeOf follows ugorji's rules: a field of an embedded struct without a name of its own is
// one of the outer struct, unless that has one of that name.
func shapeOf(t reflect.Type) *shape {
	s := &shape{}
	if mark, ok := t.FieldByName(markName); ok {
		for _, option := range strings.Split(codec.TagOf(mark), ",")[1:] {
			s.asList = s.asList || option == "toarray"
		}
	}
	s.add(t, nil)
	s.fields = shallowest(s.fields)
	return s
}

func (s *shape) add(t reflect.Type, index []int) {
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Name == markName || codec.LeftOut(f) {
			continue
		}
		name, _, _ := strings.Cut(codec.TagOf(f), ",")
		at := append(append([]int{}, index...), i)
		under := f.Type
		for under.Kind() == reflect.Pointer {
			under = under.Elem()
		}
		if f.Anonymous && name == "" && under.Kind() == reflect.Struct {
			if (f.IsExported() || f.Type == under) && len(at) <= maxEmbedded {
				s.add(under, at)
			}
			continue
		}
		if !f.IsExported() {
			continue
		}
		if name == "" {
			name = f.Name
		}
		s.fields = append(s.fields, field{name: name, index: at})
	}
}

// shallowest keeps of the fields of one name the one that is embedded the least, and of those
// the first.
func shallowest(all []field) []field {
	best := map[string]int{}
	for i, f := range all {
		j, found := best[f.name]
		if !found || len(f.index) < len(all[j].index) {
			best[f.name] = i
		}
	}
	kept := all[:0]
	for i, f := range all {
		if best[f.name] == i {
			kept = append(kept, f)
		}
	}
	return kept
}
