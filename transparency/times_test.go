package transparency_test

import (
	"context"
	"math"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// TestTimes: what a sender's clock may say. The age that counts is WithMaxAge where the
// skew is larger, else the time of the subscription or registration, less the skew.
func TestTimes(t *testing.T) {
	const minute, hour = time.Minute, time.Hour
	for _, c := range []struct {
		name         string
		maxAge, skew time.Duration // 0 for the default
		age          time.Duration
		reason       transparency.Reason
	}{
		{"now", 0, 0, 0, 0},
		{"behind within the skew", 0, 0, 25 * time.Second, 0},
		{"before it was asked for", 0, 0, 35 * time.Second, transparency.Stale},
		{"ahead within the skew", 0, 0, -25 * time.Second, 0},
		{"ahead", 0, 0, -35 * time.Second, transparency.ClockSkew},
		{"far ahead", 0, 0, -24 * hour, transparency.ClockSkew},
		{"as old as it may be", 0, hour, 5*minute - 5*time.Second, 0},
		{"too old", 0, hour, 5*minute + 5*time.Second, transparency.Stale},
		{"as old as an option allows", hour, 2 * hour, hour - 5*time.Second, 0},
		{"too old for an option", hour, 2 * hour, hour + 5*time.Second, transparency.Stale},
		{"ahead as an option allows", 0, hour, -hour + 5*time.Second, 0},
		{"ahead of what an option allows", 0, minute, -minute - 5*time.Second, transparency.ClockSkew},
		{"long before it was asked for, within a long age", hour, 0, 10 * minute, transparency.Stale},
		{"as long as a Duration goes", math.MaxInt64, math.MaxInt64, 50 * 365 * 24 * hour, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			var opts []transparency.Option
			if c.maxAge != 0 {
				opts = append(opts, transparency.WithMaxAge(c.maxAge))
			}
			if c.skew != 0 {
				opts = append(opts, transparency.WithClockSkew(c.skew))
			}
			p := post(t, harness.NewKeys(), opts...)
			sub, serve := p.subscribe(harness.Prefix+"x", nil), p.serves(nil)
			first := p.publication(sentAgo(c.age))
			p.judges(sub, event(first, false), c.reason)
			call := p.Seal(harness.Prefix+"x", p.Bind(cryptobox.KindCall, sentAgo(c.age)))
			p.judgesCall(serve, call, c.reason)
			if c.reason == 0 {
				p.refuses(sub, first, transparency.Replayed)
				p.judgesCall(serve, call, transparency.Replayed)
				p.takes(sub, p.publication(nil)) // forgets nobody
				p.refuses(sub, first, transparency.Replayed)
			}
		})
	}
}

// TestClocksInStep: with no skew at all, a message sent in the millisecond of the
// subscription is taken, though its time is cut to milliseconds.
func TestClocksInStep(t *testing.T) {
	for range 200 {
		p := post(t, harness.NewKeys(), transparency.WithClockSkew(0))
		p.takes(p.subscribe(harness.Prefix+"x", nil), p.publication(nil))
	}
}

func TestImpossibleTimes(t *testing.T) {
	for name, opts := range map[string][]transparency.Option{
		"by default": nil, "as long as a Duration goes": {transparency.WithMaxAge(math.MaxInt64), transparency.WithClockSkew(math.MaxInt64)},
	} {
		oldest := transparency.Stale
		if name != "by default" {
			oldest = 0
		}
		p := post(t, harness.NewKeys(), opts...)
		sub := p.subscribe(harness.Prefix+"x", wamp.Dict{"get_retained": true})
		for ts, reason := range map[int64]transparency.Reason{
			0:             oldest,
			math.MaxInt64: transparency.ClockSkew,
		} {
			at := func(b *harness.Bound) { b.TS = ts }
			p.judges(sub, event(p.publication(at), false), reason)
			p.judgesCall(p.serves(nil), p.Seal(harness.Prefix+"x", p.Bind(cryptobox.KindCall, at)), reason)
		}
		kept := p.publication(func(b *harness.Bound) { b.TS, b.Keep = math.MaxInt64, true })
		p.judges(sub, event(kept, true), transparency.ClockSkew)
	}
}

// TestASendersClockStepsBack: its counter goes on.
func TestASendersClockStepsBack(t *testing.T) {
	p := post(t, harness.NewKeys())
	sub := p.subscribe(harness.Prefix+"x", nil)
	p.takes(sub, p.publication(sentAgo(-20*time.Second)))
	late := p.publication(sentAgo(20 * time.Second))
	p.takes(sub, late)
	p.takes(sub, p.publication(nil))
	p.refuses(sub, late, transparency.Replayed)
}

// TestTimesOfAnswers: results, progress and errors are no older than their call. Where that
// is long ago, they are no older than messages may be, by the caller's clock as it was.
func TestTimesOfAnswers(t *testing.T) {
	const maxAge, long = 250 * time.Millisecond, 300 * time.Millisecond
	k := harness.NewKeys()
	r := startRouter(t)
	router := local.plain(t, r)
	forge := harness.NewForger(t, harness.RingOf(t, k.ResponderKey()), keyring.RoleResponder)
	for name, c := range map[string]struct {
		took, age time.Duration
		maxAge    time.Duration
		set       time.Duration // the caller's clock meanwhile
		reason    transparency.Reason
	}{
		"at once":                              {age: 0},
		"at once, by a clock behind":           {age: 6 * time.Minute},
		"at once, by a clock years behind":     {age: 30_000 * time.Hour},
		"at once, by a clock ahead":            {age: -35 * time.Second},
		"at once, by a clock years ahead":      {age: -30_000 * time.Hour},
		"at once, set ahead":                   {set: time.Hour},
		"at once, set back":                    {set: -time.Hour},
		"later":                                {took: long, maxAge: maxAge},
		"later, set ahead":                     {took: long, maxAge: maxAge, set: time.Hour},
		"later, set back":                      {took: long, maxAge: maxAge, set: -time.Hour},
		"later, by a clock ahead":              {took: long, maxAge: maxAge, age: -time.Hour},
		"held back":                            {took: long, maxAge: maxAge, age: long, reason: transparency.Stale},
		"held back, set ahead":                 {took: long, maxAge: maxAge, age: long, set: time.Hour, reason: transparency.Stale},
		"held back, set back":                  {took: long, maxAge: maxAge, age: long, set: -time.Hour, reason: transparency.Stale},
		"held back for less":                   {took: long, maxAge: time.Minute, age: long},
		"later, by a clock years behind":       {took: long, maxAge: maxAge, age: 30_000 * time.Hour, reason: transparency.Stale},
		"later, as long as a Duration goes":    {took: long, maxAge: math.MaxInt64, age: 30_000 * time.Hour},
		"at once, by a clock that is at its 0": {age: time.Since(time.UnixMilli(0))},
	} {
		var clock harness.Clock
		opts := []transparency.Option{transparency.WithClock(clock.Now)}
		if c.maxAge != 0 {
			opts = append(opts, transparency.WithMaxAge(c.maxAge))
		}
		s := local.session(t, r, harness.RingOf(t, k.OriginatorKey()), opts...)
		for _, kind := range []cryptobox.Kind{cryptobox.KindResult, cryptobox.KindProgress, cryptobox.KindError} {
			t.Run(name+"/"+kind.String(), func(t *testing.T) {
				clock.Set(0)
				require.NoError(t, router.Register(harness.Prefix+"x", func(ctx context.Context, inv *wamp.Invocation) client.InvokeResult {
					_, token := forge.Open(inv.Arguments, inv.ArgumentsKw)
					time.Sleep(c.took)
					clock.Set(c.set)
					uri, count := harness.Prefix+"x", uint64(0)
					answer := func(kind cryptobox.Kind, age time.Duration) wamp.Dict {
						return forge.Seal(uri, forge.Bind(kind, func(b *harness.Bound) {
							sentAgo(age)(b)
							b.Re, b.Seq = token, count
						}))
					}
					switch kind {
					case cryptobox.KindProgress:
						_ = router.SendProgress(ctx, nil, answer(kind, c.age))
						count = 1
						return client.InvokeResult{Kwargs: answer(cryptobox.KindResult, 0)}
					case cryptobox.KindError:
						uri = "com.myapp.error"
						return client.InvokeResult{Err: harness.OpaqueError, Kwargs: answer(kind, c.age)}
					}
					return client.InvokeResult{Kwargs: answer(kind, c.age)}
				}, nil))
				_, err := s.Call(harness.Timeout(t), harness.Prefix+"x", nil, nil, nil, func(*wamp.Result) {})
				require.NoError(t, router.Unregister(harness.Prefix+"x"))
				switch {
				case c.reason != 0:
					harness.RequireReason(t, err, c.reason)
				case kind == cryptobox.KindError:
					require.EqualValues(t, "com.myapp.error", harness.Raised(t, err).Error)
				default:
					require.NoError(t, err)
				}
			})
		}
	}
}

func TestUnusableOptions(t *testing.T) {
	for text, option := range map[string]transparency.Option{
		"WithMaxAge(0s): give more than 0":                                transparency.WithMaxAge(0),
		"WithMaxAge(-1ns): give more than 0":                              transparency.WithMaxAge(-1),
		"WithClockSkew(-1ns): give 0 at least":                            transparency.WithClockSkew(-1),
		"WithReplayMemory(nil): give a memory; NewReplayMemory makes one": transparency.WithReplayMemory(nil),
		"WithOnReject(nil): give a function":                              transparency.WithOnReject(nil),
		"WithPadding(nil): give a function, such as cryptobox.Padme":      transparency.WithPadding(nil),
		"WithLogger(nil): give a logger, such as slog.Default()":          transparency.WithLogger(nil),
		"an Option that is nil: leave it out":                             nil,
	} {
		t.Run(text, func(t *testing.T) {
			_, err := transparency.Wrap(&scripted{}, harness.Realm, keyring.New(), option)
			require.ErrorIs(t, err, transparency.ErrOption)
			require.EqualError(t, err, "transparency: unusable option: "+text)
		})
	}
	_, err := transparency.Wrap(&scripted{}, harness.Realm, keyring.New(), transparency.WithMaxAge(1), transparency.WithClockSkew(0),
		transparency.WithReplayMemory(transparency.NewReplayMemory()))
	require.NoError(t, err)
}
