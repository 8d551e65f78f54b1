package capture_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/capture"
)

// framesInFrames is a message in frames of RawSocket that are in one another.
func framesInFrames(depth int, message string) []byte {
	b := make([]byte, 4*depth, 4*depth+len(message))
	for i := range depth {
		size := 4*(depth-i-1) + len(message)
		b[4*i+1], b[4*i+2], b[4*i+3] = byte(size>>16), byte(size>>8), byte(size)
	}
	return append(b, message...)
}

// TestFramesInFrames: batches may be in frames, and no end of them ends the process.
func TestFramesInFrames(t *testing.T) {
	const message = `[16,1,{},"a",[1]]`
	for depth, want := range map[int]bool{2: true, 8: true, 100: false, 4_000_000: false} {
		found, err := capture.Parse(framesInFrames(depth, message), capture.Auto)
		require.Equal(t, want, err == nil && found.Captures[0].Form == capture.Message, "%d: %v", depth, err)
	}
}
