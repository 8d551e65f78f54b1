//go:build unix

package regular

import "syscall"

// withoutWaiting opens a pipe that nobody writes to.
const withoutWaiting = syscall.O_NONBLOCK
