package transparency

import (
	"context"
	"errors"
	"fmt"
	"log"
	"maps"
	"os"
	"strings"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/router"
	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/link"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/peer"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/wire"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// ConnectNet connects to a router over WebSocket or RawSocket and joins
// cfg.Realm, as nexus's client.ConnectNet does: routerURL may begin with ws,
// wss, http, https, tcp, tcps or unix, and all of cfg counts. cfg.RecvLimit bounds
// messages that are received on WebSockets too, 64 MiB if it isn't set. The
// configuration is not changed.
//
// ctx bounds all of it, from dialling to joining the realm; the router also has no
// longer than cfg.ResponseTimeout to answer. Later ctx counts no more.
//
// It returns an error that wraps [ErrOption] before it dials, one that wraps
// [ErrFraming] where the router doesn't carry the framing, the cause of ctx's end,
// or the error of nexus's client.
func ConnectNet(ctx context.Context, routerURL string, cfg client.Config, ring *keyring.Ring, opts ...Option) (*Session, error) {
	own, err := checkConfig(&cfg, ring, opts)
	if err != nil {
		return nil, err
	}
	l, err := link.Dial(ctx, routerURL, cfg)
	if err != nil {
		return nil, err
	}
	return join(ctx, l, cfg, ring, own)
}

// ConnectLocal connects to a router in the same process and joins cfg.Realm, as
// nexus's client.ConnectLocal does. The configuration is not changed.
//
// It returns an error that wraps [ErrOption], one that wraps [ErrFraming] for
// [Native], which links inside a process can't carry, or the error of nexus's
// client.
func ConnectLocal(r router.Router, cfg client.Config, ring *keyring.Ring, opts ...Option) (*Session, error) {
	own, err := checkConfig(&cfg, ring, opts)
	if err != nil {
		return nil, err
	}
	if traits := own.traits; traits.Serialized {
		return nil, fmt.Errorf("%w: a local link shares messages without serializing them, and the framing %s shows only in serialized ones; use ConnectNet, or another framing",
			ErrFraming, traits.Name)
	}
	return join(context.Background(), link.Local(r, cfg), cfg, ring, own)
}

func checkConfig(cfg *client.Config, ring *keyring.Ring, opts []Option) (config, error) {
	if err := checkArguments(cfg.Realm, ring); err != nil {
		return config{}, err
	}
	if cfg.Logger == nil {
		cfg.Logger = log.New(os.Stderr, "", 0) // as nexus does
	}
	if cfg.ResponseTimeout == 0 {
		cfg.ResponseTimeout = defaultResponseTimeout
	}
	// nexus writes into the map it is given.
	cfg.HelloDetails = maps.Clone(cfg.HelloDetails)
	return newConfig(opts)
}

// join joins the realm over l, which it closes where that fails.
func join(ctx context.Context, l link.Link, cfg client.Config, ring *keyring.Ring, own config) (*Session, error) {
	s := newSession(cfg.Realm, ring, own, cfg.Logger)
	s.carrier = below{}
	s.closeTime = cfg.ResponseTimeout
	s.peer = peer.New(l, peer.Config{
		Framing:         own.framing,
		ResponseTimeout: cfg.ResponseTimeout,
		Log:             cfg.Logger,
		Report:          s.rejectViolation,
	})
	stop := context.AfterFunc(ctx, s.peer.Close)
	c, err := client.NewClient(s.peer, cfg)
	if !stop() {
		err = errors.Join(context.Cause(ctx), err)
	}
	if err != nil {
		s.peer.Close()
		return nil, err
	}
	s.client = c
	if err := s.checkRouter(); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// checkRouter refuses a router that doesn't carry the framing: it would drop parts
// of what is sent, and the other end could only refuse the rest.
func (s *Session) checkRouter() error {
	traits := s.cfg.traits
	if traits.Require == "" {
		return nil
	}
	roles := wamp.DictChild(s.client.RealmDetails(), "roles")
	for _, role := range []string{wamp.RoleBroker, wamp.RoleDealer} {
		if _, has := roles[role]; has && !s.client.HasFeature(role, traits.Require) {
			return fmt.Errorf("%w: the router doesn't announce %s for its role %s, which the framing %s needs; use another framing (%s goes everywhere)",
				ErrFraming, traits.Require, role, traits.Name, EncArgument)
		}
	}
	return nil
}

// rejectViolation counts and reports a message that the Peer kept from the client.
func (s *Session) rejectViolation(v *peer.Violation) {
	reason := WrongRequest
	if errors.Is(v, peer.ErrFlood) {
		reason = TooLarge
	}
	s.reject(&Error{Op: strings.ToLower(v.Message.String()), Reason: reason, Err: v.Err})
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
// A wrapped client stands on nexus's own connection, which carries [EncArgument]
// alone, and has no guard: whoever can send to it, the router above all, can crash
// or stall nexus's client itself with messages that never reach this package. Use
// [ConnectNet] or [ConnectLocal] where the router isn't trusted not to.
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
	if cfg.framing != wire.Framing(wire.EncArgument{}) {
		return nil, fmt.Errorf("%w: a wrapped client carries the framing %s alone; use ConnectNet for %s",
			ErrOption, EncArgument, cfg.traits.Name)
	}
	s := newSession(realm, ring, cfg, c.Logger())
	s.client = c
	s.carrier = within{cfg.framing}
	return s, nil
}
