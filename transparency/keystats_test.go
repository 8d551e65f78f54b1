package transparency_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/wire"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// keyed are the rows of Stats by the id of the key, "" for a pattern alone.
func keyed(t testing.TB, s *transparency.Session) map[string]transparency.KeyStats {
	t.Helper()
	rows := map[string]transparency.KeyStats{}
	for _, k := range s.Stats().Keys {
		require.Equal(t, encrypted, k.Pattern)
		require.NotContains(t, rows, k.KeyID)
		rows[k.KeyID] = k
	}
	return rows
}

// chunk is one of a progressive call, and says by its number whether more are to come.
func chunk(i, last int) (wamp.Dict, wamp.List, wamp.Dict, error) {
	return wamp.Dict{wamp.OptProgress: i < last}, wamp.List{i}, nil, nil
}

// summing answers the last chunk, with progress before.
func summing(s func() *transparency.Session) client.InvocationHandler {
	return func(ctx context.Context, inv *wamp.Invocation) client.InvokeResult {
		if err := s().SendProgress(ctx, inv.Arguments, nil); err != nil && err != client.ErrCallerNoProg {
			return client.InvokeResult{Err: "com.plain.broken"}
		}
		if wamp.OptionFlag(inv.Details, wamp.OptProgress) {
			return client.InvokeResult{Err: wamp.InternalProgressiveOmitResult}
		}
		return client.InvokeResult{Args: inv.Arguments}
	}
}

// TestKeyStats: events, calls in chunks, progress, results and errors count under their
// version, at both ends and in all dialects.
func TestKeyStats(t *testing.T) {
	forEachScheme(t, func(t *testing.T, k harness.Keys) {
		r := startRouter(t)
		before := time.Now().Truncate(time.Millisecond)
		originator := links[1].session(t, r, harness.ClosedRing(t, k.OriginatorKey()))
		responder := links[1].session(t, r, harness.ClosedRing(t, k.ResponderKey()))
		got := events(t, responder, harness.Prefix+"x", nil)
		require.NoError(t, responder.Register(harness.Prefix+"sum", summing(func() *transparency.Session { return responder }), nil))
		require.NoError(t, responder.Register(harness.Prefix+"fail", answering(client.InvokeResult{Err: harness.Prefix + "error1", Args: wamp.List{"why"}}), nil))
		require.Empty(t, originator.Stats().Keys)

		require.NoError(t, originator.Publish(harness.Prefix+"x", nil, wamp.List{1}, nil))
		harness.Receive(t, got)
		i := 0
		_, err := originator.CallProgressive(harness.Timeout(t), harness.Prefix+"sum", func(context.Context) (wamp.Dict, wamp.List, wamp.Dict, error) {
			i++
			return chunk(i, 3)
		}, func(*wamp.Result) {})
		require.NoError(t, err)
		_, err = originator.Call(harness.Timeout(t), harness.Prefix+"fail", nil, nil, nil, nil)
		require.Equal(t, wamp.List{"why"}, harness.Raised(t, err).Arguments)

		sent, taken := one(t, originator), one(t, responder)
		for _, row := range []transparency.KeyStats{sent, taken} {
			require.Equal(t, k.OriginatorKey().ID(), row.KeyID)
			require.Zero(t, row.Plain)
			require.Empty(t, row.Rejected)
			require.WithinRange(t, row.LastSealed, before, time.Now())
			require.WithinRange(t, row.LastOpened, before, time.Now())
		}
		require.EqualValues(t, 5, sent.Sealed, "an event, three chunks, a call")
		require.EqualValues(t, 5, taken.Opened)
		require.EqualValues(t, 5, taken.Sealed, "three progressive results, a result, an error")
		require.EqualValues(t, 5, sent.Opened)
	})
}

// one is the only row, which adds up to the sums.
func one(t *testing.T, s *transparency.Session) transparency.KeyStats {
	t.Helper()
	stats := s.Stats()
	require.Len(t, stats.Keys, 1)
	row := stats.Keys[0]
	require.Equal(t, encrypted, row.Pattern)
	require.Equal(t, []uint64{stats.Sealed, stats.Opened, stats.Plain}, []uint64{row.Sealed, row.Opened, row.Plain})
	info := s.Stats().Keys[0]
	require.Equal(t, info.Dialect.Foreign(), info.Suite == 0)
	return row
}

// TestKeyStatsOfARotation: what began with the old version counts there; then its LastOpened
// stands still.
func TestKeyStatsOfARotation(t *testing.T) {
	old, next := harness.NewKeys(), harness.NewKeys()
	r := startRouter(t)
	ring := harness.ClosedRing(t, old.OriginatorKey())
	originator := local.session(t, r, ring)
	at := harness.ClosedRing(t, old.ResponderKey())
	require.NoError(t, at.Add(encrypted, next.ResponderKey(), keyring.Dates{ActiveFrom: time.Now().Add(-time.Minute)}))
	responder := local.session(t, r, at)
	require.NoError(t, responder.Register(harness.Prefix+"sum", summing(func() *transparency.Session { return responder }), nil))
	i := 0
	_, err := originator.CallProgressive(harness.Timeout(t), harness.Prefix+"sum", func(context.Context) (wamp.Dict, wamp.List, wamp.Dict, error) {
		if i++; i == 2 {
			require.NoError(t, ring.Add(encrypted, next.OriginatorKey(), keyring.Dates{ActiveFrom: time.Now().Add(-time.Minute)}))
		}
		return chunk(i, 2)
	}, func(*wamp.Result) {})
	require.NoError(t, err)
	before := keyed(t, responder)
	require.Len(t, before, 1)
	require.EqualValues(t, 2, before[old.ResponderKey().ID()].Opened)
	require.EqualValues(t, 3, before[old.ResponderKey().ID()].Sealed)

	time.Sleep(2 * time.Millisecond)
	for range 3 {
		_, err := originator.Call(harness.Timeout(t), harness.Prefix+"sum", nil, nil, nil, nil)
		require.NoError(t, err)
	}
	after := keyed(t, responder)
	require.Len(t, after, 2)
	require.Equal(t, before[old.ResponderKey().ID()], after[old.ResponderKey().ID()])
	row := after[next.ResponderKey().ID()]
	require.EqualValues(t, 3, row.Opened)
	require.True(t, row.LastOpened.After(before[old.ResponderKey().ID()].LastOpened))

	require.NoError(t, at.Remove(encrypted))
	require.Equal(t, after, keyed(t, responder), "they stay when the ring drops them")
}

// TestKeyStatsOfPlain: in the row of the pattern in transition, none for one that is plain.
func TestKeyStatsOfPlain(t *testing.T) {
	r := startRouter(t)
	outside(t, r)
	ring := inTransition(t, harness.NewKeys().OriginatorKey(), keyring.SendPlain)
	require.NoError(t, ring.SetPlain(keyring.Prefix("com.plain.")))
	s := local.session(t, r, ring)
	for range 2 {
		require.NoError(t, s.Publish(harness.Prefix+"x", nil, nil, nil))
		require.NoError(t, s.Publish("com.plain.x", nil, nil, nil))
	}
	require.Equal(t, map[string]transparency.KeyStats{"": {Pattern: encrypted, Plain: 2, Rejected: map[transparency.Reason]uint64{}}}, keyed(t, s))
}

// TestRejectedByVersion: under the version that was found, even where it doesn't open any more;
// else under the pattern.
func TestRejectedByVersion(t *testing.T) {
	expired, revoked, alive := harness.NewKeys(), harness.NewKeys(), harness.NewKeys()
	ring := harness.ClosedRing(t, revoked.ResponderKey())
	require.NoError(t, ring.Add(encrypted, expired.ResponderKey(), keyring.Dates{ActiveFrom: time.Now().Add(-2 * time.Hour), NotAfter: time.Now().Add(-time.Hour)}))
	require.NoError(t, ring.Add(encrypted, alive.ResponderKey(), keyring.Dates{ActiveFrom: time.Now().Add(-time.Minute)}))
	require.NoError(t, ring.Revoke(encrypted, revoked.ResponderKey().ID()))
	from := func(k harness.Keys) *harness.Forger {
		return harness.NewForger(t, harness.RingOf(t, k.OriginatorKey()), keyring.RoleOriginator)
	}
	p := postTo(t, ring, from(alive))
	sub := p.subscribe(harness.Prefix+"x", nil)
	publish := func(f *harness.Forger, change func(*harness.Bound)) wamp.Dict {
		return f.Seal(harness.Prefix+"x", f.Bind(cryptobox.KindPublish, change))
	}
	once := publish(p.Forger, nil)
	p.takes(sub, once)
	p.refuses(sub, once, transparency.Replayed)
	p.refuses(sub, p.Seal(harness.Prefix+"y", p.Bind(cryptobox.KindPublish, nil)), transparency.WrongURI)
	p.refuses(sub, publish(from(expired), nil), transparency.NotOpened)
	p.refuses(sub, publish(from(revoked), nil), transparency.NotOpened)
	p.refuses(sub, publish(from(harness.NewKeys()), nil), transparency.NotOpened)
	changed := publish(p.Forger, nil)
	enc, _ := wire.Bytes(changed["enc"])
	enc[len(enc)-1] ^= 1
	p.refuses(sub, wamp.Dict{"enc": enc}, transparency.NotOpened)
	p.judges(sub, &wamp.Event{Arguments: wamp.List{"plain"}}, transparency.Plaintext)
	p.judgesCall(p.serves(nil), p.Seal(harness.Prefix+"x", p.Bind(cryptobox.KindCall, func(b *harness.Bound) { b.Seq = 1 })), transparency.Gap)

	type counts = map[transparency.Reason]uint64
	rows := keyed(t, p.Session)
	require.Len(t, rows, 4)
	require.Equal(t, counts{transparency.Replayed: 1, transparency.WrongURI: 1, transparency.Gap: 1, transparency.NotOpened: 1}, rows[alive.ResponderKey().ID()].Rejected)
	require.Equal(t, counts{transparency.NotOpened: 1, transparency.Plaintext: 1}, rows[""].Rejected)
	for _, k := range []harness.Keys{expired, revoked} {
		row := rows[k.ResponderKey().ID()]
		require.Equal(t, counts{transparency.NotOpened: 1}, row.Rejected)
		require.Equal(t, cryptobox.SuiteBox, row.Suite)
		require.Zero(t, row.LastOpened)
	}
}

// TestRejectedAnswers: a call counts under its version, whatever answers it; and so do answers
// of ours that can't be sent, and what a validator refuses.
func TestRejectedAnswers(t *testing.T) {
	k := harness.NewKeys()
	r := startRouter(t)
	id := k.ResponderKey().ID()
	callee := local.session(t, r, harness.ClosedRing(t, k.ResponderKey()), transparency.WithValidator(turningDown("bad")))
	caller := local.session(t, r, harness.ClosedRing(t, k.OriginatorKey()))
	require.NoError(t, callee.Register(harness.Prefix+"x", answering(client.InvokeResult{Args: wamp.List{make(chan int)}}), nil))
	sub := events(t, callee, harness.Prefix+"x", nil)
	call := func(arg any) error {
		_, err := caller.Call(harness.Timeout(t), harness.Prefix+"x", nil, wamp.List{arg}, nil, nil)
		return err
	}
	require.EqualValues(t, "wamp.error.runtime_error", harness.Raised(t, call("good")).Error)
	require.EqualValues(t, wamp.ErrInvalidArgument, harness.Raised(t, call("bad")).Error)
	require.NoError(t, caller.Publish(harness.Prefix+"x", nil, wamp.List{"bad"}, nil))
	require.NoError(t, caller.Publish(harness.Prefix+"x", nil, wamp.List{"good"}, nil))
	harness.Receive(t, sub)
	rows := keyed(t, callee)
	require.Equal(t, map[transparency.Reason]uint64{transparency.Unsealable: 1, transparency.Invalid: 2}, rows[id].Rejected)
	require.Len(t, rows, 1)

	require.NoError(t, local.plain(t, r).Register(harness.Prefix+"forged", harness.Echo, nil))
	_, err := caller.Call(harness.Timeout(t), harness.Prefix+"forged", nil, nil, nil, nil)
	harness.RequireReason(t, err, transparency.WrongKind)
	require.NoError(t, local.plain(t, r).Register(harness.Prefix+"refused", answering(client.InvokeResult{Err: "com.plain.error"}), nil))
	_, err = caller.Call(harness.Timeout(t), harness.Prefix+"refused", nil, nil, nil, nil)
	harness.RequireReason(t, err, transparency.Plaintext)
	require.Len(t, keyed(t, caller)[id].Rejected, 2)
}

// turningDown is a validator that refuses one argument.
type turningDown string

func (turningDown) Covers(cryptobox.Kind, string) bool { return true }

func (r turningDown) Validate(p *transparency.Payload) error {
	if args := p.Args(); len(args) == 1 && args[0] == string(r) {
		return &transparency.InvalidError{Why: "refused"}
	}
	return nil
}

// TestNoURIOfTheWireInStats: however many a router makes up, under a pattern that was asked for
// or not.
func TestNoURIOfTheWireInStats(t *testing.T) {
	k := harness.NewKeys()
	h := hear(t, k, harness.RingOf(t, k.ResponderKey()), encrypted)
	for i := range 2000 {
		made := fmt.Sprintf("madeup%d", i)
		for _, uri := range []string{harness.Prefix + made, "com." + made, harness.Prefix + made + ".*"} {
			require.NotZero(t, h.deliver(uri, false))
		}
	}
	stats := h.Stats()
	require.Less(t, len(stats.Keys), 4)
	require.NotContains(t, stats.String(), "madeup")
}

// TestStatsShowSomeKeys: a ring of many patterns doesn't fill a log.
func TestStatsShowSomeKeys(t *testing.T) {
	keys := make([]transparency.KeyStats, 150)
	for i := range keys {
		keys[i] = transparency.KeyStats{Pattern: keyring.Exact(fmt.Sprintf("com.myapp.p%03d", i)), KeyID: "id", Sealed: 1}
	}
	stats := transparency.Stats{Keys: append(keys, transparency.KeyStats{Opened: 2})}
	text := stats.String()
	require.Equal(t, 100, strings.Count(text, "com.myapp.p"))
	require.Contains(t, text, `"MoreKeys":51`)
	require.Equal(t, 100, strings.Count(fmt.Sprint(stats.LogValue()), "com.myapp.p"))
	require.Contains(t, keys[0].String(), `{"Pattern":"exact \"com.myapp.p000\"","KeyID":"id","Dialect":"wampbox","Sealed":1}`)
	require.JSONEq(t, `{"Pattern":"others","Opened":2}`, stats.Keys[150].String())
}
