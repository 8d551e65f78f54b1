// Package traffic measures calls and events through routers: plain ones of nexus's
// client beside sealed ones in each framing, and those of Autobahn|Python.
package traffic

import (
	"errors"
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/bench/internal/stats"
)

// outcome is one run: how many calls or events there were, each of which came out
// right, in what time.
type outcome struct {
	elapsed   time.Duration
	latencies []float64 // nanoseconds, one for each
	clientCPU time.Duration
}

func (o *outcome) check() error {
	if len(o.latencies) == 0 || o.elapsed <= 0 {
		return errors.New("traffic: nothing came through")
	}
	return nil
}

func (o *outcome) count() float64 { return float64(len(o.latencies)) }
func (o *outcome) rate() float64  { return o.count() / o.elapsed.Seconds() }
func (o *outcome) each(total time.Duration) float64 {
	return float64(total.Nanoseconds()) / o.count()
}
func (o *outcome) percentile(p float64) float64 { return stats.Percentile(o.latencies, p) }
