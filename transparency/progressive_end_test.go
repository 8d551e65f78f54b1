package transparency_test

import (
	"context"
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

// TestCloseAfterAProgressiveCallEndedEarly: nexus panics when a source of chunks
// that ends with its context meets a client that was closed.
func TestCloseAfterAProgressiveCallEndedEarly(t *testing.T) {
	for _, uri := range []string{harness.Prefix + "x", "com.plain.x"} {
		s, r := driven(t, harness.RingOf(t, harness.NewKeys().OriginatorKey()))
		asked, closed, ended := make(chan struct{}), make(chan struct{}), make(chan struct{})
		go func() {
			call := r.next().(*wamp.Call)
			<-asked
			r.send(&wamp.Error{Type: wamp.CALL, Request: call.Request, Details: wamp.Dict{}, Error: "wamp.error.early"})
			r.goodbye()
		}()
		first := true
		_, err := s.CallProgressive(harness.Timeout(t), uri, func(ctx context.Context) (wamp.Dict, wamp.List, wamp.Dict, error) {
			if !first {
				defer close(ended)
				close(asked)
				<-ctx.Done()
				<-closed
				return nil, nil, nil, ctx.Err()
			}
			first = false
			return wamp.Dict{wamp.OptProgress: true}, nil, nil, nil
		}, nil)
		require.Equal(t, wamp.URI("wamp.error.early"), harness.Raised(t, err).Error)
		require.NoError(t, s.Close())
		close(closed)
		harness.Receive(t, ended)
		time.Sleep(20 * time.Millisecond) // for nexus to do its worst
	}
}

// TestSendProgressEndsWithTheInvocation, whatever context it is given.
func TestSendProgressEndsWithTheInvocation(t *testing.T) {
	k := harness.NewKeys()
	f := harness.NewForger(t, harness.RingOf(t, k.OriginatorKey()), keyring.RoleOriginator)
	s, r := driven(t, harness.RingOf(t, k.ResponderKey()))
	started, ended := make(chan struct{}), make(chan error, 1)
	r.register(s, 10, harness.Prefix+"x", func(ctx context.Context, _ *wamp.Invocation) client.InvokeResult {
		close(started)
		ended <- s.SendProgress(context.WithoutCancel(ctx), wamp.List{1}, nil)
		return client.InvokeResult{}
	}, nil)
	kwargs := f.Seal(harness.Prefix+"x", f.Bind(cryptobox.KindCall, nil))
	r.send(&wamp.Invocation{Request: 1, Registration: 10, Details: wamp.Dict{wamp.OptReceiveProgress: true}, ArgumentsKw: kwargs})
	harness.Receive(t, started)
	r.send(&wamp.Interrupt{Request: 1, Options: wamp.Dict{}}) // and reads nothing
	require.ErrorIs(t, harness.Receive(t, ended), client.ErrCallerNoProg)
	r.next()
}

func TestProgressIsNoOptionOfAResult(t *testing.T) {
	k := harness.NewKeys()
	r := startRouter(t)
	refused, option := harness.Collect()
	callee := local.session(t, r, harness.RingOf(t, k.ResponderKey()), option)
	s := local.session(t, r, harness.RingOf(t, k.OriginatorKey()))
	require.NoError(t, callee.Register(harness.Prefix+"x", answering(client.InvokeResult{Options: wamp.Dict{wamp.OptProgress: true}}), nil))
	_, err := s.Call(harness.Timeout(t), harness.Prefix+"x", nil, nil, nil, nil)
	require.Equal(t, wamp.URI("wamp.error.runtime_error"), harness.Raised(t, err).Error)
	harness.RequireReason(t, refused.Next(t), transparency.Misuse)
}

// TestChunksOfAnotherClient: only nexus's own goroutine may be ended.
func TestChunksOfAnotherClient(t *testing.T) {
	s, err := transparency.Wrap(&scripted{}, harness.Realm, harness.RingOf(t, harness.NewKeys().OriginatorKey()))
	require.NoError(t, err)
	first := true
	chunk := func(context.Context) (wamp.Dict, wamp.List, wamp.Dict, error) {
		if !first {
			return nil, wamp.List{make(chan int)}, nil, nil
		}
		first = false
		return wamp.Dict{wamp.OptProgress: true}, nil, nil, nil
	}
	_, err = s.CallProgressive(harness.Timeout(t), harness.Prefix+"x", chunk, nil)
	harness.RequireReason(t, err, transparency.Unsealable)

	require.NoError(t, s.Close())
	_, err = s.CallProgressive(harness.Timeout(t), harness.Prefix+"x", chunk, nil)
	require.ErrorIs(t, err, client.ErrNotConn)
}
