package main

import (
	"context"
	"errors"
	"os/exec"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"
)

func TestSummarize(t *testing.T) {
	require.Equal(t, figure{3, 1, 9}, summarize([]float64{9, 1, 3}))
	require.Equal(t, figure{2.5, 1, 9}, summarize([]float64{9, 3, 2, 1}))
}

func TestRatiosAreOfTheSameRound(t *testing.T) {
	second := func(n int) sample { return sample{count: n, elapsed: time.Second} }
	found := comparison{[]string{"base", "other"}, map[string][]sample{
		"base": {second(10), second(100), second(50)}, "other": {second(20), second(50), second(50)},
	}}
	require.Equal(t, figure{1, 0.5, 2}, found.ratio("other", "", rate))
	require.Equal(t, figure{50, 20, 50}, found.of("other", rate))
}

func TestCompare(t *testing.T) {
	b := &benchmark{effort: effort{rounds: 3}, log: t.Output()}
	runs, closed := map[string]int{}, 0
	named := func(name string, s sample, err error) contender {
		run := func(_ context.Context, least time.Duration) (sample, error) {
			runs[name]++
			s.elapsed = least
			return s, err
		}
		return contender{name, run, func() error { closed++; return nil }}
	}
	found, err := b.compare(t.Context(), "title", time.Second, []contender{named("a", sample{count: 1}, nil), named("b", sample{count: 1}, nil)})
	require.NoError(t, err)
	require.Equal(t, map[string]int{"a": 4, "b": 4}, runs, "three rounds and one to warm up")
	require.Equal(t, []string{"a", "b"}, found.names)
	require.Len(t, found.samples["a"], 3)
	require.Equal(t, time.Second, found.samples["b"][0].elapsed, "without the one to warm up")
	require.Equal(t, 2, closed)

	wrong := errors.New("wrong")
	_, err = b.compare(t.Context(), "title", time.Second, []contender{named("the bad one", sample{count: 1}, wrong)})
	require.ErrorIs(t, err, wrong)
	require.ErrorContains(t, err, "the bad one")
	_, err = b.compare(t.Context(), "title", time.Second, []contender{named("nothing", sample{}, nil)})
	require.ErrorContains(t, err, "no measurement")
	require.Equal(t, 4, closed)
}

func TestLoop(t *testing.T) {
	done := 0
	s, err := loop(2*time.Millisecond, 8, func() error { done++; return nil })
	require.NoError(t, err)
	require.GreaterOrEqual(t, s.elapsed, 2*time.Millisecond)
	require.Equal(t, done, s.count)
	wrong := errors.New("wrong")
	_, err = loop(time.Hour, 1, func() error { return wrong })
	require.ErrorIs(t, err, wrong)
}

func TestAnswersAreCompared(t *testing.T) {
	require.True(t, same(wamp.List{"text"}, "text"))
	for _, args := range []wamp.List{nil, {"tex"}, {5}, {"text", "more"}} {
		require.False(t, same(args, "text"), "%v", args)
	}
}

func TestEventsAreCounted(t *testing.T) {
	event := func(n int) wamp.List { return wamp.List{n, "text"} }
	s := &subscriber{}
	s.begin(5)
	for _, n := range []int{3, 5, 6, 9} { // late, two in order, two lost
		s.take(event(n), "text")
	}
	next, received, wrong := s.state()
	require.Equal(t, int64(10), next)
	require.Equal(t, 3, received)
	require.False(t, wrong)
	for _, args := range []wamp.List{nil, {10}, {10, "tex"}, {"10", "text"}, event(9)} {
		s.begin(5)
		s.take(event(9), "text")
		s.wrong = false
		s.take(args, "text")
		require.True(t, s.wrong, "%v", args)
	}
}

func TestProcess(t *testing.T) {
	p, err := startProcess(t.Context(), exec.Command("sh", "-c", `echo ready 1.2; while read line; do
		case $line in "good 5") echo done 3 4;; "good "*) echo "failed it broke";; *) exit;; esac; done; echo why it ends >&2`))
	require.NoError(t, err)
	require.Equal(t, "1.2", p.banner)
	s, err := p.measure(t.Context(), "good", 5)
	require.NoError(t, err)
	require.Equal(t, sample{count: 3, elapsed: 4, apart: true}, s)
	_, err = p.measure(t.Context(), "good", 6)
	require.ErrorContains(t, err, "it broke")
	require.NoError(t, p.stop())
	_, err = p.measure(t.Context(), "good", 5)
	require.Error(t, err, "it has ended")

	_, err = startProcess(t.Context(), exec.Command("sh", "-c", "echo why it ends >&2"))
	require.ErrorContains(t, err, "why it ends")
	_, err = startProcess(t.Context(), exec.Command("echo", "hello"))
	require.ErrorContains(t, err, "hello")
}

func TestTexts(t *testing.T) {
	for text, ns := range map[string]float64{"62 ns": 62, "2.40 µs": 2400, "201 µs": 201_000, "2.08 ms": 2_080_000} {
		require.Equal(t, text, span(figure{median: ns}))
	}
	for text, n := range map[string]float64{"16 B": 16, "1.50 KiB": 1536, "20 MiB": 20 << 20} {
		require.Equal(t, text, size(figure{median: n}))
	}
	for text, v := range map[string]float64{"12,343": 12343.4, "0.84": 0.84, "77.5": 77.5, "0": 0} {
		require.Equal(t, text, number(v))
	}
}

func TestRows(t *testing.T) {
	second := func(n, lost int) sample { return sample{count: n, lost: lost, elapsed: time.Second} }
	apart := func(s sample) sample { s.apart = true; return s }
	var r report
	table := r.table("title", "note", perSecond, rateRatio, lost, eachAllocs)
	table.add("x: ", comparison{[]string{"a", "Autobahn|b"}, map[string][]sample{
		"a": {second(100, 0), second(100, 0)}, "Autobahn|b": {apart(second(50, 50)), apart(second(70, 30))},
	}})
	require.Contains(t, r.markdown(effort{}), `
|  | a second | ratio | lost | allocations each |
|---|---:|---:|---:|---:|
| x: a | 100 | 1 | 0 % | 0 |
| x: Autobahn\|b | 60 | 0.60x (0.50 to 0.70) | 40 % | not counted |
`)
}
