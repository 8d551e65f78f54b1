package live_test

import (
	"context"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/live"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/live/compare"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/testrouter"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// doctorCalls gives what doctor -call finds.
func doctorCalls(t testing.TB, url, file, procedure string) ([]compare.Finding, error) {
	t.Helper()
	return findings(t, "-router", url, "-realm", realm, "-call", procedure, file)
}

// TestDoctorCalls what the peer serves, and reads its clock from the answer.
func TestDoctorCalls(t *testing.T) {
	router := testrouter.Start(t)
	files := newEnds(t, plainToo(t))
	callee := join(t, router.WebSocketURL(), files.responder)
	for procedure, handler := range map[string]client.InvocationHandler{
		prefix + "x": echo, "com.myapp.plain.x": echo,
		prefix + "fails": func(context.Context, *wamp.Invocation) client.InvokeResult {
			return client.InvokeResult{Err: prefix + "error"}
		},
	} {
		require.NoError(t, callee.Register(procedure, handler, nil))
	}
	for procedure, says := range map[string]string{
		prefix + "x":        "the peer serves com.myapp.sealed.x, and its answer opens, with id ",
		prefix + "fails":    "and raised an error of its own, as it may where it wants arguments",
		"com.myapp.plain.x": "the peer serves com.myapp.plain.x, in plain",
	} {
		r := fine(t, "doctor", "-router", router.WebSocketURL(), "-realm", realm, "-call", procedure, files.originator)
		require.Contains(t, r.err.String(), says)
		require.Contains(t, r.err.String(), "no findings")
		if procedure != "com.myapp.plain.x" {
			require.Contains(t, r.err.String(), "by its sealed answer the peer's clock goes as this one does")
		}
	}
	require.NoError(t, callee.Close())
}

// TestDoctorCallsInVain says why.
func TestDoctorCallsInVain(t *testing.T) {
	router := testrouter.Start(t)
	files, others := newEnds(t), newEnds(t)
	plain := newEnds(t, func(o, _ *keyFile) { require.NoError(t, o.SetPlain(keyring.Prefix(prefix))) })
	callee := join(t, router.WebSocketURL(), files.responder, transparency.WithMaxAge(time.Nanosecond))
	require.NoError(t, callee.Register(prefix+"x", echo, nil))
	for name, test := range map[string]struct{ file, procedure, says, fix string }{
		"a refusal that says why": {files.originator, prefix + "x", "the peer refuses the call of com.myapp.sealed.x: too old (ref ", "NTP"},
		"other keys":              {others.originator, prefix + "x", "it isn't said why", "-peer"},
		"plain here":              {plain.originator, prefix + "x", "is plain in this file", "wampbox explain"},
		"nobody serves it":        {files.originator, prefix + "nobody", "nobody serves", "name alike and scramble it under one secret, which -peer compares"},
		"closed here":             {files.originator, "com.none", "no pattern of the keyring matches", "wampbox explain"},
		"the other half":          {files.responder, prefix + "x", "key can't play this role", "wampbox explain"},
	} {
		found, err := doctorCalls(t, router.WebSocketURL(), test.file, test.procedure)
		require.ErrorIs(t, err, live.ErrSaid, name)
		require.Len(t, found, 1, name)
		require.Equal(t, []any{compare.Rule("call"), compare.Error}, []any{found[0].Rule, found[0].Level}, name)
		require.Contains(t, found[0].Message, test.says, name)
		require.Contains(t, found[0].Fix, test.fix, name)
	}
	require.NoError(t, callee.Close())

	_, err := tool(t, "doctor", "-peer", "x", "-call", prefix+"x", files.originator)
	require.ErrorContains(t, err, "-call goes over the router")
	_, err = tool(t, "doctor", "-router", router.WebSocketURL(), "-realm", realm, "-call", prefix, files.originator)
	require.ErrorContains(t, err, "a call is for one procedure")
}

// TestDoctorReadsTheClock of a peer that refuses because of it, or answers ahead of time.
func TestDoctorReadsTheClock(t *testing.T) {
	router := testrouter.Start(t)
	files := newEnds(t)
	ring, err := keyfile.Load(files.responder)
	require.NoError(t, err)
	entry, err := ring.Lookup(prefix + "x")
	require.NoError(t, err)
	version, err := entry.Sealer(keyring.RoleResponder)
	require.NoError(t, err)
	// peer is one with another clock: it seals what it answers by hand.
	peer, err := client.ConnectNet(t.Context(), router.WebSocketURL(), client.Config{Realm: realm, Serialization: client.CBOR})
	require.NoError(t, err)
	const ahead = 400 * time.Second
	seal := func(inv *wamp.Invocation, kind cryptobox.Kind, realm, uri string, args []any, size int) wamp.Dict {
		enc, _ := inv.ArgumentsKw["enc"].([]byte)
		var call cryptobox.Opened
		defer call.Release()
		if err := version.Key().Open(enc, cryptobox.Message, &call); err != nil {
			return nil
		}
		head := cryptobox.Head{Kind: kind, From: cryptobox.NewSenderID(), N: 1, TS: time.Now().Add(ahead).UnixMilli(), Re: call.Token}
		rec := cryptobox.NewRecord(head, realm, uri, args, nil)
		if size > 0 {
			rec.Pad = func(int) int { return size - version.Key().Overhead(cryptobox.KindRefusal) }
		}
		sealed, _, err := version.Key().Seal(nil, &rec)
		if err != nil {
			return nil
		}
		return wamp.Dict{"enc": sealed}
	}
	require.NoError(t, peer.Register(prefix+"refused", func(_ context.Context, inv *wamp.Invocation) client.InvokeResult {
		args := []any{"Stale", time.Now().Add(ahead).UnixMilli()}
		return client.InvokeResult{Err: transparency.URIError, Kwargs: seal(inv, cryptobox.KindRefusal, "", "", args, 256)}
	}, nil))
	require.NoError(t, peer.Register(prefix+"slow", func(_ context.Context, inv *wamp.Invocation) client.InvokeResult {
		args := []any{"ClockSkew", time.Now().Add(-ahead).UnixMilli()}
		return client.InvokeResult{Err: transparency.URIError, Kwargs: seal(inv, cryptobox.KindRefusal, "", "", args, 256)}
	}, nil))
	require.NoError(t, peer.Register(prefix+"served", func(_ context.Context, inv *wamp.Invocation) client.InvokeResult {
		return client.InvokeResult{Kwargs: seal(inv, cryptobox.KindResult, realm, prefix+"served", nil, 0)}
	}, nil))

	found, err := doctorCalls(t, router.WebSocketURL(), files.originator, prefix+"refused")
	require.ErrorIs(t, err, live.ErrSaid)
	require.Len(t, found, 2)
	require.Contains(t, found[0].Message, "the peer refuses the call of com.myapp.sealed.refused: too old; its clock is 6m")
	require.Equal(t, compare.Rule("clock"), found[1].Rule)
	require.Regexp(t, `the peer's clock is 6m(40|39)s ahead of this one`, found[1].Message)

	found, err = doctorCalls(t, router.WebSocketURL(), files.originator, prefix+"slow")
	require.ErrorIs(t, err, live.ErrSaid)
	require.Regexp(t, `the peer's clock is 6m4[01]s behind this one`, found[1].Message)

	found, err = doctorCalls(t, router.WebSocketURL(), files.originator, prefix+"served")
	require.ErrorIs(t, err, live.ErrSaid)
	require.Len(t, found, 1)
	require.Regexp(t, `the peer's clock is 6m(40|39)s ahead of this one`, found[0].Message)
	require.Contains(t, found[0].Fix, "NTP")
	require.NoError(t, peer.Close())
}
