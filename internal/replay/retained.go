package replay

import (
	"math"
	"strings"
	"sync"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/fair"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/recent"
)

// MaxSignedRetained events of all signers together are remembered by a [Retained]. Of one
// signer it knows MaxTokens.
const MaxSignedRetained = 4 * MaxTokens

// Retained remembers, for one subscription, the events that brokers may deliver
// late: the retained ones, however old, and those that were meant to be retained
// and came live. It knows the last MaxTokens of them by their tokens; and of each signer, by
// sender and counter, with a floor for each. Its methods may be called by several goroutines.
type Retained struct {
	mu     sync.Mutex
	tokens recent.Map[cryptobox.Token, int64] // with the time at which each was sent
	floor  int64                              // of retained ones, what isn't newer may have been forgotten

	each, total int                    // are known that are signed
	signed      fair.Map[event, int64] // with the same
	floors      map[string]int64       // of the signers that have events there
	others      int64                  // of all other signers
}

// event is what a signed one is known by: who signed it could give it other tokens.
type event struct {
	from cryptobox.SenderID
	n    uint64
}

// NewRetained returns an empty Retained.
func NewRetained() *Retained { return newRetained(MaxTokens, MaxSignedRetained) }

func newRetained(each, total int) *Retained {
	return &Retained{
		floor:  math.MinInt64,
		each:   each,
		total:  total,
		floors: map[string]int64{},
		others: math.MinInt64,
	}
}

// AddLive notes an event that came when it was published, and tells whether it is
// new. Those that were forgotten are for a [Memory] to know.
func (r *Retained) AddLive(msg *Message) Verdict { return r.add(msg, false) }

// AddRetained notes an event that came late. It is Stale if it isn't newer than all that were
// forgotten, of the same signer where it is signed.
func (r *Retained) AddRetained(msg *Message) Verdict { return r.add(msg, true) }

func (r *Retained) add(msg *Message, late bool) Verdict {
	r.mu.Lock()
	defer r.mu.Unlock()
	of := event{msg.From, msg.N}
	var known bool
	floor := r.floor
	if msg.Signer == "" {
		_, known = r.tokens.Get(msg.Token)
	} else {
		_, known = r.signed.Get(msg.Signer, of)
		floor = r.floorOf(msg.Signer)
	}
	switch {
	case known:
		return Seen
	case late && msg.Sent <= floor:
		msg.Floor = floor
		return Stale
	case msg.Signer != "":
		r.addSigned(msg.Signer, of, msg.Sent)
	default:
		if forgotten, full := r.tokens.Add(msg.Token, msg.Sent, MaxTokens); full {
			r.floor = max(r.floor, forgotten)
		}
	}
	return New
}

func (r *Retained) floorOf(signer string) int64 {
	if floor, held := r.floors[signer]; held {
		return floor
	}
	return r.others
}

// addSigned raises the floor of the signer of which an event is forgotten, and no other's. A
// signer that has no event left leaves its floor to those that are unknown.
func (r *Retained) addSigned(signer string, of event, sent int64) {
	if forgotten, full := r.signed.Add(signer, of, sent, r.each, r.total); full {
		floor := max(r.floors[forgotten.Owner], forgotten.Value)
		r.floors[forgotten.Owner] = floor
		if forgotten.Last {
			delete(r.floors, forgotten.Owner)
			r.others = max(r.others, floor)
		}
	}
	if _, held := r.floors[signer]; !held {
		r.floors[strings.Clone(signer)] = r.others
	}
}
