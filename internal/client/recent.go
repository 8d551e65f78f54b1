package client

import "github.com/gammazero/nexus/v3/wamp"

// maxRecent is how many of the last entries are kept.
const maxRecent = 1024

// recent remembers the last things of a kind that have ended. The zero value is
// ready to use.
type recent[T any] struct {
	entries map[wamp.ID]T
	order   []wamp.ID // a ring, once it is full
	next    int
}

func (r *recent[T]) add(id wamp.ID, entry T) {
	if r.entries == nil {
		r.entries = map[wamp.ID]T{}
	}
	if _, again := r.entries[id]; !again {
		if len(r.order) < maxRecent {
			r.order = append(r.order, id)
		} else {
			delete(r.entries, r.order[r.next])
			r.order[r.next] = id
			r.next = (r.next + 1) % maxRecent
		}
	}
	r.entries[id] = entry
}

func (r *recent[T]) get(id wamp.ID) (T, bool) {
	entry, ok := r.entries[id]
	return entry, ok
}
