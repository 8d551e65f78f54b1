package keyring

// filter tells of most texts that aren't in a shard that they aren't, by one bit for
// each that is (a Bloom filter with one hash function). It takes little memory, which
// mostly is in a processor's cache where that of the texts isn't. Its length is a
// power of two, and 0 where nothing is in it.
type filter []uint64

// filterRoom is how many bits there are for each text, at least.
const filterRoom = 8

// newFilter gives one for so many texts.
func newFilter(texts int) filter {
	size := 1
	for size*64 < texts*filterRoom {
		size *= 2
	}
	return make(filter, size)
}

func (f filter) add(hash uint64) {
	word, bit := f.place(hash)
	f[word] |= bit
}

// has is true for every hash that was added, and for few others.
func (f filter) has(hash uint64) bool {
	if len(f) == 0 {
		return false
	}
	word, bit := f.place(hash)
	return f[word]&bit != 0
}

// place uses bits of the hash that no shard is chosen by.
func (f filter) place(hash uint64) (word int, bit uint64) {
	return int(hash>>32) & (len(f) - 1), 1 << (hash >> 26 & 63)
}
