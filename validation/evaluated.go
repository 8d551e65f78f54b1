package validation

import "maps"

// evaluated is what keywords have evaluated of a value. Nil notes nothing.
type evaluated struct {
	items      int              // the first so many
	further    map[int]struct{} // of them
	properties map[string]struct{}
}

// fresh is an empty one, where something is noted at all.
func (s *evaluated) fresh() *evaluated {
	if s == nil {
		return nil
	}
	return &evaluated{}
}

// merge adds to s what other has.
func (e *evaluation) merge(s, other *evaluated) {
	if s == nil || other == nil {
		return
	}
	e.charge(len(other.further) + len(other.properties))
	s.addItems(other.items)
	for i := range other.further {
		s.addItem(i)
	}
	if s.properties == nil {
		s.properties = other.properties
		return
	}
	maps.Copy(s.properties, other.properties)
}

func (s *evaluated) addItems(n int) {
	if s != nil {
		s.items = max(s.items, n)
	}
}

func (s *evaluated) addItem(i int) {
	if s == nil {
		return
	}
	if s.further == nil {
		s.further = map[int]struct{}{}
	}
	s.further[i] = struct{}{}
}

func (s *evaluated) addProperty(name string) {
	if s == nil {
		return
	}
	if s.properties == nil {
		s.properties = map[string]struct{}{}
	}
	s.properties[name] = struct{}{}
}

func (s *evaluated) hasItem(i int) bool {
	_, further := s.further[i]
	return further || i < s.items
}

func (s *evaluated) hasProperty(name string) bool {
	_, has := s.properties[name]
	return has
}
