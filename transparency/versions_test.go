package transparency_test

import (
	"errors"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/handrouter"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// TestVersionsThatDontServe: each has a reason of its own, on either side.
func TestVersionsThatDontServe(t *testing.T) {
	k := harness.NewKeys()
	r := startRouter(t)
	for name, c := range map[string]struct {
		change func(ring *keyring.Ring, id string) error
		cause  error
	}{
		"revoked": {func(ring *keyring.Ring, id string) error { return ring.Revoke(keyring.Prefix(harness.Prefix), id) }, keyring.ErrRevoked},
		"expired": {func(ring *keyring.Ring, id string) error {
			next := harness.NewKeys().ResponderKey()
			if err := ring.Add(keyring.Prefix(harness.Prefix), next, keyring.Dates{ActiveFrom: time.Now()}); err != nil {
				return err
			}
			return ring.SetDates(keyring.Prefix(harness.Prefix), id, keyring.Dates{NotAfter: time.Now().Add(-time.Second)})
		}, keyring.ErrExpired},
	} {
		t.Run(name, func(t *testing.T) {
			from := local.session(t, r, harness.RingOf(t, k.OriginatorKey()))
			ring := harness.RingOf(t, k.ResponderKey())
			refused, option := harness.Collect()
			delivered := events(t, local.session(t, r, ring, option), harness.Prefix+"x", nil)
			require.NoError(t, from.Publish(harness.Prefix+"x", nil, wamp.List{"before"}, nil))
			harness.Receive(t, delivered)
			require.NoError(t, c.change(ring, k.ResponderKey().ID()))
			require.NoError(t, from.Publish(harness.Prefix+"x", nil, wamp.List{"after"}, nil))
			err := refused.Next(t)
			harness.RequireReason(t, err, transparency.NotOpened)
			require.ErrorIs(t, err, c.cause)
			harness.Nothing(t, delivered)
		})
	}
	t.Run("none active", func(t *testing.T) {
		ring := harness.RingOf(t, k.OriginatorKey())
		require.NoError(t, ring.Revoke(keyring.Prefix(harness.Prefix), k.OriginatorKey().ID()))
		err := local.session(t, r, ring).Publish(harness.Prefix+"x", nil, wamp.List{"secret"}, nil)
		harness.RequireReason(t, err, transparency.NoKey)
		require.ErrorIs(t, err, keyring.ErrNoActive)
	})
}

// unplugged is a device that fails.
type unplugged struct{ public cryptobox.PublicKey }

func (d unplugged) Public() cryptobox.PublicKey { return d.public }

func (unplugged) ECDH(cryptobox.PublicKey) ([]byte, error) { return nil, errors.New("unplugged") }

// TestAFailingDeviceShows: although another version, that is tried after it where no key is
// named, has the wrong key.
func TestAFailingDeviceShows(t *testing.T) {
	k, other := harness.NewKeys(), harness.NewKeys()
	device := keyring.ResponderDevice(unplugged{k.Responder.Public()}, k.Originator.Public())
	for _, d := range dialects {
		t.Run(d.String(), func(t *testing.T) {
			k, other, own := k.In(d.Dialect), other.In(d.Dialect), device
			switch d.Dialect {
			case cryptobox.Autobahn:
				own = device.ForAutobahn()
			case cryptobox.Passthru:
				own = device.ForPassthru("device")
			}
			s := serve(play(t, d, handrouter.WebSocket, "cbor", own, k.OriginatorKey()), keyedURI)
			require.NoError(t, s.ring.Add(encrypted, other.ResponderKey(), keyring.Dates{ActiveFrom: time.Now().Add(-time.Hour)}))
			env, _ := s.Envelope(secretRecord(keyedURI, s.Bind(cryptobox.KindPublish, nil)))
			env.KeyID = ""
			s.sendEvent(s.tail(d, env, nil))
			refusal := s.refused.Next(t)
			require.ErrorIs(t, refusal, cryptobox.ErrDevice)
			harness.RequireReason(t, refusal, transparency.DeviceDown)
			require.Contains(t, refusal.Error(), `: the device that holds the private key failed: see that it is reachable and unlocked; the next message asks it again: unplugged (`)
			harness.Nothing(t, s.events)
		})
	}
}
