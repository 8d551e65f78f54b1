package redismemory

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// skew is what the clocks of callees may differ by here.
const skew = 30 * time.Second

// process is a callee's memory, and its clock.
type process struct {
	*Memory
	t     *testing.T
	clock harness.Clock
}

func newProcess(t *testing.T, rdb *redis.Client, ahead time.Duration) *process {
	t.Helper()
	p := &process{t: t}
	p.clock.Set(ahead)
	var err error
	p.Memory, err = New(rdb)
	require.NoError(t, err)
	p.Memory.clock = p.clock.Now
	return p
}

// judges has the memory asked about a message of a sender whose clock is the callee's.
func (p *process) judges(ago time.Duration, verdict error) {
	p.t.Helper()
	sent := p.clock.Now().Add(-ago)
	err := p.Accept(p.t.Context(), &transparency.ReplayMessage{
		Scope: "call", Secret: "k", Bound: true, Sender: cryptobox.NewSenderID(), Counter: 1,
		Sent: sent, Expires: sent.Add(24 * time.Hour), Skew: skew,
	})
	if verdict == nil {
		require.NoError(p.t, err)
		return
	}
	require.ErrorIs(p.t, err, verdict)
}

// beginning starts a server, whose memory begins by a process whose clock is so far ahead.
func beginning(t *testing.T, ahead time.Duration) (*redis.Client, *process) {
	t.Helper()
	rdb := redis.NewClient(&redis.Options{Addr: StartServer(t).Addr()})
	t.Cleanup(func() { require.NoError(t, rdb.Close()) })
	p := newProcess(t, rdb, ahead)
	p.judges(0, nil)
	return rdb, p
}

// notedAgo sets the birth, as by this run of the server.
func notedAgo(t *testing.T, rdb *redis.Client, ago time.Duration) {
	t.Helper()
	_, run, _ := strings.Cut(rdb.Get(t.Context(), "{wampbox:replay}:birth").Val(), " ")
	require.NotEmpty(t, run)
	at := rdb.Time(t.Context()).Val().Add(-ago)
	require.NoError(t, rdb.Set(t.Context(), "{wampbox:replay}:birth", fmt.Sprintf("%d %s", at.UnixMilli(), run), 0).Err())
}

// TestTheClockOfACallee counts for it alone: whoever noted the birth by whatever clock,
// each callee refuses what was sent before, and nothing else, by its clock as it stands.
func TestTheClockOfACallee(t *testing.T) {
	const hour, years = time.Hour, 3 * 365 * 24 * time.Hour
	for name, c := range map[string]struct{ noting, later time.Duration }{
		"ahead, then behind": {hour, -hour}, "years ahead, set right": {years, 0}, "years behind, set right": {-years, 0},
		"right, set years ahead": {0, years}, "right, set years back": {0, -years},
		"ahead, set right": {hour, 0}, "behind, set right": {-hour, 0},
		"right, set ahead": {0, hour}, "right, set back": {0, -hour},
	} {
		t.Run(name, func(t *testing.T) {
			rdb, first := beginning(t, c.noting)
			first.judges(time.Minute, transparency.Stale)
			first.clock.Set(c.later)
			first.judges(time.Minute, transparency.Stale)
			first.clock.Set(c.noting) // there and back
			first.judges(time.Minute, transparency.Stale)
			first.judges(0, nil)
			first.clock.Set(c.later)
			for _, p := range []*process{first, newProcess(t, rdb, 0), newProcess(t, rdb, c.noting), newProcess(t, rdb, c.later)} {
				for range 2 {
					p.judges(time.Minute, transparency.Stale)
					p.judges(0, nil)
				}
			}
		})
	}
}

// TestTheBirthIsNotedOnce: a process that comes later has the same one, by its age.
func TestTheBirthIsNotedOnce(t *testing.T) {
	rdb, _ := beginning(t, 0)
	notedAgo(t, rdb, 10*time.Minute)
	for _, ahead := range []time.Duration{0, time.Hour, -time.Hour} {
		p := newProcess(t, rdb, ahead)
		p.judges(9*time.Minute, nil)
		p.judges(11*time.Minute, transparency.Stale)
	}
}

// TestTheClockOfRedisIsSetBack: behind the birth, nobody knows how long ago that was. The
// memory is born anew, and goes on at once.
func TestTheClockOfRedisIsSetBack(t *testing.T) {
	rdb, first := beginning(t, 0)
	notedAgo(t, rdb, -time.Hour)
	for _, p := range []*process{newProcess(t, rdb, 0), first} {
		p.judges(time.Minute, transparency.Stale)
		p.judges(0, nil)
	}
}

// TestAnotherRun: the birth is of another server, or of this one before it restarted.
func TestAnotherRun(t *testing.T) {
	rdb, first := beginning(t, 0)
	for _, ago := range []time.Duration{time.Hour, -time.Hour} {
		at := time.Now().Add(-ago).UnixMilli()
		require.NoError(t, rdb.Set(t.Context(), first.birthKey(), fmt.Sprintf("%d %s b", at, strings.Repeat("a", 40)), 0).Err())
		for _, p := range []*process{newProcess(t, rdb, 0), first} {
			p.judges(time.Minute, transparency.Stale)
			p.judges(0, nil)
		}
	}
}

// TestBornAgainAndAgain: Accept doesn't ask without end.
func TestBornAgainAndAgain(t *testing.T) {
	rdb, first := beginning(t, 0)
	other := redis.NewClient(rdb.Options())
	defer func() { require.NoError(t, other.Close()) }()
	rdb.AddHook(forgetting(func(ctx context.Context) {
		require.NoError(t, other.FlushAll(ctx).Err())
		time.Sleep(2 * time.Millisecond) // else the next birth could be the same
	}))
	first.judges(0, ErrAnswer)
}

// forgetting is done before each command.
type forgetting func(context.Context)

func (f forgetting) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		f(ctx)
		return next(ctx, cmd)
	}
}

func (forgetting) DialHook(next redis.DialHook) redis.DialHook { return next }

func (forgetting) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}
