package transparency

import (
	"hash/maphash"
	"sync"

	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/fair"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/recent"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// A broker that is overrun drops events in silence. So publications are numbered by topic,
// and who receives them can tell how many are missing (docs/FORMAT.md, section 7.2).

// maxCounted bounds the topics whose publications are counted, and the senders' topics of
// which the highest number is remembered: of those that sign, and of those that don't.
const maxCounted = 1 << 16

// counts are how many publications each topic has had.
type counts struct {
	mu     sync.Mutex
	topics map[string]*count
}

// count is held while a publication is numbered and sent, so that numbers and messages
// have one order.
type count struct {
	sync.Mutex
	next uint64
}

// of gives the count of a topic, or nil beyond maxCounted topics: their publications have
// no numbers.
func (c *counts) of(topic string) *count {
	c.mu.Lock()
	defer c.mu.Unlock()
	n, known := c.topics[topic]
	if !known && len(c.topics) < maxCounted {
		if c.topics == nil {
			c.topics = map[string]*count{}
		}
		n = new(count)
		c.topics[topic] = n
	}
	return n
}

// numbered is a publication that has a number; without a count it has none.
type numbered struct {
	count *count
	seq   uint64
	over  bool
}

// number gives a publication the next number of its topic, which nobody else gets until it
// is done.
func (s *Session) number(topic string, version *keyring.Version, options wamp.Dict) *numbered {
	if version.Dialect().Foreign() || isSelective(options) {
		return &numbered{over: true}
	}
	n := &numbered{count: s.counts.of(topic)}
	if n.over = n.count == nil; !n.over {
		n.count.Lock()
		n.seq = n.count.next
	}
	return n
}

// done is called once at least. What wasn't sent isn't counted.
func (n *numbered) done(sent bool) {
	if n.over {
		return
	}
	if n.over = true; sent {
		n.count.next++
	}
	n.count.Unlock()
}

// selective are the options that send a publication to some: the others would miscount,
// and learn of it.
var selective = []string{
	wamp.WhitelistKey, wamp.WhitelistKey + "_authid", wamp.WhitelistKey + "_authrole",
	wamp.BlacklistKey, wamp.BlacklistKey + "_authid", wamp.BlacklistKey + "_authrole",
}

func isSelective(options wamp.Dict) bool {
	for _, name := range selective {
		if _, given := options[name]; given {
			return true
		}
	}
	return false
}

// gaps remembers the highest number of each sender's events.
type gaps struct {
	mu      sync.Mutex
	highest recent.Map[uint64, uint64] // by the hash of a stream, which may be long
	signed  fair.Map[uint64, uint64]   // the same of each signer: none has those of others forgotten
}

var streamSeed = maphash.MakeSeed()

// stream is what one sender publishes to a topic, as one subscription gets it.
type stream struct {
	scope, topic, secret, signer string
	from                         cryptobox.SenderID
}

// missed tells how many events are missing between this one and those before, and notes
// it.
func (g *gaps) missed(of *stream, number uint64) uint64 {
	hash := maphash.Comparable(streamSeed, *of)
	g.mu.Lock()
	defer g.mu.Unlock()
	before, known := g.before(of.signer, hash)
	if known && number <= before {
		return 0
	}
	if of.signer == "" {
		g.highest.Add(hash, number, maxCounted)
	} else {
		g.signed.Add(of.signer, hash, number, maxCounted, maxCounted)
	}
	if !known {
		return 0
	}
	return number - before - 1
}

func (g *gaps) before(signer string, hash uint64) (number uint64, known bool) {
	if signer == "" {
		return g.highest.Get(hash)
	}
	return g.signed.Get(signer, hash)
}

// missed tells how many events are missing before one that was verified.
func (s *Session) missed(t target, topic string, in *opened) uint64 {
	head := in.head()
	if head == nil || head.Unnumbered || head.From == s.from || in.late {
		return 0
	}
	of := stream{scope: t.scope, topic: topic, secret: in.version.Secret(), signer: in.signer(), from: head.From}
	n := s.gaps.missed(&of, head.Seq)
	s.counters.missed.Add(n)
	return n
}
