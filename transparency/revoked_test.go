package transparency_test

import (
	"context"
	"sync"
	"testing"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

var encrypted = keyring.Prefix(harness.Prefix)

// ringOf gives a ring with a key, and what revokes it.
type ringOf func(t *testing.T, key keyring.Key) (ring *keyring.Ring, revoke func())

// revocations are the ways to revoke a key.
var revocations = map[string]ringOf{
	"Revoke": func(t *testing.T, key keyring.Key) (*keyring.Ring, func()) {
		ring := harness.ClosedRing(t, key)
		return ring, func() { require.NoError(t, ring.Revoke(encrypted, key.ID())) }
	},
	"Update": func(t *testing.T, key keyring.Key) (*keyring.Ring, func()) {
		ring := keyring.New()
		update := func(version keyring.KeyVersion) {
			content := keyring.New()
			require.NoError(t, content.SetVersions(encrypted, version))
			_, err := ring.Update("file", content)
			require.NoError(t, err)
		}
		update(keyring.KeyVersion{Key: key})
		return ring, func() { update(keyring.KeyVersion{Key: keyring.Revoked(key.ID()), Revoked: true}) }
	},
}

func forEachRevocation(t *testing.T, test func(t *testing.T, k harness.Keys, with ringOf)) {
	t.Helper()
	for _, s := range schemes {
		if s.name != "wampbox" && s.Parties() == nil {
			continue
		}
		for name, with := range revocations {
			t.Run(s.name+"/"+name, func(t *testing.T) { test(t, s.Keys, with) })
		}
	}
}

// TestRevokedAtTheCalleeBetweenChunks: none is opened any more.
func TestRevokedAtTheCalleeBetweenChunks(t *testing.T) {
	forEachRevocation(t, func(t *testing.T, k harness.Keys, with ringOf) {
		r := startRouter(t)
		ring, revoke := with(t, k.ResponderKey())
		refused, option := harness.Collect()
		callee := local.session(t, r, ring, option)
		got := make(chan any, 10)
		require.NoError(t, callee.Register(harness.Prefix+"x", func(_ context.Context, inv *wamp.Invocation) client.InvokeResult {
			got <- inv.Arguments[0]
			if wamp.OptionFlag(inv.Details, wamp.OptProgress) {
				return client.InvokeResult{Err: wamp.InternalProgressiveOmitResult}
			}
			return client.InvokeResult{Args: wamp.List{"secret"}}
		}, nil))
		caller := links[1].session(t, r, harness.RingOf(t, k.OriginatorKey()))
		sent := 0
		_, err := caller.CallProgressive(harness.Timeout(t), harness.Prefix+"x", func(context.Context) (wamp.Dict, wamp.List, wamp.Dict, error) {
			if sent++; sent == 3 {
				require.EqualValues(t, 1, harness.Receive(t, got))
				require.EqualValues(t, 2, harness.Receive(t, got))
				revoke()
			}
			return wamp.Dict{wamp.OptProgress: sent < 4}, wamp.List{sent}, nil, nil
		}, nil)
		harness.RequireRefused(t, err, 0)
		refusal := refused.Next(t)
		harness.RequireReason(t, refusal, transparency.NotOpened)
		require.ErrorIs(t, refusal, keyring.ErrRevoked)
		require.Equal(t, "invocation", refusal.Op)
		harness.Nothing(t, got)
		require.EqualValues(t, 2, callee.Stats().Opened)
		require.EqualValues(t, 0, callee.Stats().Sealed)
	})
}

// TestRevokedAtTheCalleeBeforeTheAnswer: neither progress nor a result nor an error is
// sealed any more, and none goes out in plain, its URI neither.
func TestRevokedAtTheCalleeBeforeTheAnswer(t *testing.T) {
	forEachRevocation(t, func(t *testing.T, k harness.Keys, with ringOf) {
		for name, result := range map[string]client.InvokeResult{
			"result":         {Args: wamp.List{"secret"}, Kwargs: wamp.Dict{"k": "secret"}},
			"error":          {Err: "wamp.error.invalid_argument", Args: wamp.List{"secret"}},
			"an own error":   {Err: "com.myapp.error1", Args: wamp.List{"secret"}},
			"a keyed error":  {Err: harness.Prefix + "error1", Args: wamp.List{"secret"}},
			"error, no more": {Err: "wamp.error.invalid_argument"},
		} {
			t.Run(name, func(t *testing.T) {
				r := startRouter(t)
				ring, revoke := with(t, k.ResponderKey())
				refused, option := harness.Collect()
				callee := local.session(t, r, ring, option)
				progress := make(chan error, 2)
				require.NoError(t, callee.Register(harness.Prefix+"x", func(ctx context.Context, _ *wamp.Invocation) client.InvokeResult {
					progress <- callee.SendProgress(ctx, wamp.List{"before"}, nil)
					revoke()
					progress <- callee.SendProgress(ctx, wamp.List{"secret"}, nil)
					return result
				}, nil))
				caller := links[1].session(t, r, harness.RingOf(t, k.OriginatorKey()))
				var got []any
				_, err := caller.Call(harness.Timeout(t), harness.Prefix+"x", nil, nil, nil, func(res *wamp.Result) { got = append(got, res.Arguments...) })
				require.Equal(t, []any{"before"}, got)
				require.NoError(t, harness.Receive(t, progress))
				late := harness.Receive(t, progress)
				harness.RequireReason(t, late, transparency.NoKey)
				require.ErrorIs(t, late, keyring.ErrNoActive)
				refusal := refused.Next(t)
				require.Equal(t, "yield", refusal.Op)
				harness.RequireReason(t, refusal, transparency.NoKey)
				require.EqualValues(t, 1, callee.Stats().Sealed)
				harness.RequireRefused(t, err, 0) // nothing may be sealed, so it is random
			})
		}
	})
}

// TestRevokedAtTheCallerInFlight: what answers a call isn't opened any more.
func TestRevokedAtTheCallerInFlight(t *testing.T) {
	forEachRevocation(t, func(t *testing.T, k harness.Keys, with ringOf) {
		for name, answer := range map[string]func(ctx context.Context, callee *transparency.Session) client.InvokeResult{
			"progress": func(ctx context.Context, callee *transparency.Session) client.InvokeResult {
				_ = callee.SendProgress(ctx, wamp.List{"progress"}, nil)
				<-ctx.Done() // the caller ends the call
				return client.InvocationCanceled
			},
			"result": func(context.Context, *transparency.Session) client.InvokeResult {
				return client.InvokeResult{Args: wamp.List{"result"}}
			},
			"error": func(context.Context, *transparency.Session) client.InvokeResult {
				return client.InvokeResult{Err: "com.myapp.error1", Args: wamp.List{"error"}}
			},
		} {
			t.Run(name, func(t *testing.T) {
				r := startRouter(t)
				ring, revoke := with(t, k.OriginatorKey())
				callee := local.session(t, r, harness.RingOf(t, k.ResponderKey()))
				done := make(chan struct{})
				end := sync.OnceFunc(func() { close(done) })
				require.NoError(t, callee.Register(harness.Prefix+"x", func(ctx context.Context, _ *wamp.Invocation) client.InvokeResult {
					if err := callee.SendProgress(ctx, wamp.List{"before"}, nil); err != nil {
						t.Error(err)
					}
					<-done
					return answer(ctx, callee)
				}, nil))
				refused, option := harness.Collect()
				caller := links[1].session(t, r, ring, option)
				var got []any
				_, err := caller.Call(harness.Timeout(t), harness.Prefix+"x", nil, nil, nil, func(res *wamp.Result) {
					got = append(got, res.Arguments...)
					revoke()
					end()
				})
				harness.RequireReason(t, err, transparency.NotOpened)
				require.ErrorIs(t, err, keyring.ErrRevoked)
				require.NotErrorAs(t, err, new(client.RPCError))
				require.Equal(t, []any{"before"}, got)
				require.Equal(t, name, refused.Next(t).Op)
				_, err = caller.Call(harness.Timeout(t), harness.Prefix+"x", nil, nil, nil, nil)
				harness.RequireReason(t, err, transparency.NoKey)
				require.ErrorIs(t, err, keyring.ErrNoActive)
			})
		}
	})
}

// TestRevokedAtTheCallerBetweenChunks: no further chunk is sealed, and none sent.
func TestRevokedAtTheCallerBetweenChunks(t *testing.T) {
	forEachRevocation(t, func(t *testing.T, k harness.Keys, with ringOf) {
		r := startRouter(t)
		got, ended := make(chan any, 10), make(chan struct{})
		callee := local.session(t, r, harness.RingOf(t, k.ResponderKey()))
		require.NoError(t, callee.Register(harness.Prefix+"x", func(ctx context.Context, inv *wamp.Invocation) client.InvokeResult {
			got <- inv.Arguments[0]
			<-ctx.Done() // the caller ends the call
			close(ended)
			return client.InvocationCanceled
		}, nil))
		ring, revoke := with(t, k.OriginatorKey())
		caller := links[1].session(t, r, ring)
		sent := 0
		_, err := caller.CallProgressive(harness.Timeout(t), harness.Prefix+"x", func(context.Context) (wamp.Dict, wamp.List, wamp.Dict, error) {
			if sent++; sent == 2 {
				require.EqualValues(t, 1, harness.Receive(t, got))
				revoke()
			}
			return wamp.Dict{wamp.OptProgress: true}, wamp.List{sent}, nil, nil
		}, nil)
		harness.RequireReason(t, err, transparency.NoKey)
		require.ErrorIs(t, err, keyring.ErrNoActive)
		harness.Receive(t, ended)
		harness.Nothing(t, got)
		require.Equal(t, 2, sent, "asked for more")
		require.EqualValues(t, 1, caller.Stats().Sealed)
	})
}

// TestRevokedAfterItWasTakenOff: a file that first drops a version, or its pattern, and
// then says that it is revoked, ends exchanges that are under way with it.
func TestRevokedAfterItWasTakenOff(t *testing.T) {
	k := harness.NewKeys()
	key := k.ResponderKey()
	next := keyring.KeyVersion{Key: keyring.Responder(k.Responder, cryptobox.GenerateKey().Public())}
	revoked := keyring.KeyVersion{Key: keyring.Revoked(key.ID()), Revoked: true}
	for name, contents := range map[string][][]keyring.KeyVersion{
		"revoked":             {{revoked}},
		"replaced, revoked":   {{next}, {next, revoked}},
		"taken off, revoked":  {{}, {revoked}},
		"taken off, replaced": {{}, {next, revoked}},
	} {
		t.Run(name, func(t *testing.T) {
			ring := keyring.New()
			update := func(versions ...keyring.KeyVersion) {
				content := keyring.New()
				if len(versions) > 0 {
					require.NoError(t, content.SetVersions(encrypted, versions...))
				}
				_, err := ring.Update("file", content)
				require.NoError(t, err)
			}
			update(keyring.KeyVersion{Key: key})
			r := startRouter(t)
			callee := local.session(t, r, ring)
			late := make(chan error, 1)
			require.NoError(t, callee.Register(harness.Prefix+"x", func(ctx context.Context, _ *wamp.Invocation) client.InvokeResult {
				for _, versions := range contents {
					update(versions...)
				}
				late <- callee.SendProgress(ctx, wamp.List{"secret"}, nil)
				return client.InvokeResult{Args: wamp.List{"secret"}}
			}, nil))
			caller := links[1].session(t, r, harness.RingOf(t, k.OriginatorKey()))
			_, err := caller.Call(harness.Timeout(t), harness.Prefix+"x", nil, nil, nil, func(*wamp.Result) {})
			require.Zero(t, callee.Stats().Sealed, "sealed with a version that the ring knows to be revoked: %v", ring.Versions(encrypted))
			require.Error(t, err)
			harness.RequireReason(t, harness.Receive(t, late), transparency.NoKey)
		})
	}
}
