package client

import (
	"context"
	"errors"
	"math"
	"testing"
	"testing/synctest"
	"time"

	nexus "github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

// joined is what New has returned.
type joined struct {
	c   *Client
	err error
}

func join(ctx context.Context, l *scripted, cfg Config) <-chan joined {
	return start(func() joined {
		c, err := New(ctx, l, cfg)
		return joined{c, err}
	})
}

// requireClosed: the link is.
func (l *scripted) requireClosed(t *testing.T) {
	t.Helper()
	synctest.Wait()
	select {
	case <-l.done:
	default:
		require.FailNow(t, "the link isn't closed")
	}
}

// TestChallengeBounds: what is beyond is handed to nobody, and is what joining fails with.
func TestChallengeBounds(t *testing.T) {
	for name, c := range map[string]struct {
		extra  wamp.Dict
		handed bool
	}{
		"no salt":                  {nil, true},
		"null":                     {wamp.Dict{"iterations": nil, "keylen": nil}, true},
		"text":                     {wamp.Dict{"iterations": "9e99", "keylen": "-1"}, true}, // nexus takes the defaults
		"usual":                    {wamp.Dict{"iterations": int64(1000), "keylen": int64(32)}, true},
		"most iterations":          {wamp.Dict{"iterations": int64(10_000_000)}, true},
		"one more":                 {wamp.Dict{"iterations": int64(10_000_001)}, false},
		"two blocks of half":       {wamp.Dict{"iterations": int64(5_000_000), "keylen": int64(33)}, true},
		"two blocks of more":       {wamp.Dict{"iterations": int64(5_000_001), "keylen": int64(33)}, false},
		"longest":                  {wamp.Dict{"keylen": uint64(1024)}, true},
		"longer":                   {wamp.Dict{"keylen": uint64(1025)}, false},
		"negative length":          {wamp.Dict{"keylen": int64(-1)}, false},
		"negative iterations":      {wamp.Dict{"iterations": int64(-1)}, false},
		"most negative iterations": {wamp.Dict{"iterations": int64(math.MinInt64)}, false},
		"unsigned that wraps":      {wamp.Dict{"keylen": uint64(math.MaxUint64)}, false},
		"float":                    {wamp.Dict{"iterations": 1e12}, false},
		"float32":                  {wamp.Dict{"keylen": float32(-3)}, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := newScripted(t)
				cfg, handed := l.config(), false
				cfg.AuthHandlers = map[string]nexus.AuthFunc{"wampcra": func(*wamp.Challenge) (string, wamp.Dict) {
					handed = true
					return "signature", wamp.Dict{"key": "value"}
				}}
				result := join(context.Background(), l, cfg)
				l.next(t)
				l.send(wamp.CHALLENGE, "wampcra", c.extra)
				synctest.Wait()
				require.Equal(t, c.handed, handed)
				if !c.handed {
					require.ErrorIs(t, has(t, result).err, errChallenge)
					l.requireNothing(t)
					l.requireClosed(t)
					return
				}
				answer := l.next(t)
				require.Equal(t, wamp.AUTHENTICATE, answer.Type)
				require.Equal(t, "signature", answer.URI)
				require.Equal(t, wamp.Dict{"key": "value"}, answer.Options)
				l.welcome()
				joined := has(t, result)
				require.NoError(t, joined.err)
				require.NoError(t, joined.c.Close())
			})
		})
	}
}

// TestAuthFuncIsLeftBehind: it knows no context, and nothing waits for it where that ends.
func TestAuthFuncIsLeftBehind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newScripted(t)
		cfg := l.config()
		asked, free := gate()
		cfg.AuthHandlers = map[string]nexus.AuthFunc{"ticket": func(*wamp.Challenge) (string, wamp.Dict) {
			asked()
			return "ticket", nil
		}}
		ctx, cancel := context.WithCancel(context.Background())
		result := join(ctx, l, cfg)
		l.next(t)
		l.send(wamp.CHALLENGE, "ticket", wamp.Dict{})
		time.Sleep(time.Hour)
		require.Empty(t, result)
		cancel()
		require.ErrorIs(t, has(t, result).err, context.Canceled)
		l.requireClosed(t)
		free()
		l.requireNothing(t)
	})
}

// TestJoinEnds: with its context, with the response timeout, and with the link, at each
// step. The link is closed, and the context's cause is told.
func TestJoinEnds(t *testing.T) {
	cause := errors.New("cause")
	for name, c := range map[string]struct {
		end func(l *scripted, cancel context.CancelCauseFunc)
		err error
	}{
		"context": {func(_ *scripted, cancel context.CancelCauseFunc) { cancel(cause) }, cause},
		"timeout": {func(*scripted, context.CancelCauseFunc) { time.Sleep(testTimeout) }, nexus.ErrReplyTimeout},
		"timeout, with what is out of place": {func(l *scripted, _ context.CancelCauseFunc) {
			for range 10 {
				time.Sleep(testTimeout / 10)
				l.send(wamp.EVENT, 1, 1, wamp.Dict{})
			}
		}, nexus.ErrReplyTimeout},
	} {
		for _, challenged := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					l := newScripted(t)
					cfg := l.config()
					cfg.AuthHandlers = map[string]nexus.AuthFunc{"ticket": func(*wamp.Challenge) (string, wamp.Dict) { return "ticket", nil }}
					ctx, cancel := context.WithCancelCause(context.Background())
					defer cancel(nil)
					result := join(ctx, l, cfg)
					l.next(t)
					if challenged {
						l.send(wamp.CHALLENGE, "ticket", wamp.Dict{})
						l.next(t)
					}
					c.end(l, cancel)
					require.ErrorIs(t, has(t, result).err, c.err)
					l.requireClosed(t)
				})
			})
		}
	}
}

// TestRefusedBeforeWelcome: what belongs to a session is out of place, and joining goes on.
func TestRefusedBeforeWelcome(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newScripted(t)
		result := join(context.Background(), l, l.config())
		l.next(t)
		for _, m := range [][]any{
			{wamp.EVENT, 1, 1, wamp.Dict{}}, {wamp.RESULT, 1, wamp.Dict{}}, {wamp.INVOCATION, 1, 1, wamp.Dict{}},
			{wamp.SUBSCRIBED, 1, 1}, {wamp.ERROR, wamp.CALL, 1, wamp.Dict{}, "com.example.error"},
		} {
			l.send(m...)
			l.requireRefused(t, errSession)
		}
		l.welcome()
		joined := has(t, result)
		require.NoError(t, joined.err)
		require.NoError(t, joined.c.Close())
	})
}

// TestUnexpectedInsteadOfWelcome: joining fails, and says with what.
func TestUnexpectedInsteadOfWelcome(t *testing.T) {
	for text, m := range map[string][]any{
		"ABORT message when expecting WELCOME: com.example.reason: no": {wamp.ABORT, wamp.Dict{"message": "no"}, "com.example.reason"},
		"GOODBYE message when expecting WELCOME: com.example.reason":   {wamp.GOODBYE, wamp.Dict{}, "com.example.reason"},
		"CHALLENGE message when expecting WELCOME: ticket":             {wamp.CHALLENGE, "ticket", wamp.Dict{}},
		nexus.ErrRouterNoRoles.Error():                                 {wamp.WELCOME, 1, wamp.Dict{"roles": 5}},
	} {
		synctest.Test(t, func(t *testing.T) {
			l := newScripted(t)
			result := join(context.Background(), l, l.config())
			l.next(t)
			l.send(m...)
			require.ErrorContains(t, has(t, result).err, text)
			l.requireClosed(t)
		})
	}
}

// TestDialectsThatAreCarried: our own by any router; a foreign one by those that announce it
// for each of their roles, and by a link that it can cross.
func TestDialectsThatAreCarried(t *testing.T) {
	role := func(features ...string) wamp.Dict {
		all := wamp.Dict{}
		for _, f := range features {
			all[f] = true
		}
		return wamp.Dict{"features": all}
	}
	const transparency, passthru = "payload_transparency", "payload_passthru_mode"
	for name, c := range map[string]struct {
		roles              wamp.Dict
		local              bool
		autobahn, passthru bool
	}{
		"nothing":            {roles: wamp.Dict{"broker": role(), "dealer": role()}},
		"both":               {roles: wamp.Dict{"broker": role(transparency, passthru), "dealer": role(transparency, passthru)}, autobahn: true, passthru: true},
		"both, local":        {roles: wamp.Dict{"broker": role(transparency, passthru), "dealer": role(transparency, passthru)}, local: true, passthru: true},
		"one":                {roles: wamp.Dict{"broker": role(passthru), "dealer": role(passthru)}, passthru: true},
		"for a role":         {roles: wamp.Dict{"broker": role(transparency, passthru), "dealer": role(passthru)}, passthru: true},
		"for its only role":  {roles: wamp.Dict{"broker": role(transparency)}, autobahn: true},
		"what isn't carried": {roles: wamp.Dict{"dealer": wamp.Dict{"features": wamp.Dict{transparency: false, passthru: "yes"}}}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := newScripted(t)
				l.local = c.local
				l.send(wamp.WELCOME, 1, wamp.Dict{"roles": c.roles})
				client, err := New(context.Background(), l, l.config())
				require.NoError(t, err)
				hello := l.next(t)
				for _, role := range []string{"publisher", "subscriber", "caller", "callee"} {
					for _, feature := range []string{transparency, "payload_encryption_cryptobox", passthru} {
						announced, err := wamp.DictFlag(hello.Options, []string{"roles", role, "features", feature})
						require.NoError(t, err)
						require.True(t, announced, "%s %s", role, feature)
					}
				}
				require.NoError(t, client.Carries(cryptobox.Wampbox))
				for d, carried := range map[cryptobox.Dialect]bool{cryptobox.Autobahn: c.autobahn, cryptobox.Passthru: c.passthru} {
					err := client.Carries(d)
					require.Equal(t, carried, err == nil, "%v: %v", d, err)
					if !carried {
						require.ErrorContains(t, err, d.String())
					}
				}
				require.NoError(t, client.Close())
			})
		})
	}
}
