package keyring_test

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Who wants a map of keys only depends on package cryptobox and the standard
// library, and on nothing that reads, watches or decrypts files.
func TestImports(t *testing.T) {
	imports, err := exec.Command("go", "list", "-f", `{{join .Imports "\n"}}`, ".").Output()
	require.NoError(t, err)
	for path := range strings.Lines(string(imports)) {
		path = strings.TrimSpace(path)
		if first, _, _ := strings.Cut(path, "/"); strings.Contains(first, ".") { // not of the standard library
			require.Equal(t, "github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox", path)
		}
	}
	require.Contains(t, string(imports), "/cryptobox")
}
