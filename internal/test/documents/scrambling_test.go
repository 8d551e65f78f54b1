package documents_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/proc"
)

// shell runs commands in a folder of their own, with the tool in the path.
type shell struct {
	t        *testing.T
	dir, bin string
}

func (s shell) run(line string) string {
	s.t.Helper()
	command := exec.Command("sh", "-c", line)
	command.Dir = s.dir
	command.Env = append(os.Environ(), "PATH="+s.bin+string(filepath.ListSeparator)+os.Getenv("PATH"))
	out, err := command.CombinedOutput()
	require.NoError(s.t, err, "%s: %s", line, out)
	return string(out)
}

// form is what a router sees of a URI.
type form struct{ Router, Secret, State string }

func (s shell) forms() []form {
	s.t.Helper()
	command := exec.Command(filepath.Join(s.bin, "wampbox"), "uri", "-keyring", "keys/originator.json", "-realm", "realm1", "-json", "com.myapp.orders.new")
	command.Dir = s.dir
	out, err := command.Output()
	require.NoError(s.t, err)
	var told struct{ URIs []struct{ Forms []form } }
	require.NoError(s.t, json.Unmarshal(out, &told))
	require.Len(s.t, told.URIs, 1)
	return told.URIs[0].Forms
}

// TestScrambling runs the commands of docs/SCRAMBLING.md as they stand there, each section's in a
// folder of its own, and looks at what has become of the files.
func TestScrambling(t *testing.T) {
	const newKeys, scrambled = "wampbox init -dir keys com.myapp.", "wampbox scramble com.myapp. keys/*.json"
	bin := filepath.Dir(proc.Build(t, "cmd/wampbox"))
	sections, seen := strings.Split(documents(t)["docs/SCRAMBLING.md"], "\n## "), 0
	states := map[string][]string{
		"To begin":              {"active"},
		"In a system that runs": {"clear", "pending"},
		"Rules of routers":      {"active"},
		"What a router shows":   {"active"},
		"Change the secret":     {"active", "pending"},
		"When a member goes":    {"active"},
		"To end it":             {"clear"},
	}
	for _, section := range sections {
		title, text, _ := strings.Cut(section, "\n")
		var lines []string
		for _, line := range commandLines(text) {
			if strings.HasPrefix(line, "wampbox ") {
				lines = append(lines, line)
			}
		}
		if len(lines) == 0 {
			continue
		}
		seen++
		want, known := states[title]
		require.True(t, known, title)
		t.Run(title, func(t *testing.T) {
			s := shell{t, t.TempDir(), bin}
			if lines[0] != newKeys {
				s.run(newKeys)
				if !strings.HasPrefix(lines[0], scrambled+" -activate") {
					s.run(scrambled)
				}
			}
			if title == "When a member goes" {
				s.run(scrambled + " -rotate")
			}
			require.NoError(t, os.WriteFile(filepath.Join(s.dir, "words.txt"), []byte("orders\ncom.myapp.invoices.new\n"), 0o600))
			s.play(lines)
			var got []string
			for _, f := range s.forms() {
				got = append(got, f.State)
			}
			require.Equal(t, want, got)
		})
	}
	require.Equal(t, 7, seen)
}

// play runs lines with what they stand for: the ids of secrets, and what a router shows.
func (s shell) play(lines []string) {
	s.t.Helper()
	var old string
	for _, line := range lines {
		line = strings.ReplaceAll(line, "-id OLD", "-id "+old)
		if strings.Contains(line, "-id PENDING") {
			forms := s.forms()
			require.Equal(s.t, "pending", forms[1].State)
			old = forms[0].Secret
			line = strings.ReplaceAll(line, "PENDING", forms[1].Secret)
		}
		before, shown, finds := strings.Cut(line, "-find ")
		if finds {
			_, words, _ := strings.Cut(shown, " ")
			line = before + "-find " + s.forms()[0].Router + " " + words
		}
		out := s.run(line)
		if finds {
			require.Equal(s.t, "com.myapp.orders.new\n", out)
		}
	}
}
