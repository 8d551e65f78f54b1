package closed_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/proxy"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/testrouter"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// secret must not be seen on the wire.
const secret = "attack at dawn"

var (
	originator, responder = cryptobox.GenerateKey(), cryptobox.GenerateKey()
	orders                = keyring.Prefix("com.myapp.orders.")
	past, future          = time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
)

// sealing is a key with which the Session could publish and call.
func sealing() keyring.Key { return keyring.Originator(originator, responder.Public()) }

// opening is one with which it can't.
func opening() keyring.Key { return keyring.Responder(responder, originator.Public()) }

// belief is a way to believe that a URI is sealed, while it isn't.
type belief struct {
	name string
	ring func(t *testing.T, ring *keyring.Ring) // what is done to an empty one
	uri  string
	// reason and says are what the error has to say.
	reason transparency.Reason
	says   string
}

// keyed is a ring with the key of orders, to which more is done.
func keyed(more ...func(t *testing.T, ring *keyring.Ring)) func(*testing.T, *keyring.Ring) {
	return func(t *testing.T, ring *keyring.Ring) {
		require.NoError(t, ring.Set(orders, sealing()))
		for _, f := range more {
			f(t, ring)
		}
	}
}

func plain(p keyring.Pattern) func(*testing.T, *keyring.Ring) {
	return func(t *testing.T, ring *keyring.Ring) { require.NoError(t, ring.SetPlain(p)) }
}

// file is a ring from a file's patterns, and then from another's.
func file(contents ...string) func(*testing.T, *keyring.Ring) {
	return func(t *testing.T, ring *keyring.Ring) {
		path := filepath.Join(t.TempDir(), "keyring.json")
		for _, patterns := range contents {
			text := fmt.Sprintf(`{"version": 2, "patterns": [%s]}`, patterns)
			require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
			content, err := keyfile.Load(path)
			require.NoError(t, err)
			_, err = ring.Update(path, content)
			require.NoError(t, err)
		}
	}
}

// entry is a pattern of a file, with a key.
func entry(pattern, more string) string {
	private, err := keyfile.PrivateKey(originator).UnsafeText(), error(nil)
	if err != nil {
		panic(err)
	}
	return fmt.Sprintf(`{%s, "versions": [{%s"originator": {"private": %q}, "responder": {"public": %q}}]}`,
		pattern, more, private, responder.Public())
}

func rfc3339(t time.Time) string { return t.UTC().Format(time.RFC3339) }

const uri = "com.myapp.orders.new"

// beliefs: nothing is sent for any of them.
func beliefs() []belief {
	near := `it nearly matches prefix "com.myapp.orders."`
	unlessKeyed := func(_ *testing.T, ring *keyring.Ring) { ring.PlainUnlessKeyed() }
	ordersFile := entry(`"prefix": "com.myapp.orders."`, "")
	return []belief{
		// Nothing, or something else, is keyed.
		{"an empty ring", func(*testing.T, *keyring.Ring) {}, uri, transparency.NoKey, "no pattern of the keyring matches"},
		{"another pattern", keyed(), "com.myapp.users.new", transparency.NoKey, "no pattern of the keyring matches"},
		{"exact where a prefix was meant", func(t *testing.T, ring *keyring.Ring) {
			require.NoError(t, ring.Set(keyring.Exact("com.myapp.orders"), sealing()))
		}, uri, transparency.NoKey, "no pattern of the keyring matches"},
		{"the name of the prefix itself", keyed(), "com.myapp.orders", transparency.NoKey, near},
		{"a wildcard with a component less", func(t *testing.T, ring *keyring.Ring) {
			require.NoError(t, ring.Set(keyring.Wildcard("com..new"), sealing()))
		}, uri, transparency.NoKey, "no pattern of the keyring matches"},
		{"a wildcard at another place", func(t *testing.T, ring *keyring.Ring) {
			require.NoError(t, ring.Set(keyring.Wildcard("com..orders.old"), sealing()))
		}, uri, transparency.NoKey, "no pattern of the keyring matches"},

		// Typos, in an otherwise closed ring and where the rest is plain.
		{"a letter too few", keyed(), "com.myapp.order.new", transparency.NoKey, near},
		{"a letter too many", keyed(), "com.myapp.orderss.new", transparency.NoKey, near},
		{"another letter", keyed(), "com.myapp.ordert.new", transparency.NoKey, near},
		{"letters in another order", keyed(), "com.myapp.odrers.new", transparency.NoKey, near},
		{"upper case", keyed(), "com.myapp.Orders.new", transparency.NoKey, near},
		{"a dot too few", keyed(), "com.myapporders.new", transparency.NoKey, near},
		{"a dot too many", keyed(), "com.myapp..orders.new", transparency.NoKey, near},
		{"a typo, all else is plain unless keyed", keyed(unlessKeyed), "com.myapp.order.new", transparency.NoKey, near},
		{"upper case, all else is plain unless keyed", keyed(unlessKeyed), "Com.Myapp.Orders.new", transparency.NoKey, near},
		{"a typo, the rest is declared plain", keyed(plain(keyring.Prefix("com.myapp."))), "com.myapp.order.new", transparency.NoKey, near},
		{"a dot too few, the rest is declared plain", keyed(plain(keyring.Prefix("com."))), "com.myapporders.new", transparency.NoKey, near},
		{"the name itself, everything is declared plain", keyed(plain(keyring.Prefix(""))), "com.myapp.orders", transparency.NoKey, near},
		{"a typo, a wildcard is declared plain", keyed(plain(keyring.Wildcard("com.myapp..new"))), "com.myapp.order.new", transparency.NoKey, near},
		{"a star, all else is plain unless keyed", keyed(unlessKeyed), "com.myapp.*", transparency.NoKey, "stand for nothing in WAMP"},
		{"a star, the rest is declared plain", keyed(plain(keyring.Prefix("com."))), "com.myapp.*", transparency.NoKey, "stand for nothing in WAMP"},

		// WAMP's own and ours.
		{"our protocol's own errors", func(t *testing.T, ring *keyring.Ring) {
			require.NoError(t, ring.Set(keyring.Prefix(""), sealing()))
		}, "wampbox.error.mine", transparency.ReservedOption, "wampbox's own"},
		{"a URI that isn't set", func(t *testing.T, ring *keyring.Ring) {
			require.NoError(t, ring.Set(keyring.Prefix(""), sealing()))
		}, "", transparency.Misuse, "the URI is empty"},

		// Roles.
		{"the other role's key", func(t *testing.T, ring *keyring.Ring) {
			require.NoError(t, ring.Set(orders, opening()))
		}, uri, transparency.WrongRole, "originator"},
		{"the other role's key, more specific", keyed(func(t *testing.T, ring *keyring.Ring) {
			require.NoError(t, ring.Set(keyring.Exact(uri), opening()))
		}), uri, transparency.WrongRole, "originator"},

		// Versions and dates.
		{"revoked", keyed(func(t *testing.T, ring *keyring.Ring) {
			require.NoError(t, ring.Revoke(orders, sealing().ID()))
		}), uri, transparency.NoKey, "was revoked"},
		{"the newest is revoked, an older one isn't", keyed(func(t *testing.T, ring *keyring.Ring) {
			next := keyring.Originator(cryptobox.GenerateKey(), responder.Public())
			require.NoError(t, ring.Add(orders, next, keyring.Dates{ActiveFrom: past}))
			require.NoError(t, ring.Revoke(orders, next.ID()))
		}), uri, transparency.NoKey, "was revoked"},
		{"not active yet", func(t *testing.T, ring *keyring.Ring) {
			require.NoError(t, ring.Add(orders, sealing(), keyring.Dates{ActiveFrom: future}))
		}, uri, transparency.NoKey, "seals from"},
		{"expired", func(t *testing.T, ring *keyring.Ring) {
			require.NoError(t, ring.Add(orders, sealing(), keyring.Dates{NotAfter: past}))
		}, uri, transparency.NoKey, "was good until"},
		{"the newest is expired, an older one isn't", keyed(func(t *testing.T, ring *keyring.Ring) {
			next := keyring.Originator(cryptobox.GenerateKey(), responder.Public())
			require.NoError(t, ring.Add(orders, next, keyring.Dates{ActiveFrom: past.Add(-time.Hour), NotAfter: past}))
		}), uri, transparency.NoKey, "was good until"},
		{"removed", keyed(func(t *testing.T, ring *keyring.Ring) {
			require.NoError(t, ring.Remove(orders))
		}), uri, transparency.NoKey, "was removed"},
		{"removed, a wider one is plain", keyed(plain(keyring.Prefix("com.")), func(t *testing.T, ring *keyring.Ring) {
			require.NoError(t, ring.Remove(orders))
		}), uri, transparency.NoKey, "was removed"},
		{"removed, all else is plain unless keyed", keyed(unlessKeyed, func(t *testing.T, ring *keyring.Ring) {
			require.NoError(t, ring.Remove(orders))
		}), uri, transparency.NoKey, "was removed"},
		{"the transition is over, and the key is the other role's", func(t *testing.T, ring *keyring.Ring) {
			require.NoError(t, ring.Set(orders, opening()))
			require.NoError(t, ring.Transition(orders, keyring.SendPlain, past))
		}, uri, transparency.WrongRole, "originator"},

		// Files.
		{"a file without the pattern", file(entry(`"prefix": "com.myapp.users."`, "")), uri, transparency.NoKey, "no pattern of the keyring matches"},
		{"a file with a typo", file(entry(`"prefix": "com.myapp.order."`, "")), uri, transparency.NoKey, `it nearly matches prefix "com.myapp.order."`},
		{"a file that lost the pattern", file(ordersFile, entry(`"prefix": "com.myapp.users."`, "")), uri, transparency.NoKey, "was removed"},
		{"a file that lost it, the rest is plain", file(ordersFile+`, {"prefix": "com.", "plain": true}`, `{"prefix": "com.", "plain": true}`),
			uri, transparency.NoKey, "was removed"},
		{"a file whose key isn't active yet", file(entry(`"prefix": "com.myapp.orders."`, `"active_from": "`+rfc3339(future)+`", `)),
			uri, transparency.NoKey, "seals from"},
		{"a file whose key has expired", file(entry(`"prefix": "com.myapp.orders."`, `"not_after": "`+rfc3339(past)+`", `)),
			uri, transparency.NoKey, "was good until"},
		{"a file whose key is revoked", file(ordersFile, `{"prefix": "com.myapp.orders.", "versions": [{"id": "`+sealing().ID()+`", "revoked": true}]}`),
			uri, transparency.NoKey, "was revoked"},
	}
}

// TestBelievedToBeSealed: what isn't declared plain is sealed or not sent, and the error
// says why it isn't.
func TestBelievedToBeSealed(t *testing.T) {
	r := testrouter.Start(t)
	all := beliefs()
	require.GreaterOrEqual(t, len(all), 40)
	for _, b := range all {
		t.Run(b.name, func(t *testing.T) {
			ring := keyring.New()
			b.ring(t, ring)
			tap := proxy.Start(t, r.WebSocketURL())
			s, err := transparency.ConnectNet(context.Background(), tap.URL(), harness.Config(client.CBOR), ring)
			require.NoError(t, err)
			defer s.Close()
			b.refused(t, s)
			require.NoError(t, s.Close())
			seen, err := tap.Contains(secret)
			require.NoError(t, err)
			require.False(t, seen)
		})
	}
}

// refused tries all that sends.
func (b *belief) refused(t *testing.T, s *transparency.Session) {
	t.Helper()
	args, kwargs := wamp.List{secret}, wamp.Dict{"k": secret}
	_, called := s.Call(harness.Timeout(t), b.uri, nil, args, kwargs, nil)
	_, progressive := s.CallProgressive(harness.Timeout(t), b.uri, func(context.Context) (wamp.Dict, wamp.List, wamp.Dict, error) {
		return nil, args, kwargs, nil
	}, nil)
	errs := map[string]error{
		"publish": s.Publish(b.uri, nil, args, kwargs), "call": called, "call progressive": progressive,
	}
	if b.reason != transparency.WrongRole && b.uri != "" {
		// A testament would be published by the router, sealed by nobody.
		_, errs["testament"] = s.Call(harness.Timeout(t), string(wamp.MetaProcSessionAddTestament), nil, wamp.List{b.uri, args, kwargs}, nil, nil)
	}
	for what, err := range errs {
		require.Error(t, err, what)
		if what == "testament" {
			require.ErrorAs(t, err, new(*transparency.Error))
			continue
		}
		harness.RequireReason(t, err, b.reason)
		require.ErrorContains(t, err, b.says, what)
	}
}

// TestSealedAfterAll: the ring of those beliefs does seal what it has a key for.
func TestSealedAfterAll(t *testing.T) {
	r := testrouter.Start(t)
	ring := keyring.New()
	keyed()(t, ring)
	tap := proxy.Start(t, r.WebSocketURL())
	s, err := transparency.ConnectNet(context.Background(), tap.URL(), harness.Config(client.CBOR), ring)
	require.NoError(t, err)
	defer s.Close()
	require.NoError(t, s.Publish(uri, wamp.Dict{"acknowledge": true}, wamp.List{secret}, nil))
	seen, err := tap.Contains(secret)
	require.NoError(t, err)
	require.False(t, seen)
	require.EqualValues(t, 1, s.Stats().Sealed)
}
