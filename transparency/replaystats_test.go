package transparency_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// foreignMemory is one of somebody else's.
type foreignMemory struct {
	transparency.ReplayMemory
	shared bool
}

func (m foreignMemory) Shared() bool { return m.shared }

// TestReplayStats: of the Session's own memory, of one that was given to it once, and of another's
// what the Session has beside it.
func TestReplayStats(t *testing.T) {
	given := transparency.NewReplayMemory()
	for _, c := range []struct {
		name          string
		memory        transparency.ReplayMemory
		before, after int
	}{
		{"own", nil, 1, 2},
		{"given", given, 1, 2},
		{"given again", given, 3, 4},
		{"shared", foreignMemory{transparency.NewReplayMemory(), true}, 1, 1},
		{"another", foreignMemory{transparency.NewReplayMemory(), false}, 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			var opts []transparency.Option
			if c.memory != nil {
				opts = append(opts, transparency.WithReplayMemory(c.memory))
			}
			p := post(t, harness.NewKeys(), opts...)
			sub := p.subscribe(harness.Prefix+"x", nil)
			for range 3 {
				p.takes(sub, p.Seal(harness.Prefix+"x", p.Bind(cryptobox.KindPublish, nil)))
			}
			stats := p.Stats().Replay
			require.Equal(t, c.before, stats.Senders)
			require.Equal(t, c.before > 0, stats.Bytes > 0)
			p.judgesCall(p.serves(nil), p.Seal(harness.Prefix+"x", p.Bind(cryptobox.KindCall, nil)), 0)
			require.Equal(t, c.after, p.Stats().Replay.Senders)
			require.Zero(t, p.Stats().Replay.Messages)
		})
	}
}

// TestReplayStatsOfForeignDialects: their messages are known one by one.
func TestReplayStatsOfForeignDialects(t *testing.T) {
	k := harness.NewKeys().In(cryptobox.Passthru)
	r := startRouter(t)
	caller := local.session(t, r, harness.RingOf(t, k.OriginatorKey()))
	callee := local.session(t, r, harness.RingOf(t, k.ResponderKey()))
	require.NoError(t, callee.Register(harness.Prefix+"x", harness.Echo, nil))
	for range 3 {
		_, err := caller.Call(harness.Timeout(t), harness.Prefix+"x", nil, nil, nil, nil)
		require.NoError(t, err)
	}
	for _, s := range []*transparency.Session{caller, callee} {
		stats := s.Stats().Replay
		require.Equal(t, transparency.ReplayStats{Messages: 3, Bytes: stats.Bytes}, stats)
		require.Positive(t, stats.Bytes)
	}
}
