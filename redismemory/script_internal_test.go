package redismemory

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// TestAnswersThatCantBe accept nothing, and tell no birth.
func TestAnswersThatCantBe(t *testing.T) {
	for _, answer := range []any{
		nil, "OK", int64(isNew), []any{}, []any{int64(isNew), int64(1)}, []any{int64(isSeen), int64(1)}, []any{int64(0)}, []any{int64(4)},
		[]any{"1"}, []any{nil}, []any{int64(otherBirth)}, []any{int64(otherBirth), "1 a"}, []any{int64(otherBirth), "1 a", "1"},
		[]any{int64(otherBirth), "", int64(1)}, []any{int64(otherBirth), int64(1), int64(1)}, []any{int64(otherBirth), "1 a", int64(-1)},
		[]any{int64(otherBirth), "1 a", int64(math.MaxInt64)}, []any{int64(otherBirth), "1 a", int64(1), int64(1)},
	} {
		noted, _, err := verdict(answer)
		require.ErrorIs(t, err, ErrAnswer, "%v", answer)
		require.Empty(t, noted)
	}
	noted, _, err := verdict([]any{int64(isNew)})
	require.NoError(t, err)
	require.Empty(t, noted)
	_, _, err = verdict([]any{int64(isSeen)})
	require.ErrorIs(t, err, transparency.Replayed)
	noted, age, err := verdict([]any{int64(otherBirth), "1 a", int64(1500)})
	require.NoError(t, err)
	require.Equal(t, "1 a", noted)
	require.Equal(t, 1500*time.Millisecond, age)
}
