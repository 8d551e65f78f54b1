package link_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"io"
	"math"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/link"
)

// listen hands the first connection to serve, and waits for serve to return.
func listen(t *testing.T, network, addr string, serve func(net.Conn)) net.Listener {
	t.Helper()
	l, err := net.Listen(network, addr)
	require.NoError(t, err)
	done := make(chan struct{})
	go func() {
		defer close(done)
		conn, err := l.Accept()
		if err != nil {
			return
		}
		serve(conn)
		_ = conn.Close()
	}()
	t.Cleanup(func() {
		_ = l.Close()
		<-done
	})
	return l
}

// rawServer answers the handshake with reply and then is serve.
func rawServer(t *testing.T, reply string, serve func(net.Conn)) (url string) {
	t.Helper()
	l := listen(t, "tcp", "127.0.0.1:0", func(conn net.Conn) {
		if _, err := io.ReadFull(conn, make([]byte, 4)); err != nil {
			return
		}
		_, _ = io.WriteString(conn, reply)
		serve(conn)
	})
	return "tcp://" + l.Addr().String()
}

const jsonReply = "\x7f\xf1\x00\x00" // 16 MiB, JSON

func frame(kind byte, data string) string {
	return string(append(binary.BigEndian.AppendUint32(nil, uint32(kind)<<24|uint32(len(data))), data...))
}

// linger is a server that goes when its client does.
func linger(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) }

func TestRawSocketHandshake(t *testing.T) {
	for name, tt := range map[string]struct{ reply, want string }{
		"another protocol":   {"HTTP", "speaks no RawSocket"},
		"no error":           {"\x7f\x00\x00\x00", "unknown error 0"},
		"serializer":         {"\x7f\x10\x00\x00", "refuses the serializer"},
		"length":             {"\x7f\x20\x00\x00", "maximum message length"},
		"reserved bits":      {"\x7f\x30\x00\x00", "reserved bits"},
		"connections":        {"\x7f\x40\x00\x00", "too many connections"},
		"unknown error":      {"\x7f\x90\x00\x00", "unknown error 9"},
		"another serializer": {"\x7f\xf2\x00\x00", "chose serializer 2, not 1"},
		"cut off":            {"\x7f\xf1", io.ErrUnexpectedEOF.Error()},
		"nothing":            {"", io.EOF.Error()},
	} {
		t.Run(name, func(t *testing.T) {
			l, err := link.Dial(t.Context(), rawServer(t, tt.reply, func(net.Conn) {}), client.Config{})
			require.ErrorContains(t, err, tt.want)
			require.Nil(t, l)
		})
	}
}

// TestRawSocketHello: the four bytes that a client begins with.
func TestRawSocketHello(t *testing.T) {
	for _, tt := range []struct {
		cfg  client.Config
		want string
	}{
		{client.Config{}, "\x7f\xf1\x00\x00"},
		{client.Config{Serialization: client.JSON, RecvLimit: 1}, "\x7f\x01\x00\x00"},
		{client.Config{Serialization: client.MSGPACK, RecvLimit: 1025}, "\x7f\x22\x00\x00"},
		{client.Config{Serialization: client.CBOR, RecvLimit: 1 << 30}, "\x7f\xf3\x00\x00"},
	} {
		got := make(chan string, 1)
		l := listen(t, "tcp", "127.0.0.1:0", func(conn net.Conn) {
			var hello [4]byte
			_, _ = io.ReadFull(conn, hello[:])
			got <- string(hello[:])
		})
		_, err := link.Dial(t.Context(), "tcp://"+l.Addr().String(), tt.cfg)
		require.Error(t, err)
		require.Equal(t, tt.want, <-got)
	}
	_, err := link.Dial(t.Context(), "tcp://127.0.0.1:1", client.Config{Serialization: 9})
	require.ErrorContains(t, err, "serialization 9 is unknown")
}

func TestFrameCode(t *testing.T) {
	for limit, want := range map[int]byte{-1: 15, 0: 15, 1: 0, 512: 0, 513: 1, 1024: 1, 1 << 23: 14, 1<<23 + 1: 15, 1 << 24: 15, math.MaxInt: 15} {
		require.Equal(t, want, link.FrameCode(limit), limit)
	}
}

func TestRawSocketFrames(t *testing.T) {
	pong := make(chan string, 1)
	l := dial(t, rawServer(t, jsonReply, func(conn net.Conn) {
		// PONGs and messages to routers are ignored, PINGs answered.
		_, _ = io.WriteString(conn, frame(2, "pong")+frame(0, `[16,1,{},"a.b"]`)+frame(1, "ping")+frame(0, `[17,1,2]`))
		got := make([]byte, len(frame(2, "ping")))
		_, _ = io.ReadFull(conn, got)
		pong <- string(got)
		linger(conn)
	}), client.Config{})
	require.Equal(t, &wamp.Published{Request: 1, Publication: 2}, read[*wamp.Published](t, l))
	require.Equal(t, frame(2, "ping"), <-pong)
	require.NoError(t, l.Close())
}

func TestRawSocketEnds(t *testing.T) {
	for name, tt := range map[string]struct{ sent, want string }{
		"unknown type":   {frame(3, "secret"), "unknown type 0x3"},
		"reserved bit":   {frame(8, `[17,1,2]`), "unknown type 0x8"},
		"malformed":      {frame(0, `{"secret":1}`), "not a WAMP message"},
		"empty":          {frame(0, ""), "not a WAMP message"},
		"above limit":    {frame(0, strings.Repeat("x", 1025)), "a frame of 1025 bytes, more than the limit of 1024: raise the limit of what is received"},
		"ping above it":  {frame(1, strings.Repeat("x", 1025)), "more than the limit"},
		"pong above it":  {frame(2, strings.Repeat("x", 1025)), "more than the limit"},
		"cut in header":  {"\x00\x00", io.ErrUnexpectedEOF.Error()},
		"cut in message": {frame(0, `[17,1,2]`)[:8], io.ErrUnexpectedEOF.Error()},
		"end":            {"", io.EOF.Error()},
	} {
		t.Run(name, func(t *testing.T) {
			l := dial(t, rawServer(t, jsonReply, func(conn net.Conn) { _, _ = io.WriteString(conn, tt.sent) }), client.Config{RecvLimit: 1000})
			err := requireEnd(t, l)
			require.ErrorContains(t, err, tt.want)
			require.NotContains(t, err.Error(), "secret")
			require.Equal(t, err, l.Write(&wamp.Goodbye{}), "the link has ended")
			require.NoError(t, l.Close())
		})
	}
}

func TestRawSocketReceivesUpToTheLimit(t *testing.T) {
	message := `[50,1,{},["` + strings.Repeat("x", 1024-14) + `"]]`
	require.Len(t, message, 1024)
	l := dial(t, rawServer(t, jsonReply, func(conn net.Conn) { _, _ = io.WriteString(conn, frame(0, message)) }), client.Config{RecvLimit: 1000})
	require.Len(t, read[*wamp.Result](t, l).Arguments, 1)
}

func TestRawSocketSendLimit(t *testing.T) {
	for name, tt := range map[string]struct {
		reply string
		limit int
	}{
		"small":   {"\x7f\x01\x00\x00", 512},
		"largest": {jsonReply, 1<<24 - 1}, // three bytes say no more
	} {
		t.Run(name, func(t *testing.T) {
			got := make(chan string, 1)
			l := dial(t, rawServer(t, tt.reply, func(conn net.Conn) {
				data := make([]byte, 4+tt.limit)
				_, _ = io.ReadFull(conn, data)
				got <- string(data)
				linger(conn)
			}), client.Config{})
			frame := `[70,1,{},[""]]`
			yield := func(size int) *wamp.Yield {
				return &wamp.Yield{Request: 1, Options: wamp.Dict{}, Arguments: wamp.List{strings.Repeat("x", size-len(frame))}}
			}
			err := l.Write(yield(tt.limit + 1))
			require.ErrorIs(t, err, link.ErrUnsendable)
			require.ErrorIs(t, err, link.ErrTooLarge)
			require.NotContains(t, err.Error(), "xxx")
			require.NoError(t, l.Write(yield(tt.limit)), "the link lives on")
			data := <-got
			require.Equal(t, []byte{0, byte(tt.limit >> 16), byte(tt.limit >> 8), byte(tt.limit)}, []byte(data[:4]))
			require.Equal(t, frame[:len(frame)-3], data[4:4+len(frame)-3], "nothing was sent before")
			require.NoError(t, l.Close())
		})
	}
}

// TestPingsBetweenMessages: two goroutines write, no frame is torn.
func TestPingsBetweenMessages(t *testing.T) {
	const rounds = 200
	kinds := make(chan [3]int, 1)
	l := dial(t, rawServer(t, jsonReply, func(conn net.Conn) {
		go func() {
			for range rounds {
				_, _ = io.WriteString(conn, frame(1, strings.Repeat("p", 9000)))
			}
		}()
		var seen [3]int
		defer func() { kinds <- seen }()
		for range 2 * rounds {
			var header [4]byte
			_, err := io.ReadFull(conn, header[:])
			data := make([]byte, int(header[1])<<16|int(header[2])<<8|int(header[3]))
			if _, err2 := io.ReadFull(conn, data); err != nil || err2 != nil || header[0] > 2 {
				return
			}
			if header[0] == 2 && !bytes.Equal(data, bytes.Repeat([]byte("p"), 9000)) {
				return
			}
			seen[header[0]]++
		}
	}), client.Config{})
	go func() { _, _ = l.Read() }()
	msg := &wamp.Yield{Request: 1, Options: wamp.Dict{}, Arguments: wamp.List{strings.Repeat("m", 9000)}}
	for range rounds {
		require.NoError(t, l.Write(msg))
	}
	require.Equal(t, [3]int{rounds, 0, rounds}, <-kinds)
	require.NoError(t, l.Close())
}

// stalled writes until the link ends, which it must before long.
func stalled(t *testing.T, l messages) {
	t.Helper()
	big := &wamp.Yield{Request: 1, Options: wamp.Dict{}, Arguments: wamp.List{strings.Repeat("x", 8<<20)}}
	ended := make(chan error, 1)
	go func() {
		for {
			if err := l.Write(big); err != nil {
				ended <- err
				return
			}
		}
	}()
	select {
	case err := <-ended:
		require.ErrorIs(t, err, os.ErrDeadlineExceeded)
		require.ErrorContains(t, err, "the router has taken nothing for 100ms")
		require.NotErrorIs(t, err, link.ErrUnsendable)
	case <-time.After(patient):
		_ = l.Close()
		require.FailNow(t, "Write blocks")
	}
	_, err := l.Read()
	require.ErrorIs(t, err, os.ErrDeadlineExceeded, "the link has ended")
	require.NoError(t, l.Close())
}

const impatience = 100 * time.Millisecond

func TestRawSocketRouterThatReadsNothing(t *testing.T) {
	over := make(chan struct{})
	url := rawServer(t, jsonReply, func(net.Conn) { <-over })
	dialed, err := link.DialImpatient(t.Context(), url, client.Config{}, impatience)
	l := messages{dialed}
	require.NoError(t, err)
	t.Cleanup(func() { close(over) })
	stalled(t, l)
}

// A router that takes little at a time is slow, not stalled.
func TestRawSocketSlowRouter(t *testing.T) {
	got := make(chan int64, 1)
	url := rawServer(t, jsonReply, func(conn net.Conn) {
		_ = conn.(*net.TCPConn).SetReadBuffer(32 << 10)
		n := int64(0)
		for {
			time.Sleep(10 * time.Millisecond)
			m, err := io.CopyN(io.Discard, conn, 256<<10)
			if n += m; err != nil {
				got <- n
				return
			}
		}
	})
	dialed, err := link.DialImpatient(t.Context(), url, client.Config{}, 3*impatience)
	l := messages{dialed}
	require.NoError(t, err)
	began := time.Now()
	const size = 15 << 20
	require.NoError(t, l.Write(&wamp.Yield{Request: 1, Options: wamp.Dict{}, Arguments: wamp.List{strings.Repeat("x", size)}}))
	require.NoError(t, l.Write(&wamp.Yield{Request: 2})) // which waits for the first
	took := time.Since(began)
	require.NoError(t, l.Close())
	require.Greater(t, <-got, int64(size))
	require.Greater(t, took, 3*impatience, "this shows nothing on a machine whose buffers take it all")
}

// PINGs of a router that reads no answers hold little memory and end the link.
func TestRawSocketPingFlood(t *testing.T) {
	over := make(chan struct{})
	url := rawServer(t, jsonReply, func(conn net.Conn) {
		ping := frame(1, strings.Repeat("p", 1<<20))
		for {
			if _, err := io.WriteString(conn, ping); err != nil {
				break
			}
		}
		<-over
	})
	ctx, cancel := context.WithTimeout(t.Context(), patient)
	defer cancel()
	dialed, err := link.DialImpatient(ctx, url, client.Config{}, impatience)
	l := messages{dialed}
	require.NoError(t, err)
	require.ErrorIs(t, requireEnd(t, l), os.ErrDeadlineExceeded)
	require.NoError(t, l.Close())
	close(over)
}
