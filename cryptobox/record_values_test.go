package cryptobox_test

import (
	"encoding/hex"
	"math"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

func power(exponent uint) *big.Int { return new(big.Int).Lsh(big.NewInt(1), exponent) }

func minus(n *big.Int, less int64) *big.Int { return new(big.Int).Sub(n, big.NewInt(less)) }

func negative(n *big.Int) *big.Int { return new(big.Int).Neg(n) }

// canonical are values and how they are written, in hex.
var canonical = []struct {
	value any
	hex   string
}{
	{nil, "f6"}, {true, "f5"}, {false, "f4"}, {"", "60"}, {"é", "62c3a9"}, {[]byte{}, "40"}, {[]byte{0, 255}, "4200ff"}, {[]any{}, "80"}, {map[string]any{}, "a0"},
	{int64(0), "00"}, {int64(23), "17"}, {int64(24), "1818"}, {int64(255), "18ff"}, {int64(256), "190100"}, {int64(65535), "19ffff"}, {int64(65536), "1a00010000"}, {int64(math.MaxUint32), "1affffffff"}, {int64(math.MaxUint32 + 1), "1b0000000100000000"}, {int64(math.MaxInt64), "1b7fffffffffffffff"},
	{int64(-1), "20"}, {int64(-24), "37"}, {int64(-25), "3818"}, {int64(math.MinInt64), "3b7fffffffffffffff"}, {uint64(1 << 63), "1b8000000000000000"}, {uint64(math.MaxUint64), "1bffffffffffffffff"},
	{power(64), "c249010000000000000000"}, {negative(minus(power(63), -1)), "3b8000000000000000"}, {negative(power(64)), "3bffffffffffffffff"}, {negative(minus(power(64), -1)), "c349010000000000000000"},
	{minus(power(1024), 1), "c25880" + strings.Repeat("ff", 128)}, {negative(minus(power(1024), 1)), "c35880" + strings.Repeat("ff", 127) + "fe"},
	{0.0, "fb0000000000000000"}, {3.0, "fb4008000000000000"}, {math.Copysign(0, -1), "fb8000000000000000"}, {1e300, "fb7e37e43c8800759c"}, {math.Inf(1), "fb7ff0000000000000"}, {math.Inf(-1), "fbfff0000000000000"}, {math.NaN(), "fb7ff8000000000001"},
	{time.Unix(0, 0).UTC(), "c100"}, {time.Unix(-1, 0).UTC(), "c120"}, {time.Unix(1_790_000_000, 500_000_000).UTC(), "c1fb41daac4ee0200000"}, {time.Unix(-1, 500_000_000).UTC(), "c1fbbfe0000000000000"},
	{time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC), "c13b0000000e7791f6ff"}, {time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC), "c11b0000003afff4417f"}, {time.Time{}, "c13b0000000e7791f6ff"},
	{[]any{[]any{nil}, map[string]any{"": []any{}}}, "8281f6a16080"},
}

// TestValues survive as they are, and are written in one form.
func TestValues(t *testing.T) {
	key := someKeys(t)[cryptobox.SuiteBox]
	for _, c := range canonical {
		args, kwargs := roundTrip(t, []any{c.value}, map[string]any{"k": c.value})
		requireSame(t, []any{c.value}, args)
		requireSame(t, map[string]any{"k": c.value}, kwargs)
		var draft cryptobox.Draft
		require.NoError(t, key.Encode(event([]any{c.value}, nil), &draft))
		require.True(t, strings.HasSuffix(hex.EncodeToString(cryptobox.RecordBytes(&draft)), "81"+c.hex+"f6"), "%v", c.value)
		draft.Release()
	}
}

// TestAbsentAndEmpty args and kwargs are different.
func TestAbsentAndEmpty(t *testing.T) {
	for _, args := range [][]any{nil, {}} {
		for _, kwargs := range []map[string]any{nil, {}} {
			gotArgs, gotKwargs := roundTrip(t, args, kwargs)
			requireSame(t, args, gotArgs)
			requireSame(t, kwargs, gotKwargs)
		}
	}
}

// TestTimesAreRounded to what a float tells.
func TestTimesAreRounded(t *testing.T) {
	for _, at := range []time.Time{time.Unix(1_790_000_000, 123_456_789), time.Unix(1_790_000_000, 1), time.Unix(-1_790_000_000, 999_999_999), time.Unix(0, 1), time.Unix(1, 123_456_789)} {
		args, _ := roundTrip(t, []any{at}, nil)
		got := args[0].(time.Time)
		require.WithinDuration(t, at, got, 120*time.Nanosecond)
		again, _ := roundTrip(t, args, nil)
		requireSame(t, args, again)
	}
}

// TestFloatsOfAnyWidth are read.
func TestFloatsOfAnyWidth(t *testing.T) {
	for text, want := range map[string]any{
		"f93c00": 1.0, "f9c400": -4.0, "f90001": math.Ldexp(1, -24), "f97bff": 65504.0, "f97c00": math.Inf(1), "f97e00": math.NaN(), "f98000": math.Copysign(0, -1),
		"fa7f7fffff": float64(math.MaxFloat32), "fa3f800000": 1.0, "faff800000": math.Inf(-1), "c1f93c00": time.Unix(1, 0).UTC(), "c1fa3fc00000": time.Unix(1, 500_000_000).UTC(), "c1fb3ff0000000000000": time.Unix(1, 0).UTC(),
	} {
		opened, err := openRecord(t, unhex(t, arg(text)), cryptobox.Message)
		require.NoError(t, err)
		args, _, err := opened.Values()
		require.NoError(t, err)
		requireSame(t, []any{want}, args)
	}
}

// TestValuesThatAreNotSealed, so that nothing is sealed that no reader takes.
func TestValuesThatAreNotSealed(t *testing.T) {
	key := someKeys(t)[cryptobox.SuiteBox]
	self := []any{nil}
	self[0] = self
	for name, value := range map[string]any{
		"channel": make(chan int), "function": func() {}, "complex": 1i, "map keys": map[int]int{1: 1}, "not UTF-8": "\xff", "key not UTF-8": map[string]any{"\xff": 1}, "holds itself": self,
		"1025 bits": power(1024), "negative 1025 bits": negative(power(1024)), "year 10000": time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC), "year 0": time.Date(0, 12, 31, 23, 59, 59, 999, time.UTC),
		"rounded to year 10000": time.Date(9999, 12, 31, 23, 59, 59, 999_999_999, time.UTC), "far": time.Unix(1<<61, 0), "long ago": time.Unix(-1<<61, 0), "struct": struct{}{}, "typed list": []int{1}, "pointer": new(int), "named text": named("x"),
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := key.Seal(nil, event([]any{value}, nil))
			require.ErrorIs(t, err, cryptobox.ErrValue)
		})
	}
	for name, args := range map[string][]any{
		"values": make([]any, cryptobox.MaxValues+1), "bytes": {make([]byte, cryptobox.MaxPayload)}, "memory": manyMaps(50_700),
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := key.Seal(nil, event(args, nil))
			require.ErrorIs(t, err, cryptobox.ErrTooLarge)
		})
	}
	for _, args := range [][]any{make([]any, cryptobox.MaxValues), manyMaps(50_600)} {
		got, _ := roundTrip(t, args, nil)
		require.Len(t, got, len(args))
	}
}

func manyMaps(n int) []any {
	list := make([]any, n)
	for i := range list {
		list[i] = map[string]any{"": 0}
	}
	return list
}

// TestManyKeys: maps of any size arrive, and one key twice among many is found.
func TestManyKeys(t *testing.T) {
	for _, size := range []int{7, 8, 9, 100, 5000} {
		kwargs := map[string]any{}
		for i := range size {
			kwargs[strings.Repeat("k", i%50)+string(rune('a'+i%26))+hex.EncodeToString([]byte{byte(i), byte(i >> 8)})] = map[string]any{"x": int64(i)}
		}
		_, got := roundTrip(t, nil, kwargs)
		requireSame(t, kwargs, got)
	}
	keys := ""
	for i := range 300 {
		keys += "62" + hex.EncodeToString([]byte{byte('a' + i%26), byte('a' + i/26)}) + "00"
	}
	_, err := openRecord(t, unhex(t, with(kwargs, "b9012c"+keys)), cryptobox.Message)
	require.NoError(t, err)
	_, err = openRecord(t, unhex(t, with(kwargs, "b9012d"+keys+"62616300")), cryptobox.Message)
	require.ErrorIs(t, err, cryptobox.ErrMalformed)
}
