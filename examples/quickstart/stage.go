package main

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"slices"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/router"
	"github.com/gammazero/nexus/v3/transport/serialize"
	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

const (
	prefix      = "com.myapp.encrypted." // where payloads are sealed
	plainPrefix = "com.myapp.public."    // where they are plain
)

// stage is a router with the two sessions, each behind a tap that records what
// crosses its connection.
type stage struct {
	originatorTap, responderTap *tap
	originator, responder       *transparency.Session
	plaintext                   []string                 // what must not be found
	refused                     chan *transparency.Error // what the responder's session refuses
	closers                     []func()                 // in the order in which things were started
}

func newStage(ctx context.Context) (*stage, error) {
	st := &stage{refused: make(chan *transparency.Error, 10)}
	router, err := st.serve()
	if err == nil {
		err = st.connect(ctx, router)
	}
	if err != nil {
		st.close()
		return nil, err
	}
	return st, nil
}

// serve starts a router, and returns where it listens.
func (st *stage) serve() (address string, err error) {
	realm := &router.RealmConfig{URI: "realm1", AnonymousAuth: true}
	r, err := router.NewRouter(&router.Config{RealmConfigs: []*router.RealmConfig{realm}}, log.New(io.Discard, "", 0))
	if err != nil {
		return "", err
	}
	st.closers = append(st.closers, r.Close)
	listener, err := router.NewRawSocketServer(r).ListenAndServe("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	st.closers = append(st.closers, func() { _ = listener.Close() })
	return listener.(net.Listener).Addr().String(), nil
}

// connect connects the two sessions. Each side makes its key pair and gives the
// other the public half.
func (st *stage) connect(ctx context.Context, router string) (err error) {
	originatorKey, responderKey := cryptobox.GenerateKey(), cryptobox.GenerateKey()

	st.originator, st.originatorTap, err = st.join(ctx, router, keyring.Originator(originatorKey, responderKey.Public()))
	if err != nil {
		return err
	}
	st.responder, st.responderTap, err = st.join(ctx, router, keyring.Responder(responderKey, originatorKey.Public()),
		transparency.WithOnReject(func(err *transparency.Error) { st.refused <- err }))
	return err
}

// join connects a session, by a tap of its own. Its ring has one key, for all URIs
// under prefix, and says what is plain. What it doesn't speak of is closed.
func (st *stage) join(ctx context.Context, router string, key keyring.Key, opts ...transparency.Option) (*transparency.Session, *tap, error) {
	ring := keyring.New()
	if err := ring.Set(keyring.Prefix(prefix), key); err != nil {
		return nil, nil, err
	}
	if err := ring.SetPlain(keyring.Prefix(plainPrefix)); err != nil {
		return nil, nil, err
	}
	tap, err := newTap(router)
	if err != nil {
		return nil, nil, err
	}
	st.closers = append(st.closers, tap.close)
	session, err := transparency.ConnectNet(ctx, tap.url(), config(), ring, opts...)
	if err != nil {
		return nil, nil, err
	}
	st.closers = append(st.closers, func() { _ = session.Close() })
	return session, tap, nil
}

func config() client.Config {
	return client.Config{Realm: "realm1", Logger: log.New(io.Discard, "", 0)}
}

// firstPublish returns the first event that crossed the originator's connection.
func (st *stage) firstPublish() (*wamp.Publish, error) {
	serializer := serialize.JSONSerializer{}
	for _, m := range st.originatorTap.seen() {
		msg, err := serializer.Deserialize(m.text)
		if publish, ok := msg.(*wamp.Publish); ok && err == nil {
			return publish, nil
		}
	}
	return nil, errors.New("no event has crossed the connection")
}

// close ends what was started, the last first.
func (st *stage) close() {
	for _, end := range slices.Backward(st.closers) {
		end()
	}
}

// secret notes text as plaintext that must not be found, and returns it.
func (st *stage) secret(text string) string {
	st.plaintext = append(st.plaintext, text)
	return text
}

var errWrong = errors.New("came out wrong")
