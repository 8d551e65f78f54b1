package link

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"github.com/gammazero/nexus/v3/wamp"
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
	*ending
	conn  net.Conn // over TLS, or below itself
	below *gatherConn
	codec *Codec

	in        *bufio.Reader
	recvLimit int
	data      []byte // room for the next message, see room
	size      int    // of the message that was read last

	writing   sync.Mutex // messages and PONGs are written by two goroutines
	out       *bufio.Writer
	sendLimit int

	pongs chan []byte
	work  sync.WaitGroup
}

func newRawSocket(conn net.Conn, below *gatherConn, codec *Codec, sendLimit, recvLimit int) *rawSocket {
	s := &rawSocket{
		ending: newEnding(),
		conn:   conn, below: below, codec: codec,
		in: bufio.NewReader(conn), recvLimit: recvLimit,
		out: bufio.NewWriter(conn), sendLimit: min(sendLimit, maxFrame),
		pongs: make(chan []byte, 1),
	}
	s.work.Go(s.answerPings)
	return s
}

// IsLocal implements [Link].
func (s *rawSocket) IsLocal() bool { return false }

// Read implements [Link].
func (s *rawSocket) Read() (wamp.Message, error) {
	for {
		if err := s.cause(); err != nil {
			return nil, err
		}
		msg, err := s.readFrame()
		if err != nil {
			return nil, s.fail(err)
		}
		if msg != nil {
			return msg, nil
		}
	}
}

// readFrame returns nil for what is no message to the client.
func (s *rawSocket) readFrame() (wamp.Message, error) {
	var header [4]byte
	if _, err := io.ReadFull(s.in, header[:]); err != nil {
		return nil, fmt.Errorf("read from the router: %w", err)
	}
	size := int(header[1])<<16 | int(header[2])<<8 | int(header[3])
	if size > s.recvLimit {
		return nil, fmt.Errorf("the router sent a frame of %d bytes, more than the limit of %d: raise Config.RecvLimit", size, s.recvLimit)
	}
	switch header[0] {
	case frameMessage, framePing:
	case framePong:
		_, err := s.in.Discard(size)
		return nil, err
	default:
		// None was agreed on: the stream is out of step, and what is skipped
		// could have been a reply.
		return nil, fmt.Errorf("the router sent a frame of the unknown type %#x", header[0])
	}
	if header[0] == framePing {
		data := make([]byte, size)
		_, err := io.ReadFull(s.in, data)
		if err != nil {
			return nil, fmt.Errorf("read from the router: %w", err)
		}
		s.pong(data)
		return nil, nil
	}
	data := s.room(size)
	if _, err := io.ReadFull(s.in, data); err != nil {
		return nil, fmt.Errorf("read from the router: %w", err)
	}
	s.size = size
	return s.codec.Decode(data)
}

// room gives what the next message is read into: what the one before was in, where
// that is enough. Nothing of it is in use, since decoding copies.
func (s *rawSocket) room(size int) []byte {
	if size > maxKept {
		return make([]byte, size)
	}
	if size > cap(s.data) {
		s.data = make([]byte, size)
	}
	return s.data[:size]
}

// ReadSize returns how many bytes the last message was read from.
func (s *rawSocket) ReadSize() int { return s.size }

// pong leaves the answer to another goroutine: a router that writes before it
// reads on would wait for us, while we wait for it. Reading pauses at the second
// answer that waits.
func (s *rawSocket) pong(data []byte) {
	select {
	case s.pongs <- data:
	case <-s.done:
	}
}

func (s *rawSocket) answerPings() {
	for {
		select {
		case data := <-s.pongs:
			_ = s.writeFrame(framePong, data) // a failure has ended the link
		case <-s.done:
			return
		}
	}
}

// Write implements [Link].
func (s *rawSocket) Write(msg wamp.Message) error {
	data, err := s.codec.Encode(msg)
	if err != nil {
		return err
	}
	if len(data) > s.sendLimit {
		return fmt.Errorf("%w: %w: %s has %d bytes, and the router takes %d", ErrUnsendable, ErrTooLarge, msg.MessageType(), len(data), s.sendLimit)
	}
	return s.writeFrame(frameMessage, data)
}

func (s *rawSocket) writeFrame(kind byte, data []byte) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	size := len(data)
	// The writer keeps its first error, and passes large data on as it is.
	_, _ = s.out.Write([]byte{kind, byte(size >> 16), byte(size >> 8), byte(size)})
	_, _ = s.out.Write(data)
	if err := s.out.Flush(); err != nil {
		return s.fail(fmt.Errorf("write to the router: %w", err))
	}
	return nil
}

// Gather implements [Link].
func (s *rawSocket) Gather() { s.below.gather() }

// Flush implements [Link].
func (s *rawSocket) Flush() error {
	if err := s.below.flush(); err != nil {
		return s.fail(fmt.Errorf("write to the router: %w", err))
	}
	return nil
}

// fail ends the link without ceremony and returns what ended it.
func (s *rawSocket) fail(err error) error {
	if s.end(err) {
		_ = s.below.Close()
	}
	return s.cause()
}

// Close implements [Link].
func (s *rawSocket) Close() (err error) {
	if s.end(fmt.Errorf("link to the router: %w", net.ErrClosed)) {
		// TLS says goodbye, to a router that may not read.
		cut := time.AfterFunc(closeTime, func() { _ = s.below.Close() })
		s.below.finish()
		err = s.conn.Close()
		cut.Stop()
	}
	s.work.Wait()
	return err
}
