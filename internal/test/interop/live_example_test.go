package interop_test

import (
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/proc"
)

// The example programs of this module, each against the other half of Crossbar.io's
// own cryptobox example as Autobahn runs it, with the keys that it is published with.

func TestLiveExamples(t *testing.T) {
	l := startLive(t)
	for _, to := range []struct{ name, url, serializer string }{
		{"ws json", l.suite.Node.WebSocketURL(), "json"},
		{"tcp cbor", l.suite.Node.RawSocketURL(), "cbor"},
	} {
		args := []string{"-dialect", "autobahn", "-router", to.url, "-serializer", to.serializer}
		t.Run("originator "+to.name, func(t *testing.T) { l.in(t).exampleOriginator("testdata", args) })
		t.Run("responder "+to.name, func(t *testing.T) { l.in(t).exampleResponder("testdata", args) })
	}
}

// originated is what our originator prints: Autobahn seals an error whose own URI has
// a key, and no other.
var originated = []string{
	`call com.myapp.add2(23, 1): 24 (plain)`,
	`call com.myapp.encrypted.add2(23, 1): 24 (encrypted)`,
	`call com.myapp.add2(23, 2): 25 (plain)`,
	`call com.myapp.encrypted.add2(23, 2): 25 (encrypted)`,
	`call com.myapp.add2(23, 3): 26 (plain)`,
	`call com.myapp.encrypted.add2(23, 3): 26 (encrypted)`,
	`call com.myapp.failme(false): error com.myapp.error1, custom1=23, custom2="Hello" (plain)`,
	`call com.myapp.failme(true): error com.myapp.encrypted.error1, custom1=23, custom2="Hello" (encrypted)`,
	`call com.myapp.encrypted.failme(false): error com.myapp.error1, custom1=23, custom2="Hello" (plain)`,
	`call com.myapp.encrypted.failme(true): error com.myapp.encrypted.error1, custom1=23, custom2="Hello" (encrypted)`,
	`publish com.myapp.hello "Counter is at 1": acknowledged (plain)`,
	`publish com.myapp.encrypted.hello "Counter is at 1": acknowledged (encrypted)`,
	`publish com.myapp.hello "Counter is at 2": acknowledged (plain)`,
	`publish com.myapp.encrypted.hello "Counter is at 2": acknowledged (encrypted)`,
	`publish com.myapp.hello "Counter is at 3": acknowledged (plain)`,
	`publish com.myapp.encrypted.hello "Counter is at 3": acknowledged (encrypted)`,
	`all as expected`,
}

// printed returns the lines that a program has printed.
func printed(p *proc.Process) []string {
	return strings.Split(strings.TrimSuffix(p.Stdout(), "\n"), "\n")
}

func (l live) exampleOriginator(scripts string, args []string) {
	l.Helper()
	responder := l.suite.Script(l, filepath.Join(scripts, "responder.py"))
	require.NoError(l, responder.Says(l.ctx, "session ready"))
	originator, status := proc.Run(l, "originator", append(args, "-timeout", patience.String())...)
	require.Zero(l, status, originator.Stderr())
	require.Equal(l, originated, printed(originator))
	for _, says := range []string{
		"call com.myapp.add2 (None)", "call com.myapp.encrypted.add2 (cryptobox)",
		"call com.myapp.failme (None)", "call com.myapp.encrypted.failme (cryptobox)",
		"event com.myapp.hello: 'Counter is at 3' (None)",
		"event com.myapp.encrypted.hello: 'Counter is at 3' (cryptobox)",
	} {
		require.NoError(l, responder.Says(l.ctx, says))
	}
}

// responded is what our responder prints of it, in some order.
var responded = []string{
	`session ready`,
	`call com.myapp.add2 (plain)`, `call com.myapp.add2 (plain)`, `call com.myapp.add2 (plain)`,
	`call com.myapp.encrypted.add2 (encrypted)`, `call com.myapp.encrypted.add2 (encrypted)`,
	`call com.myapp.encrypted.add2 (encrypted)`,
	`call com.myapp.failme (plain)`, `call com.myapp.failme (plain)`,
	`call com.myapp.encrypted.failme (encrypted)`, `call com.myapp.encrypted.failme (encrypted)`,
	`event com.myapp.hello: "Counter is at 1" (plain)`, `event com.myapp.encrypted.hello: "Counter is at 1" (encrypted)`,
	`event com.myapp.hello: "Counter is at 2" (plain)`, `event com.myapp.encrypted.hello: "Counter is at 2" (encrypted)`,
	`event com.myapp.hello: "Counter is at 3" (plain)`, `event com.myapp.encrypted.hello: "Counter is at 3" (encrypted)`,
}

func (l live) exampleResponder(scripts string, args []string) {
	l.Helper()
	responder := proc.Start(l, "responder", args...)
	responder.AwaitLine("session ready", 1)
	originator := l.suite.Script(l, filepath.Join(scripts, "originator.py"))
	for _, says := range []string{
		"com.myapp.add2: 24", "com.myapp.encrypted.add2: 26",
		"com.myapp.hello: encrypted=False", "com.myapp.encrypted.hello: encrypted=True",
		"com.myapp.failme(False): com.myapp.error1 {'custom1': 23, 'custom2': 'Hello'} (None)",
		"com.myapp.failme(True): com.myapp.encrypted.error1 {'custom1': 23, 'custom2': 'Hello'} (cryptobox)",
		// Of an error that it can't seal, what answers a sealed call is the URI alone.
		"com.myapp.encrypted.failme(False): com.myapp.error1 {} (None)",
		"com.myapp.encrypted.failme(True): com.myapp.encrypted.error1 {'custom1': 23, 'custom2': 'Hello'} (cryptobox)",
		"all done",
	} {
		require.NoError(l, originator.Says(l.ctx, says))
	}
	require.NoError(l, originator.Wait(l.ctx))
	for _, line := range responded {
		responder.AwaitLine(line, 1)
	}
	responder.Signal(syscall.SIGTERM)
	require.Zero(l, responder.Wait(), responder.Stderr())
	want, got := slices.Clone(responded), printed(responder)
	slices.Sort(want)
	slices.Sort(got)
	require.Equal(l, want, got)
}
