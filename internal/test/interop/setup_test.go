package interop_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// machine is one that has no tool but the shell and those that it is given.
type machine struct {
	t    *testing.T
	path string
}

func newMachine(t *testing.T, has ...string) *machine {
	t.Helper()
	m := &machine{t, t.TempDir()}
	for _, tool := range []string{"sh", "chmod"} {
		path, err := exec.LookPath(tool)
		require.NoError(t, err)
		require.NoError(t, os.Symlink(path, filepath.Join(m.path, tool)))
	}
	for _, tool := range has {
		m.give(tool, "exit 0")
	}
	return m
}

// give gives it a tool.
func (m *machine) give(tool, does string) {
	m.t.Helper()
	require.NoError(m.t, os.WriteFile(filepath.Join(m.path, tool), []byte("#!/bin/sh\n"+does+"\n"), 0o700))
}

// installer gives it one, which notes what it is asked for, and brings some tools with it.
func (m *machine) installer(name string, brings ...string) {
	m.t.Helper()
	does := fmt.Sprintf("echo %s \"$@\" >> '%s/asked'\n", name, m.path)
	for _, tool := range brings {
		does += fmt.Sprintf("echo '#!/bin/sh' > '%s/%s'; chmod 700 '%[1]s/%[2]s'\n", m.path, tool)
	}
	m.give(name, does)
}

// setup runs the script, and returns the lines that it said and what was asked for.
func (m *machine) setup() (said []string, asked string, err error) {
	m.t.Helper()
	script, err := filepath.Abs("../../../.ci/setup")
	require.NoError(m.t, err)
	cmd := exec.CommandContext(m.t.Context(), filepath.Join(m.path, "sh"), script)
	cmd.Env = []string{"PATH=" + m.path}
	out, err := cmd.CombinedOutput()
	text, _ := os.ReadFile(filepath.Join(m.path, "asked")) // missing if nothing was
	return strings.FieldsFunc(string(out), func(r rune) bool { return r == '\n' }), string(text), err
}

// requireSays checks for failure in one line.
func requireSays(t *testing.T, said []string, err error, parts ...string) {
	t.Helper()
	require.Error(t, err)
	require.Len(t, said, 1)
	for _, part := range parts {
		require.Contains(t, said[0], part)
	}
}

func TestSetupFindsAllThere(t *testing.T) {
	for _, has := range [][]string{{"gcc", "python3", "redis-server"}, {"clang", "python3.11", "redis-server"}} {
		m := newMachine(t, has...)
		m.installer("apt-get")
		said, asked, err := m.setup()
		require.NoError(t, err)
		require.Empty(t, said)
		require.Empty(t, asked)
	}
}

func TestSetupInstalls(t *testing.T) {
	t.Run("all, as root", func(t *testing.T) {
		m := newMachine(t)
		m.give("id", "echo 0")
		m.installer("apt-get", "gcc", "python3", "redis-server")
		said, asked, err := m.setup()
		require.NoError(t, err, said)
		require.Contains(t, asked, "gcc libc6-dev python3 python3-venv redis-server\n")
	})
	t.Run("what is missing", func(t *testing.T) {
		m := newMachine(t, "gcc", "python3")
		m.give("id", "echo 0")
		m.installer("apt-get", "redis-server")
		said, asked, err := m.setup()
		require.NoError(t, err, said)
		require.Contains(t, asked, "redis-server\n")
		require.NotContains(t, asked, "python")
	})
	t.Run("a later Python beside the system's", func(t *testing.T) {
		m := newMachine(t, "gcc", "redis-server")
		m.give("python3", "exit 1")
		m.give("id", "echo 0")
		m.give("apt-get", fmt.Sprintf(`echo apt-get "$@" >> '%s/asked'
case "$*" in *python3.11*) echo '#!/bin/sh' > '%[1]s/python3.11'; chmod 700 '%[1]s/python3.11' ;; esac`, m.path))
		said, asked, err := m.setup()
		require.NoError(t, err, said)
		require.Contains(t, asked, "python3.11 python3.11-venv\n")
	})
	t.Run("by sudo that asks nothing", func(t *testing.T) {
		m := newMachine(t, "gcc", "python3")
		m.give("id", "echo 1000")
		m.installer("apt-get", "redis-server")
		m.give("sudo", `[ "$1" = -n ] || "$@"`)
		said, asked, err := m.setup()
		require.NoError(t, err, said)
		require.Contains(t, asked, "redis-server\n")
	})
	t.Run("by brew", func(t *testing.T) {
		m := newMachine(t, "clang")
		m.installer("brew", "python3", "redis-server")
		said, asked, err := m.setup()
		require.NoError(t, err, said)
		require.Equal(t, "brew install python redis\n", asked)
	})
}

func TestSetupSaysTheCommand(t *testing.T) {
	t.Run("where sudo would ask", func(t *testing.T) {
		m := newMachine(t, "gcc")
		m.give("id", "echo 1000")
		m.installer("apt-get", "python3", "redis-server")
		m.give("sudo", "exit 1")
		said, asked, err := m.setup()
		requireSays(t, said, err, "sudo apt-get install -y", "python3-venv redis-server", "Python 3.11")
		require.NotContains(t, said[0], "gcc")
		require.Empty(t, asked)
	})
	t.Run("where it fails", func(t *testing.T) {
		m := newMachine(t, "gcc", "python3")
		m.give("id", "echo 0")
		m.installer("apt-get")
		said, _, err := m.setup()
		requireSays(t, said, err, "apt-get install -y", "redis-server")
	})
	t.Run("where nothing is known", func(t *testing.T) {
		said, _, err := newMachine(t).setup()
		requireSays(t, said, err, "a C compiler", "Python 3.11 or later with venv", "redis-server")
	})
}
