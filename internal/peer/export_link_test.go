package peer

import (
	"bytes"
	"context"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/transport/serialize"
	"github.com/gammazero/nexus/v3/wamp"
)

// Codec shows the codec to tests.
type Codec struct{ c *messageCodec }

// NewCodec is newCodec.
func NewCodec(s serialize.Serialization) (Codec, error) {
	c, err := newCodec(s)
	return Codec{c}, err
}

// Encode is encode.
func (c Codec) Encode(msg wamp.Message) ([]byte, error) {
	data, err := c.c.encode(msg)
	return bytes.Clone(data), err
}

// Decode is decode.
func (c Codec) Decode(data []byte) (wamp.Message, error) { return c.c.decode(data) }

// Serializer is nexus's, below.
func (c Codec) Serializer() serialize.Serializer { return c.c.nexus }

// DialImpatient is Dial with another patience for routers that read nothing.
func DialImpatient(ctx context.Context, url string, cfg client.Config, patience time.Duration) (Link, error) {
	return (&dialing{cfg: cfg, patience: patience}).dial(ctx, url)
}

// What tests compare with.
var (
	ErrMessage = errMessage
	FrameCode  = frameCode
)
