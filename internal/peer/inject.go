package peer

import (
	"sync"

	"github.com/gammazero/nexus/v3/wamp"
)

// injectors counts the goroutines that hand the client a message of ours. There
// are never more than requests and invocations that it has.
type injectors struct {
	mu    sync.Mutex
	over  bool
	group sync.WaitGroup
}

// injected is a message of ours to the client.
type injected struct {
	msg     wamp.Message
	reply   *request        // that msg ends, or nil
	expired <-chan struct{} // closed shortly before the client gives up; nil where it doesn't
}

// inject hands m to the client without waiting: whoever asks for it may be what the
// client waits for.
func (p *Peer) inject(m injected) {
	p.injecting.run(func() {
		if m.reply != nil {
			p.handOver(verdict{msg: m.msg, reply: m.reply, last: true})
			return
		}
		p.deliver(m.msg, m.expired)
	})
}

// run runs fn in a goroutine, unless the connection has ended.
func (i *injectors) run(fn func()) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if !i.over {
		i.group.Go(fn)
	}
}

// wait returns when all have ended, and lets no new ones begin.
func (i *injectors) wait() {
	i.mu.Lock()
	i.over = true
	i.mu.Unlock()
	i.group.Wait()
}

// deliver hands msg to the client, unless it expires first. It returns false when
// the connection has ended.
func (p *Peer) deliver(msg wamp.Message, expired <-chan struct{}) bool {
	select {
	case p.in <- msg:
		return true
	case <-expired:
		return true
	case <-p.closed:
		return false
	}
}
