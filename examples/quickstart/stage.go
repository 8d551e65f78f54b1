package main

import (
	"context"
	"errors"
	"io"
	"log"
	"net"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/router"
	"github.com/gammazero/nexus/v3/transport/serialize"
	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// prefix is where payloads are sealed.
const prefix = "com.myapp.encrypted."

// stage is a router with the two sessions, each behind a tap that records what
// crosses its connection.
type stage struct {
	router                      router.Router
	listener                    io.Closer
	originatorTap, responderTap *tap
	originator, responder       *transparency.Session
	plaintext                   []string // what must not be found

	refused chan *transparency.Error // what the responder's session refuses
}

func newStage(ctx context.Context) (*stage, error) {
	st := &stage{refused: make(chan *transparency.Error, 10)}
	err := st.serve()
	if err == nil {
		err = st.connect(ctx)
	}
	if err != nil {
		st.close()
		return nil, err
	}
	return st, nil
}

// serve starts a router, with a tap for each session.
func (st *stage) serve() (err error) {
	realm := &router.RealmConfig{URI: "realm1", AnonymousAuth: true}
	st.router, err = router.NewRouter(&router.Config{RealmConfigs: []*router.RealmConfig{realm}}, log.New(io.Discard, "", 0))
	if err != nil {
		return err
	}
	if st.listener, err = router.NewRawSocketServer(st.router).ListenAndServe("tcp", "127.0.0.1:0"); err != nil {
		return err
	}
	address := st.listener.(net.Listener).Addr().String()
	if st.originatorTap, err = newTap(address); err != nil {
		return err
	}
	st.responderTap, err = newTap(address)
	return err
}

// connect connects the two sessions. Each side makes its key pair and gives the
// other the public half.
func (st *stage) connect(ctx context.Context) (err error) {
	originatorKey, responderKey := cryptobox.GenerateKey(), cryptobox.GenerateKey()

	st.originator, err = join(ctx, st.originatorTap.url(), keyring.Originator(originatorKey, responderKey.Public()))
	if err != nil {
		return err
	}
	st.responder, err = join(ctx, st.responderTap.url(), keyring.Responder(responderKey, originatorKey.Public()),
		transparency.WithOnReject(func(err *transparency.Error) { st.refused <- err }))
	return err
}

// join connects a session whose ring has one key, for all URIs under prefix.
func join(ctx context.Context, url string, key keyring.Key, opts ...transparency.Option) (*transparency.Session, error) {
	ring := keyring.New()
	if err := ring.Set(prefix, keyring.Prefix, key); err != nil {
		return nil, err
	}
	return transparency.ConnectNet(ctx, url, config(), ring, opts...)
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

func (st *stage) close() {
	for _, s := range []*transparency.Session{st.originator, st.responder} {
		if s != nil {
			_ = s.Close()
		}
	}
	if st.listener != nil {
		_ = st.listener.Close()
	}
	if st.router != nil {
		st.router.Close()
	}
	for _, tap := range []*tap{st.originatorTap, st.responderTap} {
		if tap != nil {
			tap.close()
		}
	}
}

// secret notes text as plaintext that must not be found, and returns it.
func (st *stage) secret(text string) string {
	st.plaintext = append(st.plaintext, text)
	return text
}

var errWrong = errors.New("came out wrong")
