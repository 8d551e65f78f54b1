// Rotation is a program whose keys are changed while it runs. Make keys with wampbox
// and start it, with the folder:
//
//	wampbox init -dir keys -pattern com.myapp.encrypted. -match prefix
//	go run ./examples/rotation -dir keys
//
// Once a second it publishes an event, and prints the id of the key that the event
// came under. Now rotate the keys in another terminal, and see what the program says:
//
//	wampbox rotate -dir keys                      # prints the id of the NEW key, which all can open now
//	wampbox activate -dir keys -id NEW            # all seal with it
//	wampbox retire -dir keys -id OLD -after 1m    # until then, what is under way still opens
//	wampbox revoke -dir keys -id OLD              # after that: takes the old key out of the files
//
// Both ends are here in one process, each with its own keyring file. Where they are
// on several machines, take each step on all of them before the next one.
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
	dir := flag.String("dir", "keys", "the `FOLDER` of originator.json and responder.json, as wampbox init makes them")
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
// The session needs nothing else: its next message goes by the new keys.
func connect(ctx context.Context, r router.Router, role, dir string) (*transparency.Session, error) {
	ring := keyring.New()
	_, err := keywatch.Watch(ctx, filepath.Join(dir, role+".json"), ring,
		keywatch.OnChange(func() { printKeys(role, ring) }),
		keywatch.OnError(func(err error) { log.Printf("%s: the keys stay as they were: %v", role, err) }))
	if err != nil {
		return nil, err
	}
	printKeys(role, ring)
	return transparency.ConnectLocal(r, client.Config{Realm: realm, Logger: log.Default()}, ring,
		transparency.WithEncryptionRequired()) // a file without the key must not lead to plain events
}

// printKeys prints which versions of the key there are: the active one seals, the
// pending and retired ones open.
func printKeys(role string, ring *keyring.Ring) {
	for _, v := range ring.Versions(keyring.Prefix(prefix)) {
		log.Printf("%s: key %s is %s", role, v.ID, v.State)
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
