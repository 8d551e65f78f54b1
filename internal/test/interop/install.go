package interop

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// readVersions prints the marker's content.
const readVersions = `import importlib.metadata as m, json, platform
print(json.dumps({"python": platform.python_version(), **{n: m.version(n) for n in ("crossbar", "autobahn")}}))`

// install makes the environment in the folder, from nothing. A virtual
// environment has its own path in it and can't be made elsewhere and renamed;
// it counts from the moment the marker is there.
func install(ctx context.Context, python interpreter, dir string, progress io.Writer) error {
	fmt.Fprintf(progress, "interop: installing Crossbar.io and Autobahn for %s %s into %s, once\n", python.path, python.version, dir)
	start := time.Now()
	if err := os.RemoveAll(dir); err != nil {
		return fmt.Errorf("interop: remove a half-made environment: %w", err)
	}
	if err := run(ctx, progress, python.path, "-I", "-m", "venv", dir); err != nil {
		return err
	}
	env := &Env{Dir: dir}
	list := filepath.Join(dir, "requirements.txt")
	if err := os.WriteFile(list, requirements, 0o644); err != nil {
		return fmt.Errorf("interop: write the requirements: %w", err)
	}
	// The list is complete: with --no-deps nothing that isn't on it comes in.
	if err := run(ctx, progress, env.Python(), "-m", "pip", "install", "--quiet", "--no-input",
		"--disable-pip-version-check", "--no-deps", "--requirement", list); err != nil {
		return err
	}
	if err := mark(ctx, env); err != nil {
		return err
	}
	fmt.Fprintf(progress, "interop: done in %s\n", time.Since(start).Round(time.Second))
	return nil
}

// mark writes the marker: what is installed, as the environment itself says.
func mark(ctx context.Context, env *Env) error {
	out, err := exec.CommandContext(ctx, env.Python(), "-c", readVersions).Output()
	if err != nil {
		return fmt.Errorf("interop: the new environment in %s doesn't run: %w", env.Dir, err)
	}
	if err := json.Unmarshal(out, &env.Versions); err != nil {
		return fmt.Errorf("interop: the new environment in %s doesn't say its versions: %w", env.Dir, err)
	}
	half := filepath.Join(env.Dir, marker+".half")
	if err := os.WriteFile(half, out, 0o644); err != nil {
		return fmt.Errorf("interop: write the marker: %w", err)
	}
	if err := os.Rename(half, filepath.Join(env.Dir, marker)); err != nil {
		return fmt.Errorf("interop: write the marker: %w", err)
	}
	return nil
}

func run(ctx context.Context, progress io.Writer, name string, args ...string) error {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Stdout, cmd.Stderr = progress, progress
	cmd.WaitDelay = 5 * time.Second
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("interop: %s: %w", cmd, err)
	}
	return nil
}
