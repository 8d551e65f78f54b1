package cryptobox_test

import (
	"errors"
	"math"
	"math/big"
	"net/netip"
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

// MarshalText is the name.
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
		for _, d := range foreign {
			t.Run(name+" "+d.String(), func(t *testing.T) { requireSame(t, c.want, travel(t, d, c.in)) })
		}
	}
}

func TestSealForeignChangesNothing(t *testing.T) {
	inner := wampDict{"n": 1}
	args := []any{1, wampList{inner, int8(2)}, map[string]any{"t": []int{1}}}
	kwargs := map[string]any{"a": 1, "b": wampURI("x")}
	for _, d := range foreign {
		_, err := encode(t, d, cryptobox.NewForeignRecord("", args, kwargs))
		require.NoError(t, err)
	}
	require.Equal(t, []any{1, wampList{wampDict{"n": 1}, int8(2)}, map[string]any{"t": []int{1}}}, args)
	require.Equal(t, map[string]any{"a": 1, "b": wampURI("x")}, kwargs)
}
