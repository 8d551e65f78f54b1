package party

import (
	"context"
	"fmt"
	"os"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keywatch"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// A Role makes the key of one end from its private key and the other's public key:
// [keyring.Originator] or [keyring.Responder].
type Role func(own cryptobox.PrivateKey, peer cryptobox.PublicKey) keyring.Key

// ring makes the session's keyring: of a file, which it follows until ctx ends, or
// with one key.
func (s *Settings) ring(ctx context.Context, role Role) (*keyring.Ring, error) {
	ring := keyring.New()
	if s.Keyring != "" {
		return ring, s.follow(ctx, ring)
	}
	key := role(s.PrivateKey, s.PeerKey)
	if s.Framing == transparency.Native {
		// The other end may be Autobahn, which binds nothing.
		key = key.AllowUnbound()
	}
	return ring, ring.Set(EncryptedPrefix, keyring.Prefix, key)
}

func (s *Settings) follow(ctx context.Context, ring *keyring.Ring) error {
	say := func(format string, args ...any) {
		fmt.Fprintf(os.Stderr, s.Program+": "+format+"\n", args...)
	}
	_, err := keywatch.Watch(ctx, s.Keyring, ring,
		keywatch.OnChange(func() { say("the keyring has changed") }),
		keywatch.OnError(func(err error) { say("the keys stay as they were: %v", err) }))
	if err != nil {
		return err
	}
	if _, keyed := ring.Lookup(EncryptedPrefix + "hello"); !keyed {
		return fmt.Errorf("%s has no key for %s: make one with wampbox init -pattern %s -match prefix", s.Keyring, EncryptedPrefix, EncryptedPrefix)
	}
	return nil
}
