package transparency

import "time"

// WithClock has the Session tell the time so.
func WithClock(now func() time.Time) Option {
	return func(cfg *config) error {
		cfg.clock = now
		return nil
	}
}

// NewReplayMemoryBy is NewReplayMemory by that clock.
func NewReplayMemoryBy(now func() time.Time) ReplayMemory { return newInProcess(now) }
