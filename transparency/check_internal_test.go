package transparency

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/replay"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// checked is what happens to an opened record before it is handed on, over and over
// with the next message of its sender.
type checked struct {
	session *Session
	want    expectation
	in      opened
}

func newChecked(t testing.TB, kind cryptobox.Kind, scope string) *checked {
	t.Helper()
	ring := keyring.New()
	require.NoError(t, ring.Set(keyring.Prefix("com."), keyring.Shared(cryptobox.GenerateSymmetricKey())))
	entry, err := ring.Lookup("com.myapp.x")
	require.NoError(t, err)
	s, err := newSession("realm1", ring, nil, nil)
	require.NoError(t, err)
	c := &checked{session: s}
	c.want = expectation{uri: "com.myapp.x", realm: "realm1", kind: kind, since: time.Now(), notFrom: s.from}
	c.want.memory, c.want.scope = s.memory, scope
	c.want.maxAge, c.want.clockSkew = s.cfg.maxAge, s.cfg.clockSkew
	c.in.version, err = entry.Sealer(keyring.RoleOriginator)
	require.NoError(t, err)
	key := c.in.version.Key()
	head := cryptobox.Head{Kind: kind, From: cryptobox.NewSenderID(), N: 1}
	record := cryptobox.NewRecord(head, c.want.realm, c.want.uri, nil, nil)
	enc, _, err := key.Seal(nil, &record)
	require.NoError(t, err)
	require.NoError(t, key.Open(enc, cryptobox.Message, &c.in.record))
	return c
}

func (c *checked) next(t testing.TB) {
	c.want.now = time.Now()
	c.in.record.N++
	c.in.record.TS = c.want.now.UnixMilli()
	err := c.want.check(&c.in.record, c.in.signedBy)
	if err == nil {
		err = c.session.remember(context.Background(), &c.want, &c.in)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// BenchmarkChecks measures what an opened message costs beyond decoding it. What it may
// cost is 1 µs and one allocation.
func BenchmarkChecks(b *testing.B) {
	for name, kind := range map[string]cryptobox.Kind{"event": cryptobox.KindPublish, "call": cryptobox.KindCall} {
		b.Run(name, func(b *testing.B) {
			c := newChecked(b, kind, name)
			b.ReportAllocs()
			for b.Loop() {
				c.next(b)
			}
		})
	}
	b.Run("event of 100000 senders", func(b *testing.B) {
		c := newChecked(b, cryptobox.KindPublish, "event")
		senders := make([]cryptobox.SenderID, replay.MaxSenders)
		for i := range senders {
			senders[i] = cryptobox.NewSenderID()
			c.in.record.From = senders[i]
			c.next(b)
		}
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			c.in.record.From = senders[i%len(senders)]
			c.next(b)
		}
	})
	b.Run("retained event", func(b *testing.B) {
		c := newChecked(b, cryptobox.KindPublish, "event")
		c.want.retained = replay.NewRetained()
		c.in.record.Keep = true
		box, err := cryptobox.NewSecretBox(cryptobox.GenerateSymmetricKey())
		require.NoError(b, err)
		tokens := make([]cryptobox.Token, replay.MaxTokens+1) // each is forgotten when its turn comes again
		for i := range tokens {
			_, tokens[i], _ = cryptobox.SealForeign(box, cryptobox.Passthru, cryptobox.NewForeignRecord("", nil, nil))
		}
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			c.in.token = tokens[i%len(tokens)]
			c.next(b)
		}
	})
}

// TestChecksAllocateAtMostOnce: on the way of every message.
func TestChecksAllocateAtMostOnce(t *testing.T) {
	for _, kind := range []cryptobox.Kind{cryptobox.KindPublish, cryptobox.KindCall} {
		c := newChecked(t, kind, "scope")
		require.LessOrEqual(t, testing.AllocsPerRun(10_000, func() { c.next(t) }), 1.0, kind)
	}
}
