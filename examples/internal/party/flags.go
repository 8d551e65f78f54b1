package party

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"net/url"
	"os"
	"slices"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/transport/serialize"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// Flags is the command line of one program: the flags of both, and those that
// the program adds.
type Flags struct {
	*flag.FlagSet
	about  string
	sample Sample

	router, realm, serializer, framing string
	keyFile, peerKey, keyring          string
	printPublicKey                     bool
}

// NewFlags makes the flags of the program. about is what -h says of it, sample
// the keys to use where the user gives none.
func NewFlags(program, about string, sample Sample) *Flags {
	f := &Flags{
		FlagSet: flag.NewFlagSet(program, flag.ContinueOnError),
		about:   about,
		sample:  sample,
	}
	f.SetOutput(io.Discard) // Parse says what is wrong, in one line
	f.StringVar(&f.router, "router", "ws://127.0.0.1:8080/ws", "`URL` of the WAMP router: ws://, wss://, tcp://, tcps:// or unix://")
	f.StringVar(&f.realm, "realm", "realm1", "WAMP `REALM` to join, the same at both ends")
	f.StringVar(&f.serializer, "serializer", "json", "serializer of the WAMP session; `NAME` is json, msgpack or cbor, and the ends may differ")
	f.StringVar(&f.framing, "framing", transparency.EncArgument.String(), "how encrypted payloads travel, the same at both ends; `NAME` is enc, for any router, native, for Crossbar.io and Autobahn, or ppt, for nexus's router")
	f.StringVar(&f.keyring, "keyring", "", "take the keys from the keyring `FILE`, as wampbox init makes it, and follow its changes; in place of -key-file and -peer-key")
	f.StringVar(&f.keyFile, "key-file", "", "read this end's private key, base64 or hex, from `FILE`; goes before "+PrivateKeyVariable)
	f.StringVar(&f.peerKey, "peer-key", "", "the other end's public key; `TEXT` is base64 or hex")
	f.BoolVar(&f.printPublicKey, "print-public-key", false, "print the public key that belongs to the private key, for the other end's -peer-key, and exit")
	return f
}

// Parse reads the arguments. As usual for a command line it ends the program
// with 0 after -h and with 2 where the arguments can't be used.
func (f *Flags) Parse(args []string) *Settings {
	err := f.FlagSet.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		f.help(os.Stdout)
		os.Exit(0)
	case err != nil:
		f.Reject(err)
	case f.NArg() > 0:
		// Not repeated here: it might be a key.
		f.Reject(errors.New("there is an argument that belongs to no flag"))
	case f.printPublicKey:
		key, err := f.publicKey()
		if err != nil {
			f.Reject(err)
		}
		fmt.Println(key)
		os.Exit(0)
	}
	settings, err := f.settings()
	if err != nil {
		f.Reject(err)
	}
	return settings
}

// Reject ends the program because of how it was called.
func (f *Flags) Reject(err error) {
	fmt.Fprintf(os.Stderr, "%s: %v\n%s: -h prints how to use this program\n", f.Name(), err, f.Name())
	os.Exit(usageError)
}

// given reports whether the flag was set, be it to an empty text.
func (f *Flags) given(name string) bool {
	found := false
	f.Visit(func(set *flag.Flag) { found = found || set.Name == name })
	return found
}

func (f *Flags) settings() (*Settings, error) {
	router, err := parseRouter(f.router)
	if err != nil {
		return nil, err
	}
	serialization, err := parseSerialization(f.serializer)
	if err != nil {
		return nil, err
	}
	framing, err := transparency.ParseFraming(f.framing)
	if err != nil {
		return nil, fmt.Errorf("-framing: %w", err)
	}
	settings := &Settings{
		Program:       f.Name(),
		Router:        router,
		Realm:         f.realm,
		Serialization: serialization,
		Framing:       framing,
		Keyring:       f.keyring,
	}
	if f.given("keyring") {
		return settings, f.checkKeyring()
	}
	settings.PrivateKey, settings.PeerKey, err = f.keys()
	return settings, err
}

// checkKeyring refuses a second source of keys: nobody should have to wonder which
// of them counts.
func (f *Flags) checkKeyring() error {
	_, variable := os.LookupEnv(PrivateKeyVariable)
	switch {
	case f.keyring == "":
		return errors.New("-keyring: give the path of a keyring file")
	case f.given("key-file") || f.given("peer-key") || variable:
		return errors.New("-keyring already has all keys: leave out -key-file, -peer-key and " + PrivateKeyVariable)
	}
	return nil
}

func parseRouter(text string) (*url.URL, error) {
	schemes := []string{"ws", "wss", "http", "https", "tcp", "tcps", "unix"}
	router, err := url.Parse(text)
	if err != nil || !slices.Contains(schemes, router.Scheme) || router.Host+router.Path == "" {
		return nil, errors.New("-router: give a URL such as ws://127.0.0.1:8080/ws or tcp://127.0.0.1:8081")
	}
	return router, nil
}

func parseSerialization(name string) (serialize.Serialization, error) {
	switch name {
	case "json":
		return client.JSON, nil
	case "msgpack":
		return client.MSGPACK, nil
	case "cbor":
		return client.CBOR, nil
	}
	return 0, fmt.Errorf("-serializer: %q is none; use json, msgpack or cbor", name)
}
