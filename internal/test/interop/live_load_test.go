package interop_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/interop"
)

// manyCalls is how many are under way at the same time.
const manyCalls = 1000

// together runs the calls at once and expects that each gets its own answer.
func together(t *testing.T, call func(n int64) (answer []any, err error)) {
	t.Helper()
	errs := make([]error, manyCalls)
	var calls sync.WaitGroup
	for i := range errs {
		calls.Go(func() {
			answer, err := call(int64(i))
			if err == nil && (len(answer) != 2 || answer[0] != int64(i) || answer[1] != fmt.Sprint("call ", i)) {
				err = fmt.Errorf("call %d got the answer %v", i, answer)
			}
			errs[i] = err
		})
	}
	calls.Wait()
	require.NoError(t, errors.Join(errs...))
}

func TestLiveManyCallsFromGo(t *testing.T) {
	l := startLive(t)
	procedure := keyed("echo")
	require.NoError(t, l.join(interop.MessagePack, l.pyResponding()).Register(l.ctx, procedure, interop.Slow(time.Second/2), nil))
	originator := l.connect(usual, l.originating())
	together(t, func(n int64) ([]any, error) {
		result, err := originator.Call(l.ctx, procedure, nil, wamp.List{n, fmt.Sprint("call ", n)}, nil, nil)
		if err != nil {
			return nil, err
		}
		return result.Arguments, nil
	})
	require.Equal(t, uint64(manyCalls), originator.Stats().Opened)
}

// TestLiveManyCallsFromPython has Go answer in another order than it is asked.
func TestLiveManyCallsFromPython(t *testing.T) {
	l := startLive(t)
	procedure := keyed("echo")
	responder := l.connect(usual, l.responding())
	l.served(responder, procedure, nil, func(ctx context.Context, inv *wamp.Invocation) client.InvokeResult {
		n, _ := inv.Arguments[0].(int64)
		time.Sleep(time.Duration(n%7) * 20 * time.Millisecond)
		return harness.Echo(ctx, inv)
	})
	originator := l.join(interop.MessagePack, l.pyOriginating())
	together(t, func(n int64) ([]any, error) {
		result, err := originator.Call(l.ctx, procedure, []any{n, fmt.Sprint("call ", n)}, nil, nil)
		return result.Args, err
	})
	require.Equal(t, uint64(manyCalls), responder.Stats().Opened)
}
