package cryptobox

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

// nearlyExhausted gives an AESGCM that may seal so often yet.
func nearlyExhausted(t *testing.T, left uint64) *AESGCM {
	t.Helper()
	c, err := NewAESGCM(GenerateSymmetricKey())
	require.NoError(t, err)
	require.Zero(t, c.state().seals.Load())
	c.state().seals.Store(1<<32 - left)
	return c
}

func requireExhausted(t *testing.T, c *AESGCM) {
	t.Helper()
	sealed, err := c.Seal([]byte("text"))
	require.ErrorIs(t, err, ErrExhausted)
	require.ErrorContains(t, err, "new key")
	require.Nil(t, sealed)
	payload, token, err := SealForeign(c, Passthru, &ForeignRecord{})
	require.ErrorIs(t, err, ErrExhausted)
	require.Nil(t, payload)
	require.True(t, token.IsZero())
}

func TestAESGCMIsExhausted(t *testing.T) {
	c := nearlyExhausted(t, 2)
	_, err := c.Seal([]byte("text"))
	require.NoError(t, err)
	sealed, err := c.Seal([]byte("text"))
	require.NoError(t, err, "the seal number 2^32")
	for range 3 {
		requireExhausted(t, c)
		opened, err := c.Open(sealed)
		require.NoError(t, err)
		require.Equal(t, "text", string(opened))
	}
}

// TestCopiesShareTheCount: neither a copy of the cipher nor another one of the
// same key is a way round the limit.
func TestCopiesShareTheCount(t *testing.T) {
	key := GenerateSymmetricKey()
	c, err := NewAESGCM(key)
	require.NoError(t, err)
	key.seals.Store(1<<32 - 2)
	second := *c
	sameKey := key
	third, err := NewAESGCM(sameKey)
	require.NoError(t, err)
	for _, other := range []*AESGCM{&second, third} {
		_, err := other.Seal([]byte("text"))
		require.NoError(t, err)
	}
	for _, other := range []*AESGCM{c, &second, third} {
		requireExhausted(t, other)
	}
	fresh, err := NewAESGCM(GenerateSymmetricKey())
	require.NoError(t, err)
	_, err = fresh.Seal([]byte("text"))
	require.NoError(t, err)
}

// TestWhatIsRefusedIsNotCounted: who sends too much uses no nonce up.
func TestWhatIsRefusedIsNotCounted(t *testing.T) {
	c := nearlyExhausted(t, 1)
	_, err := c.Seal(make([]byte, MaxPayload+1))
	require.ErrorIs(t, err, ErrTooLarge)
	_, err = c.Seal([]byte("text"))
	require.NoError(t, err)
	requireExhausted(t, c)
}

// TestExhaustionIsExact: of many callers at the limit, as many seal as are
// left, and no one more.
func TestExhaustionIsExact(t *testing.T) {
	const left, callers, each = 100_000, 8, 20_000
	c := nearlyExhausted(t, left)
	var sealed, exhausted atomic.Int64
	var wg sync.WaitGroup
	start := make(chan struct{})
	for range callers {
		wg.Go(func() {
			<-start
			for range each {
				switch _, err := c.Seal(nil); {
				case err == nil:
					sealed.Add(1)
				case errors.Is(err, ErrExhausted):
					exhausted.Add(1)
				}
			}
		})
	}
	close(start)
	wg.Wait()
	require.EqualValues(t, left, sealed.Load())
	require.EqualValues(t, callers*each-left, exhausted.Load())
}
