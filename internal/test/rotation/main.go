// Command rotation is one of four processes that exchange events and calls all
// the time, under keys from a keyring file that changes while they run. Its tests
// rotate the keys of all four by one change a rotation, which each process gets once, and
// switch a plain system over to sealed, one process after the other. They count: no
// message may be lost, none refused.
//
//	rotation originator|responder|both NAME KEYRING ROUTER
//	rotation originator|responder|both NAME IDENTITY ROUTER AUTHORITY
//
// In the second form the keys come from a key service, and no file is followed.
//
// Originators and responders are two each, those that are both are four. It prints
// "serving", "ready" when all are, "key ID STATE" for each version that it has, whenever
// that is another state, "plaintext plain|send|accept|none" whenever that is another, and
// its [tally] as JSON, from time to time and at the end. SIGTERM ends it, with status 0 if
// nothing was lost, refused or wrong.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"maps"
	"os"
	"os/signal"
	"slices"
	"sync"
	"syscall"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/transport/serialize"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyservice"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keywatch"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// prefix is where payloads are sealed.
const prefix = "com.myapp.encrypted."

// tally counts messages.
type tally struct {
	Sealed, Opened, Refused uint64
	Plain                   uint64            // what handlers got in plain
	Sent                    uint64            // events that an originator published
	ByKey                   map[string]uint64 // what handlers got, by the key that it was sealed with
}

// worker is what such a process has.
type worker struct {
	name    string
	both    bool          // it has both roles, and plain messages are no fault
	pause   time.Duration // between a goroutine's calls, so that other tests run beside many rotations
	others  []string      // names of those who are called, and get the events
	session *transparency.Session
	ring    *keyring.Ring

	mu            sync.Mutex // guards what follows, and standard output
	sent, plain   uint64
	byKey         map[string]uint64
	said          map[string]keyring.State // of versions
	saidPlaintext string
}

func main() {
	log.SetFlags(0)
	role, name, file, router := os.Args[1], os.Args[2], os.Args[3], os.Args[4]
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	w := &worker{
		name: name, both: role == "both", others: responders,
		ring: keyring.New(), byKey: map[string]uint64{}, said: map[string]keyring.State{},
	}
	if w.both {
		w.others = slices.DeleteFunc(slices.Clone(peers), func(peer string) bool { return peer == name })
	}
	if len(os.Args) == 5 {
		w.follow(file)
	}
	var err error
	cfg := client.Config{Realm: "realm1", Serialization: serialize.MSGPACK, Logger: log.New(io.Discard, "", 0)}
	w.session, err = transparency.ConnectNet(ctx, router, cfg, w.ring,
		transparency.WithOnReject(func(err *transparency.Error) { log.Fatal("refused: ", err) }))
	if err != nil {
		log.Fatal(err)
	}
	if len(os.Args) > 5 {
		w.pause = 20 * time.Millisecond
		w.watch(file, os.Args[5])
	}
	w.sayKeys()
	go w.tallyEvery(250 * time.Millisecond)
	work := map[string]func(context.Context) error{"originator": w.originate, "responder": w.respond, "both": w.exchange}[role]
	if err := work(ctx); err != nil {
		log.Fatal(err)
	}
	w.sayTally()
	_ = w.session.Close() // all is counted
}

// follow has the ring as a file says. That goes on while what was sent before the signal is under
// way.
func (w *worker) follow(file string) {
	_, err := keywatch.Watch(context.Background(), file, w.ring, keywatch.OnChange(func(keyring.Changes) { w.sayKeys() }),
		keywatch.OnError(func(err error) { log.Fatal("the keyring file: ", err) }))
	if err != nil {
		log.Fatal(err)
	}
}

// watch has the ring as a key service says, as follow does.
func (w *worker) watch(identity, authority string) {
	me, err := keyservice.LoadIdentity(identity)
	if err != nil {
		log.Fatal(err)
	}
	pinned, err := cryptobox.ParseVerifyKey(authority)
	if err != nil {
		log.Fatal(err)
	}
	_, err = keyservice.Watch(context.Background(), w.session, w.ring, keyservice.Config{
		Identity: me, Authorities: []cryptobox.VerifyKey{pinned}, Every: time.Second,
		OnChange: func(keyring.Changes) { w.sayKeys() },
		OnError:  func(err error) { log.Fatal("the key service: ", err) },
	})
	if err != nil {
		log.Fatal(err)
	}
}

func (w *worker) say(format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	fmt.Printf(format+"\n", args...)
}

// sayKeys says what is new of the versions: what the file changed, and what the clock did.
func (w *worker) sayKeys() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for pattern := range w.ring.Patterns() {
		for _, v := range w.ring.Versions(pattern) {
			if w.said[v.ID] != v.State {
				fmt.Printf("key %s %s\n", v.ID, v.State)
			}
			w.said[v.ID] = v.State
		}
	}
	if now := w.plaintext(); now != w.saidPlaintext {
		fmt.Printf("plaintext %s\n", now)
		w.saidPlaintext = now
	}
}

// plaintext says what may be plain.
func (w *worker) plaintext() string {
	entry, err := w.ring.Lookup(prefix + "tick")
	if err != nil {
		log.Fatal(err)
	}
	plaintext, _, lasts := entry.Transition()
	switch {
	case entry.Plain():
		return "plain"
	case lasts:
		return plaintext.String()
	}
	return "none"
}

// tallyEvery ends the process, too, when the router is gone, and with it the test.
func (w *worker) tallyEvery(interval time.Duration) {
	for {
		select {
		case <-time.After(interval):
			w.sayKeys()
			w.sayTally()
		case <-w.session.Done():
			return
		}
	}
}

func (w *worker) sayTally() {
	text, err := json.Marshal(w.counted())
	if err != nil {
		log.Fatal(err)
	}
	w.say("%s", text)
}

// counted is what there was so far.
func (w *worker) counted() tally {
	stats := w.session.Stats()
	t := tally{Sealed: stats.Sealed, Opened: stats.Opened}
	for _, n := range stats.Rejected {
		t.Refused += n
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	t.Sent, t.Plain, t.ByKey = w.sent, w.plain, maps.Clone(w.byKey)
	return t
}
