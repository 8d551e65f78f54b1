package transparency_test

import (
	"context"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/handrouter"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/wire"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// encapsulatedIn is the encapsulated key in a message of suite 4: behind suite and key id.
func encapsulatedIn(enc []byte) string { return string(enc[17 : 17+32]) }

// publishing gives the payload of an event that a Session over a scripted Client publishes.
func publishing(t testing.TB, s *transparency.Session, box *scripted) (kwargs wamp.Dict, encapsulated string) {
	t.Helper()
	require.NoError(t, s.Publish(keyedURI, nil, nil, nil))
	sent := box.take()
	require.Len(t, sent, 1)
	enc, ok := wire.Bytes(sent[0]["enc"])
	require.True(t, ok)
	return sent[0], encapsulatedIn(enc)
}

// TestAContextLastsAnHour by its sender's clock, whichever way that is set; and what is sealed
// about its end arrives.
func TestAContextLastsAnHour(t *testing.T) {
	c := newCompany(true)
	var clock harness.Clock
	s, box := stubbed(t, holding(t, c.sending(billing)), transparency.WithClock(clock.Now))
	receiver := postTo(t, holding(t, c.serving(billing)), c.forger(t, billing), transparency.WithClock(clock.Now))
	sub := receiver.subscribe(keyedURI, nil)
	last := ""
	for _, step := range []struct {
		ahead time.Duration
		fresh bool
	}{
		{0, true}, {30 * time.Minute, false}, {58 * time.Minute, false}, {61 * time.Minute, true}, {90 * time.Minute, false},
		{0, true}, {-30 * time.Second, false}, {-5 * time.Minute, true}, {years, true}, {years + time.Second, false},
	} {
		clock.Set(step.ahead)
		kwargs, encapsulated := publishing(t, s, box)
		require.Equal(t, step.fresh, encapsulated != last, step.ahead)
		receiver.takes(sub, kwargs)
		last = encapsulated
	}
}

// TestACallOfHours keeps its keys. What is signed once is signed for them again.
func TestACallOfHours(t *testing.T) {
	for name, once := range map[string]bool{"signed": false, "signed once": true} {
		t.Run(name, func(t *testing.T) {
			c := newCompany(once)
			var clock harness.Clock
			p := play(t, ours, handrouter.RawSocket, "cbor", keyring.Signed(c.sending(billing)), keyring.Signed(c.serving(billing)), transparency.WithClock(clock.Now))
			hours := []time.Duration{0, 2 * time.Hour, -3 * time.Hour, 2*time.Hour + time.Minute}
			sent := 0
			done := harness.Calling(func(ctx context.Context) (*wamp.Result, error) {
				return p.CallProgressive(ctx, keyedURI, func(context.Context) (wamp.Dict, wamp.List, wamp.Dict, error) {
					clock.Set(hours[sent])
					sent++
					return wamp.Dict{wamp.OptProgress: sent < len(hours)}, nil, nil, nil
				}, nil)
			})
			var first string
			var token cryptobox.Token
			var request any
			for i, ahead := range hours {
				call := p.Next()
				enc := p.encOf(call)
				record, this := p.OpenPayload(enc)
				require.InDelta(t, time.Now().Add(ahead).UnixMilli(), record.TS, 5000)
				require.EqualValues(t, i, record.Seq)
				if i == 0 {
					first, token, request = encapsulatedIn(enc), this, call[1]
				}
				require.Equal(t, first, encapsulatedIn(enc))
				require.Equal(t, i > 0, record.Re == token)
			}
			bind := p.Bind(cryptobox.KindResult, func(b *harness.Bound) {
				b.Re, b.TS = token, time.Now().Add(4*time.Hour).UnixMilli()
			})
			p.deliver(&harness.Record{Bound: *bind, URI: keyedURI}, wamp.RESULT, request, wamp.Dict{})
			outcome := harness.Receive(t, done)
			require.NoError(t, outcome.Err)
			require.Equal(t, c.sender(harness.Responding), senderOf(t, outcome.Result.Details))
		})
	}
}

// TestACallOfHoursAtBothEnds: the same between two Sessions, both of whose clocks go on.
func TestACallOfHoursAtBothEnds(t *testing.T) {
	for _, answer := range []wamp.URI{"", "com.myapp.error1"} {
		t.Run("answered with "+string(answer), func(t *testing.T) {
			c, r := newCompany(true), startRouter(t)
			var clock harness.Clock
			refused, collecting := harness.Collect()
			told := transparency.WithClock(clock.Now)
			talk := &conversation{
				caller: links[1].session(t, r, holding(t, c.sending(billing)), told, collecting),
				callee: local.session(t, r, holding(t, c.serving(billing)), told, collecting),
				answer: answer, middle: func() { clock.Set(3 * time.Hour) },
			}
			talk.hold(t)
			require.Zero(t, refused.Count())
		})
	}
}
