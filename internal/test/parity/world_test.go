package parity_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"maps"
	"reflect"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/router"
	"github.com/gammazero/nexus/v3/transport/serialize"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/testrouter"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// patience bounds every wait for something that has to happen.
const patience = 10 * time.Second

// link is one way to reach a router.
type link struct {
	name          string
	url           func(*testrouter.Router) string // nil for a local link
	serialization serialize.Serialization
}

var (
	webJSON    = link{"websocket-json", (*testrouter.Router).WebSocketURL, client.JSON}
	webMsgpack = link{"websocket-msgpack", (*testrouter.Router).WebSocketURL, client.MSGPACK}
	webCBOR    = link{"websocket-cbor", (*testrouter.Router).WebSocketURL, client.CBOR}
	rawJSON    = link{"rawsocket-json", (*testrouter.Router).RawSocketURL, client.JSON}
	rawMsgpack = link{"rawsocket-msgpack", (*testrouter.Router).RawSocketURL, client.MSGPACK}
	rawCBOR    = link{"rawsocket-cbor", (*testrouter.Router).RawSocketURL, client.CBOR}
	local      = link{name: "local"}
)

var (
	// everywhere is every transport with every serializer.
	everywhere = []link{webJSON, webMsgpack, webCBOR, rawJSON, rawMsgpack, rawCBOR, local}
	// networks leaves the local link out.
	networks = everywhere[:6]
	// each is every transport and every serializer once, for what takes long.
	each = []link{webJSON, rawMsgpack, rawCBOR, local}
)

// maker connects one of the two clients.
type maker struct {
	name  string
	local func(router.Router, client.Config) (transparency.Client, error)
	net   func(context.Context, string, client.Config) (transparency.Client, error)
}

var nexus = maker{
	name: "nexus",
	local: func(r router.Router, cfg client.Config) (transparency.Client, error) {
		c, err := client.ConnectLocal(r, cfg)
		return orNil(c, err)
	},
	net: func(ctx context.Context, url string, cfg client.Config) (transparency.Client, error) {
		c, err := client.ConnectNet(ctx, url, cfg)
		return orNil(c, err)
	},
}

var ours = maker{
	name: "ours",
	local: func(r router.Router, cfg client.Config) (transparency.Client, error) {
		s, err := transparency.ConnectLocal(r, cfg, plainRing())
		return orNil(s, err)
	},
	net: func(ctx context.Context, url string, cfg client.Config) (transparency.Client, error) {
		s, err := transparency.ConnectNet(ctx, url, cfg, plainRing())
		return orNil(s, err)
	},
}

// plainRing is one for which all URIs are plain, as they are to nexus's client.
func plainRing() *keyring.Ring {
	ring := keyring.New()
	ring.PlainUnlessKeyed()
	return ring
}

// orNil makes nil of a client that is a nil pointer, and of one beside an error it
// makes an error: neither of the two may return both.
func orNil[T interface {
	comparable
	transparency.Client
}](c T, err error) (transparency.Client, error) {
	var none T
	switch {
	case c == none:
		return nil, err
	case err != nil:
		return nil, fmt.Errorf("a client came with the error: %w", err)
	}
	return c, nil
}

// side says who takes part: the clients of a behaviour are made by these in turn.
type side struct {
	name   string
	makers []maker
}

var sides = append(slices.Clone(alone),
	side{"ours-with-nexus", []maker{ours, nexus}},
	side{"nexus-with-ours", []maker{nexus, ours}})

// alone are the sides of one client.
var alone = []side{
	{"nexus", []maker{nexus}},
	{"ours", []maker{ours}},
}

// sidesOn are all sides where the link is one of each, and elsewhere the two clients
// alone.
func sidesOn(l link) []side {
	if slices.ContainsFunc(each, func(other link) bool { return other.name == l.name }) {
		return sides
	}
	return alone
}

// outcome is what can be told of a behaviour from outside.
type outcome map[string]any

// world is where a behaviour runs once: in a realm of its own, over one link, with
// the clients of one side.
type world struct {
	*testing.T
	link   link
	side   side
	router *testrouter.Router
	realm  string

	mu    sync.Mutex
	noted outcome
	joins int
}

// behaviour does something and notes what came of it.
type behaviour func(w *world)

// realmOption changes the realm that a behaviour runs in, which by default is one that
// takes anonymous clients, lets them disclose themselves, and has all meta procedures.
type realmOption func(*router.RealmConfig)

var realms atomic.Int64

// both runs a behaviour on each of the links over both clients, and over the two with
// each other where sidesOn says so. What it notes has to be the same for all, and want,
// unless want is nil: then the behaviour asserts for itself.
func both(t *testing.T, links []link, want outcome, behave behaviour, options ...realmOption) {
	t.Helper()
	t.Parallel()
	for _, l := range links {
		t.Run(l.name, func(t *testing.T) {
			t.Parallel()
			var first outcome
			for _, s := range sidesOn(l) {
				var noted outcome
				passed := t.Run(s.name, func(t *testing.T) {
					noted = visit(t, l, s, behave, options)
					if want != nil {
						requireSame(t, "what it has to be", want, noted)
					}
					if first != nil {
						requireSame(t, "with nexus's client", first, noted)
					}
				})
				if !passed && first == nil {
					return // there is nothing to compare with
				}
				if first == nil {
					first = noted
				}
			}
		})
	}
}

// oursAlone runs what nexus's client can't be asked to do, over ours.
func oursAlone(t *testing.T, links []link, want outcome, behave behaviour, options ...realmOption) {
	t.Helper()
	for _, l := range links {
		t.Run(l.name, func(t *testing.T) {
			t.Parallel()
			t.Run(alone[1].name, func(t *testing.T) {
				requireSame(t, "what it has to be", want, visit(t, l, alone[1], behave, options))
			})
		})
	}
}

// requireSame fails with one line for each thing that is not as it should be.
func requireSame(t *testing.T, whose string, want, got outcome) {
	t.Helper()
	names := slices.Sorted(maps.Keys(want))
	for name := range got {
		if _, ok := want[name]; !ok {
			names = append(names, name)
		}
	}
	for _, name := range names {
		w, wanted := want[name]
		g, noted := got[name]
		if wanted != noted || !reflect.DeepEqual(w, g) {
			t.Errorf("%s:\n\t%-20s %#v\n\there                 %#v", name, whose, w, g)
		}
	}
}

// visit runs a behaviour once, in a new realm of the shared router.
func visit(t *testing.T, l link, s side, behave behaviour, options []realmOption) outcome {
	t.Helper()
	realm := fmt.Sprintf("parity.realm%d", realms.Add(1))
	cfg := &router.RealmConfig{
		URI:              wamp.URI(realm),
		AnonymousAuth:    true,
		AllowDisclose:    true,
		RequireLocalAuth: true,
		EnableMetaKill:   true,
		EnableMetaModify: true,
	}
	for _, option := range options {
		option(cfg)
	}
	require.NoError(t, shared.Router().AddRealm(cfg))
	t.Cleanup(func() { shared.Router().RemoveRealm(wamp.URI(realm)) })
	w := &world{T: t, link: l, side: s, router: shared, realm: realm, noted: outcome{}}
	behave(w)
	w.mu.Lock()
	defer w.mu.Unlock()
	return maps.Clone(w.noted)
}

// note keeps what came of something under a name that says what.
func (w *world) note(name string, value any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if _, twice := w.noted[name]; twice {
		w.Errorf("noted twice: %s", name)
	}
	w.noted[name] = value
}

// noteError notes what class of error it is, and which of the words its text has.
func (w *world) noteError(name string, err error, words ...string) {
	w.note(name, said(err, words...))
}

// configOption changes the configuration of a client.
type configOption func(*client.Config)

func hello(details wamp.Dict) configOption {
	return func(cfg *client.Config) { cfg.HelloDetails = details }
}

func responseTimeout(d time.Duration) configOption {
	return func(cfg *client.Config) { cfg.ResponseTimeout = d }
}

func (w *world) config(options []configOption) client.Config {
	cfg := client.Config{
		Realm:           w.realm,
		Serialization:   w.link.serialization,
		Logger:          log.New(io.Discard, "", 0),
		ResponseTimeout: patience,
	}
	for _, option := range options {
		option(&cfg)
	}
	return cfg
}

// maker is whose turn it is.
func (w *world) maker() maker {
	w.mu.Lock()
	defer w.mu.Unlock()
	m := w.side.makers[w.joins%len(w.side.makers)]
	w.joins++
	return m
}

// try connects the next client, and closes it when the test ends.
func (w *world) try(options ...configOption) (transparency.Client, error) {
	w.Helper()
	m, cfg := w.maker(), w.config(options)
	var c transparency.Client
	var err error
	if w.link.url == nil {
		c, err = m.local(w.router.Router(), cfg)
	} else {
		c, err = m.net(w.soon(), w.link.url(w.router), cfg)
	}
	if c != nil {
		w.Cleanup(func() { closes(w, c) })
	}
	return c, err
}

// closes closes a client that may be closed already.
func closes(w *world, c transparency.Client) {
	w.Helper()
	closed := make(chan struct{})
	go func() {
		defer close(closed)
		_ = c.Close()
	}()
	select {
	case <-closed:
	case <-time.After(2 * patience):
		w.Errorf("closing %T at the end did not return", c)
	}
}

// connect is try for what has to succeed.
func (w *world) connect(options ...configOption) transparency.Client {
	w.Helper()
	c, err := w.try(options...)
	require.NoError(w, err)
	return c
}

// soon is a context for what has to happen.
func (w *world) soon() context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	w.Cleanup(cancel)
	return ctx
}

// receive returns what comes over the channel.
func receive[T any](w *world, c <-chan T) T {
	w.Helper()
	select {
	case v, open := <-c:
		if !open {
			w.Fatal("the channel is closed")
		}
		return v
	case <-time.After(patience):
		w.Fatal("nothing came")
		panic("unreachable")
	}
}

// ends waits until the channel is closed.
func ends(w *world, c <-chan struct{}) {
	w.Helper()
	select {
	case <-c:
	case <-time.After(patience):
		w.Fatal("it did not end")
	}
}

// within runs what must not take for ever.
func within(w *world, what string, do func()) {
	w.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		do()
	}()
	select {
	case <-done:
	case <-time.After(patience):
		w.Fatalf("%s did not return", what)
	}
}

// settle returns when c has handled all that the router had for it.
func (w *world) settle(c transparency.Client) {
	w.Helper()
	require.NoError(w, c.Publish("com.parity.settle", wamp.Dict{wamp.OptAcknowledge: true}, nil, nil))
}

// events subscribes and returns what comes.
func (w *world) events(c transparency.Client, topic string, options wamp.Dict) <-chan *wamp.Event {
	w.Helper()
	got := make(chan *wamp.Event, 1024)
	require.NoError(w, c.Subscribe(topic, func(event *wamp.Event) { got <- event }, options))
	return got
}

// register registers a handler for what has to succeed.
func (w *world) register(c transparency.Client, procedure string, handler client.InvocationHandler, options wamp.Dict) {
	w.Helper()
	require.NoError(w, c.Register(procedure, handler, options))
}

// echo answers with what it was called with.
func echo(_ context.Context, inv *wamp.Invocation) client.InvokeResult {
	return client.InvokeResult{Args: inv.Arguments, Kwargs: inv.ArgumentsKw}
}

// answers is a handler that always answers the same.
func answers(args ...any) client.InvocationHandler {
	return func(context.Context, *wamp.Invocation) client.InvokeResult {
		return client.InvokeResult{Args: args}
	}
}

// outcomeOf is what a call came to.
type outcomeOf struct {
	result *wamp.Result
	err    error
}

// start calls in a goroutine.
func start(ctx context.Context, c transparency.Client, procedure string, options wamp.Dict, args wamp.List, progcb client.ProgressHandler) <-chan outcomeOf {
	done := make(chan outcomeOf, 1)
	go func() {
		result, err := c.Call(ctx, procedure, options, args, nil, progcb)
		done <- outcomeOf{result, err}
	}()
	return done
}

// number is an argument that is some kind of integer; the kind depends on the link.
func number(v any) int64 {
	n, ok := wamp.AsInt64(v)
	if !ok {
		return -1
	}
	return n
}

// text is an argument that is some kind of string.
func text(v any) string {
	s, ok := wamp.AsString(v)
	if !ok {
		return fmt.Sprintf("no string: %#v", v)
	}
	return s
}

// some makes one of nil and of no arguments: which of them comes isn't defined.
func some(args wamp.List) wamp.List {
	if len(args) == 0 {
		return nil
	}
	return args
}

// someKw does so for keyword arguments.
func someKw(kwargs wamp.Dict) wamp.Dict {
	if len(kwargs) == 0 {
		return nil
	}
	return kwargs
}
