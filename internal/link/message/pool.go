package message

import (
	"sync"

	ugorji "github.com/ugorji/go/codec"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/codec"
)

// maxKept is the largest room, in bytes, that is kept for the next value.
const maxKept = 64 << 10

// pool are encoders and decoders for what has no fast way here.
type pool struct {
	handle             ugorji.Handle
	encoders, decoders sync.Pool
}

type encoder struct {
	*ugorji.Encoder
	out []byte
}

func newPool(handle ugorji.Handle) *pool {
	return &pool{handle: handle}
}

// encode makes errors of panics of the application's own types. An encoder that failed
// isn't used again.
func (p *pool) encode(b []byte, v any) ([]byte, error) {
	e, ok := p.encoders.Get().(*encoder)
	if !ok {
		e = &encoder{Encoder: ugorji.NewEncoderBytes(nil, p.handle)}
	}
	e.ResetBytes(&e.out)
	if err := e.Encode(codec.AtAnAddress(v)); err != nil {
		return b, err
	}
	b = append(b, e.out...)
	clear(e.out)
	if cap(e.out) <= maxKept {
		p.encoders.Put(e)
	}
	return b, nil
}

// decode is for small values. A decoder that failed isn't used again.
func (p *pool) decode(raw []byte) (v any, ok bool) {
	d, found := p.decoders.Get().(*ugorji.Decoder)
	if !found {
		d = ugorji.NewDecoderBytes(nil, p.handle)
	}
	d.ResetBytes(raw)
	if d.Decode(&v) != nil {
		return nil, false
	}
	d.ResetBytes(nil)
	if len(raw) <= maxKept {
		p.decoders.Put(d)
	}
	return v, true
}
