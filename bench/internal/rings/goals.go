package rings

import (
	"fmt"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/bench/internal/report"
)

// few and many are how many patterns the goals are of.
const (
	few  = 10
	many = 100_000
)

// Goals are those of lookups and of opening on two cores.
func Goals() []report.Goal {
	return append(lookupGoals(), coresGoal(receiving), coresGoal(opening))
}

func lookupGoals() []report.Goal {
	times := report.Goal{Work: "lookup among 100,000 patterns, all URIs in random order", Want: "under 200 ns", Bound: 200, AtMost: true, Unit: " ns"}
	allocs := report.Goal{Work: "allocations of a lookup", Want: "none", Bound: 0, AtMost: true}
	flat := report.Goal{Work: "lookup among 100,000 patterns", Want: "within 2x of 10 patterns", Bound: 2, AtMost: true, Unit: "x"}
	for _, match := range matches {
		task := lookupTask(match)
		at := func(n int, contender string, m report.Metric) report.Key { return key(task, contender, 0, n, m) }
		times.Of = append(times.Of, report.Quotient{Name: task, Above: at(many, allURIs, report.Time)})
		allocs.Of = append(allocs.Of, report.Quotient{Name: task, Above: at(many, allURIs, report.Allocs)})
		for _, how := range []string{allURIs, fewURIs} {
			flat.Of = append(flat.Of, report.Quotient{
				Name:  task + ", " + how,
				Above: at(many, how, report.Time),
				Below: at(few, how, report.Time),
			})
		}
	}
	return []report.Goal{times, allocs, flat}
}

func coresGoal(contender string) report.Goal {
	goal := report.Goal{
		Work: fmt.Sprintf("two goroutines against one, opening (%s)", contender),
		Want: "at least 1.8x", Bound: 1.8, Unit: "x",
	}
	for _, size := range openedSizes {
		goal.Of = append(goal.Of, report.Quotient{
			Name:  fmt.Sprintf("%d B", size),
			Above: key(openTask, contender, size, 2, report.Rate),
			Below: key(openTask, contender, size, 1, report.Rate),
		})
	}
	return goal
}
