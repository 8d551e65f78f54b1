package transparency_test

import (
	"errors"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// TestVersionsThatDontServe: each has a reason of its own, on either side.
func TestVersionsThatDontServe(t *testing.T) {
	k := newKeys()
	r := startRouter(t)
	for name, c := range map[string]struct {
		change func(ring *keyring.Ring, id string) error
		cause  error
	}{
		"revoked": {func(ring *keyring.Ring, id string) error { return ring.Revoke(prefix, keyring.Prefix, id) }, keyring.ErrRevoked},
		"expired": {func(ring *keyring.Ring, id string) error {
			next := newKeys().responderKey()
			if err := ring.Add(prefix, keyring.Prefix, next); err != nil {
				return err
			}
			if err := ring.Activate(prefix, keyring.Prefix, next.ID()); err != nil {
				return err
			}
			return ring.Retire(prefix, keyring.Prefix, id, time.Now().Add(-time.Second))
		}, keyring.ErrExpired},
	} {
		t.Run(name, func(t *testing.T) {
			from := local.session(t, r, ringOf(t, k.originatorKey()))
			ring := ringOf(t, k.responderKey())
			refused, option := collect()
			delivered := events(t, local.session(t, r, ring, option), prefix+"x", nil)
			require.NoError(t, from.Publish(prefix+"x", nil, wamp.List{"before"}, nil))
			receive(t, delivered)
			require.NoError(t, c.change(ring, k.responderKey().ID()))
			require.NoError(t, from.Publish(prefix+"x", nil, wamp.List{"after"}, nil))
			err := refused.next(t)
			requireReason(t, err, transparency.NotOpened)
			require.ErrorIs(t, err, c.cause)
			nothing(t, delivered)
		})
	}
	t.Run("none active", func(t *testing.T) {
		ring := ringOf(t, k.originatorKey())
		require.NoError(t, ring.Revoke(prefix, keyring.Prefix, k.originatorKey().ID()))
		err := local.session(t, r, ring).Publish(prefix+"x", nil, wamp.List{"secret"}, nil)
		requireReason(t, err, transparency.NoKey)
		require.ErrorIs(t, err, keyring.ErrNoActive)
	})
}

// unplugged is a device that fails.
type unplugged struct{ public cryptobox.PublicKey }

func (d unplugged) Public() cryptobox.PublicKey { return d.public }

func (unplugged) ECDH(cryptobox.PublicKey) ([]byte, error) { return nil, errors.New("unplugged") }

// TestAFailingDeviceShows: although another version, that is tried after it, has the
// wrong key.
func TestAFailingDeviceShows(t *testing.T) {
	k := newKeys()
	p := post(t, k)
	ring := ringOf(t, keyring.ResponderDevice(unplugged{k.responder.Public()}, k.originator.Public()))
	require.NoError(t, ring.Add(prefix, keyring.Prefix, newKeys().responderKey()))
	refused, option := collect()
	s, err := transparency.Wrap(p.box, realm, ring, option)
	require.NoError(t, err)
	p.Session = s
	sub := p.subscribe(prefix+"x", nil)
	kwargs := p.publication(nil)
	env, ok := kwargs["enc"].(wamp.Dict)
	require.True(t, ok)
	delete(env, "key")
	sub.deliver(event(kwargs, false))
	require.Empty(t, sub.got)
	refusal := refused.next(t)
	require.ErrorIs(t, refusal, cryptobox.ErrDevice)
	requireReason(t, refusal, transparency.NoKey)
}
