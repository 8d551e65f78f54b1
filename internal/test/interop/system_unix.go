//go:build unix

package interop

import (
	"errors"
	"os"
	"os/exec"
	"syscall"
)

// tryLock takes the file's lock if no one has it.
func tryLock(file *os.File) (bool, error) {
	err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return false, nil
	}
	return err == nil, err
}

// group lets the command start a process group of its own.
func group(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// terminate asks a group's first process to end.
func terminate(pid int) { _ = syscall.Kill(pid, syscall.SIGTERM) }

// kill ends all processes of a group.
func kill(pid int) { _ = syscall.Kill(-pid, syscall.SIGKILL) }

// alive reports whether a process of the group is left.
func alive(pid int) bool { return !errors.Is(syscall.Kill(-pid, 0), syscall.ESRCH) }
