package transport

import (
	"errors"
	"io"
	"net"
)

const (
	handshakeSize = 4    // octets of a handshake, each way
	headerSize    = 4    // octets before each frame: type, and a 24-bit length
	magic         = 0x7f // the first octet of a handshake
	typeMask      = 0x07 // of the first octet of a frame: 0 for a message, 1 ping, 2 pong
)

// RawSocket is a connection by RawSocket (WAMP specification, "RawSocket Transport").
type RawSocket struct {
	net.Conn
	// Relay has Each begin with the handshake, as a frame that is no message.
	Relay bool
}

// RawFrame is a frame of that type as it lies on the wire.
func RawFrame(kind byte, data []byte) []byte {
	n := len(data)
	return append([]byte{kind, byte(n >> 16), byte(n >> 8), byte(n)}, data...)
}

// Accept answers the client's handshake, which has to ask for the serializer: messages
// of up to 2^(9+limit) bytes are taken.
func (s RawSocket) Accept(serializer *Serializer, limit byte) error {
	var hello [handshakeSize]byte
	if _, err := io.ReadFull(s, hello[:]); err != nil {
		return err
	}
	if HandshakeSerializer(hello[:]) != serializer {
		return errors.New("transport: another handshake than expected")
	}
	_, err := s.Write([]byte{magic, limit<<4 | serializer.Code, 0, 0})
	return err
}

// HandshakeSerializer is what a client's handshake asks for, nil for none that is known.
func HandshakeSerializer(hello []byte) *Serializer {
	if len(hello) == handshakeSize && hello[0] == magic {
		for _, s := range Serializers {
			if s.Code == hello[1]&0xf {
				return s
			}
		}
	}
	return nil
}

// Each hands on what broke off as a frame that is no message.
func (s RawSocket) Each(take func(Frame) error) error {
	for handshake := s.Relay; ; handshake = false {
		f, err := s.read(handshake)
		if len(f.Data) > 0 || err == nil {
			if failed := take(f); failed != nil {
				return failed
			}
		}
		if err != nil {
			return err
		}
	}
}

func (s RawSocket) read(handshake bool) (Frame, error) {
	head := make([]byte, headerSize)
	n, err := io.ReadFull(s, head)
	if err != nil || handshake {
		return Frame{Data: head[:n], bare: true}, err
	}
	size := int(head[1])<<16 | int(head[2])<<8 | int(head[3])
	data := make([]byte, size)
	if n, err = io.ReadFull(s, data); err != nil {
		return Frame{Data: append(head, data[:n]...), bare: true}, err
	}
	return Frame{Data: data, Message: head[0]&typeMask == 0, kind: int(head[0])}, nil
}

// Put implements [Conn].
func (s RawSocket) Put(f Frame) error {
	data := f.Data
	if !f.bare {
		data = RawFrame(byte(f.kind), data)
	}
	_, err := s.Write(data)
	return err
}

// Finish lets the other side finish what it has to say.
func (s RawSocket) Finish(error) {
	if tcp, ok := s.Conn.(*net.TCPConn); ok {
		_ = tcp.CloseWrite()
	}
}

// NetConn implements [Conn].
func (s RawSocket) NetConn() net.Conn { return s.Conn }
