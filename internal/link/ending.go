package link

import "sync"

// ending keeps what ended a link, and tells its goroutines.
type ending struct {
	once sync.Once
	done chan struct{}
	err  error
}

func newEnding() *ending { return &ending{done: make(chan struct{})} }

// end reports whether it is the first.
func (e *ending) end(err error) (first bool) {
	e.once.Do(func() {
		e.err = err
		first = true
		close(e.done)
	})
	return first
}

// cause is nil while the link lives.
func (e *ending) cause() error {
	select {
	case <-e.done:
		return e.err
	default:
		return nil
	}
}
