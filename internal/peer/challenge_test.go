package peer_test

import (
	"math"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/peer"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/wire"
)

// TestChallengeBounds: what is beyond becomes an ABORT that says why.
func TestChallengeBounds(t *testing.T) {
	for name, c := range map[string]struct {
		extra  wamp.Dict
		handed bool
	}{
		"no salt":                  {nil, true},
		"null":                     {wamp.Dict{"iterations": nil, "keylen": nil}, true},
		"text":                     {wamp.Dict{"iterations": "9e99", "keylen": "-1"}, true}, // nexus takes the defaults
		"usual":                    {wamp.Dict{"iterations": int64(1000), "keylen": int64(32)}, true},
		"most iterations":          {wamp.Dict{"iterations": int64(10_000_000)}, true},
		"one more":                 {wamp.Dict{"iterations": int64(10_000_001)}, false},
		"two blocks of half":       {wamp.Dict{"iterations": int64(5_000_000), "keylen": int64(33)}, true},
		"two blocks of more":       {wamp.Dict{"iterations": int64(5_000_001), "keylen": int64(33)}, false},
		"longest":                  {wamp.Dict{"keylen": uint64(1024)}, true},
		"longer":                   {wamp.Dict{"keylen": uint64(1025)}, false},
		"negative length":          {wamp.Dict{"keylen": int64(-1)}, false},
		"negative iterations":      {wamp.Dict{"iterations": int64(-1)}, false},
		"most negative iterations": {wamp.Dict{"iterations": int64(math.MinInt64)}, false},
		"unsigned that wraps":      {wamp.Dict{"keylen": uint64(math.MaxUint64)}, false},
		"float":                    {wamp.Dict{"iterations": 1e12}, false},
		"float32":                  {wamp.Dict{"keylen": float32(-3)}, false},
	} {
		t.Run(name, func(t *testing.T) {
			link := &fuzzed{in: make(chan []byte), done: make(chan struct{})}
			p := peer.New(&challenging{link, &wamp.Challenge{AuthMethod: "wampcra", Extra: c.extra}}, peer.Config{
				Framing: wire.EncArgument{}, ResponseTimeout: time.Second,
			})
			msg := <-p.Recv()
			p.Close()
			abort, refused := msg.(*wamp.Abort)
			require.Equal(t, c.handed, !refused)
			if refused {
				require.Equal(t, wamp.ErrProtocolViolation, abort.Reason)
				require.Contains(t, abort.Details["message"], "the router's challenge")
			}
		})
	}
}

// challenging is a link with one message.
type challenging struct {
	*fuzzed
	msg wamp.Message
}

func (l *challenging) Read() (wamp.Message, error) {
	if msg := l.msg; msg != nil {
		l.msg = nil
		return msg, nil
	}
	return l.fuzzed.Read()
}
