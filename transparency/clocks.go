package transparency

import (
	"log/slog"
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/clock"
)

// What answers a call was made between its sealing and now. So the other end's clock, as the
// answer has it, tells how far the two clocks are apart at least, and no router can make
// that up. That is how a caller learns of a clock that is wrong before it does harm: one
// that is behind has its calls refused by callees that have just registered, one that is
// ahead by everybody.

// clocksEvery is how often a difference of clocks is logged.
const clocksEvery = time.Minute

// ahead is by how much the other end's clock is ahead of ours at least, below 0 by how much
// it is behind: theirs is what it told between the sealing of the call and now. It is 0
// where the two may be in step.
func (c *call) ahead(theirs, now time.Time) time.Duration {
	if d := theirs.Sub(now); d > 0 {
		return d
	}
	return min(0, theirs.Sub(clock.WallTime(c.began, now)))
}

// compareClocks logs where the clock of who answers a call is further from ours than
// messages may be.
func (s *Session) compareClocks(c *call, theirs, now time.Time) {
	ahead := c.ahead(theirs, now)
	if ahead.Abs() <= s.cfg.clockSkew || !s.clockLimit.Allow() {
		return
	}
	s.logger.Warn("this clock and that of a callee are further apart than the skew: what the clock ahead seals is refused, what the clock behind seals may be; set the wrong one",
		slog.String("uri", c.procedure), slog.String("callee_clock", direction(ahead)), slog.Duration("skew", s.cfg.clockSkew))
}

// direction says how far another clock is from this one, at least.
func direction(ahead time.Duration) string {
	if ahead < 0 {
		return clock.Text(ahead) + " behind this one"
	}
	return clock.Text(ahead) + " ahead of this one"
}
