package main

import (
	"bytes"
	"encoding/base64"
	"io"
	"net"
	"regexp"
	"slices"
	"sync"
)

// tap stands between a session and the router, and keeps what crosses the
// connection. It speaks WAMP's RawSocket: a handshake of 4 bytes each way, and then
// messages, each behind 4 bytes of which the last 3 are its length.
type tap struct {
	listener net.Listener
	work     sync.WaitGroup

	mu       sync.Mutex
	messages []message
	shown    int // of the messages
}

// message is one that crossed the connection.
type message struct {
	toRouter bool
	text     []byte
}

func newTap(router string) (*tap, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	t := &tap{listener: listener}
	t.work.Go(func() {
		for {
			near, err := listener.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial("tcp", router)
			if err != nil {
				_ = near.Close()
				return
			}
			t.work.Go(func() { t.pass(far, near, true) })
			t.work.Go(func() { t.pass(near, far, false) })
		}
	})
	return t, nil
}

// pass copies until either side is closed.
func (t *tap) pass(to, from net.Conn, toRouter bool) {
	defer func() { _, _ = to.Close(), from.Close() }()
	if _, err := io.CopyN(to, from, 4); err != nil {
		return
	}
	for {
		head := make([]byte, 4)
		if _, err := io.ReadFull(from, head); err != nil {
			return
		}
		text := make([]byte, int(head[1])<<16|int(head[2])<<8|int(head[3]))
		if _, err := io.ReadFull(from, text); err != nil {
			return
		}
		t.mu.Lock()
		t.messages = append(t.messages, message{toRouter, text})
		t.mu.Unlock()
		if _, err := to.Write(append(head, text...)); err != nil {
			return
		}
	}
}

func (t *tap) url() string { return "tcp://" + t.listener.Addr().String() }

// seen returns what has crossed the connection so far.
func (t *tap) seen() []message {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clip(t.messages)
}

// news returns what has crossed the connection since the last time.
func (t *tap) news() []message {
	all := t.seen()
	before := t.shown
	t.shown = len(all)
	return all[before:]
}

// payloadText is bytes in a message in JSON: base64 behind a NUL.
var payloadText = regexp.MustCompile(`\\u0000[A-Za-z0-9+/=]+`)

// contains tells whether a text has crossed the connection, as it is or in base64.
func (t *tap) contains(text string) bool {
	for _, m := range t.seen() {
		found := bytes.Contains(m.text, []byte(text))
		for _, encoded := range payloadText.FindAll(m.text, -1) {
			decoded, err := base64.StdEncoding.AppendDecode(nil, encoded[len(`\u0000`):])
			found = found || err == nil && bytes.Contains(decoded, []byte(text))
		}
		if found {
			return true
		}
	}
	return false
}

// close ends the tap when both ends have closed their connections.
func (t *tap) close() {
	_ = t.listener.Close()
	t.work.Wait()
}
