package keyring

import (
	"strings"
	"unicode/utf8"
)

// span is where one component of a text is.
type span struct{ from, to int }

// wildcards looks for wildcards that a URI nearly matches: it misses them in a component that they fix,
// or by a dot.
func (x *index) wildcards(s *seeker, uri string) {
	count := strings.Count(uri, ".") + 1
	if count > MaxComponents+1 {
		return
	}
	var room [MaxComponents + 1]string
	components := room[:count]
	for i := range components {
		components[i], uri, _ = strings.Cut(uri, ".")
	}
	for s.count = max(count-1, 1); s.count <= min(count+1, MaxComponents); s.count++ {
		for _, s.mask = range x.masks[s.count] {
			if s.count != count {
				s.dot(components)
			} else if s.masked(components, count, 0) {
				s.look(len(s.lower), MatchWildcard)
			}
		}
	}
}

// dot looks for wildcards with a component less than a URI, or one more. Up to the dot
// that is missing, or is one too many, the URI begins as they do.
func (s *seeker) dot(components []string) {
	count := len(components)
	s.kind = MatchWildcard
	for at := range min(count, s.count) {
		fits := s.masked(components, at, s.count-count)
		if s.part.from > 0 && !s.parts.has(begins+MatchWildcard, s.hashes[s.part.from]) {
			return
		}
		switch s.n = len(s.lower); {
		case !fits || s.edits <= 1:
		case s.count > count:
			s.tooFew(s.mask >> at & 3)
		case !s.find(s.part.to, s.part.to+1, 1) && s.mask>>at&1 == 1:
			s.replace(s.part.to, s.part.to+1)
		}
	}
}

// tooFew puts a dot into the part of the text that stands for two components, of which
// wildcards fix none, the first (1), the second (2) or both (3).
func (s *seeker) tooFew(fixed uint64) {
	from, to := s.part.from, s.part.to
	if fixed == 0 {
		s.find(from, from, 1, '.')
	}
	for i := from; i <= to && s.edits > 1; i++ {
		switch fixed {
		case 1:
			s.find(i, to, 1, '.')
		case 2:
			s.find(from, i, 1, '.')
		case 3:
			_ = s.find(i, i, 1, '.') || i < to && s.find(i, i+1, 1, '.')
		}
	}
}

// masked takes the components of a URI that the wildcards of mask fix, as a text. Behind
// the one at a place wildcards have so many components more; where they have two in place
// of it, and fix one, it is that. It tells whether the text isn't much longer than patterns.
func (s *seeker) masked(components []string, at, more int) bool {
	s.clear()
	s.part = span{}
	for i, component := range components {
		if i > 0 && !s.extend(s.text, ".", 2*s.longest) {
			return false
		}
		from, bits := len(s.lower), s.mask>>i
		if i > at {
			bits = s.mask >> (i + more)
		}
		switch two := i == at && more > 0; {
		case two && bits&3 == 1: // they fix what it begins with
			s.extend(s.text, component, from+s.longest)
		case two && bits&3 == 2:
			s.extend(s.text, last(component, s.longest), from+s.longest)
		case bits&1 == 1 && !s.extend(s.text, component, 2*s.longest):
			return false
		}
		if i == at {
			s.part = span{from, len(s.lower)}
		}
	}
	return true
}

// last gives the last n characters of a text.
func last(text string, n int) string {
	at := len(text)
	for ; at > 0 && n > 0; n-- {
		_, size := utf8.DecodeLastRuneInString(text[:at])
		at -= size
	}
	return text[at:]
}
