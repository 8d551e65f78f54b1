package telemetry

import "github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"

// places says which pairs of pattern and key have series of their own. A pair keeps what it got
// for as long as it is there: a counter that moved from one series to another would fall.
type places struct {
	limit int // 0: patterns aren't told at all
	round uint64
	own   int
	known map[pair]*place
}

type place struct {
	own   bool
	round uint64 // in which it was there last
}

// begin is called before all pairs are asked for that are there now.
func (p *places) begin() { p.round++ }

// of gives the pair that stands for one: itself, all others, or none where patterns aren't told.
func (p *places) of(one pair) pair {
	switch {
	case p.limit == 0:
		return pair{}
	case one.pattern == keyring.Pattern{} || !p.hasOwn(one):
		return others
	}
	return one
}

// hasOwn tells whether a pair has series of its own.
func (p *places) hasOwn(one pair) bool {
	at := p.known[one]
	if at == nil {
		at = &place{own: p.own < p.limit}
		if at.own {
			p.own++
		}
		if p.known == nil {
			p.known = map[pair]*place{}
		}
		p.known[one] = at
	}
	at.round = p.round
	return at.own
}

// end forgets the pairs that weren't asked for.
func (p *places) end() {
	for one, at := range p.known {
		if at.round == p.round {
			continue
		}
		if at.own {
			p.own--
		}
		delete(p.known, one)
	}
}
