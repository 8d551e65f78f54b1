package redismemory

import (
	"context"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// TestPanicOfAHook refuses the call: it runs in a goroutine of ours.
func TestPanicOfAHook(t *testing.T) {
	rdb := redis.NewClient(&redis.Options{Addr: "localhost:1"})
	defer func() { require.NoError(t, rdb.Close()) }()
	rdb.AddHook(forgetting(func(context.Context) { panic("secret") }))
	memory, err := New(rdb)
	require.NoError(t, err)
	err = memory.Accept(t.Context(), &transparency.ReplayMessage{Scope: "call", Secret: "k", Bound: true, Sent: time.Now()})
	require.ErrorIs(t, err, transparency.ErrPanic)
	require.NotContains(t, err.Error(), "secret")
	require.Empty(t, memory.waiting)
}
