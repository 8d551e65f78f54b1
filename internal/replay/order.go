package replay

// senderList holds senders in the order in which they were heard of: in a ring, where root
// stands between the newest and the oldest.
type senderList struct {
	root sender
	len  int
}

func (l *senderList) init() { l.root.prev, l.root.next = &l.root, &l.root }

// oldest is nil where there is none.
func (l *senderList) oldest() *sender {
	if l.len == 0 {
		return nil
	}
	return l.root.prev
}

// push adds a sender as the newest.
func (l *senderList) push(s *sender) {
	s.prev, s.next = &l.root, l.root.next
	s.prev.next, s.next.prev = s, s
	l.len++
}

func (l *senderList) remove(s *sender) {
	s.prev.next, s.next.prev = s.next, s.prev
	s.prev, s.next = nil, nil
	l.len--
}

// touch makes a sender the newest.
func (l *senderList) touch(s *sender) {
	l.remove(s)
	l.push(s)
}
