// Package recent remembers the last entries of a map, in bounded memory. Call [Map.Add] to note
// an entry, and [Map.Get] to look one up.
package recent

// Map remembers the last entries. The zero value is ready to use.
type Map[K comparable, V any] struct {
	entries map[K]V
	order   []K // a ring, once it is full
	next    int
}

// Get returns what is known of key.
func (m *Map[K, V]) Get(key K) (value V, known bool) {
	value, known = m.entries[key]
	return value, known
}

// Len returns how many entries are remembered.
func (m *Map[K, V]) Len() int { return len(m.entries) }

// Add notes value, and keeps the entries of the last limit keys, which is the same each
// time. If the oldest one has to make room, full is true, and forgotten is its value.
func (m *Map[K, V]) Add(key K, value V, limit int) (forgotten V, full bool) {
	if m.entries == nil {
		m.entries = map[K]V{}
	}
	known := len(m.entries)
	if m.entries[key] = value; len(m.entries) == known {
		return forgotten, false
	}
	if len(m.order) < limit {
		m.order = append(m.order, key)
		return forgotten, false
	}
	oldest := &m.order[m.next]
	forgotten = m.entries[*oldest]
	delete(m.entries, *oldest)
	*oldest = key
	m.next = (m.next + 1) % limit
	return forgotten, true
}
