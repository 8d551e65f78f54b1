package traffic

import (
	"fmt"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/bench/internal/report"
)

// goalSize and goalLoad are what the goals are of: bytes of payload, calls at a time.
const (
	goalSize = 256
	goalLoad = 64
)

// Goals are those of calls.
func Goals() []report.Goal {
	nexus := report.Goal{
		Work: "encrypted RPC of 256 B through nexus on loopback, 64 at a time",
		Want: "at least 0.9x plain nexus", Bound: 0.9, Unit: "x",
	}
	for _, s := range wireSerializers {
		for _, k := range []kind{encKind, pptKind} {
			nexus.Of = append(nexus.Of, report.Quotient{
				Name:  contenderName(k.name, s.name),
				Above: callKey(report.Nexus, contenderName(k.name, s.name), goalLoad),
				Below: callKey(report.Nexus, contenderName(plainName, s.name), goalLoad),
			})
		}
	}
	return []report.Goal{nexus}
}

// CrossbarGoals are those of calls through Crossbar.io.
func CrossbarGoals() []report.Goal {
	// 5 % slower is a throughput of 1/1.05.
	goal := report.Goal{
		Work: "encrypted RPC of 256 B through Crossbar.io, by throughput",
		Want: "no more than 5 % slower than plain nexus clients (at least 0.952x)", Bound: 1 / 1.05, Unit: "x",
	}
	for _, s := range crossbarSerializers {
		for _, atOnce := range []int{1, goalLoad} {
			goal.Of = append(goal.Of, report.Quotient{
				Name:  fmt.Sprintf("%s, %d at a time", contenderName(nativeKind.name, s.name), atOnce),
				Above: callKey(report.Crossbar, contenderName(nativeKind.name, s.name), atOnce),
				Below: callKey(report.Crossbar, contenderName(plainName, s.name), atOnce),
			})
		}
	}
	return []report.Goal{goal}
}

func callKey(section, contender string, atOnce int) report.Key {
	return report.Key{Section: section, Task: Calls, Contender: contender, Size: goalSize, Load: atOnce, Metric: report.Rate}
}
