package transparency

import (
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/time/rate"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// BenchmarkRefusal measures both kinds, which a router could tell apart by their time alone.
func BenchmarkRefusal(b *testing.B) {
	ring := keyring.New()
	require.NoError(b, ring.Set(keyring.Prefix("com."), keyring.Pair(cryptobox.GenerateKey(), cryptobox.GenerateKey())))
	entry, err := ring.Lookup("com.x")
	require.NoError(b, err)
	version, err := entry.Sealer(keyring.RoleResponder)
	require.NoError(b, err)
	s, err := newSession("realm1", ring, nil, nil)
	require.NoError(b, err)
	s.refusals = rate.NewLimiter(rate.Inf, 0)
	in := &invocation{shown: seen{suite: version.Suite(), id: version.Key().ID()}}
	for name, version := range map[string]*keyring.Version{"readable": version, "random": nil} {
		in.version = version
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				s.refusal(in, Stale)
			}
		})
	}
}
