package client

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	nexus "github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/link"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/link/message"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/shield"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/wire"
)

// join joins the realm: HELLO, then WELCOME, with a CHALLENGE between where the router
// asks for one (WAMP specification, "Session Establishment").
func (c *Client) join(ctx context.Context) error {
	stop := context.AfterFunc(ctx, func() { _ = c.link.Close() })
	err := c.shakeHands(ctx)
	if !stop() {
		return errors.Join(context.Cause(ctx), err)
	}
	return err
}

func (c *Client) shakeHands(ctx context.Context) error {
	if err := c.send(ctx, message.Out{Type: wamp.HELLO, URI: c.cfg.Realm, Options: c.hello()}); err != nil {
		return err
	}
	in, err := c.reply()
	if err != nil {
		return err
	}
	challenged := in.Type == wamp.CHALLENGE && len(c.cfg.AuthHandlers) > 0
	if challenged {
		if err := c.authenticate(ctx, in); err != nil {
			return err
		}
		if in, err = c.reply(); err != nil {
			return err
		}
	}
	details, err := in.Dict()
	switch {
	case err != nil:
		return err
	case in.Type != wamp.WELCOME:
		return refusal(in, details, challenged)
	}
	c.id, c.details = in.ID, details
	if !c.hasRole(wamp.RoleBroker) && !c.hasRole(wamp.RoleDealer) {
		return nexus.ErrRouterNoRoles
	}
	c.learnCarried()
	return nil
}

// refusal says what the router says in place of WELCOME.
func refusal(in *link.Incoming, details wamp.Dict, challenged bool) error {
	said, _ := wamp.AsString(details[wamp.OptMessage])
	if challenged && in.Type == wamp.ABORT {
		return errors.New(cmp.Or(link.Printable(said), "authentication failed"))
	}
	text := fmt.Sprintf("received unexpected %s message when expecting %s", in.Type, wamp.WELCOME)
	for _, why := range []string{in.URI, said} {
		if why != "" {
			text += ": " + link.Printable(why)
		}
	}
	return errors.New(text)
}

// reply reads the router's next message, which has the response timeout to come.
// What belongs to a session that has begun is out of place.
func (c *Client) reply() (*link.Incoming, error) {
	timer := time.AfterFunc(c.cfg.ResponseTimeout, func() { _ = c.link.Close() })
	for {
		in := new(link.Incoming)
		err := c.link.Read(in)
		if err == nil && !slices.Contains([]wamp.MessageType{wamp.WELCOME, wamp.CHALLENGE, wamp.ABORT, wamp.GOODBYE}, in.Type) {
			c.refuse(in.Type, errSession)
			continue
		}
		if !timer.Stop() {
			return nil, nexus.ErrReplyTimeout
		}
		return in, err
	}
}

// authenticate answers a CHALLENGE. An AuthFunc knows no context: when ctx ends it is
// left behind.
func (c *Client) authenticate(ctx context.Context, in *link.Incoming) error {
	extra, err := in.Dict()
	if err != nil {
		return err
	}
	challenge := &wamp.Challenge{AuthMethod: in.URI, Extra: extra}
	if err := checkChallenge(challenge); err != nil {
		return err
	}
	answer := message.Out{Type: wamp.AUTHENTICATE}
	if respond, ok := c.cfg.AuthHandlers[challenge.AuthMethod]; ok {
		done := make(chan struct{})
		var signature string
		var details wamp.Dict
		go func() {
			defer close(done)
			err = shield.Run("an AuthFunc", func() { signature, details = respond(challenge) })
		}()
		select {
		case <-done:
			if err != nil {
				return err
			}
			answer.URI, answer.Options = signature, details
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return c.send(ctx, answer)
}

// hello returns the details of HELLO: those of the configuration, in a copy.
func (c *Client) hello() wamp.Dict {
	details := maps.Clone(c.cfg.HelloDetails)
	if details == nil {
		details = wamp.Dict{}
	}
	roles := wamp.NormalizeDict(details["roles"])
	if _, given := details["roles"]; !given {
		roles = ownRoles()
	}
	if roles != nil {
		announce(roles, wire.Announced())
		details["roles"] = roles
	}
	if len(c.cfg.AuthHandlers) > 0 {
		var methods wamp.List
		for _, method := range slices.Sorted(maps.Keys(c.cfg.AuthHandlers)) {
			methods = append(methods, method)
		}
		details["authmethods"] = methods
	}
	return details
}
