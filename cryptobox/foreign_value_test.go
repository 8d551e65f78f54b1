package cryptobox_test

import (
	"math"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

// unsealable are values that no dialect takes.
func unsealable() map[string]any {
	list := []any{nil, nil}
	list[0], list[1] = list, list
	dict := map[string]any{}
	dict["a"] = dict
	var deep any
	for range cryptobox.MaxDepth + 1 {
		deep = []any{deep}
	}
	long := new(big.Int).Lsh(big.NewInt(1), cryptobox.MaxBigBits)
	return map[string]any{
		"chan":                 make(chan int),
		"func":                 func() {},
		"complex":              1i,
		"uintptr":              uintptr(1),
		"struct":               struct{ A int }{1},
		"typed list":           []int{1},
		"typed map":            map[string]int{"a": 1},
		"named text":           named("a"),
		"time":                 time.Unix(0, 0),
		"pointer":              new(int),
		"invalid UTF-8":        "\xff",
		"invalid UTF-8 key":    map[string]any{"\xff": 1},
		"too deep":             deep,
		"list in itself":       list[:1],
		"map in itself":        dict,
		"integer beyond bound": long,
		"negative beyond":      new(big.Int).Neg(long),
	}
}

func TestForeignValuesThatCannotBeSealed(t *testing.T) {
	for name, v := range unsealable() {
		for _, d := range foreign {
			t.Run(name+" "+d.String(), func(t *testing.T) { requireValueError(t, d, v) })
		}
	}
	for name, c := range map[string]struct {
		d cryptobox.Dialect
		v any
	}{
		"NaN":              {cryptobox.Autobahn, math.NaN()},
		"infinity":         {cryptobox.Autobahn, math.Inf(-1)},
		"float32 infinity": {cryptobox.Autobahn, float32(math.Inf(1))},
		"NUL string":       {cryptobox.Autobahn, "\x00AAAA"},
		"NUL key":          {cryptobox.Autobahn, map[string]any{"\x00": 1}},
	} {
		t.Run(name, func(t *testing.T) { requireValueError(t, c.d, c.v) })
	}
}

func requireValueError(t *testing.T, d cryptobox.Dialect, v any) {
	t.Helper()
	ours, _ := pair(t)
	payload, token, err := cryptobox.SealForeign(ours, d, cryptobox.NewForeignRecord("", []any{1, v}, nil))
	var ve *cryptobox.ValueError
	require.ErrorAs(t, err, &ve)
	require.ErrorIs(t, err, cryptobox.ErrValue)
	require.True(t, strings.HasPrefix(ve.Path, "args[1]"), ve.Path)
	require.NotEmpty(t, ve.Why)
	require.NotContains(t, err.Error(), "secret-word")
	require.Nil(t, payload)
	require.True(t, token.IsZero())
}

func TestValueErrorPath(t *testing.T) {
	for want, rec := range map[string]*cryptobox.ForeignRecord{
		"args[1]{}[0]":   cryptobox.NewForeignRecord("", []any{1, map[string]any{"secret-word": []any{make(chan int)}}}, nil),
		"kwargs{}[2]":    cryptobox.NewForeignRecord("", nil, map[string]any{"secret-word": []any{1, "a", func() {}}}),
		"kwargs{key}":    cryptobox.NewForeignRecord("", nil, map[string]any{"secret-word\xff": 1}),
		"args[0]":        cryptobox.NewForeignRecord("", []any{"secret-word\xff"}, nil),
		"uri":            cryptobox.NewForeignRecord("secret-word\xff", nil, nil),
		"record":         nil,
		"args[0][1]{}{}": cryptobox.NewForeignRecord("", []any{[]any{1, map[string]any{"secret-word": map[string]any{"a": 1i}}}}, nil),
	} {
		data, err := encode(t, cryptobox.Passthru, rec)
		var ve *cryptobox.ValueError
		require.ErrorAs(t, err, &ve, want)
		require.Equal(t, want, ve.Path)
		require.NotContains(t, err.Error(), "secret-word")
		require.Nil(t, data)
	}
}
