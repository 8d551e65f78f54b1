package replay

import (
	"cmp"
	"slices"
)

// WindowSize is how far behind the newest counter of a sender a message may be.
const WindowSize = 8192

const wordBits = 64

// window holds which counters of a sender were seen. Of the last WindowSize ones
// only those words are kept that have a bit set, as most senders have many
// receivers and gaps are normal; and many senders are heard of once.
type window struct {
	top    uint64  // the newest counter
	bits   uint64  // the word that top is in
	behind *[]word // those before it, in ascending order; nil for none
}

// word holds 64 counters, from index*64 on.
type word struct {
	index uint64
	bits  uint64
}

// add notes a counter, and returns false if it was seen, or may have been: it is
// behind the window.
func (w *window) add(n uint64) bool {
	if w.top >= WindowSize && n <= w.top-WindowSize {
		return false
	}
	index, bit := n/wordBits, uint64(1)<<(n%wordBits)
	switch current := w.top / wordBits; {
	case index < current:
		return w.addBehind(index, bit)
	case index > current && w.bits != 0:
		w.push(word{current, w.bits})
		w.bits = 0
	}
	if w.bits&bit != 0 {
		return false
	}
	w.bits |= bit
	w.top = max(w.top, n)
	return true
}

func (w *window) addBehind(index, bit uint64) bool {
	if w.behind == nil {
		w.behind = new([]word)
	}
	words := *w.behind
	at, found := slices.BinarySearchFunc(words, index, func(have word, want uint64) int {
		return cmp.Compare(have.index, want)
	})
	if !found {
		*w.behind = slices.Insert(words, at, word{index, bit})
		return true
	}
	if words[at].bits&bit != 0 {
		return false
	}
	words[at].bits |= bit
	return true
}

// push notes the word that top was in, which is behind now, and drops those that
// were behind the window even then.
func (w *window) push(last word) {
	if w.behind == nil {
		w.behind = new([]word)
	}
	words := *w.behind
	gone := 0
	for gone < len(words) && words[gone].index+WindowSize/wordBits < last.index {
		gone++
	}
	*w.behind = append(slices.Delete(words, 0, gone), last)
}

// size is about how many bytes the words behind take.
func (w *window) size() int {
	if w.behind == nil {
		return 0
	}
	return 24 + cap(*w.behind)*16
}
