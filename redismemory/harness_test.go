package redismemory_test

import (
	"context"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/logging"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/redismemory"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// patience bounds every wait for something that has to happen.
const patience = 10 * time.Second

// What go-redis tells of servers that tests stop is of no interest.
func init() { logging.Disable() }

func clientOf(t testing.TB, addr string) *redis.Client {
	t.Helper()
	rdb := redis.NewClient(&redis.Options{Addr: addr})
	t.Cleanup(func() { require.NoError(t, rdb.Close()) })
	return rdb
}

func memoryOf(t testing.TB, client redis.UniversalClient, opts ...redismemory.Option) *redismemory.Memory {
	t.Helper()
	memory, err := redismemory.New(client, opts...)
	require.NoError(t, err)
	return memory
}

// start starts a server, and returns a client and a memory that has been born some
// time ago.
func start(t testing.TB, args ...string) (*redismemory.Server, *redis.Client, *redismemory.Memory) {
	t.Helper()
	server := redismemory.StartServer(t, args...)
	rdb := clientOf(t, server.Addr())
	memory := memoryOf(t, rdb)
	born(t, memory)
	return server, rdb, memory
}

// born has the memory note its birth, or learn it, and lets that be the past. What a
// memory learns of a birth is late by as long as the answer takes.
func born(t testing.TB, memory *redismemory.Memory) {
	t.Helper()
	require.NoError(t, memory.Accept(within(t), bound(time.Minute)))
	time.Sleep(3 * time.Millisecond)
}

// bound returns a new message with a binding, sent now.
func bound(skew time.Duration) *transparency.ReplayMessage {
	now := time.Now()
	return &transparency.ReplayMessage{
		Scope: "call", Secret: "k", Bound: true, Sender: cryptobox.NewSenderID(), Counter: 1,
		Sent: now, Expires: now.Add(time.Minute), Skew: skew,
	}
}

// unbound returns a new message without a binding.
func unbound(t testing.TB) *transparency.ReplayMessage {
	t.Helper()
	token, _ := sealed(t)
	return &transparency.ReplayMessage{Scope: "call", Secret: "k", Token: token}
}

// sealed returns the token of a payload, and its nonce.
func sealed(t testing.TB) (cryptobox.Token, []byte) {
	t.Helper()
	box, err := cryptobox.NewSecretBox(cryptobox.GenerateSymmetricKey())
	require.NoError(t, err)
	payload, token, err := cryptobox.SealForeign(box, cryptobox.Passthru, &cryptobox.ForeignRecord{})
	require.NoError(t, err)
	return token, payload[:24]
}

// with returns a copy of the message that change was done to.
func with(m *transparency.ReplayMessage, change func(*transparency.ReplayMessage)) *transparency.ReplayMessage {
	other := *m
	change(&other)
	return &other
}

func within(t testing.TB) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	return ctx
}

func receive[T any](t testing.TB, c <-chan T) T {
	t.Helper()
	select {
	case v, ok := <-c:
		require.True(t, ok, "nothing more will arrive")
		return v
	case <-time.After(patience):
		require.Fail(t, "nothing arrived")
		panic("unreachable")
	}
}

// requireDown checks for an error that is neither of the two that are a verdict.
func requireDown(t testing.TB, err error) {
	t.Helper()
	require.Error(t, err)
	require.NotErrorIs(t, err, transparency.Replayed)
	require.NotErrorIs(t, err, transparency.Stale)
}
