package proctest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

const examples = "github.com/wamp-cryptobox/wamp-cryptobox-go/examples/"

// directory is where Main puts the programs.
var directory string

// Main is for a TestMain: it builds the programs, runs the tests, and returns
// the status to exit with.
func Main(m *testing.M, programs ...string) int {
	dir, err := os.MkdirTemp("", "examples")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(dir) }()
	args := []string{"build", "-o", dir + string(filepath.Separator)}
	for _, program := range programs {
		args = append(args, examples+program)
	}
	if out, err := exec.Command("go", args...).CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "go %v: %v\n%s", args, err, out)
		return 1
	}
	directory = dir
	return m.Run()
}
