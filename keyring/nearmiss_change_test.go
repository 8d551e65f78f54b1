package keyring_test

import (
	"errors"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// What a ring is asked for while it changes doesn't hide a pattern that is new, nor bring
// back one that is gone.
func TestNearMissesOfAChangingRing(t *testing.T) {
	key := keyring.Both(cryptobox.GenerateKey())
	for range 2000 {
		r := keyring.New()
		require.NoError(t, r.Set(keyring.Exact("com.old"), key))
		var asked sync.WaitGroup
		for range 2 {
			asked.Go(func() {
				for range 20 {
					_, _ = r.Lookup("com.ney")
				}
			})
		}
		with := keyring.New()
		require.NoError(t, with.Set(keyring.Exact("com.new"), key))
		_, err := r.Update("file", with)
		require.NoError(t, err)
		require.NoError(t, r.SetPlain(keyring.Exact("com.plain")))
		require.NoError(t, r.Remove(keyring.Exact("com.plain")))
		asked.Wait()
		near := func(uri string) keyring.Pattern {
			_, err := r.Lookup(uri)
			var missed *keyring.Error
			require.True(t, errors.As(err, &missed))
			return missed.Near
		}
		require.Equal(t, keyring.Exact("com.new"), near("com.ney"))
		require.Zero(t, near("com.plainy"))
	}
}
