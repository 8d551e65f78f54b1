package cryptobox_test

import (
	"errors"
	"math"
	"math/big"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

// Named types as WAMP libraries have them.
type (
	wampList  []any
	wampDict  map[string]any
	wampURI   string
	wampID    uint64
	wampBytes []byte
	small     int8
	flag      bool
	half      float32
	digest    [4]byte
	octet     uint8
	textOctet string
)

type point struct {
	X       int       `json:"x"`
	Y       *float32  `json:"y,omitempty"`
	When    time.Time `json:"when"`
	Raw     []byte    `json:"raw"`
	Skipped *point    `json:"-"`
	hidden  *point
}

// self writes itself as text.
type self struct{ name string }

func (s self) MarshalText() ([]byte, error) {
	if s.name == "" {
		return nil, errors.New("no name of secret-word")
	}
	return []byte(s.name), nil
}

func ptr[T any](v T) *T { return &v }

func TestConvertedValues(t *testing.T) {
	when := time.Date(2026, 8, 20, 22, 21, 46, 5_000_000, time.UTC)
	cyclic := &point{X: 1, Y: ptr(float32(0.1)), When: when, Raw: []byte{1}}
	cyclic.Skipped, cyclic.hidden = cyclic, cyclic
	var nowhere *point
	for name, c := range map[string]struct{ in, want any }{
		"int":                 {7, int64(7)},
		"int8":                {small(-7), int64(-7)},
		"int32":               {int32(math.MinInt32), int64(math.MinInt32)},
		"uint":                {uint(7), int64(7)},
		"uint8":               {octet(255), int64(255)},
		"uint64 that fits":    {uint64(math.MaxInt64), int64(math.MaxInt64)},
		"named uint64":        {wampID(1 << 53), int64(1 << 53)},
		"named big uint64":    {wampID(math.MaxUint64), uint64(math.MaxUint64)},
		"float32":             {float32(0.1), float64(float32(0.1))},
		"named float32":       {half(1), 1.0},
		"named bool":          {flag(true), true},
		"named string":        {wampURI("com.x"), "com.x"},
		"named bytes":         {wampBytes{0, 1}, []byte{0, 1}},
		"array of bytes":      {digest{1, 2, 3, 4}, []byte{1, 2, 3, 4}},
		"named octets":        {[]octet{1, 2}, []byte{1, 2}},
		"array of octets":     {[2]octet{1, 2}, []byte{1, 2}},
		"named list":          {wampList{1, wampDict{"a": wampURI("b")}}, []any{int64(1), map[string]any{"a": "b"}}},
		"typed list":          {[]int{1, 2}, []any{int64(1), int64(2)}},
		"array":               {[2]string{"a", "b"}, []any{"a", "b"}},
		"typed map":           {map[wampURI][]string{"a": {"b"}, "c": nil}, map[string]any{"a": []any{"b"}, "c": nil}},
		"named keys":          {map[textOctet]any{"a": 1}, map[string]any{"a": int64(1)}},
		"pointer":             {ptr(ptr(7)), int64(7)},
		"pointer to any":      {ptr(any([]int{1})), []any{int64(1)}},
		"nil pointer":         {nowhere, nil},
		"nil list":            {[]any(nil), nil},
		"nil typed list":      {[]int(nil), nil},
		"nil map":             {map[string]any(nil), nil},
		"nil typed map":       {map[string]int(nil), nil},
		"nil bytes":           {[]byte(nil), nil},
		"nil big.Int":         {(*big.Int)(nil), nil},
		"small big.Int":       {big.NewInt(-5), int64(-5)},
		"big.Int as uint64":   {new(big.Int).SetUint64(math.MaxUint64), uint64(math.MaxUint64)},
		"time":                {when, "2026-08-20T22:21:46.005Z"},
		"duration":            {time.Second, int64(1e9)},
		"text of its own":     {self{"me"}, "me"},
		"list of such":        {[]self{{"me"}}, []any{"me"}},
		"binary of its own":   {netip.MustParseAddr("127.0.0.1"), []byte{127, 0, 0, 1}},
		"public key":          {cryptobox.PublicKey{}, nil},
		"struct with a cycle": {cyclic, map[string]any{"x": int64(1), "y": float64(float32(0.1)), "when": "2026-08-20T22:21:46.005Z", "raw": []byte{1}}},
		"big.Int in a struct": {struct{ N *big.Int }{big.NewInt(5)}, map[string]any{"N": int64(5)}},
	} {
		if name == "public key" {
			k := cryptobox.GenerateKey().Public()
			c.in, c.want = k, k.String()
		}
		for _, s := range serializers {
			t.Run(name+" "+string(s), func(t *testing.T) { requireSame(t, c.want, travel(t, s, c.in)) })
		}
	}
}

type node struct{ Next, Other *node }

func TestValuesThatCannotBeSealed(t *testing.T) {
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
	for name, c := range map[string]struct {
		in   any
		only []cryptobox.Serializer // nil is all
	}{
		"chan":                {make(chan int), nil},
		"func":                {func() {}, nil},
		"complex":             {1i, nil},
		"uintptr":             {uintptr(1), nil},
		"integer keys":        {map[int]string{1: "a"}, nil},
		"any keys":            {map[any]any{"a": 1}, nil},
		"invalid UTF-8":       {"\xff", nil},
		"named invalid UTF-8": {wampURI("\xff"), nil},
		"invalid UTF-8 key":   {map[string]any{"\xff": 1}, nil},
		"invalid typed key":   {map[string]int{"\xff": 1}, nil},
		"invalid in a struct": {struct{ S string }{"\xff"}, nil},
		"chan in a struct":    {struct{ C chan int }{}, nil},
		"keys in a struct":    {struct{ M map[int]int }{map[int]int{1: 1}}, nil},
		"integer field names": {struct {
			A int `cbor:"1,keyasint"`
		}{1}, nil},
		"text that fails":      {self{}, nil},
		"private key":          {cryptobox.GenerateKey(), nil},
		"key in a struct":      {struct{ K cryptobox.SymmetricKey }{cryptobox.GenerateSymmetricKey()}, nil},
		"too deep":             {deep, nil},
		"too deep structs":     {chain, nil},
		"list in itself":       {list[:1], nil},
		"map in itself":        {dict, nil},
		"typed map in itself":  {typedLoop(), nil},
		"pointer to itself":    {pointer, nil},
		"struct in itself":     {loop, nil},
		"integer beyond bound": {long, nil},
		"negative beyond":      {new(big.Int).Neg(long), nil},
		"big.Int":              {bigInt("18446744073709551616"), []cryptobox.Serializer{cryptobox.MessagePack}},
		"NaN":                  {math.NaN(), []cryptobox.Serializer{cryptobox.JSON}},
		"infinity":             {math.Inf(-1), []cryptobox.Serializer{cryptobox.JSON}},
		"float32 infinity":     {float32(math.Inf(1)), []cryptobox.Serializer{cryptobox.JSON}},
		"NUL string":           {"\x00AAAA", []cryptobox.Serializer{cryptobox.JSON}},
		"NUL named string":     {wampURI("\x00"), []cryptobox.Serializer{cryptobox.JSON}},
		"NUL key":              {map[string]any{"\x00": 1}, []cryptobox.Serializer{cryptobox.JSON}},
		"NUL in a struct":      {struct{ S string }{"\x00"}, []cryptobox.Serializer{cryptobox.JSON}},
		"NaN in a struct":      {struct{ F float64 }{math.NaN()}, []cryptobox.Serializer{cryptobox.JSON}},
	} {
		only := c.only
		if only == nil {
			only = serializers
		}
		for _, s := range only {
			t.Run(name+" "+string(s), func(t *testing.T) { requireValueError(t, s, c.in) })
		}
	}
}

func typedLoop() any {
	m := map[string][]any{"a": {nil}}
	m["a"][0] = m
	return m
}

func requireValueError(t *testing.T, s cryptobox.Serializer, v any) {
	t.Helper()
	ours, _ := pair(t)
	env, token, err := cryptobox.Seal(ours, s, "", &cryptobox.Record{Args: []any{1, v}})
	var ve *cryptobox.ValueError
	require.ErrorAs(t, err, &ve)
	require.ErrorIs(t, err, cryptobox.ErrValue)
	require.True(t, strings.HasPrefix(ve.Path, "args[1]"), ve.Path)
	require.NotEmpty(t, ve.Why)
	require.NotContains(t, err.Error(), "secret-word")
	require.Nil(t, env)
	require.True(t, token.IsZero())
}

func TestValueErrorPath(t *testing.T) {
	for want, rec := range map[string]*cryptobox.Record{
		"args[1]{}[0]":   {Args: []any{1, map[string]any{"secret-word": []any{make(chan int)}}}},
		"kwargs{}[2]":    {Kwargs: map[string]any{"secret-word": []any{1, "a", func() {}}}},
		"args[0]{}[0]":   {Args: []any{map[string][]chan int{"secret-word": {nil, nil}}}},
		"kwargs{key}":    {Kwargs: map[string]any{"secret-word\xff": 1}},
		"args[0]":        {Args: []any{"secret-word\xff"}},
		"uri":            {URI: "secret-word\xff"},
		"bind.kind":      {Bind: &cryptobox.Bind{Kind: "secret-word", Realm: "r", N: 1}},
		"bind.realm":     {Bind: &cryptobox.Bind{Kind: cryptobox.KindCall, N: 1}},
		"bind.n":         {Bind: &cryptobox.Bind{Kind: cryptobox.KindCall, Realm: "r"}},
		"record":         nil,
		"args[0][1]{}{}": {Args: []any{[]any{1, map[string]map[string]any{"secret-word": {"a": 1i}}}}},
	} {
		data, err := cryptobox.CBOR.Encode(rec)
		var ve *cryptobox.ValueError
		require.ErrorAs(t, err, &ve, want)
		require.Equal(t, want, ve.Path)
		require.NotContains(t, err.Error(), "secret-word")
		require.Nil(t, data)
	}
	_, err := cryptobox.JSON.Encode(&cryptobox.Record{Bind: &cryptobox.Bind{Kind: cryptobox.KindCall, Realm: "\x00", N: 1}})
	require.ErrorIs(t, err, cryptobox.ErrValue)
}

func TestTooMuchToSeal(t *testing.T) {
	big := strings.Repeat("x", 1<<20)
	shared := make([]any, 1<<10)
	for i := range shared {
		shared[i] = big
	}
	fan := any("x")
	for range 40 {
		fan = []any{fan, fan}
	}
	tree := &node{}
	for range 40 {
		tree = &node{Next: tree, Other: tree}
	}
	for name, v := range map[string]any{
		"long string":           strings.Repeat("x", cryptobox.MaxPayload+1),
		"long bytes":            make([]byte, cryptobox.MaxPayload+1),
		"just too long":         make([]byte, cryptobox.MaxPayload),
		"many values":           make([]any, cryptobox.MaxValues+1),
		"one string many times": shared,
		"doubling lists":        fan,
		"doubling structs":      tree,
		"array of nothing":      [1 << 40]struct{}{},
		"array in a struct":     struct{ A [1 << 40]struct{} }{},
		"bytes in a struct":     struct{ B []byte }{make([]byte, cryptobox.MaxPayload)},
	} {
		for _, s := range serializers {
			data, err := s.Encode(&cryptobox.Record{Args: []any{v}})
			require.ErrorIs(t, err, cryptobox.ErrTooLarge, name)
			require.Nil(t, data)
		}
	}
	// Escapes make JSON longer than what it is made from.
	_, err := cryptobox.JSON.Encode(&cryptobox.Record{Args: []any{strings.Repeat("\x01", cryptobox.MaxPayload/4)}})
	require.ErrorIs(t, err, cryptobox.ErrTooLarge)
}

// TestWhatIsSealedOpens: the limits are the same in both directions.
func TestWhatIsSealedOpens(t *testing.T) {
	deep := any([]any{})
	for range cryptobox.MaxDepth - 1 {
		deep = map[string]any{"k": deep}
	}
	full := make([]any, cryptobox.MaxValues)
	bind := &cryptobox.Bind{Kind: cryptobox.KindCall, Realm: "r", N: 1, Self: true, Keep: true}
	for _, s := range serializers {
		for _, rec := range []*cryptobox.Record{
			{Args: []any{deep}, Kwargs: map[string]any{"k": deep}},
			{URI: "com.x", Args: full, Bind: bind},
			{Args: []any{make([]byte, cryptobox.MaxPayload/4*3-1024)}},
		} {
			data, err := s.Encode(rec)
			require.NoError(t, err)
			got, err := s.Decode(data)
			require.NoError(t, err)
			require.True(t, sameRecord(rec, got))
		}
	}
}

func TestSealChangesNothing(t *testing.T) {
	inner := wampDict{"n": 1}
	args := []any{1, wampList{inner, int8(2)}, map[string]any{"t": []int{1}}}
	kwargs := map[string]any{"a": 1, "b": wampURI("x")}
	for _, s := range serializers {
		_, err := s.Encode(&cryptobox.Record{Args: args, Kwargs: kwargs})
		require.NoError(t, err)
	}
	require.Equal(t, []any{1, wampList{wampDict{"n": 1}, int8(2)}, map[string]any{"t": []int{1}}}, args)
	require.Equal(t, map[string]any{"a": 1, "b": wampURI("x")}, kwargs)
}
