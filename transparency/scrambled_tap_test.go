package transparency_test

import (
	"context"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/router"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/leak"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/proxy"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/testrouter"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// Components that no router is to see. None is a part of another.
const (
	hiddenTopic     = "marsupials"
	hiddenProcedure = "platypuses"
	hiddenLast      = "wallabies"
	hiddenError     = "echidnas"
	hiddenOther     = "bandicoots"
	hiddenPlain     = "kookaburra"
)

var hiddenComponents = []string{hiddenTopic, hiddenProcedure, hiddenLast, hiddenError, hiddenOther, hiddenPlain}

var prefixed = wamp.Dict{wamp.OptMatch: wamp.MatchPrefix}

// tappedPair is two Sessions with scrambled URIs, with a tap in each connection.
type tappedPair struct {
	t                     *testing.T
	originator, responder *transparency.Session
	taps                  []*proxy.Proxy
	rings                 []*keyring.Ring
}

func tapPair(t *testing.T, l link, r *testrouter.Router, k harness.Keys, secret cryptobox.ScrambleSecret, logger io.Writer) *tappedPair {
	t.Helper()
	p := &tappedPair{t: t}
	for _, key := range []keyring.Key{k.ResponderKey(), k.OriginatorKey()} {
		tapped, tap := l.tapped(t, r)
		ring := scrambledRing(t, key, secret)
		require.NoError(t, ring.SetPlain(keyring.Prefix("com.plain.")))
		policy := transparency.ReconnectPolicy{Min: time.Millisecond, Max: 20 * time.Millisecond}
		s := tapped.session(t, r, ring, transparency.WithReconnect(policy), transparency.WithLogger(slog.New(slog.NewTextHandler(logger, nil))))
		p.taps, p.rings = append(p.taps, tap), append(p.rings, ring)
		if p.responder == nil {
			p.responder = s
		} else {
			p.originator = s
		}
	}
	return p
}

// reconnects cuts both connections.
func (p *tappedPair) reconnects() {
	p.t.Helper()
	for i, s := range []*transparency.Session{p.responder, p.originator} {
		before := s.ID()
		for _, c := range p.taps[i].Conns() {
			c.Close()
		}
		require.Eventually(p.t, func() bool { return s.Ready() == nil && s.ID() != before }, harness.Patience, time.Millisecond)
	}
}

// talks has each kind of message go both ways.
func (p *tappedPair) talks() {
	t, uri := p.t, below+hiddenTopic+"."+hiddenLast
	t.Helper()
	for _, pattern := range []keyring.Pattern{keyring.Exact(uri), keyring.Prefix(below + hiddenTopic + "."), keyring.Wildcard(below + "." + hiddenLast)} {
		got := events(t, p.responder, pattern.URI, matching(pattern))
		require.NoError(t, p.originator.Publish(uri, wamp.Dict{wamp.OptAcknowledge: true, "retain": true}, wamp.List{uri}, wamp.Dict{"uri": uri}))
		require.Equal(t, wamp.List{uri}, harness.Receive(t, got).Arguments)
		_, known := p.responder.SubscriptionID(pattern.URI)
		require.True(t, known)
		require.NoError(t, p.responder.Unsubscribe(pattern.URI))
	}
	procedure := below + hiddenProcedure + "." + hiddenLast
	for _, pattern := range []keyring.Pattern{keyring.Exact(procedure), keyring.Prefix(below + hiddenProcedure + "."), keyring.Wildcard(below + "." + hiddenLast)} {
		require.NoError(t, p.responder.Register(pattern.URI, p.serve, matching(pattern)))
		p.calls(procedure)
		require.NoError(t, p.responder.Unregister(pattern.URI))
	}
}

// serve does what the first argument says.
func (p *tappedPair) serve(ctx context.Context, inv *wamp.Invocation) client.InvokeResult {
	if wamp.OptionFlag(inv.Details, wamp.OptProgress) {
		return client.InvokeResult{Err: wamp.InternalProgressiveOmitResult}
	}
	switch what, _ := inv.Arguments[0].(string); what {
	case "fail":
		return client.InvokeResult{Err: wamp.URI(below + hiddenError), Args: wamp.List{hiddenError}}
	case "wait":
		_ = p.responder.SendProgress(ctx, wamp.List{hiddenOther}, nil)
		<-ctx.Done()
		return client.InvocationCanceled
	case "unsealable":
		return client.InvokeResult{Args: wamp.List{make(chan int)}}
	}
	_ = p.responder.SendProgress(ctx, wamp.List{hiddenOther}, nil)
	return client.InvokeResult{Args: inv.Arguments}
}

func (p *tappedPair) calls(procedure string) {
	t := p.t
	t.Helper()
	_, err := p.originator.Call(harness.Timeout(t), procedure, nil, wamp.List{procedure}, nil, func(*wamp.Result) {})
	require.NoError(t, err)
	_, err = p.originator.Call(harness.Timeout(t), procedure, nil, wamp.List{"fail"}, nil, nil)
	require.Equal(t, below+hiddenError, string(harness.Raised(t, err).Error))
	_, err = p.originator.Call(harness.Timeout(t), procedure, nil, wamp.List{"unsealable"}, nil, nil)
	require.Equal(t, "wamp.error.runtime_error", string(harness.Raised(t, err).Error))
	chunk := 0
	_, err = p.originator.CallProgressive(harness.Timeout(t), procedure, func(context.Context) (wamp.Dict, wamp.List, wamp.Dict, error) {
		chunk++
		return wamp.Dict{wamp.OptProgress: chunk < 3}, wamp.List{procedure}, nil, nil
	}, nil)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(harness.Timeout(t))
	_, err = p.originator.Call(ctx, procedure, nil, wamp.List{"wait"}, nil, func(*wamp.Result) { cancel() })
	require.Error(t, err)
}

// isRefused tries what nothing may be sent of, and what a router or a peer refuses.
func (p *tappedPair) isRefused(plain *client.Client, text string) {
	t := p.t
	t.Helper()
	uri, procedure := below+hiddenTopic+"."+hiddenLast, below+hiddenProcedure
	named := wamp.List{uri}
	type topic string
	for _, args := range []wamp.List{named, {wamp.URI(uri)}, {topic(uri)}} {
		_, err := p.originator.Call(harness.Timeout(t), string(wamp.MetaProcSubLookup), nil, args, nil, nil)
		harness.RequireReason(t, err, transparency.Misuse)
	}
	_, err := p.originator.Call(harness.Timeout(t), string(wamp.MetaProcSubLookup), nil, nil, wamp.Dict{"topic": uri}, nil)
	harness.RequireReason(t, err, transparency.Misuse)
	_, err = p.originator.Call(harness.Timeout(t), string(wamp.MetaProcSessionAddTestament), nil, wamp.List{uri, wamp.List{"x"}, wamp.Dict{}}, nil, nil)
	harness.RequireReason(t, err, transparency.Plaintext)
	require.Error(t, p.responder.Publish(uri, nil, wamp.List{"x"}, nil)) // a responder
	require.Error(t, p.originator.Publish(uri, nil, wamp.List{make(chan int)}, nil))
	require.Error(t, p.originator.Publish(below+" "+hiddenOther, wamp.Dict{"enc_x": 1}, nil, nil))
	require.Error(t, p.responder.Subscribe(below+hiddenTopic, func(*wamp.Event) {}, prefixed))
	require.Error(t, p.responder.Subscribe("com.", func(*wamp.Event) {}, prefixed))
	require.ErrorIs(t, p.responder.Unsubscribe(below+hiddenOther), client.ErrNotSubscribed)
	require.ErrorIs(t, p.responder.Unregister(below+hiddenOther), client.ErrNotRegistered)
	_, err = p.originator.Call(harness.Timeout(t), below+hiddenOther, nil, nil, nil, nil) // nobody serves it
	require.Error(t, err)

	// What somebody without a key sends, who has the name from a log of the router.
	require.NoError(t, p.responder.Register(procedure, p.serve, nil))
	require.Error(t, p.originator.Register(procedure, p.serve, nil)) // it can't open
	for _, kwargs := range []wamp.Dict{nil, {"enc": "x"}} {
		_, err = plain.Call(harness.Timeout(t), text, nil, wamp.List{"x"}, kwargs, nil)
		require.Error(t, err)
	}

	// An error below the prefix can't be told to a plain caller.
	require.NoError(t, p.responder.Register("com.plain.fails", func(context.Context, *wamp.Invocation) client.InvokeResult {
		return client.InvokeResult{Err: wamp.URI(below + hiddenPlain), Args: wamp.List{"x"}}
	}, nil))
	_, err = p.originator.Call(harness.Timeout(t), "com.plain.fails", nil, nil, nil, nil)
	require.Equal(t, wamp.URI("wamp.error.runtime_error"), harness.Raised(t, err).Error)
	require.NoError(t, p.responder.Unregister("com.plain.fails"))

	// Somebody else has registered it: the router refuses.
	require.NoError(t, plain.Register(text+"x", harness.Echo, nil))
	require.NoError(t, p.responder.Unregister(procedure))
	require.NoError(t, plain.Register(text, harness.Echo, nil))
	require.Error(t, p.responder.Register(procedure, p.serve, nil))
	require.NoError(t, plain.Unregister(text))
	require.NoError(t, plain.Unregister(text+"x"))
}

// asksTheRouter uses the protocol's own procedures and events.
func (p *tappedPair) asksTheRouter() {
	t, uri := p.t, below+hiddenTopic+"."+hiddenLast
	t.Helper()
	told := events(t, p.originator, string(wamp.MetaEventSubOnCreate), nil)
	require.NoError(t, p.responder.Subscribe(uri, func(*wamp.Event) {}, nil))
	id, _ := p.responder.SubscriptionID(uri)
	uris, err := p.originator.RouterURIs(uri, nil)
	require.NoError(t, err)
	for _, args := range []wamp.List{{uris[0]}, {string(uris[0])}} {
		found, err := p.originator.Call(harness.Timeout(t), string(wamp.MetaProcSubLookup), nil, args, nil, nil)
		if _, isText := args[0].(string); isText {
			harness.RequireReason(t, err, transparency.Misuse) // who writes it himself may have meant another
			continue
		}
		require.NoError(t, err)
		got, _ := wamp.AsID(found.Arguments[0])
		require.Equal(t, id, got)
	}
	details, ok := wamp.AsDict(harness.Receive(t, told).Arguments[1])
	require.True(t, ok)
	text, _ := wamp.AsString(details["uri"])
	name, known := p.responder.RealURI(transparency.RouterURI(text), nil)
	require.True(t, known)
	require.Equal(t, uri, name)
	_, known = p.originator.RealURI(transparency.RouterURI(text), nil)
	require.False(t, known, "it has neither asked for it nor a pattern of it")
	require.NoError(t, p.responder.Unsubscribe(uri))
	require.NoError(t, p.originator.Unsubscribe(string(wamp.MetaEventSubOnCreate)))
}

// TestTheRouterSeesNoScrambledURI looks at all that crosses both connections, and at all that the
// router logs, for each kind of message and each link.
func TestTheRouterSeesNoScrambledURI(t *testing.T) {
	for _, l := range links[1:] {
		t.Run(l.name, func(t *testing.T) {
			t.Parallel()
			var lines, own harness.Buffer
			r := testrouter.StartLogging(t, &router.RealmConfig{URI: harness.Realm, AnonymousAuth: true, AllowDisclose: true}, &lines)
			k, secret, next := harness.NewKeys(), cryptobox.GenerateScrambleSecret(), cryptobox.GenerateScrambleSecret()
			p := tapPair(t, l, r, k, secret, &own)
			text := scrambling(t, secret, harness.Realm)
			p.talks()
			p.isRefused(l.plain(t, r), text(below+hiddenProcedure))
			p.asksTheRouter()

			// What stands goes through a reconnect, and another secret.
			uri := below + hiddenProcedure + "." + hiddenOther
			require.NoError(t, p.responder.Register(uri, p.serve, nil))
			got := events(t, p.responder, below+hiddenTopic+".", prefixed)
			p.reconnects()
			p.calls(uri)
			for _, ring := range p.rings {
				require.NoError(t, ring.AddScramble(below, next, keyring.Dates{ActiveFrom: time.Now().Add(200 * time.Millisecond)}))
			}
			other := scrambling(t, next, harness.Realm)(uri)
			require.Eventually(t, func() bool {
				uris, err := p.originator.RouterURIs(uri, nil)
				return err == nil && string(uris[0]) == other
			}, harness.Patience, time.Millisecond)
			p.calls(uri)
			require.NoError(t, p.originator.Publish(below+hiddenTopic+"."+hiddenLast, nil, wamp.List{"x"}, nil))
			harness.Receive(t, got)
			for _, ring := range p.rings {
				require.NoError(t, ring.RemoveScramble(below, secret.ID().String()))
			}
			p.calls(uri)
			require.NoError(t, p.responder.Shutdown(harness.Timeout(t)))
			require.NoError(t, p.originator.Close())

			for _, tap := range p.taps {
				requireSeen(t, tap, false, hiddenComponents...)
				requireSeen(t, tap, true, harness.Prefix, other)
			}
			require.Contains(t, lines.String(), below)
			for _, hidden := range hiddenComponents {
				require.Empty(t, leak.Found(lines.String(), []byte(hidden)))
			}
			require.NotEmpty(t, own.String())
			require.NotContains(t, strings.ToLower(own.String()), "level=error")
		})
	}
}
