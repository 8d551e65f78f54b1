package replay

// senderList holds senders in the order in which they were heard of. The zero
// value is ready to use.
type senderList struct {
	newest, last *sender
	len          int
}

func (l *senderList) oldest() *sender { return l.last }

// push adds a sender as the newest.
func (l *senderList) push(s *sender) {
	s.prev, s.next = nil, l.newest
	if l.newest != nil {
		l.newest.prev = s
	} else {
		l.last = s
	}
	l.newest = s
	l.len++
}

func (l *senderList) remove(s *sender) {
	if s.prev != nil {
		s.prev.next = s.next
	} else {
		l.newest = s.next
	}
	if s.next != nil {
		s.next.prev = s.prev
	} else {
		l.last = s.prev
	}
	s.prev, s.next = nil, nil
	l.len--
}

// touch makes a sender the newest.
func (l *senderList) touch(s *sender) {
	if l.newest == s {
		return
	}
	l.remove(s)
	l.push(s)
}
