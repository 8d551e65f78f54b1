package transparency_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/handrouter"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// TestScrambledInfo: what is proved of a message names the real pattern, events that are missing are
// counted by real topics, and validators see real URIs.
func TestScrambledInfo(t *testing.T) {
	k, narrow, secret := harness.NewKeys(), harness.NewKeys(), cryptobox.GenerateScrambleSecret()
	r := startRouter(t)
	ringOf := func(key func(harness.Keys) keyring.Key) *keyring.Ring {
		ring := harness.ClosedRing(t, key(k))
		require.NoError(t, ring.Set(keyring.Exact(below+"a.narrow"), key(narrow)))
		require.NoError(t, ring.Scramble(below, secret))
		return ring
	}
	seen := make(chan string, 100)
	validating := transparency.WithValidator(validatorFunc(func(p *transparency.Payload) error {
		seen <- p.URI
		return nil
	}))
	s := links[1].session(t, r, ringOf(harness.Keys.ResponderKey), validating)
	o := links[1].session(t, r, ringOf(harness.Keys.OriginatorKey))
	got := events(t, s, below, prefixed)
	patterns := map[string]keyring.Pattern{below + "a.wide": keyring.Prefix(below), below + "a.narrow": keyring.Exact(below + "a.narrow")}
	for uri, pattern := range patterns {
		for i := range 3 {
			require.NoError(t, o.Publish(uri, wamp.Dict{wamp.OptAcknowledge: true}, wamp.List{"x"}, nil))
			ev := harness.Receive(t, got)
			info, proved := transparency.InfoFrom(ev.Details)
			require.True(t, proved)
			require.Equal(t, pattern, info.Pattern)
			require.Zero(t, info.Missed)
			require.Equal(t, uri, harness.Receive(t, seen), i)
		}
	}
	// A broker that drops one is found out, for the topic that it dropped.
	require.NoError(t, s.Unsubscribe(below))
	require.NoError(t, o.Publish(below+"a.narrow", wamp.Dict{wamp.OptAcknowledge: true}, wamp.List{"lost"}, nil))
	got = events(t, s, below, prefixed)
	for uri := range patterns {
		require.NoError(t, o.Publish(uri, wamp.Dict{wamp.OptAcknowledge: true}, wamp.List{"x"}, nil))
		info, _ := transparency.InfoFrom(harness.Receive(t, got).Details)
		require.Equal(t, uri == below+"a.narrow", info.Missed == 1, "%d", info.Missed)
	}
	require.NoError(t, s.Register(below+"a.", harness.Echo, prefixed))
	_, err := o.Call(harness.Timeout(t), below+"a.narrow", nil, wamp.List{"x"}, nil, nil)
	require.NoError(t, err)
}

// TestScrambledRetained: a retained event comes once to who asks for it, whatever the form.
func TestScrambledRetained(t *testing.T) {
	k, first, second := harness.NewKeys(), cryptobox.GenerateScrambleSecret(), cryptobox.GenerateScrambleSecret()
	ring := scrambledRing(t, k.ResponderKey(), first)
	require.NoError(t, ring.AddScramble(below, second, keyring.Dates{ActiveFrom: time.Now().Add(time.Hour)}))
	w := plugged(t, ring)
	forge, uri := holds(t, k.OriginatorKey()), below+"a.x"
	require.NoError(t, w.Session.Subscribe(below+"a.", func(ev *wamp.Event) { w.got = append(w.got, ev) }, wamp.Dict{"match": "prefix", "get_retained": true}))
	kept := forge.Seal(uri, forge.Bind(cryptobox.KindPublish, keptFor(time.Hour)), "kept")
	for i, secret := range []cryptobox.ScrambleSecret{first, second, first} {
		text := scrambling(t, secret, harness.Realm)
		w.events[text(below+"a.")](&wamp.Event{Details: wamp.Dict{"topic": text(uri), "retained": true}, ArgumentsKw: kept})
		require.Len(t, w.got, 1)
		require.Len(t, w.refused, i)
	}
	harness.RequireReason(t, w.refused[0], transparency.Replayed)
	require.Equal(t, uri, w.got[0].Details["topic"])
}

// TestScrambledRealURI knows what is on the keyring, besides what was asked for.
func TestScrambledRealURI(t *testing.T) {
	k, secret := harness.NewKeys(), cryptobox.GenerateScrambleSecret()
	text := scrambling(t, secret, harness.Realm)
	ring := harness.ClosedRing(t, k.ResponderKey())
	patterns := []keyring.Pattern{keyring.Exact(below + "a.x"), keyring.Prefix(below + "b."), keyring.Wildcard(below + ".y.z")}
	for _, p := range patterns {
		require.NoError(t, ring.Set(p, k.ResponderKey()))
	}
	require.NoError(t, ring.Scramble(below, secret))
	s, _ := stubbed(t, ring)
	for _, p := range patterns {
		name, known := s.RealURI(transparency.RouterURI(text(p.URI)), matching(p))
		require.True(t, known)
		require.Equal(t, p.URI, name)
		uris, err := s.RouterURIs(p.URI, matching(p))
		require.NoError(t, err)
		require.Equal(t, []transparency.RouterURI{transparency.RouterURI(text(p.URI))}, uris)
	}
	for _, uri := range []string{text(below + "q"), below + "a.x", text(below + "b.")} {
		_, known := s.RealURI(transparency.RouterURI(uri), nil)
		require.False(t, known, uri)
	}
	name, known := s.RealURI("com.other", nil)
	require.True(t, known)
	require.Equal(t, "com.other", name)
	for _, p := range []keyring.Pattern{keyring.Prefix(below + "a"), keyring.Prefix("com."), keyring.Wildcard("com...a"), {}} {
		_, err := s.RouterURIs(p.URI, matching(p))
		harness.RequireReason(t, err, transparency.Misuse)
	}
	require.NoError(t, ring.SetScrambleDates(below, secret.ID().String(), keyring.Dates{NotAfter: time.Now().Add(-time.Second)}))
	_, err := s.RouterURIs(below+"a.x", nil)
	harness.RequireReason(t, err, transparency.NoKey)
	harness.RequireReason(t, s.Subscribe(below+"a.x", func(*wamp.Event) {}, nil), transparency.NoKey)
}

// TestScrambledWrap: a client of nexus's gets and sends scrambled URIs.
func TestScrambledWrap(t *testing.T) {
	k, secret := harness.NewKeys(), cryptobox.GenerateScrambleSecret()
	r := startRouter(t)
	s, err := transparency.Wrap(links[1].plain(t, r), harness.Realm, scrambledRing(t, k.ResponderKey(), secret))
	require.NoError(t, err)
	o, err := transparency.Wrap(links[1].plain(t, r), harness.Realm, scrambledRing(t, k.OriginatorKey(), secret))
	require.NoError(t, err)
	exchange(t, o, s, below+"uri")
	got := events(t, s, below+"a.", prefixed)
	require.NoError(t, o.Publish(below+"a.x", nil, wamp.List{"x"}, nil))
	require.EqualValues(t, below+"a.x", harness.Receive(t, got).Details["topic"])
	require.NoError(t, o.Close())
	require.NoError(t, s.Close())
}

// TestScrambledComesBack: what stands is asked for again under all secrets, and what the router
// refuses is named as the application names it.
func TestScrambledComesBack(t *testing.T) {
	k, first, second := harness.NewKeys(), cryptobox.GenerateScrambleSecret(), cryptobox.GenerateScrambleSecret()
	ring := scrambledRing(t, k.ResponderKey(), first)
	require.NoError(t, ring.AddScramble(below, second, keyring.Dates{ActiveFrom: time.Now().Add(time.Hour)}))
	r, log := handrouter.Start(t, handrouter.RawSocket, "cbor"), &harness.Buffer{}
	policy := transparency.ReconnectPolicy{Min: time.Millisecond, Max: 5 * time.Millisecond}
	s, conn := harness.Welcome(t, r, nil, func() (*transparency.Session, error) {
		return transparency.ConnectNet(context.Background(), r.URL(), harness.Config(client.CBOR), ring,
			transparency.WithReconnect(policy), transparency.WithLogger(slog.New(slog.NewTextHandler(log, nil))))
	})
	uri := below + "a.x"
	texts := []string{scrambling(t, first, harness.Realm)(uri), scrambling(t, second, harness.Realm)(uri)}
	confirm := func() {
		for i, text := range texts {
			m := conn.Next()
			require.EqualValues(t, wamp.REGISTER, m[0])
			require.Equal(t, text, m[3])
			conn.Send(wamp.REGISTERED, m[1], 10+i)
		}
	}
	done := harness.Go(func() error { return s.Register(uri, harness.Echo, nil) })
	confirm()
	require.NoError(t, harness.Receive(t, done))
	conn.Close()
	conn = r.Welcome()
	for range texts {
		m := conn.Next()
		conn.Send(wamp.ERROR, wamp.REGISTER, m[1], wamp.Dict{}, "wamp.error.procedure_already_exists")
	}
	require.Eventually(t, func() bool { return s.Ready() != nil }, harness.Patience, time.Millisecond)
	require.ErrorContains(t, s.Ready(), uri)
	require.Contains(t, log.String(), uri)
	confirm()
	require.Eventually(t, func() bool { return s.Ready() == nil }, harness.Patience, time.Millisecond)
	id, known := s.RegistrationID(uri)
	require.True(t, known)
	require.EqualValues(t, 10, id)
	conn.Close()
	require.NoError(t, s.Close())
}

// TestScrambledWhileAway: what the router couldn't be asked for while there was no connection is
// asked for at once when there is one again.
func TestScrambledWhileAway(t *testing.T) {
	t.Parallel()
	k, first, second := harness.NewKeys(), cryptobox.GenerateScrambleSecret(), cryptobox.GenerateScrambleSecret()
	ring, r := scrambledRing(t, k.ResponderKey(), first), handrouter.Start(t, handrouter.RawSocket, "cbor")
	policy := transparency.ReconnectPolicy{Min: time.Millisecond, Max: 5 * time.Millisecond}
	s, conn := harness.Welcome(t, r, nil, func() (*transparency.Session, error) {
		return transparency.ConnectNet(context.Background(), r.URL(), harness.Config(client.CBOR), ring, transparency.WithReconnect(policy))
	})
	uri := below + "a.x"
	confirm := func(secret cryptobox.ScrambleSecret) {
		m := conn.Next()
		require.Equal(t, scrambling(t, secret, harness.Realm)(uri), m[3])
		conn.Send(wamp.SUBSCRIBED, m[1], 10)
	}
	done := harness.Go(func() error { return s.Subscribe(uri, func(*wamp.Event) {}, nil) })
	confirm(first)
	require.NoError(t, harness.Receive(t, done))
	conn.Close()
	require.Eventually(t, func() bool { return !s.Connected() }, harness.Patience, time.Millisecond)
	require.NoError(t, ring.AddScramble(below, second, keyring.Dates{ActiveFrom: time.Now().Add(time.Hour)}))
	time.Sleep(3500 * time.Millisecond) // three attempts, and the next one is in some seconds
	conn = r.Welcome()
	confirm(first)
	back := time.Now()
	confirm(second)
	require.Less(t, time.Since(back), 2*time.Second)
	require.Eventually(t, func() bool { return s.Ready() == nil }, harness.Patience, time.Millisecond)
	conn.Close()
	require.NoError(t, s.Close())
}
