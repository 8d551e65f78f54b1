package machine_test

import (
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/bench/internal/machine"
)

func TestFacts(t *testing.T) {
	facts := map[string]string{}
	for _, fact := range machine.Facts(time.Date(2026, 1, 2, 3, 4, 5, 0, time.FixedZone("", 3600))) {
		require.NotEmpty(t, fact[1], fact[0])
		require.NotContains(t, facts, fact[0])
		facts[fact[0]] = fact[1]
	}
	require.Equal(t, "2026-01-02 02:04 UTC", facts["date"])
	require.Contains(t, facts["Go"], runtime.Version())
	for _, name := range []string{"commit", "CPU", "load before", "OS", "github.com/gammazero/nexus/v3", "golang.org/x/crypto"} {
		require.Contains(t, facts, name)
	}
}
