package link

import "sync"

// pings are those of a router that wait for their answers. A goroutine answers them: a
// router that writes before it reads on would wait for the reader, while that waits for
// it. It is there while one waits, so an idle link has none.
type pings struct {
	waiting chan []byte // has room for one

	mu        sync.Mutex
	answering bool // the goroutine is there
	over      bool // and won't be again
}

// answer has pong answer those that wait, in a goroutine of work, unless it is at it.
func (p *pings) answer(work *sync.WaitGroup, pong func(data []byte)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.answering || p.over {
		return
	}
	p.answering = true
	work.Go(func() {
		for data, waits := p.next(); waits; data, waits = p.next() {
			pong(data)
		}
	})
}

// next returns the ping to answer. Without one, the goroutine leaves.
func (p *pings) next() (data []byte, waits bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	select {
	case data = <-p.waiting:
		return data, true
	default:
		p.answering = false
		return nil, false
	}
}

// end has no goroutine begin any more.
func (p *pings) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.over = true
}
