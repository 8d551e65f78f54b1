package examples_test

import (
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestExamplesCanBeCopied: outside of this module, too, an example builds with what it
// imports: the standard library, nexus and public packages.
func TestExamplesCanBeCopied(t *testing.T) {
	const module = "github.com/wamp-cryptobox/wamp-cryptobox-go/"
	out, err := exec.Command("go", "list", "-f", `{{.ImportPath}} {{join .Imports " "}}`, "./...", "./telemetry/...", "./validation/...").Output()
	require.NoError(t, err)
	seen := 0
	for line := range strings.Lines(string(out)) {
		program, imports, _ := strings.Cut(strings.TrimSpace(line), " ")
		for path := range strings.FieldsSeq(imports) {
			seen++
			outside := strings.Contains(strings.Split(path, "/")[0], ".")
			if path, ours := strings.CutPrefix(path, module); ours {
				require.NotContains(t, path, "internal", program)
				require.NotContains(t, path, "examples", program)
			} else if outside {
				require.True(t, mayImport(program, path), "%s imports %s", program, path)
			}
		}
	}
	require.NotZero(t, seen)
}

// mayImport tells whether a program may import a package that isn't the standard library's or
// ours.
func mayImport(program, path string) bool {
	allowed := []string{"github.com/gammazero/nexus/v3/"}
	if strings.HasSuffix(program, "/examples/telemetry") { // an exporter
		allowed = append(allowed, "go.opentelemetry.io/otel/", "github.com/prometheus/")
	}
	return slices.ContainsFunc(allowed, func(prefix string) bool { return strings.HasPrefix(path, prefix) })
}
