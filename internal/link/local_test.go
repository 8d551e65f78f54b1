package link_test

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

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/link"
)

func TestLinkedCarriesBothWays(t *testing.T) {
	ours, router := transport.LinkedPeers()
	l := messages{link.Linked(ours)}
	require.True(t, l.IsLocal())
	hello := &wamp.Hello{Realm: "realm1", Details: wamp.Dict{}}
	go func() { _ = l.Write(hello) }()
	require.Equal(t, hello, <-router.Recv())
	welcome := &wamp.Welcome{ID: 1, Details: wamp.Dict{}}
	router.Send() <- nil // nexus's peers can give one
	router.Send() <- (*wamp.Event)(nil)
	router.Send() <- welcome
	got, err := l.Read()
	require.NoError(t, err)
	require.Equal(t, welcome, got)
	require.ErrorIs(t, l.Write(nil), link.ErrUnsendable)
	require.NoError(t, l.Close())
	_, open := <-router.Recv()
	require.False(t, open, "the router sees the client go")
}

func TestRouterClosesTheLink(t *testing.T) {
	ours, router := transport.LinkedPeers()
	l := messages{link.Linked(ours)}
	goodbye := &wamp.Goodbye{Reason: wamp.ErrSystemShutdown, Details: wamp.Dict{}}
	router.Send() <- goodbye
	router.Close()
	require.Equal(t, goodbye, read[*wamp.Goodbye](t, l), "what is queued comes first")
	_, err := l.Read()
	require.ErrorIs(t, err, io.EOF)
	require.NoError(t, l.Close())
}

// TestCloseBesideWrite: closing the channel that Write sends on would end the
// process.
func TestCloseBesideWrite(t *testing.T) {
	for range 200 {
		ours, router := transport.LinkedPeers()
		l := messages{link.Linked(ours)}
		var work sync.WaitGroup
		started := make(chan struct{})
		work.Go(func() {
			close(started)
			for l.Write(&wamp.Publish{}) == nil {
			}
		})
		work.Go(func() {
			for range 10 {
				<-router.Recv()
			}
		})
		<-started
		for range 2 {
			work.Go(func() { _ = l.Close() })
		}
		work.Wait()
		require.ErrorIs(t, l.Write(&wamp.Publish{}), net.ErrClosed)
	}
}

// TestCloseFreesWrite to a router that takes nothing.
func TestCloseFreesWrite(t *testing.T) {
	ours, _ := transport.LinkedPeers()
	l := messages{link.Linked(ours)}
	ended := make(chan error)
	go func() { ended <- l.Write(&wamp.Publish{}) }()
	time.Sleep(10 * time.Millisecond)
	require.NoError(t, l.Close())
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
		l := messages{link.Local(h, client.Config{LocalQueueSize: size})}
		require.Equal(t, want, cap((<-h.clients).Send()))
		require.NoError(t, l.Close())
	}
}

func TestAttachFails(t *testing.T) {
	r := startRouter(t)
	logged := lines{make(chan string, 1)}
	l := messages{link.Local(r.Router(), client.Config{Logger: log.New(logged, "", 0)})}
	require.NoError(t, l.Write(&wamp.Hello{Realm: "nowhere", Details: wamp.Dict{}}))
	require.Equal(t, wamp.ErrNoSuchRealm, read[*wamp.Abort](t, l).Reason)
	require.ErrorIs(t, requireEnd(t, l), io.EOF)
	require.True(t, strings.Contains(<-logged.ch, "nowhere"))
	require.NoError(t, l.Close())
}

// A client that goes before it has said anything leaves nothing behind.
func TestLocalCloseBeforeHello(t *testing.T) {
	r := startRouter(t)
	logged := lines{make(chan string, 1)}
	l := messages{link.Local(r.Router(), client.Config{Logger: log.New(logged, "", 0)})}
	require.NoError(t, l.Close())
	require.Contains(t, <-logged.ch, "HELLO")
}
