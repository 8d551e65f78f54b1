package transparency_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/heap"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// TestSessionsThatKeepAContext: 256 of a key, beyond which the oldest one's is forgotten and
// made anew.
func TestSessionsThatKeepAContext(t *testing.T) {
	c := newCompany(false)
	ring := holding(t, c.sending(billing))
	s, box := stubbed(t, ring)
	_, first := publishing(t, s, box)
	others := func(n int) {
		for range n {
			other, box := stubbed(t, ring)
			publishing(t, other, box)
		}
	}
	others(255)
	_, again := publishing(t, s, box)
	require.Equal(t, first, again)
	others(1)
	_, again = publishing(t, s, box)
	require.NotEqual(t, first, again)
}

// TestContextsOfASignerAreBounded: a sender that comes as ever new Sessions costs its receiver
// no more memory after a while, and others go on.
func TestContextsOfASignerAreBounded(t *testing.T) {
	c := newCompany(false)
	p := postTo(t, holding(t, c.serving(billing, shop)), c.forger(t, billing))
	sub := p.subscribe(keyedURI, nil)
	ring := holding(t, c.sending(shop))
	flood := func(sessions int) int64 {
		for range sessions {
			s, box := stubbed(t, ring)
			kwargs, _ := publishing(t, s, box)
			sub.deliver(event(kwargs, false))
			sub.got = nil
		}
		for _, err := range p.refused {
			harness.RequireReason(t, err, transparency.Stale) // it had too many in one millisecond
		}
		p.refused = nil
		return heap.InUse()
	}
	flood(300)
	before := flood(300)
	grown := flood(900) - before
	require.Less(t, grown, int64(300<<10), "bytes for 900 further Sessions")
	p.takes(sub, published(p.Forger, nil))
}
