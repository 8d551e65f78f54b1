package main

import (
	"context"
	"io"
	"log"
	"sync/atomic"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/router"
	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

const (
	realm   = "realm1"
	order   = "com.myapp.shop.order"
	ordered = "com.myapp.shop.ordered.today"
)

// stage is who takes part.
type stage struct {
	router router.Router

	shop, careful, careless *transparency.Session

	events  chan *wamp.Event
	refused chan *transparency.Error // by the shop
	number  atomic.Int64             // that the shop answers with
}

func newStage(v transparency.Validator) (*stage, error) {
	quiet := log.New(io.Discard, "", 0)
	r, err := router.NewRouter(&router.Config{RealmConfigs: []*router.RealmConfig{{URI: realm, AnonymousAuth: true}}}, quiet)
	if err != nil {
		return nil, err
	}
	s := &stage{router: r, events: make(chan *wamp.Event, 1), refused: make(chan *transparency.Error, 1)}
	if err := s.connect(v, client.Config{Realm: realm, Logger: quiet}); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

func (s *stage) connect(v transparency.Validator, cfg client.Config) (err error) {
	shopKey, customerKey := cryptobox.GenerateKey(), cryptobox.GenerateKey()
	shopRing, customerRing := keyring.New(), keyring.New()
	pattern := keyring.Prefix("com.myapp.shop.")
	if err := shopRing.Set(pattern, keyring.Responder(shopKey, customerKey.Public())); err != nil {
		return err
	}
	if err := customerRing.Set(pattern, keyring.Originator(customerKey, shopKey.Public())); err != nil {
		return err
	}
	validated := transparency.WithValidator(v)
	s.shop, err = transparency.ConnectLocal(s.router, cfg, shopRing, validated, transparency.WithOnReject(func(e *transparency.Error) { s.refused <- e }))
	if err != nil {
		return err
	}
	if s.careful, err = transparency.ConnectLocal(s.router, cfg, customerRing, validated); err != nil {
		return err
	}
	if s.careless, err = transparency.ConnectLocal(s.router, cfg, customerRing); err != nil {
		return err
	}
	err = s.shop.Subscribe(ordered, func(event *wamp.Event) { s.events <- event }, nil)
	if err != nil {
		return err
	}
	return s.shop.Register(order, func(context.Context, *wamp.Invocation) client.InvokeResult {
		return client.InvokeResult{Args: wamp.List{s.number.Load()}}
	}, nil)
}

func (s *stage) close() {
	for _, session := range []*transparency.Session{s.careful, s.careless, s.shop} {
		if session != nil {
			_ = session.Close()
		}
	}
	s.router.Close()
}

// noted is what the shop has refused, or the end of ctx.
func (s *stage) noted(ctx context.Context) error {
	select {
	case e := <-s.refused:
		return e
	case <-ctx.Done():
		return ctx.Err()
	}
}
