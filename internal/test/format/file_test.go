package format_test

import (
	"encoding/base64"
	"encoding/json"
	"math"
	"math/big"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// file is vectors/wampbox_format.json, as docs/FORMAT.md tells it.
type file struct {
	Realm   string `json:"realm"`
	Now     int64  `json:"now"`
	Pattern struct {
		URI   string `json:"uri"`
		Match string `json:"match"`
	} `json:"pattern"`
	OwnFrom any `json:"own_from"`
	Keys    []struct {
		Name      string            `json:"name"`
		Algorithm string            `json:"algorithm"`
		ID        string            `json:"id"`
		Private   map[string]string `json:"private"`
		Public    map[string]string `json:"public"`
		Shared    string            `json:"shared"`
	} `json:"keys"`
	KeyTexts []struct {
		Name, Kind, Text, Error string
	} `json:"key_texts"`
	Padme    [][2]int `json:"padme"`
	Positive []vector `json:"positive"`
	Negative []vector `json:"negative"`
}

type vector struct {
	Name     string `json:"name"`
	Framing  string `json:"framing"`
	Keys     string `json:"keys"`
	Role     string `json:"role"`
	Unbound  bool   `json:"unbound"`
	MaxAge   int64  `json:"max_age_ms"`
	Skew     int64  `json:"clock_skew_ms"`
	Exchange struct {
		Verb        string `json:"verb"`
		URI         string `json:"uri"`
		Match       string `json:"match"`
		GetRetained bool   `json:"get_retained"`
		Re          any    `json:"re"`
	} `json:"exchange"`
	Messages []message `json:"messages"`
}

type message struct {
	Type       string         `json:"type"`
	Details    map[string]any `json:"details"`
	Error      string         `json:"error"`
	Args       any            `json:"args"`
	Kwargs     any            `json:"kwargs"`
	Binary     any            `json:"binary"`
	Serializer string         `json:"serializer"`
	Plaintext  any            `json:"plaintext"`
	Expect     expected       `json:"expect"`
}

type expected struct {
	Record *struct {
		URI    string `json:"uri"`
		Args   any    `json:"args"`
		Kwargs any    `json:"kwargs"`
		Bind   any    `json:"bind"`
	} `json:"record"`
	Plain  bool   `json:"plain"`
	Reason string `json:"reason"`
	Answer string `json:"answer"`
}

func readFile(t testing.TB) *file {
	t.Helper()
	f, err := os.Open("../../../vectors/wampbox_format.json")
	require.NoError(t, err)
	defer f.Close()
	d := json.NewDecoder(f)
	d.UseNumber()
	var all struct {
		file
		Format int `json:"format"`
	}
	require.NoError(t, d.Decode(&all))
	require.Equal(t, 1, all.Format)
	return &all.file
}

// value reads a value of the file: integers as they arrive, $int, $float and $bytes,
// of which binary says what becomes.
func value(t testing.TB, v any, binary func([]byte) any) any {
	t.Helper()
	switch v := v.(type) {
	case json.Number:
		return integer(t, v.String())
	case []any:
		list := make([]any, len(v))
		for i := range v {
			list[i] = value(t, v[i], binary)
		}
		return list
	case map[string]any:
		if marked, ok := special(t, v, binary); ok {
			return marked
		}
		object := make(map[string]any, len(v))
		for name := range v {
			object[name] = value(t, v[name], binary)
		}
		return object
	}
	return v
}

func special(t testing.TB, v map[string]any, binary func([]byte) any) (any, bool) {
	t.Helper()
	if text, ok := v["$bytes"].(string); ok {
		b, err := base64.StdEncoding.DecodeString(text)
		require.NoError(t, err)
		return binary(b), true
	}
	if text, ok := v["$int"].(string); ok {
		return integer(t, text), true
	}
	if text, ok := v["$float"].(string); ok {
		f, err := strconv.ParseFloat(text, 64)
		require.NoError(t, err)
		return f, true
	}
	return nil, false
}

func integer(t testing.TB, text string) any {
	t.Helper()
	if i, err := strconv.ParseInt(text, 10, 64); err == nil {
		return i
	}
	if u, err := strconv.ParseUint(text, 10, 64); err == nil {
		return u
	}
	n, ok := new(big.Int).SetString(text, 10)
	require.True(t, ok, "no integer: %s", text)
	return n
}

func raw(b []byte) any { return b }

// exact is a value of the file as handlers get it.
func exact(t testing.TB, v any) any {
	t.Helper()
	return value(t, v, raw)
}

// requireSame compares types too, and bits of floats.
func requireSame(t testing.TB, want, got any) {
	t.Helper()
	require.Equal(t, bitsOf(want), bitsOf(got))
}

// bitsOf replaces floats by their type and bits, since no number equals NaN and
// minus zero equals zero.
func bitsOf(v any) any {
	switch v := v.(type) {
	case float64:
		if math.IsNaN(v) {
			return "float64 NaN"
		}
		return "float64 " + strconv.FormatUint(math.Float64bits(v), 16)
	case []any:
		list := make([]any, len(v))
		for i := range v {
			list[i] = bitsOf(v[i])
		}
		return list
	case map[string]any:
		object := make(map[string]any, len(v))
		for name := range v {
			object[name] = bitsOf(v[name])
		}
		return object
	}
	return v
}

// binaryIn is how a serializer of messages has binary data.
func binaryIn(encoding string) func([]byte) any {
	return func(b []byte) any {
		if encoding == "json" {
			var text strings.Builder
			text.WriteByte(0)
			text.WriteString(base64.StdEncoding.EncodeToString(b))
			return text.String()
		}
		return b
	}
}
