package cryptobox_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"maps"
	"math"
	"math/big"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

// foreign are the dialects that aren't ours.
var foreign = []cryptobox.Dialect{cryptobox.Autobahn, cryptobox.Passthru}

// pair gives the two ends of a conversation.
func pair(t testing.TB) (originator, responder *cryptobox.Box) {
	t.Helper()
	a, b := cryptobox.GenerateKey(), cryptobox.GenerateKey()
	originator, err := cryptobox.NewBox(a, b.Public())
	require.NoError(t, err)
	responder, err = cryptobox.NewBox(b, a.Public())
	require.NoError(t, err)
	return originator, responder
}

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	require.NoError(t, err)
	return b
}

// readVectors reads a file of ../vectors. Numbers keep their text.
func readVectors(t testing.TB, name string, v any) {
	t.Helper()
	data, err := os.ReadFile("../vectors/" + name)
	require.NoError(t, err)
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	require.NoError(t, dec.Decode(v))
}

// stated turns a value of a vector file into what a record holds.
func stated(t testing.TB, v any) any {
	t.Helper()
	switch x := v.(type) {
	case json.Number:
		if strings.ContainsAny(x.String(), ".eE") {
			f, err := x.Float64()
			require.NoError(t, err)
			return f
		}
		i, err := x.Int64()
		require.NoError(t, err)
		return i
	case string:
		if h, ok := strings.CutPrefix(x, "h:"); ok {
			h, _, _ = strings.Cut(h, " ")
			return unhex(t, h)
		}
		if x == "undefined" {
			return nil
		}
	case []any:
		for i := range x {
			x[i] = stated(t, x[i])
		}
	case map[string]any:
		if h, ok := x["$bytes_hex"].(string); ok {
			return unhex(t, h)
		}
		for k := range x {
			x[k] = stated(t, x[k])
		}
	}
	return v
}

func statedList(t testing.TB, v any) []any {
	list, _ := stated(t, v).([]any)
	return list
}

func statedMap(t testing.TB, v any) map[string]any {
	m, _ := stated(t, v).(map[string]any)
	return m
}

func sameRecord(a, b *cryptobox.ForeignRecord) bool {
	return a.URI() == b.URI() && same(a.Args(), b.Args()) && same(a.Kwargs(), b.Kwargs())
}

// encode gives the plaintext of a record, as it is sealed in a dialect.
func encode(t testing.TB, d cryptobox.Dialect, rec *cryptobox.ForeignRecord) ([]byte, error) {
	t.Helper()
	box := known(t, 1)
	payload, _, err := cryptobox.SealForeign(box, d, rec)
	if err != nil {
		require.Nil(t, payload)
		return nil, err
	}
	plaintext, err := box.Open(payload)
	require.NoError(t, err)
	return plaintext, nil
}

// decode seals bytes as they are and opens them as a record.
func decode(t testing.TB, d cryptobox.Dialect, plaintext []byte) (*cryptobox.ForeignRecord, error) {
	t.Helper()
	box := known(t, 1)
	payload, err := box.Seal(plaintext)
	if err != nil {
		return nil, err
	}
	rec, token, err := cryptobox.OpenForeign(box, d, payload)
	require.Equal(t, err != nil, rec == nil)
	require.Equal(t, err != nil, token.IsZero())
	return rec, err
}

func requireRefused(t testing.TB, want error, d cryptobox.Dialect, plaintext []byte) {
	t.Helper()
	_, err := decode(t, d, plaintext)
	require.ErrorIs(t, err, want)
}

// same compares canonical values: types too, floats by their bits but for NaN.
func same(a, b any) bool {
	switch x := a.(type) {
	case float64:
		y, ok := b.(float64)
		return ok && (math.Float64bits(x) == math.Float64bits(y) || (math.IsNaN(x) && math.IsNaN(y)))
	case []byte:
		y, ok := b.([]byte)
		return ok && bytes.Equal(x, y)
	case *big.Int:
		y, ok := b.(*big.Int)
		return ok && x.Cmp(y) == 0
	case []any:
		y, ok := b.([]any)
		return ok && slices.EqualFunc(x, y, same) && (x == nil) == (y == nil)
	case map[string]any:
		y, ok := b.(map[string]any)
		return ok && maps.EqualFunc(x, y, same) && (x == nil) == (y == nil)
	}
	return a == b // times too: they are in UTC and have no monotonic clock
}

func requireSame(t testing.TB, want, got any) {
	t.Helper()
	require.Truef(t, same(want, got), "want %#v\n got %#v", want, got)
}
