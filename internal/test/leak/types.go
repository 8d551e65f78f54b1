package leak

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// ExportedTypes returns the names of the exported types that the Go files of a
// directory declare, those of tests aside. Interfaces are left out: they have no
// values of their own.
func ExportedTypes(t testing.TB, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	var names []string
	for _, entry := range entries {
		if !strings.HasSuffix(entry.Name(), ".go") || strings.HasSuffix(entry.Name(), "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(dir, entry.Name()), nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		for _, declaration := range file.Decls {
			if types, ok := declaration.(*ast.GenDecl); ok {
				names = append(names, exported(types)...)
			}
		}
	}
	require.NotEmpty(t, names)
	return names
}

func exported(declaration *ast.GenDecl) (names []string) {
	for _, spec := range declaration.Specs {
		declared, ok := spec.(*ast.TypeSpec)
		if !ok || !declared.Name.IsExported() {
			continue
		}
		if _, is := declared.Type.(*ast.InterfaceType); !is {
			names = append(names, declared.Name.Name)
		}
	}
	return names
}
