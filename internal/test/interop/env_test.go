package interop_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/interop"
)

// fakePython answers the probe, makes "environments" that hold a copy of
// itself, and notes what it was asked to do. It fails to install while there
// is a file "broken" beside it, and takes until there is none called "busy".
const fakePython = `#!/bin/sh
PATH=/usr/bin:/bin
home=%[1]s
case "$*" in
*find_spec*) echo "%[2]s" ;;
*"-m venv "*) for dir; do :; done
	echo venv >> $home/did
	mkdir -p "$dir/bin" && cp "$0" "$dir/bin/python" ;;
*"pip install"*)
	echo install >> $home/did
	while [ -e $home/busy ]; do sleep 0.02; done
	[ ! -e $home/broken ] ;;
*m.version*) echo '{"python": "3.11.9", "crossbar": "1.0", "autobahn": "2.0"}' ;;
*) exit 3 ;;
esac
`

// fakes is a folder with fake interpreters, the only ones on the path.
type fakes struct {
	t   *testing.T
	dir string
}

// fake replaces the interpreters by the given ones, by name and answer to the
// probe, and the cache by an empty one.
func fake(t *testing.T, answers map[string]string) fakes {
	dir := t.TempDir()
	for name, answer := range answers {
		script := fmt.Sprintf(fakePython, dir, answer)
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(script), 0o700))
	}
	t.Setenv("PATH", dir)
	t.Setenv(interop.CacheVariable, filepath.Join(t.TempDir(), "not", "there"))
	return fakes{t: t, dir: dir}
}

const good = "3.11.9 True True"

func (f fakes) touch(name string) {
	require.NoError(f.t, os.WriteFile(filepath.Join(f.dir, name), nil, 0o600))
}

func (f fakes) remove(name string) { require.NoError(f.t, os.Remove(filepath.Join(f.dir, name))) }

// did returns what the fakes were asked to do, oldest first.
func (f fakes) did() []string {
	text, err := os.ReadFile(filepath.Join(f.dir, "did"))
	if err != nil {
		require.ErrorIs(f.t, err, os.ErrNotExist)
	}
	return strings.Fields(string(text))
}

func TestMake(t *testing.T) {
	f := fake(t, map[string]string{"python3.11": good})
	_, err := interop.Find(t.Context())
	require.ErrorIs(t, err, interop.ErrMissing)
	require.ErrorContains(t, err, "make interop-env")
	require.Empty(t, f.did(), "finding makes nothing")

	made, err := interop.Make(t.Context(), io.Discard)
	require.NoError(t, err)
	require.Equal(t, interop.Versions{Python: "3.11.9", Crossbar: "1.0", Autobahn: "2.0"}, made.Versions)
	require.FileExists(t, made.Python())
	require.Equal(t, []string{"venv", "install"}, f.did())

	again, err := interop.Make(t.Context(), io.Discard)
	require.NoError(t, err)
	require.Equal(t, made, again)
	found, err := interop.Find(t.Context())
	require.NoError(t, err)
	require.Equal(t, made, found)
	require.Equal(t, []string{"venv", "install"}, f.did())

	require.NoError(t, os.Remove(made.Python())) // its Python was removed from the machine
	_, err = interop.Find(t.Context())
	require.ErrorIs(t, err, interop.ErrMissing)
	_, err = interop.Make(t.Context(), io.Discard)
	require.NoError(t, err)
	require.FileExists(t, made.Python())
}

func TestMakeForEachPython(t *testing.T) {
	fake(t, map[string]string{"python3.11": good})
	cache := os.Getenv(interop.CacheVariable)
	one, err := interop.Make(t.Context(), io.Discard)
	require.NoError(t, err)
	fake(t, map[string]string{"python3": "3.12.1 True True"})
	t.Setenv(interop.CacheVariable, cache)
	other, err := interop.Make(t.Context(), io.Discard)
	require.NoError(t, err)
	require.NotEqual(t, one.Dir, other.Dir)
	require.Equal(t, filepath.Dir(one.Dir), filepath.Dir(other.Dir))
}

// TestMakeAgain shows that an environment that was left half made doesn't
// count and is made from nothing.
func TestMakeAgain(t *testing.T) {
	f := fake(t, map[string]string{"python3.11": good})
	f.touch("broken")
	_, err := interop.Make(t.Context(), io.Discard)
	require.ErrorContains(t, err, "pip install")
	_, err = interop.Find(t.Context())
	require.ErrorIs(t, err, interop.ErrMissing)

	half, err := filepath.Glob(filepath.Join(os.Getenv(interop.CacheVariable), "*", "bin"))
	require.NoError(t, err)
	require.Len(t, half, 1)
	stray := filepath.Join(half[0], "stray")
	require.NoError(t, os.WriteFile(stray, nil, 0o600))

	f.remove("broken")
	_, err = interop.Make(t.Context(), io.Discard)
	require.NoError(t, err)
	require.NoFileExists(t, stray)
}

// TestMakeOnce shows that those who want the environment at the same time wait
// for the first.
func TestMakeOnce(t *testing.T) {
	f := fake(t, map[string]string{"python3.11": good})
	f.touch("busy")
	var makers sync.WaitGroup
	for range 4 {
		makers.Go(func() {
			_, err := interop.Make(t.Context(), io.Discard)
			if err != nil {
				t.Error(err)
			}
		})
	}
	require.Eventually(t, func() bool { return len(f.did()) == 2 }, patience, 10*time.Millisecond)

	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	_, err := interop.Make(ctx, io.Discard)
	require.ErrorIs(t, err, context.DeadlineExceeded, "one who waits can give up")
	_, err = interop.Find(t.Context())
	require.ErrorIs(t, err, interop.ErrMissing, "it isn't complete as yet")

	f.remove("busy")
	makers.Wait()
	require.Equal(t, []string{"venv", "install"}, f.did())
}

func TestPythonNeeded(t *testing.T) {
	tests := []struct {
		name    string
		answers map[string]string
		say     string // empty where an environment can be made
	}{
		{"3.11", map[string]string{"python3.11": good}, ""},
		{"python3 is later", map[string]string{"python3": "3.13.0 True True"}, ""},
		{"3.11 is a shim of nothing", map[string]string{"python3.11": "no such command", "python3": good}, ""},
		{"none", nil, "install python3.11 and python3.11-venv"},
		{"too old", map[string]string{"python3": "3.10.2 False True"}, "is Python 3.10.2"},
		{"no ensurepip", map[string]string{"python3": "3.12.2 True False"}, "python3-venv on Debian"},
		{"not a Python", map[string]string{"python3": "hello"}, `answers "hello\n"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			fake(t, tt.answers)
			_, err := interop.Make(t.Context(), io.Discard)
			if tt.say == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorIs(t, err, interop.ErrMissing)
			require.ErrorContains(t, err, tt.say)
			_, err = interop.Find(t.Context())
			require.ErrorIs(t, err, interop.ErrMissing)
		})
	}
}
