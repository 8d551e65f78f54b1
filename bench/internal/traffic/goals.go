package traffic

import (
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

func callKey(section, contender string, atOnce int) report.Key {
	return report.Key{Section: section, Task: Calls, Contender: contender, Size: goalSize, Load: atOnce, Metric: report.Rate}
}
