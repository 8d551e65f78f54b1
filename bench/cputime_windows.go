package main

import (
	"syscall"
	"time"
)

// cpuTime is what this process has used, its own and the system's for it.
func cpuTime() time.Duration {
	var created, ended, system, own syscall.Filetime
	self, _ := syscall.GetCurrentProcess()                             // a constant
	_ = syscall.GetProcessTimes(self, &created, &ended, &system, &own) // fails for other handles only
	return lasting(system) + lasting(own)
}

// lasting is what a Filetime tells that is no date: units of 100 ns.
func lasting(f syscall.Filetime) time.Duration {
	return time.Duration(int64(f.HighDateTime)<<32|int64(f.LowDateTime)) * 100
}
