package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// callAsSensor calls with a key that lists nobody who may answer.
func callAsSensor(ctx context.Context, p *plant) (could bool, how string, err error) {
	if _, err = p.parties[north].session.Call(ctx, state, nil, nil, nil, nil); err == nil {
		return true, "it was answered", nil
	}
	return refusedFor(err, transparency.WrongRole, "its own session")
}

// callUnlisted has north list the valves, which is its own affair. The valves don't list north.
func callUnlisted(ctx context.Context, p *plant) (could bool, how string, err error) {
	keys := p.originates(north)
	keys.Answerers = p.list(valves)
	one, err := p.join(keys)
	if err != nil {
		return false, "", err
	}
	if _, err = one.session.Call(ctx, state, nil, wamp.List{1}, nil, nil); err == nil {
		return true, "it was answered", nil
	}
	return p.refusedByValves(ctx, err)
}

// openValveAsGuest asks for what the handler does for the office alone.
func openValveAsGuest(ctx context.Context, p *plant) (could bool, how string, err error) {
	_, err = p.parties[guest].session.Call(ctx, openValve, nil, wamp.List{1}, nil, nil)
	var raised client.RPCError
	switch {
	case err == nil:
		return true, "it was opened", nil
	case !errors.As(err, &raised) || raised.Err.Error != wamp.ErrNotAuthorized || signer(raised.Err.Details) != valves:
		return false, "", fmt.Errorf("%w: %w", errWrong, err)
	}
	return false, fmt.Sprintf("the handler: %s, signed by valves", raised.Err.Error), nil
}

// leave has the valves remove who waits for their answer.
func leave(ctx context.Context, p *plant) (could bool, how string, err error) {
	service := p.parties[valves]
	err = service.session.Register(survey, func(context.Context, *wamp.Invocation) client.InvokeResult {
		if err := service.ring.RemoveParty(pattern, keyring.RoleOriginator, keyring.Party{Name: leaver}); err != nil {
			return client.InvokeResult{Err: "com.myapp.wrong"}
		}
		return client.InvokeResult{Args: wamp.List{"what only the caller may know"}}
	}, nil)
	if err != nil {
		return false, "", err
	}
	if _, err = p.parties[leaver].session.Call(ctx, survey, nil, nil, nil, nil); err == nil {
		return true, "it was answered", nil
	}
	return p.refusedByValves(ctx, err)
}

// refusedByValves gives the reason that the valves have noted. The caller isn't told.
func (p *plant) refusedByValves(ctx context.Context, err error) (could bool, how string, other error) {
	var refused *transparency.Error
	if !errors.As(err, &refused) || refused.Reason != transparency.Refused || refused.Peer != nil {
		return false, "", fmt.Errorf("%w: %w", errWrong, err)
	}
	select {
	case noted := <-p.parties[valves].refused:
		return refusedFor(noted, transparency.WrongSender, "the valves")
	case <-ctx.Done():
		return false, "", ctx.Err()
	}
}

// answer has somebody register what the office calls, while the valves are away.
func answer(name string) func(context.Context, *plant) (bool, string, error) {
	return func(ctx context.Context, p *plant) (could bool, how string, err error) {
		callee := p.parties[name]
		if name != valves {
			// A subscriber that means to answer hears callers.
			keys := p.responds(name)
			keys.Senders = p.list(office)
			if callee, err = p.join(keys); err != nil {
				return false, "", err
			}
		}
		err = callee.session.Register(calibrate, func(context.Context, *wamp.Invocation) client.InvokeResult {
			return client.InvokeResult{Args: wamp.List{"done"}}
		}, nil)
		if err != nil {
			return false, "", err
		}
		defer func() { err = errors.Join(err, callee.session.Unregister(calibrate)) }()
		result, err := p.parties[office].session.Call(ctx, calibrate, nil, nil, nil, nil)
		if err != nil {
			return refusedFor(err, transparency.WrongSender, "the office")
		}
		by := anybody
		if name == valves {
			by = valves
		}
		return took("the office", by, result.Details)
	}
}
