package interop

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"testing"
)

// formatLauncher runs a program with the modules of a folder.
const formatLauncher = `
import runpy, sys
sys.path.insert(0, sys.argv[1])
runpy.run_path(sys.argv[2], run_name="__main__")
`

// Format is a WAMP client whose payloads the second implementation of docs/FORMAT.md seals
// and opens: peers/python, which is written from that document alone. It does what lines
// of JSON say, and tells in others what happens: see peers/python/examples/peer.py.
type Format struct {
	*process
	told chan Told
	last int
}

// Told is a line of a [Format]. Values have the marks of FORMAT.md, section 16; numbers are
// [json.Number].
type Told map[string]any

// FormatKey is the key of a pattern, by prefix: in base64, and of suites 4 and 5 as text.
type FormatKey struct {
	Pattern string `json:"pattern"`
	Match   string `json:"match"`
	Secret  string `json:"secret,omitempty"` // of a shared one, else:
	Role    string `json:"role,omitempty"`
	Private string `json:"private,omitempty"`
	Peer    string `json:"peer,omitempty"`
	Suite   int    `json:"suite,omitempty"`

	Sign       string      `json:"sign,omitempty"`
	Seal       string      `json:"seal,omitempty"`
	Read       string      `json:"read,omitempty"`
	Senders    [][2]string `json:"senders,omitempty"`
	Answerers  [][2]string `json:"answerers,omitempty"`
	SignedOnce bool        `json:"signed_once,omitempty"`
}

// Format joins the realm at a router's WebSocket. peers is the folder of the Python
// package, serializer "json" or "cbor". It is ended when the test ends, and logged if that
// failed.
func (s *Suite) Format(ctx context.Context, t testing.TB, peers, url, serializer string, keys ...FormatKey) *Format {
	t.Helper()
	peers, err := filepath.Abs(peers)
	if err != nil {
		t.Fatal(err)
	}
	f := &Format{told: make(chan Told, 1000)}
	f.process, err = startPython(s.interpreter, []byte(formatLauncher), nil, &lines{each: f.take}, peers, filepath.Join(peers, "examples", "peer.py"))
	if err != nil {
		t.Fatal(err)
	}
	f.endWith(t, "the second implementation")
	f.Do(t, "join", Told{"url": url, "realm": Realm, "serializer": serializer, "keys": keys})
	if told := f.Next(ctx, t); told["joined"] == nil {
		t.Fatalf("interop: the second implementation can't join: %v", told)
	}
	return f
}

func (f *Format) take(line []byte) {
	told := Told{}
	if err := parse(line, &told); err != nil {
		told = Told{"unreadable": string(line)}
	}
	f.told <- told
}

// Do writes a command, and returns its id.
func (f *Format) Do(t testing.TB, do string, command Told) json.Number {
	t.Helper()
	f.last++
	command["do"], command["id"] = do, f.last
	line, err := json.Marshal(command)
	if err == nil {
		_, err = f.stdin.Write(append(line, '\n'))
	}
	if err != nil {
		t.Fatalf("interop: a command to the second implementation: %v; its log:\n%s", err, f.Log())
	}
	return json.Number(fmt.Sprint(f.last))
}

// Next waits for the next line.
func (f *Format) Next(ctx context.Context, t testing.TB) Told {
	t.Helper()
	var err error
	select {
	case told := <-f.told:
		return told
	case <-f.exited:
		err = errors.New("it has ended")
	case <-ctx.Done():
		err = context.Cause(ctx)
	}
	t.Fatalf("interop: the second implementation says nothing: %v; its log:\n%s", err, f.Log())
	return nil
}
