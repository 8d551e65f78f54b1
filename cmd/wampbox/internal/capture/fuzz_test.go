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
	for _, dialect := range dialects {
		part := new(wire.Part)
		env, _ := envelope(t, dialect)
		wire.Put(part, env)
		for _, list := range messages(part) {
			for _, s := range serializers {
				all = append(all, marshal(t, s, list))
			}
		}
		all = append(all, env.Payload)
	}
	for _, list := range messages(&wire.Part{Args: wamp.List{1}}) {
		all = append(all, marshal(t, serializers[0], list))
	}
	for _, writing := range writings(autobahn(t)[0].Payload) {
		all = append(all, writing)
	}
	return append(all, []byte(`"\u0000AAAA"`), []byte(`{"enc":{}}`), []byte(`{"enc":{"algo":"a","serializer":"b","payload":"AAAA"}}`), []byte(`[16,1,{},"a"],[1`),
		[]byte(`event "com.x" {"args":[1],"kwargs":{"enc":"AAAA"}}`), []byte(`event "com.x" {"args":null,"kwargs":null}`))
}

func TestSeeds(t *testing.T) { require.Greater(t, len(seeds(t)), 70) }

// FuzzParse: on an error there is no result; else what is found is within its
// bounds, and a payload is found again when it is given alone.
func FuzzParse(f *testing.F) {
	for _, seed := range seeds(f) {
		f.Add(seed)
	}
	for _, in := range wrapped(f) {
		f.Add(in.data)
	}
	f.Fuzz(func(t *testing.T, input []byte) {
		for _, encoding := range capture.Encodings {
			found, err := capture.Parse(input, encoding)
			if err != nil {
				require.Nil(t, found)
				require.Less(t, len(err.Error()), 700)
				continue
			}
			require.NotEmpty(t, found.Captures)
			require.GreaterOrEqual(t, found.Left, 0)
			for _, c := range found.Captures {
				checkCapture(t, c)
			}
		}
	})
}

func checkCapture(t *testing.T, c *capture.Capture) {
	require.NotEqual(t, capture.Auto, c.Encoding)
	if c.Err != nil {
		require.Nil(t, c.Payload)
		return
	}
	if !c.Sealed() {
		require.Contains(t, []capture.Form{capture.Message, capture.Arguments}, c.Form)
		return
	}
	if c.Form != capture.Payload {
		require.NotEmpty(t, c.Serializer)
		require.Equal(t, c.Format1, c.Dialect == "")
	}
	if c.Format1 {
		require.Nil(t, c.Payload)
		return
	}
	require.NotEmpty(t, c.Payload)
	require.LessOrEqual(t, len(c.Payload), capture.MaxInput)
	if c.Suite == 0 {
		return
	}
	alone, err := capture.Parse(c.Payload, capture.Raw)
	if err == nil && alone.Captures[0].Form == capture.Payload {
		require.Equal(t, []any{c.Suite, c.KeyID}, []any{alone.Captures[0].Suite, alone.Captures[0].KeyID})
	}
}
