package main_test

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestProcessList: while the tool works with secrets, its command line and its
// title, which all users of the machine can read, hold none of them.
func TestProcessList(t *testing.T) {
	e := withPassphrase(t, false)
	dir, _ := begun(t)
	ring := dir + "/" + originatorFile
	all := append(secrets(t, ring), passphrase)
	for name, args := range map[string][]string{
		"pubkey": {"pubkey"},
		"seal":   {"seal", "-keyring", ring, "-uri", "com.x.y", "-realm", "realm1"}, // else it ends before it reads
		"open":   append([]string{"open", "-keyring", e.path, "-uri", "com.x.y"}, e.flags...),
	} {
		t.Run(name, func(t *testing.T) {
			cmd := exec.Command(binary, args...)
			stdin, err := cmd.StdinPipe()
			require.NoError(t, err)
			require.NoError(t, cmd.Start())
			_, err = fmt.Fprint(stdin, all[0])
			require.NoError(t, err)
			// It waits for the end of its input, and so is alive.
			var shown string
			require.Eventually(t, func() bool {
				shown = string(must(os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", cmd.Process.Pid))))
				return shown == strings.Join(append([]string{binary}, args...), "\x00")+"\x00"
			}, 20*time.Second, 5*time.Millisecond)
			for _, secret := range all {
				require.NotContains(t, shown, secret)
			}
			require.NoError(t, stdin.Close())
			_ = cmd.Wait() // a key is no record and no payload
		})
	}
}

// TestFullDisk is a failure, not a key that went nowhere.
func TestFullDisk(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	require.NoError(t, err)
	defer func() { require.NoError(t, full.Close()) }()
	cmd := exec.Command(binary, "keygen")
	cmd.Stdout = full
	require.Error(t, cmd.Run())
	require.Equal(t, 1, cmd.ProcessState.ExitCode())
}
