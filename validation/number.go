package validation

import (
	"math"
	"math/big"
	"strconv"
)

// bound is a number of a schema.
type bound struct {
	exact *big.Rat
	whole int64   // if isWhole
	float float64 // if isFloat
	// isWhole and isFloat tell whether an int64 and a float64 hold it exactly.
	isWhole, isFloat bool
}

func newBound(r *big.Rat) *bound {
	if r == nil {
		return nil
	}
	b := &bound{exact: r}
	if r.IsInt() && r.Num().IsInt64() {
		b.whole, b.isWhole = r.Num().Int64(), true
	}
	b.float, b.isFloat = r.Float64()
	return b
}

// compare gives -1, 0 or 1 as the number v is less than, equal to or more than b.
func (b *bound) compare(v any) int {
	switch n := v.(type) {
	case int64:
		if b.isWhole {
			return compare(n, b.whole)
		}
	case float64:
		if b.isFloat {
			return compare(n, b.float)
		}
	}
	return rational(v).Cmp(b.exact)
}

func compare[T int64 | float64](a, b T) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// divides tells whether v is a multiple of b.
func (b *bound) divides(v any) bool {
	if n, ok := v.(int64); ok && b.isWhole && b.whole != 0 {
		return n%b.whole == 0
	}
	return new(big.Rat).Quo(rational(v), b.exact).IsInt()
}

// rational is a number as decimals show it: that 0.3 is a multiple of 0.1 is what who writes a
// schema means.
func rational(v any) *big.Rat {
	r := new(big.Rat)
	switch n := v.(type) {
	case int64:
		r.SetInt64(n)
	case uint64:
		r.SetUint64(n)
	case *big.Int:
		r.SetInt(n)
	case float64:
		r.SetString(strconv.FormatFloat(n, 'g', -1, 64))
	}
	return r
}

// isWhole tells whether a float is an integer of JSON Schema.
func isWhole(f float64) bool { return f == math.Trunc(f) }
