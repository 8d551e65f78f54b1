package documents_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/proc"
)

var flagName = regexp.MustCompile(`(?:^| )-{1,2}([a-z][a-z-]*)`)

// TestCommands: what documents call in blocks is there: commands and flags of the tool,
// targets of make, and programs of this repository.
func TestCommands(t *testing.T) {
	tool := proc.Build(t, "cmd/wampbox")
	makefile, err := os.ReadFile(filepath.Join(root, "Makefile"))
	require.NoError(t, err)
	helps := map[string]string{}
	help := func(command string) string {
		if helps[command] == "" {
			out, err := exec.Command(tool, append(strings.Fields(command), "-h")...).CombinedOutput()
			require.NoError(t, err, "wampbox %s", command)
			helps[command] = string(out)
		}
		return helps[command]
	}
	for name, text := range documents(t) {
		for _, line := range commandLines(text) {
			line, _, _ = strings.Cut(line, " #")
			words := strings.Fields(line)
			switch {
			case len(words) < 2:
			case words[0] == "wampbox" && !strings.HasPrefix(words[1], "-"):
				command := words[1]
				if command == "authority" { // which has commands of its own
					command += " " + words[2]
				}
				for _, flag := range flagName.FindAllStringSubmatch(line, -1) {
					require.Regexp(t, `(?m)^ +--?`+flag[1]+`\b`, help(command), "%s: %s", name, line)
				}
				require.Contains(t, help(command), "wampbox "+command+" ", "%s: %s", name, line)
			case words[0] == "make":
				require.Regexp(t, `(?m)^`+words[1]+`:`, string(makefile), "%s: %s", name, line)
			case words[0] == "go" && (words[1] == "run" || words[1] == "install") && len(words) > 2 && strings.HasPrefix(words[2], "./"):
				require.DirExists(t, filepath.Join(root, words[2]), "%s: %s", name, line)
			}
		}
	}
	require.Greater(t, len(helps), 8)
}

// TestMigrating runs the commands of docs/MIGRATING.md, one after the other as they stand
// there. In the end both parties seal and take nothing plain, and a signed key is to come.
func TestMigrating(t *testing.T) {
	tool, dir := proc.Build(t, "cmd/wampbox"), t.TempDir()
	run := func(args ...string) string {
		command := exec.Command(tool, args...)
		command.Dir = dir
		out, err := command.CombinedOutput()
		require.NoError(t, err, "wampbox %v: %s", args, out)
		return string(out)
	}
	steps := 0
	for _, line := range commandLines(documents(t)["docs/MIGRATING.md"]) {
		if words := strings.Fields(line); len(words) > 0 && words[0] == "wampbox" {
			run(words[1:]...)
			steps++
		}
	}
	require.Equal(t, 5, steps)
	explained := run("explain", "com.myapp.orders.new", "keys/orders.json", "keys/hub.json")
	require.Contains(t, explained, "sealed with id")
	require.NotContains(t, explained, "plaintext")
	require.Contains(t, explained, "in suite signed, from orders")
}
