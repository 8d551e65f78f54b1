package hostile

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"strconv"
	"testing"
	"time"

	"go.uber.org/goleak"
	"pgregory.net/rapid"
)

// heapBound is how much memory may be in use at the end of a conversation, in bytes.
const heapBound = 128 << 20

// batch is how many conversations have a seed.
const batch = 20

// TestHonest: without attacks, all that is sent arrives.
func TestHonest(t *testing.T) { converse(t, true, 2*time.Second) }

// TestHostile: under attacks, nothing arrives but what was sent, as it was sent.
func TestHostile(t *testing.T) { converse(t, false, 5*time.Second) }

// converse goes on with conversations for as long as WAMPBOX_HOSTILE says, or short.
func converse(t *testing.T, honest bool, short time.Duration) {
	long, isLong := os.LookupEnv("WAMPBOX_HOSTILE")
	duration := short
	if isLong {
		var err error
		if duration, err = time.ParseDuration(long); err != nil {
			t.Fatal(err)
		}
		if honest {
			duration /= 10
		}
	}
	figures.reset()
	defer figures.report(t)
	until := time.Now().Add(duration)
	property := func(rt *rapid.T) {
		if time.Now().After(until) && !replaying() {
			return
		}
		conversation(rt, honest)
	}
	if !given["rapid.steps"] { // a seed means something for one number of steps alone
		set(t, "rapid.steps", "15")
	}
	if replaying() {
		rapid.Check(t, property)
		return
	}
	set(t, "rapid.checks", strconv.Itoa(batch))
	for began := time.Now(); time.Now().Before(until); {
		seed := rand.Uint64()
		fmt.Fprintf(os.Stderr, "%s: %v, -rapid.seed=%d\n", t.Name(), time.Since(began).Round(time.Second), seed)
		set(t, "rapid.seed", strconv.FormatUint(seed, 10))
		rapid.Check(t, property)
		set(t, "rapid.seed", "0")
	}
}

// replaying reports whether somebody looks for a failure again.
func replaying() bool {
	for _, name := range []string{"rapid.seed", "rapid.failfile"} {
		if f := flag.Lookup(name); f != nil && f.Value.String() != f.DefValue {
			return given[name]
		}
	}
	return false
}

// given are the flags of the command line.
var given = map[string]bool{}

func TestMain(m *testing.M) {
	flag.Parse()
	flag.Visit(func(f *flag.Flag) { given[f.Name] = true })
	goleak.VerifyTestMain(m)
}

func set(t *testing.T, name, value string) {
	t.Helper()
	if err := flag.Set(name, value); err != nil {
		t.Fatal(err)
	}
}

// conversation is one, from connecting to closing.
func conversation(t *rapid.T, honest bool) {
	before := goleak.IgnoreCurrent()
	figures.runs.Add(1)
	w := begin(t, honest)
	finished := false
	defer func() {
		if !finished { // it failed, or rapid gave up on it
			w.end()
		}
	}()
	actions := map[string]func(*rapid.T){
		"publish": w.publish, "publish more": w.publish, "call": w.calls, "call more": w.calls, "call again": w.calls,
		"cancel": w.cancels, "reconnect": w.reconnects, "toggle": w.toggles, "": w.settled,
	}
	if !honest {
		actions["replay"], actions["replay more"], actions["invent"] = w.replays, w.replays, w.invents
		actions["steal"], actions["echo"], actions["return"] = w.steals, w.echoes, w.returns
		actions["absent"] = w.absents
		if !w.foreign() && w.sealing.signed() {
			actions["remove"] = w.removes
		}
		actions["release"] = func(*rapid.T) { w.adversary.rest(true) }
	}
	if !w.secret.IsZero() {
		actions["scramble"] = w.scrambles
	}
	if w.maxAge == shortAge {
		actions["pause"] = w.pauses
	}
	t.Repeat(actions)
	w.adversary.rest(true)
	w.barrier(nil)
	w.end()
	finished = true
	if err := goleak.Find(before); err != nil {
		w.ledger.violated("%v", err)
	}
	var heap runtime.MemStats
	if runtime.ReadMemStats(&heap); heap.HeapAlloc > heapBound {
		runtime.GC()
		if runtime.ReadMemStats(&heap); heap.HeapAlloc > heapBound {
			w.ledger.violated("%d bytes are in use at the end", heap.HeapAlloc)
		}
	}
	figures.heap(heap.HeapAlloc)
	w.ledger.check()
}

// settled ends a step: Sessions that were ended begin anew, and nothing wrong was seen.
func (w *world) settled(*rapid.T) {
	figures.steps.Add(1)
	w.adversary.rest(false)
	for _, a := range w.actors {
		if !a.life.session.Connected() {
			if w.honest {
				w.ledger.violated("%v has lost its connection", a.life)
			}
			w.renew(a, true)
		}
	}
	w.ledger.check()
}
