package replay

// links are those of an element of a list.
type links[T any] struct{ prev, next *T }

func (l *links[T]) both() *links[T] { return l }

// linked is a pointer to what embeds links.
type linked[T any] interface {
	*T
	both() *links[T]
}

// list holds elements in the order in which they were heard of: in a ring, in which the
// oldest is behind the newest.
type list[T any, P linked[T]] struct {
	newest P
	len    int
}

// oldest is nil where there is none.
func (l *list[T, P]) oldest() P {
	if l.newest == nil {
		return nil
	}
	return l.newest.both().next
}

// push adds an element as the newest.
func (l *list[T, P]) push(e P) {
	ends := e.both()
	if l.newest == nil {
		ends.prev, ends.next = e, e
	} else {
		ends.prev, ends.next = l.newest, l.newest.both().next
		P(ends.prev).both().next, P(ends.next).both().prev = e, e
	}
	l.newest = e
	l.len++
}

func (l *list[T, P]) remove(e P) {
	ends := e.both()
	P(ends.prev).both().next, P(ends.next).both().prev = ends.next, ends.prev
	if l.newest == e {
		l.newest = ends.prev
	}
	if l.len--; l.len == 0 {
		l.newest = nil
	}
	ends.prev, ends.next = nil, nil
}

// touch makes an element the newest.
func (l *list[T, P]) touch(e P) {
	if l.newest != e {
		l.remove(e)
		l.push(e)
	}
}
