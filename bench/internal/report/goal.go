package report

import (
	"fmt"
	"math"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/bench/internal/stats"
)

// Goal is a bound on ratios of figures, or on figures.
type Goal struct {
	Work   string
	Want   string // the bound in words
	Bound  float64
	AtMost bool // else at least
	Unit   string
	Of     []Quotient // all of them have to keep it
}

// Quotient is a figure, over another one or as it is.
type Quotient struct {
	Name  string // which of the goal's: "CBOR, 16 B"
	Above Key
	Below Key // the zero Key for none
	Minus Key // what isn't counted in Above, or the zero Key
}

// Verdict is how a goal came out.
type Verdict struct {
	Goal
	Result  string // "met", "missed" or "not measured"
	Worst   stats.Summary
	WorstAt string // the name of the worst quotient
	Kept    int    // how many quotients keep the bound
	Missing []string
}

// Verdicts judges the goals by their worst quotient. The median over the runs counts,
// as it is, without rounding. A goal of which something wasn't measured isn't met.
func (r *Report) Verdicts() []Verdict {
	verdicts := make([]Verdict, len(r.Goals))
	for i, goal := range r.Goals {
		verdicts[i] = r.judge(goal)
	}
	return verdicts
}

func (r *Report) judge(goal Goal) Verdict {
	v := Verdict{Goal: goal, Worst: stats.Summarize(nil)}
	for _, q := range goal.Of {
		values, err := r.values(q)
		if err != nil {
			v.Missing = append(v.Missing, fmt.Sprintf("%s: %v", q.Name, err))
			continue
		}
		s := stats.Summarize(values)
		if goal.keeps(s.Median) {
			v.Kept++
		}
		if math.IsNaN(v.Worst.Median) || goal.worse(s.Median, v.Worst.Median) {
			v.Worst, v.WorstAt = s, q.Name
		}
	}
	switch {
	case v.WorstAt != "" && !goal.keeps(v.Worst.Median):
		v.Result = "missed"
	case len(v.Missing) > 0 || len(goal.Of) == 0:
		v.Result = "not measured"
	default:
		v.Result = "met"
	}
	return v
}

func (g Goal) keeps(value float64) bool {
	if g.AtMost {
		return value <= g.Bound
	}
	return value >= g.Bound
}

func (g Goal) worse(value, than float64) bool {
	if g.AtMost {
		return value > than
	}
	return value < than
}

func (r *Report) values(q Quotient) ([]float64, error) {
	above, err := r.measured(q.Above)
	if err != nil {
		return nil, err
	}
	if q.Minus != (Key{}) {
		minus, err := r.measured(q.Minus)
		if err != nil {
			return nil, err
		}
		if above, err = less(above, minus); err != nil {
			return nil, err
		}
	}
	if q.Below == (Key{}) {
		return above, nil
	}
	below, err := r.measured(q.Below)
	if err != nil {
		return nil, err
	}
	return stats.Ratios(above, below)
}

func less(above, minus []float64) ([]float64, error) {
	if len(above) != len(minus) {
		return nil, fmt.Errorf("%d runs against %d", len(above), len(minus))
	}
	left := make([]float64, len(above))
	for i := range above {
		left[i] = above[i] - minus[i]
	}
	return left, nil
}

func (r *Report) measured(key Key) ([]float64, error) {
	row, ok := r.byKey[key]
	switch {
	case !ok:
		return nil, fmt.Errorf("%s wasn't run", key.Contender)
	case row.Missing != "":
		return nil, fmt.Errorf("%s: %s", key.Contender, row.Missing)
	}
	return row.Values, nil
}
