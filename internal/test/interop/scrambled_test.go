package interop_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/interop"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/leak"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// What the tests of scrambled URIs use. Each component below the prefix is a word that nothing
// else says.
var (
	exactURI    = prefix + "kestrel.heron.osprey"
	prefixURI   = prefix + "merlin.bittern.siskin"
	wildcardURI = prefix + "dunlin.wagtail.osprey"
	unnamedURI  = prefix + "kestrel.heron.avocet" // no rule names it
	hiddenError = prefix + "whimbrel.dotterel"

	scrambledWords = []string{
		"kestrel", "heron", "osprey", "merlin", "bittern", "siskin", "dunlin", "wagtail", "avocet", "whimbrel", "dotterel",
	}
	scrambledWays = []struct {
		asked keyring.Pattern
		uri   string
	}{
		{keyring.Exact(exactURI), exactURI},
		{keyring.Prefix(prefix + "merlin."), prefixURI},
		{keyring.Wildcard(prefix + "dunlin..osprey"), wildcardURI},
	}
)

// farAway is when secrets that are to come are in use.
var farAway = time.Now().Add(24 * time.Hour)

// scrambledRing has a key below the prefix, whose URIs are scrambled.
func scrambledRing(t *testing.T, key keyring.Key, secrets ...cryptobox.ScrambleSecret) *keyring.Ring {
	t.Helper()
	ring := harness.ClosedRing(t, key)
	for i, secret := range secrets {
		if i == 0 {
			require.NoError(t, ring.Scramble(prefix, secret))
			continue
		}
		require.NoError(t, ring.AddScramble(prefix, secret, keyring.Dates{ActiveFrom: farAway}))
	}
	return ring
}

// scrambledRules let front send, back receive, and admin ask the router, by scrambled URIs. Who
// is exact may receive what a wildcard matches, URI by URI.
func scrambledRules(t *testing.T, ring *keyring.Ring) interop.Rules {
	t.Helper()
	rules := interop.Rules{"outsider": {}}
	for _, way := range scrambledWays {
		rules["front"] = append(rules["front"], allow(t, ring, way.asked, "call", "publish")...)
		receives := way.asked
		if receives.Match == keyring.MatchWildcard { // Crossbar.io's rules take it for a URI
			receives = keyring.Prefix(prefix + "dunlin.")
			rules["exact"] = allow(t, ring, way.asked, "register", "subscribe")
		}
		rules["back"] = append(rules["back"], allow(t, ring, receives, "register", "subscribe")...)
	}
	rules["admin"] = allow(t, ring, keyring.Prefix("wamp."), "call", "subscribe")
	return rules
}

// TestScrambledRules: a router's rules that name scrambled URIs allow what they name, in all
// kinds of messages, and nothing else. The router sees and logs no component of any.
func TestScrambledRules(t *testing.T) {
	secret, keys := cryptobox.GenerateScrambleSecret(), harness.NewKeys()
	ring := scrambledRing(t, keys.PairKey(), secret)
	eachRuled(t, scrambledRules(t, ring), func(r ruled) {
		front, back, admin := r.join("front", ring), r.join("back", ring), r.join("admin", r.asking(keys, secret))
		created := r.metaEvents(admin)
		for _, way := range scrambledWays {
			r.Run(way.asked.String(), func(t *testing.T) {
				r := r.of(t)
				r.events(front, back, way.asked, way.uri)
				r.calls(front, back, way.asked, way.uri)
				r.meta(admin, way.asked, way.uri)
				r.created(admin, created, way.asked)
			})
		}
		r.Run("refused", func(t *testing.T) { r.of(t).refusals(ring, front, back) })
		r.hidden(ring)
		r.plainIsSeen()
	})
}

// of is the same for a subtest.
func (r ruled) of(t *testing.T) ruled {
	t.Helper()
	r.T, r.ctx = t, within(t)
	return r
}

func (r ruled) events(front, back *transparency.Session, asked keyring.Pattern, uri string) {
	r.Helper()
	events := r.subscribed(back, asked.URI, matching(asked))
	r.Cleanup(func() { require.NoError(r, back.Unsubscribe(asked.URI)) })
	require.NoError(r, front.Publish(uri, wamp.Dict{wamp.OptAcknowledge: true}, wamp.List{"tern"}, nil))
	event := next(r.live, events)
	require.Equal(r, wamp.List{"tern"}, event.Arguments)
	if asked.Match != keyring.MatchExact {
		topic, _ := wamp.AsString(event.Details["topic"])
		require.Equal(r, uri, topic)
	}
}

func (r ruled) calls(front, back *transparency.Session, asked keyring.Pattern, uri string) {
	r.Helper()
	r.served(back, asked.URI, matching(asked), func(ctx context.Context, inv *wamp.Invocation) client.InvokeResult {
		if len(inv.Arguments) == 0 {
			return client.InvokeResult{Err: wamp.URI(hiddenError), Args: wamp.List{"gull"}}
		}
		if err := back.SendProgress(ctx, wamp.List{"half"}, nil); err != nil {
			return client.InvokeResult{Err: wamp.ErrInvalidArgument}
		}
		return client.InvokeResult{Args: inv.Arguments}
	})
	r.Cleanup(func() { require.NoError(r, back.Unregister(asked.URI)) })
	progress := 0
	result, err := front.Call(r.ctx, uri, nil, wamp.List{"tern"}, nil, func(*wamp.Result) { progress++ })
	require.NoError(r, err)
	require.Equal(r, wamp.List{"tern"}, result.Arguments)
	require.Equal(r, 1, progress)
	_, err = front.Call(r.ctx, uri, nil, nil, nil, nil)
	raised := harness.Raised(r, err)
	require.Equal(r, hiddenError, string(raised.Error))
	require.Equal(r, wamp.List{"gull"}, raised.Arguments)
}

// asking gives the ring of who looks into the router: it has each pattern, and so finds it again.
func (r ruled) asking(keys harness.Keys, secret cryptobox.ScrambleSecret) *keyring.Ring {
	r.Helper()
	ring := scrambledRing(r.T, keys.PairKey(), secret)
	for _, way := range scrambledWays {
		require.NoError(r, ring.Set(way.asked, keys.PairKey()))
	}
	return ring
}

// meta asks the router by its own procedures.
func (r ruled) meta(admin *transparency.Session, asked keyring.Pattern, uri string) {
	r.Helper()
	one := func(uri string, options wamp.Dict) transparency.RouterURI {
		uris, err := admin.RouterURIs(uri, options)
		require.NoError(r, err)
		require.Len(r, uris, 1)
		return uris[0]
	}
	for _, kind := range []string{"registration", "subscription"} {
		_, err := admin.Call(r.ctx, "wamp."+kind+".lookup", nil, wamp.List{asked.URI, matching(asked)}, nil, nil)
		harness.RequireReason(r, err, transparency.Misuse)
		found := r.live.calls(admin, "wamp."+kind+".lookup", wamp.List{one(asked.URI, matching(asked)), matching(asked)}, nil)
		id, ok := wamp.AsID(found.Arguments[0])
		require.True(r, ok, found.Arguments)

		matches := r.live.calls(admin, "wamp."+kind+".match", wamp.List{one(uri, nil)}, nil).Arguments[0]
		if list, several := wamp.AsList(matches); several { // of subscriptions
			require.Len(r, list, 1)
			matches = list[0]
		}
		matching, _ := wamp.AsID(matches)
		require.Equal(r, id, matching)

		details, _ := wamp.AsDict(r.live.calls(admin, "wamp."+kind+".get", wamp.List{id}, nil).Arguments[0])
		r.real(admin, details, asked)
	}
}

// real expects that the details of a subscription or registration are of a pattern.
func (r ruled) real(admin *transparency.Session, details wamp.Dict, asked keyring.Pattern) {
	r.Helper()
	named, _ := wamp.AsString(details["uri"])
	require.NotEqual(r, asked.URI, named)
	match, _ := wamp.AsString(details["match"])
	require.Equal(r, asked.Match.String(), match)
	uri, known := admin.RealURI(transparency.RouterURI(named), details)
	require.Equal(r, asked.URI, uri)
	require.True(r, known)
}

// metaEvents has a Session be told of what others subscribe to and register.
func (r ruled) metaEvents(admin *transparency.Session) (created map[string]<-chan *wamp.Event) {
	r.Helper()
	created = map[string]<-chan *wamp.Event{}
	for _, kind := range []string{"registration", "subscription"} {
		created[kind] = r.subscribed(admin, "wamp."+kind+".on_create", nil)
	}
	return created
}

// created expects that the admin was told of a pattern.
func (r ruled) created(admin *transparency.Session, created map[string]<-chan *wamp.Event, asked keyring.Pattern) {
	r.Helper()
	for _, events := range created {
		event := next(r.live, events)
		details, ok := wamp.AsDict(event.Arguments[1])
		require.True(r, ok)
		r.real(admin, details, asked)
	}
}

// refusals: what no rule names the router refuses, and tells who asked.
func (r ruled) refusals(ring *keyring.Ring, front, back *transparency.Session) {
	acknowledged := wamp.Dict{wamp.OptAcknowledge: true}
	sends := func(s *transparency.Session, uri string) {
		r.Helper()
		r.refused(s.Publish(uri, acknowledged, nil, nil))
		_, err := s.Call(r.ctx, uri, nil, nil, nil, nil)
		r.refused(err)
	}
	receives := func(s *transparency.Session, p keyring.Pattern) {
		r.Helper()
		for _, err := range []error{s.Subscribe(p.URI, func(*wamp.Event) {}, matching(p)), s.Register(p.URI, harness.Echo, matching(p))} {
			r.refused(err)
			require.ErrorContains(r, err, p.URI)
		}
	}
	outsider := r.join("outsider", ring)
	sends(front, unnamedURI)
	receives(back, keyring.Exact(unnamedURI))
	receives(back, keyring.Prefix(prefix+"kestrel."))
	receives(back, keyring.Prefix(prefix))
	receives(back, keyring.Wildcard(prefix+"kestrel..osprey"))
	for _, way := range scrambledWays {
		sends(back, way.uri)
		receives(front, way.asked)
		sends(outsider, way.uri)
		receives(outsider, way.asked)
	}
	exact := r.join("exact", ring)
	receives(exact, keyring.Prefix(prefix+"dunlin."))
	receives(exact, scrambledWays[2].asked)
	require.NoError(r, exact.Subscribe(wildcardURI, func(*wamp.Event) {}, nil))
	require.NoError(r, exact.Register(wildcardURI, harness.Echo, nil))
	// Who has another secret asks for other URIs.
	foreign := scrambledRing(r.T, harness.NewKeys().PairKey(), cryptobox.GenerateScrambleSecret())
	sends(r.join("front", foreign), exactURI)
	receives(r.join("back", foreign), keyring.Exact(exactURI))
}

// hidden expects that neither what crossed nor what the router logs shows a component. The log
// does name URIs, as they are scrambled.
func (r ruled) hidden(ring *keyring.Ring) {
	r.Helper()
	log := r.log()
	for _, word := range scrambledWords {
		shown, err := r.tap.Contains(word)
		require.NoError(r, err)
		require.False(r, shown, word)
		require.False(r, says(log, word), word)
	}
	form, err := ring.Forms(interop.Realm).Send(exactURI)
	require.NoError(r, err)
	crossed, err := r.tap.Contains(form.URI(exactURI))
	require.NoError(r, err)
	require.True(r, crossed)
	require.True(r, says(log, form.URI(exactURI)))
}

// says tells whether a log shows a word, in one encoding or another.
func says(log, word string) bool {
	return slices.ContainsFunc(leak.Encodings([]byte(word)), func(shape []byte) bool { return strings.Contains(log, string(shape)) })
}

// plainIsSeen: without scrambling both would show it, and the rules don't name it.
func (r ruled) plainIsSeen() {
	r.Helper()
	c := r.joinPlain("front")
	r.refused(c.Publish(exactURI, wamp.Dict{wamp.OptAcknowledge: true}, nil, nil))
	shown, err := r.tap.Contains("kestrel")
	require.NoError(r, err)
	require.True(r, shown)
	r.eventually(func() bool { return says(r.log(), "kestrel") })
}
