package main

import (
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/proc"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/proxy"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/testrouter"
)

// allOutcomes is what the originator prints when all is well.
const allOutcomes = `call com.myapp.add2(23, 1): 24 (plain)
call com.myapp.encrypted.add2(23, 1): 24 (encrypted)
call com.myapp.add2(23, 2): 25 (plain)
call com.myapp.encrypted.add2(23, 2): 25 (encrypted)
call com.myapp.add2(23, 3): 26 (plain)
call com.myapp.encrypted.add2(23, 3): 26 (encrypted)
call com.myapp.failme(false): error com.myapp.error1, custom1=23, custom2="Hello" (plain)
call com.myapp.failme(true): error com.myapp.encrypted.error1, no arguments (plain)
call com.myapp.encrypted.failme(false): error com.myapp.error1, custom1=23, custom2="Hello" (encrypted)
call com.myapp.encrypted.failme(true): error com.myapp.encrypted.error1, custom1=23, custom2="Hello" (encrypted)
publish com.myapp.hello "Counter is at 1": acknowledged (plain)
publish com.myapp.encrypted.hello "Counter is at 1": acknowledged (encrypted)
publish com.myapp.hello "Counter is at 2": acknowledged (plain)
publish com.myapp.encrypted.hello "Counter is at 2": acknowledged (encrypted)
publish com.myapp.hello "Counter is at 3": acknowledged (plain)
publish com.myapp.encrypted.hello "Counter is at 3": acknowledged (encrypted)
all as expected
`

// allEvents is what the responder prints of that, each once.
var allEvents = []string{
	`event com.myapp.hello: "Counter is at 1" (plain)`,
	`event com.myapp.encrypted.hello: "Counter is at 1" (encrypted)`,
	`event com.myapp.hello: "Counter is at 2" (plain)`,
	`event com.myapp.encrypted.hello: "Counter is at 2" (encrypted)`,
	`event com.myapp.hello: "Counter is at 3" (plain)`,
	`event com.myapp.encrypted.hello: "Counter is at 3" (encrypted)`,
}

// end is a way for a program to reach the router.
type end struct {
	name       string
	url        func(*testrouter.Router) string
	serializer string
}

func allEnds() []end {
	var ends []end
	for _, serializer := range []string{"json", "msgpack", "cbor"} {
		ends = append(ends,
			end{"ws-" + serializer, (*testrouter.Router).WebSocketURL, serializer},
			end{"tcp-" + serializer, (*testrouter.Router).RawSocketURL, serializer})
	}
	return ends
}

func (e end) args(router *testrouter.Router, realm string) []string {
	return []string{"-router", e.url(router), "-serializer", e.serializer, "-realm", realm}
}

// Every end works with every other. Each responder has a realm to itself.
func TestEveryTransportAndSerializer(t *testing.T) {
	realms := []string{}
	for _, e := range allEnds() {
		realms = append(realms, "realm."+e.serializer+"."+e.name)
	}
	router := startRouter(t, realms...)
	for i, ours := range allEnds() {
		t.Run(ours.name, func(t *testing.T) {
			t.Parallel()
			responder := startResponder(t, ours.args(router, realms[i])...)
			for _, theirs := range allEnds() {
				p, status := proc.Run(t, "originator", theirs.args(router, realms[i])...)
				require.Zero(t, status, "%s: %s", theirs.name, p.Stderr())
				require.Equal(t, allOutcomes, p.Stdout(), theirs.name)
				require.Contains(t, p.Stderr(), "PUBLISHED SAMPLE KEYS")
			}
			for _, line := range allEvents {
				responder.AwaitLine(line, len(realms))
			}
			responder.Signal(syscall.SIGTERM)
			require.Zero(t, responder.Wait())
			require.Equal(t, len(realms)*len(allEvents), strings.Count(responder.Stdout(), "event "))
			require.Contains(t, responder.Stderr(), "PUBLISHED SAMPLE KEYS")
		})
	}
}

// With keys for other dialects, by the flag or the file, they speak these. Nexus's router
// carries payload passthru mode.
func TestPassthru(t *testing.T) {
	outcomes := strings.Replace(allOutcomes, `com.myapp.encrypted.failme(false): error com.myapp.error1, custom1=23, custom2="Hello" (encrypted)`,
		`com.myapp.encrypted.failme(false): error com.myapp.error1, no arguments (plain)`, 1)
	originator, responder := keyrings(t, prefix)
	for _, path := range []string{originator, responder} {
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		foreign := strings.Replace(string(text), `"versions": [{`, `"versions": [{"dialect": "passthru", "id": "key-1", `, 1)
		require.NoError(t, os.WriteFile(path, []byte(foreign), 0o600))
	}
	for name, c := range map[string]struct{ originator, responder []string }{
		"flag": {[]string{"-dialect", "passthru"}, []string{"-dialect", "passthru"}},
		"file": {[]string{"-keyring", originator}, []string{"-keyring", responder}},
	} {
		t.Run(name, func(t *testing.T) {
			router := startRouter(t)
			tap := proxy.Start(t, router.WebSocketURL())
			r := startResponder(t, append(c.responder, "-router", router.WebSocketURL())...)
			o, status := proc.Run(t, "originator", append(c.originator, "-router", tap.URL())...)
			require.Zero(t, status, o.Stderr())
			require.Equal(t, outcomes, o.Stdout())
			for _, line := range allEvents {
				r.AwaitLine(line, 1)
			}
			used, err := tap.Contains(wamp.OptPPTScheme)
			require.NoError(t, err)
			require.True(t, used)
		})
	}
}

// A router that doesn't carry the dialect is named before anything is sent.
func TestNotCarried(t *testing.T) {
	router := startRouter(t)
	for _, program := range programs {
		p, status := proc.Run(t, program, "-router", router.WebSocketURL(), "-dialect", "autobahn")
		require.Equal(t, 1, status)
		require.Contains(t, p.Stderr(), "payload_transparency")
	}
}

// Whoever subscribes without a key, or is the router, sees envelopes only.
func TestAnObserverSeesEnvelopes(t *testing.T) {
	router := startRouter(t)
	events := observe(t, router, "com.myapp.encrypted.hello")
	startResponder(t, "-router", router.WebSocketURL())
	_, status := proc.Run(t, "originator", "-router", router.WebSocketURL())
	require.Zero(t, status)
	for range 3 {
		event := harness.Receive(t, events)
		require.Empty(t, event.Arguments)
		require.Len(t, event.ArgumentsKw, 1)
		require.Contains(t, event.ArgumentsKw, "enc")
	}
}

// The program leaves the realm, instead of just being gone.
func TestItSaysGoodbye(t *testing.T) {
	router := startRouter(t)
	tap := proxy.Start(t, router.WebSocketURL())
	startResponder(t, "-router", router.WebSocketURL())
	_, status := proc.Run(t, "originator", "-router", tap.URL())
	require.Zero(t, status)
	said, err := tap.Contains(string(wamp.CloseRealm))
	require.NoError(t, err)
	require.True(t, said)
}
