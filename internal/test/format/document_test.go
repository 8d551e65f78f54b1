package format_test

import (
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/codec"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/replay"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/wire"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

var readDocument = sync.OnceValues(func() (string, error) {
	text, err := os.ReadFile("../../../docs/FORMAT.md")
	return string(text), err
})

// section is what stands under a heading of docs/FORMAT.md, up to the next one.
func section(t testing.TB, heading string) string {
	t.Helper()
	text, err := readDocument()
	require.NoError(t, err)
	return sectionOf(t, text, heading)
}

func sectionOf(t testing.TB, text, heading string) string {
	t.Helper()
	_, rest, found := strings.Cut(text, "\n"+heading+"\n")
	require.True(t, found, heading)
	if end := strings.Index(rest, "\n#"); end >= 0 {
		rest = rest[:end]
	}
	return rest
}

var limitRow = regexp.MustCompile(`(?m)^\| ([^|]+) \| (\d+) \|`)

// limits are the rows of the table of limits.
func limits(t testing.TB) map[string]int64 {
	t.Helper()
	rows := map[string]int64{}
	for _, row := range limitRow.FindAllStringSubmatch(section(t, "## 13 Limits"), -1) {
		n, err := strconv.ParseInt(row[2], 10, 64)
		require.NoError(t, err)
		rows[row[1]] = n
	}
	return rows
}

// TestLimits: those that vectors show are not here. The defaults of max age and skew,
// the size of re, of an algorithm's name, and for how long form 2 is good are among them.
func TestLimits(t *testing.T) {
	got := limits(t)
	require.Len(t, got, 19)
	for name, want := range map[string]int64{
		"bytes of a serialized record":                           cryptobox.MaxPayload,
		"bytes of a payload":                                     cryptobox.MaxSealed,
		"nested lists and maps in args, in kwargs":               cryptobox.MaxDepth,
		"values in a record":                                     cryptobox.MaxValues,
		"bits of an integer":                                     cryptobox.MaxBigBits,
		"bytes of memory that the values of any record may take": codec.MinMemory,
		"times its bytes, of memory that the values of a larger record may take": codec.MemoryFactor,
		"bytes of a key id (`passthru`)":                                         cryptobox.MaxKeyID,
		"versions tried without a key id":                                        keyring.MaxOpeners,
		"counters in a window":                                                   replay.WindowSize,
		"senders remembered":                                                     replay.MaxSenders,
		"tokens remembered":                                                      replay.MaxTokens,
		"senders of a signer remembered, in a scope and key":                     replay.MaxOfSigner,
		"signed retained events remembered, of all signers":                      replay.MaxSignedRetained,
	} {
		require.Equal(t, want, got[name], name)
	}
}

var reasonRow = regexp.MustCompile("(?m)^\\| `(\\w+)` \\|")

// TestReasons: the document lists every reason, and no other.
func TestReasons(t *testing.T) {
	listed := reasonRow.FindAllStringSubmatch(section(t, "### Reasons"), -1)
	require.Len(t, listed, len(reasons))
	for _, row := range listed {
		require.Contains(t, reasons, row[1])
	}
	for i := range len(reasons) {
		r := transparency.Reason(i + 1)
		require.NotEqual(t, fmt.Sprintf("reason %d", i+1), r.Error())
		require.NotEqual(t, "none", nameOf(r))
	}
	require.Equal(t, fmt.Sprintf("reason %d", len(reasons)+1), transparency.Reason(len(reasons)+1).Error())
}

// TestFeatures: what the document says is announced is what dialects announce.
func TestFeatures(t *testing.T) {
	headings := map[cryptobox.Dialect]string{
		cryptobox.Autobahn: "### 12.1 `autobahn`",
		cryptobox.Passthru: "### 12.2 `passthru`",
	}
	require.Empty(t, wire.TraitsOf(cryptobox.Wampbox).Announce)
	require.Empty(t, wire.TraitsOf(cryptobox.Wampbox).Require)
	for d, heading := range headings {
		traits := wire.TraitsOf(d)
		for _, feature := range append(traits.Announce, traits.Require) {
			require.Contains(t, section(t, heading), "`"+feature+"`")
		}
	}
}
