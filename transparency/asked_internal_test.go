package transparency

import (
	"io"
	"log"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// TestAdaptBeforeAsked: the ring may change when something is on the list and nobody has taken its
// lock to ask the router for it.
func TestAdaptBeforeAsked(t *testing.T) {
	ring := keyring.New()
	require.NoError(t, ring.Scramble("com.myapp.", cryptobox.GenerateScrambleSecret()))
	s, err := newSession("realm1", ring, log.New(io.Discard, "", 0), nil)
	require.NoError(t, err)
	a := s.asked.get(opSubscribe, keyring.Exact("com.myapp.x"))
	until, complete := s.adapt(a)
	require.True(t, complete)
	require.Zero(t, until)
	require.Empty(t, a.texts)
	require.NoError(t, s.incomplete())
}

// silent is a transport that never ends.
type silent struct{ transport }

func (silent) Done() <-chan struct{} { return nil }

// TestLooksAgain: what a wrong clock has ended is asked for again when the clock was set, of which
// nobody is told.
func TestLooksAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ring := keyring.New()
		require.NoError(t, ring.Scramble("com.myapp.", cryptobox.GenerateScrambleSecret()))
		s, err := newSession("realm1", ring, log.New(io.Discard, "", 0), nil)
		require.NoError(t, err)
		s.transport = silent{}
		var begun atomic.Int32
		a := s.asked.enter(opSubscribe, keyring.Exact("com.myapp.x"))
		a.how.begin = func(target) error { begun.Add(1); return nil }
		a.mu.Unlock()
		s.follow()
		synctest.Wait()
		require.EqualValues(t, 1, begun.Load())
		a.mu.Lock()
		a.texts = nil
		a.mu.Unlock()
		time.Sleep(askAgainMax)
		synctest.Wait()
		require.EqualValues(t, 2, begun.Load())
		s.asked.end()
		s.end()
	})
}
