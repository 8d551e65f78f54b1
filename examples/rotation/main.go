// Rotation is a program whose keys are changed while it runs. Make keys with wampbox
// and start it, with the folder:
//
//	wampbox init -dir keys com.myapp.encrypted.
//	go run ./examples/rotation -dir keys
//
// Once a second it publishes an event, and prints the id of the key that the event
// came under. Now rotate the keys in another terminal, and see what the program says:
//
//	wampbox rotate com.myapp.encrypted. keys/*.json -activate 20s -retire 1m
//
// That is all. Both ends can open with the new key at once, seal with it 20 seconds later,
// each by its own clock, and open with the old one for another minute. On several machines,
// where that takes hours and days, hand the files out before the first date, in any order:
// nothing has to be done at the same time. If somebody else has got hold of a key, revoke it
// instead. That takes effect at once:
//
//	wampbox revoke ID keys/*.json
//
// Both ends are here in one process, each with its own keyring file.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/router"
	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keywatch"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

const (
	realm  = "realm1"
	prefix = "com.myapp.encrypted."
	topic  = prefix + "tick"
)

func main() {
	log.SetFlags(0)
	dir := flag.String("dir", "keys", "the `FOLDER` of originator.json and responder.json, with a key for "+prefix+", as wampbox init -dir FOLDER "+prefix+" makes them")
	every := flag.Duration("every", time.Second, "the `TIME` between events")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *dir, *every); err != nil {
		log.Fatal("rotation: ", err)
	}
}

func run(ctx context.Context, dir string, every time.Duration) error {
	config := &router.Config{RealmConfigs: []*router.RealmConfig{{URI: realm, AnonymousAuth: true}}}
	r, err := router.NewRouter(config, log.Default())
	if err != nil {
		return err
	}
	defer r.Close()

	originator, err := connect(ctx, r, "originator", dir)
	if err != nil {
		return err
	}
	defer func() { _ = originator.Close() }()
	responder, err := connect(ctx, r, "responder", dir)
	if err != nil {
		return err
	}
	defer func() { _ = responder.Close() }()

	if err := responder.Subscribe(topic, printEvent, nil); err != nil {
		return err
	}
	return publish(ctx, originator, every)
}

// connect joins with a keyring that is as the role's file says, whenever that changes.
// The session needs nothing else: its next message goes by the new keys. What the file
// doesn't speak of is closed, so that one without the key doesn't lead to plain events.
func connect(ctx context.Context, r router.Router, role, dir string) (*transparency.Session, error) {
	ring := keyring.New()
	_, err := keywatch.Watch(ctx, filepath.Join(dir, role+".json"), ring,
		keywatch.OnChange(func(keyring.Changes) { printKeys(role, ring) }),
		keywatch.OnError(func(err error) { log.Printf("%s: the keys stay as they were: %v", role, err) }))
	if err != nil {
		return nil, err
	}
	if _, err := ring.Lookup(topic); err != nil {
		return nil, fmt.Errorf("%s.json: %w; wampbox init -dir FOLDER %s makes files that fit", filepath.Join(dir, role), err, prefix)
	}
	printKeys(role, ring)
	return transparency.ConnectLocal(r, client.Config{Realm: realm, Logger: log.Default()}, ring)
}

// printKeys prints which versions of the key there are. The active one seals; it, pending
// and retired ones open.
func printKeys(role string, ring *keyring.Ring) {
	for _, v := range ring.Versions(keyring.Prefix(prefix)) {
		line := fmt.Sprintf("%s: key %s is %s", role, v.ID, v.State)
		if v.State == keyring.StatePending {
			line += ", seals from " + v.Dates.ActiveFrom.Format(time.RFC3339)
		}
		if !v.Dates.NotAfter.IsZero() {
			line += ", opens until " + v.Dates.NotAfter.Format(time.RFC3339)
		}
		log.Print(line)
	}
}

func publish(ctx context.Context, session *transparency.Session, every time.Duration) error {
	ticks := time.NewTicker(every)
	defer ticks.Stop()
	for n := 1; ; n++ {
		if err := session.Publish(topic, nil, wamp.List{n}, nil); err != nil {
			return err
		}
		select {
		case <-ticks.C:
		case <-ctx.Done():
			return nil
		}
	}
}

func printEvent(event *wamp.Event) {
	info, _ := transparency.InfoFrom(event.Details) // what came sealed has one
	fmt.Printf("event %v under key %s\n", event.Arguments[0], info.KeyID)
}
