package fair

import "strings"

// Map remembers the last entries of each owner. The zero value is ready to use.
type Map[K comparable, V any] struct {
	entries map[owned[K]]*entry[K, V]
	owners  map[string]*entries[K, V]
	most    Heap[*entries[K, V]]
}

// owned is a key of an owner.
type owned[K comparable] struct {
	owner string
	key   K
}

type entry[K comparable, V any] struct {
	key   K
	value V
	next  *entry[K, V] // of the owner
}

// entries are those of an owner, by age.
type entries[K comparable, V any] struct {
	Share
	owner          string
	oldest, newest *entry[K, V]
}

// Forgotten is an entry that had to make room.
type Forgotten[V any] struct {
	Owner string
	Value V
	Last  bool // its owner has no other one
}

// Get returns what is known of an owner's key.
func (m *Map[K, V]) Get(owner string, key K) (value V, known bool) {
	if e := m.entries[owned[K]{owner, key}]; e != nil {
		return e.value, true
	}
	return value, false
}

// Add notes value, and keeps so many entries of each owner and in total, which are the same
// each time. If an entry has to make room, full is true: it is
// the oldest of the owner that has each, or else of an owner that has most.
func (m *Map[K, V]) Add(owner string, key K, value V, each, total int) (forgotten Forgotten[V], full bool) {
	if e := m.entries[owned[K]{owner, key}]; e != nil {
		e.value = value
		return forgotten, false
	}
	of := m.owners[owner]
	switch {
	case of != nil && of.Size() >= each:
		forgotten, full = m.forget(of), true
	case len(m.entries) >= total:
		forgotten, full = m.forget(m.most.Most()), true
	}
	m.append(owner, &entry[K, V]{key: key, value: value})
	return forgotten, full
}

func (m *Map[K, V]) append(owner string, e *entry[K, V]) {
	of := m.owners[owner]
	if of == nil {
		if m.owners == nil {
			m.owners, m.entries = map[string]*entries[K, V]{}, map[owned[K]]*entry[K, V]{}
		}
		of = &entries[K, V]{owner: strings.Clone(owner)} // which may be part of something long
		m.owners[of.owner] = of
		m.most.Add(of)
	}
	if of.newest == nil {
		of.oldest = e
	} else {
		of.newest.next = e
	}
	of.newest = e
	m.entries[owned[K]{of.owner, e.key}] = e
	m.most.Resize(of, 1)
}

// forget forgets an owner's oldest entry, and the owner with its last one.
func (m *Map[K, V]) forget(of *entries[K, V]) Forgotten[V] {
	e := of.oldest
	of.oldest = e.next
	delete(m.entries, owned[K]{of.owner, e.key})
	m.most.Resize(of, -1)
	last := of.oldest == nil
	if last {
		m.most.Remove(of)
		delete(m.owners, of.owner)
	}
	return Forgotten[V]{of.owner, e.value, last}
}
