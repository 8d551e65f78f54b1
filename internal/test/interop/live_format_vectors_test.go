package interop_test

import (
	"encoding/json"
	"math"
	"math/big"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/interop"
)

// formatFile is vectors/wampbox_format.json, as it is given to another
// implementation.
type formatFile struct {
	header             map[string]any // all but what follows
	positive, negative []map[string]any
	keyTexts           []map[string]any
	padme              [][2]json.Number
}

func readFormatFile(t *testing.T) formatFile {
	t.Helper()
	opened, err := os.Open(filepath.Join("..", "..", "..", "vectors", "wampbox_format.json"))
	require.NoError(t, err)
	defer func() { require.NoError(t, opened.Close()) }()
	var file formatFile
	decoder := json.NewDecoder(opened)
	decoder.UseNumber()
	require.NoError(t, decoder.Decode(&file.header))
	move(t, file.header, "positive", &file.positive)
	move(t, file.header, "negative", &file.negative)
	move(t, file.header, "key_texts", &file.keyTexts)
	move(t, file.header, "padme", &file.padme)
	return file
}

// move takes a field out of the object.
func move(t *testing.T, object map[string]any, name string, into any) {
	t.Helper()
	text, err := json.Marshal(object[name])
	require.NoError(t, err)
	decoder := json.NewDecoder(strings.NewReader(string(text)))
	decoder.UseNumber()
	require.NoError(t, decoder.Decode(into))
	delete(object, name)
}

// TestLiveFormatVectors: whoever follows docs/FORMAT.md alone comes to what every
// vector expects. No vector is left out.
func TestLiveFormatVectors(t *testing.T) {
	python, file := interop.Start(t).Format(t), readFormatFile(t)
	require.NotEmpty(t, file.positive)
	require.NotEmpty(t, file.negative)
	for _, vectors := range [][]map[string]any{file.positive, file.negative} {
		for _, vector := range vectors {
			t.Run(vector["name"].(string), func(t *testing.T) {
				want := expected(t, vector)
				got, err := python.Vector(within(t), file.header, question(vector))
				require.NoError(t, err)
				require.Len(t, got, len(want))
				for i := range want {
					require.Equal(t, unmarked(t, want[i]), unmarked(t, map[string]any(got[i])), "message %d", i)
				}
			})
		}
	}
	t.Logf("%d positive vectors, %d negative ones", len(file.positive), len(file.negative))
}

// question is the vector without what answers it: what is expected, its name, and
// how its payloads were made.
func question(vector map[string]any) map[string]any {
	asked := without(vector, "name")
	messages := []any{}
	for _, message := range vector["messages"].([]any) {
		messages = append(messages, without(message.(map[string]any), "expect", "serializer", "nonce", "plaintext"))
	}
	asked["messages"] = messages
	return asked
}

func without(object map[string]any, names ...string) map[string]any {
	rest := map[string]any{}
	for name, value := range object {
		rest[name] = value
	}
	for _, name := range names {
		delete(rest, name)
	}
	return rest
}

// expected is what the messages expect. Where something is delivered plain, that is
// what the message has; the protocol's own errors lose it.
func expected(t *testing.T, vector map[string]any) (outcomes []map[string]any) {
	t.Helper()
	for _, m := range vector["messages"].([]any) {
		message := m.(map[string]any)
		want := without(message["expect"].(map[string]any))
		if _, plain := want["plain"]; plain {
			uri, _ := message["error"].(string)
			delivered := map[string]any{"args": nil, "kwargs": nil}
			if !strings.HasPrefix(uri, "wamp.") {
				delivered = map[string]any{"args": message["args"], "kwargs": message["kwargs"]}
			}
			want["plain"] = delivered
		}
		if record, sealed := want["record"].(map[string]any); sealed {
			for _, name := range []string{"uri", "args", "kwargs", "bind"} {
				_, there := record[name]
				require.True(t, there || name == "bind", "the record has no %s", name)
			}
		}
		outcomes = append(outcomes, want)
	}
	return outcomes
}

// unmarked is a value without marks, so that two ways to write one value are equal:
// floats by their bits, integers of any size as text.
func unmarked(t *testing.T, value any) any {
	t.Helper()
	switch v := value.(type) {
	case json.Number:
		return integerOf(t, string(v))
	case []any:
		list := make([]any, len(v))
		for i := range v {
			list[i] = unmarked(t, v[i])
		}
		return list
	case map[string]any:
		if text, ok := v["$int"].(string); ok {
			return integerOf(t, text)
		}
		if text, ok := v["$float"].(string); ok {
			f, err := strconv.ParseFloat(text, 64)
			require.NoError(t, err)
			return math.Float64bits(f)
		}
		object := map[string]any{}
		for name := range v {
			object[name] = unmarked(t, v[name])
		}
		return object
	}
	return value
}

func integerOf(t *testing.T, text string) *big.Int {
	t.Helper()
	n, ok := new(big.Int).SetString(text, 10)
	require.True(t, ok, "%q is no integer", text)
	return n
}

func TestLiveFormatKeyTexts(t *testing.T) {
	python, file := interop.Start(t).Format(t), readFormatFile(t)
	require.NotEmpty(t, file.keyTexts)
	for _, key := range file.keyTexts {
		defect, err := python.KeyText(within(t), key["kind"].(string), key["text"].(string))
		require.NoError(t, err)
		want, _ := key["error"].(string)
		require.Equal(t, want, defect, key["name"])
	}
}

func TestLiveFormatPadme(t *testing.T) {
	python, file := interop.Start(t).Format(t), readFormatFile(t)
	require.NotEmpty(t, file.padme)
	for _, pair := range file.padme {
		padded, err := python.Padme(within(t), pair[0])
		require.NoError(t, err)
		require.Equal(t, pair[1], padded, "of %s", pair[0])
	}
}
