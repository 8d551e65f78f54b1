package transparency_test

import (
	"context"
	"maps"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// These tests look at each message as it lies on the wire, in each dialect and
// serializer over each transport, both ways.

// secretPayload holds what serializers like to change.
func secretPayload() (wamp.List, wamp.Dict) {
	return wamp.List{marker, int64(1<<53 + 1), 0.5, 3.0, nil, []byte(marker), []any{true, map[string]any{}}},
		wamp.Dict{"key": marker, "nested": map[string]any{"list": []any{[]byte{0, 255}, "Grüße"}}}
}

// requireSecret checks that args and kwargs are secretPayload, to the type.
func requireSecret(t testing.TB, args []any, kwargs map[string]any) {
	t.Helper()
	wantArgs, wantKwargs := secretPayload()
	require.Equal(t, []any(wantArgs), args)
	require.Equal(t, map[string]any(wantKwargs), kwargs)
}

// secretRecord is secretPayload as the other end seals it.
func secretRecord(uri string, bind *harness.Bound) *harness.Record {
	args, kwargs := secretPayload()
	return &harness.Record{Bound: *bind, URI: uri, Args: args, Kwargs: kwargs}
}

// requireRecord checks a record that the Session has sealed. In the foreign dialects it
// says nothing of itself but its URI.
func requireRecord(t testing.TB, p *played, record *harness.Record, uri string, kind cryptobox.Kind, re cryptobox.Token, seq uint64) {
	t.Helper()
	require.Equal(t, uri, record.URI)
	requireSecret(t, record.Args, record.Kwargs)
	if p.dialect.Foreign() {
		return
	}
	require.Equal(t, kind, record.Kind)
	require.Equal(t, harness.Realm, record.Realm)
	require.Equal(t, re, record.Re)
	require.Equal(t, seq, record.Seq)
}

// requireProved checks the details that a handler gets: what the router said, what
// was proved, and nothing of a dialect.
func requireProved(t testing.TB, p *played, details wamp.Dict, kind cryptobox.Kind, routers wamp.Dict) {
	t.Helper()
	info, ok := transparency.InfoFrom(details)
	require.True(t, ok)
	want := transparency.Info{Pattern: info.Pattern, KeyID: p.Version.ID(), Dialect: p.dialect.Dialect, Suite: p.Version.Suite()}
	if !p.dialect.Foreign() {
		want.Kind, want.Session = kind, p.From
		want.Role, want.Counter, want.Sent = info.Role, info.Counter, info.Sent
		require.NotZero(t, info.Counter)
		require.WithinDuration(t, time.Now(), info.Sent, harness.Patience)
	}
	require.Equal(t, want, info)
	rest := maps.Clone(details)
	maps.DeleteFunc(rest, func(_ string, v any) bool {
		_, isInfo := transparency.InfoFrom(wamp.Dict{"x_cryptobox_info": v})
		return isInfo
	})
	all := wamp.Dict{"enc_algo": "cryptobox"}
	maps.Copy(all, routers)
	require.Equal(t, all, rest)
}

func TestPublishOnTheWire(t *testing.T) {
	forEachPlayed(t, func(t *testing.T, k harness.Keys, play playing) {
		p := play(k.OriginatorKey(), k.ResponderKey())
		args, kwargs := secretPayload()
		require.NoError(t, p.Publish(harness.Prefix+"x", wamp.Dict{"exclude_me": false}, args, kwargs))
		_, record, _ := p.sealedMessage(wamp.PUBLISH, nil, wamp.Dict{"exclude_me": false}, harness.Prefix+"x")
		requireRecord(t, p, record, harness.Prefix+"x", cryptobox.KindPublish, cryptobox.Token{}, 0)
		require.NoError(t, p.Publish(harness.Prefix+"x", nil, nil, nil))
		_, record, _ = p.sealedMessage(wamp.PUBLISH, nil, wamp.Dict{}, harness.Prefix+"x")
		require.Nil(t, record.Args)
		require.Nil(t, record.Kwargs)
		requireAnnounced(t, p)
	})
}

// requireAnnounced checks the features in HELLO, for each role: those of all dialects.
func requireAnnounced(t testing.TB, p *played) {
	t.Helper()
	for _, role := range []string{"publisher", "subscriber", "caller", "callee"} {
		for _, d := range dialects {
			for _, feature := range d.features {
				require.Equal(t, true, harness.At(t, p.Hello, 2, "roles", role, "features", feature), role)
			}
		}
	}
}

func TestEventOnTheWire(t *testing.T) {
	forEachPlayed(t, func(t *testing.T, k harness.Keys, play playing) {
		p := play(k.ResponderKey(), k.OriginatorKey())
		got := p.subscribed(harness.Prefix + "x")
		p.deliver(secretRecord(harness.Prefix+"x", p.Bind(cryptobox.KindPublish, nil)), wamp.EVENT, subscription, publication, wamp.Dict{"trustlevel": "high"})
		event := harness.Receive(t, got)
		requireSecret(t, event.Arguments, event.ArgumentsKw)
		require.EqualValues(t, publication, event.Publication)
		requireProved(t, p, event.Details, cryptobox.KindPublish, wamp.Dict{"trustlevel": "high"})
	})
}

func TestCallAndResultOnTheWire(t *testing.T) {
	forEachPlayed(t, func(t *testing.T, k harness.Keys, play playing) {
		p := play(k.OriginatorKey(), k.ResponderKey())
		args, kwargs := secretPayload()
		done := p.calling(harness.Prefix+"x", args, kwargs, nil)
		call, record, token := p.sealedMessage(wamp.CALL, nil, wamp.Dict{}, harness.Prefix+"x")
		requireRecord(t, p, record, harness.Prefix+"x", cryptobox.KindCall, cryptobox.Token{}, 0)
		p.deliver(secretRecord(harness.Prefix+"x", p.answer(cryptobox.KindResult, token, 0)), wamp.RESULT, call[1], wamp.Dict{"callee": "c"})
		got := harness.Receive(t, done)
		require.NoError(t, got.Err)
		requireSecret(t, got.Result.Arguments, got.Result.ArgumentsKw)
		requireProved(t, p, got.Result.Details, cryptobox.KindResult, wamp.Dict{"callee": "c"})
	})
}

func TestProgressiveResultOnTheWire(t *testing.T) {
	forEachPlayed(t, func(t *testing.T, k harness.Keys, play playing) {
		p := play(k.OriginatorKey(), k.ResponderKey())
		progress := make(chan *wamp.Result, 10)
		done := p.calling(harness.Prefix+"x", nil, nil, func(half *wamp.Result) { progress <- half })
		call, _, token := p.sealedMessage(wamp.CALL, nil, wamp.Dict{"receive_progress": true}, harness.Prefix+"x")
		for seq := range uint64(3) {
			p.deliver(secretRecord(harness.Prefix+"x", p.answer(cryptobox.KindProgress, token, seq)), wamp.RESULT, call[1], wamp.Dict{"progress": true})
			half := harness.Receive(t, progress)
			requireSecret(t, half.Arguments, half.ArgumentsKw)
			requireProved(t, p, half.Details, cryptobox.KindProgress, wamp.Dict{"progress": true})
		}
		p.deliver(secretRecord(harness.Prefix+"x", p.answer(cryptobox.KindResult, token, 3)), wamp.RESULT, call[1], wamp.Dict{})
		got := harness.Receive(t, done)
		require.NoError(t, got.Err)
		requireSecret(t, got.Result.Arguments, got.Result.ArgumentsKw)
		requireProved(t, p, got.Result.Details, cryptobox.KindResult, nil)
	})
}

func TestCallErrorOnTheWire(t *testing.T) {
	forEachPlayed(t, func(t *testing.T, k harness.Keys, play playing) {
		p := play(k.OriginatorKey(), k.ResponderKey())
		done := p.calling(harness.Prefix+"x", nil, nil, nil)
		call, _, token := p.sealedMessage(wamp.CALL, nil, wamp.Dict{}, harness.Prefix+"x")
		const uri = harness.Prefix + "error1"
		p.deliver(secretRecord(uri, p.answer(cryptobox.KindError, token, 0)), wamp.ERROR, wamp.CALL, call[1], wamp.Dict{"callee": "c"}, p.dialect.errorURI(uri))
		got := harness.Raised(t, harness.Receive(t, done).Err)
		require.Equal(t, wamp.URI(uri), got.Error)
		requireSecret(t, got.Arguments, got.ArgumentsKw)
		requireProved(t, p, got.Details, cryptobox.KindError, wamp.Dict{"callee": "c"})
	})
}

func TestProgressiveCallOnTheWire(t *testing.T) {
	forEachPlayed(t, func(t *testing.T, k harness.Keys, play playing) {
		p := play(k.OriginatorKey(), k.ResponderKey())
		chunks := 0
		done := harness.Calling(func(ctx context.Context) (*wamp.Result, error) {
			return p.CallProgressive(ctx, harness.Prefix+"x", func(context.Context) (wamp.Dict, wamp.List, wamp.Dict, error) {
				chunks++
				args, kwargs := secretPayload()
				return wamp.Dict{"progress": chunks < 3}, args, kwargs, nil
			}, nil)
		})
		first, record, token := p.sealedMessage(wamp.CALL, nil, wamp.Dict{"progress": true}, harness.Prefix+"x")
		requireRecord(t, p, record, harness.Prefix+"x", cryptobox.KindCallProgress, cryptobox.Token{}, 0)
		_, record, _ = p.sealedMessage(wamp.CALL, first[1], wamp.Dict{"progress": true, "receive_progress": false}, harness.Prefix+"x")
		requireRecord(t, p, record, harness.Prefix+"x", cryptobox.KindCallProgress, token, 1)
		_, record, _ = p.sealedMessage(wamp.CALL, first[1], wamp.Dict{"progress": false, "receive_progress": false}, harness.Prefix+"x")
		requireRecord(t, p, record, harness.Prefix+"x", cryptobox.KindCall, token, 2)
		p.deliver(secretRecord(harness.Prefix+"x", p.answer(cryptobox.KindResult, token, 0)), wamp.RESULT, first[1], wamp.Dict{})
		got := harness.Receive(t, done)
		require.NoError(t, got.Err)
		requireSecret(t, got.Result.Arguments, got.Result.ArgumentsKw)
	})
}

// answer returns the binding of an answer.
func (p *played) answer(kind cryptobox.Kind, re cryptobox.Token, seq uint64) *harness.Bound {
	return p.Bind(kind, func(b *harness.Bound) { b.Re, b.Seq = re, seq })
}

func TestInvocationAndYieldOnTheWire(t *testing.T) {
	forEachPlayed(t, func(t *testing.T, k harness.Keys, play playing) {
		p := play(k.ResponderKey(), k.OriginatorKey())
		served := make(chan *wamp.Invocation, 1)
		p.registered(harness.Prefix+"x", func(ctx context.Context, inv *wamp.Invocation) client.InvokeResult {
			served <- inv
			args, kwargs := secretPayload()
			if err := p.SendProgress(ctx, args, kwargs); err != nil {
				return client.InvokeResult{Err: "com.myapp.broken"}
			}
			return client.InvokeResult{Args: args, Kwargs: kwargs}
		})
		token := p.deliver(secretRecord(harness.Prefix+"x", p.Bind(cryptobox.KindCall, nil)), wamp.INVOCATION, 1, registration, wamp.Dict{"caller": "c", "receive_progress": true})
		inv := harness.Receive(t, served)
		requireSecret(t, inv.Arguments, inv.ArgumentsKw)
		requireProved(t, p, inv.Details, cryptobox.KindCall, wamp.Dict{"caller": "c", "receive_progress": true})
		_, record, _ := p.sealedMessage(wamp.YIELD, 1, wamp.Dict{"progress": true})
		requireRecord(t, p, record, harness.Prefix+"x", cryptobox.KindProgress, token, 0)
		_, record, _ = p.sealedMessage(wamp.YIELD, 1, wamp.Dict{})
		requireRecord(t, p, record, harness.Prefix+"x", cryptobox.KindResult, token, 1)
	})
}

func TestInvocationErrorOnTheWire(t *testing.T) {
	forEachPlayed(t, func(t *testing.T, k harness.Keys, play playing) {
		p := play(k.ResponderKey(), k.OriginatorKey())
		args, kwargs := secretPayload()
		p.registered(harness.Prefix+"x", answering(client.InvokeResult{Err: harness.Prefix + "error1", Args: args, Kwargs: kwargs}))
		token := p.deliver(secretRecord(harness.Prefix+"x", p.Bind(cryptobox.KindCall, nil)), wamp.INVOCATION, 1, registration, wamp.Dict{})
		_, record, _ := p.sealedMessage(wamp.ERROR, wamp.INVOCATION, 1, wamp.Dict{}, p.dialect.errorURI(harness.Prefix+"error1"))
		requireRecord(t, p, record, harness.Prefix+"error1", cryptobox.KindError, token, 0)
	})
}

func TestProgressiveInvocationOnTheWire(t *testing.T) {
	forEachPlayed(t, func(t *testing.T, k harness.Keys, play playing) {
		p := play(k.ResponderKey(), k.OriginatorKey())
		served := make(chan *wamp.Invocation, 10)
		p.registered(harness.Prefix+"x", keeping(served))
		// A router of payload passthru mode may say with the first chunk alone how
		// all of them are sealed, and nexus's does.
		repeats := []bool{true}
		if p.dialect.Dialect == cryptobox.Passthru {
			repeats = append(repeats, false)
		}
		for i, repeat := range repeats {
			head := func(more bool) []any {
				return []any{wamp.INVOCATION, i + 1, registration, wamp.Dict{"progress": more}}
			}
			first := p.deliver(secretRecord(harness.Prefix+"x", p.Bind(cryptobox.KindCallProgress, nil)), head(true)...)
			for seq := uint64(1); seq <= 2; seq++ {
				kind, more := cryptobox.KindCallProgress, true
				if seq == 2 {
					kind, more = cryptobox.KindCall, false
				}
				env, _ := p.Envelope(secretRecord(harness.Prefix+"x", p.answer(kind, first, seq)))
				fields := map[string]any{}
				if repeat {
					fields = p.dialect.fields(env)
				}
				p.Send(p.dialect.message(head(more), fields, p.binary(env.Payload))...)
			}
			for range 3 {
				inv := harness.Receive(t, served)
				requireSecret(t, inv.Arguments, inv.ArgumentsKw)
			}
			_, record, _ := p.sealedMessage(wamp.YIELD, i+1, wamp.Dict{})
			require.Equal(t, []any{"secret answer"}, record.Args)
			if !p.dialect.Foreign() {
				require.Equal(t, first, record.Re)
			}
		}
	})
}
