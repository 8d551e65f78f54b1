package transparency

import (
	"cmp"
	"context"
	"math/rand/v2"
	"time"

	nexus "github.com/gammazero/nexus/v3/client"
)

// ReconnectPolicy says how a Session gets a new connection. The zero value tries for as
// long as it takes, with pauses of half a second to half a minute.
type ReconnectPolicy struct {
	// Min is the pause before the first attempt, Max the longest one: pauses double, until a
	// connection lasts for Max, and each is cut by up to a half at random, so that not
	// all come back at once. The defaults are 500 ms and 30 s (Min, where that is longer).
	Min, Max time.Duration

	// The Session gives up after Attempts failed attempts in a row, or after GiveUp without a
	// connection. 0 means never.
	Attempts int
	GiveUp   time.Duration

	// Dial is asked before each attempt for the URL of the router and the configuration,
	// because tickets age and routers move. The realm has to stay. An error of Dial is a
	// failed attempt. By default those given to [ConnectNet] are used again.
	Dial func(ctx context.Context) (routerURL string, cfg nexus.Config, err error)

	// OnDisconnect is called with why a connection was lost. OnReconnect is called when there
	// is another one, with everything back in place but what [Session.Ready] names. Both may
	// use the Session. Nothing is done to get or restore a connection until they return.
	OnDisconnect func(err error)
	OnReconnect  func()
}

// Defaults of [ReconnectPolicy].
const (
	defaultMinPause = 500 * time.Millisecond
	defaultMaxPause = 30 * time.Second
)

// WithReconnect has a Session of [ConnectNet] get a new connection when it has lost one, or
// when the router has ended it. It subscribes and registers again, with the same options and
// in the same order. What the router refuses is tried again with the pauses of the policy,
// for as long as the connection lasts: a router that hasn't noticed that the old connection
// is lost still holds its registrations. The Session keeps its identity to peers, the
// counters of its messages and its [ReplayMemory]. So what came sealed doesn't come again,
// retained events included. What was sealed more than the clock skew before it asked again is
// refused as [Stale].
//
// While there is no connection, sending returns an error that wraps [ErrNotConnected]:
// nothing was sent. What was sent, and not answered when the connection was lost, ends with
// [ErrInterrupted]: it may have been done. Subscribe and Register fail in the same way, and
// aren't made up for later. Unsubscribe and Unregister forget what they name, and succeed.
// Events that are published meanwhile are lost, and a Publish without acknowledge may be lost
// unnoticed.
//
// Done is closed when the Session is closed or gives up; [Session.Err] tells why.
//
// ConnectNet makes the first connection, and doesn't try again if that fails. With
// [ConnectLocal] and [Wrap] this option is an error that wraps [ErrOption].
func WithReconnect(policy ReconnectPolicy) Option {
	return func(cfg *config) error {
		switch {
		case policy.Min < 0:
			return unusable("WithReconnect: Min is %v: give 0 at least", policy.Min)
		case policy.Max != 0 && policy.Max < policy.Min:
			return unusable("WithReconnect: Max is %v: give Min at least, which is %v, or 0", policy.Max, policy.Min)
		case policy.Attempts < 0:
			return unusable("WithReconnect: Attempts is %d: give 0 at least", policy.Attempts)
		case policy.GiveUp < 0:
			return unusable("WithReconnect: GiveUp is %v: give 0 at least", policy.GiveUp)
		}
		policy.Min = cmp.Or(policy.Min, defaultMinPause)
		policy.Max = max(policy.Min, cmp.Or(policy.Max, defaultMaxPause))
		cfg.reconnect = &policy
		return nil
	}
}

// refuseReconnect is for connections that can't be made again.
func (cfg *config) refuseReconnect(why string) error {
	if cfg.reconnect == nil {
		return nil
	}
	return unusable("WithReconnect is for ConnectNet: %s", why)
}

// pauses are those between attempts in a row.
type pauses struct {
	next, longest time.Duration
}

func (p *ReconnectPolicy) pauses() pauses { return pauses{p.Min, p.Max} }

// take returns the pause that is due.
func (p *pauses) take() time.Duration {
	pause := p.next
	if p.next = p.longest; pause < p.longest/2 {
		p.next = 2 * pause
	}
	return pause - rand.N(pause/2+1)
}
