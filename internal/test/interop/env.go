package interop

import (
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
)

// CacheVariable names the environment variable that may name another folder
// for Python environments than one in the user's cache folder.
const CacheVariable = "WAMPBOX_INTEROP_CACHE"

// marker is the file that is written last into an environment: without it the
// environment is half made.
const marker = "complete.json"

// ErrMissing is the error of [Find] when there is no environment, and of Find
// and [Make] when this machine lacks what one is made with. Its text says what
// to install or to run.
var ErrMissing = errors.New("interop: no Python environment")

//go:embed requirements.txt
var requirements []byte

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

// Env is a complete Python environment.
type Env struct {
	Dir      string   // its folder, named for what is in it
	Versions Versions // as they were installed
}

// Python returns the path of the environment's interpreter.
func (e *Env) Python() string { return filepath.Join(e.Dir, "bin", "python") }

// Find returns the environment if it is there. It never makes or loads
// anything. The error is [ErrMissing] when there is none.
func Find(ctx context.Context) (*Env, error) {
	_, dir, err := locate(ctx)
	if err != nil {
		return nil, err
	}
	env, err := open(dir)
	if err != nil {
		return nil, fmt.Errorf("%w: run \"make interop-env\" to make it (it installs Crossbar.io and Autobahn)", ErrMissing)
	}
	return env, nil
}

// Make returns the environment and makes it where it is missing or half made.
// Other processes that want it wait for the first. What is done, and what pip
// says, is written to progress.
func Make(ctx context.Context, progress io.Writer) (*Env, error) {
	python, dir, err := locate(ctx)
	if err != nil {
		return nil, err
	}
	if env, err := open(dir); err == nil {
		return env, nil
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return nil, fmt.Errorf("interop: make the cache folder: %w", err)
	}
	unlock, err := lock(ctx, dir+".lock")
	if err != nil {
		return nil, err
	}
	defer unlock()
	if env, err := open(dir); err == nil {
		return env, nil // made while we waited
	}
	if err := install(ctx, python, dir, progress); err != nil {
		return nil, err
	}
	return open(dir)
}

// locate finds the interpreter to make an environment with, and where the
// environment for it and our requirements belongs.
func locate(ctx context.Context) (python interpreter, dir string, err error) {
	cache := os.Getenv(CacheVariable)
	if cache == "" {
		user, err := os.UserCacheDir()
		if err != nil {
			return interpreter{}, "", fmt.Errorf("%w: set %s to a folder for it: %w", ErrMissing, CacheVariable, err)
		}
		cache = filepath.Join(user, "wampbox-interop")
	}
	cache, err = filepath.Abs(cache) // interpreters run in other folders
	if err != nil {
		return interpreter{}, "", fmt.Errorf("interop: the cache folder: %w", err)
	}
	python, err = findPython(ctx)
	if err != nil {
		return interpreter{}, "", err
	}
	id := sha256.New()
	fmt.Fprintf(id, "%s\n%s\n%s/%s\n", python.path, python.version, runtime.GOOS, runtime.GOARCH)
	_, _ = id.Write(requirements) // a hash never fails
	return python, filepath.Join(cache, hex.EncodeToString(id.Sum(nil))[:16]), nil
}

// open returns the environment in the folder if it is complete.
func open(dir string) (*Env, error) {
	text, err := os.ReadFile(filepath.Join(dir, marker))
	if err != nil {
		return nil, err
	}
	env := &Env{Dir: dir}
	if err := json.Unmarshal(text, &env.Versions); err != nil {
		return nil, err
	}
	// The interpreter that it was made from may have gone.
	if _, err := os.Stat(env.Python()); err != nil {
		return nil, err
	}
	return env, nil
}
