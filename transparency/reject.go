package transparency

import (
	"log/slog"
	"sync"
	"time"

	"github.com/gammazero/nexus/v3/wamp"
	"golang.org/x/time/rate"
)

// The opaque answers to an invocation that is refused, under the names that
// Autobahn gives them. They are all that a caller learns; as plain errors of the
// protocol they come to it as client.RPCError, and prove nothing.
const (
	// URINoPayloadCodec: the callee has no key for the procedure.
	URINoPayloadCodec = wamp.URI("wamp.error.no_payload_codec")
	// URIDecryptError: the callee has one, and refuses what was sent. Most
	// often the two ends hold different keys.
	URIDecryptError = wamp.URI("wamp.error.encryption.decrypt_error")
)

// errNotSealed answers where a handler's result can't be sealed.
const errNotSealed = wamp.URI("wamp.error.runtime_error")

// Refusals are logged at most this often, whatever a router sends.
const (
	logEvery = time.Second
	logBurst = 5
)

// rejectLog writes refusals at a bounded rate and says how many it left out.
type rejectLog struct {
	limiter *rate.Limiter
	mu      sync.Mutex
	left    int
}

func newRejectLog() *rejectLog {
	return &rejectLog{limiter: rate.NewLimiter(rate.Every(logEvery), logBurst)}
}

// allow reports whether to write now, and how many were left out since.
func (l *rejectLog) allow() (left int, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.limiter.Allow() {
		l.left++
		return 0, false
	}
	left, l.left = l.left, 0
	return left, true
}

// reject counts, logs and reports a refusal, and returns it.
func (s *Session) reject(err *Error) *Error {
	s.counters.rejected[err.Reason].Add(1)
	if left, ok := s.rejectLog.allow(); ok {
		attrs := []any{slog.Any(keyError, err)}
		if left > 0 {
			attrs = append(attrs, slog.Int("suppressed", left))
		}
		s.logger.Warn("message refused", attrs...)
	}
	if s.cfg.onReject != nil {
		s.cfg.onReject(err)
	}
	return err
}
