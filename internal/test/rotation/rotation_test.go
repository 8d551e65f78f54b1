package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/proc"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/testrouter"
)

func TestMain(m *testing.M) { os.Exit(proc.Main(m).Run()) }

const (
	enough      = 100_000 // messages have to be sealed at least
	rotations   = 3
	retireAfter = 5 * time.Second // how long an old key opens; a real system takes days
)

// process is a worker with the keyring file that it follows.
type process struct {
	*proc.Process
	role, keyring string
}

// rotation is four processes, and the folder with the keys that they are to have.
type rotation struct {
	t         *testing.T
	began     time.Time
	keys      string
	processes []process
	ids       []string // of the keys in their order; the last one is active
}

// TestRotation: three rotations of a running system, by the tool, with files that
// four processes follow, lose and refuse nothing.
func TestRotation(t *testing.T) {
	r := &rotation{t: t, began: time.Now(), keys: filepath.Join(t.TempDir(), "keys")}
	first := r.wampbox("init", "-pattern", prefix, "-match", "prefix")
	router := testrouter.Start(t, "realm1")
	for _, role := range []string{"responder", "originator"} { // those who are called come first
		for _, name := range responders {
			r.start(role, name, router.RawSocketURL())
		}
	}
	r.ids = []string{first}
	for range rotations {
		r.rotate()
	}
	for deadline := time.Now().Add(5 * time.Minute); r.total().Sealed < enough; time.Sleep(100 * time.Millisecond) {
		require.True(t, time.Now().Before(deadline), "too slow: %+v", r.total())
	}
	// Those who send wait for the last answer and event before they end.
	for _, role := range []string{"originator", "responder"} {
		for _, p := range r.of(role) {
			p.Signal(syscall.SIGTERM)
		}
		for _, p := range r.of(role) {
			require.Zero(t, p.Wait(), p.Stderr())
			require.Empty(t, p.Stderr())
		}
	}
	all := r.total()
	r.say("%+v", all)
	require.GreaterOrEqual(t, all.Sealed, uint64(enough))
	require.Len(t, r.ids, rotations+1)
	require.NoError(t, all.check(r.ids))
}

func (r *rotation) start(role, name, router string) {
	r.t.Helper()
	file := filepath.Join(r.t.TempDir(), "keyring.json")
	r.deliver(role, file)
	p := process{proc.Start(r.t, "internal/test/rotation", role, name, file, router), role, file}
	p.AwaitLine("ready", 1)
	r.processes = append(r.processes, p)
}

// rotate makes the next key, has all open it, then seal with it, and then lets the
// old one end. In each step some processes are behind the others for a while.
func (r *rotation) rotate() {
	r.t.Helper()
	old := r.ids[len(r.ids)-1]
	next := r.wampbox("rotate")
	r.rollOut(next, "pending")
	r.wampbox("activate", "-id", next)
	r.rollOut(next, "active")
	r.ids = append(r.ids, next)
	time.Sleep(time.Second)
	r.wampbox("retire", "-id", old, "-after", retireAfter.String())
	r.rollOut(old, "retired")
}

// rollOut gives each process the present file of its role, one after the other, and
// waits until they have a version in a state.
func (r *rotation) rollOut(id, state string) {
	r.t.Helper()
	for _, p := range r.processes {
		r.deliver(p.role, p.keyring)
		p.AwaitLine("key "+id+" "+state, 1)
	}
	r.say("all have the key %s: %s", id, state)
}

// deliver puts a role's file in place in one step.
func (r *rotation) deliver(role, path string) {
	r.t.Helper()
	data, err := os.ReadFile(filepath.Join(r.keys, role+".json"))
	require.NoError(r.t, err)
	require.NoError(r.t, os.WriteFile(path+".new", data, 0o600))
	require.NoError(r.t, os.Rename(path+".new", path))
}

// wampbox runs the tool, and returns the one word that it prints.
func (r *rotation) wampbox(command string, args ...string) string {
	r.t.Helper()
	tool := exec.Command(proc.Build(r.t, "cmd/wampbox"), append([]string{command, "-dir", r.keys}, args...)...)
	var stderr strings.Builder
	tool.Stderr = &stderr
	out, err := tool.Output()
	require.NoError(r.t, err, stderr.String())
	r.say("$ wampbox %s %s", command, strings.Join(args, " "))
	return strings.TrimSpace(string(out))
}

func (r *rotation) of(role string) (list []process) {
	for _, p := range r.processes {
		if p.role == role {
			list = append(list, p)
		}
	}
	return list
}

// total sums up what all processes said last.
func (r *rotation) total() tally {
	r.t.Helper()
	all := tally{ByKey: map[string]uint64{}}
	for _, p := range r.processes {
		var last tally
		for line := range strings.Lines(p.Stdout()) {
			if strings.HasPrefix(line, "{") && strings.HasSuffix(line, "\n") {
				last = tally{}
				require.NoError(r.t, json.Unmarshal([]byte(line), &last))
			}
		}
		all.add(last)
	}
	return all
}

func (t *tally) add(one tally) {
	t.Sealed += one.Sealed
	t.Opened += one.Opened
	t.Refused += one.Refused
	t.Sent += one.Sent
	for id, n := range one.ByKey {
		t.ByKey[id] += n
	}
}

// check tells whether nothing was lost or refused, and every key used.
func (t *tally) check(ids []string) error {
	// Each event is opened by both responders, everything else once.
	if expected := t.Sealed + t.Sent; t.Refused > 0 || t.Opened != expected {
		return fmt.Errorf("messages were lost or refused: %d opened of %d, %d refused", t.Opened, expected, t.Refused)
	}
	for _, id := range ids {
		if t.ByKey[id] == 0 {
			return fmt.Errorf("the key %s wasn't used", id)
		}
	}
	if len(t.ByKey) != len(ids) {
		return errors.New("a key was used that isn't there")
	}
	return nil
}

func (r *rotation) say(format string, args ...any) {
	r.t.Logf("%6.2fs %8d sealed  %s", time.Since(r.began).Seconds(), r.total().Sealed, fmt.Sprintf(format, args...))
}
