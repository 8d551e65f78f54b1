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
	record  cryptobox.Record
	token   cryptobox.Token
}

func newChecked(t testing.TB, kind cryptobox.Kind, scope string) *checked {
	t.Helper()
	s, err := newSession("realm1", keyring.New(), nil, nil)
	require.NoError(t, err)
	box, err := cryptobox.NewSecretBox(cryptobox.GenerateSymmetricKey())
	require.NoError(t, err)
	_, token, err := cryptobox.Seal(box, cryptobox.CBOR, "k", &cryptobox.Record{})
	require.NoError(t, err)
	c := &checked{session: s, token: token}
	c.want = expectation{uri: "com.myapp.x", realm: "realm1", kind: kind, since: time.Now(), notFrom: s.from}
	c.want.memory, c.want.scope = s.memory, scope
	c.want.maxAge, c.want.clockSkew = s.cfg.maxAge, s.cfg.clockSkew
	c.record = *cryptobox.NewRecord("com.myapp.x", nil, nil, &cryptobox.Bind{
		Kind: kind, Realm: "realm1", From: cryptobox.NewSenderID(),
	})
	return c
}

func (c *checked) next(t testing.TB) {
	c.want.now = time.Now()
	bind := c.record.Bind()
	bind.N++
	bind.TS = c.want.now.UnixMilli()
	err := c.want.check(&c.record)
	if err == nil {
		err = c.session.remember(context.Background(), &c.want, "key", bind, c.token)
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
			c.record.Bind().From = senders[i]
			c.next(b)
		}
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			c.record.Bind().From = senders[i%len(senders)]
			c.next(b)
		}
	})
	b.Run("retained event", func(b *testing.B) {
		c := newChecked(b, cryptobox.KindPublish, "event")
		c.want.retained = replay.NewRetained()
		c.record.Bind().Keep = true
		box, err := cryptobox.NewSecretBox(cryptobox.GenerateSymmetricKey())
		require.NoError(b, err)
		tokens := make([]cryptobox.Token, replay.MaxTokens+1) // each is forgotten when its turn comes again
		for i := range tokens {
			_, tokens[i], _ = cryptobox.Seal(box, cryptobox.CBOR, "k", &cryptobox.Record{})
		}
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			c.token = tokens[i%len(tokens)]
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
