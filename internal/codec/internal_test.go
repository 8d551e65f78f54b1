package codec

import (
	"encoding/hex"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/stretchr/testify/require"
)

func bytesOf(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	require.NoError(t, err)
	return b
}

func TestCBORWithoutMeaningHere(t *testing.T) {
	for _, c := range []string{"d9d9f7a0", "c100", "c074323031332d30332d32315432303a30343a30305a", "e0", "f820", "a10102", "a1416101", "c200", "d8406161", "d84080", "d840d8404161", "d9d9f74161"} {
		_, err := readCBOR(bytesOf(t, c), 0, openBudget(0))
		require.ErrorIs(t, err, ErrMalformed, c)
	}
}

// TestStandsForItself, for each byte at each place: what it says yes to is what quoting
// leaves as it is.
func TestStandsForItself(t *testing.T) {
	for size := range 20 {
		text := []byte(strings.Repeat("x", size))
		require.True(t, standsForItself(string(text)))
		for i := range text {
			for c := range 256 {
				text[i] = byte(c)
				quoted, _ := jsontext.AppendQuote(nil, text)
				same := string(quoted) == `"`+string(text)+`"` && c < utf8.RuneSelf
				require.Equal(t, same, standsForItself(string(text)), "%q", text)
			}
			text[i] = 'x'
		}
	}
}
