package keyring

import (
	"fmt"
	"math/bits"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// What a router makes us look for takes up bounded room, and no text of its.
func TestNearMissesAreBounded(t *testing.T) {
	r := New()
	require.NoError(t, r.SetPlain(Exact("com.app.order")))
	for i := range 3 * maxAnswered {
		_, _ = r.Lookup(fmt.Sprintf("net.other%d", i))
		_, _ = r.Lookup(fmt.Sprintf("com.app.order%c", 'a'+i%26))
		require.LessOrEqual(t, len(r.near.plain.answered), maxAnswered)
	}
	_, _ = r.Lookup(strings.Repeat("x", 1<<20))
	for uri := range r.near.plain.answered {
		require.LessOrEqual(t, len(uri), maxNear)
	}
	require.Len(t, r.near.plain.texts.patterns, 1)
}

// The filter stays one that tells texts apart when patterns come after the first question.
func TestNearMissesHaveRoom(t *testing.T) {
	r := New()
	for i := range 2000 {
		require.NoError(t, r.SetPlain(Exact(fmt.Sprintf("com.app.order%d", i))))
		_, _ = r.Lookup(fmt.Sprintf("net.other%d", i))
		require.Less(t, len(r.near.plain.texts.patterns), r.near.plain.texts.room)
	}
	set := 0
	for _, word := range r.near.plain.texts.halves.bits {
		set += bits.OnesCount64(word)
	}
	require.Less(t, set, 64*len(r.near.plain.texts.halves.bits)/4)
}
