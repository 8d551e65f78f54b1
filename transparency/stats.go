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
	// Missed adds up [Info] Missed: events that a router dropped.
	Missed uint64
	// Rejected counts the messages refused, and the answers of handlers that
	// couldn't be sealed, for each reason that occurred.
	Rejected map[Reason]uint64
	// Replay is what the replay memories of this process hold.
	Replay ReplayStats
	// Keys is the above by pattern and version, in the order of patterns and ids. What belongs
	// to no pattern of the ring is in no row. JSON and logs show the first 100 rows, and how
	// many there are besides.
	Keys []KeyStats
}

type counters struct {
	sealed, opened, plain, missed atomic.Uint64
	rejected                      [reasonCount]atomic.Uint64
}

// Stats returns a snapshot of the Session's counters. It takes as long as there are rows in
// Keys.
func (s *Session) Stats() Stats {
	return Stats{
		Sealed:   s.counters.sealed.Load(),
		Opened:   s.counters.opened.Load(),
		Plain:    s.counters.plain.Load(),
		Missed:   s.counters.missed.Load(),
		Rejected: byReason(&s.counters.rejected),
		Replay:   s.replayStats(),
		Keys:     s.tallies.stats(),
	}
}

// maxShownKeys is how many rows are printed.
const maxShownKeys = 100

// shownKeys gives the rows that are printed, and how many there are besides.
func (s Stats) shownKeys() (shown []KeyStats, more int) {
	n := min(len(s.Keys), maxShownKeys)
	return s.Keys[:n], len(s.Keys) - n
}

// MarshalJSON gives the snapshot, with the first 100 rows of Keys.
func (s Stats) MarshalJSON() ([]byte, error) {
	type fields Stats // without this method
	shown := struct {
		fields
		MoreKeys int `json:",omitzero"`
	}{fields: fields(s)}
	shown.Keys, shown.MoreKeys = s.shownKeys()
	return json.Marshal(shown)
}

// String returns the snapshot as JSON, the reasons in words.
func (s Stats) String() string { return asJSON(s) }

func asJSON(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		return "{}" // numbers and texts alone don't fail
	}
	return string(text)
}

// LogValue returns the snapshot as a group: sealed, opened, plain, missed, rejected with a
// counter for each reason, replay, and keys.
func (s Stats) LogValue() slog.Value {
	var rejected []any
	for _, reason := range slices.Sorted(maps.Keys(s.Rejected)) {
		rejected = append(rejected, slog.Uint64(reason.Error(), s.Rejected[reason]))
	}
	keys, more := s.shownKeys()
	return slog.GroupValue(
		slog.Uint64("sealed", s.Sealed),
		slog.Uint64("opened", s.Opened),
		slog.Uint64("plain", s.Plain),
		slog.Uint64("missed", s.Missed),
		slog.Group("rejected", rejected...),
		slog.Group("replay",
			slog.Int("senders", s.Replay.Senders), slog.Int("messages", s.Replay.Messages), slog.Int("bytes", s.Replay.Bytes)),
		slog.Any("keys", keys),
		slog.Int("more_keys", more),
	)
}
