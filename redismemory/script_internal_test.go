package redismemory

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// TestTheLaterClockNotesTheBirth: one that is slow lets nothing in, and a birth never
// moves back.
func TestTheLaterClockNotesTheBirth(t *testing.T) {
	server := StartServer(t)
	rdb := redis.NewClient(&redis.Options{Addr: server.Addr()})
	defer func() { require.NoError(t, rdb.Close()) }()
	birth := func(clock time.Time) time.Time {
		t.Helper()
		answer, err := acceptScript.Run(t.Context(), rdb, []string{"birth", "message"}, clock.UnixMilli(), "", 1000, "id").Int64Slice()
		require.NoError(t, err)
		require.Len(t, answer, 2)
		return time.UnixMilli(answer[1])
	}
	anew := func(noted time.Time) {
		t.Helper()
		require.NoError(t, rdb.Set(t.Context(), "birth", fmt.Sprintf("%d %s", noted.UnixMilli(), strings.Repeat("a", 40)), 0).Err())
	}
	hour := time.Hour
	ahead := time.Now().Add(hour).Truncate(time.Millisecond)
	require.WithinDuration(t, time.Now(), birth(time.Now().Add(-hour)), time.Minute, "our clock is slow")
	require.WithinDuration(t, time.Now(), birth(ahead), time.Minute, "it has been noted")
	require.NoError(t, rdb.Del(t.Context(), "birth").Err())
	require.Equal(t, ahead, birth(ahead), "the clock of Redis is slow")
	anew(ahead)
	require.Equal(t, ahead, birth(time.Now()), "another run of the server")
	anew(time.Now().Add(-hour))
	require.WithinDuration(t, time.Now(), birth(time.Now().Add(-hour)), time.Minute)
}

// TestAnswersThatCantBe accept nothing.
func TestAnswersThatCantBe(t *testing.T) {
	for _, answer := range []any{
		nil, "OK", int64(isNew), []any{}, []any{int64(isNew)}, []any{int64(0), int64(1)}, []any{int64(4), int64(1)},
		[]any{"1", int64(1)}, []any{nil, nil}, []any{int64(isNew), int64(1), int64(1)},
	} {
		err := verdict(answer)
		require.ErrorIs(t, err, ErrAnswer, "%v", answer)
	}
	require.NoError(t, verdict([]any{int64(isNew), int64(1)}))
	require.ErrorIs(t, verdict([]any{int64(isSeen), int64(1)}), transparency.Replayed)
	require.ErrorIs(t, verdict([]any{int64(isStale), int64(1)}), transparency.Stale)
}
