package proc

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

const module = "github.com/wamp-cryptobox/wamp-cryptobox-go/"

// built are the programs of this test binary, each built when it is first needed.
var built struct {
	mu     sync.Mutex
	dir    string // while the tests run
	byName map[string]string
}

// Runner runs the tests of a binary and removes what was built for them.
type Runner struct{ m interface{ Run() int } }

// Main wraps the tests of a binary: a [testing.M], or what wraps that.
func Main(m interface{ Run() int }) *Runner { return &Runner{m} }

// Run implements goleak.TestingM.
func (r *Runner) Run() int {
	dir, err := os.MkdirTemp("", "programs")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(dir) }()
	built.dir, built.byName = dir, map[string]string{}
	return r.m.Run()
}

// Build builds a program if it isn't yet, and returns its path. It is an example, or
// a package of the module by its path, such as "cmd/wampbox". The binary's TestMain
// has to run [Main].
func Build(t testing.TB, program string) (path string) {
	t.Helper()
	built.mu.Lock()
	defer built.mu.Unlock()
	require.NotEmpty(t, built.dir, "TestMain has to run proc.Main")
	if path, ok := built.byName[program]; ok {
		return path
	}
	pkg := program
	if !strings.Contains(program, "/") {
		pkg = "examples/" + program
	}
	path = filepath.Join(built.dir, filepath.Base(program))
	out, err := exec.Command("go", "build", "-o", path, module+pkg).CombinedOutput()
	require.NoError(t, err, "%s", out)
	built.byName[program] = path
	return path
}
