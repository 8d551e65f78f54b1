package transport

import (
	"errors"
	"io"
	"time"

	"github.com/gorilla/websocket"
)

// WebSocket is a connection by WebSocket.
type WebSocket struct {
	*websocket.Conn
	// Relay hands pings, pongs and the close frame to take, in place of answering them.
	Relay bool
}

// patience bounds how long a control frame may take to be written.
const patience = time.Second

// Each puts fragments together, and hands on what broke off as a frame that is no
// message.
func (s WebSocket) Each(take func(Frame) error) error {
	if s.Relay {
		s.relayControl(take)
	}
	for {
		kind, reader, err := s.NextReader()
		if err != nil {
			return err
		}
		data, err := io.ReadAll(reader)
		if len(data) > 0 || err == nil {
			if failed := take(Frame{Data: data, Message: err == nil, kind: kind, bare: err != nil}); failed != nil {
				return failed
			}
		}
		if err != nil {
			return err
		}
	}
}

// relayControl sets handlers, which run inside the reads.
func (s WebSocket) relayControl(take func(Frame) error) {
	control := func(kind int) func(string) error {
		return func(text string) error { return take(Frame{Data: []byte(text), kind: kind}) }
	}
	s.SetPingHandler(control(websocket.PingMessage))
	s.SetPongHandler(control(websocket.PongMessage))
	s.SetCloseHandler(func(code int, text string) error {
		return take(Frame{Data: websocket.FormatCloseMessage(code, text), kind: websocket.CloseMessage})
	})
}

// Put implements [Conn]. What broke off isn't sent.
func (s WebSocket) Put(f Frame) error {
	switch kind := f.kind; {
	case f.bare:
		return nil
	case kind == 0:
		return s.WriteMessage(s.messageType(), f.Data)
	case !f.Message:
		return s.WriteControl(kind, f.Data, time.Now().Add(patience))
	default:
		return s.WriteMessage(kind, f.Data)
	}
}

// messageType is that of the subprotocol's messages.
func (s WebSocket) messageType() int {
	if serializer := Subprotocol(s.Subprotocol()); serializer != nil && serializer.Binary {
		return websocket.BinaryMessage
	}
	return websocket.TextMessage
}

// Finish closes the connection below, unless a close frame has gone before: a side that
// is gone without a word has to be missed.
func (s WebSocket) Finish(err error) {
	closed, said := errors.AsType[*websocket.CloseError](err)
	if !said || closed.Code == websocket.CloseAbnormalClosure {
		_ = s.NetConn().Close()
	}
}
