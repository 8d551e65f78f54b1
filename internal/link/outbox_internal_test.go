package link

import (
	"context"
	"errors"
	"net"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// writes is a connection that notes what it is given, and takes it when there is a place
// in gate, if it has one.
type writes struct {
	net.Conn
	gate chan struct{}

	mu       sync.Mutex
	got      []string
	err      error
	deadline time.Time
}

func (w *writes) SetWriteDeadline(t time.Time) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.deadline = t
	return nil
}

func (w *writes) Write(b []byte) (int, error) {
	w.mu.Lock()
	late := time.After(time.Until(w.deadline))
	w.mu.Unlock()
	if w.gate != nil {
		select {
		case <-w.gate:
		case <-late:
			return 0, os.ErrDeadlineExceeded
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err != nil {
		return 0, w.err
	}
	w.got = append(w.got, string(b))
	return len(b), nil
}

func (w *writes) Close() error { return nil }

func (w *writes) all() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return strings.Join(w.got, "")
}

func outboxOver(w *writes) *outbox {
	o := &outbox{handshakeConn: &handshakeConn{Conn: w, left: maxHandshake}, patience: time.Second}
	o.start(func(error) {})
	return o
}

func put(t *testing.T, o *outbox, text string) {
	t.Helper()
	n, err := o.Write([]byte(text))
	require.NoError(t, err)
	require.Equal(t, len(text), n)
}

// TestWrittenTogether: what is ready at one moment is written at once, and one message
// alone isn't kept.
func TestWrittenTogether(t *testing.T) {
	w := new(writes)
	o := outboxOver(w)
	put(t, o, "a")
	o.flush()
	require.Equal(t, []string{"a"}, w.got)
	for _, text := range []string{"b", "c", "d"} {
		put(t, o, text)
	}
	o.flush()
	require.Equal(t, []string{"a", "bcd"}, w.got)
	o.flush()
	require.Len(t, w.got, 2)
}

// TestSendersJoin: what is sent while another goroutine writes goes with the next write,
// and its sender doesn't wait.
func TestSendersJoin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &writes{gate: make(chan struct{})}
		o := outboxOver(w)
		put(t, o, "a")
		go o.flush()
		synctest.Wait()
		put(t, o, "b")
		o.flush()
		put(t, o, "c")
		o.flush()
		close(w.gate)
		synctest.Wait()
		require.Equal(t, []string{"a", "bc"}, w.got)
	})
}

// TestSendersDoNotWaitForTheRouter: what it doesn't take at once is left to a goroutine,
// in order and whole.
func TestSendersDoNotWaitForTheRouter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &writes{gate: make(chan struct{})}
		o := outboxOver(w)
		begun := time.Now()
		put(t, o, "a")
		o.flush()
		require.Equal(t, hurry, time.Since(begun))
		put(t, o, strings.Repeat("b", maxPending))
		o.flush()
		require.Equal(t, hurry, time.Since(begun), "a goroutine is at it")
		require.NotNil(t, o.full())
		for range 1 + maxPending/pieceSize {
			w.gate <- struct{}{}
			synctest.Wait()
		}
		require.Equal(t, "a"+strings.Repeat("b", maxPending), w.all())
		require.Nil(t, o.full())
	})
}

// TestOrderAfterDelay: what joined while the router took too long comes behind.
func TestOrderAfterDelay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &writes{gate: make(chan struct{})}
		o := outboxOver(w)
		put(t, o, "a")
		go o.flush()
		synctest.Wait()
		put(t, o, "b")
		time.Sleep(2 * hurry)
		close(w.gate)
		synctest.Wait()
		require.Equal(t, "ab", w.all())
	})
}

// TestAwaitRoom ends with the context, after the limit, with the link, and when there is
// room.
func TestAwaitRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &writes{gate: make(chan struct{})}
		o := outboxOver(w)
		o.patience = time.Hour
		end := newEnding()
		require.NoError(t, o.await(t.Context(), 0, end))
		put(t, o, strings.Repeat("x", maxPending))
		o.flush()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		begun := time.Now()
		err := o.await(ctx, 0, end)
		require.ErrorIs(t, err, ErrBusy)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.Equal(t, time.Minute, time.Since(begun))
		require.ErrorIs(t, o.await(t.Context(), time.Second, end), ErrBusy)
		require.Equal(t, time.Minute+time.Second, time.Since(begun))
		room := make(chan error, 1)
		go func() { room <- o.await(t.Context(), 0, end) }()
		w.gate <- struct{}{}
		require.NoError(t, <-room)
		for range maxPending/pieceSize - 1 {
			w.gate <- struct{}{}
		}
		put(t, o, strings.Repeat("x", maxPending))
		o.flush()
		go func() { room <- o.await(t.Context(), 0, end) }()
		synctest.Wait()
		end.end(net.ErrClosed)
		require.ErrorIs(t, <-room, net.ErrClosed)
		close(w.gate)
	})
}

// TestStalledRouter: a router that takes nothing for a while ends writing, which is told
// once.
func TestStalledRouter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := outboxOver(&writes{gate: make(chan struct{})})
		told := make(chan error, 2)
		o.failed = func(err error) { told <- err }
		put(t, o, "a")
		o.flush()
		begun := time.Now()
		err := <-told
		require.ErrorIs(t, err, os.ErrDeadlineExceeded)
		require.ErrorContains(t, err, "taken nothing for 1s")
		require.Equal(t, o.patience, time.Since(begun))
		_, err = o.Write([]byte("b"))
		require.ErrorIs(t, err, os.ErrDeadlineExceeded)
		require.Nil(t, o.full(), "nobody waits for what won't come")
	})
}

// TestWritingFails: an error is told, and nothing written behind what is lost.
func TestWritingFails(t *testing.T) {
	broken := errors.New("broken")
	w := &writes{err: broken}
	o := outboxOver(w)
	var told []error
	o.failed = func(err error) { told = append(told, err) }
	put(t, o, "a")
	o.flush()
	require.Equal(t, []error{broken}, told)
	w.err = nil
	_, err := o.Write([]byte("b"))
	require.ErrorIs(t, err, broken)
	o.flush()
	require.NoError(t, o.Close())
	require.Empty(t, w.got)
	require.Len(t, told, 1)
}

// TestCloseWritesWhatWaits, for a while.
func TestCloseWritesWhatWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := new(writes)
		o := outboxOver(w)
		put(t, o, "farewell")
		require.NoError(t, o.Close())
		require.Equal(t, []string{"farewell"}, w.got)
		o = outboxOver(&writes{gate: make(chan struct{})})
		put(t, o, "farewell")
		begun := time.Now()
		require.NoError(t, o.Close())
		require.LessOrEqual(t, time.Since(begun), closeTime+hurry)
		time.Sleep(2 * o.patience) // the end of what was being written
	})
}

// endless gives as much as it is asked for.
type endless struct{ net.Conn }

func (endless) Read(b []byte) (int, error) { return len(b), nil }

// TestHandshakeIsBounded: what a router sends before it is connected has an end.
func TestHandshakeIsBounded(t *testing.T) {
	conn := &handshakeConn{Conn: endless{}, left: maxHandshake}
	read := 0
	for {
		n, err := conn.Read(make([]byte, 100_000))
		read += n
		if err != nil {
			require.ErrorIs(t, err, errHandshake)
			break
		}
	}
	require.Equal(t, maxHandshake, read)
	conn.done()
	_, err := conn.Read(make([]byte, 1))
	require.NoError(t, err)
}
