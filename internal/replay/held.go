package replay

import "math/bits"

// tokenBytes is about what a token takes that is remembered, beside the name of its scope, which
// tokens share: it holds the name, so it depends on the size of a word.
const tokenBytes = 75 + 10*bits.UintSize/8

// Held is what a [Memory] holds.
type Held struct {
	Senders int // a sender counts once in each scope and under each key
	Tokens  int
	Bytes   int // about, of all that
}

// Held tells what m holds now. It counts nothing anew.
func (m *Memory) Held() Held {
	m.mu.Lock()
	defer m.mu.Unlock()
	tokens := m.tokens.Len()
	return Held{
		Senders: m.recent.len + len(m.signers.senders),
		Tokens:  tokens,
		Bytes:   m.bytes + m.groups.bytes + m.signers.bytes + tokens*tokenBytes,
	}
}
