package messages

import (
	"context"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/bench/internal/proc"
)

func TestVersion(t *testing.T) {
	v, err := version("ready 1.0.18")
	require.NoError(t, err)
	require.Equal(t, "1.0.18", v)
	for _, banner := range []string{"", "ready", "ready ", "failed no shared key", "1.0.18"} {
		_, err := version(banner)
		require.Error(t, err, "%q", banner)
	}
}

// answering is a contender whose process gives the same answer to everything.
func answering(t *testing.T, answer string) *other {
	t.Helper()
	p, err := proc.Start(t.Context(), "script", exec.Command("/bin/sh", "-c", `echo ready 1; while read line; do echo "`+answer+`"; done`))
	require.NoError(t, err)
	t.Cleanup(func() { _ = p.Stop() })
	return &other{"script", p}
}

func TestOther(t *testing.T) {
	sample, err := answering(t, "done 10 5000000").run(t.Context(), Seal, 16, 5*time.Millisecond)
	require.NoError(t, err)
	require.Equal(t, 500_000.0, sample.Each())
	for name, answer := range map[string]string{
		"it failed":           "failed it didn't open",
		"worked too short":    "done 10 4999999",
		"isn't what we ask":   "hello",
		"measured nothing":    "done 0 5000000",
		"no time has passed":  "done 5 0",
		"more than a sample":  "done 5 5000000 5",
		"a number with a dot": "done 5.5 5000000",
	} {
		_, err := answering(t, answer).run(t.Context(), Seal, 16, 5*time.Millisecond)
		require.Error(t, err, name)
	}
}

// TestWithoutLibsodium has a compiler that finds no libsodium, and none at all.
func TestWithoutLibsodium(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("PATH", dir)
	_, _, err := startSodium(context.Background(), dir)
	require.ErrorContains(t, err, "no C compiler")

	require.NoError(t, os.WriteFile(dir+"/cc", []byte("#!/bin/sh\necho \"fatal error: sodium.h: No such file\" >&2\nexit 1\n"), 0o700))
	_, _, err = startSodium(context.Background(), dir)
	require.ErrorContains(t, err, "libsodium-dev")
	require.ErrorContains(t, err, "sodium.h")
}
