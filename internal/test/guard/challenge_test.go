package guard_test

import (
	"context"
	"maps"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/gammazero/nexus/v3/wamp/crsign"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/handrouter"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// withPassword answers a CHALLENGE as nexus's documentation shows it.
func withPassword(cfg *client.Config) {
	cfg.AuthHandlers = map[string]client.AuthFunc{"wampcra": func(c *wamp.Challenge) (string, wamp.Dict) {
		return crsign.RespondChallenge("password", c, nil), wamp.Dict{}
	}}
}

// challenged connects, and sends the CHALLENGE with that in its extra.
func challenged(t *testing.T, st stage, connect func(url string, cfg client.Config) error, extra wamp.Dict) (*handrouter.Conn, <-chan error) {
	t.Helper()
	st.change = withPassword
	r, cfg := st.start(t)
	done := harness.Go(func() error { return connect(r.URL(), cfg) })
	conn := r.Accept()
	conn.Next()
	extra = maps.Clone(extra)
	extra["challenge"], extra["salt"] = "{}", "salt"
	conn.Send(wamp.CHALLENGE, "wampcra", extra)
	return conn, done
}

func TestGuardChallenge(t *testing.T) {
	for name, extra := range map[string]wamp.Dict{
		"length below zero":     {"keylen": -1},
		"length":                {"keylen": int64(1) << 40},
		"iterations":            {"iterations": int64(1) << 60},
		"iterations below zero": {"iterations": -5},
		"iterations as a float": {"iterations": 1e18},
		"both":                  {"iterations": 9_000_000, "keylen": 1024},
	} {
		t.Run(name, func(t *testing.T) {
			forEachStage(t, func(t *testing.T, st stage, d cryptobox.Dialect) {
				begun := time.Now()
				conn, done := challenged(t, st, func(url string, cfg client.Config) error {
					_, err := transparency.ConnectNet(context.Background(), url, cfg, harness.RingOf(t, harness.NewKeys().In(d).OriginatorKey()))
					return err
				}, extra)
				require.ErrorContains(t, harness.Receive(t, done), "challenge")
				require.Less(t, time.Since(begun), harness.Patience/2)
				require.Nil(t, conn.Next(), "nothing is answered")
			})
		})
	}
}

// TestGuardChallengeInReason: a usual one is answered.
func TestGuardChallengeInReason(t *testing.T) {
	for _, extra := range []wamp.Dict{{}, {"iterations": 1000, "keylen": 32}, {"iterations": 100_000, "keylen": 64}} {
		conn, done := challenged(t, rawStage, func(url string, cfg client.Config) error {
			s, err := transparency.ConnectNet(context.Background(), url, cfg, harness.RingOf(t, harness.NewKeys().OriginatorKey()))
			if err == nil {
				t.Cleanup(func() { _ = s.Close() })
			}
			return err
		}, extra)
		answer := conn.Next()
		require.EqualValues(t, wamp.AUTHENTICATE, answer[0])
		extra["challenge"], extra["salt"] = "{}", "salt"
		want := crsign.RespondChallenge("password", &wamp.Challenge{Extra: extra}, nil)
		require.Equal(t, want, answer[1])
		conn.Send(wamp.WELCOME, 1, wamp.Dict{"roles": wamp.Dict{"broker": wamp.Dict{}}})
		require.NoError(t, harness.Receive(t, done))
		t.Cleanup(conn.Close)
	}
}

func TestGuardChallengeNexus(t *testing.T) {
	connect := func(url string, cfg client.Config) error {
		_, err := client.ConnectNet(context.Background(), url, cfg)
		return err
	}
	t.Run("length", func(t *testing.T) {
		harness.RequireDies(t, "keyLength", func(t *testing.T) {
			_, done := challenged(t, rawStage, connect, wamp.Dict{"keylen": -100})
			<-done
		})
	})
	t.Run("iterations", func(t *testing.T) {
		harness.RequireHangs(t, func(t *testing.T) func() {
			_, done := challenged(t, rawStage, connect, wamp.Dict{"iterations": int64(1) << 60})
			return func() { <-done }
		})
	})
}
