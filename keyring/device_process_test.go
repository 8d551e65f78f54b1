package keyring_test

import (
	"bufio"
	"crypto/ecdh"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

// deviceProcess makes this test binary serve as a device instead.
const deviceProcess = "KEYRING_TEST_DEVICE"

func TestMain(m *testing.M) {
	if os.Getenv(deviceProcess) != "" {
		if err := serveDevice(os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// serveDevice makes a private key that no other process ever sees, tells its
// public key, and then answers lines: "ecdh" with a public key, "lock" and
// "unlock".
func serveDevice(in io.Reader, out io.Writer) error {
	private, err := ecdh.X25519().GenerateKey(rand.Reader)
	if err != nil {
		return err
	}
	fmt.Fprintln(out, hex.EncodeToString(private.PublicKey().Bytes()))
	locked := false
	for lines := bufio.NewScanner(in); lines.Scan(); {
		switch command, argument, _ := strings.Cut(lines.Text(), " "); {
		case command == "lock" || command == "unlock":
			locked = command == "lock"
			fmt.Fprintln(out, "done")
		case locked:
			fmt.Fprintln(out, "error locked")
		default:
			fmt.Fprintln(out, agreed(private, argument))
		}
	}
	return nil
}

func agreed(private *ecdh.PrivateKey, peer string) string {
	b, err := hex.DecodeString(peer)
	if err != nil {
		return "error " + err.Error()
	}
	public, err := ecdh.X25519().NewPublicKey(b)
	if err != nil {
		return "error " + err.Error()
	}
	secret, err := private.ECDH(public)
	if err != nil {
		return "error " + err.Error()
	}
	return hex.EncodeToString(secret)
}

// remote is a cryptobox.Device in another process.
type remote struct {
	public cryptobox.PublicKey

	mu    sync.Mutex
	in    io.WriteCloser
	out   *bufio.Scanner
	asked int
}

var errRemote = errors.New("the device process says")

// startDevice starts a device that ends with the test.
func startDevice(t *testing.T) *remote {
	t.Helper()
	exe, err := os.Executable()
	require.NoError(t, err)
	cmd := exec.Command(exe)
	cmd.Env = append(os.Environ(), deviceProcess+"=1")
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	require.NoError(t, err)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	d := &remote{in: in, out: bufio.NewScanner(out)}
	t.Cleanup(func() {
		d.close()
		_ = cmd.Wait()
	})
	require.True(t, d.out.Scan())
	d.public, err = cryptobox.ParsePublicKey(d.out.Text())
	require.NoError(t, err)
	return d
}

func (d *remote) close() { _ = d.in.Close() }

// command sends a line and reads one.
func (d *remote) command(line string) (string, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if _, err := fmt.Fprintln(d.in, line); err != nil {
		return "", fmt.Errorf("%w: %w", errRemote, err)
	}
	if !d.out.Scan() {
		return "", fmt.Errorf("%w: %w", errRemote, io.ErrUnexpectedEOF)
	}
	if why, failed := strings.CutPrefix(d.out.Text(), "error "); failed {
		return "", fmt.Errorf("%w: %s", errRemote, why)
	}
	return d.out.Text(), nil
}

func (d *remote) Public() cryptobox.PublicKey { return d.public }

func (d *remote) ECDH(peer cryptobox.PublicKey) ([]byte, error) {
	d.mu.Lock()
	d.asked++
	d.mu.Unlock()
	secret, err := d.command("ecdh " + hex.EncodeToString(peer.Bytes()))
	if err != nil {
		return nil, err
	}
	return hex.DecodeString(secret)
}

func (d *remote) count() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.asked
}
