package documents_test

import (
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var (
	link    = regexp.MustCompile(`\]\(([^()\s]+)\)`)
	heading = regexp.MustCompile(`(?m)^#+ (.*)$`)
	notSlug = regexp.MustCompile(`[^\p{L}\p{N} _-]`)
)

// anchors are those that GitHub gives the headings of a document.
func anchors(text string) map[string]bool {
	found := map[string]bool{}
	for _, h := range heading.FindAllStringSubmatch(codeBlock.ReplaceAllString(text, ""), -1) {
		slug := notSlug.ReplaceAllString(strings.ToLower(h[1]), "")
		found[strings.ReplaceAll(slug, " ", "-")] = true
	}
	return found
}

// TestLinks: what a document links to in this repository is there, its headings too.
func TestLinks(t *testing.T) {
	texts, seen := documents(t), 0
	for name, text := range texts {
		for _, l := range link.FindAllStringSubmatch(codeBlock.ReplaceAllString(text, ""), -1) {
			if strings.Contains(l[1], "://") {
				continue
			}
			seen++
			target, anchor, _ := strings.Cut(l[1], "#")
			file := name
			if target != "" {
				file = path.Join(path.Dir(name), target)
				_, err := os.Stat(filepath.Join(root, file))
				require.NoError(t, err, "%s links to %s", name, l[1])
			}
			if anchor != "" {
				require.True(t, anchors(texts[file])[anchor], "%s links to %s", name, l[1])
			}
		}
	}
	require.Greater(t, seen, 50)
}
