package main_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// program is the benchmark as "go run" would build it.
var program string

func TestMain(m *testing.M) { os.Exit(withProgram(m)) }

func withProgram(m *testing.M) int {
	dir, err := os.MkdirTemp("", "wampbox-bench-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(dir) }()
	program = filepath.Join(dir, "bench")
	if out, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "go build: %v\n%s", err, out)
		return 1
	}
	return m.Run()
}

// short runs the program, and returns the cells of its tables, by title and row.
func short(t *testing.T, out string, args ...string) map[string]map[string][]string {
	t.Helper()
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(t.Context(), program, append([]string{"-mode", "short", "-out", out}, args...)...)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	require.NoError(t, cmd.Run(), "%s", &stderr)
	markdown, err := os.ReadFile(filepath.Join(out, "bench.md"))
	require.NoError(t, err)
	require.Equal(t, string(markdown), stdout.String(), "the tables are printed too")
	require.Contains(t, stdout.String(), "a trial of the harness")
	require.NotContains(t, stdout.String(), "NaN")
	require.NotContains(t, stdout.String(), "Inf")

	tables, title, head := map[string]map[string][]string{}, "", 0
	for line := range strings.Lines(stdout.String()) {
		if name, found := strings.CutPrefix(line, "## "); found {
			title, head = strings.TrimSpace(name), 0
			require.NotContains(t, tables, title)
			tables[title] = map[string][]string{}
		}
		if !strings.HasPrefix(line, "|") {
			continue
		}
		cells := strings.Split(strings.TrimSpace(line), "|")
		if head == 0 {
			head = len(cells)
		}
		require.Len(t, cells, head, line)
		name := strings.TrimSpace(cells[1])
		require.NotContains(t, tables[title], name)
		for _, cell := range cells[2 : len(cells)-1] {
			require.NotEmpty(t, strings.TrimSpace(cell), line)
			tables[title][name] = append(tables[title][name], strings.TrimSpace(cell))
		}
	}
	return tables
}

// TestShort is "make bench BENCH=short": the figures of a trial say nothing, but all
// that this library does, and plain nexus beside it, has to be there.
func TestShort(t *testing.T) {
	out := t.TempDir()
	tables := short(t, out)
	const head = 2 // and the line below
	for title, groups := range map[string][]string{
		"Calls, router in the process": {
			"msgpack, 1 at a time", "cbor, 1 at a time", "json, 1 at a time",
			"msgpack, 64 at a time", "cbor, 64 at a time", "json, 64 at a time",
			"json, bytes, 1 at a time", "json, bytes, 64 at a time",
		},
		"Large calls, router in the process":                             {"msgpack, 4 at a time", "cbor, 4 at a time"},
		"What a call costs both clients, router in a process of its own": {"msgpack, 64 at a time", "cbor, 64 at a time", "json, 64 at a time"},
		"Events, router in the process": {
			"msgpack to 1", "cbor to 1", "json to 1", "msgpack to 10", "cbor to 10", "json to 10",
			"msgpack to 1, without bound", "msgpack to 10, without bound",
		},
	} {
		require.Len(t, tables[title], head+7*len(groups), title)
		for _, group := range groups {
			require.Equal(t, "1", tables[title][group+": nexus's client"][1], title)
			for _, client := range []string{"Session, no key", "Session, sealed (box)", "Session, sealed (xbox)", "Session, sealed (passthru)", "Session, sealed (signed)", "Session, sealed (signed once)"} {
				require.Contains(t, tables[title], group+": "+client, title)
			}
		}
	}
	require.Len(t, tables["Memory"], head+2*2)
	require.Len(t, tables["To seal and to open one message"], head+2*6*4)
	require.Len(t, tables["To seal and to open one signed message"], head+2*6*6)
	require.Len(t, tables["The first message of a new context"], head+2*2*3)
	require.Len(t, tables["Signers that a receiver lists"], head+3)
	require.Len(t, tables["Bytes that sealing adds"], head+3*5)
	require.Contains(t, tables, "Calls, Crossbar.io in a process of its own")
	checkSVG(t, filepath.Join(out, "performance.svg"))
}

// checkSVG makes sure that what is in the picture can be read.
func checkSVG(t *testing.T, path string) {
	t.Helper()
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	decoder := xml.NewDecoder(bytes.NewReader(text))
	for err == nil {
		_, err = decoder.Token()
	}
	require.ErrorIs(t, err, io.EOF)
	for _, want := range []string{
		"Calls of 256 B a second", "Events of 256 B", "To seal one message", "To open one message",
		"cbor: Session, sealed (box)", "1 MiB", "nacl/box", "sans-serif",
	} {
		require.Contains(t, string(text), want)
	}
	require.Equal(t, strings.Count(string(text), "font-family"), strings.Count(string(text), "sans-serif"))
}

func TestFlags(t *testing.T) {
	out, err := exec.Command(program, "-h").CombinedOutput()
	require.NoError(t, err)
	for _, want := range []string{"-mode", "-only", "-rounds", "-out", "events ", "crossbar "} {
		require.Contains(t, string(out), want)
	}
	for _, args := range [][]string{
		{"-mode", "fast"}, {"-only", "everything"}, {"-rounds", "-1"}, {"-out", ""}, {"more"}, {"-nonsense"},
	} {
		cmd := exec.Command(program, args...)
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		var exit *exec.ExitError
		require.True(t, errors.As(cmd.Run(), &exit), "%v", args)
		require.Equal(t, 2, exit.ExitCode(), "%v", args)
		require.Contains(t, stderr.String(), "Usage: bench")
	}
}

// TestOnly runs sections that have no picture.
func TestOnly(t *testing.T) {
	out := t.TempDir()
	tables := short(t, out, "-only", "wire,memory", "-rounds", "1")
	require.Len(t, tables, 2)
	require.NoFileExists(t, filepath.Join(out, "performance.svg"))
}
