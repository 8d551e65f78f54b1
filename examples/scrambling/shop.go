package main

import (
	"context"
	"io"
	"log"
	"slices"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/router"
	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// The URIs of the shop. All are below one prefix, which shows.
const (
	realm  = "realm1"
	prefix = "shop."

	tea   = prefix + "sold.tea.munich"
	milk  = prefix + "sold.milk.berlin"
	sold  = prefix + "sold."        // a prefix
	local = prefix + "sold..munich" // a wildcard

	count   = prefix + "count.tea"
	soldOut = prefix + "error.sold_out"
)

// shop is the router, and who holds the keys and the secret.
type shop struct {
	router router.Router
	watch  *watch

	tillKey, officeKey cryptobox.PrivateKey
	secret             cryptobox.ScrambleSecret // the one in use
	rings              []*keyring.Ring          // of who holds it

	till, office, branch, stock *transparency.Session

	ofAll, ofMunich <-chan *wamp.Event // to the office and to the branch

	closers []func()
}

func newShop() (*shop, error) {
	s := &shop{
		watch: newWatch(), secret: cryptobox.GenerateScrambleSecret(),
		tillKey: cryptobox.GenerateKey(), officeKey: cryptobox.GenerateKey(),
	}
	config := &router.Config{RealmConfigs: []*router.RealmConfig{{
		URI: realm, AnonymousAuth: true, Authorizer: s.watch, RequireLocalAuthz: true,
	}}}
	var err error
	if s.router, err = router.NewRouter(config, log.New(io.Discard, "", 0)); err != nil {
		return nil, err
	}
	s.closers = append(s.closers, s.router.Close)
	for _, one := range []struct {
		session **transparency.Session
		key     keyring.Key
	}{
		{&s.till, s.sends()}, {&s.office, s.receives()}, {&s.branch, s.receives()}, {&s.stock, s.receives()},
	} {
		ring, err := ringWith(one.key, s.secret)
		if err == nil {
			s.rings = append(s.rings, ring)
			*one.session, err = s.join(ring)
		}
		if err != nil {
			s.close()
			return nil, err
		}
	}
	return s, nil
}

func (s *shop) sends() keyring.Key { return keyring.Originator(s.tillKey, s.officeKey.Public()) }

func (s *shop) receives() keyring.Key { return keyring.Responder(s.officeKey, s.tillKey.Public()) }

// ringWith gives a ring with a key for the shop's URIs, and the secret that scrambles them.
func ringWith(key keyring.Key, secret cryptobox.ScrambleSecret) (*keyring.Ring, error) {
	ring := keyring.New()
	if err := ring.Set(keyring.Prefix(prefix), key); err != nil {
		return nil, err
	}
	return ring, ring.Scramble(prefix, secret)
}

func config() client.Config { return client.Config{Realm: realm, Logger: log.New(io.Discard, "", 0)} }

// join opens a Session.
func (s *shop) join(ring *keyring.Ring) (*transparency.Session, error) {
	session, err := transparency.ConnectLocal(s.router, config(), ring)
	if err == nil {
		s.closers = append(s.closers, func() { _ = session.Close() })
	}
	return session, err
}

// joinPlain opens a client that knows nothing of this library.
func (s *shop) joinPlain() (*client.Client, error) {
	c, err := client.ConnectLocal(s.router, config())
	if err == nil {
		s.closers = append(s.closers, func() { _ = c.Close() })
	}
	return c, err
}

// close ends what was started, the last first.
func (s *shop) close() {
	for _, end := range slices.Backward(s.closers) {
		end()
	}
}

// subscribe gives the events of a topic or pattern.
func subscribe(session *transparency.Session, uri, match string) (<-chan *wamp.Event, error) {
	events := make(chan *wamp.Event, 16)
	err := session.Subscribe(uri, func(event *wamp.Event) { events <- event }, wamp.Dict{wamp.OptMatch: match})
	return events, err
}

// next waits for an event.
func next(ctx context.Context, events <-chan *wamp.Event) (*wamp.Event, error) {
	select {
	case event := <-events:
		return event, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// publish has the router say that it took an event.
func publish(session *transparency.Session, uri string, n int) error {
	return session.Publish(uri, wamp.Dict{wamp.OptAcknowledge: true}, wamp.List{n}, nil)
}
