package main_test

import (
	"bytes"
	"encoding/csv"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
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

// TestShort is "make bench BENCH=short": the figures of a trial say nothing, but all
// that this library does, and plain nexus beside it, has to be there.
func TestShort(t *testing.T) {
	out := t.TempDir()
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(t.Context(), program, "-mode", "short", "-out", out)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	require.NoError(t, cmd.Run(), "%s", &stderr)

	markdown := read(t, out, "bench.md")
	require.Equal(t, markdown, stdout.String(), "the table is printed too")
	require.Contains(t, markdown, "a trial of the harness")
	checkTables(t, markdown)

	rows := checkCSV(t, read(t, out, "bench.csv"))
	for _, want := range expected() {
		require.Contains(t, rows, want)
		delete(rows, want)
	}
	require.Empty(t, rows, "unexpected")

	checkSVG(t, read(t, out, "bench.svg"))
}

func read(t *testing.T, dir, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, name))
	require.NoError(t, err)
	require.NotContains(t, string(text), "NaN", name)
	require.NotContains(t, string(text), "Inf", name)
	return string(text)
}

// checkTables makes sure that all lines of a table have as many cells.
func checkTables(t *testing.T, markdown string) {
	t.Helper()
	cells, tables := 0, 0
	for line := range strings.Lines(markdown) {
		if !strings.HasPrefix(line, "|") {
			cells = 0
			continue
		}
		n := strings.Count(strings.ReplaceAll(line, `\|`, ""), "|")
		if cells == 0 {
			tables++
			cells = n
		}
		require.Equal(t, cells, n, line)
	}
	require.Greater(t, tables, 20)
}

// checkCSV returns what there is a figure of, and makes sure that each has one, or a
// reason why it is missing.
func checkCSV(t *testing.T, text string) map[string]bool {
	t.Helper()
	lines, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	require.NoError(t, err)
	require.Equal(t, []string{"section", "task", "contender", "payload_bytes", "load", "metric", "unit", "median", "min", "max", "runs", "missing"}, lines[0])
	rows := map[string]bool{}
	for _, line := range lines[1:] {
		name := strings.Join(line[:6], "/")
		require.NotContains(t, rows, name, "twice")
		if line[11] != "" {
			require.Equal(t, []string{"", "", "", "0"}, line[7:11], name)
			rows[name+"/missing"] = true
			continue
		}
		median, low, high := number(t, line[7]), number(t, line[8]), number(t, line[9])
		require.LessOrEqual(t, low, median, name)
		require.LessOrEqual(t, median, high, name)
		require.Positive(t, number(t, line[10]), name)
		if line[5] != "allocations" && line[5] != "changes meanwhile" && line[5] != "CPU of the router" && line[5] != "CPU of the clients" {
			require.Positive(t, low, name) // the clock of CPU time is coarse
		}
		rows[name] = true
	}
	return rows
}

func number(t *testing.T, text string) float64 {
	t.Helper()
	v, err := strconv.ParseFloat(text, 64)
	require.NoError(t, err)
	require.False(t, math.IsNaN(v) || math.IsInf(v, 0) || v < 0, text)
	return v
}

func checkSVG(t *testing.T, text string) {
	t.Helper()
	decoder := xml.NewDecoder(strings.NewReader(text))
	elements := map[string]int{}
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		if start, ok := token.(xml.StartElement); ok {
			elements[start.Name.Local]++
		}
	}
	require.Equal(t, 10, elements["polyline"], "five that seal and open")
	require.Greater(t, elements["rect"], 20)
}

// expected are the figures of a short run, by name.
func expected() []string {
	var all []string
	add := func(format string, args ...any) { all = append(all, fmt.Sprintf(format, args...)) }
	for _, size := range []int{16, 256, 1 << 10, 16 << 10, 64 << 10, 1 << 20} {
		for _, task := range []string{"seal", "open"} {
			for _, contender := range []string{"cryptobox cbor", "cryptobox msgpack", "cryptobox json", "nacl/box", "nacl/box, record size"} {
				for _, metric := range []string{"time", "allocations", "allocated"} {
					add("messages/%s/%s/%d/0/%s", task, contender, size, metric)
				}
			}
			for _, contender := range []string{"libsodium crypto_box", "Autobahn|Python KeyRing"} {
				add("messages/%s/%s/%d/0/time/missing", task, contender, size)
			}
		}
		add("messages/open/the values alone/%d/0/allocations", size)
		add("messages/open/the values alone/%d/0/allocated", size)
	}
	for _, serializer := range []string{"cbor", "msgpack", "json"} {
		for _, atOnce := range []int{1, 64} {
			for _, kind := range []string{"nexus client, plain", "Session, no key", "Session, enc", "Session, ppt"} {
				for _, task := range []string{"calls", "events"} {
					for _, metric := range []string{"throughput", "p50", "p99", "CPU of the clients", "CPU of the router", "bytes on the wire"} {
						add("nexus/%s/%s, %s/256/%d/%s", task, kind, serializer, atOnce, metric)
					}
				}
			}
		}
	}
	return append(all, append(expectedMissing(), expectedKeyring()...)...)
}

// expectedMissing are the figures that need Crossbar.io, and what sealing adds.
func expectedMissing() []string {
	var all []string
	add := func(format string, args ...any) { all = append(all, fmt.Sprintf(format, args...)) }
	for _, serializer := range []string{"cbor", "json"} {
		for _, atOnce := range []int{1, 64} {
			for _, kind := range []string{"nexus client, plain", "Session, no key", "Session, native", "Autobahn|Python, plain", "Autobahn|Python, sealed"} {
				add("crossbar/calls/%s, %s/256/%d/throughput/missing", kind, serializer, atOnce)
			}
		}
	}
	for _, session := range []string{"cbor", "msgpack", "json"} {
		for _, size := range []int{16, 256, 1 << 10} {
			for _, record := range []string{"cbor", "msgpack", "json"} {
				add("overhead/publish/enc, record %s, session %s/%d/0/bytes on the wire", record, session, size)
				add("overhead/publish/native, record %s, session %s/%d/0/bytes on the wire/missing", record, session, size)
			}
			add("overhead/publish/ppt, record cbor, session %s/%d/0/bytes on the wire", session, size)
		}
	}
	return all
}

func expectedKeyring() []string {
	var all []string
	add := func(format string, args ...any) { all = append(all, fmt.Sprintf(format, args...)) }
	for _, match := range []string{"exact", "prefix", "wildcard"} {
		for _, n := range []int{10, 1000} {
			add("keyring/lookup %s/all URIs in random order/0/%d/allocations", match, n)
			for _, how := range []string{"all URIs in random order", "ten URIs again and again"} {
				add("keyring/lookup %s/%s/0/%d/time", match, how, n)
			}
			for _, how := range []string{"all URIs, 1,000 changes a second meanwhile", "all URIs, changes without a pause meanwhile"} {
				add("keyring/lookup %s/%s/0/%d/time", match, how, n)
				add("keyring/lookup %s/%s/0/%d/changes meanwhile", match, how, n)
			}
		}
	}
	for _, contender := range []string{"keyring, open, replay memory", "open", "nacl/secretbox"} {
		for _, size := range []int{256, 16 << 10} {
			for _, n := range []int{1, 2, 4} {
				add("keyring/open from several goroutines/%s/%d/%d/throughput", contender, size, n)
			}
		}
	}
	for _, n := range []int{1000, 5000} {
		add("keyring/memory of known senders/replay memory/0/%d/memory", n)
		add("keyring/remember a message, by known senders/replay memory/0/%d/time", n)
	}
	return all
}

func TestFlags(t *testing.T) {
	out, err := exec.Command(program, "-h").Output()
	require.NoError(t, err)
	require.Contains(t, string(out), "-mode")
	require.Contains(t, string(out), "messages,nexus,crossbar,overhead,keyring")
	for _, args := range [][]string{
		{"-mode", "fast"}, {"-only", "everything"}, {"-rounds", "-1"}, {"-out", ""}, {"more"}, {"-nonsense"},
	} {
		cmd := exec.Command(program, args...)
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		var exit *exec.ExitError
		require.ErrorAs(t, cmd.Run(), &exit, "%v", args)
		require.Equal(t, 2, exit.ExitCode(), "%v", args)
		require.Contains(t, stderr.String(), "Usage: bench")
	}
}

// TestOnly runs one part alone.
func TestOnly(t *testing.T) {
	out := t.TempDir()
	cmd := exec.CommandContext(t.Context(), program, "-mode", "short", "-only", "overhead", "-out", out)
	text, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", text)
	for name := range checkCSV(t, read(t, out, "bench.csv")) {
		require.True(t, strings.HasPrefix(name, "overhead/"), name)
	}
}
