package link

import (
	"bufio"
	"bytes"
	"io"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

// least is the room of the smallest buffer.
const least = unit << minClass

// trickle gives what it has in parts, and notes whether more room was offered than what it
// had given.
type trickle struct {
	left     []byte
	given    int
	spacious bool
}

func (r *trickle) Read(b []byte) (int, error) {
	r.spacious = r.spacious || len(b) > max(least, r.given)
	n := copy(b, r.left[:min(len(r.left), 5000)])
	if n == 0 {
		return 0, io.ErrUnexpectedEOF
	}
	r.left = r.left[n:]
	r.given += n
	return n, nil
}

// TestRoomIsTakenAsBytesCome: however long a message is said to be.
func TestRoomIsTakenAsBytesCome(t *testing.T) {
	data := bytes.Repeat([]byte("0123456789"), 30_001)
	for name, read := range map[string]func(*buffer, io.Reader) error{
		"WebSocket": func(b *buffer, r io.Reader) error { return b.readAll(r, math.MaxInt64) },
		"RawSocket": func(b *buffer, r io.Reader) error { return b.readFull(r, 1<<24) },
	} {
		for _, size := range []int{0, 1, least - 1, least, least + 1, len(data)} {
			r := &trickle{left: data[:size]}
			b := newBuffer(0)
			require.ErrorIs(t, read(b, r), io.ErrUnexpectedEOF, name)
			require.Equal(t, data[:size], b.bytes, name)
			require.False(t, r.spacious, name)
			require.LessOrEqual(t, cap(b.bytes), max(least, 2*size), name)
		}
	}
}

// TestAnnouncedLengthTakesNothing: a frame of RawSocket tells its length before it comes.
func TestAnnouncedLengthTakesNothing(t *testing.T) {
	announced := []byte{frameMessage, 0xff, 0xff, 0xff, 1}
	s := rawSocket{in: bufio.NewReader(bytes.NewReader(announced)), recvLimit: maxFrame}
	in := NewIncoming()
	_, err := s.readFrame(in)
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	require.Equal(t, least, cap(in.data.bytes))
}

// TestBuffersHaveRoom that depends on what is asked for alone: others are not used again.
func TestBuffersHaveRoom(t *testing.T) {
	for _, size := range []int{0, 1, least, least + 1, 1 << 16, 1<<20 + 500, 1 << 24, unit << maxClass, unit<<maxClass + 1} {
		first := newBuffer(size)
		room := cap(first.bytes)
		require.GreaterOrEqual(t, room, size)
		require.LessOrEqual(t, room, max(least, 2*size))
		for range 3 {
			(&buffer{make([]byte, 1, 2*room-unit)}).release()
			b := newBuffer(size)
			require.Empty(t, b.bytes)
			require.Equal(t, room, cap(b.bytes))
			b.bytes = append(b.bytes, 1)
			b.release()
		}
	}
}

// TestIdleLinkHoldsNoBuffer: neither after a message nor after what is none to a client.
func TestIdleLinkHoldsNoBuffer(t *testing.T) {
	in := NewIncoming()
	in.data = newBuffer(0)
	in.Release()
	require.Nil(t, NewIncoming().data)
	n := newNetwork(outboxOver(new(writes)), nil)
	reads := 0
	n.next = func(in *Incoming) (bool, error) {
		require.Nil(t, in.data)
		in.data = newBuffer(0)
		reads++
		return reads > 1, nil
	}
	require.NoError(t, n.Read(NewIncoming()))
}
