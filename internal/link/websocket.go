package link

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/link/message"
)

// defaultMessageLimit bounds what a router may send over WebSocket, which has no
// limit of its own: records of 16 MiB in base64 fit, and what goes round them.
const defaultMessageLimit = 64 << 20

// missedPongs is how many pings in a row may go without an answer.
const missedPongs = 2

var _ Link = (*webSocket)(nil)

// webSocket is a connection by WebSocket, one message of WAMP in each of its
// messages (WAMP specification, "WebSocket Transport").
type webSocket struct {
	*network
	conn       *websocket.Conn
	limit      int64
	patience   time.Duration
	unanswered atomic.Int32
}

func newWebSocket(conn *websocket.Conn, below *outbox, codec *message.Codec, limit int64, patience time.Duration) *webSocket {
	s := &webSocket{
		network: newNetwork(below, codec), conn: conn, limit: limit, patience: patience,
	}
	s.next = s.readMessage
	// Refuses what is announced as more before it is read. Compressed data may be a
	// little longer than what is in it.
	conn.SetReadLimit(limit + limit/8 + 1024)
	// All are called inside Read.
	conn.SetCloseHandler(func(code int, _ string) error {
		s.farewell(websocket.FormatCloseMessage(code, ""))
		s.below.drain()
		return nil
	})
	conn.SetPingHandler(func(data string) error {
		select {
		case <-s.pings.waiting: // the newest counts (RFC 6455, 5.5.3)
		default:
		}
		s.pings.waiting <- []byte(data)
		s.pings.answer(&s.work, s.pong)
		return nil
	})
	conn.SetPongHandler(func(string) error {
		s.unanswered.Store(0)
		return nil
	})
	return s
}

// start begins to send pings where keepAlive isn't 0.
func (s *webSocket) start(keepAlive time.Duration) {
	if keepAlive <= 0 {
		return
	}
	s.work.Go(func() {
		ticker := time.NewTicker(keepAlive)
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
				s.ping(keepAlive)
			case <-s.done:
				return
			}
		}
	})
}

func (s *webSocket) pong(data []byte) {
	if s.below.await(context.Background(), 0, s.ending) == nil {
		s.control(websocket.PongMessage, data, s.patience)
	}
}

func (s *webSocket) ping(keepAlive time.Duration) {
	if s.unanswered.Load() >= missedPongs {
		_ = s.fail(fmt.Errorf("the router has answered no ping for %v", missedPongs*keepAlive))
		return
	}
	s.unanswered.Add(1)
	s.control(websocket.PingMessage, []byte("keepalive"), missedPongs*keepAlive)
}

func (s *webSocket) control(kind int, data []byte, within time.Duration) {
	err := s.conn.WriteControl(kind, data, time.Now().Add(within))
	s.below.flush()
	if err != nil && !errors.Is(err, websocket.ErrCloseSent) {
		_ = s.failWrite(err)
	}
}

// farewell is the last that is written.
func (s *webSocket) farewell(message []byte) {
	_ = s.conn.WriteControl(websocket.CloseMessage, message, time.Now().Add(closeTime))
}

// readMessage returns false for what is no message to a client.
func (s *webSocket) readMessage(in *Incoming) (bool, error) {
	_, r, err := s.conn.NextReader()
	if err != nil {
		return false, s.readError(err)
	}
	in.data = newBuffer(0)
	// The limit of the connection itself counts compressed bytes.
	if err := in.data.readAll(r, s.limit); err != nil {
		return false, s.readError(err)
	}
	if int64(len(in.data.bytes)) > s.limit {
		s.farewell(websocket.FormatCloseMessage(websocket.CloseMessageTooBig, ""))
		return false, s.readError(websocket.ErrReadLimit)
	}
	return in.read(s.codec)
}

// readAll appends what r gives, until that is longer than limit.
func (b *buffer) readAll(r io.Reader, limit int64) error {
	for int64(len(b.bytes)) <= limit {
		b.grow()
		n, err := r.Read(b.bytes[len(b.bytes):cap(b.bytes)])
		b.bytes = b.bytes[:len(b.bytes)+n]
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *webSocket) readError(err error) error {
	if errors.Is(err, websocket.ErrReadLimit) {
		s.below.drain() // a farewell that says so
		return fmt.Errorf("the router sent a message of more than %d bytes: raise the limit of what is received", s.limit)
	}
	return fmt.Errorf("read from the router: %w", remote(err))
}

// Write implements [Link].
func (s *webSocket) Write(ctx context.Context, limit time.Duration, m message.Out) error {
	kind := websocket.BinaryMessage
	if s.codec.Text() {
		kind = websocket.TextMessage
	}
	data := newFrame(s.codec.Room(&m))
	defer data.releaseFrame()
	var err error
	if data.bytes, err = s.codec.Append(data.bytes, &m); err != nil {
		return err
	}
	return s.send(ctx, limit, func() error { return s.conn.WriteMessage(kind, data.bytes) })
}

// Close implements [Link]. It says goodbye over WebSocket and TLS, to a router that may
// not read.
func (s *webSocket) Close() error {
	return s.close(func() error {
		s.farewell(websocket.FormatCloseMessage(websocket.CloseNormalClosure, "goodbye"))
		return s.conn.Close()
	})
}
