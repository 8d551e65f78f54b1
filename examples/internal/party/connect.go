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
	Keyring       string               // the path of a keyring file, or ...
	PrivateKey    cryptobox.PrivateKey // this end's
	PeerKey       cryptobox.PublicKey  // the other end's
}

// connectTime is how long a router may take to welcome us.
const connectTime = 10 * time.Second

var errSilent = fmt.Errorf("no answer within %v", connectTime)

// Connect joins the realm with a session that encrypts everything under
// [EncryptedPrefix], in the given role.
func (s *Settings) Connect(ctx context.Context, role Role) (*transparency.Session, error) {
	ring, err := s.ring(ctx, role)
	if err != nil {
		return nil, err
	}
	cfg := client.Config{
		Realm:         s.Realm,
		Serialization: s.Serialization,
		Logger:        log.New(os.Stderr, s.Program+": ", 0),
	}
	ctx, cancel := context.WithTimeoutCause(ctx, connectTime, errSilent)
	defer cancel()
	session, err := transparency.ConnectNet(ctx, s.Router.String(), cfg, ring, transparency.WithFraming(s.Framing))
	switch {
	case err == nil, errors.Is(err, transparency.ErrOption), errors.Is(err, transparency.ErrFraming):
		return session, err
	case ctx.Err() != nil:
		err = context.Cause(ctx)
	}
	return nil, fmt.Errorf("can't join %q at %s: %w; check -router and -realm", s.Realm, s.Router.Redacted(), err)
}

// Within returns what fn returns, or, as soon as ctx ends, the cause of that:
// Publish and Close take no context. fn may then still be running, so the program
// should end.
func Within(ctx context.Context, fn func() error) error {
	done := make(chan error, 1)
	go func() { done <- fn() }()
	select {
	case err := <-done:
		if err != nil && ctx.Err() != nil {
			return context.Cause(ctx)
		}
		return err
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
