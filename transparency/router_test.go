package transparency_test

import (
	"io"
	"log"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/router"
	"github.com/gammazero/nexus/v3/transport"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// handDriven is the router's end of a local link, played by a test: it sends
// what no router in its senses would.
type handDriven struct {
	t    testing.TB
	peer wamp.Peer
}

// driven connects a Session to a router that the test plays.
func driven(t testing.TB, ring *keyring.Ring, opts ...transparency.Option) (*transparency.Session, *handDriven) {
	t.Helper()
	attached := attachable{peers: make(chan wamp.Peer, 1)}
	r := &handDriven{t: t}
	welcomed := make(chan struct{})
	go func() {
		defer close(welcomed)
		r.peer = <-attached.peers
		<-r.peer.Recv() // HELLO
		r.peer.Send() <- &wamp.Welcome{ID: 1, Details: wamp.Dict{"roles": wamp.Dict{
			"broker": wamp.Dict{},
			"dealer": wamp.Dict{"features": wamp.Dict{wamp.FeatureProgCallInvocations: true}},
		}}}
	}()
	cfg := client.Config{Realm: harness.Realm, ResponseTimeout: time.Second, Logger: log.New(io.Discard, "", 0)}
	s, err := transparency.ConnectLocal(attached, cfg, ring, opts...)
	require.NoError(t, err)
	<-welcomed
	t.Cleanup(func() {
		go r.goodbye()
		_ = s.Close()
	})
	return s, r
}

// drivenNexus is driven with a client of nexus's that was wrapped.
func drivenNexus(t testing.TB, ring *keyring.Ring, opts ...transparency.Option) (*transparency.Session, *handDriven) {
	t.Helper()
	ours, theirs := transport.LinkedPeers()
	r := &handDriven{t: t, peer: theirs}
	go func() {
		<-theirs.Recv() // HELLO
		theirs.Send() <- &wamp.Welcome{ID: 1, Details: wamp.Dict{"roles": wamp.Dict{"broker": wamp.Dict{}, "dealer": wamp.Dict{}}}}
	}()
	c, err := client.NewClient(ours, client.Config{Realm: harness.Realm, ResponseTimeout: time.Second, Logger: log.New(io.Discard, "", 0)})
	require.NoError(t, err)
	s, err := transparency.Wrap(c, harness.Realm, ring, opts...)
	require.NoError(t, err)
	t.Cleanup(func() {
		go r.goodbye()
		_ = s.Close()
	})
	return s, r
}

// attachable is a router that hands over its end of each link.
type attachable struct {
	router.Router
	peers chan wamp.Peer
}

func (r attachable) Attach(p wamp.Peer) error {
	r.peers <- p
	return nil
}

// goodbye answers the GOODBYE of a Session that closes.
func (r *handDriven) goodbye() {
	for msg := range r.peer.Recv() {
		if _, leaving := msg.(*wamp.Goodbye); leaving {
			r.peer.Send() <- &wamp.Goodbye{Reason: wamp.ErrGoodbyeAndOut, Details: wamp.Dict{}}
		}
	}
}

func (r *handDriven) send(msg wamp.Message) { r.peer.Send() <- msg }

// next returns the next message of the Session.
func (r *handDriven) next() wamp.Message { return harness.Receive(r.t, r.peer.Recv()) }

// register has s register a procedure as the registration id.
func (r *handDriven) register(s *transparency.Session, id wamp.ID, procedure string, fn client.InvocationHandler, options wamp.Dict) {
	r.t.Helper()
	done := harness.Go(func() error { return s.Register(procedure, fn, options) })
	r.send(&wamp.Registered{Request: r.next().(*wamp.Register).Request, Registration: id})
	require.NoError(r.t, harness.Receive(r.t, done))
}
