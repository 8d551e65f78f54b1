package live_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/stretchr/testify/require"
	"github.com/urfave/cli/v3"
	"go.uber.org/goleak"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/live"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/testrouter"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	patience = 30 * time.Second
	realm    = "realm1"
	prefix   = "com.myapp.sealed."
)

// buffer is written and read by several goroutines.
type buffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

type keyFile = keyfile.File

// errUsage is what the tool would exit with 2 for.
var errUsage = errors.New("usage")

var value = regexp.MustCompile(`(?s)^invalid value ".*" for flag `)

// run is one run of the tool.
type run struct {
	stdin    string
	out, err buffer
	stdout   io.Writer // in place of out
	done     chan error
}

// environment is what the tool gives the commands, with files that aren't encrypted.
func (r *run) environment() live.Env {
	stdout := r.stdout
	if stdout == nil {
		stdout = &r.out
	}
	return live.Env{
		Stdin: strings.NewReader(r.stdin), Stdout: stdout, Stderr: &r.err,
		AccessFlags: func() []cli.Flag { return nil },
		AccessHelp:  "Keyring files may be encrypted.",
		Access: func(*cli.Command) (func(string) ([]keyfile.Option, error), error) {
			return func(string) ([]keyfile.Option, error) { return nil, nil }, nil
		},
		Usage: func(_ *cli.Command, format string, args ...any) error {
			return fmt.Errorf("%w: "+format, append([]any{errUsage}, args...)...)
		},
		OnUsageError: func(_ context.Context, _ *cli.Command, err error, _ bool) error {
			return fmt.Errorf("%w: %s", errUsage, value.ReplaceAllString(err.Error(), "flag ")) // as the tool does
		},
	}
}

// start runs the tool until ctx ends.
func (r *run) start(ctx context.Context, args ...string) *run {
	env := r.environment()
	root := &cli.Command{
		Name: "wampbox", Commands: []*cli.Command{live.Sub(env), live.Pub(env), live.Call(env), live.Doctor(env), live.Serve(env), live.Fetch(env)}, Writer: &r.out, ErrWriter: &r.err,
		ExitErrHandler: func(context.Context, *cli.Command, error) {},
	}
	r.done = make(chan error, 1)
	go func() { r.done <- root.Run(ctx, append([]string{"wampbox"}, args...)) }()
	return r
}

// wait gives what the run ended with.
func (r *run) wait(t testing.TB) error {
	t.Helper()
	select {
	case err := <-r.done:
		return err
	case <-time.After(patience):
		require.Fail(t, "the command didn't end", "standard error: %s", r.err.String())
		return nil
	}
}

// says waits for a text on standard error.
func (r *run) says(t testing.TB, text string) {
	t.Helper()
	require.Eventually(t, func() bool { return strings.Contains(r.err.String(), text) }, patience, 5*time.Millisecond,
		"standard error: %s", &r.err)
}

// lines are the JSON objects on standard output.
func (r *run) lines(t testing.TB) (lines []map[string]any) {
	t.Helper()
	for line := range strings.Lines(r.out.String()) {
		var object map[string]any
		decoder := json.NewDecoder(strings.NewReader(line))
		decoder.UseNumber()
		require.NoError(t, decoder.Decode(&object), line)
		lines = append(lines, object)
	}
	return lines
}

// tool runs the tool to its end.
func tool(t testing.TB, args ...string) (*run, error) {
	t.Helper()
	r := new(run).start(t.Context(), args...)
	return r, r.wait(t)
}

// fine runs the tool to its end, which has to be a good one.
func fine(t testing.TB, args ...string) *run {
	t.Helper()
	r, err := tool(t, args...)
	require.NoError(t, err, "standard error: %s", &r.err)
	return r
}

// ends are the keyring files of two parties.
type ends struct{ originator, responder string }

// version is a version of both parties' keys.
func versionOf(originator, responder cryptobox.PrivateKey) (ours, theirs *keyfile.Version) {
	ours = &keyfile.Version{
		Originator: &keyfile.Side{Private: keyfile.PrivateKey(originator)},
		Responder:  &keyfile.Side{Public: keyfile.PublicKey(responder.Public())},
	}
	theirs = &keyfile.Version{
		Originator: &keyfile.Side{Public: keyfile.PublicKey(originator.Public())},
		Responder:  &keyfile.Side{Private: keyfile.PrivateKey(responder)},
	}
	return ours, theirs
}

// newEnds makes files that go together, with what change does to both.
func newEnds(t testing.TB, change ...func(originator, responder *keyfile.File)) ends {
	t.Helper()
	ours, theirs := versionOf(cryptobox.GenerateKey(), cryptobox.GenerateKey())
	originator, responder := keyfile.New(), keyfile.New()
	require.NoError(t, originator.Add(keyring.Prefix(prefix), ours))
	require.NoError(t, responder.Add(keyring.Prefix(prefix), theirs))
	for _, change := range change {
		change(originator, responder)
	}
	dir := t.TempDir()
	e := ends{filepath.Join(dir, "originator.json"), filepath.Join(dir, "responder.json")}
	require.NoError(t, keyfile.Create(e.originator, originator))
	require.NoError(t, keyfile.Create(e.responder, responder))
	return e
}

// plainToo declares com.myapp.plain. plain.
func plainToo(t testing.TB) func(originator, responder *keyfile.File) {
	return func(originator, responder *keyfile.File) {
		require.NoError(t, originator.SetPlain(keyring.Prefix("com.myapp.plain.")))
		require.NoError(t, responder.SetPlain(keyring.Prefix("com.myapp.plain.")))
	}
}

// at gives the flags for a router and a file.
func at(url, file string) []string {
	return []string{"-router", url, "-realm", realm, "-keyring", file}
}

// with puts a command before some flags, and its arguments behind them.
func with(command string, flags []string, args ...string) []string {
	return append(append([]string{command}, flags...), args...)
}

// join is a party of another program.
func join(t testing.TB, url, file string, opts ...transparency.Option) *transparency.Session {
	t.Helper()
	ring, err := keyfile.Load(file)
	require.NoError(t, err)
	cfg := client.Config{Realm: realm, Serialization: client.CBOR, Logger: log.New(io.Discard, "", 0)}
	s, err := transparency.ConnectNet(t.Context(), url, cfg, ring, opts...)
	require.NoError(t, err)
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// transports are the ways to a router.
func transports(r *testrouter.Router) map[string]string {
	return map[string]string{"websocket": r.WebSocketURL(), "rawsocket": r.RawSocketURL()}
}
