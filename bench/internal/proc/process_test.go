package proc_test

import (
	"context"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/bench/internal/proc"
)

// sh runs a shell script as the process.
func sh(t *testing.T, script string) (*proc.Process, error) {
	t.Helper()
	p, err := proc.Start(t.Context(), "script", exec.Command("/bin/sh", "-c", script))
	if err == nil {
		t.Cleanup(func() { _ = p.Stop() })
	}
	return p, err
}

func TestAsk(t *testing.T) {
	p, err := sh(t, `echo hello; while read line; do echo "got $line"; done`)
	require.NoError(t, err)
	require.Equal(t, "hello", p.Banner())
	for _, line := range []string{"a b", "c"} {
		answer, err := p.Ask(t.Context(), line)
		require.NoError(t, err)
		require.Equal(t, "got "+line, answer)
	}
	require.NoError(t, p.Stop())
	require.NoError(t, p.Stop(), "a second time")
	_, err = p.Ask(t.Context(), "d")
	require.Error(t, err)
}

func TestAProcessThatEndsIsAnErrorWithItsLog(t *testing.T) {
	_, err := sh(t, `echo why it ends >&2`)
	require.ErrorContains(t, err, "why it ends")

	p, err := sh(t, `echo hello; read line; echo broken >&2`)
	require.NoError(t, err)
	_, err = p.Ask(t.Context(), "x")
	require.ErrorContains(t, err, "broken")
}

func TestAskEndsWithItsContext(t *testing.T) {
	p, err := sh(t, `echo hello; while read line; do :; done`)
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	_, err = p.Ask(ctx, "x")
	require.ErrorIs(t, err, context.DeadlineExceeded)
}

func TestStopEndsAProcessThatSpeaksUnasked(t *testing.T) {
	p, err := sh(t, `echo hello; while read line; do :; done; for i in 1 2 3 4 5; do echo "$i"; done`)
	require.NoError(t, err)
	require.NoError(t, p.Stop())
}

func TestAProgramThatIsNotThere(t *testing.T) {
	_, err := proc.Start(t.Context(), "nothing", exec.Command("/no/such/program"))
	require.ErrorIs(t, err, os.ErrNotExist)
}
