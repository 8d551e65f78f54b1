package capture_test

import (
	"testing"

	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/capture"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/wire"
)

// seeds are inputs of every form.
func seeds(t testing.TB) [][]byte {
	t.Helper()
	var all [][]byte
	for _, framing := range wire.Framings() {
		part := new(wire.Part)
		require.NoError(t, framing.Put(part, envelope(t, framing)))
		for _, list := range messages(part) {
			for _, s := range serializers {
				all = append(all, marshal(t, s, list))
			}
		}
	}
	for _, list := range messages(&wire.Part{Args: wamp.List{1}}) {
		all = append(all, marshal(t, serializers[0], list))
	}
	for _, writing := range writings(autobahn(t)[0].Payload) {
		all = append(all, writing)
	}
	return append(all, []byte(`"\u0000AAAA"`), []byte(`{"enc":{}}`), []byte(`[16,1,{},"a"],[1`))
}

func TestSeeds(t *testing.T) { require.Greater(t, len(seeds(t)), 70) }

// FuzzParse: on an error there is no result; else what is found is within its
// bounds, and a payload is found again when it is given alone.
func FuzzParse(f *testing.F) {
	for _, seed := range seeds(f) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, input []byte) {
		for _, encoding := range capture.Encodings {
			c, err := capture.Parse(input, encoding)
			if err != nil {
				require.Nil(t, c)
				continue
			}
			require.NotEqual(t, capture.Auto, c.Encoding)
			if !c.Sealed() {
				require.Equal(t, capture.Message, c.Form)
				continue
			}
			require.NotEmpty(t, c.Envelope.Payload)
			if c.Form == capture.Payload {
				require.LessOrEqual(t, len(c.Envelope.Payload), len(input))
				continue
			}
			require.NoError(t, c.Envelope.Validate())
			require.NotEmpty(t, c.Framing)
			require.NotEmpty(t, c.Serializer)
		}
	})
}
