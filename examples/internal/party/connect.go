package party

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/url"
	"os"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/transport/serialize"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// EncryptedPrefix is what the topics, procedures and errors begin with whose
// payloads are encrypted. All others are plain.
const EncryptedPrefix = "com.myapp.encrypted."

// Settings is what the user asked for.
type Settings struct {
	Program       string
	Router        *url.URL
	Realm         string
	Serialization serialize.Serialization
	Framing       transparency.Framing
	PrivateKey    cryptobox.PrivateKey // this end's
	PeerKey       cryptobox.PublicKey  // the other end's
}

// connectTime is how long a router may take to welcome us.
const connectTime = 10 * time.Second

var errSilent = fmt.Errorf("no answer within %v", connectTime)

// Connect joins the realm with a session that uses key for everything under
// [EncryptedPrefix].
func (s *Settings) Connect(ctx context.Context, key keyring.Key) (*transparency.Session, error) {
	ring := keyring.New()
	if err := ring.Set(EncryptedPrefix, keyring.Prefix, key); err != nil {
		return nil, err
	}
	cfg := client.Config{
		Realm:         s.Realm,
		Serialization: s.Serialization,
		Logger:        log.New(os.Stderr, s.Program+": ", 0),
	}
	ctx, cancel := context.WithTimeoutCause(ctx, connectTime, errSilent)
	defer cancel()
	// Dialling has no deadline of its own, which would pass a moment before
	// that of ctx and say less.
	dialling, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	session, err := Within(ctx, func() (*transparency.Session, error) {
		return transparency.ConnectNet(dialling, s.Router.String(), cfg, ring, transparency.WithFraming(s.Framing))
	})
	if err != nil && !errors.Is(err, transparency.ErrOption) {
		return nil, fmt.Errorf("can't join %q at %s: %w; check -router and -realm", s.Realm, s.Router.Redacted(), err)
	}
	return session, err
}

// Within returns what fn returns, or, as soon as ctx ends, the cause of that:
// nexus's Publish and Close take no context, and nor does the handshake of a
// RawSocket. fn may then still be running, so the program should end.
func Within[T any](ctx context.Context, fn func() (T, error)) (T, error) {
	type outcome struct {
		value T
		err   error
	}
	done := make(chan outcome, 1)
	go func() {
		value, err := fn()
		done <- outcome{value, err}
	}()
	var none T
	select {
	case out := <-done:
		if out.err != nil && ctx.Err() != nil {
			return none, context.Cause(ctx)
		}
		return out.value, out.err
	case <-ctx.Done():
		return none, context.Cause(ctx)
	}
}
