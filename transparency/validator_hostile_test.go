package transparency_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// sealedEvent has a peer publish, and returns what a router got of it.
func sealedEvent(t *testing.T, v *victim, k harness.Keys, topic string, arg any) wamp.Dict {
	t.Helper()
	r := startRouter(t)
	got := events(t, local.plain(t, r), topic, nil)
	peer := links[1].session(t, r, harness.RingOf(t, k.OriginatorKey()))
	require.NoError(t, peer.Publish(topic, nil, wamp.List{arg}, nil))
	sealed := harness.Receive(t, got).ArgumentsKw
	require.NoError(t, v.router.Publish(topic, nil, nil, sealed))
	require.Equal(t, wamp.List{arg}, harness.Receive(t, v.events).Arguments)
	return sealed
}

var errOwn = errors.New("an error of the validator's own, that quotes " + marker)

// TestTextsOfValidators: of an error that isn't an InvalidError nothing is shown, and of one
// that is, no more than fits a line.
func TestTextsOfValidators(t *testing.T) {
	long := strings.Repeat("long", 1000)
	for name, c := range map[string]struct {
		verdict error
		shown   string
		told    wamp.Dict
	}{
		"own":     {errOwn, ": invalid: the validator refuses it", nil},
		"wrapped": {fmt.Errorf("%s: %w", marker, &transparency.InvalidError{Path: "args[0]", Why: "type"}), ": invalid: args[0]: type", wamp.Dict{"path": "args[0]", "why": "type"}},
		"whole":   {&transparency.InvalidError{Why: "required"}, ": invalid: required", wamp.Dict{"path": "", "why": "required"}},
		"nil":     {(*transparency.InvalidError)(nil), ": invalid", wamp.Dict{"path": "", "why": ""}},
		"lines":   {&transparency.InvalidError{Path: "a\nb\xff", Why: "c\x1b[31m"}, `: invalid: "a\nb\xff": "c\x1b[31m"`, wamp.Dict{"path": `"a\nb\xff"`, "why": `"c\x1b[31m"`}},
		"long":    {&transparency.InvalidError{Path: long, Why: long}, ": invalid: ", nil},
	} {
		t.Run(name, func(t *testing.T) {
			k, r, log := harness.NewKeys(), startRouter(t), &harness.Buffer{}
			refused, collecting := harness.Collect()
			option := transparency.WithValidator(validatorFunc(func(*transparency.Payload) error { return c.verdict }))
			responder := links[1].session(t, r, harness.RingOf(t, k.ResponderKey()), option, collecting, transparency.WithLogger(slog.New(slog.NewTextHandler(log, nil))))
			require.NoError(t, responder.Register(harness.Prefix+"x", harness.Echo, nil))
			originator := links[1].session(t, r, harness.RingOf(t, k.OriginatorKey()))
			_, err := originator.Call(harness.Timeout(t), harness.Prefix+"x", nil, wamp.List{marker}, nil, nil)
			raised := harness.Raised(t, err)
			require.Equal(t, wamp.ErrInvalidArgument, raised.Error)
			if name == "long" {
				for _, text := range raised.ArgumentsKw {
					require.Less(t, len(text.(string)), 300)
				}
			} else {
				require.Equal(t, c.told, raised.ArgumentsKw)
			}
			e := refused.Next(t)
			require.ErrorIs(t, e, c.verdict)
			require.Contains(t, e.Error(), c.shown)
			require.Less(t, len(e.Error()), 1000)
			for _, text := range []string{e.Error(), log.String(), fmt.Sprint(raised)} {
				require.NotContains(t, text, marker)
				require.NotContains(t, text, "\x1b")
			}
			require.Equal(t, 1, strings.Count(log.String(), "\n"))
		})
	}
}

// TestPanicOfValidators is a refusal that holds nothing of the panic. It isn't the caller's
// fault.
func TestPanicOfValidators(t *testing.T) {
	panicking := transparency.WithValidator(validatorFunc(func(p *transparency.Payload) error {
		if args := p.Args(); len(args) == 1 && args[0] == marker {
			panic(marker)
		}
		return nil
	}))
	for _, uri := range []string{harness.Prefix + "x", "com.plain.x"} {
		k, r := harness.NewKeys(), startRouter(t)
		refused, collecting := harness.Collect()
		shielded := func(err error) {
			t.Helper()
			harness.RequireReason(t, err, transparency.Invalid)
			require.ErrorIs(t, err, transparency.ErrPanic)
			require.Contains(t, err.Error(), ": the Validator, in ")
			require.NotContains(t, err.Error(), marker)
		}
		responder := links[1].session(t, r, harness.RingOf(t, k.ResponderKey()), panicking, collecting)
		require.NoError(t, responder.Register(uri, func(ctx context.Context, _ *wamp.Invocation) client.InvokeResult {
			if err := responder.SendProgress(ctx, wamp.List{marker}, nil); err != nil {
				return client.InvokeResult{Args: wamp.List{err.Error()}}
			}
			return client.InvokeResult{}
		}, nil))
		got := events(t, responder, uri, nil)
		originator := links[1].session(t, r, harness.RingOf(t, k.OriginatorKey()))
		require.NoError(t, originator.Publish(uri, nil, wamp.List{marker}, nil))
		shielded(refused.Next(t))
		_, err := originator.Call(harness.Timeout(t), uri, nil, wamp.List{marker}, nil, nil)
		raised := harness.Raised(t, err)
		require.EqualValues(t, "wamp.error.runtime_error", raised.Error)
		require.Empty(t, raised.ArgumentsKw)
		shielded(refused.Next(t))

		careful := links[1].session(t, r, harness.RingOf(t, k.OriginatorKey()), panicking)
		shielded(careful.Publish(uri, nil, wamp.List{marker}, nil))
		require.NoError(t, careful.Publish(uri, nil, wamp.List{"on"}, nil))
		require.Equal(t, wamp.List{"on"}, harness.Receive(t, got).Arguments)
		res, err := careful.Call(harness.Timeout(t), uri, nil, nil, nil, func(*wamp.Result) {})
		require.NoError(t, err)
		require.Contains(t, res.Arguments[0], ": the Validator, in ")
	}
}

// TestSlowValidatorsHoldUpNothingElse: one that looks at a call for long holds up that call
// alone, and Close doesn't wait for one that looks at an event for ever.
func TestSlowValidatorsHoldUpNothingElse(t *testing.T) {
	slow, on := make(chan struct{}, 10), make(chan struct{})
	waiting := transparency.WithValidator(validatorFunc(func(p *transparency.Payload) error {
		if args := p.Args(); len(args) == 1 && args[0] == "slow" {
			slow <- struct{}{}
			<-on
		}
		return nil
	}))
	k, r := harness.NewKeys(), startRouter(t)
	cfg := links[1].config()
	cfg.ResponseTimeout = 100 * time.Millisecond
	responder, err := transparency.ConnectNet(harness.Timeout(t), links[1].url(r), cfg, harness.RingOf(t, k.ResponderKey()), waiting)
	require.NoError(t, err)
	uri := harness.Prefix + "slow"
	require.NoError(t, responder.Register(uri, func(context.Context, *wamp.Invocation) client.InvokeResult { return client.InvokeResult{} }, nil))
	got := events(t, responder, uri, nil)
	originator := links[1].session(t, r, harness.RingOf(t, k.OriginatorKey()))
	call := harness.Calling(func(ctx context.Context) (*wamp.Result, error) {
		return originator.Call(ctx, uri, nil, wamp.List{"slow"}, nil, nil)
	})
	harness.Receive(t, slow)
	_, err = originator.Call(harness.Timeout(t), uri, nil, wamp.List{"quick"}, nil, nil)
	require.NoError(t, err)
	require.NoError(t, originator.Publish(uri, nil, wamp.List{"quick"}, nil))
	require.Equal(t, wamp.List{"quick"}, harness.Receive(t, got).Arguments)
	on <- struct{}{}
	require.NoError(t, harness.Receive(t, call).Err)

	require.NoError(t, originator.Publish(uri, nil, wamp.List{"slow"}, nil))
	harness.Receive(t, slow)
	require.ErrorIs(t, responder.Close(), transparency.ErrCloseTimeout)
	close(on)
}

// TestWhatCannotBeShownIsInvalid: a validator sees all of a payload, or it isn't sent.
func TestWhatCannotBeShownIsInvalid(t *testing.T) {
	var asked atomic.Int64
	counting := transparency.WithValidator(validatorFunc(func(*transparency.Payload) error {
		asked.Add(1)
		return nil
	}))
	s := links[1].session(t, startRouter(t), harness.PlainRing(t), counting)
	for _, v := range []any{make(chan string, 1), func() {}, map[int]string{1: marker}} {
		err := s.Publish("com.plain.x", nil, wamp.List{v}, nil)
		harness.RequireReason(t, err, transparency.Invalid)
		require.Contains(t, err.Error(), "args[0]")
		require.NotContains(t, err.Error(), marker)
	}
	require.Zero(t, asked.Load())
}

func TestValidatorOption(t *testing.T) {
	_, err := transparency.Wrap(local.plain(t, startRouter(t)), harness.Realm, harness.PlainRing(t), transparency.WithValidator(nil))
	require.ErrorIs(t, err, transparency.ErrOption)
}

// selective covers the events of one topic.
type selective struct{ asked atomic.Int64 }

func (*selective) Covers(kind cryptobox.Kind, uri string) bool {
	if uri == "com.plain.panics" {
		panic(marker)
	}
	return kind == cryptobox.KindPublish && uri == "com.plain.covered"
}

func (s *selective) Validate(*transparency.Payload) error {
	s.asked.Add(1)
	return nil
}

// TestWhatIsNotCovered is left alone.
func TestWhatIsNotCovered(t *testing.T) {
	var v selective
	s := links[1].session(t, startRouter(t), harness.PlainRing(t), transparency.WithValidator(&v))
	require.NoError(t, s.Publish("com.plain.other", nil, wamp.List{make(chan string, 1)}, nil))
	require.Zero(t, v.asked.Load())
	require.NoError(t, s.Publish("com.plain.covered", nil, nil, nil))
	require.EqualValues(t, 1, v.asked.Load())
	_, err := s.Call(harness.Timeout(t), "com.plain.covered", nil, nil, nil, nil)
	require.Equal(t, wamp.ErrNoSuchProcedure, harness.Raised(t, err).Error)
	require.EqualValues(t, 1, v.asked.Load())
	err = s.Publish("com.plain.panics", nil, nil, nil)
	harness.RequireReason(t, err, transparency.Invalid)
	require.ErrorIs(t, err, transparency.ErrPanic)
	require.NotContains(t, err.Error(), marker)
}

// TestErrorsWithoutArguments are valid: their URI alone is what is sent where arguments can't be.
func TestErrorsWithoutArguments(t *testing.T) {
	none := transparency.WithValidator(validatorFunc(func(p *transparency.Payload) error {
		if p.Kind == cryptobox.KindError {
			return &transparency.InvalidError{Why: "required"}
		}
		return nil
	}))
	k, r := harness.NewKeys(), startRouter(t)
	for _, uri := range []string{harness.Prefix + "x", "com.plain.x"} {
		responder := links[1].session(t, r, harness.RingOf(t, k.ResponderKey()), none)
		require.NoError(t, responder.Register(uri, func(_ context.Context, inv *wamp.Invocation) client.InvokeResult {
			return client.InvokeResult{Err: "com.plain.error", Args: inv.Arguments}
		}, nil))
		originator := links[1].session(t, r, harness.RingOf(t, k.OriginatorKey()), none)
		for _, args := range []wamp.List{nil, {1}} {
			_, err := originator.Call(harness.Timeout(t), uri, nil, args, nil, nil)
			raised := harness.Raised(t, err)
			require.EqualValues(t, "com.plain.error", raised.Error)
			require.Empty(t, raised.Arguments)
		}
	}
}

// changing is another number each time that it is written.
type changing struct{ n *atomic.Int64 }

func (c changing) MarshalJSON() ([]byte, error) { return []byte(fmt.Sprint(c.n.Add(1))), nil }

func (c changing) UnmarshalJSON([]byte) error { return nil }

// TestWhatWasLookedAtIsSealed: a value that writes itself is asked once.
func TestWhatWasLookedAtIsSealed(t *testing.T) {
	atResponder, watching := watch()
	atOriginator, watchingToo := watch()
	k, r := harness.NewKeys(), startRouter(t)
	responder := links[1].session(t, r, harness.RingOf(t, k.ResponderKey()), watching)
	originator := links[1].session(t, r, harness.RingOf(t, k.OriginatorKey()), watchingToo)
	uri, n := harness.Prefix+"x", &atomic.Int64{}
	require.NoError(t, responder.Register(uri, func(ctx context.Context, inv *wamp.Invocation) client.InvokeResult {
		if err := responder.SendProgress(ctx, wamp.List{changing{n}}, nil); err != nil {
			return client.InvokeResult{}
		}
		if len(inv.Arguments) == 2 {
			return client.InvokeResult{Err: "com.plain.error", Args: wamp.List{changing{n}}}
		}
		return client.InvokeResult{Args: wamp.List{changing{n}}}
	}, nil))
	got := events(t, responder, uri, nil)
	require.NoError(t, originator.Publish(uri, nil, wamp.List{changing{n}}, nil))
	harness.Receive(t, got)
	for _, args := range []wamp.List{{changing{n}}, {changing{n}, true}} {
		_, err := originator.Call(harness.Timeout(t), uri, nil, args, nil, func(*wamp.Result) {})
		require.Equal(t, len(args) == 2, err != nil)
	}
	for range 7 { // an event, and twice a call, progress and an answer
		a, b := harness.Receive(t, atOriginator), harness.Receive(t, atResponder)
		require.Equal(t, a.Kind, b.Kind)
		require.Equal(t, a.Args(), b.Args())
	}
}
