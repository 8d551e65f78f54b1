// Package fips runs a test where Go's cryptography refuses what FIPS 140-3 doesn't approve.
package fips

import (
	"crypto/fips140"
	"os"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"
)

// Only has the rest of a top-level test run in a process with GODEBUG=fips140=only, as a
// process has that from its start. It reports whether this is the one.
func Only(t *testing.T) bool {
	t.Helper()
	if fips140.Enforced() {
		return true
	}
	cmd := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
	cmd.Env = append(os.Environ(), "GODEBUG=fips140=only", "GORACE=atexit_sleep_ms=0")
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	require.Contains(t, string(out), "--- PASS: "+t.Name()+" ")
	return false
}
