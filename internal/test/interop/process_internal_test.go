package interop

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTail(t *testing.T) {
	var log tail
	line := strings.Repeat("x", 1023) + "\n"
	_, err := log.Write([]byte("first\n"))
	require.NoError(t, err)
	for range 3 * logSize / len(line) {
		_, err := log.Write([]byte(line))
		require.NoError(t, err)
	}
	mark := log.mark()
	_, err = log.Write([]byte("last\n"))
	require.NoError(t, err)
	require.Equal(t, "last\n", log.since(mark))
	require.LessOrEqual(t, len(log.since(0)), 2*logSize+len(line))
	require.False(t, log.contains("first"))
	require.True(t, log.contains("last"))
}
