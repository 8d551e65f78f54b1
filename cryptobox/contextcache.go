package cryptobox

import (
	"crypto/sha256"
	"sync"
	"time"
)

// Bounds of the contexts that a key remembers of those who seal to it. Of each signer it
// remembers so many new ones an hour, so that none has others forgotten; what it doesn't
// remember is opened all the same, and costs a decapsulation each time.
const (
	maxContexts      = 1 << 15
	contextsOfSigner = 256
	generation       = time.Hour // senders change contexts as often
)

// contextCache finds contexts by the hash of their encapsulated key. Only what a listed
// signer has signed in gets there. It is made of two generations: what is not asked for while
// a younger one lasts is forgotten.
type contextCache struct {
	mu         sync.Mutex
	young, old map[[sha256.Size]byte]*sealContext
	added      map[VerifyKey]int // to young, by who signed
	since      time.Time         // young is there

	// decapsulating is held by the one that computes a context. A flood of made-up
	// encapsulated keys takes one processor at most.
	decapsulating sync.Mutex
}

// get returns the context of an encapsulated key with that hash, or nil. If it is of the old
// generation it has to be added again.
func (c *contextCache) get(hash *[sha256.Size]byte) (found *sealContext, old bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if found = c.young[*hash]; found != nil {
		return found, false
	}
	return c.old[*hash], true
}

// add notes a context in which the holder of a key has signed.
func (c *contextCache) add(found *sealContext, signer VerifyKey, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.young[found.hash] != nil {
		return
	}
	if c.young == nil || len(c.young) >= maxContexts/2 || now.Sub(c.since) >= generation {
		c.old, c.young, c.added, c.since = c.young, map[[sha256.Size]byte]*sealContext{}, map[VerifyKey]int{}, now
	}
	if c.added[signer] < contextsOfSigner {
		c.added[signer]++
		c.young[found.hash] = found
	}
}
