package transparency

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestInvocationsAreForgotten: what a router begins and never ends costs nothing
// once nexus has let go of it.
func TestInvocationsAreForgotten(t *testing.T) {
	set := new(invocations)
	size := func() int {
		set.mu.Lock()
		defer set.mu.Unlock()
		return len(set.live)
	}
	ctx, cancel := context.WithCancel(context.Background())
	in := &invocation{ctx: ctx}
	set.keep(ctx, invocationID{stop: ctx.Done(), request: 1}, in)
	require.Equal(t, 1, size())
	cancel()
	require.Eventually(t, func() bool { return size() == 0 && in.isClosed() }, 10*time.Second, time.Millisecond)
}
