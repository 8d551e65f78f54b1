package peer_test

import (
	"io"
	"log"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/router"
	"github.com/gammazero/nexus/v3/transport"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/peer"
)

func TestLinkedCarriesBothWays(t *testing.T) {
	ours, router := transport.LinkedPeers()
	link := peer.Linked(ours)
	require.True(t, link.IsLocal())
	hello := &wamp.Hello{Realm: "realm1"}
	go func() { _ = link.Write(hello) }()
	require.Same(t, hello, <-router.Recv())
	welcome := &wamp.Welcome{ID: 1}
	router.Send() <- nil // nexus's peers can give one
	router.Send() <- welcome
	got, err := link.Read()
	require.NoError(t, err)
	require.Same(t, welcome, got)
	require.ErrorIs(t, link.Write(nil), peer.ErrUnsendable)
	require.NoError(t, link.Close())
	_, open := <-router.Recv()
	require.False(t, open, "the router sees the client go")
}

func TestRouterClosesTheLink(t *testing.T) {
	ours, router := transport.LinkedPeers()
	link := peer.Linked(ours)
	goodbye := &wamp.Goodbye{Reason: wamp.ErrSystemShutdown}
	router.Send() <- goodbye
	router.Close()
	require.Same(t, goodbye, read[*wamp.Goodbye](t, link), "what is queued comes first")
	_, err := link.Read()
	require.ErrorIs(t, err, io.EOF)
	require.NoError(t, link.Close())
}

// TestCloseBesideWrite: closing the channel that Write sends on would end the
// process.
func TestCloseBesideWrite(t *testing.T) {
	for range 200 {
		ours, router := transport.LinkedPeers()
		link := peer.Linked(ours)
		var work sync.WaitGroup
		started := make(chan struct{})
		work.Go(func() {
			close(started)
			for link.Write(&wamp.Publish{}) == nil {
			}
		})
		work.Go(func() {
			for range 10 {
				<-router.Recv()
			}
		})
		<-started
		for range 2 {
			work.Go(func() { _ = link.Close() })
		}
		work.Wait()
		require.ErrorIs(t, link.Write(&wamp.Publish{}), net.ErrClosed)
	}
}

// TestCloseFreesWrite to a router that takes nothing.
func TestCloseFreesWrite(t *testing.T) {
	ours, _ := transport.LinkedPeers()
	link := peer.Linked(ours)
	ended := make(chan error)
	go func() { ended <- link.Write(&wamp.Publish{}) }()
	time.Sleep(10 * time.Millisecond)
	require.NoError(t, link.Close())
	require.ErrorIs(t, <-ended, net.ErrClosed)
}

// lines is a log that a test can read.
type lines struct{ ch chan string }

func (l lines) Write(b []byte) (int, error) {
	l.ch <- string(b)
	return len(b), nil
}

// host is a router that only takes clients in.
type host struct {
	router.Router
	clients chan wamp.Peer
}

func (h host) Attach(client wamp.Peer) error {
	h.clients <- client
	return nil
}

func TestLocalQueue(t *testing.T) {
	for size, want := range map[int]int{0: 64, 4: 4} {
		h := host{clients: make(chan wamp.Peer)}
		link := peer.Local(h, client.Config{LocalQueueSize: size})
		require.Equal(t, want, cap((<-h.clients).Send()))
		require.NoError(t, link.Close())
	}
}

func TestAttachFails(t *testing.T) {
	r := startRouter(t)
	logged := lines{make(chan string, 1)}
	link := peer.Local(r.Router(), client.Config{Logger: log.New(logged, "", 0)})
	require.NoError(t, link.Write(&wamp.Hello{Realm: "nowhere", Details: wamp.Dict{}}))
	require.Equal(t, wamp.ErrNoSuchRealm, read[*wamp.Abort](t, link).Reason)
	require.ErrorIs(t, requireEnd(t, link), io.EOF)
	require.True(t, strings.Contains(<-logged.ch, "nowhere"))
	require.NoError(t, link.Close())
}

// A client that goes before it has said anything leaves nothing behind.
func TestLocalCloseBeforeHello(t *testing.T) {
	r := startRouter(t)
	logged := lines{make(chan string, 1)}
	link := peer.Local(r.Router(), client.Config{Logger: log.New(logged, "", 0)})
	require.NoError(t, link.Close())
	require.Contains(t, <-logged.ch, "HELLO")
}
