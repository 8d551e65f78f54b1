package link

import "sync"

// pieceSize is what is written at one time, and a router has to take within an outbox's
// patience, in bytes.
const pieceSize = 64 << 10

// piece is a part of what is written.
type piece struct {
	next  *piece
	bytes []byte // at most pieceSize
	from  int    // what of bytes is to be written
}

var piecePool = sync.Pool{New: func() any { return new(piece) }}

// pieces are bytes to be written. They aren't moved when more join them, and nothing is
// kept of those that were written.
type pieces struct {
	first, last *piece
	size        int // in bytes
}

func (p *pieces) append(b []byte) {
	p.size += len(b)
	for len(b) > 0 {
		if p.last == nil || len(p.last.bytes) == pieceSize {
			p.extend()
		}
		n := min(len(b), pieceSize-len(p.last.bytes))
		p.last.bytes = append(p.last.bytes, b[:n]...)
		b = b[n:]
	}
}

func (p *pieces) extend() {
	added, _ := piecePool.Get().(*piece)
	p.join(pieces{first: added, last: added})
}

// join appends those of more, which aren't to be used any more.
func (p *pieces) join(more pieces) {
	switch {
	case p.last == nil:
		*p = pieces{more.first, more.last, p.size + more.size}
	case more.first != nil:
		p.last.next, p.last = more.first, more.last
		p.size += more.size
	}
}

// next is what is to be written next.
func (p *pieces) next() []byte { return p.first.bytes[p.first.from:] }

// drop takes away so many bytes of what next has returned.
func (p *pieces) drop(n int) {
	p.size -= n
	p.first.from += n
	if len(p.next()) > 0 {
		return
	}
	written := p.first
	if p.first = written.next; p.first == nil {
		p.last = nil
	}
	*written = piece{bytes: written.bytes[:0]}
	piecePool.Put(written)
}
