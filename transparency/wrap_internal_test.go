package transparency

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestWrappedInvocationsAreForgotten: what a router begins and never ends costs nothing
// once nexus has let go of it.
func TestWrappedInvocationsAreForgotten(t *testing.T) {
	set := &wrappedInvocations{live: map[invocationID]*wrappedInvocation{}}
	size := func() int {
		set.mu.Lock()
		defer set.mu.Unlock()
		return len(set.live)
	}
	ctx, cancel := context.WithCancel(context.Background())
	set.keep(ctx, invocationID{stop: ctx.Done(), request: 1}, new(wrappedInvocation))
	require.Equal(t, 1, size())
	cancel()
	require.Eventually(t, func() bool { return size() == 0 }, 10*time.Second, time.Millisecond)
}
