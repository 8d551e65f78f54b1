package values_test

import (
	"encoding/json"
	"math"
	"math/big"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/values"
)

// TestExact: what is written is read as what it was.
func TestExact(t *testing.T) {
	number, _ := new(big.Int).SetString("-123456789012345678901234567890", 10)
	for text, v := range map[string]any{
		"null": nil, "true": true, "-9223372036854775808": int64(math.MinInt64), "18446744073709551615": uint64(math.MaxUint64),
		"-123456789012345678901234567890": number, "3.0": 3.0, "-0.0": math.Copysign(0, -1), "1e+300": 1e300,
		`"\u0000AAEC"`: []byte{0, 1, 2}, `"é<&>"`: "é<&>", `[1,[]]`: []any{int64(1), []any{}}, `{"":{},"a":1}`: map[string]any{"": map[string]any{}, "a": int64(1)},
	} {
		written, exact := values.JSON(v)
		require.True(t, exact)
		require.Equal(t, text, string(written))
		read, err := values.Parse(written)
		require.NoError(t, err)
		require.Equal(t, v, read)
	}
	for _, text := range []string{"", "1 2", "{", `{"a":1,"a":2}`, "secret"} {
		v, err := values.Parse([]byte(text))
		require.Error(t, err, text)
		require.NotContains(t, err.Error(), "secret")
		require.Nil(t, v)
	}
}

// TestInstead: what JSON doesn't have is shown, and said.
func TestInstead(t *testing.T) {
	for text, v := range map[string]any{
		`"NaN"`: math.NaN(), `"-Inf"`: math.Inf(-1), `"␀nul"`: "\x00nul", `"\u0000AAEC"`: "\x00AAEC", `{"␀k":1}`: map[string]any{"\x00k": int64(1)},
		`["2026-01-02T03:04:05.5Z"]`: []any{time.Date(2026, 1, 2, 3, 4, 5, 500_000_000, time.UTC)},
	} {
		written, exact := values.JSON(v)
		require.False(t, exact)
		require.Equal(t, text, string(written))
	}
}

// TestCanonical: what came in plain has the types of its serializer.
func TestCanonical(t *testing.T) {
	args, kwargs, err := values.Canonical([]any{float32(0.5), int8(-3), []string{"a"}}, map[string]any{"b": 1})
	require.NoError(t, err)
	require.Equal(t, []any{0.5, int64(-3), []any{"a"}}, args)
	require.Equal(t, map[string]any{"b": int64(1)}, kwargs)
	args, kwargs, err = values.Canonical(nil, nil)
	require.NoError(t, err)
	require.Nil(t, args)
	require.Nil(t, kwargs)
	_, _, err = values.Canonical([]any{make(chan int)}, nil)
	require.Error(t, err)
}

// TestText has no HTML escapes, and nothing that a terminal takes for a command.
func TestText(t *testing.T) {
	line, err := values.Text(map[string]json.RawMessage{"a": json.RawMessage("\"<&>\u0085\u202e\u2066\u200f\u2028\ufeff\U000e0041é語\"")}, "")
	require.NoError(t, err)
	require.Equal(t, `{"a":"<&>\u0085\u202e\u2066\u200f\u2028\ufeff\udb40\udc41é語"}`+"\n", string(line))
}
