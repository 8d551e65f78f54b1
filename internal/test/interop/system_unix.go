//go:build unix

package interop

import (
	"errors"
	"os/exec"
	"syscall"
)

// group lets the command start a process group of its own.
func group(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// terminate asks a group's first process to end.
func terminate(pid int) { _ = syscall.Kill(pid, syscall.SIGTERM) }

// kill ends all processes of a group.
func kill(pid int) { _ = syscall.Kill(-pid, syscall.SIGKILL) }

// alive reports whether a process of the group is left.
func alive(pid int) bool { return !errors.Is(syscall.Kill(-pid, 0), syscall.ESRCH) }
