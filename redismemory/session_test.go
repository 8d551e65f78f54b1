package redismemory_test

import (
	"context"
	"regexp"
	"strconv"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/testrouter"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/redismemory"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// service is a caller and a callee that has the memory, at a router of nexus.
type service struct {
	caller, callee *transparency.Session
	ran            chan struct{}
}

func serving(t *testing.T, memory *redismemory.Memory) *service {
	t.Helper()
	r := testrouter.Start(t)
	k := newKeys(cryptobox.Wampbox)
	s := &service{
		caller: session(t, r, k.originatorRing(t)),
		callee: session(t, r, k.responderRing(t), transparency.WithReplayMemory(memory)),
		ran:    make(chan struct{}, 100),
	}
	require.NoError(t, s.callee.Register(procedure, func(ctx context.Context, inv *wamp.Invocation) client.InvokeResult {
		s.ran <- struct{}{}
		if _, asked := inv.Details["receive_progress"]; asked {
			for i := range 3 {
				if err := s.callee.SendProgress(ctx, wamp.List{i}, nil); err != nil {
					return client.InvokeResult{Err: prefix + "e"}
				}
			}
		}
		return client.InvokeResult{Args: wamp.List{"paid"}}
	}, nil))
	return s
}

func (s *service) call(t *testing.T, progress client.ProgressHandler) error {
	t.Helper()
	_, err := s.caller.Call(within(t), procedure, nil, wamp.List{1}, nil, progress)
	return err
}

// TestStoreDown: the caller gets a refusal that says so, nothing runs, and service returns
// by itself.
func TestStoreDown(t *testing.T) {
	server, rdb, memory := start(t)
	s := serving(t, memory)
	require.NoError(t, s.call(t, nil))
	<-s.ran
	server.Crash()
	err := s.call(t, nil)
	var refused *transparency.Error
	require.ErrorAs(t, err, &refused)
	require.Equal(t, transparency.Refused, refused.Reason)
	require.NotNil(t, refused.Peer, "it is readable")
	require.Equal(t, transparency.StoreDown, refused.Peer.Reason)
	require.Equal(t, map[transparency.Reason]uint64{transparency.StoreDown: 1}, s.callee.Stats().Rejected)
	require.Empty(t, s.ran)
	server.Restart()
	require.Eventually(t, func() bool { return rdb.Ping(within(t)).Err() == nil }, patience, 10*time.Millisecond)
	require.NoError(t, s.call(t, nil))
	<-s.ran
	require.EqualValues(t, 1, s.callee.Stats().Rejected[transparency.StoreDown])
}

// TestOnlyCallsAskIt: once each. Events and answers don't, and are served without it.
func TestOnlyCallsAskIt(t *testing.T) {
	server, rdb, memory := start(t)
	s := serving(t, memory)
	events := make(chan *wamp.Event, 100)
	require.NoError(t, s.callee.Subscribe(prefix+"topic", func(ev *wamp.Event) { events <- ev }, nil))
	publish := func() {
		t.Helper()
		for i := range 20 {
			require.NoError(t, s.caller.Publish(prefix+"topic", nil, wamp.List{i}, nil))
			receive(t, events)
		}
	}
	before := asked(t, rdb)
	publish()
	require.Zero(t, asked(t, rdb)-before, "events")
	for range 5 {
		require.NoError(t, s.call(t, func(*wamp.Result) {}))
	}
	require.Equal(t, 5, asked(t, rdb)-before, "calls, each with three progressive results and a result")
	server.Crash()
	publish()
	require.Empty(t, s.callee.Stats().Rejected)
}

var scriptCalls = regexp.MustCompile(`(?m)^cmdstat_eval(?:sha)?:calls=(\d+)`)

// asked is how many scripts Redis has run so far.
func asked(t *testing.T, rdb *redis.Client) int {
	t.Helper()
	stats, err := rdb.Info(within(t), "commandstats").Result()
	require.NoError(t, err)
	count := 0
	for _, found := range scriptCalls.FindAllStringSubmatch(stats, -1) {
		n, err := strconv.Atoi(found[1])
		require.NoError(t, err)
		count += n
	}
	return count
}
