package documents_test

import (
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestExamplesCanBePlayed: an Example in the documentation of a package is shown as a whole
// program, which uses nothing that a reader can't import.
func TestExamplesCanBePlayed(t *testing.T) {
	seen := 0
	for _, dir := range packages {
		paths, err := filepath.Glob(filepath.Join(root, dir, "*_test.go"))
		require.NoError(t, err)
		var files []*ast.File
		for _, path := range paths {
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments)
			require.NoError(t, err)
			files = append(files, file)
		}
		for _, example := range doc.Examples(files...) {
			seen++
			require.NotNil(t, example.Play, "%s: Example%s uses what stands in another file", dir, example.Name)
			ast.Inspect(example.Play, func(n ast.Node) bool {
				if spec, ok := n.(*ast.ImportSpec); ok {
					require.NotContains(t, strings.Split(strings.Trim(spec.Path.Value, `"`), "/"), "internal", "%s: Example%s", dir, example.Name)
				}
				return true
			})
		}
	}
	require.Greater(t, seen, 15)
}
