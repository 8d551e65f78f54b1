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

// prefix is what the topics, procedures and errors begin with whose payloads are
// encrypted. All others are plain.
const prefix = "com.myapp.encrypted."

// The keys that Crossbar.io's own example is published with.
const (
	samplePrivate = "ss1v3Nbg65NGGzz8fno17hUCS669pIvPKd3T40oWkEE=" // the responder's
	samplePeer    = "GTtQ37XGJO2O4R8Dvx4AUo8pe61D9evIWpKGQAPdOh0=" // the originator's public key
)

const aboutKeys = `
Keys: without -keyring, the published sample keys are used, which protect nothing.
The tool makes files for both ends, and changes them while the programs run:

  wampbox init -dir keys -pattern com.myapp.encrypted. -match prefix
  responder -keyring keys/responder.json

Exit status: 0 success, 1 failure, 2 unusable flags.
`

// options are what the flags say.
type options struct {
	router, realm, keyring string
	serialization          serialize.Serialization
	framing                transparency.Framing
}

func parseFlags() options {
	o := options{serialization: client.JSON, framing: transparency.EncArgument}
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
	flag.Func("framing", "how encrypted payloads travel, the same at both ends; `NAME` is enc, for any router, native, for Crossbar.io and Autobahn, or ppt, for nexus's router (default enc)", func(name string) (err error) {
		o.framing, err = transparency.ParseFraming(name)
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
	if flag.NArg() > 0 {
		log.Print("an argument belongs to no flag; -h prints how to use this program")
		os.Exit(2)
	}
	return o
}

// connect joins the realm with a session that encrypts everything under prefix.
func connect(ctx context.Context, o options) (*transparency.Session, error) {
	ring, err := openRing(ctx, o)
	if err != nil {
		return nil, err
	}
	joining, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	cfg := client.Config{Realm: o.realm, Serialization: o.serialization, Logger: log.Default()}
	session, err := transparency.ConnectNet(joining, o.router, cfg, ring, transparency.WithFraming(o.framing))
	if err != nil {
		return nil, fmt.Errorf("can't join %q: %w; check -router and -realm", o.realm, err)
	}
	return session, nil
}

// openRing returns a ring that follows the keyring file until ctx ends, or one with
// the sample keys.
func openRing(ctx context.Context, o options) (*keyring.Ring, error) {
	ring := keyring.New()
	if o.keyring == "" {
		return ring, setSampleKey(ring, o.framing)
	}
	_, err := keywatch.Watch(ctx, o.keyring, ring,
		keywatch.OnChange(func() { log.Print("the keyring has changed") }),
		keywatch.OnError(func(err error) { log.Printf("the keys stay as they were: %v", err) }))
	if err != nil {
		return nil, err
	}
	if _, keyed := ring.Lookup(prefix + "hello"); !keyed {
		return nil, fmt.Errorf("%s has no key for %s: make one with wampbox init -pattern %[2]s -match prefix", o.keyring, prefix)
	}
	return ring, nil
}

// setSampleKey sets the key of Crossbar.io's example: a responder holds its own
// private key and the originator's public key.
func setSampleKey(ring *keyring.Ring, framing transparency.Framing) error {
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
	if framing == transparency.Native {
		key = key.AllowUnbound() // the other end may be Autobahn, which binds nothing
	}
	return ring.Set(keyring.Prefix(prefix), key)
}
