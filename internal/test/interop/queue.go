package interop

import (
	"context"
	"sync"
)

// queue holds reports until a test asks for them, as many as there are.
type queue[T any] struct {
	mu    sync.Mutex
	items []T
	more  chan struct{} // of one: something was put
}

func newQueue[T any]() queue[T] { return queue[T]{more: make(chan struct{}, 1)} }

func (q *queue[T]) put(item T) {
	q.mu.Lock()
	q.items = append(q.items, item)
	q.mu.Unlock()
	q.wake()
}

func (q *queue[T]) wake() {
	select {
	case q.more <- struct{}{}:
	default:
	}
}

// next takes the oldest item, and waits for one.
func (q *queue[T]) next(ctx context.Context) (item T, err error) {
	for {
		if item, ok := q.take(); ok {
			return item, nil
		}
		select {
		case <-q.more:
		case <-ctx.Done():
			return item, context.Cause(ctx)
		}
	}
}

func (q *queue[T]) take() (item T, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.items) == 0 {
		return item, false
	}
	item = q.items[0]
	q.items = q.items[1:]
	if len(q.items) > 0 {
		q.wake() // for another that waits
	}
	return item, true
}
