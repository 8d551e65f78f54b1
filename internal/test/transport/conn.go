package transport

import "net"

// Conn keeps the frames of a connection apart.
type Conn interface {
	// Each calls take with each frame that arrives, until the connection ends, or take
	// fails, and returns why it ended.
	Each(take func(Frame) error) error
	// Put sends a frame: a message, or one that a connection of the same transport has
	// read.
	Put(f Frame) error
	// Finish tells the other side that no more will come, for a connection that relays
	// what another reads, which has ended with err.
	Finish(err error)
	// NetConn is the connection below.
	NetConn() net.Conn
}

var _, _ Conn = RawSocket{}, WebSocket{}

// Frame is what crosses a connection in one piece.
type Frame struct {
	Data    []byte // what it carries
	Message bool   // whether that is a whole WAMP message

	kind int  // the transport's own
	bare bool // whether Data are bytes below the framing
}

// Message is a frame that carries a message.
func Message(data []byte) Frame { return Frame{Data: data, Message: true} }
