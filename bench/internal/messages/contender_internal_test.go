package messages

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

func TestPayloadsHaveTheirSize(t *testing.T) {
	for _, size := range []int{16, 256, 1 << 10} {
		text, ok := payload(size).(string)
		require.True(t, ok)
		require.Len(t, text, size)
	}
	binary, ok := payload(16 << 10).([]byte)
	require.True(t, ok)
	require.Len(t, binary, 16<<10)
	require.Equal(t, binary, payload(16<<10), "the same each time")
}

// TestContendersNoticeWhatIsWrong changes what they have sealed behind their backs.
func TestContendersNoticeWhatIsWrong(t *testing.T) {
	w, err := newWhole(cryptobox.CBOR)
	require.NoError(t, err)
	_, err = w.run(t.Context(), Seal, 256, time.Microsecond)
	require.NoError(t, err)
	require.NoError(t, w.check(256))
	require.Error(t, w.check(16), "another payload")
	w.envelope.Payload[50] ^= 1
	require.ErrorIs(t, w.check(256), cryptobox.ErrOpen)

	b, err := newBare(bareName, payloadSize)
	require.NoError(t, err)
	_, err = b.run(t.Context(), Open, 256, time.Microsecond)
	require.NoError(t, err)
	require.NoError(t, b.check(256))
	require.Error(t, b.check(16), "another payload")
	b.sealed[50] ^= 1
	require.Error(t, b.check(256))
}

func TestARecordIsLongerThanItsPayload(t *testing.T) {
	w, err := newWhole(cryptobox.CBOR)
	require.NoError(t, err)
	size, err := w.recordSize(256)
	require.NoError(t, err)
	require.Greater(t, size, 256+len(uri))
	require.Less(t, size, 256+300)
}

func TestUnknownTasks(t *testing.T) {
	w, err := newWhole(cryptobox.CBOR)
	require.NoError(t, err)
	b, err := newBare(bareName, payloadSize)
	require.NoError(t, err)
	for _, c := range []counting{w, b, &values{}} {
		_, err := c.run(t.Context(), "sign", 16, time.Microsecond)
		require.Error(t, err, c.name())
	}
}
