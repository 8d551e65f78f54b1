package replay_test

import (
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/replay"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/heap"
)

// TestHeld counts what doesn't sign, what does, and tokens.
func TestHeld(t *testing.T) {
	memory := replay.NewMemory()
	require.Zero(t, memory.Held())
	for i := range uint64(10) {
		memory.Add(message(i, 1, 1), 1)
		memory.Add(message(i, 2, 1), 1)
	}
	memory.Add(signed("signer", 1, 1, 1), 1)
	of := message(1, 1, 1)
	of.Scope = "event"
	memory.Add(of, 1)
	token := newTokens(t)
	for range 5 {
		one := token()
		memory.AddToken("call", one)
		memory.AddToken("call", one)
	}
	held := memory.Held()
	require.Equal(t, replay.Held{Senders: 12, Tokens: 5, Bytes: held.Bytes}, held)

	// What is too old is forgotten, but for tokens; of signers, when one sends again.
	memory.Add(message(99, 1, 1_000_000), 1_000_000)
	held = memory.Held()
	require.Equal(t, 2, held.Senders)
	require.Equal(t, 5, held.Tokens)
}

// TestHeldBytes is about what they take.
func TestHeldBytes(t *testing.T) {
	token := newTokens(t)
	before := heap.InUse()
	memory := replay.NewMemory()
	for range replay.MaxTokens * 3 / 2 { // also while they come and go
		memory.AddToken("call", token())
	}
	used := heap.InUse() - before
	held := memory.Held()
	require.Equal(t, replay.MaxTokens, held.Tokens)
	t.Logf("%d tokens: %d bytes, estimated %d", held.Tokens, used, held.Bytes)
	require.InEpsilon(t, used, held.Bytes, 0.2)
	runtime.KeepAlive(memory)
}
