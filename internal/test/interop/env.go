package interop

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// EnvVariable names the environment variable with the folder of the Python
// environment. Without it the environment is looked for in [envFolder] of the
// working directory and of the folders above.
const EnvVariable = "WAMPBOX_INTEROP_ENV"

const envFolder = ".venv-interop"

// ErrMissing is the error of [Interpreter] when there is no environment.
var ErrMissing = errors.New(`interop: no Python environment with Crossbar.io and Autobahn: run "make interop-env" to make it`)

//go:embed requirements.txt
var requirements []byte

// Interpreter returns the path of the Python that has Crossbar.io and Autobahn.
// An environment counts if all of the present requirements.txt is installed in
// it: the Makefile copies the list there when it has done that.
func Interpreter() (python string, err error) {
	dir, err := findEnv()
	if err != nil {
		return "", err
	}
	installed, err := os.ReadFile(filepath.Join(dir, "requirements.txt"))
	if err != nil || !bytes.Equal(installed, requirements) {
		return "", fmt.Errorf("%w: what is in %s is incomplete or outdated", ErrMissing, dir)
	}
	python = filepath.Join(dir, "bin", "python")
	if _, err := os.Stat(python); err != nil { // the Python that it was made from may be gone
		return "", fmt.Errorf("%w: %w", ErrMissing, err)
	}
	return python, nil
}

func findEnv() (dir string, err error) {
	if dir := os.Getenv(EnvVariable); dir != "" {
		return filepath.Abs(dir) // interpreters run in other folders
	}
	above, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("interop: find the Python environment: %w", err)
	}
	for {
		dir := filepath.Join(above, envFolder)
		if _, err := os.Stat(dir); err == nil {
			return dir, nil
		}
		if above == filepath.Dir(above) {
			return "", ErrMissing
		}
		above = filepath.Dir(above)
	}
}

// Versions says what the suite runs against.
type Versions struct {
	Python   string `json:"python"`
	Crossbar string `json:"crossbar"`
	Autobahn string `json:"autobahn"`
}

// String implements [fmt.Stringer].
func (v Versions) String() string {
	return fmt.Sprintf("Python %s, crossbar %s, autobahn %s", v.Python, v.Crossbar, v.Autobahn)
}

// readVersions prints Versions.
const readVersions = `import importlib.metadata as m, json, platform
print(json.dumps({"python": platform.python_version(), **{n: m.version(n) for n in ("crossbar", "autobahn")}}))`

// VersionsOf returns what the interpreter has.
func VersionsOf(ctx context.Context, python string) (v Versions, err error) {
	out, err := exec.CommandContext(ctx, python, "-c", readVersions).Output()
	if err == nil {
		err = json.Unmarshal(out, &v)
	}
	return v, err
}
