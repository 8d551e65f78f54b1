//go:build !unix

package interop

import (
	"errors"
	"os"
	"os/exec"
)

// Crossbar.io runs on Unix systems only.

func tryLock(*os.File) (bool, error) {
	return false, errors.New("interop: the suite needs a Unix system: leave WAMPBOX_INTEROP unset")
}

func group(*exec.Cmd) {}

func terminate(int) {}

func kill(int) {}

func alive(int) bool { return false }
