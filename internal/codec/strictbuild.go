package codec

import (
	"math"
	"math/big"
)

// Values are built of what was scanned: nothing is checked or charged here again.

// minShared is the least size, in bytes, of a byte string that is built as a part of the
// data: below, a copy costs little.
const minShared = 16 << 10

// List builds the list that [StrictReader.ScanList] found there; nil is a null.
func (r *StrictReader) List(at int) []any {
	if at == absent {
		return nil
	}
	r.at = at
	_, _, n, _ := r.head()
	return r.buildList(n)
}

// Map builds the map that [StrictReader.ScanMap] found there; nil is a null.
func (r *StrictReader) Map(at int) map[string]any {
	if at == absent {
		return nil
	}
	r.at = at
	_, _, n, _ := r.head()
	return r.buildMap(n)
}

// Shared tells which part of the data is a byte string that was built: data[from:to],
// which belongs to who has the values. That happens to one of 16 KiB and more that is at
// least half of the data's room; else both are 0.
func (r *StrictReader) Shared() (from, to int) { return r.shared.from, r.shared.to }

// build gives the canonical value that comes next.
func (r *StrictReader) build() any {
	major, info, n, _ := r.head()
	switch major {
	case majorUnsigned:
		if n > math.MaxInt64 {
			return n
		}
		return int64(n)
	case majorNegative:
		if n > math.MaxInt64 {
			i := new(big.Int).SetUint64(n)
			return i.Not(i)
		}
		return int64(^n)
	case majorBytes:
		return r.buildBytes(n)
	case majorText:
		return textOf(r.step(n))
	case majorList:
		return r.buildList(n)
	case majorMap:
		return r.buildMap(n)
	case majorTag:
		return r.buildTag(n)
	}
	switch info {
	case infoFalse, infoTrue:
		return info == infoTrue
	case infoNull:
		return nil
	}
	_, bits := simple(info, n)
	return math.Float64frombits(bits)
}

func (r *StrictReader) buildList(n uint64) []any {
	list := make([]any, n)
	for i := range list {
		list[i] = r.build()
	}
	return list
}

func (r *StrictReader) buildMap(n uint64) map[string]any {
	object := make(map[string]any, n)
	r.keyed = true
	for range n {
		_, _, size, _ := r.head()
		key := r.keys.get(r.step(size))
		object[key] = r.build()
	}
	return object
}

func (r *StrictReader) buildBytes(n uint64) []byte {
	b := r.step(n)
	if len(b) >= minShared && 2*len(b) >= cap(r.data) {
		r.shared.from, r.shared.to = r.at-len(b), r.at
		return b[:len(b):len(b)]
	}
	own := make([]byte, len(b))
	copy(own, b)
	return own
}

func (r *StrictReader) buildTag(tag uint64) any {
	if tag == tagTime {
		major, info, n, _ := r.head()
		t, _ := timeOf(major, info, n)
		return t
	}
	b, _ := r.Bytes()
	i := new(big.Int).SetBytes(b)
	if tag == tagNegativeBignum {
		i.Not(i)
	}
	return i
}
