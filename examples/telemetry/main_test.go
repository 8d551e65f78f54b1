package main

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const patience = 30 * time.Second

// scrape gives the samples that a URL serves, by name and labels as they stand there.
func scrape(t *testing.T, url string) map[string]float64 {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: patience}
	answer, err := client.Get(url)
	require.NoError(t, err)
	text, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	require.Equal(t, http.StatusOK, answer.StatusCode)
	samples := map[string]float64{}
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		at := strings.LastIndexByte(line, ' ')
		v, err := strconv.ParseFloat(line[at+1:], 64)
		require.NoError(t, err, line)
		samples[line[:at]] = v
	}
	return samples
}

// until scrapes until that is so.
func until(t *testing.T, url string, so func(map[string]float64) bool) map[string]float64 {
	t.Helper()
	for deadline := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		got := scrape(t, url)
		if so(got) {
			return got
		}
		require.True(t, time.Now().Before(deadline), "%v", got)
	}
}

// TestRun: what the program serves moves, no URI is in it, and it ends when it is told to, and
// leaves no file.
func TestRun(t *testing.T) {
	folder := t.TempDir()
	t.Setenv("TMPDIR", folder) // of Unix
	t.Setenv("TMP", folder)    // of Windows
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	in, out := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		ended <- run(ctx, options{listen: "127.0.0.1:0", every: 10 * time.Millisecond, rotate: 4 * time.Second}, out)
		_ = out.Close()
	}()
	url, err := bufio.NewReader(in).ReadString('\n')
	require.NoError(t, err)
	url = strings.TrimSpace(url)
	got := until(t, url, func(got map[string]float64) bool {
		return got[`wampbox_messages_refused_total{wampbox_reason="payload is not sealed",wampbox_session="shop"}`] > 2 &&
			got[`wampbox_messages_plain_total{wampbox_session="shop"}`] > 2 && got[`wampbox_file_changes_total{wampbox_file="shop"}`] > 0 &&
			got[`wampbox_messages_opened_total{wampbox_dialect="wampbox",wampbox_session="shop",wampbox_suite="shared"}`] > 20
	})
	require.Positive(t, got[`wampbox_seal_duration_seconds_count{wampbox_dialect="wampbox",wampbox_kind="call",wampbox_session="customer",wampbox_suite="shared"}`])
	require.Equal(t, 2.0, got[`wampbox_ring_patterns{wampbox_ring="shop",wampbox_state="sealing"}`])
	for sample := range got {
		require.NotContains(t, sample, "com.")
	}
	cancel()
	select {
	case err := <-ended:
		require.NoError(t, err)
	case <-time.After(patience):
		t.Fatal("it doesn't end")
	}
	left, err := os.ReadDir(folder)
	require.NoError(t, err)
	require.Empty(t, left)
}

// TestRunFails: an address that is taken, and an option that the library refuses.
func TestRunFails(t *testing.T) {
	require.Error(t, run(t.Context(), options{listen: "127.0.0.1:-1", every: time.Second, rotate: time.Second}, io.Discard))
	require.ErrorContains(t, run(t.Context(), options{listen: "127.0.0.1:0", every: time.Second, rotate: time.Second, patterns: -1}, io.Discard), "WithPatterns(-1)")
}
