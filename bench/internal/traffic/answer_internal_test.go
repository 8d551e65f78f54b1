package traffic

import (
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"
)

func TestParseCPU(t *testing.T) {
	used, err := parseCPU("cpu 1500")
	require.NoError(t, err)
	require.Equal(t, 1500*time.Nanosecond, used)
	for _, answer := range []string{"", "cpu", "cpu ", "cpu x", "cpu -1", "cpu 1.5", "1500", "ready 1"} {
		_, err := parseCPU(answer)
		require.Error(t, err, "%q", answer)
	}
}

func TestParseAnswer(t *testing.T) {
	a, err := parseAnswer(`{"elapsed": 2000000000, "latencies": [3, 1, 2], "cpu": 7}`)
	require.NoError(t, err)
	require.Equal(t, answer{Elapsed: 2_000_000_000, Latencies: []float64{3, 1, 2}, CPU: 7}, a)

	_, err = parseAnswer(`{"failed": "Traceback: it broke"}`)
	require.ErrorContains(t, err, "it broke")
	for _, line := range []string{"", "null x", "[]", `{"elapsed": "soon"}`, "Traceback"} {
		_, err := parseAnswer(line)
		require.Error(t, err, "%q", line)
	}
}

func TestOutcome(t *testing.T) {
	out := &outcome{elapsed: 2 * time.Second, latencies: []float64{40, 10, 20, 30}, clientCPU: time.Second}
	require.NoError(t, out.check())
	require.Equal(t, 2.0, out.rate())
	require.Equal(t, 20.0, out.percentile(50))
	require.Equal(t, 40.0, out.percentile(99))
	require.Equal(t, 250e6, out.each(out.clientCPU))
	require.Error(t, (&outcome{elapsed: time.Second}).check(), "nothing came through")
	require.Error(t, (&outcome{latencies: []float64{1}}).check(), "in no time")
}

func TestAnswersAreCompared(t *testing.T) {
	require.True(t, same(wamp.List{"1-2", "text"}, "1-2", "text"))
	for _, args := range []wamp.List{
		nil, {"1-2"}, {"1-3", "text"}, {"1-2", "tex"}, {"1-2", 5}, {5, "text"}, {"1-2", "text", "more"},
	} {
		require.False(t, same(args, "1-2", "text"), "%v", args)
	}
}

func TestNamesOfAllKindsAreEquallyLong(t *testing.T) {
	for _, k := range []kind{unkeyedKind, encKind, pptKind, nativeKind} {
		require.Len(t, k.uri("echo"), len(plainKind.uri("echo")), k.name)
	}
	require.NotEqual(t, plainKind.uri("echo"), encKind.uri("echo"))
	require.Equal(t, plainKind.uri("echo"), unkeyedKind.uri("echo"), "without a key")
	require.Len(t, payload(256), 256)
}
