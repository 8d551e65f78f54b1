package redismemory_test

import (
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/leak"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/redismemory"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// TestNothingPrintsSecrets: no exported type does, those included that are added later,
// and no error. What a memory is told of a message without a binding is its nonce.
func TestNothingPrintsSecrets(t *testing.T) {
	server := redismemory.StartServer(t)
	password := "Zebra crossing 41"
	rdb := redis.NewClient(&redis.Options{Addr: server.Addr(), Password: password})
	t.Cleanup(func() { require.NoError(t, rdb.Close()) })
	token, nonce := sealed(t)
	ask := &transparency.ReplayMessage{Scope: "call", KeyID: "k", Token: token}
	require.NoError(t, rdb.LPush(within(t), "{taken}:birth", "x").Err())
	refused := memoryOf(t, rdb, redismemory.WithPrefix("taken"))
	notOurs := refused.Accept(within(t), ask)
	require.ErrorIs(t, notOurs, redismemory.ErrAnswer)

	plain := clientOf(t, server.Addr())
	memory := memoryOf(t, plain)
	require.NoError(t, memory.Accept(within(t), ask))
	again := memory.Accept(within(t), ask)
	require.ErrorIs(t, again, transparency.Replayed)
	away := redis.NewClient(&redis.Options{Addr: "127.0.0.1:1", Password: password, MaxRetries: -1})
	t.Cleanup(func() { require.NoError(t, away.Close()) })
	unreachable := memoryOf(t, away).Accept(within(t), ask)
	require.Error(t, unreachable)

	values := map[string][]any{
		"Memory": {memory, refused, struct{ m *redismemory.Memory }{refused}, *ask, ask},
		"Option": {redismemory.WithPrefix("p"), redismemory.WithUnboundFor(time.Hour)},
	}
	var covered []string
	for name, list := range values {
		covered = append(covered, name)
		for _, v := range append(list, notOurs, again, unreachable) {
			leak.RequireAbsent(t, v, nonce, []byte(password))
		}
	}
	require.ElementsMatch(t, leak.ExportedTypes(t, "."), covered, "a type without a value here, or the other way round")
}
