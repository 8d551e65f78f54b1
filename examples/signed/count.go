package main

import (
	"context"
	"fmt"
	"strings"
)

// count gives what was sent beside what arrived, when all has.
func (t *traffic) count(ctx context.Context) (rows []row, err error) {
	for _, name := range subscribers {
		if err := t.plant.parties[name].readings.settle(ctx); err != nil {
			return nil, err
		}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, name := range []string{north, south} {
		arrived, how := t.arrived(name, func(_ string, got int) bool { return got == t.number(name) })
		rows = append(rows, row{name, "publishes readings", true, arrived, how})
	}
	// What was on its way when east was removed came or didn't, by when the subscriber looked.
	listed, how := t.arrived(east, func(at string, got int) bool { return got >= t.before[at] })
	rows = append(rows, row{east, "publishes readings while it is listed", true, listed, how})
	rows = append(rows, t.countRemoved())
	for _, name := range subscribers {
		got, _, wrong := t.plant.parties[name].readings.state()
		all := wrong == nil && got[north] == t.number(north) && got[south] == t.number(south)
		rows = append(rows, row{name, "reads readings, and knows whose they are", true, all, because(wrong, "%d of %d by north and south", got[north]+got[south], t.number(north)+t.number(south))})
	}
	for _, name := range []string{office, guest} {
		served := t.served[name]
		what := map[string]string{office: "has a valve opened", guest: "asks for the state"}[name]
		rows = append(rows, row{name, what, true, served == t.number(name), fmt.Sprintf("%d of %d calls served and answered", served, t.number(name))})
	}
	served := t.served[office] + t.served[guest]
	called := t.number(office) + t.number(guest)
	rows = append(rows, row{valves, "serves, answers, and knows who called", true, served == called, fmt.Sprintf("%d of %d answers taken", served, called)})
	return rows, nil
}

// number is how many messages a party has sent.
func (t *traffic) number(name string) int { return int(t.sent[name].Load()) }

// arrived tells how many readings of a sensor each subscriber got.
func (t *traffic) arrived(name string, right func(subscriber string, got int) bool) (all bool, how string) {
	all = true
	var parts []string
	for _, subscriber := range subscribers {
		got, _, wrong := t.plant.parties[subscriber].readings.state()
		all = all && wrong == nil && right(subscriber, got[name])
		parts = append(parts, fmt.Sprintf("%d of %d at the %s", got[name], t.number(name), subscriber))
	}
	return all, strings.Join(parts, ", ")
}

// countRemoved looks for readings that came after east was removed. Each of the others has to
// be refused.
func (t *traffic) countRemoved() row {
	r := row{who: east, what: "publishes after it was removed"}
	var parts []string
	for _, name := range subscribers {
		got, refused, wrong := t.plant.parties[name].readings.state()
		if got[east] > t.until || got[east]+refused != t.number(east) || wrong != nil {
			r.could = true
		}
		parts = append(parts, because(wrong, "%d refused at the %s", refused, name))
	}
	r.how = strings.Join(parts, ", ") + ": not signed by a listed sender"
	return r
}

// because says what was counted, or what was wrong.
func because(wrong error, format string, args ...any) string {
	if wrong != nil {
		return wrong.Error()
	}
	return fmt.Sprintf(format, args...)
}
