package cryptobox_test

import (
	"errors"
	"math"
	"math/big"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

// TestConvertedValues of other types of numbers.
func TestConvertedValues(t *testing.T) {
	for name, c := range map[string]struct{ in, want any }{
		"int": {7, int64(7)}, "int8": {int8(-7), int64(-7)}, "int16": {int16(-300), int64(-300)}, "int32": {int32(math.MinInt32), int64(math.MinInt32)},
		"uint": {uint(7), int64(7)}, "uint8": {uint8(255), int64(255)}, "uint16": {uint16(65535), int64(65535)}, "uint32": {uint32(math.MaxUint32), int64(math.MaxUint32)},
		"uint64 that fits": {uint64(math.MaxInt64), int64(math.MaxInt64)}, "uint64 beyond": {uint64(math.MaxUint64), uint64(math.MaxUint64)}, "float32": {float32(0.1), float64(float32(0.1))},
		"nil list": {[]any(nil), nil}, "nil map": {map[string]any(nil), nil}, "nil bytes": {[]byte(nil), nil}, "nil big.Int": {(*big.Int)(nil), nil},
		"small big.Int": {big.NewInt(-5), int64(-5)}, "big.Int as uint64": {new(big.Int).SetUint64(math.MaxUint64), uint64(math.MaxUint64)},
	} {
		for _, d := range foreign {
			t.Run(name+" "+d.String(), func(t *testing.T) { requireSame(t, c.want, travel(t, d, c.in)) })
		}
		args, _ := roundTrip(t, []any{c.in}, nil)
		requireSame(t, []any{c.want}, args)
	}
}

type named string

// form makes text of named, a list of what else it knows, and nothing of the rest.
func form(v any) (any, error) {
	switch v := v.(type) {
	case named:
		return "form of " + string(v), nil
	case time.Time:
		return v.UTC(), nil
	case []named:
		list := make([]any, len(v))
		for i := range v {
			list[i] = v[i]
		}
		return list, nil
	case int8:
		return nil, errors.New("numbers aren't asked for")
	case complex128:
		return v, nil // which isn't sealed
	}
	return nil, &cryptobox.ValueError{Type: "its", Why: "own"}
}

// TestForm is asked for what isn't sealed as it is, and for what it has made.
func TestForm(t *testing.T) {
	at := time.Unix(1_790_000_000, 0).In(time.FixedZone("", 3600))
	rec := event([]any{int8(1), at, "x", []named{"a", "b"}}, map[string]any{"k": []any{named("c")}})
	rec.Form = form
	enc, _, err := someKeys(t)[cryptobox.SuiteBox].Seal(nil, rec)
	require.NoError(t, err)
	opened, err := open(t, someKeys(t)[cryptobox.SuiteBox], enc, cryptobox.Message)
	require.NoError(t, err)
	args, kwargs, err := opened.Values()
	require.NoError(t, err)
	requireSame(t, []any{int64(1), at.UTC(), "x", []any{"form of a", "form of b"}}, args)
	requireSame(t, map[string]any{"k": []any{"form of c"}}, kwargs)

	foreign := cryptobox.NewForeignRecord("", []any{named("a")}, nil)
	foreign.Form = form
	data, err := encode(t, cryptobox.Autobahn, foreign)
	require.NoError(t, err)
	require.JSONEq(t, `{"uri":null,"args":["form of a"],"kwargs":null}`, string(data))
}

// TestFormFails, or gives what can't be sealed.
func TestFormFails(t *testing.T) {
	for _, v := range []any{struct{}{}, 1i, cryptobox.GenerateKey()} {
		rec := event([]any{[]any{0, v}}, nil)
		rec.Form = form
		_, _, err := someKeys(t)[cryptobox.SuiteBox].Seal(nil, rec)
		var ve *cryptobox.ValueError
		require.ErrorAs(t, err, &ve)
		require.Equal(t, "args[0][1]", ve.Path)
	}
	rec := cryptobox.NewForeignRecord("", []any{time.Unix(0, 0)}, nil)
	rec.Form = form
	_, err := encode(t, cryptobox.Passthru, rec)
	require.ErrorContains(t, err, "no times")
}

func TestSealForeignChangesNothing(t *testing.T) {
	inner := map[string]any{"n": 1}
	args := []any{1, []any{inner, int8(2)}, named("t")}
	kwargs := map[string]any{"a": 1, "b": uint16(3)}
	for _, d := range foreign {
		rec := cryptobox.NewForeignRecord("", args, kwargs)
		rec.Form = form
		_, err := encode(t, d, rec)
		require.NoError(t, err)
	}
	require.Equal(t, []any{1, []any{map[string]any{"n": 1}, int8(2)}, named("t")}, args)
	require.Equal(t, map[string]any{"a": 1, "b": uint16(3)}, kwargs)
}
