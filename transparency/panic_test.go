package transparency_test

import (
	"context"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// panicText is what the handlers of these tests panic with.
const panicText = "the application's own"

// TestPanicOfPadding is an error of what is sealed, that holds nothing of the panic, and takes
// nothing else with it: no lock is held, no call hangs, and other handlers go on. What a
// function that an application gives with a call panics with is the application's own.
func TestPanicOfPadding(t *testing.T) {
	k := harness.NewKeys()
	r := startRouter(t)
	var bad atomic.Bool
	pad := transparency.WithPadding(func(n int) int {
		if bad.CompareAndSwap(true, false) {
			panic(panicText)
		}
		return n
	})
	refused, collecting := harness.Collect()
	caller := links[1].session(t, r, harness.RingOf(t, k.OriginatorKey()), pad, collecting)
	callee := links[1].session(t, r, harness.RingOf(t, k.ResponderKey()), pad, collecting)
	got := events(t, callee, harness.Prefix+"x", nil)
	failing := func(what func() error) {
		t.Helper()
		bad.Store(true)
		err := what()
		harness.RequireReason(t, err, transparency.Misuse)
		require.ErrorIs(t, err, transparency.ErrPanic)
		require.Contains(t, err.Error(), ": padding, in ")
		require.NotContains(t, err.Error(), panicText)
	}
	require.NoError(t, callee.Register(harness.Prefix+"x", func(ctx context.Context, inv *wamp.Invocation) client.InvokeResult {
		failing(func() error { return callee.SendProgress(ctx, wamp.List{"lost"}, nil) })
		if err := callee.SendProgress(ctx, wamp.List{"part"}, nil); err != nil {
			return client.InvokeResult{Err: "com.plain.broken"}
		}
		return client.InvokeResult{Args: inv.Arguments}
	}, nil))
	require.NoError(t, callee.Register(harness.Prefix+"unsealable", func(context.Context, *wamp.Invocation) client.InvokeResult {
		bad.Store(true)
		return client.InvokeResult{}
	}, nil))

	failing(func() error { return caller.Publish(harness.Prefix+"x", nil, wamp.List{"lost"}, nil) })
	failing(func() error {
		_, err := caller.Call(harness.Timeout(t), harness.Prefix+"x", nil, wamp.List{"lost"}, nil, nil)
		return err
	})
	require.PanicsWithValue(t, panicText, func() {
		_, _ = caller.CallProgressive(harness.Timeout(t), harness.Prefix+"x", func(context.Context) (wamp.Dict, wamp.List, wamp.Dict, error) { panic(panicText) }, nil)
	})
	require.Zero(t, refused.Count())
	_, err := caller.Call(harness.Timeout(t), harness.Prefix+"unsealable", nil, nil, nil, nil)
	require.EqualValues(t, "wamp.error.runtime_error", harness.Raised(t, err).Error)
	require.ErrorIs(t, refused.Next(t), transparency.ErrPanic)

	var progress []any
	res, err := caller.Call(harness.Timeout(t), harness.Prefix+"x", nil, wamp.List{"hi"}, nil, func(part *wamp.Result) { progress = append(progress, part.Arguments...) })
	require.NoError(t, err)
	require.Equal(t, wamp.List{"hi"}, res.Arguments)
	require.Equal(t, []any{"part"}, progress)
	require.NoError(t, caller.Publish(harness.Prefix+"x", nil, wamp.List{"event"}, nil))
	require.Equal(t, wamp.List{"event"}, harness.Receive(t, got).Arguments)
	require.NoError(t, caller.Close())
	require.NoError(t, callee.Close())
}

// panicsAlways is a ReplayMemory, a logger and a key device at once.
type panicsAlways struct{ public cryptobox.PublicKey }

func (panicsAlways) Accept(context.Context, *transparency.ReplayMessage) error { panic(panicText) }
func (panicsAlways) Shared() bool                                              { return false }
func (panicsAlways) Enabled(context.Context, slog.Level) bool                  { panic(panicText) }
func (panicsAlways) Handle(context.Context, slog.Record) error                 { panic(panicText) }
func (p panicsAlways) WithAttrs([]slog.Attr) slog.Handler                      { return p }
func (p panicsAlways) WithGroup(string) slog.Handler                           { return p }
func (panicsAlways) Print(...any)                                              { panic(panicText) }
func (panicsAlways) Println(...any)                                            { panic(panicText) }
func (panicsAlways) Printf(string, ...any)                                     { panic(panicText) }
func (p panicsAlways) Public() cryptobox.PublicKey                             { return p.public }
func (panicsAlways) ECDH(cryptobox.PublicKey) ([]byte, error)                  { panic(panicText) }

// enabled is a logger that panics later.
type enabled struct{ panicsAlways }

func (enabled) Enabled(context.Context, slog.Level) bool { return true }

// TestPanicOfAReplayMemory refuses the message.
func TestPanicOfAReplayMemory(t *testing.T) {
	p := post(t, harness.NewKeys(), transparency.WithReplayMemory(panicsAlways{}))
	sub := p.subscribe(harness.Prefix+"x", nil)
	p.refuses(sub, p.publication(nil), transparency.StoreDown)
	require.ErrorIs(t, p.refused[0], transparency.ErrPanic)
	require.Contains(t, p.refused[0].Error(), "replay memory can't be reached: code of the application panicked: ReplayMemory, in ")
	require.NotContains(t, p.refused[0].Error(), panicText)
}

// TestPanicOfADevice is an error of what is sealed, and refuses what is to be opened.
func TestPanicOfADevice(t *testing.T) {
	own, other := cryptobox.GenerateKey(), cryptobox.GenerateKey()
	device := panicsAlways{own.Public()}
	s, _ := stubbed(t, harness.RingOf(t, keyring.OriginatorDevice(device, other.Public())))
	err := s.Publish(harness.Prefix+"x", nil, nil, nil)
	require.ErrorIs(t, err, transparency.ErrPanic)
	require.ErrorIs(t, err, cryptobox.ErrDevice)
	harness.RequireReason(t, err, transparency.DeviceDown)
	require.NotContains(t, err.Error(), panicText)

	p := post(t, harness.Keys{Originator: other, Responder: own})
	require.NoError(t, p.ring.Set(keyring.Prefix(harness.Prefix), keyring.ResponderDevice(device, other.Public())))
	p.subscribe(harness.Prefix+"x", nil).deliver(event(p.publication(nil), false))
	require.ErrorIs(t, p.refused[0], transparency.ErrPanic)
	harness.RequireReason(t, p.refused[0], transparency.DeviceDown)
}

// TestPanicOfALogger and of OnReject: messages are refused as if they had not.
func TestPanicOfALogger(t *testing.T) {
	for name, logger := range map[string]slog.Handler{"at once": panicsAlways{}, "later": enabled{}} {
		t.Run(name, func(t *testing.T) {
			p := post(t, harness.NewKeys(), transparency.WithLogger(slog.New(logger)))
			p.refuses(p.subscribe(harness.Prefix+"x", nil), nil, transparency.Plaintext)
		})
	}
	cfg := harness.Config(0)
	cfg.Logger = panicsAlways{}
	r := startRouter(t)
	s, err := transparency.ConnectLocal(r.Router(), cfg, keyring.New())
	require.NoError(t, err)
	require.Equal(t, panicsAlways{}, s.Logger())
	require.NoError(t, r.Close()) // which is logged
	harness.Receive(t, s.Done())
}

func TestPanicOfOnReject(t *testing.T) {
	out := &harness.Buffer{}
	sub := &inbox{}
	box := &scripted{}
	s, err := transparency.Wrap(box, harness.Realm, harness.RingOf(t, harness.NewKeys().ResponderKey()),
		transparency.WithLogger(slog.New(slog.NewTextHandler(out, nil))),
		transparency.WithOnReject(func(*transparency.Error) { panic(panicText) }))
	require.NoError(t, err)
	require.NoError(t, s.Subscribe(harness.Prefix+"x", func(ev *wamp.Event) { sub.got = append(sub.got, ev) }, nil))
	box.onEvent(event(nil, false))
	require.Empty(t, sub.got)
	require.Equal(t, 1, strings.Count(out.String(), `msg="a callback failed" error="code of the application panicked: OnReject, in `), out.String())
	require.NotContains(t, out.String(), panicText)
	require.EqualValues(t, 1, s.Stats().Rejected[transparency.Plaintext])
}
