package replay

import "slices"

// WindowSize is how far behind the newest counter of a sender a message may be.
const WindowSize = 8192

const wordBits = 64

// window holds which counters of a sender were seen. Of the last WindowSize ones
// only those words are kept that have a bit set, as most senders have many
// receivers and gaps are normal.
type window struct {
	top   uint64 // the newest counter
	words []word // in ascending order
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
	at, found := slices.BinarySearchFunc(w.words, index, func(have word, want uint64) int {
		switch {
		case have.index < want:
			return -1
		case have.index > want:
			return 1
		}
		return 0
	})
	switch {
	case found && w.words[at].bits&bit != 0:
		return false
	case found:
		w.words[at].bits |= bit
	default:
		w.words = slices.Insert(w.words, at, word{index, bit})
	}
	if n > w.top {
		w.top = n
		w.slide()
	}
	return true
}

// slide drops the words behind the window.
func (w *window) slide() {
	if w.top < WindowSize {
		return
	}
	oldest := (w.top - WindowSize + 1) / wordBits
	behind := 0
	for behind < len(w.words) && w.words[behind].index < oldest {
		behind++
	}
	w.words = slices.Delete(w.words, 0, behind)
}

// size is about how many bytes the words take.
func (w *window) size() int { return cap(w.words) * 16 }
