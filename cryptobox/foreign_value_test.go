package cryptobox_test

import (
	"math"
	"math/big"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

type node struct{ Next, Other *node }

// unsealable are values that no dialect takes.
func unsealable() map[string]any {
	loop := &node{}
	loop.Next, loop.Other = loop, loop
	list := []any{nil, nil}
	list[0], list[1] = list, list
	dict := map[string]any{}
	dict["a"] = dict
	var pointer any
	pointer = &pointer
	var deep any
	for range cryptobox.MaxDepth + 1 {
		deep = []any{deep}
	}
	var chain *node
	for range cryptobox.MaxDepth + 1 {
		chain = &node{Next: chain}
	}
	long := new(big.Int).Lsh(big.NewInt(1), cryptobox.MaxBigBits)
	return map[string]any{
		"chan":                make(chan int),
		"func":                func() {},
		"complex":             1i,
		"uintptr":             uintptr(1),
		"integer keys":        map[int]string{1: "a"},
		"any keys":            map[any]any{"a": 1},
		"invalid UTF-8":       "\xff",
		"named invalid UTF-8": wampURI("\xff"),
		"invalid UTF-8 key":   map[string]any{"\xff": 1},
		"invalid typed key":   map[string]int{"\xff": 1},
		"invalid in a struct": struct{ S string }{"\xff"},
		"chan in a struct":    struct{ C chan int }{},
		"keys in a struct":    struct{ M map[int]int }{map[int]int{1: 1}},
		"integer field names": struct {
			A int `cbor:"1,keyasint"`
		}{1},
		"text that fails":      self{},
		"private key":          cryptobox.GenerateKey(),
		"key in a struct":      struct{ K cryptobox.SymmetricKey }{cryptobox.GenerateSymmetricKey()},
		"too deep":             deep,
		"too deep structs":     chain,
		"list in itself":       list[:1],
		"map in itself":        dict,
		"typed map in itself":  typedLoop(),
		"pointer to itself":    pointer,
		"struct in itself":     loop,
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
		"NUL named string": {cryptobox.Autobahn, wampURI("\x00")},
		"NUL key":          {cryptobox.Autobahn, map[string]any{"\x00": 1}},
		"NUL in a struct":  {cryptobox.Autobahn, struct{ S string }{"\x00"}},
		"NaN in a struct":  {cryptobox.Autobahn, struct{ F float64 }{math.NaN()}},
	} {
		t.Run(name, func(t *testing.T) { requireValueError(t, c.d, c.v) })
	}
}

// TestKeysAreNotSealed: the error tells a key from a mistake.
func TestKeysAreNotSealed(t *testing.T) {
	for _, v := range []any{cryptobox.GenerateKey(), []cryptobox.SymmetricKey{cryptobox.GenerateSymmetricKey()}, struct{ R cryptobox.ForeignRecord }{}} {
		_, err := encode(t, cryptobox.Autobahn, cryptobox.NewForeignRecord("", []any{v}, nil))
		var ve *cryptobox.ValueError
		require.ErrorAs(t, err, &ve)
		require.Contains(t, ve.Why, "secret")
	}
}

func typedLoop() any {
	m := map[string][]any{"a": {nil}}
	m["a"][0] = m
	return m
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
		"args[0]{}[0]":   cryptobox.NewForeignRecord("", []any{map[string][]chan int{"secret-word": {nil, nil}}}, nil),
		"kwargs{key}":    cryptobox.NewForeignRecord("", nil, map[string]any{"secret-word\xff": 1}),
		"args[0]":        cryptobox.NewForeignRecord("", []any{"secret-word\xff"}, nil),
		"uri":            cryptobox.NewForeignRecord("secret-word\xff", nil, nil),
		"record":         nil,
		"args[0][1]{}{}": cryptobox.NewForeignRecord("", []any{[]any{1, map[string]map[string]any{"secret-word": {"a": 1i}}}}, nil),
	} {
		data, err := encode(t, cryptobox.Passthru, rec)
		var ve *cryptobox.ValueError
		require.ErrorAs(t, err, &ve, want)
		require.Equal(t, want, ve.Path)
		require.NotContains(t, err.Error(), "secret-word")
		require.Nil(t, data)
	}
}
