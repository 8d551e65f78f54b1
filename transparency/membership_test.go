package transparency_test

import (
	"context"
	"errors"
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

// listing is a ring whose version of a signed key is to have other lists.
type listing struct {
	*keyring.Ring
	change func(with, without keyring.Signing, role keyring.Role, party keyring.Party, add bool) error
}

// add lists a party in a role: the ring is then to have the parts with it, without it before.
func (l *listing) add(t testing.TB, with, without keyring.Signing, role keyring.Role, party keyring.Party) {
	t.Helper()
	require.NoError(t, l.change(with, without, role, party, true))
}

func (l *listing) remove(t testing.TB, with, without keyring.Signing, role keyring.Role, party keyring.Party) {
	t.Helper()
	require.NoError(t, l.change(with, without, role, party, false))
}

// listings are the ways in which a version gets other lists.
var listings = map[string]func(t *testing.T, first keyring.Signing) *listing{
	"AddParty, RemoveParty": func(t *testing.T, first keyring.Signing) *listing {
		ring := harness.ClosedRing(t, keyring.Signed(first))
		return &listing{ring, func(_, _ keyring.Signing, role keyring.Role, party keyring.Party, add bool) error {
			if add {
				return ring.AddParty(encrypted, role, party)
			}
			return ring.RemoveParty(encrypted, role, party)
		}}
	},
	"Set": func(t *testing.T, first keyring.Signing) *listing {
		ring := harness.ClosedRing(t, keyring.Signed(first))
		return &listing{ring, func(with, without keyring.Signing, _ keyring.Role, _ keyring.Party, add bool) error {
			if add {
				return ring.Set(encrypted, keyring.Signed(with))
			}
			return ring.Set(encrypted, keyring.Signed(without))
		}}
	},
	"Update": func(t *testing.T, first keyring.Signing) *listing {
		ring := keyring.New()
		update := func(parts keyring.Signing) error {
			_, err := ring.Update("file", harness.ClosedRing(t, keyring.Signed(parts)))
			return err
		}
		require.NoError(t, update(first))
		return &listing{ring, func(with, without keyring.Signing, _ keyring.Role, _ keyring.Party, add bool) error {
			if add {
				return update(with)
			}
			return update(without)
		}}
	},
}

// forEachListing runs the test with each way to change a list, and each way to sign.
func forEachListing(t *testing.T, test func(t *testing.T, c *company, list func(*testing.T, keyring.Signing) *listing)) {
	t.Helper()
	for _, once := range []bool{false, true} {
		for name, list := range listings {
			t.Run(map[bool]string{false: "signed/", true: "once/"}[once]+name, func(t *testing.T) { test(t, newCompany(once), list) })
		}
	}
}

// TestACallerIsRemovedBetweenChunks: none of it is opened any more, until it is listed again.
func TestACallerIsRemovedBetweenChunks(t *testing.T) {
	forEachListing(t, func(t *testing.T, c *company, list func(*testing.T, keyring.Signing) *listing) {
		for name, back := range map[string]bool{"removed": false, "removed and added again": true} {
			t.Run(name, func(t *testing.T) {
				with, without, r := c.serving(shop, billing), c.serving(shop), startRouter(t)
				ring := list(t, with)
				refused, collecting := harness.Collect()
				callee := local.session(t, r, ring.Ring, collecting)
				got := make(chan any, 10)
				require.NoError(t, callee.Register(keyedURI, func(_ context.Context, inv *wamp.Invocation) client.InvokeResult {
					got <- inv.Arguments[0]
					if wamp.OptionFlag(inv.Details, wamp.OptProgress) {
						return client.InvokeResult{Err: wamp.InternalProgressiveOmitResult}
					}
					return client.InvokeResult{Args: wamp.List{marker}}
				}, nil))
				caller := links[1].session(t, r, holding(t, c.sending(billing)))
				sent := 0
				_, err := caller.CallProgressive(harness.Timeout(t), keyedURI, func(context.Context) (wamp.Dict, wamp.List, wamp.Dict, error) {
					if sent++; sent == 3 {
						require.EqualValues(t, 1, harness.Receive(t, got))
						require.EqualValues(t, 2, harness.Receive(t, got))
						ring.remove(t, with, without, keyring.RoleOriginator, c.Party(billing))
						if back {
							ring.add(t, with, without, keyring.RoleOriginator, c.Party(billing))
						}
					}
					return wamp.Dict{wamp.OptProgress: sent < 4}, wamp.List{sent}, nil, nil
				}, nil)
				if back {
					require.NoError(t, err)
					require.Zero(t, refused.Count())
					require.Len(t, got, 2)
					return
				}
				harness.RequireRefused(t, err, 0)
				refusal := refused.Next(t)
				harness.RequireReason(t, refusal, transparency.WrongSender)
				require.Equal(t, "invocation", refusal.Op)
				harness.Nothing(t, got)
				require.Zero(t, callee.Stats().Sealed)
			})
		}
	})
}

// TestARemovedCallerOfARemovedVersion: it was taken off the list, and then its key off the ring.
// It is still not heard.
func TestARemovedCallerOfARemovedVersion(t *testing.T) {
	forEachListing(t, func(t *testing.T, c *company, list func(*testing.T, keyring.Signing) *listing) {
		with, without, r := c.serving(shop, billing), c.serving(shop), startRouter(t)
		ring := list(t, with)
		refused, collecting := harness.Collect()
		callee := local.session(t, r, ring.Ring, collecting)
		got := make(chan any, 10)
		require.NoError(t, callee.Register(keyedURI, func(_ context.Context, inv *wamp.Invocation) client.InvokeResult {
			got <- inv.Arguments[0]
			if wamp.OptionFlag(inv.Details, wamp.OptProgress) {
				return client.InvokeResult{Err: wamp.InternalProgressiveOmitResult}
			}
			return client.InvokeResult{Args: wamp.List{marker}}
		}, nil))
		caller := links[1].session(t, r, holding(t, c.sending(billing)))
		sent := 0
		_, err := caller.CallProgressive(harness.Timeout(t), keyedURI, func(context.Context) (wamp.Dict, wamp.List, wamp.Dict, error) {
			if sent++; sent == 2 {
				require.EqualValues(t, 1, harness.Receive(t, got))
				ring.remove(t, with, without, keyring.RoleOriginator, c.Party(billing))
				if err := ring.Remove(encrypted); err != nil {
					_, err = ring.Update("file", keyring.New())
					require.NoError(t, err)
				}
			}
			return wamp.Dict{wamp.OptProgress: sent < 3}, wamp.List{sent}, nil, nil
		}, nil)
		harness.RequireRefused(t, err, 0)
		harness.RequireReason(t, refused.Next(t), transparency.WrongSender)
		harness.Nothing(t, got)
		require.Zero(t, callee.Stats().Sealed)
	})
}

// TestACallerIsRemovedBeforeTheAnswer: it gets neither progress nor a result nor an error.
func TestACallerIsRemovedBeforeTheAnswer(t *testing.T) {
	forEachListing(t, func(t *testing.T, c *company, list func(*testing.T, keyring.Signing) *listing) {
		for name, result := range map[string]client.InvokeResult{
			"result": {Args: wamp.List{marker}}, "error": {Err: "com.myapp.error1", Args: wamp.List{marker}},
			"WAMP's error": {Err: wamp.ErrInvalidArgument, Args: wamp.List{marker}}, "keyed error": {Err: harness.Prefix + "error1"},
		} {
			t.Run(name, func(t *testing.T) {
				with, without, r := c.serving(shop, billing), c.serving(shop), startRouter(t)
				ring := list(t, with)
				refused, collecting := harness.Collect()
				callee := local.session(t, r, ring.Ring, collecting)
				progress := make(chan error, 3)
				require.NoError(t, callee.Register(keyedURI, func(ctx context.Context, _ *wamp.Invocation) client.InvokeResult {
					progress <- callee.SendProgress(ctx, wamp.List{"before"}, nil)
					ring.remove(t, with, without, keyring.RoleOriginator, c.Party(billing))
					progress <- callee.SendProgress(ctx, wamp.List{marker}, nil)
					return result
				}, nil))
				caller := links[1].session(t, r, holding(t, c.sending(billing)))
				var got []any
				_, err := caller.Call(harness.Timeout(t), keyedURI, nil, nil, nil, func(res *wamp.Result) { got = append(got, res.Arguments...) })
				require.Equal(t, []any{"before"}, got)
				require.NoError(t, harness.Receive(t, progress))
				harness.RequireReason(t, harness.Receive(t, progress), transparency.WrongSender)
				refusal := refused.Next(t)
				require.Equal(t, "yield", refusal.Op)
				harness.RequireReason(t, refusal, transparency.WrongSender)
				require.EqualValues(t, 1, callee.Stats().Sealed)
				harness.RequireRefused(t, err, 0)
			})
		}
	})
}

// TestAnAnswererIsRemovedInFlight: what it answers isn't taken any more, and is again once it
// is listed again.
func TestAnAnswererIsRemovedInFlight(t *testing.T) {
	forEachListing(t, func(t *testing.T, c *company, list func(*testing.T, keyring.Signing) *listing) {
		with, r := c.sending(billing), startRouter(t)
		without := with
		without.Answerers = c.parties(harness.DoingBoth)
		party := c.Party(harness.Responding)
		callee := local.session(t, r, holding(t, c.serving(billing)))
		ring := list(t, with)
		refused, collecting := harness.Collect()
		caller := links[1].session(t, r, ring.Ring, collecting)
		removed := make(chan struct{})
		for op, handler := range answers(callee, func() { <-removed }) {
			require.NoError(t, callee.Register(harness.Prefix+op, func(ctx context.Context, inv *wamp.Invocation) client.InvokeResult {
				if err := callee.SendProgress(ctx, wamp.List{"before"}, nil); err != nil {
					t.Error(err)
				}
				return handler(ctx, inv)
			}, nil))
			var got []any
			_, err := caller.Call(harness.Timeout(t), harness.Prefix+op, nil, nil, nil, func(res *wamp.Result) {
				got = append(got, res.Arguments...)
				ring.remove(t, with, without, keyring.RoleResponder, party)
				removed <- struct{}{}
			})
			harness.RequireReason(t, err, transparency.WrongSender)
			require.NotErrorAs(t, err, new(client.RPCError))
			require.Equal(t, []any{"before"}, got)
			require.Equal(t, op, refused.Next(t).Op)
			ring.add(t, with, without, keyring.RoleResponder, party)
		}
	})
}

// TestAnyAnswererIsTakenBackInFlight: an answer that was taken from anybody before has to be
// signed by now.
func TestAnyAnswererIsTakenBackInFlight(t *testing.T) {
	c, r := newCompany(false), startRouter(t)
	unsigned := c.serving(billing)
	unsigned.Sign = cryptobox.SigningKey{}
	callee := local.session(t, r, holding(t, unsigned))
	ring := holding(t, c.anyAnswerer(billing))
	caller := links[1].session(t, r, ring)
	listed := make(chan struct{})
	require.NoError(t, callee.Register(keyedURI, func(ctx context.Context, _ *wamp.Invocation) client.InvokeResult {
		if err := callee.SendProgress(ctx, nil, nil); err != nil {
			t.Error(err)
		}
		<-listed
		return client.InvokeResult{Args: wamp.List{marker}}
	}, nil))
	_, err := caller.Call(harness.Timeout(t), keyedURI, nil, nil, nil, func(progress *wamp.Result) {
		require.Zero(t, senderOf(t, progress.Details))
		require.NoError(t, ring.Set(encrypted, keyring.Signed(c.sending(billing))))
		close(listed)
	})
	harness.RequireReason(t, err, transparency.WrongSender)
}

// TestAPartyIsAddedWhileAllRuns: its answer to a call that is under way is taken, and so is
// what it sends from then on.
func TestAPartyIsAddedWhileAllRuns(t *testing.T) {
	forEachListing(t, func(t *testing.T, c *company, list func(*testing.T, keyring.Signing) *listing) {
		r := startRouter(t)
		withCallee := c.sending(billing)
		withoutCallee := withCallee
		withoutCallee.Answerers = c.parties(harness.DoingBoth)
		callerRing, calleeRing := list(t, withoutCallee), list(t, c.serving(shop))
		refused, collecting := harness.Collect()
		callee := local.session(t, r, calleeRing.Ring, collecting)
		caller := links[1].session(t, r, callerRing.Ring)
		got := events(t, callee, keyedURI, nil)
		require.NoError(t, callee.Register(keyedURI, func(context.Context, *wamp.Invocation) client.InvokeResult {
			callerRing.add(t, withCallee, withoutCallee, keyring.RoleResponder, c.Party(harness.Responding))
			return client.InvokeResult{Args: wamp.List{marker}}
		}, nil))
		call := func() (*wamp.Result, error) { return caller.Call(harness.Timeout(t), keyedURI, nil, nil, nil, nil) }
		_, err := call()
		harness.RequireRefused(t, err, 0)
		require.NoError(t, caller.Publish(keyedURI, nil, nil, nil))
		for range 2 {
			harness.RequireReason(t, refused.Next(t), transparency.WrongSender)
		}
		calleeRing.add(t, c.serving(shop, billing), c.serving(shop), keyring.RoleOriginator, c.Party(billing))
		require.NoError(t, caller.Publish(keyedURI, nil, nil, nil))
		require.Equal(t, c.sender(billing), senderOf(t, harness.Receive(t, got).Details))
		res, err := call()
		require.NoError(t, err)
		require.Equal(t, c.sender(harness.Responding), senderOf(t, res.Details))
	})
}

// TestListsChangeAllTheTime while calls and events go on: those whose party is listed lose
// nothing, and the others' calls fail or are answered.
func TestListsChangeAllTheTime(t *testing.T) {
	c, r := newCompany(false), startRouter(t)
	ring := holding(t, c.serving(billing, shop))
	callee := links[1].session(t, r, ring)
	require.NoError(t, callee.Register(keyedURI, harness.Echo, nil))
	var wg sync.WaitGroup
	over := make(chan struct{})
	wg.Go(func() {
		defer close(over)
		s := links[2].session(t, r, holding(t, c.sending(billing)))
		for i := range 200 {
			if _, err := s.Call(harness.Timeout(t), keyedURI, nil, wamp.List{i}, nil, nil); err != nil {
				t.Error("listed all the time: ", err)
			}
		}
	})
	wg.Go(func() {
		s := links[2].session(t, r, holding(t, c.sending(shop)))
		answered, refused := 0, 0
		for goesOn := true; goesOn; {
			_, err := s.Call(harness.Timeout(t), keyedURI, nil, nil, nil, nil)
			switch raised, ok := errors.AsType[client.RPCError](err); {
			case err == nil:
				answered++
			case ok: // it was removed before the result, and is back
				require.EqualValues(t, "wamp.error.runtime_error", raised.Err.Error)
				fallthrough
			default:
				refused++
			}
			select {
			case <-over:
				goesOn = false
			default:
			}
		}
		t.Log("of the party that comes and goes", answered, "calls were answered, and", refused, "refused")
	})
	for {
		require.NoError(t, ring.RemoveParty(encrypted, keyring.RoleOriginator, c.Party(shop)))
		require.NoError(t, ring.AddParty(encrypted, keyring.RoleOriginator, c.Party(shop)))
		select {
		case <-over:
			wg.Wait()
			return
		default:
		}
	}
}
