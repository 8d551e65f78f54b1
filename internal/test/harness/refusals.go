package harness

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/wire"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// The error URIs of refused invocations, which tell nothing more: in our dialect, of a
// plain one, and in the foreign dialects.
const (
	OpaqueError    = wamp.URI("wampbox.error")
	OpaquePlain    = wamp.URI("wampbox.error.sealed_only")
	OpaqueNoCodec  = wamp.URI("wamp.error.no_payload_codec")
	OpaqueNoDetail = wamp.URI("wamp.error.encryption.decrypt_error")
)

// Rejections collects what Sessions refuse.
type Rejections struct {
	C chan *transparency.Error // the first thousand
	n atomic.Int64
}

// Collect returns a collection, and the option that has a Session fill it.
func Collect() (*Rejections, transparency.Option) {
	r := &Rejections{C: make(chan *transparency.Error, 1000)}
	return r, transparency.WithOnReject(func(err *transparency.Error) {
		r.n.Add(1)
		select {
		case r.C <- err:
		default: // more than a test looks at
		}
	})
}

// Next returns the next refusal.
func (r *Rejections) Next(t testing.TB) *transparency.Error {
	t.Helper()
	return Receive(t, r.C)
}

// Count is how many refusals there were.
func (r *Rejections) Count() int { return int(r.n.Load()) }

// RequireReason checks that err is an Error with that reason.
func RequireReason(t testing.TB, err error, reason transparency.Reason) {
	t.Helper()
	var e *transparency.Error
	require.ErrorAs(t, err, &e)
	require.ErrorIs(t, err, reason)
	require.Equal(t, reason, e.Reason)
}

// Raised returns the ERROR that a call has come to.
func Raised(t testing.TB, err error) *wamp.Error {
	t.Helper()
	var rpc client.RPCError
	require.ErrorAs(t, err, &rpc)
	return rpc.Err
}

// BrokenMemory is a ReplayMemory out of reach.
type BrokenMemory struct{ transparency.ReplayMemory }

// Accept accepts nothing.
func (BrokenMemory) Accept(context.Context, *transparency.ReplayMessage) error {
	return errors.New("out of reach")
}

// refusalSize is what refuses a sealed call in our dialect, in bytes.
const refusalSize = 256

// RequireOpaque checks what answers a refused invocation: the error URI, and nothing that
// tells more. In our dialect that is an enc of a size that is always the same.
func RequireOpaque(t testing.TB, want, uri wamp.URI, args wamp.List, kwargs wamp.Dict) {
	t.Helper()
	require.Equal(t, want, uri)
	require.Empty(t, args, "the answer has to be opaque")
	if want != OpaqueError {
		require.Empty(t, kwargs, "the answer has to be opaque")
		return
	}
	require.Len(t, kwargs, 1)
	enc, ok := wire.Bytes(kwargs[wire.EncName])
	require.True(t, ok, "enc is %T", kwargs[wire.EncName])
	require.Len(t, enc, refusalSize)
}

// RequireRefused checks that the other end has refused a call, and says that reason; 0 for
// none.
func RequireRefused(t testing.TB, err error, reason transparency.Reason) *transparency.Error {
	t.Helper()
	RequireReason(t, err, transparency.Refused)
	e, ok := errors.AsType[*transparency.Error](err)
	require.True(t, ok)
	require.NotEmpty(t, e.Ref)
	if reason == 0 {
		require.Nil(t, e.Peer)
		return e
	}
	require.NotNil(t, e.Peer)
	require.Equal(t, reason, e.Peer.Reason)
	return e
}
