package keyring

import (
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Entries with one secret share the count of its seals, which nothing outside
// shows before it is at its end.
func TestEqualSecretsAreCountedTogether(t *testing.T) {
	ring, err := Read(strings.NewReader(`{"version": 1, "keys": [
		{"pattern": "com.a", "match": "exact", "id": "x", "algorithm": "aes256gcm", "symmetric": "bkQzyAmjd8T49VEnV/Rb5qfZSIZ1iMrvpNiCqQMls6Q="},
		{"pattern": "com.b", "match": "exact", "id": "y", "algorithm": "aes256gcm", "symmetric": "bkQzyAmjd8T49VEnV/Rb5qfZSIZ1iMrvpNiCqQMls6Q="},
		{"pattern": "com.c", "match": "exact", "id": "y", "algorithm": "aes256gcm", "symmetric": "6m0rnaVAP0PvvkS11QLKYVHDUqC8sQYrj5t+ez+yhYM="}]}`))
	require.NoError(t, err)
	count := func(uri string) uintptr {
		e, ok := ring.Lookup(uri)
		require.True(t, ok)
		return reflect.ValueOf(e.versions[0].key.symmetric).FieldByName("seals").Pointer()
	}
	require.Equal(t, count("com.a"), count("com.b"))
	require.NotEqual(t, count("com.a"), count("com.c"))
}

// What was read is overwritten, also where it was to be encrypted and isn't.
func TestTextIsWiped(t *testing.T) {
	const file = `{"version": 1, "keys": [{"pattern": "com.a", "match": "exact", "id": "x", "symmetric": "bkQzyAmjd8T49VEnV/Rb5qfZSIZ1iMrvpNiCqQMls6Q="}]}`
	text := []byte(file)
	ring, err := newLoader(nil).load("", text, nil)
	require.NoError(t, err)
	require.Equal(t, 1, ring.Len())
	require.Equal(t, make([]byte, len(text)), text)

	text = []byte(file)
	refused := WithDecrypter(func(io.Reader) (io.Reader, error) { return nil, errors.New("not encrypted") })
	_, err = newLoader([]LoadOption{refused}).load("", text, nil)
	require.ErrorContains(t, err, "not encrypted")
	require.Equal(t, make([]byte, len(text)), text)
}
