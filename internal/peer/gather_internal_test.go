package peer

import (
	"errors"
	"net"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/wire"
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

// gated is a link whose Flush waits for a test.
type gated struct {
	*scripted
	gate   chan error
	bursts int
}

func (l *gated) Flush() error {
	l.bursts++
	if err := <-l.gate; err != nil {
		return err
	}
	return l.scripted.Flush()
}

// gatedPeer is welcomed, and its link is not yet gated.
func gatedPeer(t *testing.T) (*Peer, *gated) {
	t.Helper()
	l := &gated{scripted: scriptedLink(), gate: make(chan error)}
	p := welcomed(l, l.scripted)
	t.Cleanup(p.Close)
	return p, l
}

func publish(p *Peer, id wamp.ID, receipt wire.Receipt) {
	p.Send() <- &wamp.Publish{Request: id, Options: wamp.Dict{}, Topic: "com.example.topic", Arguments: wamp.List{receipt}}
}

// TestBurst: messages that are sent while others are written are written together, in
// bounded numbers, and one alone isn't kept waiting.
func TestBurst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, l := gatedPeer(t)
		go publish(p, 1, func(error) {})
		synctest.Wait()
		require.Equal(t, 1, l.bursts, "alone")
		for id := range wamp.ID(2 * maxBurst) {
			go publish(p, 2+id, func(error) {})
		}
		synctest.Wait()
		for range 1 + 2 {
			l.gate <- nil
			synctest.Wait()
		}
		for range 1 + 2*maxBurst {
			next(t, l.out)
		}
		require.Equal(t, 1+2, l.bursts)
	})
}

// TestReceiptWhenFlushed: a receipt says that a message is sent when the system has it,
// and no sooner.
func TestReceiptWhenFlushed(t *testing.T) {
	for name, err := range map[string]error{"sent": nil, "broken": errors.New("broken")} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p, l := gatedPeer(t)
				told := make(chan error, 1)
				go publish(p, 1, func(err error) { told <- err })
				synctest.Wait()
				require.Equal(t, 1, l.bursts)
				require.Empty(t, told, "not flushed")
				l.gate <- err
				got := <-told
				if err == nil {
					require.NoError(t, got)
					return
				}
				require.ErrorIs(t, got, ErrClosed)
				require.ErrorIs(t, got, err)
			})
		})
	}
}
