package transparency_test

import (
	"errors"
	"testing"

	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// brokenDevice answers what it is told to.
type brokenDevice struct {
	public cryptobox.PublicKey
	secret []byte
	err    error
}

func (d brokenDevice) Public() cryptobox.PublicKey              { return d.public }
func (d brokenDevice) ECDH(cryptobox.PublicKey) ([]byte, error) { return d.secret, d.err }

// TestBrokenDevices: there is a key, and what holds it fails, for what is sent and what comes.
func TestBrokenDevices(t *testing.T) {
	own, other := cryptobox.GenerateKey(), cryptobox.GenerateKey()
	locked := errors.New("locked")
	for name, device := range map[string]brokenDevice{
		"an error": {err: locked}, "too short": {secret: make([]byte, 31)}, "all zero": {secret: make([]byte, 32)}, "nothing": {},
	} {
		for _, dialect := range []cryptobox.Dialect{cryptobox.Wampbox, cryptobox.Passthru} {
			t.Run(name+"/"+dialect.String(), func(t *testing.T) {
				device.public = own.Public()
				originator, responder := keyring.OriginatorDevice(device, other.Public()), keyring.ResponderDevice(device, other.Public())
				forging := keyring.Originator(other, own.Public())
				if dialect == cryptobox.Passthru {
					originator, responder, forging = originator.ForPassthru("id"), responder.ForPassthru("id"), forging.ForPassthru("id")
				}
				s := local.session(t, startRouter(t), harness.RingOf(t, originator))
				err := s.Publish(harness.Prefix+"x", nil, nil, nil)
				harness.RequireReason(t, err, transparency.DeviceDown)
				require.Equal(t, device.err != nil, errors.Is(err, locked))
				_, err = s.Call(harness.Timeout(t), harness.Prefix+"x", nil, nil, nil, nil)
				harness.RequireReason(t, err, transparency.DeviceDown)

				r := startRouter(t)
				refused, collecting := harness.Collect()
				callee := local.session(t, r, harness.RingOf(t, responder), collecting)
				got := events(t, callee, harness.Prefix+"x", nil)
				require.NoError(t, local.session(t, r, harness.RingOf(t, forging)).Publish(harness.Prefix+"x", nil, nil, nil))
				harness.RequireReason(t, refused.Next(t), transparency.DeviceDown)
				harness.Nothing(t, got)
			})
		}
	}
}

// TestNoHandler is an error before there is something to handle.
func TestNoHandler(t *testing.T) {
	s, _ := stubbed(t, harness.RingOf(t, harness.NewKeys().ResponderKey()))
	for _, err := range []error{
		s.Subscribe(harness.Prefix+"x", nil, nil), s.SubscribeChan(harness.Prefix+"x", nil, nil), s.Register(harness.Prefix+"x", nil, nil),
	} {
		harness.RequireReason(t, err, transparency.Misuse)
		require.ErrorContains(t, err, "the handler or channel is nil")
	}
}

// TestMalformedIsOfTheWire: no mistake of the caller is.
func TestMalformedIsOfTheWire(t *testing.T) {
	k := harness.NewKeys()
	ring := harness.RingOf(t, k.OriginatorKey())
	for _, l := range links {
		s := l.session(t, startRouter(t), ring)
		for name, c := range map[string]struct {
			topic           string
			args            wamp.List
			kwargs, options wamp.Dict
			reason          transparency.Reason
		}{
			"a channel":         {args: wamp.List{make(chan int)}, reason: transparency.Unsealable},
			"a function":        {kwargs: wamp.Dict{"f": func() {}}, reason: transparency.Unsealable},
			"a bad key":         {kwargs: wamp.Dict{"\xff": 1}, reason: transparency.Unsealable},
			"a bad URI":         {topic: harness.Prefix + "\xff", reason: transparency.Unsealable},
			"a reserved option": {options: wamp.Dict{"enc_x": 1}, reason: transparency.ReservedOption},
			"too much":          {args: wamp.List{make([]byte, cryptobox.MaxPayload+1)}, reason: transparency.TooLarge},
		} {
			if c.topic == "" {
				c.topic = harness.Prefix + "x"
			}
			harness.RequireReason(t, s.Publish(c.topic, c.options, c.args, c.kwargs), c.reason)
			_, err := s.Call(harness.Timeout(t), c.topic, c.options, c.args, c.kwargs, nil)
			require.ErrorIs(t, err, c.reason, name)
		}
	}
}
