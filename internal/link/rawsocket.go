package link

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"slices"
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/link/message"
)

// Types of frames (WAMP specification, "RawSocket Transport").
const (
	frameMessage = 0
	framePing    = 1
	framePong    = 2
)

// maxFrame is what the three bytes of a frame's length can say.
const maxFrame = 1<<24 - 1

var _ Link = (*rawSocket)(nil)

// rawSocket is a connection by WAMP's RawSocket.
type rawSocket struct {
	*network
	conn      net.Conn // over TLS, or below itself
	in        *bufio.Reader
	recvLimit int
	sendLimit int
}

func newRawSocket(conn net.Conn, below *outbox, codec *message.Codec, sendLimit, recvLimit int) *rawSocket {
	s := &rawSocket{
		network: newNetwork(below, codec), conn: conn,
		in: bufio.NewReaderSize(conn, readBuffer), recvLimit: recvLimit,
		sendLimit: min(sendLimit, maxFrame),
	}
	s.next = s.readFrame
	return s
}

// readFrame returns false for what is no message to a client.
func (s *rawSocket) readFrame(in *Incoming) (bool, error) {
	var header [4]byte
	if _, err := io.ReadFull(s.in, header[:]); err != nil {
		return false, fmt.Errorf("read from the router: %w", err)
	}
	size := int(header[1])<<16 | int(header[2])<<8 | int(header[3])
	if size > s.recvLimit {
		return false, fmt.Errorf("the router sent a frame of %d bytes, more than the limit of %d: raise the limit of what is received", size, s.recvLimit)
	}
	switch header[0] {
	case frameMessage, framePing:
	case framePong:
		_, err := s.in.Discard(size)
		return false, err
	default:
		// None was agreed on: the stream is out of step, and what is skipped
		// could have been a reply.
		return false, fmt.Errorf("the router sent a frame of the unknown type %#x", header[0])
	}
	in.data = newBuffer(0)
	if err := in.data.readFull(s.in, size); err != nil {
		return false, fmt.Errorf("read from the router: %w", err)
	}
	if header[0] == framePing {
		s.ping(in.data.bytes)
		return false, nil
	}
	return in.read(s.codec)
}

// readFull appends size bytes of r.
func (b *buffer) readFull(r io.Reader, size int) error {
	for size > 0 {
		b.grow()
		piece := min(size, cap(b.bytes)-len(b.bytes))
		n, err := io.ReadFull(r, b.bytes[len(b.bytes):len(b.bytes)+piece])
		b.bytes = b.bytes[:len(b.bytes)+n]
		size -= n
		if err != nil {
			return err
		}
	}
	return nil
}

// ping leaves the answer to another goroutine. Reading pauses at the second that waits.
func (s *rawSocket) ping(data []byte) {
	select {
	case s.pings.waiting <- slices.Clone(data):
		s.pings.answer(&s.work, s.pong)
	case <-s.done:
	}
}

func (s *rawSocket) pong(data []byte) {
	frame := append(make([]byte, frameHeader, frameHeader+len(data)), data...)
	_ = s.writeFrame(context.Background(), 0, framePong, frame) // a failure has ended the link
}

// frameHeader is the size of a frame's header, in bytes.
const frameHeader = 4

// Write implements [Link].
func (s *rawSocket) Write(ctx context.Context, limit time.Duration, m message.Out) error {
	data := newFrame(s.codec.Room(&m))
	defer data.releaseFrame()
	var err error
	if data.bytes, err = s.codec.Append(append(data.bytes, 0, 0, 0, 0), &m); err != nil {
		return err
	}
	if size := len(data.bytes) - frameHeader; size > s.sendLimit {
		return fmt.Errorf("%w: %w: %s has %d bytes, and the router takes %d", ErrUnsendable, ErrTooLarge, m.Type, size, s.sendLimit)
	}
	return s.writeFrame(ctx, limit, frameMessage, data.bytes)
}

// writeFrame fills in the header that frame has room for.
func (s *rawSocket) writeFrame(ctx context.Context, limit time.Duration, kind byte, frame []byte) error {
	size := len(frame) - frameHeader
	frame[0], frame[1], frame[2], frame[3] = kind, byte(size>>16), byte(size>>8), byte(size)
	return s.send(ctx, limit, func() error {
		_, err := s.conn.Write(frame)
		return err
	})
}

// Close implements [Link]. Over TLS it says goodbye.
func (s *rawSocket) Close() error { return s.close(s.conn.Close) }
