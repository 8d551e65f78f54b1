package codec

import (
	"math"
	"math/big"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestCanonical: what is written of values is the same before and after, and so is what is
// refused. What is given isn't changed.
func TestCanonical(t *testing.T) {
	type named int
	form := func(v any) (any, error) {
		switch t := v.(type) {
		case named:
			return []any{int64(t), big.NewInt(1)}, nil
		case map[string]int:
			return map[string]any{"k": []any{time.Unix(int64(t[""]), 0), named(2)}}, nil
		case time.Time:
			return t, nil
		}
		return v, nil
	}
	written := func(args []any, kwargs map[string]any, form Form) ([]byte, error) {
		var w Writer
		w.ResetStrict(nil, 0)
		if err := w.List(args, 1, form); err != nil {
			return nil, At("args", err)
		}
		if err := w.Map(kwargs, 1, form); err != nil {
			return nil, At("kwargs", err)
		}
		return w.Release(), nil
	}
	itself, shared := []any{nil}, []any{}
	itself[0] = itself
	for range 100 {
		shared = []any{shared, shared}
	}
	long := string(make([]byte, MaxBytes/4))
	for name, args := range map[string][]any{
		"nil":       nil,
		"empty":     {},
		"canonical": {nil, true, 1, int8(2), uint64(3), 1.5, float32(2), "text", []byte("b"), []any{[]any{}}, map[string]any{"k": []byte(nil)}, (*big.Int)(nil)},
		"formed":    {1, named(1), []any{"x", []any{map[string]int{"": 5}}}, map[string]any{"k": named(3)}, time.Unix(9, 0)},
		"unknown":   {0, []any{map[string]any{"k": struct{}{}}}},
		"secret":    {Secret{}},
		"itself":    itself,
		"shared":    shared,
		"many":      make([]any, MaxValues+1),
		"long":      {[]any{long, long, []byte(long), long, "x"}},
	} {
		t.Run(name, func(t *testing.T) {
			var kwargs map[string]any
			if len(args) == 5 {
				kwargs = map[string]any{"k": args}
			}
			want, wantErr := written(args, kwargs, form)
			list, object, err := Canonical(args, kwargs, form)
			require.Equal(t, wantErr, err)
			if err != nil {
				return
			}
			got, err := written(list, object, nil)
			require.NoError(t, err)
			require.Equal(t, want, got)
			again, err := written(args, kwargs, form)
			require.NoError(t, err)
			require.Equal(t, want, again)
		})
	}
	args, kwargs := []any{1, []any{"x", map[string]any{"k": 1.5}}}, map[string]any{"k": []any{1, "x"}}
	require.Zero(t, testing.AllocsPerRun(100, func() { _, _, _ = Canonical(args, kwargs, form) }))
}

// TestCopy: what is given is what a reader gives, and shares nothing with what was given.
func TestCopy(t *testing.T) {
	form := func(v any) (any, error) {
		switch t := v.(type) {
		case map[string]int:
			return map[string]any{"k": t["k"]}, nil
		case time.Time:
			return t, nil
		}
		return v, nil
	}
	big1, text := new(big.Int).Lsh(big.NewInt(1), 100), []byte("bytes")
	inner := map[string]any{"bytes": text, "list": []any{1}, "big": big1}
	args := []any{int8(-1), int16(-2), int32(-3), 4, uint8(5), uint16(6), uint32(7), uint(8), uint64(9), uint64(math.MaxUint64),
		float32(0.5), 1.5, big.NewInt(10), new(big.Int).SetUint64(math.MaxUint64), (*big.Int)(nil), nil, true, "text", time.Unix(1, 0), map[string]int{"k": 11}, inner, []any{}}
	kwargs := map[string]any{"k": inner}
	list, object, err := Copy(args, kwargs, form)
	require.NoError(t, err)
	wantInner := map[string]any{"bytes": []byte("bytes"), "list": []any{int64(1)}, "big": new(big.Int).Lsh(big.NewInt(1), 100)}
	require.Equal(t, []any{int64(-1), int64(-2), int64(-3), int64(4), int64(5), int64(6), int64(7), int64(8), int64(9), uint64(math.MaxUint64),
		0.5, 1.5, int64(10), uint64(math.MaxUint64), nil, nil, true, "text", time.Unix(1, 0), map[string]any{"k": int64(11)}, wantInner, []any{}}, list)
	require.Equal(t, map[string]any{"k": wantInner}, object)

	got := object["k"].(map[string]any)
	got["bytes"].([]byte)[0], got["list"].([]any)[0], list[0] = 'X', "X", "X"
	got["big"].(*big.Int).SetInt64(0)
	got["new"] = true
	require.Equal(t, int8(-1), args[0])
	require.Equal(t, map[string]any{"bytes": []byte("bytes"), "list": []any{1}, "big": new(big.Int).Lsh(big.NewInt(1), 100)}, inner)

	list, object, err = Copy(nil, nil, form)
	require.NoError(t, err)
	require.Nil(t, list)
	require.Nil(t, object)
	for _, refused := range [][]any{{func() {}}, make([]any, MaxValues+1), {make([]byte, MaxBytes+1)}} {
		_, _, err = Copy(refused, nil, form)
		require.Error(t, err)
	}
}
