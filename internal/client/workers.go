package client

import "sync/atomic"

// maxIdle is how many goroutines wait for work: a router queues as many calls.
const maxIdle = 64

// workers are the goroutines that run handlers of invocations. They are used again,
// because their stacks have grown.
type workers struct {
	work chan task
	idle atomic.Int32
}

// run has a goroutine do t. Those that wait for work end with the session.
func (w *workers) run(c *Client, t task) {
	select {
	case w.work <- t:
	default:
		go w.loop(c, t)
	}
}

func (w *workers) loop(c *Client, t task) {
	for {
		c.run(t)
		if w.idle.Add(1) > maxIdle {
			w.idle.Add(-1)
			return
		}
		select {
		case t = <-w.work:
			w.idle.Add(-1)
		case <-c.over:
			return
		}
	}
}
