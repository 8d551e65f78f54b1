//go:build !race

// Under the race detector these take minutes, and it is one goroutine that works.

package capture_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/capture"
)

// TestWork is bounded: what is made to be looked through again and again, or to unpack to
// gigabytes, takes little time.
func TestWork(t *testing.T) {
	bomb := zip(make([]byte, 61<<18))
	frames := bytes.Repeat(webSocketFrame(0xc1, deflated(append([]byte("[16,1,{},\"a\",[\""), make([]byte, 1<<20)...)), nil), 200)
	for name, data := range map[string][]byte{
		"brackets": bytes.Repeat([]byte("["), 1<<18), "open lists": bytes.Repeat([]byte("[1,"), 1<<18), "maps": bytes.Repeat([]byte(`{"a":`), 1<<18), "quotes": bytes.Repeat([]byte(`["`), 1<<18),
		"gzip": bomb, "frames": frames, "strings": []byte(strings.Repeat(`[\"`, 1<<18)), "lines": bytes.Repeat([]byte("event \"\n"), 1<<18), "dumps": bytes.Repeat([]byte("0000: 01\n"), 1<<18), "zero lines": bytes.Repeat([]byte("0000\n"), 1<<18),
	} {
		began := time.Now()
		found, err := capture.Parse(data, capture.Auto)
		require.Less(t, time.Since(began), time.Minute, name) // seconds; hours where each bracket has the rest read again
		require.True(t, err != nil || found.Captures[0].Form == capture.Payload, name)
	}
}

// TestZipsInAList: what is unpacked is bounded for all of an input, not for each part of it.
func TestZipsInAList(t *testing.T) {
	many := bytes.Repeat([]byte(" "), capture.MaxInput*3/4)
	listOf := func(zips ...[]byte) []byte {
		var list []string
		for _, z := range zips {
			list = append(list, base64.StdEncoding.EncodeToString(z))
		}
		text, err := json.Marshal(list)
		require.NoError(t, err)
		return text
	}
	large := zip(append(many, `[16,1,{},"a",[1]]`...))
	_, err := capture.Parse(listOf(large), capture.Auto)
	require.NoError(t, err)
	_, err = capture.Parse(listOf(zip(many), large), capture.Auto)
	require.ErrorIs(t, err, capture.ErrCapture)
}
