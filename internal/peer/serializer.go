package peer

import (
	"reflect"

	"github.com/gammazero/nexus/v3/transport/serialize"
	"github.com/ugorji/go/codec"
)

// serializer writes and reads messages as lists. One goroutine at a time may write,
// and one read. Either may panic, as the application's own types can.
type serializer interface {
	// write's result is good until the next.
	write(list []any) ([]byte, error)
	// read keeps nothing of data.
	read(data []byte, item *any) error
}

// ofNexus is nexus's own serializer. MessagePack needs it: applications register
// extensions there.
type ofNexus struct{ serialize.Serializer }

func (s ofNexus) write(list []any) ([]byte, error) { return s.SerializeDataItem(list) }

func (s ofNexus) read(data []byte, item *any) error { return s.DeserializeDataItem(data, item) }

// reused does what nexus's serializer does, which makes a new encoder or decoder for
// each message, with the same ones again.
type reused struct {
	encoder *codec.Encoder
	decoder *codec.Decoder
	out     []byte
}

func newReused(handle codec.Handle) *reused {
	return &reused{encoder: codec.NewEncoderBytes(nil, handle), decoder: codec.NewDecoderBytes(nil, handle)}
}

func newCBOR() *reused {
	handle := new(codec.CborHandle)
	handle.MapType = reflect.TypeFor[map[string]any]()
	return newReused(handle)
}

func newJSON() *reused {
	handle := new(codec.JsonHandle)
	handle.MapType = reflect.TypeFor[map[string]any]()
	// As its own method writes it, which goes round by another encoder.
	_ = handle.SetInterfaceExt(reflect.TypeFor[serialize.BinaryData](), 1, binaryText{})
	return newReused(handle)
}

// binaryText has binary data written as nulText.
type binaryText struct{}

// ConvertExt implements [codec.InterfaceExt].
func (binaryText) ConvertExt(v any) any {
	switch v := v.(type) {
	case serialize.BinaryData:
		return nulText(v)
	case *serialize.BinaryData:
		return nulText(*v)
	}
	return v
}

// UpdateExt implements [codec.InterfaceExt], and isn't used: nothing is read into that type.
func (binaryText) UpdateExt(any, any) {}

func (s *reused) write(list []any) ([]byte, error) {
	if cap(s.out) > maxKept {
		s.out = nil
	}
	s.encoder.ResetBytes(&s.out)
	err := s.encoder.Encode(list)
	return s.out, err
}

func (s *reused) read(data []byte, item *any) error {
	s.decoder.ResetBytes(data)
	err := s.decoder.Decode(item)
	s.decoder.ResetBytes(nil) // it may be long until the next
	return err
}
