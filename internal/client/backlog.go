package client

import (
	"errors"
	"fmt"
)

// What the application hasn't taken waits in queues, undecoded: events, progressive
// results, chunks of progressive invocations. Where they are full, the router waits.
const (
	// softWaiting messages, or softBytes of memory, wait in one queue before the router
	// has to, as long as nothing else depends on what it sends next.
	softWaiting = 64
	softBytes   = 1 << 20
	// hardWaiting messages, or hardBytes of memory, wait in all queues of a session.
	hardWaiting = 1024
	hardBytes   = 64 << 20
)

// ErrFlood means that more came than is kept while others had to wait. What is reported wraps
// it. The invocation or call concerned ends with it; an event is dropped.
var ErrFlood = errors.New("too much at once")

var (
	errChunks      = fmt.Errorf("%w: chunks of an invocation whose handler doesn't take them", ErrFlood)
	errProgress    = fmt.Errorf("%w: progressive results that nobody takes", ErrFlood)
	errInvocations = fmt.Errorf("%w: more invocations than are served", ErrFlood)
	errEvents      = fmt.Errorf("%w: events that nobody takes", ErrFlood)
)

// queue holds what waits for one handler.
type queue[T any] struct {
	items []queued[T]
	bytes int
}

type queued[T any] struct {
	item  T
	bytes int
}

// backlog counts what waits, for all of a session.
type backlog struct {
	messages, bytes int
	stuck           bool   // others have waited for room for too long, and there has been none since
	room            signal // there may be room
}

// crowded reports whether the router has to wait before so many bytes more join a queue
// of so many messages and bytes. urgent is true where others wait for what the router
// sends after it.
func (b *backlog) crowded(messages, queuedBytes, bytes int, urgent bool) bool {
	if b.messages >= hardWaiting || b.bytes > 0 && b.bytes+bytes > hardBytes {
		return true
	}
	full := messages >= softWaiting || messages > 0 && queuedBytes+bytes > softBytes
	return full && !urgent
}

// givesUp reports whether what finds no room is refused: where others have to wait, for too
// long if flooded is true. What comes behind it isn't waited for as long again.
func (b *backlog) givesUp(urgent, flooded bool) bool {
	b.stuck = b.stuck || urgent && flooded
	return b.stuck && urgent
}

func (q *queue[T]) push(b *backlog, item T, bytes int) {
	q.items = append(q.items, queued[T]{item, bytes})
	q.bytes += bytes
	b.messages++
	b.bytes += bytes
}

// pop returns what has waited longest.
func (q *queue[T]) pop(b *backlog) (item T, ok bool) {
	if len(q.items) == 0 {
		return item, false
	}
	first := q.items[0]
	q.items[0] = queued[T]{}
	q.items = q.items[1:]
	if len(q.items) == 0 {
		q.items = nil
	}
	q.bytes -= first.bytes
	b.messages--
	b.bytes -= first.bytes
	b.stuck = false
	b.room.fire()
	return first.item, true
}

// discard forgets what waits.
func (q *queue[T]) discard(b *backlog) {
	if len(q.items) > 0 {
		b.stuck = false
	}
	b.messages -= len(q.items)
	b.bytes -= q.bytes
	*q = queue[T]{}
	b.room.fire()
}

// signal tells those who wait for a change to look again. The zero value is ready to use.
type signal struct{ c chan struct{} }

// next returns a channel that is closed at the next change.
func (s *signal) next() <-chan struct{} {
	if s.c == nil {
		s.c = make(chan struct{})
	}
	return s.c
}

func (s *signal) fire() {
	if s.c != nil {
		close(s.c)
		s.c = nil
	}
}
