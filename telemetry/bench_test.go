package telemetry_test

import (
	"fmt"
	"testing"

	"github.com/gammazero/nexus/v3/client"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/testrouter"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/telemetry"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// BenchmarkCollect is one collection of a Session and a ring, by patterns that are used.
func BenchmarkCollect(b *testing.B) {
	for _, patterns := range []int{10, 1000, 5000} {
		for _, limit := range []int{0, 100} {
			b.Run(fmt.Sprintf("patterns=%d/limit=%d", patterns, limit), func(b *testing.B) { benchCollect(b, patterns, limit) })
		}
	}
}

func benchCollect(b *testing.B, patterns, limit int) {
	var opts []telemetry.Option
	if limit > 0 {
		opts = append(opts, telemetry.WithPatterns(limit))
	}
	s, r, ring := newScope(b, opts...), testrouter.Start(b), keyring.New()
	key := keyring.Shared(cryptobox.GenerateSymmetricKey())
	for i := range patterns {
		require.NoError(b, ring.Set(keyring.Exact(fmt.Sprintf("com.myapp.p%d", i)), key))
	}
	session, err := transparency.ConnectLocal(r.Router(), harness.Config(client.CBOR), ring)
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, session.Close()) })
	for i := range patterns {
		require.NoError(b, session.Publish(fmt.Sprintf("com.myapp.p%d", i), nil, nil, nil))
	}
	shows(b)(s.Session("shop", session))
	shows(b)(s.Ring("shop", ring))
	b.ReportAllocs()
	for b.Loop() {
		require.NoError(b, s.reader.Collect(b.Context(), new(metricdata.ResourceMetrics)))
	}
}
