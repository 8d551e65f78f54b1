package link

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
	encoder *codec.Encoder // nil before the first message, and after a large one
	decoder *codec.Decoder
	out     []byte
}

// Handles as nexus's.
var (
	cborHandle = newCBORHandle()
	jsonHandle = newJSONHandle()
)

func newCBORHandle() *codec.CborHandle {
	handle := new(codec.CborHandle)
	handle.MapType = reflect.TypeFor[map[string]any]()
	return handle
}

func newJSONHandle() *codec.JsonHandle {
	handle := new(codec.JsonHandle)
	handle.MapType = reflect.TypeFor[map[string]any]()
	// As its own method writes it, which goes round by another encoder.
	_ = handle.SetInterfaceExt(reflect.TypeFor[serialize.BinaryData](), 1, binaryText{})
	return handle
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

// UpdateExt implements [codec.InterfaceExt], and isn't used: nothing is read into that
// type.
func (binaryText) UpdateExt(any, any) {}

func (s *reused) write(list []any) ([]byte, error) {
	if s.encoder == nil {
		s.encoder = codec.NewEncoderBytes(nil, s.handle)
	}
	s.encoder.ResetBytes(&s.out)
	err := s.encoder.Encode(list)
	written := s.out
	if cap(written) > maxKept {
		s.encoder, s.out = nil, nil
	}
	return written, err
}

func (s *reused) read(data []byte, item *any) error {
	if s.decoder == nil {
		s.decoder = codec.NewDecoderBytes(nil, s.handle)
	}
	s.decoder.ResetBytes(data)
	err := s.decoder.Decode(item)
	if len(data) > maxKept {
		s.decoder = nil // it keeps parts of data
	}
	return err
}
