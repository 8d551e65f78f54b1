package client

import "sync/atomic"

// maxIdle is how many goroutines wait for work.
const maxIdle = 32

// workers are the goroutines that run handlers of invocations. They are used again,
// because their stacks have grown.
type workers struct {
	work chan func()
	idle atomic.Int32
}

// run runs task in a goroutine. Those that wait end when over is closed.
func (w *workers) run(over <-chan struct{}, task func()) {
	select {
	case w.work <- task:
		return
	default:
	}
	go func() {
		for {
			task()
			if w.idle.Add(1) > maxIdle {
				w.idle.Add(-1)
				return
			}
			select {
			case task = <-w.work:
				w.idle.Add(-1)
			case <-over:
				return
			}
		}
	}()
}
