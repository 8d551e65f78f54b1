package keyservice

import (
	"errors"
	"fmt"
	"sync"
)

// What is wrong at a server, for [errors.Is]. A session that has ended is [ErrUnreachable].
var (
	// ErrServe: the server can't begin.
	ErrServe = errors.New("can't begin")

	// ErrUnavailable: a member's grant or the fresh key is missing, can't be read or doesn't hold
	// at present. Gets are refused until the folder is issued anew.
	ErrUnavailable = errors.New("gets are refused")

	// ErrLate: the system doesn't tell of changes of the folder, or the router refuses to announce
	// them. Members hear of them later, when they ask by themselves at the latest.
	ErrLate = errors.New("members hear of changes late")

	// ErrEnding: a quarter is left of the time for which the fresh key proves anything.
	ErrEnding = errors.New("the fresh key ends soon")

	// ErrReceipts: what members hold can't be written down. They are answered all the same.
	ErrReceipts = errors.New("no receipts can be kept")
)

// maxTold bounds the errors that are remembered, so as to tell each of them once.
const maxTold = 256

// telling remembers what was told.
type telling struct {
	mu    sync.Mutex
	texts map[string]struct{}
}

// first tells whether a text is told for the first time.
func (t *telling) first(text string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if _, told := t.texts[text]; told || len(t.texts) == maxTold {
		return false
	}
	if t.texts == nil {
		t.texts = map[string]struct{}{}
	}
	t.texts[text] = struct{}{}
	return true
}

func (t *telling) forget() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.texts = nil
}

// tell tells the operator what is wrong.
func (s *Server) tell(sentinel error, cause error) {
	err := &Error{"serve", fmt.Errorf("%w: %w", sentinel, cause)}
	if s.told.first(err.Error()) {
		s.counts.failed(err)
		s.Logger.Error("key service", "error", err)
		s.OnError(err)
	}
}
