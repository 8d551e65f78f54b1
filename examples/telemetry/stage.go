package main

import (
	"context"
	"errors"
	"io"
	"log"
	"os"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/router"
	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keywatch"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/telemetry"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

const (
	realm   = "realm1"
	order   = "com.myapp.shop.order"
	ordered = "com.myapp.shop.ordered"
	stock   = "com.myapp.stock.changed" // in transition: plain events are taken
)

// stage is who takes part.
type stage struct {
	t      *telemetry.Telemetry
	folder string
	keys   *keys
	router router.Router

	shop, customer *transparency.Session
	stranger       *client.Client // without keys

	ends []func()
}

func newStage(ctx context.Context, t *telemetry.Telemetry) (*stage, error) {
	s := &stage{t: t}
	if err := s.begin(ctx); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

func (s *stage) begin(ctx context.Context) (err error) {
	if s.folder, err = os.MkdirTemp("", "telemetry"); err != nil {
		return err
	}
	s.later(func() { _ = os.RemoveAll(s.folder) })
	if s.keys, err = newKeys(s.folder); err != nil {
		return err
	}
	quiet := log.New(io.Discard, "", 0)
	config := &router.Config{RealmConfigs: []*router.RealmConfig{{URI: realm, AnonymousAuth: true}}}
	if s.router, err = router.NewRouter(config, quiet); err != nil {
		return err
	}
	s.later(s.router.Close)
	cfg := client.Config{Realm: realm, Logger: quiet}
	if s.shop, err = s.connect(ctx, "shop", cfg); err != nil {
		return err
	}
	if s.customer, err = s.connect(ctx, "customer", cfg); err != nil {
		return err
	}
	if s.stranger, err = client.ConnectLocal(s.router, cfg); err != nil {
		return err
	}
	s.later(func() { _ = s.stranger.Close() })
	return s.open()
}

// connect joins with the keys of the file, and shows what there is under one name.
func (s *stage) connect(ctx context.Context, name string, cfg client.Config) (*transparency.Session, error) {
	ring := keyring.New()
	file, err := keywatch.Watch(ctx, s.keys.path, ring)
	if err != nil {
		return nil, err
	}
	s.later(file.Close)
	session, err := transparency.ConnectLocal(s.router, cfg, ring, transparency.WithObserver(s.t.Observer(name)))
	if err != nil {
		return nil, err
	}
	s.later(func() { _ = session.Close() })
	_, ofFile := s.t.File(name, file)
	_, ofRing := s.t.Ring(name, ring)
	_, ofSession := s.t.Session(name, session)
	return session, errors.Join(ofFile, ofRing, ofSession)
}

// open has the shop serve.
func (s *stage) open() error {
	nothing := func(*wamp.Event) {}
	return errors.Join(s.shop.Subscribe(ordered, nothing, nil), s.shop.Subscribe(stock, nothing, nil),
		s.shop.Register(order, func(context.Context, *wamp.Invocation) client.InvokeResult {
			return client.InvokeResult{Args: wamp.List{"on its way"}}
		}, nil))
}

func (s *stage) later(end func()) { s.ends = append(s.ends, end) }

func (s *stage) close() {
	for i := len(s.ends) - 1; i >= 0; i-- {
		s.ends[i]()
	}
}
