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

// try is one thing that somebody does, or tries to.
type try struct {
	who, what string
	may       bool
	// do does it, and tells whether it could, and how that came out. The error is for what has
	// nothing to do with rights.
	do func(ctx context.Context, p *plant) (could bool, how string, err error)
}

var tries = []try{
	{north, "raises an alarm", true, raise(north, func(p *plant) keyring.Key {
		return keyring.Signed(p.originates(north))
	})},
	{archive, "publishes", false, publishAlarm},
	{archive, "raises an alarm, signed by itself", false, raise(anybody, func(p *plant) keyring.Key {
		return keyring.Signed(keyring.Signing{Suite: p.suite, Sign: p.sign[archive], Seal: p.read.Public()})
	})},
	{archive, "raises an alarm, sealed by the box of old", false, raise(anybody, func(p *plant) keyring.Key {
		return keyring.Originator(p.boxOriginator, p.boxResponder.Public())
	})},
	{stranger, "raises an alarm in plain", false, raisePlain},

	{north, "subscribes to what it publishes", false, subscribe},
	{north, "opens an event of south's", false, openAsSender},
	{archive, "opens an event of south's", true, openAsReader},

	{north, "calls", false, callAsSensor},
	{north, "calls, and would take the answer", false, callUnlisted},
	{guest, "has a valve opened", false, openValveAsGuest},
	{leaver, "calls, and is removed before the answer", false, leave},

	{valves, "answers a call of the office's", true, answer(valves)},
	{archive, "answers in the valves' place, signed by itself", false, answer(archive)},
	{display, "answers in the valves' place, unsigned", false, answer(display)},
}

// tryAll does all of it, one after the other.
func (p *plant) tryAll(ctx context.Context) (rows []row, err error) {
	for _, one := range tries {
		could, how, err := one.do(ctx, p)
		if err != nil {
			return nil, fmt.Errorf("%s %s: %w", one.who, one.what, err)
		}
		rows = append(rows, row{one.who, one.what, one.may, could, how})
	}
	return rows, nil
}

// refusedFor tells that an error is a refusal for a reason, and says in whose words. Anything
// else has nothing to do with rights.
func refusedFor(err error, reason transparency.Reason, by string) (could bool, how string, other error) {
	if !errors.Is(err, reason) {
		return false, "", fmt.Errorf("%w: %w", errWrong, err)
	}
	return false, by + ": " + reason.Error(), nil
}

// subscribe tries to have the router hand events to somebody who can't open them.
func subscribe(_ context.Context, p *plant) (could bool, how string, err error) {
	err = p.parties[north].session.Subscribe(temperature, func(*wamp.Event) {}, nil)
	if err == nil {
		return true, "it was let", nil
	}
	return refusedFor(err, transparency.WrongRole, "its own session")
}

// publishAlarm tries it with what a subscriber has.
func publishAlarm(_ context.Context, p *plant) (could bool, how string, err error) {
	if err = p.parties[archive].session.Publish(alarm, acknowledged(), nil, nil); err == nil {
		return true, "it was let", nil
	}
	return refusedFor(err, transparency.WrongRole, "its own session")
}

// raise joins with a key, and publishes what the display would act on. It could do so if the
// display takes it for that party's.
func raise(by string, key func(*plant) keyring.Key) func(context.Context, *plant) (bool, string, error) {
	return func(ctx context.Context, p *plant) (could bool, how string, err error) {
		ring := keyring.New()
		if err := ring.Set(pattern, key(p)); err != nil {
			return false, "", err
		}
		one, err := p.joinWith(ring)
		if err != nil {
			return false, "", err
		}
		return p.watchAlarm(ctx, by, func() error {
			return one.session.Publish(alarm, acknowledged(), wamp.List{"fire"}, nil)
		})
	}
}

// raisePlain does it without any key.
func raisePlain(ctx context.Context, p *plant) (could bool, how string, err error) {
	plain, err := client.ConnectLocal(p.router, config())
	if err != nil {
		return false, "", err
	}
	defer func() { _ = plain.Close() }()
	return p.watchAlarm(ctx, anybody, func() error { return plain.Publish(alarm, acknowledged(), wamp.List{"fire"}, nil) })
}

// watchAlarm tells whether the display takes an alarm, and for whose.
func (p *plant) watchAlarm(ctx context.Context, by string, publish func() error) (could bool, how string, err error) {
	one, alarms := p.parties[display], make(chan *wamp.Event, 1)
	if err := one.session.Subscribe(alarm, func(event *wamp.Event) { alarms <- event }, nil); err != nil {
		return false, "", err
	}
	defer func() { err = errors.Join(err, one.session.Unsubscribe(alarm)) }()
	if err := publish(); err != nil {
		return false, "", err
	}
	select {
	case event := <-alarms:
		return took("the display", by, event.Details)
	case refused := <-one.refused:
		return false, "the display: " + reasonIn(refused), nil
	case <-ctx.Done():
		return false, "", ctx.Err()
	}
}

// anybody is who is meant where to be heard at all is too much.
const anybody = "anybody"

// took is how it comes out if a message is taken: right if it is proved to be who it is by.
func took(where, by string, details wamp.Dict) (could bool, how string, err error) {
	proved := signer(details)
	return by == anybody || by == proved, where + " took it, signed by " + proved, nil
}

// signer names who is proved to have sent a message.
func signer(details wamp.Dict) string {
	if info, _ := transparency.InfoFrom(details); info.Sender.Name != "" {
		return info.Sender.Name
	}
	return "nobody"
}

// reasonIn gives a reason, and what the ring has to say.
func reasonIn(err *transparency.Error) string {
	if errors.Is(err, keyring.ErrUnsigned) {
		return err.Reason.Error() + ", as it isn't signed"
	}
	return err.Reason.Error()
}
