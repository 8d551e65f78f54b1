package transparency

import (
	"context"
	"fmt"
	"maps"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/router"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// ConnectNet connects to a router over WebSocket or RawSocket and joins
// cfg.Realm, as nexus's client.ConnectNet does: routerURL may begin with ws,
// wss, http, https, tcp, tcps or unix. The configuration is not changed.
//
// ctx bounds the dialling, as far as nexus goes with it: not the handshake of a
// RawSocket, and not the joining of the realm, for which the router has
// cfg.ResponseTimeout.
//
// It returns an error that wraps [ErrOption] before it dials, or the error of
// nexus's client.
func ConnectNet(ctx context.Context, routerURL string, cfg client.Config, ring *keyring.Ring, opts ...Option) (*Session, error) {
	return connect(cfg, ring, opts, func(cfg client.Config) (*client.Client, error) {
		return client.ConnectNet(ctx, routerURL, cfg)
	})
}

// ConnectLocal connects to a router in the same process and joins cfg.Realm, as
// nexus's client.ConnectLocal does. The configuration is not changed.
//
// It returns an error that wraps [ErrOption], or the error of nexus's client.
func ConnectLocal(r router.Router, cfg client.Config, ring *keyring.Ring, opts ...Option) (*Session, error) {
	return connect(cfg, ring, opts, func(cfg client.Config) (*client.Client, error) {
		return client.ConnectLocal(r, cfg)
	})
}

func connect(cfg client.Config, ring *keyring.Ring, opts []Option, dial func(client.Config) (*client.Client, error)) (*Session, error) {
	if err := checkArguments(cfg.Realm, ring); err != nil {
		return nil, err
	}
	own, err := newConfig(opts)
	if err != nil {
		return nil, err
	}
	// nexus writes into the map it is given.
	cfg.HelloDetails = maps.Clone(cfg.HelloDetails)
	c, err := dial(cfg)
	if err != nil {
		return nil, err
	}
	return newSession(c, cfg.Realm, ring, own), nil
}

// Wrap makes a Session of a nexus client that is connected already, or of
// another implementation of [Client]. realm is the realm that it joined: the
// client doesn't keep it, and what a router says of it isn't trusted.
//
// From here on use the Session and not c: what is published, called or answered
// through c itself is plain, SendProgress in a handler of the Session included,
// and handlers that were subscribed or registered on c get payloads as they
// arrive.
//
// A wrapped client stands on nexus's own connection: whoever can send to it,
// the router above all, can crash or stall nexus's client itself with messages
// that never reach this package.
//
// It returns an error that wraps [ErrOption].
func Wrap(c Client, realm string, ring *keyring.Ring, opts ...Option) (*Session, error) {
	if own, ok := c.(*client.Client); c == nil || ok && own == nil {
		return nil, fmt.Errorf("%w: a client is needed", ErrOption)
	}
	if err := checkArguments(realm, ring); err != nil {
		return nil, err
	}
	cfg, err := newConfig(opts)
	if err != nil {
		return nil, err
	}
	return newSession(c, realm, ring, cfg), nil
}
