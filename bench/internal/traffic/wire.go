package traffic

import (
	"context"
	"errors"
	"fmt"

	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/proxy"
)

// counted is how many calls or events bytes are counted over.
const counted = 16

// tapped is a link that is listened to.
type tapped struct {
	*link
	nearTap, farTap *proxy.Proxy
}

// openTapped connects a link through taps. It is for counting and not for timing.
func openTapped(ctx context.Context, k kind, s wireSerializer, url string) (*tapped, error) {
	nearTap, err := proxy.Start(url)
	if err != nil {
		return nil, err
	}
	farTap, err := proxy.Start(url)
	if err != nil {
		return nil, errors.Join(err, nearTap.Close())
	}
	l, err := open(ctx, k, s, nearTap.URL(), farTap.URL())
	if err != nil {
		return nil, errors.Join(err, nearTap.Close(), farTap.Close())
	}
	return &tapped{l, nearTap, farTap}, nil
}

func (t *tapped) close() error {
	return errors.Join(t.link.close(), t.nearTap.Close(), t.farTap.Close())
}

// bytes is how many all messages so far had, both ways at both ends, as WAMP's
// serializer wrote them.
func (t *tapped) bytes() (int, error) {
	total := 0
	for _, tap := range []*proxy.Proxy{t.nearTap, t.farTap} {
		if tap.Truncated() {
			return 0, errors.New("traffic: a tap didn't record everything")
		}
		for _, m := range tap.Messages(nil) {
			total += len(m.Data)
		}
	}
	return total, nil
}

// counts does work that sends some messages, and returns their bytes for each of the
// calls or events.
func (t *tapped) counts(work func() error) (float64, error) {
	before, err := t.bytes()
	if err != nil {
		return 0, err
	}
	for range counted {
		if err := work(); err != nil {
			return 0, err
		}
	}
	after, err := t.bytes()
	if err != nil {
		return 0, err
	}
	return float64(after-before) / counted, nil
}

// callBytes are those of a call: CALL, INVOCATION, YIELD and RESULT.
func callBytes(ctx context.Context, k kind, s wireSerializer, url string, size int) (each float64, err error) {
	t, err := openTapped(ctx, k, s, url)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, t.close()) }()
	if err := t.serve(); err != nil {
		return 0, err
	}
	return t.counts(func() error {
		result, err := t.near.Call(ctx, t.uri("echo"), nil, wamp.List{"0-0", payload(size)}, nil, nil)
		if err == nil && !same(result.Arguments, "0-0", payload(size)) {
			err = errors.New("traffic: the answer isn't what was called with")
		}
		return err
	})
}

// eventBytes are those of an event: PUBLISH and EVENT.
func eventBytes(ctx context.Context, k kind, s wireSerializer, url string, size int) (each float64, err error) {
	t, err := openTapped(ctx, k, s, url)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, t.close()) }()
	arrivals, err := t.subscribe()
	if err != nil {
		return 0, err
	}
	return t.counts(func() error {
		if err := t.near.Publish(t.uri("topic"), nil, wamp.List{"0", payload(size)}, nil); err != nil {
			return err
		}
		select {
		case a := <-arrivals:
			if !same(a.args, "0", payload(size)) {
				return errors.New("traffic: what arrived isn't what was published")
			}
			return nil
		case <-ctx.Done():
			return fmt.Errorf("traffic: wait for an event: %w", context.Cause(ctx))
		}
	})
}

// publishBytes are those of one PUBLISH with the payload as its only argument, on a
// connection of its own. The option acknowledge is in it whether it is sealed or not.
func publishBytes(ctx context.Context, k kind, s wireSerializer, url string, args wamp.List) (bytes float64, err error) {
	t, err := openTapped(ctx, k, s, url)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, t.close()) }()
	// All names are equally long, so that only the sealing counts.
	if err := t.near.Publish(t.uri("topic"), wamp.Dict{wamp.OptAcknowledge: true}, args, nil); err != nil {
		return 0, err
	}
	last := -1
	for _, m := range t.nearTap.Messages(nil) {
		if m.Direction == proxy.Up {
			last = len(m.Data)
		}
	}
	if last < 0 {
		return 0, errors.New("traffic: nothing crossed the tap")
	}
	return float64(last), nil
}
