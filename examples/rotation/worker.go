package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/transport/serialize"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keywatch"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// prefix is where payloads are sealed.
const prefix = "com.myapp.encrypted."

// line is what a process says on its standard output, one JSON object a line. Its
// standard input tells it to stop: a line "stop" for the end of sending, the end of the input
// for the end of the process.
type line struct {
	// Keys are the versions that it has now: id and state.
	Keys map[string]string `json:"keys,omitempty"`
	// Ready: it can be called, or it sends.
	Ready bool `json:"ready,omitempty"`
	// Tally, from time to time, and at the end.
	Tally *tally `json:"tally,omitempty"`
	// Failed is what went wrong: a message lost, refused, or wrong.
	Failed string `json:"failed,omitempty"`
	// Stopped: it sends no more.
	Stopped bool `json:"stopped,omitempty"`
}

// tally counts messages.
type tally struct {
	Sealed  uint64 `json:"sealed"`
	Opened  uint64 `json:"opened"`
	Refused uint64 `json:"refused"`
	// Sent are the events that an originator published.
	Sent uint64 `json:"sent"`
	// ByKey counts what handlers got, by the key that it was sealed with.
	ByKey map[string]uint64 `json:"byKey,omitempty"`
}

// worker is one process of the four.
type worker struct {
	options
	session *transparency.Session
	ring    *keyring.Ring

	mu    sync.Mutex // guards what follows, and standard output
	sent  uint64
	byKey map[string]uint64
	out   *json.Encoder
}

// work is all that such a process does.
func work(ctx context.Context, o options) error {
	w := &worker{options: o, ring: keyring.New(), byKey: map[string]uint64{}, out: json.NewEncoder(os.Stdout)}
	watcher, err := keywatch.Watch(ctx, o.keyring, w.ring, keywatch.OnChange(w.sayKeys),
		keywatch.OnError(func(err error) { w.fail("the keyring file: %v", err) }))
	if err != nil {
		return err
	}
	defer watcher.Close()
	w.sayKeys()
	cfg := client.Config{Realm: "realm1", Serialization: serialize.MSGPACK, Logger: log.New(io.Discard, "", 0)}
	w.session, err = transparency.ConnectNet(ctx, o.router, cfg, w.ring,
		transparency.WithOnReject(func(err *transparency.Error) { w.fail("refused: %v", err) }))
	if err != nil {
		return err
	}
	defer func() { _ = w.session.Close() }()
	sending, stopSending := context.WithCancel(ctx)
	ended, end := context.WithCancel(ctx)
	go w.obey(stopSending, end)
	go w.tallyEvery(ended, 100*time.Millisecond)
	role := map[string]func(context.Context) error{"originator": w.originate, "responder": w.respond}[o.worker]
	if role == nil {
		return errors.New("-worker: originator or responder")
	}
	if err := role(sending); err != nil {
		w.fail("%v", err)
	}
	w.say(line{Stopped: true})
	<-ended.Done()
	w.sayTally()
	return nil
}

// obey does what the standard input says.
func (w *worker) obey(stopSending, end context.CancelFunc) {
	defer end()
	defer stopSending()
	for in := bufio.NewScanner(os.Stdin); in.Scan(); {
		if strings.TrimSpace(in.Text()) == "stop" {
			stopSending()
		}
	}
}

func (w *worker) say(l line) {
	w.mu.Lock()
	defer w.mu.Unlock()
	_ = w.out.Encode(l) // who doesn't listen any more has ended
}

func (w *worker) fail(format string, args ...any) { w.say(line{Failed: fmt.Sprintf(format, args...)}) }

func (w *worker) sayKeys() {
	keys := map[string]string{}
	for _, v := range w.ring.Versions(prefix, keyring.Prefix) {
		keys[v.ID] = v.State.String()
	}
	w.say(line{Keys: keys})
}

func (w *worker) tallyEvery(ctx context.Context, interval time.Duration) {
	ticks := time.NewTicker(interval)
	defer ticks.Stop()
	for {
		select {
		case <-ticks.C:
			w.sayTally()
		case <-ctx.Done():
			return
		}
	}
}

func (w *worker) sayTally() {
	stats := w.session.Stats()
	t := &tally{Sealed: stats.Sealed, Opened: stats.Opened}
	for _, n := range stats.Rejected {
		t.Refused += n
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	t.Sent, t.ByKey = w.sent, w.byKey
	_ = w.out.Encode(line{Tally: t})
}
