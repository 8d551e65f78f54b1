package hostile

import (
	"context"
	"fmt"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/transport/serialize"
	"pgregory.net/rapid"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/proxy"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/testrouter"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

const (
	// skew is how far clocks may differ. All here are one.
	skew = 20 * time.Millisecond
	// shortAge is the maximal age in some conversations, which pause for longer.
	shortAge = 100 * time.Millisecond
	// ageSlack is how long a handler may take to begin after its message was checked.
	ageSlack = 250 * time.Millisecond
	// patience bounds what has to happen.
	patience = harness.Patience
)

// keys are those of all conversations: the originator's and the responder's under one
// pattern, one that all share under another.
type keys struct {
	originator, responder, both cryptobox.PrivateKey
	shared                      cryptobox.SymmetricKey
	signed                      map[cryptobox.Suite]signedKeys
	sign                        map[string]cryptobox.SigningKey // by actor
}

var allKeys = keys{
	cryptobox.GenerateKey(), cryptobox.GenerateKey(), cryptobox.GenerateKey(), cryptobox.GenerateSymmetricKey(), newSignedKeys(), newSigningKeys(),
}

// sealing is how what has our dialect is sealed.
type sealing struct {
	suite cryptobox.Suite
	once  bool // a context is signed, in place of each message
}

func (s sealing) signed() bool { return s.suite >= cryptobox.SuiteSigned }

// sealings are those that conversations have, by seed.
var sealings = []sealing{
	{suite: cryptobox.SuiteBox}, {suite: cryptobox.SuiteXBox},
	{suite: cryptobox.SuiteSigned}, {suite: cryptobox.SuiteSigned, once: true}, {suite: cryptobox.SuiteSignedPQ}, {suite: cryptobox.SuiteSignedPQ, once: true},
}

// role is what an actor can do under the first pattern. All do all under the second.
type role uint8

const (
	originator role = iota
	responder
)

// actor is one party, over all its Sessions.
type actor struct {
	name          string
	role          role
	realm         string
	serialization serialize.Serialization
	life          *life
	lives         int
	memory        transparency.ReplayMemory
	memoryNumber  int
}

// world is what a conversation takes place in.
type world struct {
	t       *rapid.T
	honest  bool
	dialect proxy.Dialect
	sealing sealing                  // in our dialect
	secret  cryptobox.ScrambleSecret // that scrambles what is keyed, in our dialect; or zero
	rings   map[string]*keyring.Ring // by actor
	base    string
	maxAge  time.Duration
	shared  transparency.ReplayMemory // of the two callees; nil for one each
	// sharedNumber is the number of that memory.
	sharedNumber int
	memories     int

	router    *testrouter.Router
	evil      *proxy.Proxy
	actors    []*actor
	ledger    *ledger
	adversary *adversary
	ids       atomic.Int64
}

var serializations = []serialize.Serialization{client.JSON, client.MSGPACK, client.CBOR}

// foreign tells whether nothing is bound in the conversation's dialect.
func (w *world) foreign() bool { return w.dialect != proxy.Wampbox }

// begin draws a world and connects its actors.
func begin(t *rapid.T, honest bool) *world {
	w := &world{t: t, honest: honest, base: "com.myapp.", maxAge: 5 * time.Minute}
	w.rings = map[string]*keyring.Ring{}
	w.dialect = rapid.SampledFrom(append([]proxy.Dialect{proxy.Wampbox, proxy.Wampbox}, proxy.Dialects...)).Draw(t, "dialect")
	w.sealing = rapid.SampledFrom(sealings).Draw(t, "suite")
	if !w.foreign() && rapid.Bool().Draw(t, "scrambled") {
		w.secret = cryptobox.GenerateScrambleSecret()
	}
	w.ledger = newLedger(w)
	w.adversary = newAdversary(w)
	if rapid.Bool().Draw(t, "callees share a memory") {
		w.shared = callsOnly{transparency.NewReplayMemory()}
		w.memories++
		w.sharedNumber = w.memories
	}
	if !honest && rapid.IntRange(0, 19).Draw(t, "short age") >= 18 {
		w.maxAge = shortAge
	}
	var err error
	if w.router, err = testrouter.New(); err != nil {
		t.Fatalf("%v", err)
	}
	if w.evil, err = proxy.New(w.router.RawSocketURL(), proxy.Hostile(w.dialect)); err != nil {
		t.Fatalf("%v", err)
	}
	w.evil.On(proxy.Up, w.adversary.hook)
	w.evil.On(proxy.Down, w.adversary.hook)
	serialization := rapid.SampledFrom(serializations)
	for _, one := range cast {
		a := &one
		w.rings[a.name] = w.ringOf(a)
		a.serialization = serialization.Draw(t, a.name+"'s serializer")
		w.actors = append(w.actors, a)
		w.connect(a, false)
		w.settle(a)
	}
	return w
}

// cast are the actors of a conversation.
var cast = []actor{
	{name: "caller", role: originator, realm: "realm1"},
	{name: "other", role: originator, realm: "realm1"},
	{name: "callee", role: responder, realm: "realm1"},
	{name: "second", role: responder, realm: "realm1"},
	{name: "far", role: responder, realm: "realm2"},
}

// callsOnly is a memory that is shared by callees, and asked for calls only.
type callsOnly struct{ transparency.ReplayMemory }

func (callsOnly) Shared() bool { return true }

func (w *world) ringOf(a *actor) *keyring.Ring {
	ring := keyring.New()
	pair, both := keyring.Originator(allKeys.originator, allKeys.responder.Public()), keyring.Shared(allKeys.shared)
	if a.role == responder {
		pair = keyring.Responder(allKeys.responder, allKeys.originator.Public())
	}
	switch {
	case w.dialect == proxy.Autobahn:
		pair, both = pair.ForAutobahn(), keyring.Both(allKeys.both)
	case w.dialect == proxy.Passthru:
		pair, both = pair.ForPassthru("pair"), both.ForPassthru("both")
	case w.sealing.signed():
		pair, both = w.signedPair(a), w.signedBoth(a)
	default:
		pair = pair.WithSuite(w.sealing.suite)
	}
	for pattern, key := range map[string]keyring.Key{"a.": pair, "b.": both} {
		if err := ring.Set(keyring.Prefix(w.base+pattern), key); err != nil {
			w.t.Fatalf("%v", err)
		}
	}
	for _, pattern := range []string{w.base + "plain.deep.", w.base + "barrier.deep."} {
		if err := ring.SetPlain(keyring.Prefix(pattern)); err != nil {
			w.t.Fatalf("%v", err)
		}
	}
	if !w.secret.IsZero() {
		for _, prefix := range w.keyedPrefixes() {
			if err := ring.Scramble(prefix, w.secret); err != nil {
				w.t.Fatalf("%v", err)
			}
		}
	}
	return ring
}

// responseTimeout is how long nexus waits for replies.
func (w *world) responseTimeout() time.Duration {
	if w.honest {
		return patience
	}
	return 150 * time.Millisecond
}

// connect gives the actor a Session, with the memory of the one before or a new one.
func (w *world) connect(a *actor, keep bool) {
	if a.memory == nil || !keep {
		a.memory = transparency.NewReplayMemory()
		w.memories++
		a.memoryNumber = w.memories
	}
	l := &life{
		actor: a, name: a.name + strconv.Itoa(a.lives), events: a.memoryNumber, calls: a.memoryNumber,
		subscriptions: map[string]*target{}, registrations: map[string]*target{}, heard: make(chan int64, 64),
	}
	memory := a.memory
	if w.shared != nil && a.role == responder && a.realm == "realm1" {
		memory, l.calls = w.shared, w.sharedNumber
		w.memories++
		l.events = w.memories // the Session's own
	}
	cfg := harness.Config(a.serialization)
	cfg.Realm, cfg.ResponseTimeout = a.realm, w.responseTimeout()
	var err error
	for attempt := 0; err == nil; attempt++ {
		l.session, err = transparency.ConnectNet(context.Background(), w.evil.URL(), cfg, w.rings[a.name], transparency.WithClockSkew(skew), transparency.WithMaxAge(w.maxAge),
			transparency.WithReplayMemory(memory), transparency.WithOnReject(w.ledger.rejected))
		if err == nil {
			l.conn = w.evil.Conn(l.session.ID())
			if err = w.listen(l); err == nil {
				break
			}
			_ = l.session.Close()
		}
		if attempt < 20 { // the machine may be busy
			err = nil
		}
	}
	if err != nil {
		w.t.Fatalf("%s can't connect: %v", l.name, err)
	}
	a.life = l
	a.lives++
	w.adversary.joined(l.conn)
}

// end ends the conversation, and everything with it.
func (w *world) end() {
	for _, a := range w.actors {
		w.leave(a.life)
	}
	if w.evil != nil {
		if err := w.evil.Close(); err != nil {
			w.ledger.violated("the evil router: %v", err)
		}
	}
	if err := w.router.Close(); err != nil {
		w.ledger.violated("the router: %v", err)
	}
}

// leave closes a life's Session, which has to return in time.
func (w *world) leave(l *life) {
	if l == nil || l.session == nil {
		return
	}
	w.adversary.left(l.conn)
	bound := w.responseTimeout() + 2*time.Second
	closed := harness.Go(func() error { return l.session.Close() })
	select {
	case err := <-closed:
		if err == transparency.ErrCloseTimeout {
			w.ledger.violated("%s was closed, but a handler is held up", l.name)
		}
	case <-time.After(bound + patience):
		w.ledger.violated("%s can't be closed", l.name)
	}
	w.ledger.count(l.session.Stats())
}

func (w *world) uri(name string) string { return w.base + name }

func (l *life) String() string { return fmt.Sprintf("%s(%d)", l.name, l.session.ID()) }

// GoString is how rapid prints the actor that was drawn.
func (a *actor) GoString() string { return a.name }
