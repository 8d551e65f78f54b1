package main

import (
	"os"
	"testing"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/proc"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/testrouter"
)

func TestMain(m *testing.M) { os.Exit(proc.Main(m).Run()) }

func startRouter(t *testing.T, realms ...string) *testrouter.Router {
	t.Helper()
	return testrouter.Start(t, realms...)
}

// startResponder starts the other program and returns it when it can be called.
func startResponder(t *testing.T, args ...string) *proc.Process {
	t.Helper()
	p := proc.Start(t, "responder", args...)
	p.AwaitLine("session ready", 1)
	return p
}
