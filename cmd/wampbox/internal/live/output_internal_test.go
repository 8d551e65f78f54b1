package live

import (
	"math"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/live/compare"
)

// TestJSON is of what came in plain too, over JSON as well, where binary data is text.
func TestJSON(t *testing.T) {
	args, kwargs, err := jsonOf([]any{math.NaN(), float32(0.5), int8(-3), []string{"a"}, "\x00AAEC"}, map[string]any{"b": 1, "a": nil})
	require.NoError(t, err)
	require.Equal(t, `["NaN",0.5,-3,["a"],"\u0000AAEC"]`, string(args))
	require.Equal(t, `{"a":null,"b":1}`, string(kwargs))
	args, kwargs, err = jsonOf(nil, nil)
	require.NoError(t, err)
	require.Equal(t, `[] {}`, string(args)+" "+string(kwargs))
	_, _, err = jsonOf([]any{make(chan int)}, nil)
	require.ErrorContains(t, err, "doesn't exist in JSON")
}

// TestSecrecy is warned of where others can listen.
func TestSecrecy(t *testing.T) {
	for text, warned := range map[string]bool{
		"ws://router.example/ws": true, "tcp://192.0.2.1:8080": true, "ws://127.0.0.1:80/ws": false, "tcp://[::1]:80": false,
		"ws://localhost/ws": false, "unix:///tmp/socket": false, "wss://router.example/ws": false, "tcps://192.0.2.1:8080": false,
	} {
		u, err := url.Parse(text)
		require.NoError(t, err)
		e := &examination{connection: &connection{url: u, auth: &auth{method: ticketMethod}}}
		e.checkSecrecy()
		require.Equal(t, warned, len(e.findings) == 1, text)
		if warned {
			require.Contains(t, e.findings[0].Message, "the ticket")
			require.Equal(t, compare.Warning, e.findings[0].Level)
		}
	}
}

func TestCertificates(t *testing.T) {
	for ends, count := range map[time.Duration]int{time.Hour: 1, 1000 * time.Hour: 0} {
		e := &examination{}
		e.checkCertificates([]time.Time{time.Now().Add(1000 * time.Hour), time.Now().Add(ends)})
		require.Len(t, e.findings, count)
	}
}

// TestAheadBy leaves room for the second that was cut, and for the way.
func TestAheadBy(t *testing.T) {
	sent := time.Date(2026, 1, 2, 3, 4, 5, 900_000_000, time.UTC)
	came := sent.Add(2 * time.Second)
	for theirs, ahead := range map[time.Duration]time.Duration{
		-900 * time.Millisecond:        0, // the same second
		time.Second:                    0,
		time.Minute + 2*time.Second:    time.Minute,
		-(time.Minute + 1*time.Second): -time.Minute,
	} {
		require.Equal(t, ahead, aheadBy(sent.Add(theirs), sent, came), theirs)
	}
}
