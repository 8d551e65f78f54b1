package transparency_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// benchPayloads are what is called with, in bytes.
var benchPayloads = []int{256, 16 << 10}

// benchmarkCalls has callers at once call an echo, each waiting for its answer. One
// client sends them all. Names end in the size of the payload and the number of
// callers.
func benchmarkCalls(b *testing.B, caller, callee transparency.Client, uri string) {
	b.Helper()
	echo := func(_ context.Context, inv *wamp.Invocation) client.InvokeResult {
		return client.InvokeResult{Args: inv.Arguments}
	}
	require.NoError(b, callee.Register(uri, echo, nil))
	for _, size := range benchPayloads {
		for _, callers := range []int{1, 64} {
			b.Run(fmt.Sprintf("%d/%d", size, callers), func(b *testing.B) {
				b.ReportAllocs()
				b.SetBytes(2 * int64(size))
				callAtOnce(b, caller, uri, wamp.List{strings.Repeat("x", size)}, callers)
			})
		}
	}
	require.NoError(b, callee.Unregister(uri))
}

func callAtOnce(b *testing.B, caller transparency.Client, uri string, args wamp.List, callers int) {
	b.Helper()
	calls := make(chan struct{})
	failed := make(chan error, callers)
	for range callers {
		go func() {
			var err error
			for range calls {
				if _, e := caller.Call(context.Background(), uri, nil, args, nil, nil); e != nil {
					err = e
				}
			}
			failed <- err
		}()
	}
	for b.Loop() {
		calls <- struct{}{}
	}
	close(calls)
	for range callers {
		require.NoError(b, <-failed)
	}
}

// BenchmarkSessionCall is a whole call through nexus's router on a WebSocket: sealed,
// opened, answered, opened. What is plain goes through nexus's client alone, what is
// unkeyed through a Session that seals nothing.
func BenchmarkSessionCall(b *testing.B) {
	k := harness.NewKeys()
	for _, l := range links {
		if strings.HasPrefix(l.name, "rawsocket") {
			continue // as WebSocket
		}
		r := startRouter(b)
		b.Run(l.name+"/plain", func(b *testing.B) {
			benchmarkCalls(b, l.plain(b, r), l.plain(b, r), "com.plain.echo")
		})
		b.Run(l.name+"/unkeyed", func(b *testing.B) {
			benchmarkCalls(b, l.session(b, r, harness.RingOf(b, k.OriginatorKey())), l.session(b, r, harness.RingOf(b, k.ResponderKey())), "com.plain.echo")
		})
		for _, d := range []cryptobox.Dialect{cryptobox.Wampbox, cryptobox.Passthru} {
			b.Run(l.name+"/"+d.String(), func(b *testing.B) {
				k := k.In(d)
				benchmarkCalls(b, l.session(b, r, harness.RingOf(b, k.OriginatorKey())), l.session(b, r, harness.RingOf(b, k.ResponderKey())), harness.Prefix+"echo")
			})
		}
	}
}
