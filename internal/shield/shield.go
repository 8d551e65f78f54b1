// Package shield runs code of the application that must not end the process. Call [Run] with a
// function: if the function panics, Run returns an error.
//
// Such code runs in the middle of sealing, opening or keeping a connection. (To seal is to
// encrypt and authenticate.) A panic there would print what is being sealed.
package shield

import (
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
)

// ErrPanic says that code of the application panicked.
var ErrPanic = errors.New("code of the application panicked")

// Run runs f, and returns an error that wraps [ErrPanic] if it panics: it says what f is, and
// where the panic was. What it panicked with may be a payload or a key, and is dropped.
func Run(what string, f func()) (err error) {
	defer func() {
		if recover() != nil { // a panic with nil is one with an error
			err = fmt.Errorf("%w: %s, in %s", ErrPanic, what, where())
		}
	}()
	f()
	return nil
}

// where tells the function and line that panicked. It is for a deferred function to call.
func where() string {
	var callers [64]uintptr
	frames := runtime.CallersFrames(callers[:runtime.Callers(1, callers[:])])
	panicked := false
	for {
		frame, more := frames.Next()
		inRuntime := strings.HasPrefix(frame.Function, "runtime.")
		switch {
		case panicked && !inRuntime:
			return fmt.Sprintf("%s (%s:%d)", frame.Function, filepath.Base(frame.File), frame.Line)
		case frame.Function == "runtime.gopanic":
			panicked = true
		}
		if !more {
			return "a function unknown"
		}
	}
}
