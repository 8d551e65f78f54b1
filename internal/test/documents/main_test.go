package documents_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/proc"
)

func TestMain(m *testing.M) { os.Exit(proc.Main(m).Run()) }

const root = "../../.."

// documents are the Markdown files, by their path from the root.
func documents(t *testing.T) map[string]string {
	t.Helper()
	texts := map[string]string{}
	for _, pattern := range []string{"*.md", "docs/*.md", "examples/*.md", "vectors/*.md", "peers/*/*.md"} {
		paths, err := filepath.Glob(filepath.Join(root, pattern))
		require.NoError(t, err)
		for _, path := range paths {
			text, err := os.ReadFile(path)
			require.NoError(t, err)
			name, err := filepath.Rel(root, path)
			require.NoError(t, err)
			texts[filepath.ToSlash(name)] = string(text)
		}
	}
	require.Greater(t, len(texts), 10)
	return texts
}

// codeBlock matches a fenced block and gives what is in it.
var codeBlock = regexp.MustCompile("(?s)\n```(\\w*)\n(.*?)\n```")

// commandLines are the lines of indented and fenced blocks.
func commandLines(text string) (lines []string) {
	for _, block := range codeBlock.FindAllStringSubmatch(text, -1) {
		lines = append(lines, strings.Split(block[2], "\n")...)
	}
	for line := range strings.Lines(codeBlock.ReplaceAllString(text, "")) {
		if command, indented := strings.CutPrefix(line, "    "); indented {
			lines = append(lines, strings.TrimRight(command, "\n"))
		}
	}
	return lines
}
