package interop

import (
	"net"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// testPython returns the interpreter as Start would use it.
func testPython(t *testing.T) string {
	t.Helper()
	python, err := interpreter()
	if err != nil && !Required() {
		t.Skip(err)
	}
	require.NoError(t, err)
	return python
}

// TestNodeEnds shows that no process outlives Stop, nor the process that
// started the node.
func TestNodeEnds(t *testing.T) {
	python := testPython(t)
	node, err := StartNode(t.Context(), python)
	require.NoError(t, err)
	group := node.process.cmd.Process.Pid
	require.True(t, alive(group))
	require.NoError(t, node.Stop())
	require.False(t, alive(group))
	require.NoDirExists(t, node.dir)
	_, err = net.Dial("tcp", address(node.ws))
	require.Error(t, err)
	require.NoError(t, node.Stop(), "a second time")

	node, err = StartNode(t.Context(), python)
	require.NoError(t, err)
	defer func() { require.NoError(t, node.Stop()) }()
	group = node.process.cmd.Process.Pid
	require.NoError(t, node.process.stdin.Close()) // as the system does when we die
	require.NoError(t, node.process.left(10*time.Second))
	require.False(t, alive(group))
}

func TestPythonEnds(t *testing.T) {
	python, err := StartPython(t.Context(), testPython(t))
	require.NoError(t, err)
	defer func() { require.NoError(t, python.Stop()) }()
	require.NoError(t, python.process.stdin.Close())
	require.NoError(t, python.process.left(10*time.Second))
	require.ErrorContains(t, python.do(t.Context(), command{"op": "join"}, nil, nil), "Python peers")
	require.NoError(t, python.Stop())
	_, err = os.Stat(python.dir)
	require.ErrorIs(t, err, os.ErrNotExist)
}

// TestNodePortTaken shows that a node whose port another program took isn't
// taken for one that runs.
func TestNodePortTaken(t *testing.T) {
	python := testPython(t)
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { _ = taken.Close() }()

	at, err := freePorts()
	require.NoError(t, err)
	at.ws = taken.Addr().(*net.TCPAddr).Port
	_, err = startNode(t.Context(), python, at, nil, "info")
	require.ErrorIs(t, err, errPortTaken)
}
