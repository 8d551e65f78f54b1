package link

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gammazero/nexus/v3/wamp"
	"github.com/gorilla/websocket"
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
	*ending
	conn     *websocket.Conn
	below    *gatherConn
	codec    *Codec
	limit    int64
	data     bytes.Buffer // of the message that was read last, for the next one
	size     int          // of that message
	patience time.Duration

	pongs      chan string // at most the newest one (RFC 6455, 5.5.3)
	unanswered atomic.Int32
	work       sync.WaitGroup
}

func newWebSocket(conn *websocket.Conn, below *gatherConn, codec *Codec, limit int64, patience time.Duration) *webSocket {
	s := &webSocket{
		ending: newEnding(),
		conn:   conn, below: below, codec: codec, limit: limit, patience: patience,
		pongs: make(chan string, 1),
	}
	// Refuses what is announced as more before it is read. Compressed data may be a
	// little longer than what is in it.
	conn.SetReadLimit(limit + limit/8 + 1024)
	// All are called inside Read.
	conn.SetCloseHandler(func(code int, _ string) error {
		s.farewell(websocket.FormatCloseMessage(code, ""))
		return nil
	})
	conn.SetPingHandler(func(data string) error {
		select {
		case <-s.pongs:
		default:
		}
		s.pongs <- data
		return nil
	})
	conn.SetPongHandler(func(string) error {
		s.unanswered.Store(0)
		return nil
	})
	return s
}

// start begins to answer pings, and to send them where keepAlive isn't 0.
func (s *webSocket) start(keepAlive time.Duration) {
	s.work.Go(func() {
		var tick <-chan time.Time
		if keepAlive > 0 {
			ticker := time.NewTicker(keepAlive)
			defer ticker.Stop()
			tick = ticker.C
		}
		for {
			select {
			case data := <-s.pongs:
				s.control(websocket.PongMessage, data, s.patience)
			case <-tick:
				s.ping(keepAlive)
			case <-s.done:
				return
			}
		}
	})
}

func (s *webSocket) ping(keepAlive time.Duration) {
	if s.unanswered.Load() >= missedPongs {
		_ = s.fail(fmt.Errorf("the router has answered no ping for %v", missedPongs*keepAlive))
		return
	}
	s.unanswered.Add(1)
	s.control(websocket.PingMessage, "keepalive", missedPongs*keepAlive)
}

func (s *webSocket) control(kind int, data string, within time.Duration) {
	err := s.conn.WriteControl(kind, []byte(data), time.Now().Add(within))
	if err != nil && !errors.Is(err, websocket.ErrCloseSent) {
		_ = s.fail(fmt.Errorf("write to the router: %w", err))
	}
}

// farewell is the last that is written.
func (s *webSocket) farewell(message []byte) {
	s.below.finish()
	_ = s.conn.WriteControl(websocket.CloseMessage, message, time.Now().Add(closeTime))
}

// IsLocal implements [Link].
func (s *webSocket) IsLocal() bool { return false }

// Read implements [Link].
func (s *webSocket) Read() (wamp.Message, error) {
	for {
		if err := s.cause(); err != nil {
			return nil, err
		}
		msg, err := s.readMessage()
		if err != nil {
			return nil, s.fail(err)
		}
		if msg != nil {
			return msg, nil
		}
	}
}

// readMessage returns nil for what is no message to the client.
func (s *webSocket) readMessage() (wamp.Message, error) {
	_, r, err := s.conn.NextReader()
	if err != nil {
		return nil, s.readError(err)
	}
	// The limit of the connection itself counts compressed bytes.
	if s.data.Cap() > maxKept {
		s.data = bytes.Buffer{}
	}
	s.data.Reset()
	if _, err := s.data.ReadFrom(io.LimitReader(r, s.limit+1)); err != nil {
		return nil, s.readError(err)
	}
	if int64(s.data.Len()) > s.limit {
		s.farewell(websocket.FormatCloseMessage(websocket.CloseMessageTooBig, ""))
		return nil, s.readError(websocket.ErrReadLimit)
	}
	s.size = s.data.Len()
	return s.codec.Decode(s.data.Bytes())
}

func (s *webSocket) readError(err error) error {
	if errors.Is(err, websocket.ErrReadLimit) {
		return fmt.Errorf("the router sent a message of more than %d bytes: raise Config.RecvLimit", s.limit)
	}
	return fmt.Errorf("read from the router: %w", err)
}

// ReadSize returns how many bytes the last message was read from.
func (s *webSocket) ReadSize() int { return s.size }

// Write implements [Link].
func (s *webSocket) Write(msg wamp.Message) error {
	data, err := s.codec.Encode(msg)
	if err != nil {
		return err
	}
	kind := websocket.BinaryMessage
	if s.codec.text {
		kind = websocket.TextMessage
	}
	if err := s.conn.WriteMessage(kind, data); err != nil {
		return s.fail(fmt.Errorf("write to the router: %w", err))
	}
	return nil
}

// Gather implements [Link].
func (s *webSocket) Gather() { s.below.gather() }

// Flush implements [Link].
func (s *webSocket) Flush() error {
	if err := s.below.flush(); err != nil {
		return s.fail(fmt.Errorf("write to the router: %w", err))
	}
	return nil
}

// fail ends the link without ceremony and returns what ended it.
func (s *webSocket) fail(err error) error {
	if s.end(err) {
		_ = s.below.Close()
	}
	return s.cause()
}

// Close implements [Link].
func (s *webSocket) Close() (err error) {
	if s.end(fmt.Errorf("link to the router: %w", net.ErrClosed)) {
		// Farewells of WebSocket and of TLS, to a router that may not read.
		cut := time.AfterFunc(closeTime, func() { _ = s.below.Close() })
		s.farewell(websocket.FormatCloseMessage(websocket.CloseNormalClosure, "goodbye"))
		err = s.conn.Close()
		cut.Stop()
	}
	s.work.Wait()
	return err
}
