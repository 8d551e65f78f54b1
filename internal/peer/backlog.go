package peer

import "github.com/gammazero/nexus/v3/wamp"

// Chunks of progressive invocations and progressive results wait here until the
// application takes them: the client's receiving goroutine, and with it every
// reply, would wait otherwise.
const (
	// softWaiting messages wait for one invocation or call before the router has
	// to: as long as nothing else depends on what it sends next.
	softWaiting = 16
	// hardWaiting messages wait for all of a session, and hardBytes, what the client
	// has and no handler has taken included.
	hardWaiting = 1024
	hardBytes   = 64 << 20
)

// queue holds what waits for one invocation or call.
type queue []queued

type queued struct {
	msg   wamp.Message
	bytes int
}

// backlog counts what waits, for all of a session.
type backlog struct {
	messages, bytes int
	room            chan struct{} // what waits for room waits for; nil where nothing does
}

// crowded reports whether the router has to wait before another message joins q.
// urgent is true where others wait for what the router sends after it.
func (b *backlog) crowded(q queue, bytes int, urgent bool) bool {
	if b.messages >= hardWaiting || b.bytes > 0 && b.bytes+bytes > hardBytes {
		return true
	}
	return len(q) >= softWaiting && !urgent
}

func (b *backlog) push(q *queue, msg wamp.Message, bytes int) {
	*q = append(*q, queued{msg, bytes})
	b.messages++
	b.bytes += bytes
}

// pop returns the message that has waited longest and its size, or nil.
func (b *backlog) pop(q *queue) (wamp.Message, int) {
	if len(*q) == 0 {
		return nil, 0
	}
	first := (*q)[0]
	(*q)[0] = queued{}
	*q = (*q)[1:]
	b.messages--
	b.bytes -= first.bytes
	b.makeRoom()
	return first.msg, first.bytes
}

// discard forgets what waits.
func (b *backlog) discard(q *queue) {
	for _, item := range *q {
		b.messages--
		b.bytes -= item.bytes
	}
	*q = nil
	b.makeRoom()
}

// awaitRoom returns a channel that is closed when there may be room.
func (b *backlog) awaitRoom() <-chan struct{} {
	if b.room == nil {
		b.room = make(chan struct{})
	}
	return b.room
}

// makeRoom lets what waits for room ask again.
func (b *backlog) makeRoom() {
	if b.room != nil {
		close(b.room)
		b.room = nil
	}
}
