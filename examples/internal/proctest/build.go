package proctest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const module = "github.com/wamp-cryptobox/wamp-cryptobox-go/"

// directory is where Main puts the programs.
var directory string

// Path is where Main has put a program.
func Path(program string) string { return filepath.Join(directory, program) }

// Main is for a TestMain: it builds the programs, runs the tests, and returns
// the status to exit with. The programs are examples, or packages of the module by
// their path, such as "cmd/wampbox".
func Main(m *testing.M, programs ...string) int {
	dir, err := os.MkdirTemp("", "examples")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(dir) }()
	args := []string{"build", "-o", dir + string(filepath.Separator)}
	for _, program := range programs {
		if !strings.Contains(program, "/") {
			program = "examples/" + program
		}
		args = append(args, module+program)
	}
	if out, err := exec.Command("go", args...).CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "go %v: %v\n%s", args, err, out)
		return 1
	}
	directory = dir
	return m.Run()
}
