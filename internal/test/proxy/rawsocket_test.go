package proxy_test

import (
	"encoding/binary"
	"io"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/proxy"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/transport"
)

func frame(kind byte, payload string) []byte { return transport.RawFrame(kind, []byte(payload)) }

func dialRaw(t *testing.T, tap *proxy.Proxy) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", tap.URL()[len("tcp://"):])
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	require.NoError(t, conn.SetDeadline(time.Now().Add(10*time.Second)))
	return conn
}

func send(t *testing.T, conn net.Conn, data []byte) {
	t.Helper()
	_, err := conn.Write(data)
	require.NoError(t, err)
}

func receive(t *testing.T, conn net.Conn, want []byte) {
	t.Helper()
	got := make([]byte, len(want))
	_, err := io.ReadFull(conn, got)
	require.NoError(t, err)
	require.Equal(t, want, got)
}

func TestPingsArePassedOnAndSearched(t *testing.T) {
	tap := startTap(t, wires[3])
	conn := dialRaw(t, tap)
	send(t, conn, []byte{0x7f, 0xf1, 0, 0})
	receive(t, conn, []byte{0x7f, 0xf1, 0, 0})
	send(t, conn, frame(0, `[1,"realm1",{"roles":{"caller":{}}}]`))
	// WELCOME first: nexus answers pings from its reader, into the midst of
	// what its writer may be sending.
	require.Contains(t, readFrames(t, conn, 1)[0], "[2,")
	// Octets come as they come: header and payload are split here.
	ping := frame(1, "knock knock")
	for _, b := range ping {
		send(t, conn, []byte{b})
	}
	require.Equal(t, "knock knock", readFrames(t, conn, 1)[2])
	require.NoError(t, conn.Close())
	require.NoError(t, tap.Close())

	messages := tap.Messages(nil)
	require.Len(t, messages, 2, "HELLO and WELCOME")
	require.Equal(t, `[1,"realm1",{"roles":{"caller":{}}}]`, string(messages[0].Data))
	found, err := tap.Find([]byte("knock knock"))
	require.NoError(t, err)
	require.Len(t, found, 2, "the ping and the router's own pong")
	require.True(t, found[0].Control)
}

// readFrames returns the payloads of n frames by type.
func readFrames(t *testing.T, conn net.Conn, n int) map[byte]string {
	t.Helper()
	out := map[byte]string{}
	for range n {
		var header [4]byte
		_, err := io.ReadFull(conn, header[:])
		require.NoError(t, err)
		payload := make([]byte, binary.BigEndian.Uint32(header[:])&0xffffff)
		_, err = io.ReadFull(conn, payload)
		require.NoError(t, err)
		out[header[0]] = string(payload)
	}
	return out
}

func TestRefusedHandshakeIsPassedOn(t *testing.T) {
	tap := startTap(t, wires[3])
	conn := dialRaw(t, tap)
	send(t, conn, []byte{0x7f, 0xf9, 0, 0}) // no such serializer
	rest, err := io.ReadAll(conn)
	require.NoError(t, err)
	require.Equal(t, []byte{0x7f, 0x10, 0, 0}, rest)
}

// A client that has sent all it wants may still read: the router sees its end
// at once, and its last words arrive.
func TestHalfClosedConnection(t *testing.T) {
	router, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = router.Close() })
	tap := proxy.Start(t, "tcp://"+router.Addr().String())

	client := dialRaw(t, tap)
	server, err := router.Accept()
	require.NoError(t, err)
	t.Cleanup(func() { _ = server.Close() })
	require.NoError(t, server.SetDeadline(time.Now().Add(700*time.Millisecond)))
	sent := append([]byte{0x7f, 0xf1, 0, 0}, frame(0, "the last message")...)
	send(t, client, sent)
	require.NoError(t, client.(*net.TCPConn).CloseWrite())
	got, err := io.ReadAll(server)
	require.NoError(t, err)
	require.Equal(t, sent, got)

	answer := append([]byte{0x7f, 0xf1, 0, 0}, frame(0, "the last answer")...)
	send(t, server, answer)
	require.NoError(t, server.Close())
	got, err = io.ReadAll(client)
	require.NoError(t, err)
	require.Equal(t, answer, got)
	requireContains(t, true, tap, "the last answer")
}

func TestBrokenOffFrameIsSearched(t *testing.T) {
	tap := startTap(t, wires[3])
	conn := dialRaw(t, tap)
	send(t, conn, []byte{0x7f, 0xf1, 0, 0})
	receive(t, conn, []byte{0x7f, 0xf1, 0, 0})
	hello := frame(0, `[1,"realm1",{"roles":{"caller":{}}}]`)
	send(t, conn, hello)
	readFrames(t, conn, 1)
	half := frame(0, "half a message")
	send(t, conn, half[:len(half)-3])
	require.NoError(t, conn.Close())
	require.Eventually(t, func() bool {
		found, err := tap.Find([]byte("half a mess"))
		return err == nil && len(found) == 1 && found[0].Control
	}, 5*time.Second, time.Millisecond)
}
