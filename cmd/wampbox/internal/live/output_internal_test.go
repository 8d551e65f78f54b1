package live

import (
	"encoding/json"
	"math"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/live/compare"
)

// TestJSON has no NaN, no HTML escapes, and nothing that a terminal takes for a command.
func TestJSON(t *testing.T) {
	args, kwargs, err := jsonOf([]any{math.NaN(), math.Inf(-1), float32(0.5), int8(-3), "<&>\u2028", []string{"a"}},
		map[string]any{"b": 1, "a": "\x00text", "\u0085": nil})
	require.NoError(t, err)
	require.Equal(t, `["NaN","-Inf",0.5,-3,"<&>`+"\u2028"+`",["a"]]`, string(args))
	line, err := textOf(map[string]json.RawMessage{"kwargs": kwargs}, "")
	require.NoError(t, err)
	require.Equal(t, `{"kwargs":{"a":"\u0000text","b":1,"\u0085":null}}`+"\n", string(line))
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
