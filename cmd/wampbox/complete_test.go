package main_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// offered gives what completion offers for words, of which the last one is being typed.
func offered(t testing.TB, words ...string) []string {
	t.Helper()
	var all []string
	for line := range strings.Lines(wampbox(t, append(words, "--generate-shell-completion")...).fine(t)) {
		name, _, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ":")
		all = append(all, name)
	}
	return all
}

// TestCompletion knows commands, their flags, and the values of these.
func TestCompletion(t *testing.T) {
	for _, shell := range []string{"bash", "zsh", "fish", "pwsh"} {
		require.Contains(t, wampbox(t, "completion", shell).fine(t), "generate-shell-completion", shell)
	}
	names := []string{"help", "completion"}
	for command := range commands {
		names = append(names, command)
	}
	require.ElementsMatch(t, names, offered(t))
	require.ElementsMatch(t, names, offered(t, ""))
	for want, words := range map[string][]string{
		"init inspect":   {"in"},
		"init":           {"init"},
		"-help -version": {"-"},
		"--version":      {"--v"},
		"-o -symmetric -scramble -signing -reading -suite -json -help": {"keygen", "-"},
		"--symmetric":               {"keygen", "--sy"},
		"signed signed-pq":          {"keygen", "-suite", ""},
		"autobahn passthru":         {"init", "com.x", "-for", ""},
		"passthru":                  {"add", "--for", "p"},
		"-for=autobahn":             {"init", "-for=a"},
		"autobahn":                  {"init", "-for", "=", "a"}, // so bash has it
		"exact prefix wildcard":     {"rotate", "--match", "="},
		"auto raw base64 hex":       {"inspect", "-encoding", ""},
		"base64 hex raw":            {"seal", "-encoding", ""},
		"publish call":              {"seal", "-keyring", "x", "-kind", ""},
		"cbor msgpack json":         {"pub", "-serialization", ""},
		"box xbox signed signed-pq": {"add", "-suite", ""},
		"wampbox":                   {"rotate", "-for", "w"},
		"wampbox autobahn passthru": {"seal", "-dialect", ""},
		"bash zsh fish pwsh":        {"completion", ""},
		"remove retire revoke":      {"help", "re"},
		"":                          {"list", ""}, // names of files
	} {
		require.Equal(t, strings.Fields(want), append([]string{}, offered(t, words...)...), "%v", words)
	}
	for _, words := range [][]string{{"init", "-dir", ""}, {"sael", "-"}, {"revoke", "--", "-"}, {"lint", "a.json", ""}, {"keygen", "-o", "-"}} {
		require.Empty(t, offered(t, words...), "%v", words)
	}
}

// TestCompletionInShells: the scripts are sound, and do what they are for in those shells that
// the machine has.
func TestCompletionInShells(t *testing.T) {
	for shell, ask := range map[string]string{
		"bash": `COMP_WORDS=(wampbox init "a b" -for pas); COMP_CWORD=4; _wampbox; echo "${COMPREPLY[@]}"
			COMP_WORDS=(wampbox expl); COMP_CWORD=1; _wampbox; echo "${COMPREPLY[@]}"
			COMP_WORDS=(wampbox list "\$(touch evil)" ""); COMP_CWORD=3; _wampbox; echo "${COMPREPLY[@]}"`,
		"zsh": `_describe() { print -r -- ${(P)2%%:*}; }; _files() { print files }
			words=(wampbox init "a b" -for pas); CURRENT=5; _wampbox
			words=(wampbox expl); CURRENT=2; _wampbox
			words=(wampbox list "\$(touch evil)" ""); CURRENT=4; _wampbox`,
		"fish": `complete -C 'wampbox init "a b" -for pas'; complete -C 'wampbox expl'; complete -C 'wampbox list "\$(touch evil)" '`,
	} {
		path, err := exec.LookPath(shell)
		if err != nil {
			require.NotEqual(t, "bash", shell)
			t.Logf("there is no %s here", shell)
			continue
		}
		script := wampbox(t, "completion", shell).fine(t)
		if shell == "zsh" {
			script = "compdef() {}\n" + script
		}
		file := write(t, "script", []byte(script))
		out, err := exec.Command(path, "-n", file).CombinedOutput()
		require.NoError(t, err, "%s", out)
		require.NoError(t, os.WriteFile(file, []byte(script+"\n"+ask), 0o600))
		cmd := exec.Command(path, file)
		cmd.Dir = t.TempDir()
		cmd.Env = append(os.Environ(), "PATH="+filepath.Dir(binary)+":"+os.Getenv("PATH"))
		out, err = cmd.CombinedOutput()
		require.NoError(t, err, "%s", out)
		lines := strings.Split(string(out), "\n")
		require.Equal(t, "passthru", strings.TrimSpace(lines[0]), "%s: %s", shell, out)
		require.Equal(t, "explain", strings.Fields(lines[1])[0], "%s: %s", shell, out)
		require.NoFileExists(t, filepath.Join(cmd.Dir, "evil"))
	}
}
