package messages

import (
	"fmt"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/bench/internal/report"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

var (
	small = []int{16, 256, 1 << 10}
	large = []int{64 << 10, 1 << 20}
)

// Goals are those of sealing and opening.
func Goals() []report.Goal {
	goals := smallGoals(Seal, "seal a whole message, 16 B to 1 KiB", 2.0)
	goals = append(goals, smallGoals(Open, "open a whole message, 16 B to 1 KiB", 2.2)...)
	return append(append(goals, largeGoals()...), allocGoals()...)
}

func smallGoals(task, work string, bound float64) []report.Goal {
	box := report.Goal{Work: work + ", CBOR and MessagePack", Want: fmt.Sprintf("at most %.1fx nacl/box", bound), Bound: bound, AtMost: true, Unit: "x"}
	python := report.Goal{Work: work + ", any serializer", Want: "at least 8x faster than Autobahn", Bound: 8, Unit: "x"}
	for _, s := range serializers {
		for _, size := range small {
			if s != cryptobox.JSON {
				box.Of = append(box.Of, overBox(task, s, size))
			}
			python.Of = append(python.Of, overAutobahn(task, s, size))
		}
	}
	return []report.Goal{box, python}
}

func largeGoals() []report.Goal {
	box := report.Goal{Work: "seal and open 64 KiB and 1 MiB of binary, CBOR and MessagePack", Want: "at most 1.15x nacl/box", Bound: 1.15, AtMost: true, Unit: "x"}
	text := box
	text.Work = "the same, JSON (which holds binary as base64)"
	python := report.Goal{Work: "seal and open 64 KiB and 1 MiB of binary, any serializer", Want: "at least 5x faster than Autobahn", Bound: 5, Unit: "x"}
	for _, s := range serializers {
		for _, task := range []string{Seal, Open} {
			for _, size := range large {
				if s == cryptobox.JSON {
					text.Of = append(text.Of, overBox(task, s, size))
				} else {
					box.Of = append(box.Of, overBox(task, s, size))
				}
				python.Of = append(python.Of, overAutobahn(task, s, size))
			}
		}
	}
	return []report.Goal{box, text, python}
}

func allocGoals() []report.Goal {
	seal := report.Goal{Work: "allocations to seal", Want: "at most 3", Bound: 3, AtMost: true}
	open := report.Goal{Work: "allocations to open", Want: "at most 3, and what the values themselves need", Bound: 3, AtMost: true}
	for _, s := range serializers {
		for _, size := range append(append([]int{}, small...), 16<<10, 64<<10, 1<<20) {
			name := fmt.Sprintf("%s, %d B", s, size)
			seal.Of = append(seal.Of, report.Quotient{Name: name, Above: key(Seal, wholeName(s), size, report.Allocs)})
			open.Of = append(open.Of, report.Quotient{
				Name:  name,
				Above: key(Open, wholeName(s), size, report.Allocs),
				Minus: key(Open, valuesName, size, report.Allocs),
			})
		}
	}
	return []report.Goal{seal, open}
}

func key(task, contender string, size int, m report.Metric) report.Key {
	return report.Key{Section: report.Messages, Task: task, Contender: contender, Size: size, Metric: m}
}

func overBox(task string, s cryptobox.Serializer, size int) report.Quotient {
	return report.Quotient{
		Name:  fmt.Sprintf("%s, %s, %d B", task, s, size),
		Above: key(task, wholeName(s), size, report.Time),
		Below: key(task, bareName, size, report.Time),
	}
}

func overAutobahn(task string, s cryptobox.Serializer, size int) report.Quotient {
	return report.Quotient{
		Name:  fmt.Sprintf("%s, %s, %d B", task, s, size),
		Above: key(task, autobahnName, size, report.Time),
		Below: key(task, wholeName(s), size, report.Time),
	}
}
