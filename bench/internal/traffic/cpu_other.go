//go:build !unix

package traffic

import (
	"errors"
	"time"
)

func cpuTime() (time.Duration, error) {
	return 0, errors.New("traffic: this system doesn't say what a process has used of the CPU in the way that the benchmark asks")
}
