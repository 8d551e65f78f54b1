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

// oursPrefix has a key of our dialect beside one of another.
const oursPrefix = "com.myapp.ours."

// besideOurs is a ring with a key under [harness.Prefix], and with one of our dialect.
func besideOurs(t *testing.T, key keyring.Key) *keyring.Ring {
	t.Helper()
	ring := harness.RingOf(t, key)
	require.NoError(t, ring.Set(keyring.Prefix(oursPrefix), keyring.Pair(cryptobox.GenerateKey(), cryptobox.GenerateKey())))
	return ring
}

// pairIn is a key of both roles in a foreign dialect.
func pairIn(d cryptobox.Dialect) keyring.Key {
	pair := keyring.Pair(cryptobox.GenerateKey(), cryptobox.GenerateKey())
	if d == cryptobox.Autobahn {
		return pair.ForAutobahn()
	}
	return pair.ForPassthru(harness.PassthruID)
}

// requireNotCarried checks that whatever an application does with a URI needs a dialect
// that isn't carried.
func requireNotCarried(t *testing.T, s *transparency.Session, uri string, says ...string) {
	t.Helper()
	all := verbs(t, s, uri)
	all["publish"] = func() error { return s.Publish(uri, nil, wamp.List{marker}, nil) }
	all["acknowledged"] = func() error { return s.Publish(uri, wamp.Dict{"acknowledge": true}, wamp.List{marker}, nil) }
	all["progressive"] = func() error {
		_, err := s.CallProgressive(harness.Timeout(t), uri, func(context.Context) (wamp.Dict, wamp.List, wamp.Dict, error) {
			return nil, wamp.List{marker}, nil, nil
		}, nil)
		return err
	}
	for op, do := range all {
		err := do()
		harness.RequireReason(t, err, transparency.NotCarried)
		for _, text := range append(says, uri) {
			require.ErrorContains(t, err, text, op)
		}
		require.NotContains(t, err.Error(), marker)
	}
}

// TestDialectsThatTheRouterDoesntCarry: a router drops what it doesn't know of a
// message, so there is no use in sending any. Connecting only warns, as what is in other
// dialects works.
func TestDialectsThatTheRouterDoesntCarry(t *testing.T) {
	role := func(features ...string) wamp.Dict {
		announced := wamp.Dict{wamp.FeatureProgCallInvocations: true}
		for _, feature := range features {
			announced[feature] = true
		}
		return wamp.Dict{"features": announced}
	}
	for _, d := range []dialect{autobahn, passthru} {
		feature := d.router[0]
		for name, c := range map[string]struct {
			roles wamp.Dict
			lacks string
		}{
			"neither":                     {wamp.Dict{"broker": role(), "dealer": role()}, "broker"},
			"the dealer doesn't":          {wamp.Dict{"broker": role(feature), "dealer": role()}, "dealer"},
			"the broker doesn't":          {wamp.Dict{"broker": role(), "dealer": role(feature)}, "broker"},
			"another feature":             {wamp.Dict{"broker": role("payload_encryption_cryptobox"), "dealer": role(feature)}, "broker"},
			"announced as false":          {wamp.Dict{"broker": wamp.Dict{"features": wamp.Dict{feature: false}}, "dealer": role(feature)}, "broker"},
			"both":                        {wamp.Dict{"broker": role(feature), "dealer": role(feature)}, ""},
			"a broker that has no dealer": {wamp.Dict{"broker": role(feature)}, ""},
		} {
			t.Run(d.String()+"/"+name, func(t *testing.T) {
				s, conn, log := welcomed(t, besideOurs(t, pairIn(d.Dialect)), c.roles)
				if c.lacks == "" {
					require.Empty(t, log.String())
					require.NoError(t, s.Publish(keyedURI, nil, nil, nil))
					require.EqualValues(t, wamp.PUBLISH, conn.Next()[0])
					return
				}
				lacks := "doesn't announce " + feature + " for its role " + c.lacks
				require.Contains(t, log.String(), "keys on the ring can't be used here")
				require.Contains(t, log.String(), lacks)
				requireNotCarried(t, s, keyedURI, lacks, "use another router")
				require.Empty(t, conn.Pending(10*time.Millisecond), "something was sent")
				require.NoError(t, s.Publish(oursPrefix+"x", nil, nil, nil))
				require.EqualValues(t, wamp.PUBLISH, conn.Next()[0])
			})
		}
	}
}

// welcomed connects a Session to a router that has these roles.
func welcomed(t *testing.T, ring *keyring.Ring, roles wamp.Dict) (s *transparency.Session, conn *handrouter.Conn, log *harness.Buffer) {
	t.Helper()
	r := handrouter.Start(t, handrouter.WebSocket, "json")
	log = &harness.Buffer{}
	connected := harness.Go(func() (err error) {
		s, err = transparency.ConnectNet(context.Background(), r.URL(), harness.Config(client.JSON), ring, logTo(log))
		return err
	})
	conn = r.Accept()
	conn.Next() // HELLO
	conn.Send(wamp.WELCOME, 1, wamp.Dict{"roles": roles})
	require.NoError(t, harness.Receive(t, connected))
	t.Cleanup(func() {
		conn.Close()
		_ = s.Close()
	})
	return s, conn, log
}

func logTo(log *harness.Buffer) transparency.Option {
	return transparency.WithLogger(slog.New(slog.NewTextHandler(log, nil)))
}

// TestNexusDoesntCarryAutobahn, as it turns payloads into lists of integers. Nor does a link
// inside the process, or a client that was wrapped.
func TestNexusDoesntCarryAutobahn(t *testing.T) {
	r := startRouter(t)
	for _, l := range links {
		t.Run(l.name, func(t *testing.T) {
			log := &harness.Buffer{}
			s := l.session(t, r, besideOurs(t, pairIn(cryptobox.Autobahn)), logTo(log))
			says := "payload_transparency"
			if l.url == nil {
				says = "connect over the network"
			}
			require.Contains(t, log.String(), says)
			requireNotCarried(t, s, keyedURI, "autobahn", says)
			require.NoError(t, s.Publish(oursPrefix+"x", wamp.Dict{"acknowledge": true}, nil, nil))
		})
	}
	for _, d := range []cryptobox.Dialect{cryptobox.Autobahn, cryptobox.Passthru} {
		t.Run("wrapped, "+d.String(), func(t *testing.T) {
			s, err := transparency.Wrap(links[1].plain(t, r), harness.Realm, besideOurs(t, pairIn(d)))
			require.NoError(t, err)
			requireNotCarried(t, s, keyedURI, d.String(), "use ConnectNet")
			require.NoError(t, s.Publish(oursPrefix+"x", wamp.Dict{"acknowledge": true}, nil, nil))
		})
	}
}

// TestNotCarriedWarnings: none where every key can be used.
func TestNotCarriedWarnings(t *testing.T) {
	r := startRouter(t)
	for _, key := range []keyring.Key{harness.NewKeys().OriginatorKey(), pairIn(cryptobox.Passthru)} {
		log := &harness.Buffer{}
		links[1].session(t, r, besideOurs(t, key), logTo(log))
		require.Empty(t, log.String())
	}
	log := &harness.Buffer{}
	s, err := transparency.Wrap(links[1].plain(t, r), harness.Realm, besideOurs(t, pairIn(cryptobox.Passthru)), logTo(log))
	require.NoError(t, err)
	require.NoError(t, s.Close())
	require.Contains(t, log.String(), "keys on the ring can't be used here")
}

// TestErrorsInADialectThatIsntCarried go out without arguments, and the callee learns of
// it.
func TestErrorsInADialectThatIsntCarried(t *testing.T) {
	r := startRouter(t)
	refused, option := harness.Collect()
	callee := links[1].session(t, r, harness.RingOf(t, pairIn(cryptobox.Autobahn)), option)
	require.NoError(t, callee.Register(plainURI, answering(client.InvokeResult{Err: harness.Prefix + "error1", Args: wamp.List{marker}}), nil))
	_, err := links[2].plain(t, r).Call(harness.Timeout(t), plainURI, nil, nil, nil, nil)
	require.Equal(t, wamp.URI(harness.Prefix+"error1"), harness.Raised(t, err).Error)
	require.Empty(t, harness.Raised(t, err).Arguments)
	harness.RequireReason(t, refused.Next(t), transparency.NotCarried)
}
