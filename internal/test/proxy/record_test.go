package proxy_test

import (
	"runtime"
	"strings"
	"testing"

	"github.com/gorilla/websocket"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/proxy"
)

// A tap that missed something never says that it wasn't there.
func TestTruncatedTapClaimsNoAbsence(t *testing.T) {
	for _, w := range []wire{wires[0], wires[3]} {
		t.Run(w.transport, func(t *testing.T) {
			tap := startTap(t, w, proxy.Limit(20_000))
			c := connect(t, tap, w)
			publish(t, c, secret)
			require.False(t, tap.Truncated())
			requireContains(t, false, tap, absent)

			publish(t, c, strings.Repeat(".", 18_000))
			publish(t, c, absent)
			require.True(t, tap.Truncated())
			found, err := tap.Contains(absent)
			require.ErrorIs(t, err, proxy.ErrTruncated)
			require.False(t, found)
			messages, err := tap.Find([]byte(absent))
			require.ErrorIs(t, err, proxy.ErrTruncated)
			require.Empty(t, messages)

			// What was found before stays certain.
			requireContains(t, true, tap, secret)
			messages, err = tap.Find([]byte(secret))
			require.ErrorIs(t, err, proxy.ErrTruncated)
			require.Len(t, messages, 1)

			total := 0
			for _, m := range tap.Messages(nil) {
				total += len(m.Data)
			}
			require.LessOrEqual(t, total, 20_000)
			require.NoError(t, c.Close())
		})
	}
}

// Many empty messages fill a tap too.
func TestEmptyMessagesCount(t *testing.T) {
	tap := startEcho(t, ignore, proxy.Limit(20_000))
	conn, _ := dialTap(t, tap.URL(), nil)
	echo(t, conn, websocket.TextMessage, "")
	require.Len(t, tap.Messages(nil), 2)
	for range 200 {
		echo(t, conn, websocket.TextMessage, "")
	}
	require.True(t, tap.Truncated())
	require.Less(t, len(tap.Messages(nil)), 300)
}

// A message over the limit is not passed on, and the tap says that it lost it.
func TestMessageOverTheLimitTruncates(t *testing.T) {
	tap := startEcho(t, ignore, proxy.Limit(5_000))
	conn, _ := dialTap(t, tap.URL(), nil)
	echo(t, conn, websocket.TextMessage, "first message")
	require.False(t, tap.Truncated())
	require.NoError(t, conn.WriteMessage(websocket.TextMessage, make([]byte, 5_001)))
	_, _, err := conn.ReadMessage()
	require.Error(t, err)
	require.NoError(t, tap.Close())
	require.True(t, tap.Truncated())
	_, err = tap.Contains(absent)
	require.ErrorIs(t, err, proxy.ErrTruncated)
}

// A tap that nobody used says so, instead of finding nothing in nothing.
func TestUnusedTapClaimsNoAbsence(t *testing.T) {
	tap := startTap(t, wires[0])
	found, err := tap.Contains(absent)
	require.ErrorIs(t, err, proxy.ErrNothingRecorded)
	require.False(t, found)
	messages, err := tap.Find([]byte(absent))
	require.ErrorIs(t, err, proxy.ErrNothingRecorded)
	require.Empty(t, messages)
}

func TestHandshakeAloneIsNoMessage(t *testing.T) {
	raw := startTap(t, wires[3])
	conn := dialRaw(t, raw)
	send(t, conn, []byte{0x7f, 0xf1, 0, 0})
	receive(t, conn, []byte{0x7f, 0xf1, 0, 0})
	_, err := raw.Contains(absent)
	require.ErrorIs(t, err, proxy.ErrNothingRecorded)
	require.NoError(t, conn.Close())
}

func TestShortNeedlesAreRefused(t *testing.T) {
	tap := startTap(t, wires[0])
	c := connect(t, tap, wires[0])
	for _, needle := range []string{"", "a", "abcd"} {
		_, err := tap.Contains(needle)
		require.ErrorIs(t, err, proxy.ErrShortNeedle)
		_, err = tap.Find([]byte(needle))
		require.ErrorIs(t, err, proxy.ErrShortNeedle)
	}
	require.Len(t, "abcd", proxy.MinNeedle-1)
	require.NoError(t, c.Close())
}

func TestResultsAreCopies(t *testing.T) {
	tap := startTap(t, wires[0])
	c := connect(t, tap, wires[0])
	publish(t, c, secret)
	found, err := tap.Find([]byte(secret))
	require.NoError(t, err)
	require.Len(t, found, 1)
	for _, m := range append(found, tap.Messages(nil)...) {
		clear(m.Data)
	}
	requireContains(t, true, tap, secret)
	require.NoError(t, c.Close())
}

func TestBadAddressesAreRefused(t *testing.T) {
	for _, url := range []string{"", "127.0.0.1:8080", "127.0.0.1", "http://127.0.0.1:8080/ws", "tcp://127.0.0.1", "ws:///ws", "ws://%zz"} {
		tap, err := proxy.New(url)
		require.Error(t, err, url)
		require.Nil(t, tap)
	}
}

// Close ends open connections, keeps the record, and can be called again.
func TestCloseWithOpenConnections(t *testing.T) {
	for _, w := range wires {
		t.Run(w.String(), func(t *testing.T) {
			tap := startTap(t, w)
			c := connect(t, tap, w)
			publish(t, c, secret)
			require.NoError(t, tap.Close())
			stacks := make([]byte, 1<<20)
			stacks = stacks[:runtime.Stack(stacks, true)]
			require.NotContains(t, string(stacks), "pump", "Close waits for what it ends")
			require.NoError(t, tap.Close())
			<-c.Done()
			requireContains(t, true, tap, secret)
			require.NoError(t, c.Close())
		})
	}
}
