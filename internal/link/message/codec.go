package message

import (
	"fmt"

	"github.com/gammazero/nexus/v3/transport/serialize"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/codec"
)

// Codec reads and writes messages in one serialization. Any number of goroutines may
// use it at once.
type Codec struct {
	codec.Format
	syntax
	name string
	// named says whether the named types of nexus are written as what they are made of.
	// It isn't so where the application has registered an extension for one.
	named bool
}

// New returns the codec of a serialization. AUTO has none: it is to be negotiated.
func New(s serialize.Serialization) (*Codec, error) {
	switch s {
	case serialize.JSON:
		return &Codec{Format: codec.FormatJSON, syntax: &jsonSyntax{}, name: "json", named: true}, nil
	case serialize.MSGPACK:
		c := &Codec{Format: codec.FormatMessagePack, syntax: &msgpackSyntax{}, name: "msgpack", named: true}
		c.named = c.namedAsNexus()
		return c, nil
	case serialize.CBOR:
		return CBOR(), nil
	}
	return nil, fmt.Errorf("serialization %d is unknown: use JSON, MSGPACK or CBOR", s)
}

// CBOR returns the codec of CBOR.
func CBOR() *Codec {
	return &Codec{Format: codec.FormatCBOR, syntax: &cborSyntax{}, name: "cbor", named: true}
}

// Name returns the serialization's name in WebSocket subprotocols: json, msgpack or cbor.
func (c *Codec) Name() string { return c.name }

// Text reports whether messages are text, which WebSocket carries in frames of another
// type than binary data.
func (c *Codec) Text() bool { return c.Format == codec.FormatJSON }
