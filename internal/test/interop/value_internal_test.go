package interop

import (
	"encoding/json"
	"math"
	"math/big"
	"testing"

	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"
)

func TestPlain(t *testing.T) {
	tests := []struct {
		value any
		text  string
	}{
		{nil, `null`},
		{3, `3`},
		{3.0, `3.0`},
		{float32(0.5), `0.5`},
		{math.Copysign(0, -1), `-0.0`},
		{1e21, `1e+21`},
		{uint64(math.MaxUint64), `18446744073709551615`},
		{new(big.Int).Lsh(big.NewInt(1), 64), `18446744073709551616`},
		{[]byte{0, 255}, `{"$bytes_hex":"00ff"}`},
		{[2]byte{1, 2}, `{"$bytes_hex":"0102"}`},
		{wamp.List{1, wamp.Dict{"a": wamp.URI("b")}}, `[1,{"a":"b"}]`},
		{[]any(nil), `null`},
		{map[string]any(nil), `null`},
		{map[string]any{"$a": 1}, `{"$map":[["$a",1]]}`},
	}
	for _, tt := range tests {
		got, err := plain(tt.value)
		require.NoError(t, err, "%#v", tt.value)
		text, err := json.Marshal(got)
		require.NoError(t, err)
		require.Equal(t, tt.text, string(text))
	}
	for _, value := range []any{make(chan int), map[int]string{1: "a"}, struct{}{}, []any{struct{}{}}, map[string]any{"a": struct{}{}}} {
		_, err := plain(value)
		require.Error(t, err, "%#v", value)
	}
}

func TestNative(t *testing.T) {
	tests := []struct {
		text  string
		value any
	}{
		{`null`, nil},
		{`9007199254740993`, int64(9007199254740993)},
		{`18446744073709551615`, uint64(math.MaxUint64)},
		{`-9223372036854775809`, new(big.Int).Sub(big.NewInt(math.MinInt64), big.NewInt(1))},
		{`1.0`, 1.0},
		{`1e3`, 1000.0},
		{`{"$bytes_hex": "00ff"}`, []byte{0, 255}},
		{`[{"a": [null]}]`, []any{map[string]any{"a": []any{nil}}}},
		{`{"$map": [[1, "a"], ["$b", 2.5]]}`, Pairs{{int64(1), "a"}, {"$b", 2.5}}},
	}
	for _, tt := range tests {
		var value any
		require.NoError(t, parse([]byte(tt.text), &value))
		got, err := native(value)
		require.NoError(t, err, tt.text)
		require.Equal(t, tt.value, got, tt.text)
	}
	for _, text := range []string{`{"$bytes_hex": "0"}`, `{"$map": [[1]]}`, `{"$map": [1]}`, `[{"$bytes_hex": "x"}]`, `1e999`} {
		var value any
		require.NoError(t, parse([]byte(text), &value))
		_, err := native(value)
		require.Error(t, err, text)
	}
}
