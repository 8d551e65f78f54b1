package transparency_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/handrouter"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// The tests of the guard show twice what a router can do: nexus's client falls to
// it, in a process of its own; a Session stands.

// hostile is a router that a test plays, and a client of it: a Session, or one of
// nexus's own.
type hostile struct {
	t       *testing.T
	s       transparency.Client
	r       *handrouter.Conn
	refused *rejections // nil for nexus's
}

// stage is how a hostile router is reached.
type stage struct {
	transport handrouter.Transport
	encoding  string
	limit     byte // that is announced, as a code of RawSocket; 0 for the largest
	change    func(*client.Config)
}

var rawStage = stage{transport: handrouter.RawSocket, encoding: "msgpack"}

func (st stage) start(t *testing.T) (*handrouter.Router, client.Config) {
	r := handrouter.Start(t, st.transport, st.encoding)
	if st.limit != 0 {
		r.Limit(st.limit)
	}
	cfg := client.Config{
		Realm: realm, Serialization: r.Serialization(), ResponseTimeout: patience,
		Logger: log.New(io.Discard, "", 0),
	}
	if st.change != nil {
		st.change(&cfg)
	}
	return r, cfg
}

// both are the features that framings need.
var both = []string{"payload_transparency", wamp.FeaturePayloadPassthruMode}

// session connects a Session, with a key for the test prefix.
func (st stage) session(t *testing.T, f transparency.Framing) *hostile {
	t.Helper()
	h, err := st.join(t, f)
	for range 50 {
		if err == nil {
			break
		}
		h, err = st.join(t, f) // a client that waits shortly for replies does so for WELCOME
	}
	require.NoError(t, err)
	return h
}

// join connects a Session, which may take longer than the client waits.
func (st stage) join(t *testing.T, f transparency.Framing) (*hostile, error) {
	t.Helper()
	r, cfg := st.start(t)
	refused, collecting := collect()
	h := &hostile{t: t, refused: refused}
	connected := make(chan error, 1)
	ring := ringOf(t, keyring.Both(newKeys().originator))
	go func() {
		s, err := transparency.ConnectNet(context.Background(), r.URL(), cfg, ring, transparency.WithFraming(f), collecting)
		h.s = s
		connected <- err
	}()
	h.r = r.Welcome(both...)
	if err := receive(t, connected); err != nil {
		h.r.Close()
		return nil, err
	}
	t.Cleanup(func() {
		h.r.Close()
		_ = h.s.Close()
	})
	return h, nil
}

// nexus connects a client of nexus's own.
func (st stage) nexus(t *testing.T) *hostile {
	t.Helper()
	r, cfg := st.start(t)
	h := &hostile{t: t}
	connected := make(chan error, 1)
	go func() {
		c, err := client.ConnectNet(context.Background(), r.URL(), cfg)
		h.s = c
		connected <- err
	}()
	h.r = r.Welcome(both...)
	require.NoError(t, receive(t, connected))
	return h
}

// forEachStage runs the test with each framing over each transport.
func forEachStage(t *testing.T, test func(t *testing.T, st stage, f transparency.Framing)) {
	t.Helper()
	framings := []transparency.Framing{transparency.EncArgument, transparency.Native, transparency.PPT}
	for i, f := range framings {
		for j, transport := range handrouter.Transports {
			st := stage{transport: transport, encoding: handrouter.Serializers[(i+j)%3]}
			t.Run(fmt.Sprintf("%v/%s/%s", f, st.transport, st.encoding), func(t *testing.T) {
				t.Parallel()
				test(t, st, f)
			})
		}
	}
}

// subscribe has the client subscribe as the id.
func (h *hostile) subscribe(topic string, id int) <-chan *wamp.Event {
	h.t.Helper()
	got := make(chan *wamp.Event, 1000)
	done := make(chan error, 1)
	go func() { done <- h.s.Subscribe(topic, func(ev *wamp.Event) { got <- ev }, nil) }()
	h.r.Send(wamp.SUBSCRIBED, h.r.Next()[1], id)
	require.NoError(h.t, receive(h.t, done))
	return got
}

// register has the client register as the id.
func (h *hostile) register(procedure string, id int, fn client.InvocationHandler) {
	h.t.Helper()
	done := make(chan error, 1)
	go func() { done <- h.s.Register(procedure, fn, nil) }()
	h.r.Send(wamp.REGISTERED, h.r.Next()[1], id)
	require.NoError(h.t, receive(h.t, done))
}

// call has the client call, and returns the id of the request and the outcome.
func (h *hostile) call(procedure string, progress client.ProgressHandler) (request any, done <-chan answered) {
	h.t.Helper()
	outcome := make(chan answered, 1)
	ctx := timeout(h.t)
	go func() {
		result, err := h.s.Call(ctx, procedure, nil, wamp.List{"x"}, nil, progress)
		outcome <- answered{result, err}
	}()
	call := h.r.Next()
	require.EqualValues(h.t, wamp.CALL, call[0])
	return call[1], outcome
}

// requireAlive has the client call once more.
func (h *hostile) requireAlive() {
	h.t.Helper()
	request, done := h.call("com.plain.alive", nil)
	h.r.Send(wamp.RESULT, request, wamp.Dict{}, []any{"alive"})
	outcome := receive(h.t, done)
	require.NoError(h.t, outcome.err)
	require.Equal(h.t, wamp.List{"alive"}, outcome.result.Arguments)
}

// requireCloses bounds Close, with a router that answers the GOODBYE.
func (h *hostile) requireCloses() {
	h.t.Helper()
	closed := make(chan error, 1)
	go func() { closed <- h.s.Close() }()
	for {
		msg := h.r.Next()
		if msg == nil {
			break
		}
		if id, _ := wamp.AsInt64(msg[0]); id == int64(wamp.GOODBYE) {
			h.r.Send(wamp.GOODBYE, wamp.Dict{}, wamp.ErrGoodbyeAndOut)
			break
		}
	}
	require.NoError(h.t, receive(h.t, closed))
}

// victimEnv is set in the process that a test starts for nexus's client to fall in.
const victimEnv = "TRANSPARENCY_TEST_VICTIM"

// blocked is the exit code of a victim that hangs.
const blocked = 42

// hang is how long something may take that hangs.
const hang = 1500 * time.Millisecond

// inVictim runs the scenario in a process of its own, as the test t alone, and
// returns what that printed and its exit code.
func inVictim(t *testing.T, scenario func(t *testing.T)) (output string, code int) {
	t.Helper()
	if os.Getenv(victimEnv) == t.Name() {
		scenario(t)
		fmt.Println("the victim has survived")
		os.Exit(0)
	}
	t.Parallel()
	pattern := "^" + strings.ReplaceAll(regexp.QuoteMeta(t.Name()), "/", "$/^") + "$"
	cmd := exec.CommandContext(timeout(t), os.Args[0], "-test.run", pattern)
	cmd.Env = append(os.Environ(), victimEnv+"="+t.Name())
	out, err := cmd.CombinedOutput()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return string(out), exit.ExitCode()
	}
	require.NoError(t, err)
	return string(out), 0
}

// requireDies runs the scenario, which has to end its process by a panic with that
// text.
func requireDies(t *testing.T, text string, scenario func(t *testing.T)) {
	t.Helper()
	out, code := inVictim(t, func(t *testing.T) {
		scenario(t)
		time.Sleep(hang)
	})
	require.Equal(t, 2, code, out)
	require.Contains(t, out, "panic: ")
	require.Contains(t, out, text)
}

// requireHangs runs the scenario, which returns what then hangs.
func requireHangs(t *testing.T, scenario func(t *testing.T) func()) {
	t.Helper()
	out, code := inVictim(t, func(t *testing.T) {
		hangs := scenario(t)
		returned := make(chan struct{})
		go func() {
			hangs()
			close(returned)
		}()
		select {
		case <-returned:
		case <-time.After(hang):
			os.Exit(blocked)
		}
	})
	require.Equal(t, blocked, code, out)
}
