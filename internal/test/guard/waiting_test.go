//go:build !race

// The race detector needs more stack.

package guard_test

import (
	"context"
	"fmt"
	"runtime"
	"testing"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

const (
	// waiting is how many calls wait at a time.
	waiting = 1000
	// each is the memory that one of them takes, in bytes: 4 KiB of stack, and what there
	// is to know of it.
	each = 7 << 10
)

// inUse is the memory of heap and stacks in use, in bytes. A collection halves a stack of
// which little is used, once.
func inUse() int {
	for range 4 {
		runtime.GC()
	}
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return int(stats.HeapAlloc + stats.StackInuse)
}

// requireWaiting bounds what so many calls take that begin lets wait, in a process of its
// own.
func requireWaiting(t *testing.T, begin func(h *hostile, uri string)) {
	t.Helper()
	out, code := harness.InVictim(t, func(t *testing.T) {
		for _, uri := range []string{"com.plain.x", harness.Prefix + "x"} {
			h := rawStage.session(t, cryptobox.Wampbox)
			before := inUse()
			begin(h, uri)
			took := (inUse() - before) / waiting
			fmt.Printf("%s: %d of at most %d bytes each\n", uri, took, each)
			require.Less(t, took, each, uri)
			h.r.Close()
		}
	})
	t.Log(out)
	require.Zero(t, code)
}

// TestMemoryOfAHandlerThatWaits: the work of opening, and of sealing the answer, is not
// below it on its stack.
func TestMemoryOfAHandlerThatWaits(t *testing.T) {
	requireWaiting(t, func(h *hostile, uri string) {
		forger := harness.NewForger(h.t, harness.RingOf(h.t, h.keys.PairKey()), keyring.RoleOriginator)
		started := make(chan struct{})
		h.register(uri, 20, func(ctx context.Context, _ *wamp.Invocation) client.InvokeResult {
			started <- struct{}{}
			<-ctx.Done()
			return client.InvokeResult{}
		})
		for i := range waiting {
			var kwargs wamp.Dict
			if uri == harness.Prefix+"x" {
				kwargs = forger.Seal(uri, forger.Bind(cryptobox.KindCall, nil), "x")
			}
			h.r.Send(wamp.INVOCATION, 1+i, 20, wamp.Dict{}, []any{}, kwargs)
			harness.Receive(h.t, started)
		}
	})
}

// TestMemoryOfACallerThatWaits: neither is the work of sealing on a caller's stack.
func TestMemoryOfACallerThatWaits(t *testing.T) {
	requireWaiting(t, func(h *hostile, uri string) {
		for range waiting {
			go func() { _, _ = h.s.Call(context.Background(), uri, nil, wamp.List{"x"}, nil, nil) }()
			require.EqualValues(h.t, wamp.CALL, h.r.Next()[0])
		}
	})
}
