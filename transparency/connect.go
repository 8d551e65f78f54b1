package transparency

import (
	"cmp"
	"context"
	"errors"
	"log"
	"log/slog"
	"maps"
	"os"
	"strings"
	"time"

	nexus "github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/router"
	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/client"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/link"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// ConnectNet connects to a router over WebSocket or RawSocket and joins cfg.Realm, as nexus's
// client.ConnectNet does: routerURL may begin with ws, wss, http, https, tcp, tcps or unix,
// and every field of cfg is used. cfg.RecvLimit bounds messages that are received on
// WebSockets too, 64 MiB if it isn't set. The configuration is not changed.
//
// ctx bounds all of it, from dialling to joining the realm. The router has
// cfg.ResponseTimeout for each answer, and where ctx has no deadline also for the connection.
// After that ctx has no effect.
//
// It returns an error that wraps [ErrOption] before it dials, the cause of ctx's end,
// client.ErrReplyTimeout, or what the router or the connection says.
func ConnectNet(ctx context.Context, routerURL string, cfg nexus.Config, ring *keyring.Ring, opts ...Option) (*Session, error) {
	settleConfig(&cfg)
	s, err := newSession(cfg.Realm, ring, cfg.Logger, opts)
	if err != nil {
		return nil, err
	}
	if err := s.cfg.refuseSerialization(); err != nil {
		return nil, err
	}
	if s.cfg.reconnect != nil {
		s.transport, err = s.reconnect(ctx, routerURL, cfg)
	} else {
		s.transport, err = s.dial(ctx, routerURL, cfg, s.logEnd)
	}
	if err != nil {
		return nil, err
	}
	return s, nil
}

// ConnectLocal connects to a router in the same process and joins cfg.Realm, as
// nexus's client.ConnectLocal does. The configuration is not changed.
//
// A link inside the process doesn't carry Autobahn's dialect.
//
// It returns an error that wraps [ErrOption], or the error of nexus's client.
func ConnectLocal(r router.Router, cfg nexus.Config, ring *keyring.Ring, opts ...Option) (*Session, error) {
	settleConfig(&cfg)
	s, err := newSession(cfg.Realm, ring, cfg.Logger, opts)
	if err != nil {
		return nil, err
	}
	if err := s.cfg.refuseReconnect("a router of this process that has ended a session is closed, most often, and can't be attached to again"); err != nil {
		return nil, err
	}
	if err := s.cfg.refuseSerialization(); err != nil {
		return nil, err
	}
	if s.transport, err = s.join(context.Background(), link.Local(r, cfg), cfg, s.logEnd); err != nil {
		return nil, err
	}
	return s, nil
}

// defaultResponseTimeout is nexus's own.
const defaultResponseTimeout = 5 * time.Second

// settleConfig sets what nexus has defaults for.
func settleConfig(cfg *nexus.Config) {
	if cfg.Logger == nil {
		cfg.Logger = log.New(os.Stderr, "", 0) // as nexus does
	}
	cfg.ResponseTimeout = cmp.Or(cfg.ResponseTimeout, defaultResponseTimeout)
	// nexus writes into the map it is given.
	cfg.HelloDetails = maps.Clone(cfg.HelloDetails)
}

// dial connects over the network and joins the realm. ended is told why that has ended,
// unless it was closed.
func (s *Session) dial(ctx context.Context, routerURL string, cfg nexus.Config, ended func(error)) (ownClient, error) {
	l, err := link.Dial(ctx, routerURL, cfg)
	if err != nil {
		return ownClient{}, err
	}
	return s.join(ctx, l, cfg, ended)
}

// join joins the realm over l, which it closes where that fails.
func (s *Session) join(ctx context.Context, l link.Link, cfg nexus.Config, ended func(error)) (ownClient, error) {
	c, err := client.New(ctx, l, client.Config{
		Config:  cfg,
		Refused: s.rejectMessage,
		Ended:   ended,
	})
	if err != nil {
		return ownClient{}, err
	}
	joined := ownClient{c}
	s.warnOfDialects(joined)
	return joined, nil
}

func (s *Session) logEnd(cause error) {
	s.logger.Warn("connection to the router ended", slog.Any(keyError, cause))
}

// warnOfDialects warns of dialects that keys on the ring are for, and that aren't carried:
// what needs one will fail.
func (s *Session) warnOfDialects(to joined) {
	for _, d := range s.ring.Dialects() {
		if err := to.Carries(d); err != nil {
			s.logger.Warn("keys on the ring can't be used here", slog.Any(keyError, err))
		}
	}
}

// rejectMessage counts and reports a message that the client doesn't hand on.
func (s *Session) rejectMessage(kind wamp.MessageType, err error) {
	reason := WrongRequest
	if errors.Is(err, client.ErrFlood) {
		reason = TooLarge
	}
	s.reject(&Error{Op: strings.ToLower(kind.String()), Reason: reason, Err: err})
}
