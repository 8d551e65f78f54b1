package redismemory_test

import (
	"net"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/redismemory"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

const birthKey = "{wampbox:replay}:birth"

// TestBirth: what was sent before it, by more than the skew, can't be known.
func TestBirth(t *testing.T) {
	server := redismemory.StartServer(t)
	rdb := clientOf(t, server.Addr())
	memory := memoryOf(t, rdb)
	before := bound(time.Second)
	before.Sent = before.Sent.Add(-1100 * time.Millisecond)
	require.ErrorIs(t, memory.Accept(within(t), before), transparency.Stale, "it notes the birth")
	noted, err := rdb.Get(within(t), birthKey).Result()
	require.NoError(t, err)

	before.Skew = patience
	require.NoError(t, memory.Accept(within(t), before), "it was not marked as seen")
	require.ErrorIs(t, memory.Accept(within(t), before), transparency.Replayed)
	require.NoError(t, memory.Accept(within(t), unbound(t)), "these don't tell when they were sent")
	err = memory.Accept(within(t), with(bound(time.Second), func(m *transparency.ReplayMessage) { m.Sent = m.Sent.Add(-time.Hour) }))
	require.ErrorIs(t, err, transparency.Stale)
	require.Contains(t, err.Error(), time.Now().UTC().Format("2006-01-02T15:"))
	require.Regexp(t, `sent (1h0m\ds|59m5\ds) before the shared memory began, at .*, beyond the skew of 1s, or the sender's clock is behind, or this one ahead$`, err.Error())

	still, err := rdb.Get(within(t), birthKey).Result()
	require.NoError(t, err)
	require.Equal(t, noted, still)
}

// lost checks a memory that has lost what it had: what was accepted is refused, what
// is sent from now on is accepted once.
func lost(t *testing.T, memory *redismemory.Memory, accepted ...*transparency.ReplayMessage) {
	t.Helper()
	time.Sleep(3 * time.Millisecond)
	for _, m := range accepted {
		require.ErrorIs(t, memory.Accept(within(t), m), transparency.Stale)
	}
	time.Sleep(3 * time.Millisecond)
	m := bound(0)
	require.NoError(t, memory.Accept(within(t), m))
	require.ErrorIs(t, memory.Accept(within(t), m), transparency.Replayed)
}

func TestFlush(t *testing.T) {
	_, rdb, memory := start(t)
	m := bound(0)
	require.NoError(t, memory.Accept(within(t), m))
	require.NoError(t, rdb.FlushAll(within(t)).Err())
	lost(t, memory, m)
}

func TestRestartEmpty(t *testing.T) {
	server, _, memory := start(t)
	m := bound(0)
	require.NoError(t, memory.Accept(within(t), m))
	server.Restart()
	require.Eventually(t, func() bool { return memory.Check(within(t)) == nil }, patience, 10*time.Millisecond)
	lost(t, memory, m)
}

// TestRestartFromWhatWasSaved: the birth was saved, the message accepted last was not.
func TestRestartFromWhatWasSaved(t *testing.T) {
	server, rdb, memory := start(t)
	saved, unsaved := bound(0), bound(0)
	require.NoError(t, memory.Accept(within(t), saved))
	noted, err := rdb.Get(within(t), birthKey).Result()
	require.NoError(t, err)
	require.NoError(t, rdb.Save(within(t)).Err())
	require.NoError(t, memory.Accept(within(t), unsaved))
	server.Restart()
	require.Eventually(t, func() bool { return rdb.Ping(within(t)).Err() == nil }, patience, 10*time.Millisecond)
	still, err := rdb.Get(within(t), birthKey).Result()
	require.NoError(t, err)
	require.Equal(t, noted, still, "there is something left")
	require.Len(t, keysOf(t, rdb), 3)
	lost(t, memory, saved, unsaved)
}

// TestFailover: a replica that lags takes over.
func TestFailover(t *testing.T) {
	master, rdb, memory := start(t, "--repl-diskless-sync-delay", "0")
	host, port, err := net.SplitHostPort(master.Addr())
	require.NoError(t, err)
	replica := redismemory.StartServer(t, "--replicaof", host, port)
	standby := clientOf(t, replica.Addr())
	after := memoryOf(t, standby)
	replicated, lagging := bound(0), bound(0)
	require.NoError(t, memory.Accept(within(t), replicated))
	require.Eventually(t, func() bool { return len(keysOf(t, standby)) == 3 }, patience, 10*time.Millisecond)
	err = after.Accept(within(t), bound(0))
	require.ErrorIs(t, err, redismemory.ErrAnswer)
	require.ErrorContains(t, err, "READONLY")

	require.NoError(t, standby.ReplicaOf(within(t), "NO", "ONE").Err())
	require.NoError(t, memory.Accept(within(t), lagging))
	require.Len(t, keysOf(t, rdb), 4)
	require.Len(t, keysOf(t, standby), 3)
	master.Crash()
	lost(t, after, replicated, lagging)
	noted, err := standby.Get(within(t), birthKey).Result()
	require.NoError(t, err)
	require.Len(t, strings.Fields(noted), 3)
}
