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

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
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

// TestOverheadFigures: SECURITY.md says by how many bytes a message is longer than its record.
func TestOverheadFigures(t *testing.T) {
	_, row, found := strings.Cut(documents(t)["SECURITY.md"], "\n| bytes beyond the record: event / call / answer | ")
	require.True(t, found)
	row, _, _ = strings.Cut(row, " |\n")
	var want []string
	for _, key := range overheadKeys(t) {
		var sizes []string
		for _, kind := range []cryptobox.Kind{cryptobox.KindPublish, cryptobox.KindCall, cryptobox.KindResult} {
			size := strconv.Itoa(key.Overhead(kind))
			if len(size) == 4 {
				size = size[:1] + "," + size[1:]
			}
			sizes = append(sizes, size)
		}
		want = append(want, strings.Join(sizes, " / "))
	}
	require.Equal(t, want, strings.Split(row, " | "))
}

// overheadKeys are those of the columns.
func overheadKeys(t *testing.T) (keys []*cryptobox.SuiteKey) {
	t.Helper()
	add := func(key *cryptobox.SuiteKey, err error) {
		t.Helper()
		require.NoError(t, err)
		keys = append(keys, key)
	}
	private := cryptobox.GenerateKey()
	box, err := cryptobox.NewBox(private, private.Public())
	require.NoError(t, err)
	add(cryptobox.NewPairKey(cryptobox.SuiteBox, box, private.Public(), private.Public()))
	add(cryptobox.NewSharedKey(cryptobox.GenerateSymmetricKey()))
	for _, column := range []cryptobox.SignedParts{
		{Suite: cryptobox.SuiteSigned}, {Suite: cryptobox.SuiteSigned, SignedOnce: true}, {Suite: cryptobox.SuiteSignedPQ},
	} {
		read, err := cryptobox.GenerateReadingKey(column.Suite)
		require.NoError(t, err)
		column.Sign, column.Seal = cryptobox.GenerateSigningKey(), read.Public()
		add(cryptobox.NewSignedKey(column))
	}
	return keys
}
