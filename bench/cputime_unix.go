//go:build unix

package main

import (
	"syscall"
	"time"
)

// cpuTime is what this process has used, its own and the system's for it.
func cpuTime() time.Duration {
	var usage syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &usage) // fails for other arguments only
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
