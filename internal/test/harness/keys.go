package harness

import (
	"io"
	"log"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/transport/serialize"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

const (
	// Realm is where the Sessions of tests meet.
	Realm = "realm1"
	// Prefix is the pattern that rings of tests have a key for.
	Prefix = "com.myapp.encrypted."
	// Patience bounds every wait for something that has to happen.
	Patience = 30 * time.Second
)

// Config is how a client connects: to [Realm], without a log.
func Config(serialization serialize.Serialization) client.Config {
	return client.Config{
		Realm:           Realm,
		Serialization:   serialization,
		Logger:          log.New(io.Discard, "", 0),
		ResponseTimeout: Patience,
	}
}

// PassthruID is the key id of the keys of tests in payload passthru mode.
const PassthruID = "2026-11"

// Keys is one pattern's pair of key pairs, or one key that both ends hold, in a dialect.
type Keys struct {
	Originator, Responder cryptobox.PrivateKey
	Dialect               cryptobox.Dialect
	Suite                 cryptobox.Suite // of our dialect, 0 for the default
	shared                *keyring.Key
	signed                *Signed
}

// NewKeys returns a new pair of key pairs.
func NewKeys() Keys {
	return Keys{Originator: cryptobox.GenerateKey(), Responder: cryptobox.GenerateKey()}
}

// SharedKeys has both ends hold key.
func SharedKeys(key keyring.Key) Keys { return Keys{shared: &key} }

// In returns the keys in another dialect.
func (k Keys) In(d cryptobox.Dialect) Keys {
	k.Dialect = d
	return k
}

func (k Keys) of(key keyring.Key) keyring.Key {
	switch k.Dialect {
	case cryptobox.Autobahn:
		return key.ForAutobahn()
	case cryptobox.Passthru:
		return key.ForPassthru(PassthruID)
	}
	if k.Suite != 0 {
		return key.WithSuite(k.Suite)
	}
	return key
}

// OriginatorKey is the key of who publishes and calls.
func (k Keys) OriginatorKey() keyring.Key {
	switch {
	case k.shared != nil:
		return *k.shared
	case k.signed != nil:
		return k.signed.OriginatorKey()
	}
	return k.of(keyring.Originator(k.Originator, k.Responder.Public()))
}

// ResponderKey is the key of who subscribes and serves.
func (k Keys) ResponderKey() keyring.Key {
	switch {
	case k.shared != nil:
		return *k.shared
	case k.signed != nil:
		return k.signed.ResponderKey()
	}
	return k.of(keyring.Responder(k.Responder, k.Originator.Public()))
}

// PairKey is the key of who plays both roles.
func (k Keys) PairKey() keyring.Key {
	if k.signed != nil {
		return k.signed.PairKey()
	}
	return k.of(keyring.Pair(k.Originator, k.Responder))
}

// Parties gives the keys of signed envelopes, or nil for others.
func (k Keys) Parties() *Signed { return k.signed }

// RingOf returns a ring with key under [Prefix], for which all else is plain.
func RingOf(t testing.TB, key keyring.Key) *keyring.Ring {
	t.Helper()
	ring := ClosedRing(t, key)
	require.NoError(t, ring.SetPlain(keyring.Prefix("")))
	return ring
}

// ClosedRing returns a ring with key under [Prefix], which says nothing of all else.
func ClosedRing(t testing.TB, key keyring.Key) *keyring.Ring {
	t.Helper()
	ring := keyring.New()
	require.NoError(t, ring.Set(keyring.Prefix(Prefix), key))
	return ring
}

// AcceptPlain has a ring take plaintext under [Prefix] for the time of a test.
func AcceptPlain(t testing.TB, ring *keyring.Ring) *keyring.Ring {
	t.Helper()
	require.NoError(t, ring.Transition(keyring.Prefix(Prefix), keyring.AcceptPlain, time.Now().Add(time.Hour)))
	return ring
}

// PlainRing returns a ring for which all URIs are plain.
func PlainRing(t testing.TB) *keyring.Ring {
	t.Helper()
	ring := keyring.New()
	require.NoError(t, ring.SetPlain(keyring.Prefix("")))
	return ring
}
