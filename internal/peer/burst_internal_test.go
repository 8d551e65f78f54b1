package peer

import (
	"errors"
	"testing"
	"testing/synctest"

	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/wire"
)

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
