package wiretap

import (
	"fmt"
	"io"
	"net"
	"strings"
)

const (
	handshakeSize = 4    // octets of a RawSocket handshake, each way
	headerSize    = 4    // octets before each frame: type, and a 24-bit length
	frameTypeMask = 0x07 // of the first octet
	frameMessage  = 0    // type of a WAMP message; ping is 1, pong 2
)

// RawSocket starts a tap in front of a router's TCP RawSocket listener (WAMP
// specification, "RawSocket Transport"), without TLS. The address is
// "host:port", or "tcp://host:port" as nexus clients write it. Frames of every
// type are passed on as they are. The error is that of a bad address or of
// listening; a router that can't be reached shows when a client connects: the
// tap then cuts the client off.
func RawSocket(routerAddr string, options ...Option) (*Tap, error) {
	addr := strings.TrimSuffix(strings.TrimPrefix(routerAddr, "tcp://"), "/")
	if _, _, err := net.SplitHostPort(addr); err != nil {
		return nil, fmt.Errorf("wiretap: address of the router, host:port or tcp://host:port: %w", err)
	}
	t, err := newTap(options)
	if err != nil {
		return nil, err
	}
	t.url = "tcp://" + t.listener.Addr().String()
	t.work.Go(func() { t.acceptRawSocket(addr) })
	return t, nil
}

func (t *Tap) acceptRawSocket(routerAddr string) {
	for {
		client, err := t.listener.Accept()
		if err != nil {
			return
		}
		session, ok := t.begin()
		if !ok {
			_ = client.Close()
			return
		}
		go func() {
			defer t.work.Done()
			t.relayRawSocket(client, routerAddr, session)
		}()
	}
}

func (t *Tap) relayRawSocket(client net.Conn, routerAddr string, session int) {
	t.hold(client)
	defer t.drop(client)
	var dialer net.Dialer
	router, err := dialer.DialContext(t.ctx, "tcp", routerAddr)
	if err != nil {
		return
	}
	t.hold(router)
	defer t.drop(router)
	relay(client, router,
		func() { t.pumpRawSocket(client, router, Message{Session: session, ToRouter: true}) },
		func() { t.pumpRawSocket(router, client, Message{Session: session}) })
}

// pumpRawSocket passes one direction on, frame by frame, until the source ends
// or the destination is gone.
func (t *Tap) pumpRawSocket(from, to net.Conn, template Message) {
	defer closeWrite(to)
	handshake := make([]byte, handshakeSize)
	n, err := io.ReadFull(from, handshake)
	opening := template
	opening.Data, opening.Control = handshake[:n], true
	if !t.passFrame(to, opening.Data, opening) || err != nil {
		return
	}
	for {
		frame, err := readFrame(from)
		m := template
		m.Data = frame
		if len(frame) >= headerSize {
			m.Data = frame[headerSize:]
		}
		m.Control = err != nil || frame[0]&frameTypeMask != frameMessage
		if !t.passFrame(to, frame, m) || err != nil {
			return
		}
	}
}

// readFrame returns a frame with its header, or what there was of it and the
// error that ended it. A frame has at most 16 MiB.
func readFrame(from net.Conn) ([]byte, error) {
	var header [headerSize]byte
	if n, err := io.ReadFull(from, header[:]); err != nil {
		return header[:n], err
	}
	length := int(header[1])<<16 | int(header[2])<<8 | int(header[3])
	frame := make([]byte, headerSize+length)
	copy(frame, header[:])
	n, err := io.ReadFull(from, frame[headerSize:])
	return frame[:headerSize+n], err
}

// passFrame records m, which is what the frame holds, and then sends the frame on.
func (t *Tap) passFrame(to net.Conn, frame []byte, m Message) bool {
	if len(frame) == 0 {
		return true
	}
	t.add(m)
	_, err := to.Write(frame)
	return err == nil
}

// closeWrite tells the other side that no more will come, and lets it finish.
func closeWrite(conn net.Conn) {
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.CloseWrite()
	}
}
