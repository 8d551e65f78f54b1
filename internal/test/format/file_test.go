package format_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	ugorji "github.com/ugorji/go/codec"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

// file is vectors/wampbox_format.json, as docs/FORMAT.md tells it.
type file struct {
	Realm   string `json:"realm"`
	Now     int64  `json:"now"`
	Pattern struct {
		URI   string `json:"uri"`
		Match string `json:"match"`
	} `json:"pattern"`
	OwnFrom  any   `json:"own_from"`
	Keys     []set `json:"keys"`
	KeyTexts []struct {
		Name, Kind, Text, Error string
	} `json:"key_texts"`
	Padme   [][2]int `json:"padme"`
	Signers []struct {
		Signing string `json:"signing"`
		Verify  string `json:"verify"`
		Signer  string `json:"signer"`
	} `json:"signers"`
	Sealing  []sealed `json:"sealing"`
	Opening  []sealed `json:"opening"`
	Positive []vector `json:"positive"`
	Negative []vector `json:"negative"`
}

// set is what the parties of a conversation hold.
type set struct {
	Name    string            `json:"name"`
	Dialect string            `json:"dialect"`
	Suite   cryptobox.Suite   `json:"suite"`
	Cipher  string            `json:"cipher"`
	ID      string            `json:"id"`
	Private map[string]string `json:"private"`
	Public  map[string]string `json:"public"`
	Secret  string            `json:"secret"`

	// Of suites 4 and 5.
	Reading struct {
		Private string `json:"private"`
		Public  string `json:"public"`
	} `json:"reading"`
	Signing     map[string]string `json:"signing"`
	Senders     [][2]string       `json:"senders"`
	Answerers   [][2]string       `json:"answerers"`
	AnyAnswerer bool              `json:"any_answerer"`
	SignedOnce  bool              `json:"signed_once"`
}

// sealed is what sealing with a nonce gives, or what opening makes of it.
type sealed struct {
	Name      string `json:"name"`
	Keys      string `json:"keys"`
	Role      string `json:"role"`
	Record    record `json:"record"`
	Size      int    `json:"size"`
	Nonce     any    `json:"nonce"`
	Plaintext any    `json:"plaintext"`
	Enc       any    `json:"enc"`
	// Of suites 4 and 5: the call in whose context it is sealed.
	First any `json:"first"`

	// Of what opens.
	Direction cryptobox.Direction `json:"direction"`
	Expect    expected            `json:"expect"`
}

type vector struct {
	Name     string `json:"name"`
	Dialect  string `json:"dialect"`
	Keys     string `json:"keys"`
	Role     string `json:"role"`
	MaxAge   int64  `json:"max_age_ms"`
	Skew     int64  `json:"clock_skew_ms"`
	Exchange struct {
		Verb        string `json:"verb"`
		URI         string `json:"uri"`
		Match       string `json:"match"`
		GetRetained bool   `json:"get_retained"`
		Re          any    `json:"re"`
	} `json:"exchange"`
	Beside        []string  `json:"beside"`
	AllowUnsigned int64     `json:"allow_unsigned"`
	Messages      []message `json:"messages"`
}

type message struct {
	Type      string         `json:"type"`
	Details   map[string]any `json:"details"`
	Error     string         `json:"error"`
	Args      given          `json:"args"`
	Kwargs    given          `json:"kwargs"`
	Binary    any            `json:"binary"`
	Behind    []any          `json:"behind"`
	Plaintext any            `json:"plaintext"`
	Expect    expected       `json:"expect"`
}

// given is a value that may be there and null.
type given struct {
	is    bool
	value any
}

// UnmarshalJSON implements [json.Unmarshaler].
func (g *given) UnmarshalJSON(text []byte) error {
	g.is = true
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	return d.Decode(&g.value)
}

// record is what a record says, by the names of docs/FORMAT.md.
type record struct {
	Kind   json.Number `json:"kind"`
	Realm  string      `json:"realm"`
	URI    string      `json:"uri"`
	From   any         `json:"from"`
	N      any         `json:"n"`
	TS     any         `json:"ts"`
	Re     any         `json:"re"`
	Seq    any         `json:"seq"`
	Flags  json.Number `json:"flags"`
	Args   any         `json:"args"`
	Kwargs any         `json:"kwargs"`
}

type expected struct {
	Record  *record `json:"record"`
	Sender  string  `json:"sender"`
	Token   any     `json:"token"`
	Plain   bool    `json:"plain"`
	Refused bool    `json:"refused"`
	Refusal *struct {
		Reason string `json:"reason"`
		Clock  int64  `json:"clock"`
	} `json:"refusal"`
	Reason string `json:"reason"`
	Answer struct {
		Error string `json:"error"`
		Enc   int    `json:"enc"`
	} `json:"answer"`
}

// readFile gives what is in the file, which all tests share.
func readFile(t testing.TB) *file {
	t.Helper()
	f, err := parsed()
	require.NoError(t, err)
	return f
}

var parsed = sync.OnceValues(func() (*file, error) {
	f, err := os.Open("../../../vectors/wampbox_format.json")
	if err != nil {
		return nil, err
	}
	defer f.Close()
	d := json.NewDecoder(f)
	d.UseNumber()
	var all struct {
		file
		Format int `json:"format"`
	}
	if err := d.Decode(&all); err != nil {
		return nil, err
	}
	if all.Format != 2 {
		return nil, fmt.Errorf("format %d", all.Format)
	}
	return &all.file, nil
})

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
	if text, ok := v["$tag64"].(string); ok {
		b, err := base64.StdEncoding.DecodeString(text)
		require.NoError(t, err)
		return ugorji.RawExt{Tag: 64, Value: b}, true
	}
	if n, ok := v["$fill"].(json.Number); ok {
		size, err := n.Int64()
		require.NoError(t, err)
		return binary(bytes.Repeat([]byte{1}, int(size))), true
	}
	if text, ok := v["$int"].(string); ok {
		return integer(t, text), true
	}
	if text, ok := v["$time"].(string); ok {
		return moment(t, text), true
	}
	if text, ok := v["$float"].(string); ok {
		f, err := strconv.ParseFloat(text, 64)
		require.NoError(t, err)
		return f, true
	}
	return nil, false
}

// moment is a time in seconds, as near as a float of 64 bits has it.
func moment(t testing.TB, text string) time.Time {
	t.Helper()
	if seconds, err := strconv.ParseInt(text, 10, 64); err == nil {
		return time.Unix(seconds, 0).UTC()
	}
	f, err := strconv.ParseFloat(text, 64)
	require.NoError(t, err)
	whole, part := math.Modf(f)
	return time.Unix(int64(whole), int64(math.Round(part*1e9))).UTC()
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
