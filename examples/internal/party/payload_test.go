package party_test

import (
	"math"
	"testing"

	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/examples/internal/party"
)

func TestInteger(t *testing.T) {
	for _, test := range []struct {
		in   any
		want int64
		ok   bool
	}{
		{int64(math.MinInt64), math.MinInt64, true},
		{uint64(math.MaxInt64), math.MaxInt64, true},
		{uint64(math.MaxInt64) + 1, 0, false},
		{3.0, 0, false},
		{"3", 0, false},
		{true, 0, false},
		{nil, 0, false},
	} {
		got, ok := party.Integer(test.in)
		require.Equal(t, test.ok, ok, "%T %v", test.in, test.in)
		if ok {
			require.Equal(t, test.want, got)
		}
	}
}

// What a router claims proves nothing.
func TestEncrypted(t *testing.T) {
	require.False(t, party.Encrypted(nil))
	require.False(t, party.Encrypted(wamp.Dict{"enc_algo": "cryptobox", "x_cryptobox_info": true}))
	require.Equal(t, "encrypted", party.Way(true))
	require.Equal(t, "plain", party.Way(false))
}
