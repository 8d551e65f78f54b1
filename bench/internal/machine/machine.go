// Package machine says what a benchmark runs on.
package machine

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"strings"
	"time"
)

// Facts returns what figures depend on, by name. What the system doesn't say is
// "unknown".
func Facts(now time.Time) [][2]string {
	facts := [][2]string{
		{"date", now.UTC().Format("2006-01-02 15:04 UTC")},
		{"commit", commit()},
		{"CPU", fmt.Sprintf("%s, %d cores, GOMAXPROCS %d", cpu(), runtime.NumCPU(), runtime.GOMAXPROCS(0))},
		{"load before", load()},
		{"OS", system() + ", kernel " + kernel()},
		{"Go", runtime.Version() + " " + runtime.GOOS + "/" + runtime.GOARCH},
	}
	for _, module := range []string{"github.com/gammazero/nexus/v3", "golang.org/x/crypto"} {
		facts = append(facts, [2]string{module, version(module)})
	}
	return facts
}

const unknown = "unknown"

// cpu is the model, as Linux has it.
func cpu() string { return field("/proc/cpuinfo", "model name", ":") }

// system is the distribution, as Linux has it.
func system() string { return strings.Trim(field("/etc/os-release", "PRETTY_NAME", "="), `"`) }

func kernel() string { return firstLine("/proc/sys/kernel/osrelease") }

// load is the mean number of processes that wanted to run, before the benchmark
// added its own: figures of a busy machine are no figures.
func load() string {
	fields := strings.Fields(firstLine("/proc/loadavg"))
	if len(fields) < 3 {
		return unknown
	}
	return strings.Join(fields[:3], ", ") + " (1, 5, 15 minutes)"
}

// field returns a value of a file with a name and a value on each line.
func field(path, name, separator string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return unknown
	}
	for line := range strings.Lines(string(text)) {
		key, value, found := strings.Cut(line, separator)
		if found && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return unknown
}

func firstLine(path string) string {
	text, err := os.ReadFile(path)
	line, _, _ := strings.Cut(string(text), "\n")
	if err != nil || line == "" {
		return unknown
	}
	return line
}

// version is that of a module in this program.
func version(module string) string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return unknown
	}
	for _, dep := range info.Deps {
		if dep.Path == module {
			return dep.Version
		}
	}
	return unknown
}

// commit is what was measured, where git knows.
func commit() string {
	out, err := exec.Command("git", "rev-parse", "--short", "HEAD").Output()
	if err != nil {
		return unknown
	}
	id := strings.TrimSpace(string(out))
	changed, err := exec.Command("git", "status", "--porcelain", "--untracked-files=no").Output()
	if err == nil && len(bytes.TrimSpace(changed)) > 0 {
		id += ", with changes"
	}
	return id
}
