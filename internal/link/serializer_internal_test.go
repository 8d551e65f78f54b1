package link

import (
	"runtime"
	"strings"
	"testing"

	"github.com/gammazero/nexus/v3/transport/serialize"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/wire"
)

func heapInUse() int {
	runtime.GC()
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return int(stats.HeapAlloc)
}

// TestNothingLargeIsKept: after a large message a codec holds no more than it may.
func TestNothingLargeIsKept(t *testing.T) {
	const size = 16 << 20
	for name, arg := range map[string]any{
		"raw":     wire.Raw(make([]byte, size)),
		"bytes":   make([]byte, size),
		"text":    strings.Repeat("x", size),
		"escaped": strings.Repeat("x\n", size/2),
	} {
		for _, s := range []serialize.Serialization{serialize.JSON, serialize.MSGPACK, serialize.CBOR} {
			codec, err := NewCodec(s)
			require.NoError(t, err)
			before := heapInUse()
			func() {
				data, err := codec.Encode(&wamp.Event{Arguments: wamp.List{arg}})
				require.NoError(t, err)
				msg, err := codec.Decode(append([]byte{}, data...))
				require.NoError(t, err)
				require.NotNil(t, msg)
			}()
			require.Less(t, heapInUse()-before, 2*maxKept, "%s %s", codec.name, name)
			runtime.KeepAlive(codec)
		}
	}
}
