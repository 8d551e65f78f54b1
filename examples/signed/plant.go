package main

import (
	"fmt"
	"io"
	"log"
	"slices"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/router"
	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

const (
	realm  = "realm1"
	prefix = "com.myapp.plant."

	temperature = prefix + "temperature" // readings, all the time
	alarm       = prefix + "alarm"       // what is worth a forgery
	state       = prefix + "state"       // any caller may ask for it
	openValve   = prefix + "open_valve"  // only the office may have that done
	calibrate   = prefix + "calibrate"   // the valves serve it, until they are away for a moment
	survey      = prefix + "survey"      // takes its time
)

// The parties, in the order of the table.
const (
	north, south, east    = "north", "south", "east"    // sensors
	archive, display      = "archive", "display"        // subscribers
	office, guest, leaver = "office", "guest", "leaver" // callers
	valves, stranger      = "valves", "stranger"        // a service; who has no key
)

var (
	pattern     = keyring.Prefix(prefix)
	sensors     = []string{north, south, east}
	subscribers = []string{archive, display}
	callers     = []string{office, guest, leaver}
)

// plant is a router with the parties. Here one program has the keys of all. In life each
// party makes its signing key itself, and hands out the public half alone; those who read
// share the reading key.
type plant struct {
	suite  cryptobox.Suite
	once   bool
	router router.Router
	read   cryptobox.ReadingKey
	sign   map[string]cryptobox.SigningKey
	// The box that all had before they went over to signed keys.
	boxOriginator, boxResponder cryptobox.PrivateKey

	parties map[string]*party
	closers []func() // in the order in which things were started
}

// party is one program at the router.
type party struct {
	ring     *keyring.Ring
	session  *transparency.Session
	readings *readings                // at subscribers
	refused  chan *transparency.Error // what it refused, but for readings
}

func newPlant(suite cryptobox.Suite, once bool) (*plant, error) {
	read, err := cryptobox.GenerateReadingKey(suite)
	if err != nil {
		return nil, err
	}
	p := &plant{
		suite: suite, once: once, read: read, sign: map[string]cryptobox.SigningKey{}, parties: map[string]*party{},
		boxOriginator: cryptobox.GenerateKey(), boxResponder: cryptobox.GenerateKey(),
	}
	for _, name := range slices.Concat(sensors, callers, []string{archive, valves}) { // the display makes none
		p.sign[name] = cryptobox.GenerateSigningKey()
	}
	if err := p.open(); err != nil {
		p.close()
		return nil, err
	}
	return p, nil
}

// open starts the router, and connects the parties to it.
func (p *plant) open() (err error) {
	config := &router.Config{RealmConfigs: []*router.RealmConfig{{URI: realm, AnonymousAuth: true}}}
	if p.router, err = router.NewRouter(config, log.New(io.Discard, "", 0)); err != nil {
		return err
	}
	p.closers = append(p.closers, p.router.Close)
	for _, name := range slices.Concat(sensors, callers) {
		if p.parties[name], err = p.join(p.originates(name)); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	for _, name := range append(subscribers, valves) {
		if p.parties[name], err = p.join(p.responds(name)); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

// list is how a party is listed by others.
func (p *plant) list(names ...string) (listed []keyring.Party) {
	for _, name := range names {
		listed = append(listed, keyring.Party{Name: name, Key: p.sign[name].Public()})
	}
	return listed
}

// originates is what a party holds that sends: its own signing key, and the public half of the
// reading key. With them it can't open what it seals. Callers say whose answers they take.
func (p *plant) originates(name string) keyring.Signing {
	keys := keyring.Signing{Suite: p.suite, SignedOnce: p.once, Sign: p.sign[name], Seal: p.read.Public()}
	if slices.Contains(callers, name) {
		keys.Answerers = p.list(valves)
	}
	return keys
}

// responds is what a party holds that reads: the reading key, and the list of those whom it
// hears. With Sign it can be told from others who answer.
func (p *plant) responds(name string) keyring.Signing {
	heard := sensors
	if name == valves {
		heard = callers
	}
	return keyring.Signing{Suite: p.suite, SignedOnce: p.once, Sign: p.sign[name], Read: p.read, Senders: p.list(heard...)}
}

// join connects a party. Its ring has the signed key for all URIs of the plant. Who reads still
// has the box of old beside it, which a signed key on the ring shuts.
func (p *plant) join(keys keyring.Signing) (*party, error) {
	ring, dates := keyring.New(), keyring.Dates{}
	if !keys.Read.IsZero() {
		if err := ring.Set(pattern, keyring.Responder(p.boxResponder, p.boxOriginator.Public())); err != nil {
			return nil, err
		}
		dates.ActiveFrom = time.Now()
	}
	if err := ring.Add(pattern, keyring.Signed(keys), dates); err != nil {
		return nil, err
	}
	return p.joinWith(ring)
}

func (p *plant) joinWith(ring *keyring.Ring) (*party, error) {
	one := &party{ring: ring, readings: newReadings(), refused: make(chan *transparency.Error, 16)}
	var err error
	one.session, err = transparency.ConnectLocal(p.router, config(), ring, transparency.WithOnReject(one.refuse))
	if err != nil {
		return nil, err
	}
	p.closers = append(p.closers, func() { _ = one.session.Close() })
	return one, nil
}

// refuse notes what a party's session has refused. It must not block.
func (one *party) refuse(err *transparency.Error) {
	if err.URI == temperature {
		one.readings.refuse(err)
		return
	}
	select {
	case one.refused <- err:
	default: // whoever tries something waits for its refusal
	}
}

func config() client.Config {
	return client.Config{Realm: realm, Logger: log.New(io.Discard, "", 0)}
}

// acknowledged has the router say that it took an event.
func acknowledged() wamp.Dict { return wamp.Dict{"acknowledge": true} }

// close ends what was started, the last first.
func (p *plant) close() {
	for _, end := range slices.Backward(p.closers) {
		end()
	}
}
