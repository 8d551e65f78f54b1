package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/proc"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/testrouter"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

func TestMain(m *testing.M) { os.Exit(proc.Main(m).Run()) }

const (
	enough      = 100_000 // messages have to be sealed at least
	rotations   = 3
	activate    = 6 * time.Second // from the change on, until which all processes have to have it
	retireAfter = 5 * time.Second // from then on, how long the old key opens; a real system takes days
)

var pattern = keyring.Prefix(prefix)

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
	ids       []string  // of the keys in their order; the last one seals
	since     time.Time // when it began to; zero: always
}

// TestRotation: three rotations of a running system, each of which is one change of the
// files that four processes follow, lose and refuse nothing.
func TestRotation(t *testing.T) {
	r := &rotation{t: t, began: time.Now(), keys: t.TempDir()}
	first := r.create()
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
	for _, old := range r.ids[:rotations] {
		r.await(old, "expired")
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

// rotate adds the next key and a date for the old one, and hands that out. Everything
// else the processes do by their clocks, at slightly different times.
func (r *rotation) rotate() {
	r.t.Helper()
	old := r.ids[len(r.ids)-1]
	from := time.Now().Add(activate)
	sides, next := version(keyring.Dates{ActiveFrom: from})
	r.update(func(role string, f *keyfile.File) error {
		return errors.Join(f.Add(pattern, sides[role]), f.SetDates(pattern, old, keyring.Dates{ActiveFrom: r.since, NotAfter: from.Add(retireAfter)}))
	})
	for _, p := range r.processes {
		r.deliver(p.role, p.keyring)
		p.AwaitLine("key "+next+" pending", 1)
	}
	require.True(r.t, time.Now().Before(from), "it took too long to hand the files out")
	r.say("all have the key %s", next)
	r.await(next, "active")
	r.await(old, "retired")
	r.ids, r.since = append(r.ids, next), from
	for deadline := time.Now().Add(proc.Patience); r.total().ByKey[next] == 0; time.Sleep(100 * time.Millisecond) {
		require.True(r.t, time.Now().Before(deadline), "nothing comes under the new key")
	}
}

// await waits until all processes have a version in a state.
func (r *rotation) await(id, state string) {
	r.t.Helper()
	for _, p := range r.processes {
		p.AwaitLine("key "+id+" "+state, 1)
	}
	r.say("the key %s is %s", id, state)
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
	t.Plain += one.Plain
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
