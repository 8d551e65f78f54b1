package closed_test

import (
	"context"
	"strings"
	"testing"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/proxy"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/testrouter"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// missed checks on the wire that nothing is sent for URIs that miss a keyed pattern by
// little.
func missed(t *testing.T, fill func(*testing.T, *keyring.Ring), uris map[string]string) {
	t.Helper()
	r := testrouter.Start(t)
	for name, uri := range uris {
		t.Run(name, func(t *testing.T) {
			ring := keyring.New()
			fill(t, ring)
			tap := proxy.Start(t, r.WebSocketURL())
			s, err := transparency.ConnectNet(context.Background(), tap.URL(), harness.Config(client.CBOR), ring)
			require.NoError(t, err)
			defer s.Close()
			refusal := s.Publish(uri, wamp.Dict{"acknowledge": true}, wamp.List{secret}, nil)
			seen, err := tap.Contains(secret)
			require.NoError(t, err)
			require.False(t, seen, "plaintext was sent for %q", uri)
			harness.RequireReason(t, refusal, transparency.NoKey)
			require.ErrorContains(t, refusal, "it nearly matches")
		})
	}
}

func unlessKeyed(_ *testing.T, ring *keyring.Ring) { ring.PlainUnlessKeyed() }

// TestMissOfTheLastDot: a name put behind a base that lacks its dot, or has another
// character there, is one edit from a prefix.
func TestMissOfTheLastDot(t *testing.T) {
	for name, more := range map[string]func(*testing.T, *keyring.Ring){
		"unless keyed":      unlessKeyed,
		"the rest is plain": plain(keyring.Prefix("com.")),
		"all else is plain": plain(keyring.Prefix("")),
	} {
		t.Run(name, func(t *testing.T) {
			missed(t, keyed(more), map[string]string{
				"no dot":       "com.myapp.ordersnew",
				"a slash":      "com.myapp.orders/new",
				"an underline": "com.myapp.orders_new.paid",
				"a colon":      "com.myapp.orders:new",
			})
		})
	}
}

// TestMissBesideAnother: a URI near two keyed patterns is near, although the one that is
// found first is no narrower than what is plain.
func TestMissBesideAnother(t *testing.T) {
	missed(t, keyed(
		func(t *testing.T, ring *keyring.Ring) {
			require.NoError(t, ring.Set(keyring.Prefix("com.myapp2."), sealing()))
		},
		plain(keyring.Prefix("com.myapp.")),
	), map[string]string{"a letter too few": "com.myapp.order.new", "another case": "com.myapp.Orders.new"})
}

// TestMissInALongURI: what follows the prefix doesn't count.
func TestMissInALongURI(t *testing.T) {
	long := strings.Repeat("0123456789abcdef", 8)
	missed(t, keyed(unlessKeyed), map[string]string{
		"a letter too few": "com.myapp.order." + long,
		"another case":     "com.myapp.Orders." + long,
		"a dot too many":   "com.myapp..orders." + long,
	})
}

// TestMissOfALongPattern: patterns may have 1,024 bytes.
func TestMissOfALongPattern(t *testing.T) {
	long := "com.myapp." + strings.Repeat("0123456789abcdef", 8)
	missed(t, func(t *testing.T, ring *keyring.Ring) {
		require.NoError(t, ring.Set(keyring.Exact(long+".orders"), sealing()))
		ring.PlainUnlessKeyed()
	}, map[string]string{"a letter too few": long + ".order", "another case": long + ".Orders"})
}

// TestMissByALetterOfManyBytes: a character is one, however many bytes it has.
func TestMissByALetterOfManyBytes(t *testing.T) {
	missed(t, keyed(unlessKeyed), map[string]string{
		"a Cyrillic letter":     "com.myapp.\u043erders.new",
		"a space of no width":   "com.myapp.orders\u200b.new",
		"a space without break": "com.myapp.orders\u00a0.new",
		"a byte order mark":     "\ufeffcom.myapp.orders.new",
	})
	missed(t, func(t *testing.T, ring *keyring.Ring) {
		require.NoError(t, ring.Set(keyring.Prefix("com.münchen.orders."), sealing()))
		ring.PlainUnlessKeyed()
	}, map[string]string{"no umlaut": "com.munchen.orders.new", "none at all": "com.mnchen.orders.new"})
}

// TestMissOfAWildcardByADot: a dot too many or too few changes the number of components,
// also in a component that the wildcard leaves open.
func TestMissOfAWildcardByADot(t *testing.T) {
	missed(t, func(t *testing.T, ring *keyring.Ring) {
		require.NoError(t, ring.Set(keyring.Wildcard("com.myapp..temperature"), sealing()))
		ring.PlainUnlessKeyed()
	}, map[string]string{
		"a component too few":            "com.myapp.temperature",
		"a dot too few":                  "com.myapp.kitchentemperature",
		"another character for a dot":    "com.myapp.kitchen_temperature",
		"a dot too few in front":         "commyapp.kitchen.temperature",
		"a dot too many":                 "com.my.app.kitchen.temperature",
		"a dot too many in what is open": "com.myapp.kit.chen.temperature",
	})
}

// TestMissOfALongerPrefix: a keyed prefix that goes on behind a plain one is more specific,
// with as many components too.
func TestMissOfALongerPrefix(t *testing.T) {
	missed(t, keyed(plain(keyring.Prefix("com.myapp.o"))), map[string]string{
		"a letter too few": "com.myapp.order.new",
		"another case":     "com.myapp.orDers.new",
	})
}
