package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/transport/serialize"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keywatch"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

const (
	// prefix is what the topics, procedures and errors begin with whose payloads are
	// encrypted.
	prefix = "com.myapp.encrypted."
	// plainPrefix is what the others begin with, whose payloads are not. What begins with
	// neither is closed: it is neither sent nor taken.
	plainPrefix = "com.myapp."
)

// The keys that Crossbar.io's own example is published with.
const (
	samplePrivate = "ss1v3Nbg65NGGzz8fno17hUCS669pIvPKd3T40oWkEE=" // the responder's
	samplePeer    = "GTtQ37XGJO2O4R8Dvx4AUo8pe61D9evIWpKGQAPdOh0=" // the originator's public key
)

const aboutKeys = `
Keys: without -keyring, the published sample keys are used, which protect nothing.
The tool makes files for both ends, and changes them while the programs run:

  wampbox init -dir keys com.myapp.encrypted.
  responder -keyring keys/responder.json

Exit status: 0 success, 1 failure, 2 unusable flags.
`

// options are what the flags say.
type options struct {
	router, realm, keyring string
	serialization          serialize.Serialization
	dialect                cryptobox.Dialect // of the sample keys; of others the file says it
}

func parseFlags() options {
	o, named := options{serialization: client.JSON}, false
	flag.StringVar(&o.router, "router", "ws://127.0.0.1:8080/ws", "`URL` of the WAMP router: ws://, wss://, tcp://, tcps:// or unix://")
	flag.StringVar(&o.realm, "realm", "realm1", "WAMP `REALM` to join, the same at both ends")
	flag.Func("serializer", "serializer of the session; `NAME` is json, msgpack or cbor, and the ends may differ (default json)", func(name string) error {
		serialization, ok := map[string]serialize.Serialization{"json": client.JSON, "msgpack": client.MSGPACK, "cbor": client.CBOR}[name]
		if !ok {
			return errors.New("use json, msgpack or cbor")
		}
		o.serialization = serialization
		return nil
	})
	flag.Func("dialect", "who is at the other end, for the sample keys (a keyring file says it itself); `NAME` is wampbox, for any router, autobahn, for Crossbar.io and Autobahn, or passthru, for nexus's router (default wampbox)", func(name string) (err error) {
		o.dialect, err = cryptobox.ParseDialect(name)
		named = true
		return err
	})
	flag.Func("keyring", "take the keys from the keyring `FILE`, as wampbox init makes it, and follow its changes", func(path string) error {
		if path == "" { // as an unset shell variable makes it: that must not lead to the sample keys
			return errors.New("give the path of a keyring file")
		}
		o.keyring = path
		return nil
	})
	flag.Usage = func() {
		fmt.Fprint(os.Stderr, about, "\nFlags:\n")
		flag.PrintDefaults()
		fmt.Fprint(os.Stderr, aboutKeys)
	}
	flag.Parse()
	if named && o.keyring != "" {
		log.Print("-dialect is for the sample keys: of other keys the keyring file says it; wampbox init -for makes one")
		os.Exit(2)
	}
	if flag.NArg() > 0 {
		log.Print("an argument belongs to no flag; -h prints how to use this program")
		os.Exit(2)
	}
	return o
}

// connect joins the realm with a session that encrypts what is under prefix.
func connect(ctx context.Context, o options) (*transparency.Session, error) {
	ring, err := openRing(ctx, o)
	if err != nil {
		return nil, err
	}
	joining, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	cfg := client.Config{Realm: o.realm, Serialization: o.serialization, Logger: log.Default()}
	session, err := transparency.ConnectNet(joining, o.router, cfg, ring)
	if err != nil {
		return nil, fmt.Errorf("can't join %q: %w; check -router and -realm", o.realm, err)
	}
	return session, nil
}

// openRing returns a ring that has a key for prefix, and has the rest under plainPrefix
// plain.
func openRing(ctx context.Context, o options) (*keyring.Ring, error) {
	ring := keyring.New()
	if o.keyring == "" {
		if err := setSampleKey(ring, o.dialect); err != nil {
			return nil, err
		}
	} else if err := followFile(ctx, o.keyring, ring); err != nil {
		return nil, err
	}
	if _, err := ring.Lookup(plainPrefix + "hello"); err == nil {
		return ring, nil // the file says what that is
	}
	return ring, ring.SetPlain(keyring.Prefix(plainPrefix))
}

// followFile keeps the ring as the keyring file is, until ctx ends. The file has to have
// the key: without it, what is declared plain would take in all under prefix.
func followFile(ctx context.Context, path string, ring *keyring.Ring) error {
	_, err := keywatch.Watch(ctx, path, ring, keywatch.OnChange(logChanges),
		keywatch.OnError(func(err error) { log.Printf("the keys stay as they were: %v", err) }))
	if err != nil {
		return err
	}
	if ring.Versions(keyring.Prefix(prefix)) == nil {
		return fmt.Errorf("%s has no key for %s: make one with wampbox init %[2]s", path, prefix)
	}
	return nil
}

// logChanges tells of a changed file. A pattern that it no longer has stays closed.
func logChanges(changes keyring.Changes) {
	log.Print("the keyring has changed")
	for _, pattern := range changes.Closed {
		log.Printf("nothing is sent or taken for %v any more", pattern)
	}
}

// setSampleKey sets the key of Crossbar.io's example: a responder holds its own
// private key and the originator's public key.
func setSampleKey(ring *keyring.Ring, dialect cryptobox.Dialect) error {
	log.Print("WARNING: these are the PUBLISHED SAMPLE KEYS. Anyone can read and forge what they seal. Make own ones: see -h.")
	private, err := cryptobox.ParsePrivateKey(samplePrivate)
	if err != nil {
		return err
	}
	peer, err := cryptobox.ParsePublicKey(samplePeer)
	if err != nil {
		return err
	}
	key := keyring.Responder(private, peer)
	switch dialect {
	case cryptobox.Autobahn:
		key = key.ForAutobahn()
	case cryptobox.Passthru:
		key = key.ForPassthru("sample")
	}
	return ring.Set(keyring.Prefix(prefix), key)
}
