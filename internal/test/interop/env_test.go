package interop_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/interop"
)

// fakePython makes "environments" that hold a copy of itself, and notes what it was
// asked to do. It fails to install while there is a file "broken" beside it.
const fakePython = `#!/bin/sh
home=%[1]s
case "$*" in
*ensurepip*) exit %[2]d ;;
"-m venv --clear .") echo venv >> $home/did; mkdir -p bin; cp $0 bin/python; : > pyvenv.cfg ;;
*"pip install"*--no-deps*) echo install >> $home/did; sleep 0.1; [ ! -e $home/broken ] ;;
"-c ") ;;
*) exit 3 ;;
esac
`

// fakes is a machine with no Python but fakes.
type fakes struct{ dir string }

// fake makes the machine, with Pythons by name and whether one will do.
func fake(t *testing.T, pythons map[string]bool) fakes {
	t.Helper()
	dir := t.TempDir()
	for _, tool := range []string{"make", "sh", "flock", "cmp", "cp", "mv", "mkdir", "ls", "sleep"} {
		path, err := exec.LookPath(tool)
		if err != nil && !interop.Required() {
			t.Skipf("this test needs %s", tool)
		}
		require.NoError(t, err)
		require.NoError(t, os.Symlink(path, filepath.Join(dir, tool)))
	}
	for name, fine := range pythons {
		status := map[bool]int{false: 1}[fine]
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), fmt.Appendf(nil, fakePython, dir, status), 0o700))
	}
	t.Setenv("PATH", dir)
	t.Setenv(interop.EnvVariable, filepath.Join(t.TempDir(), "not", "there"))
	return fakes{dir}
}

// makeEnv makes the environment as a user does.
func makeEnv(t *testing.T) (said string, err error) {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "make", "-s", "-C", "../../..", "interop-env").CombinedOutput()
	return string(out), err
}

// did returns what the fakes were asked to do, oldest first.
func (f fakes) did() string {
	text, _ := os.ReadFile(filepath.Join(f.dir, "did")) // missing if nothing was
	return strings.Join(strings.Fields(string(text)), " ")
}

// TestMakeOnce: several who want the environment at the same time wait for one.
func TestMakeOnce(t *testing.T) {
	f := fake(t, map[string]bool{"python3.11": true})
	_, err := interop.Interpreter()
	require.ErrorIs(t, err, interop.ErrMissing)
	require.ErrorContains(t, err, "make interop-env")
	var makers sync.WaitGroup
	for range 4 {
		makers.Go(func() {
			if said, err := makeEnv(t); err != nil {
				t.Error(said, err)
			}
		})
	}
	makers.Wait()
	require.Equal(t, "venv install", f.did())
	python, err := interop.Interpreter()
	require.NoError(t, err)
	require.Equal(t, filepath.Join(os.Getenv(interop.EnvVariable), "bin", "python"), python)
}

// TestMakeAgain: one that is half made, outdated, or without its Python doesn't count.
func TestMakeAgain(t *testing.T) {
	f := fake(t, map[string]bool{"python3": true})
	broken, env := filepath.Join(f.dir, "broken"), os.Getenv(interop.EnvVariable)
	require.NoError(t, os.WriteFile(broken, nil, 0o600))
	_, err := makeEnv(t)
	require.Error(t, err)
	missing := func() {
		t.Helper()
		_, err := interop.Interpreter()
		require.ErrorIs(t, err, interop.ErrMissing)
	}
	missing()
	require.NoError(t, os.Remove(broken))
	made := "venv install"
	for _, spoil := range []func() error{
		func() error { return nil },
		func() error { return os.Remove(filepath.Join(env, "bin", "python")) },
		func() error {
			return os.WriteFile(filepath.Join(env, "requirements.txt"), []byte("crossbar==1.0\n"), 0o600)
		},
	} {
		require.NoError(t, spoil())
		missing()
		said, err := makeEnv(t)
		require.NoError(t, err, said)
		_, err = interop.Interpreter()
		require.NoError(t, err)
		made += " venv install"
		require.Equal(t, made, f.did())
	}
}

func TestPythonNeeded(t *testing.T) {
	for _, tt := range []struct {
		name    string
		pythons map[string]bool
		passes  bool
	}{
		{"3.11", map[string]bool{"python3.11": true}, true},
		{"python3 is later", map[string]bool{"python3": true}, true},
		{"3.11 is no good", map[string]bool{"python3.11": false, "python3": true}, true},
		{"none", nil, false},
		{"too old", map[string]bool{"python3": false}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			fake(t, tt.pythons)
			said, err := makeEnv(t)
			require.Equal(t, tt.passes, err == nil, said)
			require.Equal(t, tt.passes, !strings.Contains(said, "install Python 3.11 or later"))
		})
	}
}

// TestMakeDeletesNothingElse: a folder that is no environment is left as it is.
func TestMakeDeletesNothingElse(t *testing.T) {
	f := fake(t, map[string]bool{"python3": true})
	home := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(home, "letter"), nil, 0o600))
	t.Setenv(interop.EnvVariable, home)
	said, err := makeEnv(t)
	require.Error(t, err)
	require.Contains(t, said, "holds something else")
	require.Empty(t, f.did())
}

// TestEnvironmentAbove: without the variable it is found in a folder above.
func TestEnvironmentAbove(t *testing.T) {
	fake(t, map[string]bool{"python3": true})
	checkout := t.TempDir()
	require.NoError(t, os.MkdirAll(filepath.Join(checkout, "a", "b"), 0o700))
	t.Setenv(interop.EnvVariable, filepath.Join(checkout, ".venv-interop"))
	said, err := makeEnv(t)
	require.NoError(t, err, said)
	t.Setenv(interop.EnvVariable, "")
	t.Chdir(filepath.Join(checkout, "a", "b"))
	python, err := interop.Interpreter()
	require.NoError(t, err)
	require.Equal(t, filepath.Join(checkout, ".venv-interop", "bin", "python"), python)
}
