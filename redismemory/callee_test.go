package redismemory_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/redismemory"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

const (
	realm     = "realm1"
	prefix    = "com.myapp.encrypted."
	procedure = prefix + "pay"
)

var quiet = log.New(io.Discard, "", 0)

type ringOf = *keyring.Ring

// keys are those of a caller and its callees, who speak a dialect.
type keys struct {
	originator, responder cryptobox.PrivateKey
	dialect               cryptobox.Dialect
}

func newKeys(d cryptobox.Dialect) keys {
	return keys{cryptobox.GenerateKey(), cryptobox.GenerateKey(), d}
}

// as gives a key for a dialect.
func as(key keyring.Key, d cryptobox.Dialect) keyring.Key {
	switch d {
	case cryptobox.Autobahn:
		return key.ForAutobahn()
	case cryptobox.Passthru:
		return key.ForPassthru("key-1")
	}
	return key
}

func (k keys) originatorRing(t testing.TB) ringOf {
	t.Helper()
	ring := keyring.New()
	require.NoError(t, ring.Set(keyring.Prefix(prefix), as(keyring.Originator(k.originator, k.responder.Public()), k.dialect)))
	return ring
}

func (k keys) responderRing(t testing.TB) ringOf {
	t.Helper()
	ring := keyring.New()
	require.NoError(t, ring.Set(keyring.Prefix(prefix), as(keyring.Responder(k.responder, k.originator.Public()), k.dialect)))
	return ring
}

// calleeVariable has the test binary be a callee, which reads what it needs from
// standard input and ends when that closes.
const calleeVariable = "REDISMEMORY_TEST_CALLEE"

// calleeConfig is what a callee needs.
type calleeConfig struct {
	URL, Redis string // no Redis: it remembers by itself
	Dialect    cryptobox.Dialect
	Responder  []byte // the key pair of the callee
	Originator []byte // the public key of the caller
}

func (k keys) config(url, redisAddr string) calleeConfig {
	return calleeConfig{url, redisAddr, k.dialect, k.responder.UnsafeBytes(), k.originator.Public().Bytes()}
}

// report is a line that a callee writes: "ready", "ran" or "refused".
type report struct{ What, Reason string }

// callee is a process that serves the procedure.
type callee struct{ reports chan report }

func startCallee(t *testing.T, cfg calleeConfig) *callee {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), calleeVariable+"=1", "GORACE=atexit_sleep_ms=0")
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	require.NoError(t, err)
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	c := &callee{reports: make(chan report, 1000)}
	var reading sync.WaitGroup
	reading.Go(func() {
		defer close(c.reports)
		for lines := json.NewDecoder(bufio.NewReader(stdout)); ; {
			var r report
			if lines.Decode(&r) != nil {
				return
			}
			c.reports <- r
		}
	})
	t.Cleanup(func() {
		_ = stdin.Close()
		reading.Wait()
		require.NoError(t, cmd.Wait())
	})
	require.NoError(t, json.NewEncoder(stdin).Encode(cfg))
	return c
}

func (c *callee) next(t testing.TB) report {
	t.Helper()
	return receive(t, c.reports)
}

// pending returns what the callee says within a short time beyond what it should.
func (c *callee) pending() []report {
	select {
	case r := <-c.reports:
		return []report{r}
	case <-time.After(50 * time.Millisecond):
		return nil
	}
}

func calleeMain() int {
	if err := serve(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "callee:", err)
		return 1
	}
	return 0
}

// serve is the callee process.
func serve(in io.Reader, out io.Writer) error {
	var cfg calleeConfig
	if err := json.NewDecoder(in).Decode(&cfg); err != nil {
		return err
	}
	var mu sync.Mutex
	tell := func(r report) {
		mu.Lock()
		defer mu.Unlock()
		_ = json.NewEncoder(out).Encode(r)
	}
	s, err := join(cfg, tell)
	if err != nil {
		return err
	}
	err = s.Register(procedure, func(_ context.Context, inv *wamp.Invocation) client.InvokeResult {
		tell(report{What: "ran"})
		return client.InvokeResult{Args: wamp.List{"paid", inv.Arguments[1]}}
	}, wamp.Dict{"invoke": "roundrobin"})
	if err != nil {
		return err
	}
	tell(report{What: "ready"})
	_, _ = io.Copy(io.Discard, in)
	return nil
}

func join(cfg calleeConfig, tell func(report)) (*transparency.Session, error) {
	private, err := cryptobox.NewPrivateKey(cfg.Responder)
	if err != nil {
		return nil, err
	}
	public, err := cryptobox.NewPublicKey(cfg.Originator)
	if err != nil {
		return nil, err
	}
	ring := keyring.New()
	if err := ring.Set(keyring.Prefix(prefix), as(keyring.Responder(private, public), cfg.Dialect)); err != nil {
		return nil, err
	}
	opts := []transparency.Option{
		transparency.WithOnReject(func(err *transparency.Error) { tell(report{"refused", err.Reason.Error()}) }),
	}
	if cfg.Redis != "" {
		memory, err := redismemory.New(redis.NewClient(&redis.Options{Addr: cfg.Redis}))
		if err != nil {
			return nil, err
		}
		opts = append(opts, transparency.WithReplayMemory(memory))
	}
	return transparency.ConnectNet(context.Background(), cfg.URL, config(), ring, opts...)
}
