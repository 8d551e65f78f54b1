package interop_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/interop"
)

// TestWelcome pins what Crossbar.io announces, for sessions that read it.
func TestWelcome(t *testing.T) {
	suite := interop.Start(t)
	roles := suite.Join(t, interop.Config{}).Welcome().Roles
	for _, role := range []string{"broker", "dealer"} {
		for _, feature := range []string{"payload_transparency", "payload_encryption_cryptobox"} {
			require.True(t, roles[role][feature], "%s %s", role, feature)
		}
		require.NotContains(t, roles[role], "payload_passthru_mode")
	}
	require.True(t, roles["dealer"]["progressive_call_results"])
	require.NotContains(t, roles["dealer"], "progressive_call_invocations")
}

// TestEncKey shows that Crossbar.io carries enc_key, and that Autobahn opens
// what names a key it doesn't know of.
func TestEncKey(t *testing.T) {
	suite, ctx := interop.Start(t), within(t)
	s := join(t, suite, interop.JSON, interop.CBOR, func(o, _ *interop.Config) { o.EncKey = "key 1" })
	require.NoError(t, s.responder.Register(ctx, prefix+"echo", interop.Echo(), nil))
	result, err := s.originator.Call(ctx, prefix+"echo", []any{1}, nil, nil)
	require.NoError(t, err)
	encrypted(t, result)
	invocation, err := s.responder.Invocation(ctx)
	require.NoError(t, err)
	require.Equal(t, "key 1", invocation.EncKey)
	require.Equal(t, []any{int64(1)}, invocation.Args)
}

// TestAutobahnRefuses shows what Autobahn answers where it can't open.
func TestAutobahnRefuses(t *testing.T) {
	other, _ := pair()
	tests := []struct {
		name string
		edit func(o, r *interop.Config)
		uri  string
	}{
		{"no codec", func(_, r *interop.Config) { r.Keys = nil }, "wamp.error.no_payload_codec"},
		{"another key", func(o, _ *interop.Config) { o.Keys = other }, "wamp.error.encryption.decrypt_error"},
	}
	suite := interop.Start(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			ctx := within(t)
			s := join(t, suite, interop.JSON, interop.JSON, tt.edit)
			require.NoError(t, s.responder.Register(ctx, prefix+"echo", interop.Echo(), nil))
			_, err := s.originator.Call(ctx, prefix+"echo", nil, nil, nil)
			var wampError *interop.Error
			require.ErrorAs(t, err, &wampError)
			require.Equal(t, tt.uri, wampError.URI)
			require.Empty(t, wampError.EncAlgo)

			// An event is dropped; the next, that can be opened, comes first.
			require.NoError(t, s.responder.Subscribe(ctx, prefix+"hello", nil))
			require.NoError(t, s.responder.Subscribe(ctx, "com.myapp.hello", nil))
			_, err = s.originator.Publish(ctx, prefix+"hello", []any{1}, nil, nil)
			require.NoError(t, err)
			_, err = s.originator.Publish(ctx, "com.myapp.hello", []any{2}, nil, nil)
			require.NoError(t, err)
			event, err := s.responder.Event(ctx)
			require.NoError(t, err)
			require.Equal(t, []any{int64(2)}, event.Args)
			_, err = s.responder.Warning(ctx)
			require.NoError(t, err)
		})
	}
}

func TestJoinRefused(t *testing.T) {
	suite := interop.Start(t)
	_, err := suite.Python.Join(within(t), interop.Config{URL: suite.Node.WebSocketURL(), Realm: "realm2"})
	var wampError *interop.Error
	require.ErrorAs(t, err, &wampError)
	require.Equal(t, "wamp.error.no_such_realm", wampError.URI)
}

// TestDefaultKey shows what a default key of Autobahn's covers: the protocol's
// own errors and procedures too.
func TestDefaultKey(t *testing.T) {
	suite, ctx := interop.Start(t), within(t)
	key := cryptobox.GenerateKey()
	s := join(t, suite, interop.JSON, interop.JSON, func(o, r *interop.Config) {
		o.Keys, r.Keys = nil, nil
		o.DefaultKey = base64Of(key.UnsafeBytes())
		r.DefaultKey = o.DefaultKey
	})
	const failing = "com.myapp.fails"
	require.NoError(t, s.responder.Register(ctx, failing, interop.Raise("wamp.error.runtime_error", interop.Payload{}), nil))
	_, err := s.originator.Call(ctx, failing, nil, nil, nil)
	var wampError *interop.Error
	require.ErrorAs(t, err, &wampError)
	require.Equal(t, "wamp.error.runtime_error", wampError.URI)
	encrypted(t, wampError.Received)

	// The router can't open what it is sent.
	_, err = s.originator.Call(ctx, "wamp.session.count", nil, nil, nil)
	require.ErrorAs(t, err, &wampError)
	require.Equal(t, "wamp.error.no_payload_codec", wampError.URI)
}
