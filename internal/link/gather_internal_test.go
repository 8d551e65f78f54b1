package link

import (
	"errors"
	"net"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// writes is a connection that notes what it is given.
type writes struct {
	net.Conn
	got []string
	err error
}

func (w *writes) Write(b []byte) (int, error) {
	if w.err != nil {
		return 0, w.err
	}
	w.got = append(w.got, string(b))
	return len(b), nil
}

func put(t *testing.T, c *gatherConn, texts ...string) {
	t.Helper()
	for _, text := range texts {
		n, err := c.Write([]byte(text))
		require.NoError(t, err)
		require.Equal(t, len(text), n)
	}
}

// TestGather: what is gathered is written together, in order, and nothing is kept
// outside of gather and flush.
func TestGather(t *testing.T) {
	large := strings.Repeat("x", gatherSize+1)
	for name, c := range map[string]struct {
		put, before, after []string
	}{
		"nothing":              {},
		"some":                 {[]string{"a", "b", "c"}, nil, []string{"abc"}},
		"all there's room for": {[]string{"a", large[:gatherSize-1]}, nil, []string{"a" + large[:gatherSize-1]}},
		"more":                 {[]string{"a", large[:gatherSize], "b"}, []string{"a", large[:gatherSize]}, []string{"b"}},
		"large":                {[]string{"a", large, "b"}, []string{"a", large}, []string{"b"}},
	} {
		t.Run(name, func(t *testing.T) {
			w := new(writes)
			conn := &gatherConn{Conn: w}
			put(t, conn, "0")
			require.Equal(t, []string{"0"}, w.got)
			w.got = nil
			conn.gather()
			put(t, conn, c.put...)
			require.Equal(t, c.before, w.got)
			require.NoError(t, conn.flush())
			require.Equal(t, append(c.before, c.after...), w.got)
			put(t, conn, "z")
			require.Equal(t, "z", w.got[len(w.got)-1])
		})
	}
}

// TestGatherFinish: what was gathered when a link is closed goes before its farewell.
func TestGatherFinish(t *testing.T) {
	w := new(writes)
	conn := &gatherConn{Conn: w}
	conn.gather()
	put(t, conn, "a")
	conn.finish()
	conn.gather()
	put(t, conn, "farewell")
	require.Equal(t, []string{"a", "farewell"}, w.got)
}

// TestGatherFails: an error is told, and nothing written behind what is lost.
func TestGatherFails(t *testing.T) {
	broken := errors.New("broken")
	w := &writes{err: broken}
	conn := &gatherConn{Conn: w}
	conn.gather()
	put(t, conn, "a")
	_, err := conn.Write(make([]byte, gatherSize))
	require.ErrorIs(t, err, broken)
	w.err = nil
	_, err = conn.Write([]byte("b"))
	require.ErrorIs(t, err, broken)
	require.ErrorIs(t, conn.flush(), broken)
	require.Empty(t, w.got)
}
