package keyring

// variants maps hashes to who had them first. A map would need more room and time, for
// millions that come at once.
type variants struct {
	hashes []uint64 // 0 is free
	owners []uint32
	used   int
	shift  int
}

func (v *variants) begin(room int) {
	*v = variants{shift: 64 - 6}
	for 1<<(64-v.shift)*5 < room*8 { // five of eight at most are used
		v.shift--
	}
	v.hashes, v.owners = make([]uint64, 1<<(64-v.shift)), make([]uint32, 1<<(64-v.shift))
}

// place gives where a hash is or goes.
func (v *variants) place(hash uint64) int {
	at := int(hash * spread >> v.shift)
	for v.hashes[at] != 0 && v.hashes[at] != hash {
		at = (at + 1) % len(v.hashes)
	}
	return at
}

func (v *variants) find(hash uint64) (owner uint32, ok bool) {
	at := v.place(max(hash, 1))
	return v.owners[at], v.hashes[at] != 0
}

func (v *variants) add(hash uint64, owner uint32) {
	if v.used*8 >= len(v.hashes)*5 {
		old := *v
		v.begin(2 * old.used)
		for i, hash := range old.hashes {
			if hash != 0 {
				v.add(hash, old.owners[i])
			}
		}
	}
	hash = max(hash, 1)
	if at := v.place(hash); v.hashes[at] == 0 {
		v.hashes[at], v.owners[at] = hash, owner
		v.used++
	}
}
