package transparency_test

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

// oneValued are the assertions that have one value, by file: reflect has just converted
// what they are on, a value that the application wants sealed, to that very type.
var oneValued = map[string]int{"../cryptobox/convert.go": 2}

// TestTypeAssertionsAreTwoValued: whatever comes in may be of any type. So no assertion
// in what a program that uses the library runs can panic, whether it is on something
// received or not.
func TestTypeAssertionsAreTwoValued(t *testing.T) {
	packages := []string{"cryptobox", "keyring", "transparency", "redismemory", "internal/client", "internal/link", "internal/replay", "internal/wire"}
	assertions := 0
	for _, dir := range packages {
		require.NoError(t, filepath.WalkDir(filepath.Join("..", dir), func(path string, entry os.DirEntry, err error) error {
			if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			files := token.NewFileSet()
			file, err := parser.ParseFile(files, path, nil, parser.SkipObjectResolution)
			if err != nil {
				return err
			}
			safe, single := typeAssertions(file)
			assertions += safe
			if len(single) != oneValued[filepath.ToSlash(path)] {
				for _, assertion := range single {
					t.Errorf("%s: a type assertion with one value", files.Position(assertion.Pos()))
				}
			}
			return nil
		}))
	}
	require.Greater(t, assertions, 20)
}

// typeAssertions counts those with two values, and returns the others.
func typeAssertions(file *ast.File) (safe int, single []*ast.TypeAssertExpr) {
	two := map[ast.Expr]bool{}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			if len(n.Lhs) == 2 && len(n.Rhs) == 1 {
				two[n.Rhs[0]] = true
			}
		case *ast.ValueSpec:
			if len(n.Names) == 2 && len(n.Values) == 1 {
				two[n.Values[0]] = true
			}
		case *ast.TypeAssertExpr:
			switch {
			case n.Type == nil: // of a type switch
			case two[n]:
				safe++
			default:
				single = append(single, n)
			}
		}
		return true
	})
	return safe, single
}

// TestTypeAssertionsAreFound: those with one value, and no others.
func TestTypeAssertionsAreFound(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "x.go", `package x
var a, ok = b.(int)
func f(v any) int {
	n, _ := v.(int)
	switch v.(type) {}
	switch w := v.(type) {}
	g(v.(int))
	m := v.(int)
	return v.(int)
}`, parser.SkipObjectResolution)
	require.NoError(t, err)
	safe, single := typeAssertions(file)
	require.Equal(t, 2, safe)
	require.Len(t, single, 3)
}
