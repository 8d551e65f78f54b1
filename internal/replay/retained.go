package replay

import (
	"math"
	"sync"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/recent"
)

// Retained remembers, for one subscription, the events that brokers may deliver
// late: the retained ones, however old, and those that were meant to be retained
// and came live. It knows the last MaxTokens of them. Its methods may be called by
// several goroutines.
type Retained struct {
	mu     sync.Mutex
	tokens recent.Map[cryptobox.Token, int64] // with the time at which each was sent
	floor  int64                              // of retained ones, what isn't newer may have been forgotten
}

// NewRetained returns an empty Retained.
func NewRetained() *Retained { return &Retained{floor: math.MinInt64} }

// AddLive notes an event that came when it was published, and tells whether it is
// new. Those that were forgotten are for a [Memory] to know.
func (r *Retained) AddLive(token cryptobox.Token, sent int64) Verdict {
	return r.add(token, sent, false)
}

// AddRetained notes an event that was sent at a time, in milliseconds since 1970
// UTC, and came late. It is Stale if it isn't newer than all that were forgotten.
func (r *Retained) AddRetained(token cryptobox.Token, sent int64) Verdict {
	return r.add(token, sent, true)
}

// Floor is what was sent last of the events that were forgotten.
func (r *Retained) Floor() int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.floor
}

func (r *Retained) add(token cryptobox.Token, sent int64, late bool) Verdict {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, known := r.tokens.Get(token); known {
		return Seen
	}
	if late && sent <= r.floor {
		return Stale
	}
	if forgotten, full := r.tokens.Add(token, sent, MaxTokens); full {
		r.floor = max(r.floor, forgotten)
	}
	return New
}
