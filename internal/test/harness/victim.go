package harness

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// victimEnv is set in the process that a test starts for something to fall in.
const victimEnv = "WAMPBOX_TEST_VICTIM"

// blocked is the exit code of a victim that hangs.
const blocked = 42

// Hang is how long something may take that hangs.
const Hang = 1500 * time.Millisecond

// InVictim runs the scenario in a process of its own, as the test t alone, and
// returns what that printed and its exit code.
func InVictim(t *testing.T, scenario func(t *testing.T)) (output string, code int) {
	t.Helper()
	if os.Getenv(victimEnv) == t.Name() {
		scenario(t)
		fmt.Println("the victim has survived")
		os.Exit(0)
	}
	t.Parallel()
	pattern := "^" + strings.ReplaceAll(regexp.QuoteMeta(t.Name()), "/", "$/^") + "$"
	ctx, cancel := context.WithTimeout(context.Background(), 5*Patience) // it may wait several times
	defer cancel()
	cmd := exec.CommandContext(ctx, os.Args[0], "-test.run", pattern)
	cmd.Env = append(os.Environ(), victimEnv+"="+t.Name())
	out, err := cmd.CombinedOutput()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return string(out), exit.ExitCode()
	}
	require.NoError(t, err)
	return string(out), 0
}

// RequireDies runs the scenario, which has to end its process by a panic with that
// text.
func RequireDies(t *testing.T, text string, scenario func(t *testing.T)) {
	t.Helper()
	out, code := InVictim(t, func(t *testing.T) {
		scenario(t)
		time.Sleep(Hang)
	})
	require.Equal(t, 2, code, out)
	require.Contains(t, out, "panic: ")
	require.Contains(t, out, text)
}

// RequireHangs runs the scenario, which returns what then hangs.
func RequireHangs(t *testing.T, scenario func(t *testing.T) func()) {
	t.Helper()
	out, code := InVictim(t, func(t *testing.T) {
		hangs := scenario(t)
		returned := make(chan struct{})
		go func() {
			hangs()
			close(returned)
		}()
		select {
		case <-returned:
		case <-time.After(Hang):
			os.Exit(blocked)
		}
	})
	require.Equal(t, blocked, code, out)
}
