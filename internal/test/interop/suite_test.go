package interop_test

import (
	"os"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/interop"
)

// TestStartWithoutEnvironment runs a test of the suite by itself, on a machine
// without Python, so to speak.
func TestStartWithoutEnvironment(t *testing.T) {
	tests := []struct {
		name, variable string
		passes         bool
		say            string
	}{
		{"not asked for", "", true, "--- SKIP: TestVersions"},
		{"required", "required", false, "--- FAIL: TestVersions"},
		{"misspelt", "require", false, `set it to "required", or not at all`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run", "^TestVersions$", "-test.v")
			cmd.Env = []string{
				interop.EnvVariable + "=" + t.TempDir(), interop.Variable + "=" + tt.variable,
			}
			out, err := cmd.CombinedOutput()
			require.Equal(t, tt.passes, err == nil, "%s", out)
			require.Contains(t, string(out), tt.say)
		})
	}
}
