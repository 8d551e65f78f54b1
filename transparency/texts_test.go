package transparency_test

import (
	"strings"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// verbs are what an application does with a URI.
func verbs(t *testing.T, s *transparency.Session, uri string) map[string]func() error {
	t.Helper()
	return map[string]func() error{
		"publish": func() error { return s.Publish(uri, nil, nil, nil) },
		"call": func() error {
			_, err := s.Call(harness.Timeout(t), uri, nil, nil, nil, nil)
			return err
		},
		"subscribe": func() error { return s.Subscribe(uri, func(*wamp.Event) {}, nil) },
		"register":  func() error { return s.Register(uri, harness.Echo, nil) },
	}
}

func TestOurOwnURIsAreReserved(t *testing.T) {
	ring := keyring.New()
	require.NoError(t, ring.Set(keyring.Prefix(""), harness.NewKeys().OriginatorKey()))
	open := keyring.New()
	open.PlainUnlessKeyed()
	for _, ring := range []*keyring.Ring{ring, open, keyring.New(), harness.PlainRing(t)} {
		s, box := stubbed(t, ring)
		for _, uri := range []string{"wampbox.error.x", "wampbox.error"} {
			for op, do := range verbs(t, s, uri) {
				err := do()
				harness.RequireReason(t, err, transparency.ReservedOption)
				require.ErrorIs(t, err, keyring.ErrReserved)
				require.Equal(t, "transparency: "+op+" \""+uri+"\": reserved: URIs that begin with wampbox.error are wampbox's own: use another one", err.Error())
			}
		}
		require.Empty(t, box.sent)
		require.Empty(t, box.onCalls)
		require.Nil(t, box.onEvent)
	}
}

// TestErrorTexts: each thing is said once.
func TestErrorTexts(t *testing.T) {
	const uri, typo = harness.Prefix + "x", "com.myapp.encryptd.x"
	k := harness.NewKeys()
	prefix, id := keyring.Prefix(harness.Prefix), k.OriginatorKey().ID()
	at := time.Now().Truncate(time.Second).UTC()
	closed := `no key for this URI: no pattern of the keyring matches: give it a key, or declare it plain`
	version := `no key for this URI: prefix "com.myapp.encrypted." id "` + id + `": no version of the key seals now: `
	for name, c := range map[string]struct {
		key    keyring.Key
		change func(ring *keyring.Ring) error
		uri    string
		op     string
		text   string
	}{
		"closed":      {uri: "org.other", op: "publish", text: closed},
		"a near miss": {uri: typo, op: "call", text: closed + `; it nearly matches prefix "com.myapp.encrypted."`},
		"a near miss, the rest is plain": {uri: typo, op: "register",
			change: func(ring *keyring.Ring) error { return ring.SetPlain(keyring.Prefix("")) },
			text:   closed + ` (what covers it is plain, and it may be a typo); it nearly matches prefix "com.myapp.encrypted."`},
		"removed": {uri: uri, op: "subscribe",
			change: func(ring *keyring.Ring) error { return ring.Remove(prefix) },
			text:   closed + ` (its pattern had a key, which was removed)`},
		"revoked": {uri: uri, op: "publish",
			change: func(ring *keyring.Ring) error { return ring.Revoke(prefix, id) },
			text:   version + `it was revoked, and an older one doesn't seal in its place: add another`},
		"expired": {uri: uri, op: "call",
			change: func(ring *keyring.Ring) error {
				return ring.SetDates(prefix, id, keyring.Dates{NotAfter: at.Add(-1000 * time.Hour)})
			},
			text: version + `it was good until ` + at.Add(-1000*time.Hour).Format(time.RFC3339) + `, 41 days ago by this clock: add another, or give it a later date`},
		"pending": {uri: uri, op: "publish",
			change: func(ring *keyring.Ring) error {
				return ring.SetDates(prefix, id, keyring.Dates{ActiveFrom: at.Add(1000 * time.Hour)})
			},
			text: version + `it seals from ` + at.Add(1000*time.Hour).Format(time.RFC3339) + ` on, in 41 days by this clock`},
		"the other role, sending": {uri: uri, op: "publish", key: k.ResponderKey(),
			text: `key can't play this role: prefix "com.myapp.encrypted.": originator wanted, the key is of kind responder: give this end the originator's half of the key, or a key for both roles`},
		"the other role, receiving": {uri: uri, op: "subscribe",
			text: `key can't play this role: prefix "com.myapp.encrypted.": responder wanted, the key is of kind originator: give this end the responder's half of the key, or a key for both roles`},
	} {
		t.Run(name, func(t *testing.T) {
			if c.key.ID() == "" {
				c.key = k.OriginatorKey()
			}
			ring := harness.ClosedRing(t, c.key)
			if c.change != nil {
				require.NoError(t, c.change(ring))
			}
			s, _ := stubbed(t, ring)
			err := verbs(t, s, c.uri)[c.op]()
			require.EqualError(t, err, "transparency: "+c.op+" \""+c.uri+"\": "+c.text)
			require.Equal(t, 1, strings.Count(err.Error(), c.uri))
			require.NotContains(t, err.Error(), "keyring: ")
			require.ErrorAs(t, err, new(*keyring.Error), "the cause is there to ask")
		})
	}
}

// TestPeerTexts: what clocks differ by is said in seconds, and which one is ahead.
func TestPeerTexts(t *testing.T) {
	for skew, says := range map[time.Duration]string{
		0: "too old", -time.Millisecond: "too old", 900 * time.Millisecond: "too old",
		400*time.Second + 3*time.Millisecond: "too old; its clock is 6m40s ahead of this one",
		-90 * time.Second:                    "too old; its clock is 1m30s behind this one",
		-3 * 365 * 24 * time.Hour:            "too old; its clock is 1095 days behind this one",
	} {
		require.Equal(t, says, (&transparency.Peer{Reason: transparency.Stale, Skew: skew}).String())
	}
}
