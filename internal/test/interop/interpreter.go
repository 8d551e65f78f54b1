package interop

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"time"
)

// interpreter is a Python that environments can be made with.
type interpreter struct {
	path    string // as given to exec
	version string // "3.11.7"
}

// probe prints the version and whether environments can be made. Debian's
// python3 comes without ensurepip, which venv needs.
const probe = `import importlib.util as u, platform, sys
print(platform.python_version(), sys.version_info >= (3, 11), all(u.find_spec(n) for n in ("venv", "ensurepip")))`

// findPython returns python3.11, or python3 where that is 3.11 or later. It
// runs each, for a name on the path may be a shim with nothing behind it.
func findPython(ctx context.Context) (interpreter, error) {
	var found []error
	for _, name := range []string{"python3.11", "python3"} {
		python, err := tryPython(ctx, name)
		if err == nil {
			return python, nil
		}
		found = append(found, err)
	}
	return interpreter{}, fmt.Errorf("%w, and no Python 3.11 or later to make it with: install python3.11 and python3.11-venv, or python3 and python3-venv (%w)",
		ErrMissing, errors.Join(found...))
}

func tryPython(ctx context.Context, name string) (interpreter, error) {
	path, err := exec.LookPath(name)
	if err != nil {
		return interpreter{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, path, "-I", "-c", probe).Output()
	if err != nil {
		return interpreter{}, fmt.Errorf("%s doesn't run: %w", path, err)
	}
	answer := strings.Fields(string(out))
	switch {
	case len(answer) != 3:
		return interpreter{}, fmt.Errorf("%s isn't a Python: it answers %q", path, out)
	case answer[1] != "True":
		return interpreter{}, fmt.Errorf("%s is Python %s: 3.11 or later is needed", path, answer[0])
	case answer[2] != "True":
		return interpreter{}, fmt.Errorf("%s has no venv or no ensurepip: install its venv package, %s-venv on Debian", path, name)
	}
	return interpreter{path: path, version: answer[0]}, nil
}
