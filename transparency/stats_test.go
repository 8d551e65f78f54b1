package transparency_test

import (
	"bytes"
	"encoding/json"
	"expvar"
	"fmt"
	"log/slog"
	"testing"

	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

func TestStatsInEveryForm(t *testing.T) {
	k := harness.NewKeys()
	v := newVictim(t, harness.RingOf(t, k.ResponderKey()), harness.Prefix+"x")
	for range 3 {
		v.refuses(t, harness.Prefix+"x", wamp.List{"plain"}, nil, transparency.Plaintext, harness.OpaquePlain)
	}
	want := `{"Sealed":0,"Opened":0,"Plain":0,"Missed":0,"Rejected":{"payload is not sealed":6},"Replay":{"Senders":0,"Messages":0,"Bytes":0},
		"Keys":[{"Pattern":"prefix \"com.myapp.encrypted.\"","Rejected":{"payload is not sealed":6}}]}`
	require.JSONEq(t, want, v.Stats().String())
	require.JSONEq(t, want, fmt.Sprint(v.Stats()))
	require.JSONEq(t, want, expvar.Func(func() any { return v.Stats() }).String())

	var out bytes.Buffer
	slog.New(slog.NewJSONHandler(&out, nil)).Info("m", "wamp", v.Stats())
	var line struct{ Wamp json.RawMessage }
	require.NoError(t, json.Unmarshal(out.Bytes(), &line))
	require.JSONEq(t, `{"sealed":0,"opened":0,"plain":0,"missed":0,"rejected":{"payload is not sealed":6},"replay":{"senders":0,"messages":0,"bytes":0},
		"keys":[{"Pattern":"prefix \"com.myapp.encrypted.\"","Rejected":{"payload is not sealed":6}}],"more_keys":0}`, string(line.Wamp))
}
