package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log"
	"time"

	"github.com/gammazero/nexus/v3/client"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyservice"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// own is a member's own: what its process was told.
type own struct{ name, router, authority, identity, cache string }

func (o *own) flags(f *flag.FlagSet) {
	f.StringVar(&o.name, "name", "", "of a member: `WHO` it is, shop, desk or archive")
	f.StringVar(&o.router, "router", "", "of a member: the router's `URL`")
	f.StringVar(&o.authority, "authority", "", "of a member: the `KEY` of the authority that it pins")
	f.StringVar(&o.identity, "identity", "", "of a member: the `FILE` of its identity")
	f.StringVar(&o.cache, "cache", "", "of a member: a `FILE` that keeps its grant over a restart")
}

// run is a member's whole program.
func (o *own) run(ctx context.Context, every time.Duration) error {
	me, err := keyservice.LoadIdentity(o.identity)
	if err != nil {
		return err
	}
	authority, err := cryptobox.ParseVerifyKey(o.authority)
	if err != nil {
		return err
	}
	ring := keyring.New()
	m := &member{ring: ring, every: every, tally: tally{ByKey: map[string]uint64{}}}
	joining, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	m.session, err = transparency.ConnectNet(joining, o.router, client.Config{Realm: realm, Logger: log.New(io.Discard, "", 0)}, ring,
		transparency.WithReconnect(transparency.ReconnectPolicy{}), transparency.WithOnReject(m.refused))
	if err != nil {
		return err
	}
	defer func() { _ = m.session.Close() }()

	// That is all that the key service takes.
	w, err := keyservice.Watch(ctx, m.session, ring, keyservice.Config{
		Identity: me, Authorities: []cryptobox.VerifyKey{authority}, Cache: o.cache,
		Every: 2 * time.Second, Stale: 6 * time.Second, // minutes, where nobody looks on
		OnChange: func(keyring.Changes) { m.printKeys() },
		OnError:  func(err error) { fmt.Println(err) },
	})
	if err != nil {
		return err
	}
	defer func() { _ = w.Close() }()
	m.printKeys()
	if err := m.begin(o.name); err != nil {
		return err
	}
	return m.obey(ctx, o.name == "shop")
}
