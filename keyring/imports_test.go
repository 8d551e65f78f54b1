package keyring_test

import (
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"
)

// Who wants a map of keys only doesn't depend on what watches or decrypts
// files, nor on a WAMP client.
func TestImports(t *testing.T) {
	deps, err := exec.Command("go", "list", "-deps", ".").Output()
	require.NoError(t, err)
	require.Contains(t, string(deps), "keyring/keyfile/document\n")
	for _, unwanted := range []string{"fsnotify", "filippo.io/age", "nexus", "urfave", "jsonschema"} {
		require.NotContains(t, string(deps), unwanted)
	}
}
