package transparency_test

import (
	"context"
	"strings"
	"sync"
	"testing"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// switchboard is a Client without a router that keeps the handlers of each text that a Session
// asks for, those included that it has ended: a hostile router goes on with them.
type switchboard struct {
	*scripted
	mu     sync.Mutex
	events map[string]client.EventHandler
	calls  map[string]client.InvocationHandler
	now    map[string]bool  // whether each text is in place
	fails  map[string]error // what is refused
	called []wamp.List      // the arguments of calls
}

func (b *switchboard) begin(text string, note func()) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := b.fails[text]; err != nil {
		return err
	}
	note()
	b.now[text] = true
	return nil
}

// refusing has nothing be asked for under these texts.
func (b *switchboard) refusing(err error, texts ...string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.fails = map[string]error{}
	for _, text := range texts {
		b.fails[text], b.fails["call "+text] = err, err
	}
}

func (b *switchboard) end(text string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.now[text] {
		return client.ErrNotSubscribed
	}
	delete(b.now, text)
	return nil
}

func (b *switchboard) Subscribe(topic string, fn client.EventHandler, _ wamp.Dict) error {
	return b.begin(topic, func() { b.events[topic] = fn })
}

func (b *switchboard) Unsubscribe(topic string) error { return b.end(topic) }

func (b *switchboard) Register(procedure string, fn client.InvocationHandler, _ wamp.Dict) error {
	return b.begin("call "+procedure, func() { b.calls[procedure] = fn })
}

func (b *switchboard) Unregister(procedure string) error { return b.end("call " + procedure) }

func (b *switchboard) Call(_ context.Context, _ string, _ wamp.Dict, args wamp.List, _ wamp.Dict, _ client.ProgressHandler) (*wamp.Result, error) {
	b.called = append(b.called, args)
	return &wamp.Result{}, nil
}

func (*switchboard) Done() <-chan struct{} { return nil }

func (*switchboard) Connected() bool { return true }

// inPlace lists what is asked for now.
func (b *switchboard) inPlace() (texts []string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for text := range b.now {
		texts = append(texts, text)
	}
	return texts
}

// wired is a Session over a switchboard.
type wired struct {
	*transparency.Session
	*switchboard
	t       testing.TB
	ring    *keyring.Ring
	got     []*wamp.Event
	served  []*wamp.Invocation
	refused []*transparency.Error
}

func plugged(t testing.TB, ring *keyring.Ring, opts ...transparency.Option) *wired {
	t.Helper()
	w := &wired{t: t, ring: ring, switchboard: &switchboard{
		scripted: &scripted{}, events: map[string]client.EventHandler{}, calls: map[string]client.InvocationHandler{},
		now: map[string]bool{}, fails: map[string]error{},
	}}
	opts = append(opts, transparency.WithOnReject(func(err *transparency.Error) { w.refused = append(w.refused, err) }))
	var err error
	w.Session, err = transparency.Wrap(w.switchboard, harness.Realm, ring, opts...)
	require.NoError(t, err)
	t.Cleanup(func() { _ = w.Session.Close() })
	return w
}

// asks subscribes to a pattern and registers it.
func (w *wired) asks(p keyring.Pattern) {
	w.t.Helper()
	require.NoError(w.t, w.Session.Subscribe(p.URI, func(ev *wamp.Event) { w.got = append(w.got, ev) }, matching(p)))
	require.NoError(w.t, w.Session.Register(p.URI, func(_ context.Context, inv *wamp.Invocation) client.InvokeResult {
		w.served = append(w.served, inv)
		return client.InvokeResult{Args: inv.Arguments}
	}, matching(p)))
}

// said is what a router says that a message is about, by what was asked for under a text.
type said struct{ text, named string }

// takes delivers an event and an invocation, which have to reach their handlers as ones of uri.
func (w *wired) takes(at said, uri string, forge *harness.Forger) {
	w.t.Helper()
	events, calls, refused := len(w.got), len(w.served), len(w.refused)
	w.event(at, w.sealed(uri, forge, cryptobox.KindPublish))
	w.invocation(at, w.sealed(uri, forge, cryptobox.KindCall))
	if len(w.refused) > refused {
		require.FailNow(w.t, "refused", w.refused[refused].Error())
	}
	require.Len(w.t, w.got, events+1)
	require.Len(w.t, w.served, calls+1)
	topic, _ := wamp.AsString(w.got[events].Details["topic"])
	procedure, _ := wamp.AsString(w.served[calls].Details["procedure"])
	require.Equal(w.t, []string{uri, uri}, []string{topic, procedure})
}

// refuses delivers both, which have to be refused for that reason.
func (w *wired) refuses(at said, uri string, forge *harness.Forger, reason transparency.Reason) {
	w.t.Helper()
	events, calls, refused := len(w.got), len(w.served), len(w.refused)
	w.event(at, w.sealed(uri, forge, cryptobox.KindPublish))
	answer := w.invocation(at, w.sealed(uri, forge, cryptobox.KindCall))
	harness.RequireOpaque(w.t, harness.OpaqueError, answer.Err, answer.Args, answer.Kwargs)
	require.Len(w.t, w.got, events, "an event reached its handler")
	require.Len(w.t, w.served, calls, "a call reached its handler")
	require.Len(w.t, w.refused, refused+2)
	for _, err := range w.refused[refused:] {
		harness.RequireReason(w.t, err, reason)
	}
}

func (w *wired) sealed(uri string, forge *harness.Forger, kind cryptobox.Kind) wamp.Dict {
	return forge.Seal(uri, forge.Bind(kind, nil), "hi")
}

func (w *wired) event(at said, kwargs wamp.Dict) {
	w.t.Helper()
	w.switchboard.mu.Lock()
	deliver := w.events[at.text]
	w.switchboard.mu.Unlock()
	require.NotNil(w.t, deliver, "nothing was asked for under %q", at.text)
	deliver(&wamp.Event{Details: wamp.Dict{"topic": at.named}, ArgumentsKw: kwargs})
}

func (w *wired) invocation(at said, kwargs wamp.Dict) client.InvokeResult {
	w.t.Helper()
	w.switchboard.mu.Lock()
	serve := w.calls[at.text]
	w.switchboard.mu.Unlock()
	require.NotNil(w.t, serve, "nothing was registered under %q", at.text)
	return serve(context.Background(), &wamp.Invocation{Details: wamp.Dict{"procedure": at.named}, ArgumentsKw: kwargs})
}

// scrambling gives URIs below harness.Prefix as routers get them.
func scrambling(t testing.TB, secret cryptobox.ScrambleSecret, realm string) func(uri string) string {
	t.Helper()
	s, err := cryptobox.NewScrambler(secret, realm, harness.Prefix)
	require.NoError(t, err)
	return s.Scramble
}

// component is one component of a scrambled URI, counted from 0 behind the prefix.
func component(scrambled string, place int) string {
	return strings.Split(strings.TrimPrefix(scrambled, harness.Prefix), ".")[place]
}

// holding is who holds a key and seals what it likes.
func holds(t testing.TB, key keyring.Key) *harness.Forger {
	t.Helper()
	return harness.Holding(t, harness.RingOf(t, key))
}
