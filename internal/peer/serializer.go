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
	handle  codec.Handle
	encoder *codec.Encoder // nil before the first message
	decoder *codec.Decoder
	out     []byte
}

func newCBOR() *reused {
	handle := new(codec.CborHandle)
	handle.MapType = reflect.TypeFor[map[string]any]()
	return &reused{handle: handle}
}

func newJSON() *reused {
	handle := new(codec.JsonHandle)
	handle.MapType = reflect.TypeFor[map[string]any]()
	// As its own method writes it, which goes round by another encoder.
	_ = handle.SetInterfaceExt(reflect.TypeFor[serialize.BinaryData](), 1, binaryText{})
	return &reused{handle: handle}
}

// binaryText has binary data written as nulText.
type binaryText struct{}

func (binaryText) ConvertExt(v any) any {
	switch v := v.(type) {
	case serialize.BinaryData:
		return nulText(v)
	case *serialize.BinaryData:
		return nulText(*v)
	}
	return v
}

// UpdateExt isn't used: nothing is read into that type.
func (binaryText) UpdateExt(any, any) {}

func (s *reused) write(list []any) ([]byte, error) {
	encoder := s.encoder
	s.encoder = nil // after a failure it would be in no known state
	if cap(s.out) > maxKept {
		s.out = nil
	}
	if encoder == nil {
		encoder = codec.NewEncoderBytes(&s.out, s.handle)
	}
	encoder.ResetBytes(&s.out)
	if err := encoder.Encode(list); err != nil {
		return nil, err
	}
	s.encoder = encoder
	return s.out, nil
}

func (s *reused) read(data []byte, item *any) error {
	decoder := s.decoder
	s.decoder = nil
	if decoder == nil {
		decoder = codec.NewDecoderBytes(nil, s.handle)
	}
	decoder.ResetBytes(data)
	if err := decoder.Decode(item); err != nil {
		return err
	}
	decoder.ResetBytes(nil)
	s.decoder = decoder
	return nil
}
