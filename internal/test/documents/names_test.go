package documents_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// packages are those that documents speak of.
var packages = []string{"transparency", "keyring", "cryptobox", "keyring/keyfile", "keyring/keywatch", "keyring/agefile", "keyring/keyservice", "redismemory", "telemetry", "validation"}

// exported are the names of each package, and of each type's methods and fields.
func exported(t *testing.T) map[string]map[string]bool {
	t.Helper()
	names := map[string]map[string]bool{}
	add := func(of, name string) {
		if names[of] == nil {
			names[of] = map[string]bool{}
		}
		names[of][name] = true
	}
	for _, dir := range packages {
		paths, err := filepath.Glob(filepath.Join(root, dir, "*.go"))
		require.NoError(t, err)
		for _, path := range paths {
			if strings.HasSuffix(path, "_test.go") {
				continue
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
			require.NoError(t, err)
			for _, decl := range file.Decls {
				declared(decl, file.Name.Name, add)
			}
		}
	}
	return names
}

// declared adds what a declaration declares.
func declared(decl ast.Decl, pkg string, add func(of, name string)) {
	if f, ok := decl.(*ast.FuncDecl); ok {
		if f.Recv == nil {
			add(pkg, f.Name.Name)
			return
		}
		receiver := f.Recv.List[0].Type
		if pointer, ok := receiver.(*ast.StarExpr); ok {
			receiver = pointer.X
		}
		if name, ok := receiver.(*ast.Ident); ok {
			add(name.Name, f.Name.Name)
		}
		return
	}
	for _, spec := range decl.(*ast.GenDecl).Specs {
		switch spec := spec.(type) {
		case *ast.ValueSpec:
			for _, name := range spec.Names {
				add(pkg, name.Name)
			}
		case *ast.TypeSpec:
			add(pkg, spec.Name.Name)
			ast.Inspect(spec.Type, func(n ast.Node) bool {
				if field, ok := n.(*ast.Field); ok {
					for _, name := range field.Names {
						add(spec.Name.Name, name.Name)
					}
				}
				return true
			})
		}
	}
}

var qualified = regexp.MustCompile(`\b([A-Za-z]\w*)\.([A-Z]\w*)`)

// TestNames: what documents name of the packages is there: keyring.Prefix, Session.Ready.
func TestNames(t *testing.T) {
	names, seen := exported(t), 0
	names["ring"], names["session"] = names["Ring"], names["Session"]
	for name, text := range documents(t) {
		for _, q := range qualified.FindAllStringSubmatch(text, -1) {
			if of, ours := names[q[1]]; ours {
				seen++
				require.True(t, of[q[2]], "%s: %s", name, q[0])
			}
		}
	}
	require.Greater(t, seen, 50)
}

var testName = regexp.MustCompile("`(Test\\w+\\*?)`")

// TestTests: the tests that documents name are there, and those of the table of attacks,
// which are without what all begin with.
func TestTests(t *testing.T) {
	var code strings.Builder
	err := filepath.WalkDir(root, func(path string, _ fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, "_test.go") {
			var text []byte
			text, err = os.ReadFile(path)
			code.Write(text)
		}
		return err
	})
	require.NoError(t, err)
	all, seen := code.String(), 0
	check := func(name, in string) {
		seen++
		name, some := strings.CutSuffix(name, "*")
		declared := "\nfunc " + name
		if !some {
			declared += "("
		}
		require.True(t, strings.Contains(all, declared), "%s names %s", in, name)
	}
	texts := documents(t)
	for name, text := range texts {
		for _, test := range testName.FindAllStringSubmatch(text, -1) {
			check(test[1], name)
		}
	}
	_, attacks, _ := strings.Cut(texts["SECURITY.md"], "| attack |")
	for line := range strings.Lines(attacks) {
		cells := strings.Split(line, " | ")
		if len(cells) != 4 || strings.HasPrefix(line, "|--") || strings.Contains(line, "what stops it") {
			continue
		}
		for _, test := range regexp.MustCompile("`(\\w+\\*?)`").FindAllStringSubmatch(cells[2], -1) {
			check(hostileName(test[1]), "SECURITY.md")
		}
	}
	require.Greater(t, seen, 40)
}

// hostileName is the whole name of an attack's test. Duplicate*Chunk stands for all that
// begin so.
func hostileName(short string) string {
	if begin, _, wild := strings.Cut(short, "*"); wild {
		return "TestHostile" + begin + "*"
	}
	return "TestHostile" + short
}

// TestReasons: docs/REFUSED.md has every reason, in the words of errors and logs.
func TestReasons(t *testing.T) {
	text, seen := documents(t)["docs/REFUSED.md"], 0
	for reason := transparency.Reason(1); !strings.HasPrefix(reason.Error(), "reason "); reason++ {
		seen++
		require.Contains(t, text, `"`+reason.Error())
	}
	require.Greater(t, seen, 15)
}

// TestKeyserviceErrors: docs/KEYSERVICE.md says of each of the package's errors what to do.
func TestKeyserviceErrors(t *testing.T) {
	_, table, found := strings.Cut(documents(t)["docs/KEYSERVICE.md"], "\n## Errors\n")
	require.True(t, found)
	table, _, _ = strings.Cut(table, "\n## ")
	seen := 0
	for name := range exported(t)["keyservice"] {
		if strings.HasPrefix(name, "Err") && name != "Error" {
			seen++
			require.Contains(t, table, "`"+name+"`")
		}
	}
	require.Equal(t, seen, strings.Count(table, "`Err"))
}
