package codec

import (
	"math"
	"math/big"
	"reflect"
	"testing"

	"github.com/fxamacker/cbor/v2"
	"github.com/stretchr/testify/require"
)

// anotherCBOR is a library that knows nothing of this one.
var anotherCBOR = func() cbor.DecMode {
	mode, err := cbor.DecOptions{
		DupMapKey:       cbor.DupMapKeyEnforcedAPF,
		MaxNestedLevels: maxNesting + 1,
		DefaultMapType:  reflect.TypeFor[map[string]any](),
		BigIntDec:       cbor.BigIntDecodePointer,
		TagsMd:          cbor.TagsAllowed,
	}.DecMode()
	if err != nil {
		panic(err)
	}
	return mode
}()

// canonicalCBOR is what another library read, in the types that are canonical here.
func canonicalCBOR(v any) any {
	switch t := v.(type) {
	case uint64:
		if t <= math.MaxInt64 {
			return int64(t)
		}
	case big.Int:
		return canonicalCBOR(&t)
	case *big.Int:
		if t.IsInt64() {
			return t.Int64()
		}
		if t.IsUint64() {
			return t.Uint64()
		}
	case float64:
		if math.IsNaN(t) {
			return "not a number" // which equals itself
		}
	case cbor.Tag:
		return canonicalCBOR(t.Content)
	case []any:
		for i := range t {
			t[i] = canonicalCBOR(t[i])
		}
	case map[string]any:
		for k := range t {
			t[k] = canonicalCBOR(t[k])
		}
	}
	return v
}

// readCBOR reads one value with nothing behind it, that stands inside depth lists and
// maps.
func readCBOR(data []byte, depth int, left budget) (any, error) {
	d := Decoder{reader: &cborReader{data: data}, left: left}
	v, err := d.value(depth)
	if err != nil {
		return nil, err
	}
	if err := d.End(); err != nil {
		return nil, err
	}
	return v, nil
}

// FuzzCBOR: what is read here, another library reads as the same.
func FuzzCBOR(f *testing.F) {
	for _, s := range []string{"a0", "83 01 20 3b7fffffffffffffff", "81 c2 49010000000000000000", "81 3bffffffffffffffff", "82 f93e00 fa7f800000", "83 f90001 f9fc00 f97e00", "81 5f 4101 420203 ff", "9f bf 6161 f6 ff f7 ff", "d840 4101"} {
		f.Add(bytesOf(f, s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := readCBOR(data, 0, openBudget(len(data)))
		if err != nil {
			require.Nil(t, got)
			return
		}
		var want any
		require.NoError(t, anotherCBOR.Unmarshal(data, &want))
		require.True(t, reflect.DeepEqual(canonicalCBOR(want), canonicalCBOR(got)), "%x", data)
	})
}
