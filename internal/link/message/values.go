package message

import (
	"math"
	"sync"

	"github.com/gammazero/nexus/v3/wamp"
	ugorji "github.com/ugorji/go/codec"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/codec"
)

// Values decodes a payload that [Codec.Read] has read. Arguments that were absent are
// nil. Every error wraps [ErrPayload], and holds nothing of the payload. Binary data in
// the place of the arguments is one.
func (c *Codec) Values(p *Payload) (wamp.List, wamp.Dict, error) {
	if p.Err != nil {
		return nil, nil, p.Err
	}
	var args wamp.List
	if p.Args != nil {
		if c.head(p.Args, 0).Kind != codec.KindList {
			return nil, nil, errBinary
		}
		v, ok := c.decode(p.Args)
		if args, _ = v.([]any); !ok {
			return nil, nil, errUndecodable
		}
	}
	kwargs, err := c.Dict(p.Kwargs)
	if err != nil {
		return nil, nil, err
	}
	return args, kwargs, nil
}

// Dict decodes details that [Codec.Read] has read, nil for nil. An error wraps
// [ErrPayload], and holds nothing of the details.
func (c *Codec) Dict(raw []byte) (wamp.Dict, error) {
	if raw == nil {
		return nil, nil
	}
	v, ok := c.decode(raw)
	dict, isDict := v.(map[string]any)
	if !ok || !isDict {
		return nil, errUndecodable
	}
	return dict, nil
}

// decode decodes one value.
func (c *Codec) decode(raw []byte) (any, bool) {
	d, ok := decoders.Get().(*decoder)
	if !ok {
		d = new(decoder)
	}
	d.syntax, d.b = c.syntax, raw
	v, end := d.value(0, 1)
	d.b, d.counts, d.counted = nil, d.counts[:0], 0
	if 4*cap(d.counts) <= maxKept && cap(d.scratch) <= maxKept {
		decoders.Put(d)
	}
	return v, end == len(raw)
}

var decoders = sync.Pool{New: func() any { return new(decoder) }}

// decoder decodes values. A negative end stands for one that can't be decoded.
type decoder struct {
	syntax
	b       []byte
	scratch []byte
	// counts are the lengths of open lists and maps, in the order in which they begin,
	// of which counted ones have been used.
	counts  []uint32
	counted int
}

func (d *decoder) value(i, depth int) (v any, end int) {
	h := d.head(d.b, i)
	switch h.Kind {
	case codec.KindNull:
	case codec.KindFalse, codec.KindTrue:
		v = h.Kind == codec.KindTrue
	case codec.KindUint:
		v = h.N
	case codec.KindInt:
		v = int64(h.N)
	case codec.KindFloat:
		v = math.Float64frombits(h.N)
	case codec.KindText:
		text, ok := d.text(h)
		if !ok {
			return nil, -1
		}
		v = text
	case codec.KindBytes:
		b, ok := content(d.syntax, d.b, h, nil)
		if !ok {
			return nil, -1
		}
		v = append(make([]byte, 0, len(b)), b...)
	case codec.KindList:
		return d.list(h, depth)
	case codec.KindMap:
		return d.dict(h, depth)
	case codec.KindTag:
		return d.tag(h, depth)
	case codec.KindNumber, codec.KindExt:
		special, ok := d.special(d.b, h)
		if !ok {
			return nil, -1
		}
		v = special
	default:
		return nil, -1
	}
	return v, h.End
}

func (d *decoder) text(h codec.Head) (string, bool) {
	b, ok := content(d.syntax, d.b, h, d.scratch)
	if h.Open {
		d.scratch = b[:0]
	}
	return string(b), ok
}

// name is a key, without an allocation for what routers say in details.
func (d *decoder) name(h codec.Head) (string, bool) {
	b, ok := content(d.syntax, d.b, h, d.scratch)
	if h.Open {
		d.scratch = b[:0]
	}
	switch string(b) {
	case wamp.OptProgress:
		return wamp.OptProgress, ok
	case wamp.OptReceiveProgress:
		return wamp.OptReceiveProgress, ok
	case wamp.OptProcedure:
		return wamp.OptProcedure, ok
	case wamp.OptTimeout:
		return wamp.OptTimeout, ok
	}
	return string(b), ok
}

// length is how many items a list or map has.
func (d *decoder) length(h codec.Head, depth int) (int, bool) {
	if !h.Open {
		return int(h.N), true
	}
	if d.counted == len(d.counts) {
		s := scan{syntax: d.syntax, b: d.b, limit: math.MaxInt, counts: &d.counts}
		d.counts, d.counted = d.counts[:0], 0
		if s.container(h, depth) < 0 {
			return 0, false
		}
	}
	d.counted++
	return int(d.counts[d.counted-1]), true
}

func (d *decoder) list(h codec.Head, depth int) (any, int) {
	n, ok := d.length(h, depth)
	if !ok || depth > maxDepth {
		return nil, -1
	}
	list := make([]any, n)
	it := itemsOf(d.syntax, d.b, h)
	for i := 0; it.more(); i++ {
		list[i], it.at = d.value(it.at, depth+1)
	}
	return list, it.at
}

func (d *decoder) dict(h codec.Head, depth int) (any, int) {
	n, ok := d.length(h, depth)
	if !ok || depth > maxDepth {
		return nil, -1
	}
	dict := make(map[string]any, n)
	it := itemsOf(d.syntax, d.b, h)
	for it.more() {
		key := d.head(d.b, it.at)
		if !d.textKey(d.b, key) {
			return nil, -1
		}
		name := ""
		if key.Kind != codec.KindNull {
			name, ok = d.name(key)
		}
		at := d.behindKey(d.b, key.End)
		if !ok || at < 0 {
			return nil, -1
		}
		var v any
		v, it.at = d.value(at, depth+1)
		dict[name] = v
	}
	return dict, it.at
}

// tag decodes a tagged value of CBOR.
func (d *decoder) tag(h codec.Head, depth int) (any, int) {
	if depth > maxDepth {
		return nil, -1
	}
	if h.N > 5 {
		v, end := d.value(h.End, depth+1)
		return ugorji.RawExt{Tag: h.N, Value: v}, end
	}
	v, ok := d.special(d.b, h)
	if !ok {
		return nil, -1
	}
	return v, d.head(d.b, h.End).End
}
