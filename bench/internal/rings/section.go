package rings

import (
	"context"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/bench/internal/report"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/bench/internal/settings"
)

// section is what is measured and where it is filed.
type section struct {
	settings.Settings
	to *report.Report
}

// Measure files lookups, opening on several cores, and what known senders cost.
func Measure(ctx context.Context, s settings.Settings, to *report.Report) error {
	sec := &section{s, to}
	for _, match := range matches {
		if err := sec.lookups(ctx, match); err != nil {
			return err
		}
	}
	if err := sec.opens(ctx); err != nil {
		return err
	}
	return sec.receivers(ctx)
}

func key(task, contender string, size, load int, m report.Metric) report.Key {
	return report.Key{Section: report.Keyring, Task: task, Contender: contender, Size: size, Load: load, Metric: m}
}
