package interop_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/interop"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/proc"
)

// The Python code of docs/AUTOBAHN.md that makes Autobahn's KeyRing of a keyring file.

// keyringFile puts that code, as it stands in the document, into a folder.
func keyringFile(t *testing.T, dir string) {
	t.Helper()
	document, err := os.ReadFile("../../../docs/AUTOBAHN.md")
	require.NoError(t, err)
	_, code, found := strings.Cut(string(document), "```python\n\"\"\"Autobahn's KeyRing")
	require.True(t, found)
	code, _, found = strings.Cut(code, "```")
	require.True(t, found)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "keyring_file.py"), []byte("\"\"\"Autobahn's KeyRing"+code), 0o600))
}

// wampbox runs the tool in a folder, and returns what it prints.
func (l live) wampbox(dir string, args ...string) string {
	l.Helper()
	command := exec.CommandContext(l.ctx, proc.Build(l, "cmd/wampbox"), args...)
	command.Dir = dir
	out, err := command.Output()
	require.NoError(l, err, "%v", args)
	return strings.TrimSpace(string(out))
}

// edit changes a keyring file by hand.
func edit(t *testing.T, path, pattern, text string) {
	t.Helper()
	file, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path, regexp.MustCompile(pattern).ReplaceAll(file, []byte(text)), 0o600))
}

// moveKey takes the private key of a keyring file into a file beside it.
func moveKey(t *testing.T, dir, name string) {
	t.Helper()
	file, err := os.ReadFile(filepath.Join(dir, name))
	require.NoError(t, err)
	key := regexp.MustCompile(`"private": "(.*?)"`).FindSubmatch(file)
	require.Len(t, key, 2)
	text := fmt.Sprintf("# the private key\n\n%s\n", key[1])
	require.NoError(t, os.WriteFile(filepath.Join(dir, "private.key"), []byte(text), 0o600))
	edit(t, filepath.Join(dir, name), `"private": ".*?"`, `"private": "file:private.key"`)
}

// TestLiveKeyringFiles: our examples with files that the tool makes in an empty folder, and
// Autobahn's programs with KeyRings of the same files; before a rotation and after it.
func TestLiveKeyringFiles(t *testing.T) {
	l := startLive(t)
	dir := t.TempDir()
	keyringFile(t, dir)
	for _, name := range []string{"originator.py", "responder.py"} {
		data, err := os.ReadFile(filepath.Join("testdata", name))
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), data, 0o600))
	}
	keys := fmt.Sprintf("from keyring_file import load_keyring\n\n\ndef ring(role):\n    return load_keyring(%q + role + \".json\")\n", dir+"/")
	require.NoError(t, os.WriteFile(filepath.Join(dir, "keys.py"), []byte(keys), 0o600))
	args := func(role string) []string {
		return []string{"-router", l.suite.Node.WebSocketURL(), "-keyring", filepath.Join(dir, role+".json")}
	}
	l.wampbox(dir, "init", "-for", "autobahn", "com.myapp.encrypted.")
	moveKey(t, dir, "originator.json")
	t.Run("originator", func(t *testing.T) { l.in(t).exampleOriginator(dir, args("originator")) })
	t.Run("responder", func(t *testing.T) { l.in(t).exampleResponder(dir, args("responder")) })

	l.wampbox(dir, "rotate", "-activate", "now", "com.myapp.encrypted.", "originator.json", "responder.json")
	l.wampbox(dir, "add", "-plain", "-originator", "originator.json", "com.myapp.public.")
	t.Run("rotated", func(t *testing.T) { l.in(t).exampleResponder(dir, args("responder")) })
}

// TestLiveKeyringFileRefuses: a file from which Autobahn would make something else than this
// library does.
func TestLiveKeyringFileRefuses(t *testing.T) {
	l := startLive(t)
	for _, test := range []struct {
		name, says string
		commands   [][]string
		edit       string // written into the version
	}{
		{"exact", "com.myapp.add2 is no prefix", [][]string{{"init", "-for", "autobahn", "com.myapp.add2"}}, ""},
		{"wildcard", "com..add2 is no prefix", [][]string{{"init", "-for", "autobahn", "com..add2"}}, ""},
		{"our dialect", "isn't made for Autobahn", [][]string{{"init", "com.myapp."}}, ""},
		{"plain within", "com.myapp.public. is plain", [][]string{
			{"init", "-for", "autobahn", "com.myapp."}, {"add", "-plain", "-originator", "originator.json", "com.myapp.public."},
		}, ""},
		{"revoked", "no version of the key for com.myapp. seals now", [][]string{{"init", "-for", "autobahn", "com.myapp."}, {"revoke"}}, ""},
		{"expired", "no version of the key for com.myapp. seals now", [][]string{{"init", "-for", "autobahn", "com.myapp."}}, `"not_after": "2020-01-01T00:00:00Z", `},
		{"to come", "no version of the key for com.myapp. seals now", [][]string{{"init", "-for", "autobahn", "com.myapp."}}, `"active_from": "2120-01-01T00:00:00Z", `},
	} {
		t.Run(test.name, func(t *testing.T) {
			l := l.in(t)
			dir := t.TempDir()
			keyringFile(t, dir)
			var said string
			for _, command := range test.commands {
				if command[0] == "revoke" {
					command = append(command, said, "originator.json")
				}
				said = l.wampbox(dir, command...)
			}
			edit(t, filepath.Join(dir, "originator.json"), `("created")`, test.edit+"$1")
			python, err := interop.Interpreter()
			require.NoError(t, err)
			load := exec.CommandContext(l.ctx, python, "-c", "from keyring_file import load_keyring; load_keyring('originator.json')")
			load.Dir = dir
			out, err := load.CombinedOutput()
			require.Error(t, err)
			require.Contains(t, string(out), "ValueError")
			require.Contains(t, string(out), test.says)
		})
	}
}
