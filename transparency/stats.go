package transparency

import (
	"encoding/json"
	"log/slog"
	"maps"
	"slices"
	"sync/atomic"
)

// Stats is a snapshot of what a Session has done since it began. It prints as JSON,
// and logs as a group with slog. For expvar:
//
//	expvar.Publish("wamp", expvar.Func(func() any { return session.Stats() }))
type Stats struct {
	// Sealed counts the messages that were sealed.
	Sealed uint64
	// Opened counts the messages that were opened and passed every check.
	Opened uint64
	// Plain counts the events and calls that went or came in plain for patterns in
	// transition, without the later chunks and answers of these calls.
	Plain uint64
	// Rejected counts the messages refused, and the answers of handlers that
	// couldn't be sealed, for each reason that occurred.
	Rejected map[Reason]uint64
}

type counters struct {
	sealed, opened, plain atomic.Uint64
	rejected              [reasonCount]atomic.Uint64
}

// Stats returns a snapshot of the Session's counters.
func (s *Session) Stats() Stats {
	stats := Stats{
		Sealed:   s.counters.sealed.Load(),
		Opened:   s.counters.opened.Load(),
		Plain:    s.counters.plain.Load(),
		Rejected: map[Reason]uint64{},
	}
	for i := range s.counters.rejected {
		stats.Rejected[Reason(i)] = s.counters.rejected[i].Load()
	}
	maps.DeleteFunc(stats.Rejected, func(_ Reason, n uint64) bool { return n == 0 })
	return stats
}

// String returns the snapshot as JSON, the reasons in words.
func (s Stats) String() string {
	text, err := json.Marshal(s)
	if err != nil {
		return "{}" // numbers alone don't fail
	}
	return string(text)
}

// LogValue returns the snapshot as a group: sealed, opened, plain, and rejected with a
// counter for each reason.
func (s Stats) LogValue() slog.Value {
	var rejected []any
	for _, reason := range slices.Sorted(maps.Keys(s.Rejected)) {
		rejected = append(rejected, slog.Uint64(reason.Error(), s.Rejected[reason]))
	}
	return slog.GroupValue(
		slog.Uint64("sealed", s.Sealed),
		slog.Uint64("opened", s.Opened),
		slog.Uint64("plain", s.Plain),
		slog.Group("rejected", rejected...),
	)
}
