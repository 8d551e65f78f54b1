package redismemory_test

import (
	"context"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/proc"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/redismemory"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// TestDownAndBack: nothing is accepted while the server is down, and everything by
// itself when it is back.
func TestDownAndBack(t *testing.T) {
	server, _, memory := start(t)
	m := bound(0)
	server.Crash()
	began := time.Now()
	err := memory.Accept(within(t), m)
	requireDown(t, err)
	require.NotErrorIs(t, err, redismemory.ErrAnswer)
	t.Logf("refused after %v: %v", time.Since(began).Round(time.Millisecond), err)
	requireDown(t, memory.Check(within(t)))
	server.Restart()
	began = time.Now()
	require.Eventually(t, func() bool { return memory.Accept(within(t), bound(time.Minute)) == nil }, patience, 10*time.Millisecond)
	t.Logf("accepted %v after the start", time.Since(began).Round(time.Millisecond))
	require.ErrorIs(t, memory.Accept(within(t), m), transparency.Stale, "sent before the new birth")
}

// TestTimeToComeBack: with many who ask, the client has given up its connections, and looks
// once a second whether it can have one.
func TestTimeToComeBack(t *testing.T) {
	server, _, memory := start(t)
	server.Crash()
	ctx, stop := context.WithCancel(t.Context())
	back := make(chan time.Time, 1)
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			for ctx.Err() == nil {
				if memory.Accept(within(t), bound(time.Minute)) == nil {
					select {
					case back <- time.Now():
					default:
					}
				}
				time.Sleep(5 * time.Millisecond)
			}
		})
	}
	time.Sleep(1200 * time.Millisecond)
	server.Restart()
	up := time.Now()
	waited := receive(t, back).Sub(up)
	stop()
	all.Wait()
	t.Logf("accepted %v after the start", waited.Round(time.Millisecond))
	require.Less(t, waited, 1500*time.Millisecond, "the manual says a second")
}

// TestItAnswersInTime, whatever the client does, from a server that never answers.
func TestItAnswersInTime(t *testing.T) {
	const asking = 100
	rdb := redis.NewClient(&redis.Options{Addr: proc.StartSilent(t).Address, ReadTimeout: -1, PoolSize: asking})
	defer func() { require.NoError(t, rdb.Close()) }()
	memory := memoryOf(t, rdb)

	began := time.Now()
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	var all sync.WaitGroup
	var refused atomic.Int32
	for range asking {
		all.Go(func() {
			if err := memory.Accept(ctx, bound(0)); err != nil {
				refused.Add(1)
			}
		})
	}
	all.Wait()
	require.EqualValues(t, asking, refused.Load())
	require.Less(t, time.Since(began), 3*time.Second)
	err := memory.Accept(ctx, bound(0))
	require.ErrorIs(t, err, context.DeadlineExceeded)
	requireDown(t, err)
}

// stuck is a hook that holds up what a client asks, and counts it.
type stuck struct {
	asked atomic.Int32
	freed chan struct{}
}

func (s *stuck) DialHook(next redis.DialHook) redis.DialHook { return next }

func (s *stuck) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		s.asked.Add(1)
		<-s.freed
		return next(ctx, cmd)
	}
}

func (s *stuck) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}

// TestWhatIsUnderWayIsBounded, also after those who asked have given up.
func TestWhatIsUnderWayIsBounded(t *testing.T) {
	_, rdb, memory := start(t)
	held := &stuck{freed: make(chan struct{})}
	rdb.AddHook(held)
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	var all sync.WaitGroup
	var refused atomic.Int32
	const asking = 600
	for range asking {
		all.Go(func() {
			if err := memory.Accept(ctx, bound(0)); err != nil {
				refused.Add(1)
			}
		})
	}
	all.Wait()
	require.EqualValues(t, asking, refused.Load())
	require.EqualValues(t, 256, held.asked.Load())
	close(held.freed)
	require.NoError(t, memory.Accept(within(t), bound(0)), "all of them make room")
}

// TestUnusable: Redis answers with errors, and accepts nothing.
func TestUnusable(t *testing.T) {
	for _, c := range []struct {
		name string
		do   []any
		undo []any
		code string
	}{
		{"birth of another type", []any{"LPUSH", birthKey, "a"}, []any{"DEL", birthKey}, "WRONGTYPE"},
		{"birth of another", []any{"SET", birthKey, "2026-01-01"}, []any{"DEL", birthKey}, "NOTOURS"},
		{"full", []any{"CONFIG", "SET", "maxmemory", "1"}, []any{"CONFIG", "SET", "maxmemory", "0"}, "OOM"},
		{"evicts", []any{"CONFIG", "SET", "maxmemory-policy", "volatile-ttl"}, []any{"CONFIG", "SET", "maxmemory-policy", "noeviction"}, "EVICTS"},
		{"too few replicas", []any{"CONFIG", "SET", "min-replicas-to-write", "1"}, []any{"CONFIG", "SET", "min-replicas-to-write", "0"}, "NOREPLICAS"},
		{"no information", []any{"ACL", "SETUSER", "callee", "-info"}, []any{"ACL", "SETUSER", "callee", "+info"}, "NOPERM"},
		{"no reading", []any{"ACL", "SETUSER", "callee", "-get"}, []any{"ACL", "SETUSER", "callee", "+get"}, "NOPERM"},
		{"no writing", []any{"ACL", "SETUSER", "callee", "-set"}, []any{"ACL", "SETUSER", "callee", "+set"}, "NOPERM"},
		{"no time", []any{"ACL", "SETUSER", "callee", "-time"}, []any{"ACL", "SETUSER", "callee", "+time"}, "NOPERM"},
		{"keys to read", []any{"ACL", "SETUSER", "callee", "resetkeys", "%R~*"}, []any{"ACL", "SETUSER", "callee", "resetkeys", "~{wampbox:replay}:*"}, "NOPERM"},
		{"no such keys", []any{"ACL", "SETUSER", "callee", "resetkeys"}, []any{"ACL", "SETUSER", "callee", "~{wampbox:replay}:*"}, "NOPERM"},
		{"no scripts", []any{"ACL", "SETUSER", "callee", "-evalsha"}, []any{"ACL", "SETUSER", "callee", "+evalsha"}, "NOPERM"},
		{"no new scripts", []any{"ACL", "SETUSER", "callee", "-eval"}, []any{"ACL", "SETUSER", "callee", "+eval"}, "NOPERM"},
	} {
		t.Run(c.name, func(t *testing.T) {
			server, admin, _ := start(t)
			require.NoError(t, admin.Do(within(t), "ACL", "SETUSER", "callee", "on", ">password", "~{wampbox:replay}:*",
				"+eval", "+evalsha", "+get", "+set", "+time", "+info").Err())
			rdb := redis.NewClient(&redis.Options{Addr: server.Addr(), Username: "callee", Password: "password"})
			defer func() { require.NoError(t, rdb.Close()) }()
			memory := memoryOf(t, rdb)
			require.NoError(t, memory.Check(within(t)))
			require.NoError(t, memory.Accept(within(t), bound(time.Minute)))
			require.NoError(t, admin.Del(within(t), birthKey).Err())

			require.NoError(t, admin.Do(within(t), c.do...).Err())
			requireRefuses(t, memory.Check(within(t)), c.code)
			require.NoError(t, admin.ScriptFlush(within(t)).Err()) // as after a restart
			m := bound(time.Minute)
			for range 2 {
				requireRefuses(t, memory.Accept(within(t), m), c.code)
				requireRefuses(t, memory.Check(within(t)), c.code)
			}
			require.NoError(t, admin.Do(within(t), c.undo...).Err())
			require.NoError(t, memory.Check(within(t)))
			require.NoError(t, memory.Accept(within(t), m), "it was not marked as seen")
		})
	}
}

// requireRefuses checks for an error of Redis that says what to do, by its code.
func requireRefuses(t *testing.T, err error, code string) {
	t.Helper()
	requireDown(t, err)
	require.ErrorIs(t, err, redismemory.ErrAnswer)
	require.ErrorContains(t, err, ": "+code+": ")
	require.NotContains(t, err.Error(), "wampbox")
}

// TestServersThatRefuse: each says why, and what to do.
func TestServersThatRefuse(t *testing.T) {
	host, port, err := net.SplitHostPort(redismemory.StartServer(t).Addr())
	require.NoError(t, err)
	node := func() []string {
		_, bus, err := net.SplitHostPort(proc.Nowhere(t))
		require.NoError(t, err)
		return []string{"--cluster-enabled", "yes", "--cluster-port", bus}
	}
	other := node()
	owner := redismemory.StartServer(t, other...)
	require.NoError(t, clientOf(t, owner.Addr()).ClusterAddSlotsRange(within(t), 0, 16383).Err())
	_, ownerPort, err := net.SplitHostPort(owner.Addr())
	require.NoError(t, err)
	for code, c := range map[string]struct {
		args []string
		do   []any
	}{
		"READONLY":    {args: []string{"--replicaof", host, port}},
		"MASTERDOWN":  {args: []string{"--replicaof", "127.0.0.1", "1", "--replica-serve-stale-data", "no"}},
		"CLUSTERDOWN": {args: node()},
		"MOVED":       {args: node(), do: []any{"CLUSTER", "MEET", host, ownerPort, other[len(other)-1]}},
		"NOAUTH":      {do: []any{"CONFIG", "SET", "requirepass", "x"}},
		"OOM":         {do: []any{"CONFIG", "SET", "maxmemory", 1}},
		"EVICTS":      {do: []any{"CONFIG", "SET", "maxmemory-policy", "allkeys-lru"}},
		"BUSY":        {args: []string{"--busy-reply-threshold", "10"}, do: []any{"EVAL", "while true do end", 0}},
	} {
		t.Run(code, func(t *testing.T) {
			server := redismemory.StartServer(t, c.args...)
			if c.do != nil {
				admin := redis.NewClient(&redis.Options{Addr: server.Addr(), ReadTimeout: time.Second, MaxRetries: -1})
				err := admin.Do(within(t), c.do...).Err()
				require.Equal(t, code == "BUSY", err != nil, "%v", err)
				require.NoError(t, admin.Close())
			}
			memory := memoryOf(t, clientOf(t, server.Addr()))
			// Replicas and nodes of a cluster need to hear of the others first.
			require.Eventually(t, func() bool {
				err := memory.Check(within(t))
				return err != nil && strings.Contains(err.Error(), code)
			}, patience, 10*time.Millisecond)
			requireRefuses(t, memory.Check(within(t)), code)
			requireRefuses(t, memory.Accept(within(t), bound(time.Minute)), code)
		})
	}
}

// TestWhatRedisRepeatsIsNotShown: here it says what it was asked.
func TestWhatRedisRepeatsIsNotShown(t *testing.T) {
	rdb := clientOf(t, redismemory.StartServer(t, "--rename-command", "evalsha", "").Addr())
	err := rdb.EvalSha(within(t), "0123", []string{birthKey}).Err()
	require.ErrorContains(t, err, "wampbox", "it does")
	memory := memoryOf(t, rdb)
	for _, err := range []error{memory.Accept(within(t), bound(0)), memory.Check(within(t))} {
		require.ErrorIs(t, err, redismemory.ErrAnswer)
		requireDown(t, err)
		require.NotContains(t, err.Error(), "wampbox")
		require.NotContains(t, err.Error(), "evalsha")
	}
}

func TestWrongPassword(t *testing.T) {
	server, _, _ := start(t, "--requirepass", "")
	rdb := redis.NewClient(&redis.Options{Addr: server.Addr(), Username: "nobody", Password: "secret-password"})
	defer func() { require.NoError(t, rdb.Close()) }()
	err := memoryOf(t, rdb).Accept(within(t), bound(0))
	requireDown(t, err)
	require.ErrorIs(t, err, redismemory.ErrAnswer)
	require.ErrorContains(t, err, "WRONGPASS")
	require.NotContains(t, err.Error(), "secret-password")
}

// TestAKeyOfAnotherType in a message's place accepts nothing.
func TestAKeyOfAnotherType(t *testing.T) {
	_, rdb, memory := start(t)
	m := bound(0)
	before := keysOf(t, rdb)
	require.NoError(t, memory.Accept(within(t), m))
	for key := range keysOf(t, rdb) {
		if !before[key] {
			require.NoError(t, rdb.Del(within(t), key).Err())
			require.NoError(t, rdb.LPush(within(t), key, "a").Err())
		}
	}
	err := memory.Accept(within(t), m)
	requireDown(t, err)
	require.ErrorContains(t, err, "WRONGTYPE")
}
