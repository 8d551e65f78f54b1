package keyfile_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

// The tests of several processes run this binary again, as a tool that changes
// a file: WAMPBOX_TEST_TOOL says what it does.
const (
	toolVar = "WAMPBOX_TEST_TOOL"
	pathVar = "WAMPBOX_TEST_PATH"
	nameVar = "WAMPBOX_TEST_NAME"
)

// tools are what it may do.
var tools = map[string]func(path, name string) error{
	"count":  countUp,
	"write":  func(path, _ string) error { return writeForever(path) },
	"create": createOne,
}

func TestMain(m *testing.M) {
	run, found := tools[os.Getenv(toolVar)]
	if !found {
		os.Exit(m.Run())
	}
	if err := run(os.Getenv(pathVar), os.Getenv(nameVar)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// countUp makes its changes as soon as all tools are ready.
func countUp(path, name string) error {
	fmt.Println("ready")
	_, _ = io.Copy(io.Discard, os.Stdin)
	for range updates {
		time.Sleep(2 * time.Millisecond) // who waits for the lock looks each millisecond, and shall get it
		err := keyfile.Update(path, func(f *keyfile.File) error {
			f.Entries[0].Comment += name
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func createOne(path, name string) error {
	f := keyfile.New()
	if err := f.Add(app, version(name)); err != nil {
		return err
	}
	return keyfile.Create(path, f)
}

// tool makes a command that runs this binary as a tool.
func tool(t testing.TB, what, path, name string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), toolVar+"="+what, pathVar+"="+path, nameVar+"="+name)
	return cmd
}

// updates is how many changes each of the tools makes.
const updates = 100

func TestTwoProcessesLoseNoChange(t *testing.T) {
	path := created(t)
	var tools []*exec.Cmd
	var gates []io.Closer
	for _, name := range []string{"a", "b"} {
		cmd := tool(t, "count", path, name)
		cmd.Stderr = os.Stderr
		gate, err := cmd.StdinPipe()
		require.NoError(t, err)
		out, err := cmd.StdoutPipe()
		require.NoError(t, err)
		require.NoError(t, cmd.Start())
		require.True(t, bufio.NewScanner(out).Scan()) // it is ready
		tools, gates = append(tools, cmd), append(gates, gate)
	}
	for _, gate := range gates {
		require.NoError(t, gate.Close())
	}
	for _, cmd := range tools {
		require.NoError(t, cmd.Wait())
	}
	require.NoError(t, keyfile.Update(path, func(f *keyfile.File) error {
		require.Equal(t, updates, strings.Count(f.Entries[0].Comment, "a"))
		require.Equal(t, updates, strings.Count(f.Entries[0].Comment, "b"))
		// They did run at once.
		require.NotContains(t, f.Entries[0].Comment, strings.Repeat("a", updates))
		return nil
	}))
	require.Empty(t, left(t, path))
}

func TestOneProcessCreates(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keyring.json")
	var tools []*exec.Cmd
	for i := range 4 {
		cmd := tool(t, "create", path, strconv.Itoa(i))
		require.NoError(t, cmd.Start())
		tools = append(tools, cmd)
	}
	winners := []int{}
	for i, cmd := range tools {
		if err := cmd.Wait(); err == nil {
			winners = append(winners, i)
		}
	}
	require.Len(t, winners, 1)
	require.Equal(t, map[string]string{strconv.Itoa(winners[0]): "active"}, states(t, path))
	require.Empty(t, left(t, path))
}

// writeForever counts up in the file, and says when it is about to write and
// when it has written. By Encrypted it learns when all but the writing is done.
func writeForever(path string) error {
	for n := 1; ; n++ {
		plain := func(r io.Reader) (io.Reader, error) { return r, nil }
		announced := func(w io.Writer) (io.WriteCloser, error) { return announcing{w, n}, nil }
		err := keyfile.Update(path, func(f *keyfile.File) error {
			f.Entries[0].Comment = strconv.Itoa(n) + strings.Repeat(" padding", padding)
			return nil
		}, keyfile.WithDecrypter(plain), keyfile.WithEncrypter(announced))
		if err != nil {
			return err
		}
		fmt.Println("end", n)
	}
}

// padding gives the file some size, so that writing it takes a moment.
const padding = 20_000

// announcing encrypts nothing.
type announcing struct {
	io.Writer
	n int
}

func (a announcing) Close() error {
	fmt.Println("begin", a.n)
	return nil
}

// number gives the count that the file has, 0 before the first.
func number(t testing.TB, path string) int {
	t.Helper()
	n := 0
	require.ErrorIs(t, keyfile.Update(path, func(f *keyfile.File) error {
		if comment := f.Entries[0].Comment; comment != "" {
			var err error
			first, rest, _ := strings.Cut(comment, " ")
			n, err = strconv.Atoi(first)
			require.NoError(t, err)
			require.Len(t, " "+rest, 8*padding)
		}
		return errUnchanged
	}, keyfile.LockWait(5*time.Second)), errUnchanged)
	return n
}

var errUnchanged = errors.New("nothing to change")

// A tool is killed at random moments around a write. The file is then the one
// before it or the one after it, and the next tool goes on.
func TestKilledWhileWriting(t *testing.T) {
	const kills = 20
	before, after, leftovers := 0, 0, 0
	for i := 0; i < kills || leftovers == 0 && i < 20*kills; i++ {
		path := created(t)
		begun, ended := killedTool(t, path, rand.N(2*time.Millisecond))
		leftovers += len(left(t, path))
		switch n := number(t, path); n {
		case ended:
			before++
		case begun:
			after++
		default:
			t.Fatalf("the file has %d, after %d was written and %d begun", n, ended, begun)
		}
		require.NoError(t, keyfile.Update(path, func(*keyfile.File) error { return nil }))
		require.Empty(t, left(t, path))
	}
	t.Logf("killed %d times: %d times the file was the old one or wholly written, %d times the new one that wasn't told of, %d temporary files left",
		before+after, before, after, leftovers)
	require.Positive(t, leftovers) // the writing was hit
}

// killedTool lets a tool write, kills it some time after it began to write for
// the third time, and tells what it last said of its writes.
func killedTool(t testing.TB, path string, delay time.Duration) (begun, ended int) {
	t.Helper()
	cmd := tool(t, "write", path, "")
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	for lines := bufio.NewScanner(out); lines.Scan(); {
		what, n, _ := strings.Cut(lines.Text(), " ")
		count, err := strconv.Atoi(n)
		require.NoError(t, err)
		if what == "end" {
			ended = count
			continue
		}
		if begun = count; begun == 3 {
			time.Sleep(delay)
			require.NoError(t, cmd.Process.Kill())
		}
	}
	require.Error(t, cmd.Wait()) // it was killed
	return begun, ended
}

// left gives the temporary files beside a file.
func left(t testing.TB, path string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(filepath.Dir(path), ".*.new-*"))
	require.NoError(t, err)
	return files
}
