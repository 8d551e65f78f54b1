package telemetry

import (
	"errors"
	"fmt"
)

// ErrOption means that [New] was given something unusable. The text says what.
var ErrOption = errors.New("telemetry: unusable option")

// MaxPatterns bounds what [WithPatterns] takes.
const MaxPatterns = 1000

// Option changes how [New] works.
type Option func(*Telemetry) error

// WithPatterns tells patterns and key ids apart, in the attributes wampbox.pattern,
// wampbox.match and wampbox.key.id. Without it neither is an attribute: a pattern names URIs,
// and each pair of pattern and key makes time series of its own.
//
// The first pairs that are seen have series of their own, as many as the limit says, 1 to
// [MaxPatterns]. Each other one counts under "other", for as long as it is there. The same
// limit holds for the patterns of the histograms, which have no key ids.
func WithPatterns(limit int) Option {
	return func(t *Telemetry) error {
		if limit < 1 || limit > MaxPatterns {
			return fmt.Errorf("%w: WithPatterns(%d): give 1 to %d", ErrOption, limit, MaxPatterns)
		}
		t.pairs.limit, t.alone.limit = limit, limit
		return nil
	}
}
