package telemetry

import (
	"go.opentelemetry.io/otel/attribute"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// places says which pairs of pattern and key have series of their own. A pair keeps what it got
// for as long as it is there: a counter that moved from one series to another would fall.
type places struct {
	limit int // 0: patterns aren't told at all
	round uint64
	own   int
	known map[pair]*place
}

// pair is what a series may be of. An empty key stands for none that is known.
type pair struct {
	pattern keyring.Pattern
	key     string
}

// others stands for all pairs that have no series of their own.
var others = pair{pattern: keyring.Pattern{URI: "other"}}

func (p pair) attributes() []attribute.KeyValue {
	match := p.pattern.Match.String()
	if p == others {
		match = p.pattern.URI
	}
	attributes := []attribute.KeyValue{
		attribute.String("wampbox.pattern", p.pattern.URI), attribute.String("wampbox.match", match),
	}
	if p.key != "" {
		attributes = append(attributes, attribute.String("wampbox.key.id", p.key))
	}
	return attributes
}

type place struct {
	own   bool
	round uint64 // in which it was there last
}

// begin is called before all pairs are asked for that are there now.
func (p *places) begin() { p.round++ }

// attributes gives those of a pair: its own, or those of all that have none.
func (p *places) attributes(which pair) []attribute.KeyValue {
	switch {
	case p.limit == 0:
		return nil
	case which.pattern == keyring.Pattern{} || !p.hasOwn(which):
		return others.attributes()
	}
	return which.attributes()
}

// hasOwn tells whether a pair has series of its own.
func (p *places) hasOwn(which pair) bool {
	at := p.known[which]
	if at == nil {
		at = &place{own: p.own < p.limit}
		if at.own {
			p.own++
		}
		if p.known == nil {
			p.known = map[pair]*place{}
		}
		p.known[which] = at
	}
	at.round = p.round
	return at.own
}

// end forgets the pairs that weren't asked for.
func (p *places) end() {
	for which, at := range p.known {
		if at.round == p.round {
			continue
		}
		if at.own {
			p.own--
		}
		delete(p.known, which)
	}
}
