package main_test

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"github.com/stretchr/testify/require"
)

// terminal gives both ends of a pseudoterminal: a program is run on the second
// one, and played from the first.
func terminal(t testing.TB) (us, it *os.File) {
	t.Helper()
	us, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	require.NoError(t, err)
	control := func(request uintptr, value *int32) {
		_, _, errno := syscall.Syscall(syscall.SYS_IOCTL, us.Fd(), request, uintptr(unsafe.Pointer(value)))
		require.Zero(t, errno)
	}
	var number, unlocked int32
	control(syscall.TIOCGPTN, &number)
	control(syscall.TIOCSPTLCK, &unlocked)
	it, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|syscall.O_NOCTTY, 0)
	require.NoError(t, err)
	t.Cleanup(func() { _ = us.Close(); _ = it.Close() })
	return us, it
}

// onTerminal starts the tool on a terminal of its own, with a record on standard input.
func onTerminal(t testing.TB, args ...string) (cmd *exec.Cmd, us *os.File, stdout *bytes.Buffer) {
	t.Helper()
	us, it := terminal(t)
	cmd = exec.Command(binary, args...)
	stdout = new(bytes.Buffer)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader([]byte("{}")), stdout, it
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true, Ctty: 2}
	require.NoError(t, cmd.Start())
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	return cmd, us, stdout
}

// sealing seals with what is encrypted.
func sealing(e encrypted) []string {
	return []string{"seal", "-keyring", e.path, "-uri", "com.x.y", "-realm", "realm1"}
}

// until reads what a terminal shows until it shows a text.
func until(t testing.TB, us io.Reader, text string) string {
	t.Helper()
	shown := make(chan string, 1)
	go func() {
		var seen []byte
		for b := make([]byte, 1); !bytes.Contains(seen, []byte(text)); {
			if _, err := us.Read(b); err != nil {
				break
			}
			seen = append(seen, b...)
		}
		shown <- string(seen)
	}()
	select {
	case seen := <-shown:
		require.Contains(t, seen, text)
		return seen
	case <-time.After(20 * time.Second):
		t.Fatalf("the terminal doesn't show %q", text)
		return ""
	}
}

// echoes tells whether a terminal shows what is typed.
func echoes(t testing.TB, us *os.File) bool {
	t.Helper()
	var state syscall.Termios
	_, _, errno := syscall.Syscall(syscall.SYS_IOCTL, us.Fd(), syscall.TCGETS, uintptr(unsafe.Pointer(&state)))
	require.Zero(t, errno)
	return state.Lflag&syscall.ECHO != 0
}

// TestPrompt asks for the passphrase on the terminal, shows nothing of it, and
// leaves standard input to the record.
func TestPrompt(t *testing.T) {
	cmd, us, stdout := onTerminal(t, sealing(withPassphrase(t, false))...)
	until(t, us, "Passphrase: ")
	require.Eventually(t, func() bool { return !echoes(t, us) }, 20*time.Second, 5*time.Millisecond)
	_, err := us.WriteString(passphrase + "\r")
	require.NoError(t, err)
	shown := until(t, us, "sealed with the key")
	require.NoError(t, cmd.Wait())
	require.NotContains(t, shown, passphrase)
	require.NotEmpty(t, stdout.String())
	require.True(t, echoes(t, us))
}

// TestPromptUnanswered says so, and gives back a terminal that shows what is typed.
func TestPromptUnanswered(t *testing.T) {
	for what, typed := range map[string]string{"Ctrl-D": "\x04", "Enter": "\r", "Ctrl-C": "half of it\x03", "a signal": ""} {
		cmd, us, stdout := onTerminal(t, sealing(withPassphrase(t, false))...)
		until(t, us, "Passphrase: ")
		require.Eventually(t, func() bool { return !echoes(t, us) }, 20*time.Second, 5*time.Millisecond)
		if typed == "" {
			require.NoError(t, cmd.Process.Signal(os.Interrupt))
		}
		_, err := us.WriteString(typed)
		require.NoError(t, err)
		until(t, us, "is encrypted with a passphrase: no passphrase was typed")
		require.Error(t, cmd.Wait())
		require.Equal(t, 1, cmd.ProcessState.ExitCode(), what)
		require.Empty(t, stdout.String())
		require.True(t, echoes(t, us))
	}
}

// TestNewPassphrase is asked for twice, as nobody sees what is typed: a slip would lock the
// authority's folder for good.
func TestNewPassphrase(t *testing.T) {
	for again, says := range map[string]string{passphrase: "is the authority", passphrase + "x": "the passphrases differ"} {
		dir := filepath.Join(t.TempDir(), "authority")
		cmd, us, _ := onTerminal(t, "authority", "init", "-encrypt", "-dir", dir)
		var shown string
		for _, typed := range []string{passphrase, again} {
			shown += until(t, us, "Passphrase: ")
			require.Eventually(t, func() bool { return !echoes(t, us) }, 20*time.Second, 5*time.Millisecond)
			_, err := us.WriteString(typed + "\r")
			require.NoError(t, err)
		}
		shown += until(t, us, says)
		err := cmd.Wait()
		require.NotContains(t, shown, passphrase)
		if again != passphrase {
			require.Error(t, err)
			require.NoDirExists(t, dir)
			continue
		}
		require.NoError(t, err)
		wampbox(t, "authority", "show", "-dir", dir, "-passphrase-file", write(t, "passphrase", []byte(passphrase))).fine(t)
	}
}
