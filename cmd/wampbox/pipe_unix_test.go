//go:build unix

package main_test

import (
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestPipeForAKeyring: nobody is waited for who might write a keyring to a pipe.
func TestPipeForAKeyring(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "pipe")
	require.NoError(t, syscall.Mkfifo(pipe, 0o600))
	for _, args := range [][]string{
		{"list", pipe}, {"lint", pipe}, {"explain", "com.x", pipe}, {"rotate", "com.x.", pipe}, {"convert", pipe}, {"open", "-keyring", pipe, "-uri", "com.x", write(t, "payload", sixtyBytes)},
		{"seal", "-keyring", pipe, "-uri", "com.x"}, {"sub", "-keyring", pipe, "-router", "ws://127.0.0.1:1/ws", "-realm", "realm1", "com.x"},
	} {
		wampbox(t, args...).fails(t, 1, "is not a regular file")
	}
}
