package transparency

import (
	"log/slog"
	"time"

	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/shield"
)

// The answers to an invocation in a foreign dialect that is refused, under the names that
// Autobahn gives them. They are all that such a caller learns; as plain errors of the
// protocol they come to it as client.RPCError, and prove nothing.
const (
	// URINoPayloadCodec: the callee has no key for the procedure.
	URINoPayloadCodec = wamp.URI("wamp.error.no_payload_codec")
	// URIDecryptError: the callee has a key, and refuses what was sent. Most often the two
	// ends hold different keys.
	URIDecryptError = wamp.URI("wamp.error.encryption.decrypt_error")
)

// errNotSealed answers where a handler's result can't be sealed, or its error is one of
// our protocol's own.
const errNotSealed = wamp.URI("wamp.error.runtime_error")

// Refusals are logged at most this often, whatever a router sends.
const (
	logEvery = time.Second
	logBurst = 5
)

// reject counts, logs and reports a refusal, and returns it.
func (s *Session) reject(err *Error) *Error {
	s.countRejected(err)
	if s.logLimit.Allow() {
		attrs := []any{slog.Any(keyError, err)}
		if left := s.unlogged.Swap(0); left > 0 {
			attrs = append(attrs, slog.Int64("suppressed", left))
		}
		s.logger.Warn("message refused", attrs...)
	} else {
		s.unlogged.Add(1)
	}
	if s.cfg.onReject != nil {
		s.callback("OnReject", func() { s.cfg.onReject(err) })
	}
	return err
}

// countRejected counts a refusal, also for its version or pattern where it belongs to one of the
// ring.
func (s *Session) countRejected(err *Error) {
	s.counters.rejected[err.Reason].Add(1)
	row := err.row
	if row == (keyRow{}) && err.URI != "" {
		if entry, closed := s.ring.Lookup(err.URI); closed == nil {
			row.pattern = entry.Pattern()
		}
	}
	if row != (keyRow{}) {
		t := s.tallies.row(row)
		t.add(&t.rejected[err.Reason])
	}
}

// callback calls code of the application that has nothing to return, and logs that it
// panicked.
func (s *Session) callback(what string, call func()) {
	if err := shield.Run(what, call); err != nil {
		s.logger.Error("a callback failed", slog.Any(keyError, err))
	}
}
