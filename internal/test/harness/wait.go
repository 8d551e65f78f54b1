package harness

import (
	"context"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"
)

// Receive returns what arrives within [Patience].
func Receive[T any](t testing.TB, c <-chan T) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(Patience):
		require.Fail(t, "nothing arrived")
		panic("unreachable")
	}
}

// Nothing requires that nothing has arrived.
func Nothing[T any](t testing.TB, c <-chan T) {
	t.Helper()
	select {
	case v := <-c:
		require.Failf(t, "something arrived", "%T", v)
	default:
	}
}

// Arrives tells whether something arrives within a short time.
func Arrives[T any](c <-chan T) bool {
	select {
	case <-c:
		return true
	case <-time.After(50 * time.Millisecond):
		return false
	}
}

// Timeout is a context that ends after [Patience], or with the test.
func Timeout(t testing.TB) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), Patience)
	t.Cleanup(cancel)
	return ctx
}

// Echo is a handler that answers with what it is called with.
func Echo(_ context.Context, inv *wamp.Invocation) client.InvokeResult {
	return client.InvokeResult{Args: inv.Arguments, Kwargs: inv.ArgumentsKw}
}

// Go does something in a goroutine of its own, and returns where its error will be.
func Go(do func() error) <-chan error {
	done := make(chan error, 1)
	go func() { done <- do() }()
	return done
}

// Outcome is what a call has come to.
type Outcome struct {
	Result *wamp.Result
	Err    error
}

// Calling makes a call in a goroutine of its own. Its context doesn't end with the test:
// a call that nobody answers ends with its connection.
func Calling(call func(ctx context.Context) (*wamp.Result, error)) <-chan Outcome {
	done := make(chan Outcome, 1)
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), Patience)
		defer cancel()
		result, err := call(ctx)
		done <- Outcome{result, err}
	}()
	return done
}

// At walks into decoded lists and maps, by index and by name.
func At(t testing.TB, v any, path ...any) any {
	t.Helper()
	for _, step := range path {
		switch step := step.(type) {
		case int:
			list, ok := v.([]any)
			require.True(t, ok, "%T is no list", v)
			require.Greater(t, len(list), step, "the list is too short")
			v = list[step]
		case string:
			dict, ok := v.(map[string]any)
			require.True(t, ok, "%T is no map", v)
			require.Contains(t, dict, step)
			v = dict[step]
		}
	}
	return v
}
