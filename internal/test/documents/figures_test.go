package documents_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestVectorFigures: SECURITY.md says how many vectors there are, and how many are to be
// refused.
func TestVectorFigures(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root, "vectors/wampbox_format.json"))
	require.NoError(t, err)
	var vectors struct{ Positive, Negative []json.RawMessage }
	require.NoError(t, json.Unmarshal(text, &vectors))
	said := regexp.MustCompile(`with ([\d,]+) conversations as \[vectors\]\(vectors/README.md\), ([\d,]+) of which`).FindStringSubmatch(
		strings.ReplaceAll(documents(t)["SECURITY.md"], "\n", " "))
	require.Len(t, said, 3)
	for i, n := range []int{len(vectors.Positive) + len(vectors.Negative), len(vectors.Negative)} {
		figure, err := strconv.Atoi(strings.ReplaceAll(said[i+1], ",", ""))
		require.NoError(t, err)
		require.Equal(t, n, figure)
	}
}
