package proctest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Await waits until the channel is closed.
func Await(t testing.TB, happened <-chan struct{}, what string) {
	t.Helper()
	select {
	case <-happened:
	case <-time.After(Patience):
		require.FailNow(t, "it doesn't happen: "+what)
	}
}
