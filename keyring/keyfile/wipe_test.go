package keyfile_test

import (
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

// Entries with one secret share the count of its seals, which no method shows
// before it is at its end.
func TestEqualSecretsAreCountedTogether(t *testing.T) {
	ring, err := keyfile.Read(strings.NewReader(`{"version": 2, "patterns": [
		{"exact": "com.a", "versions": [{"id": "x", "dialect": "passthru", "algorithm": "aes256gcm", "shared": "bkQzyAmjd8T49VEnV/Rb5qfZSIZ1iMrvpNiCqQMls6Q="}]},
		{"exact": "com.b", "versions": [{"id": "y", "dialect": "passthru", "algorithm": "aes256gcm", "shared": "bkQzyAmjd8T49VEnV/Rb5qfZSIZ1iMrvpNiCqQMls6Q="}]},
		{"exact": "com.c", "versions": [{"id": "y", "dialect": "passthru", "algorithm": "aes256gcm", "shared": "6m0rnaVAP0PvvkS11QLKYVHDUqC8sQYrj5t+ez+yhYM="}]}]}`))
	require.NoError(t, err)
	count := func(uri string) uintptr {
		e, err := ring.Lookup(uri)
		require.NoError(t, err)
		v, err := e.Sealer(keyring.RoleOriginator)
		require.NoError(t, err)
		return reflect.ValueOf(v).Elem().FieldByName("key").FieldByName("symmetric").FieldByName("seals").Pointer()
	}
	require.Equal(t, count("com.a"), count("com.b"))
	require.NotEqual(t, count("com.a"), count("com.c"))
}

// keeping is a reader that remembers where it has put what it read.
type keeping struct {
	io.Reader
	put [][]byte
}

func (k *keeping) Read(b []byte) (int, error) {
	n, err := k.Reader.Read(b)
	k.put = append(k.put, b[:n])
	return n, err
}

func (k *keeping) requireWiped(t *testing.T) {
	t.Helper()
	total := 0
	for _, b := range k.put {
		total += len(b)
		require.Equal(t, make([]byte, len(b)), b)
	}
	require.NotZero(t, total)
}

// What was read is overwritten, also where it was to be encrypted and isn't.
func TestTextIsWiped(t *testing.T) {
	const file = `{"version": 2, "patterns": [{"exact": "com.a", "versions": [{"shared": "bkQzyAmjd8T49VEnV/Rb5qfZSIZ1iMrvpNiCqQMls6Q="}]}]}`
	text := &keeping{Reader: strings.NewReader(file)}
	ring, err := keyfile.Read(text)
	require.NoError(t, err)
	require.Equal(t, 1, ring.Len())
	text.requireWiped(t)

	text = &keeping{Reader: strings.NewReader(file)}
	_, err = keyfile.Read(text, keyfile.WithDecrypter(func(io.Reader) (io.Reader, error) { return nil, errors.New("not encrypted") }))
	require.ErrorContains(t, err, "not encrypted")
	text.requireWiped(t)

	text, plain := &keeping{Reader: strings.NewReader("sealed")}, &keeping{Reader: strings.NewReader(file)}
	_, err = keyfile.Read(text, keyfile.WithDecrypter(func(io.Reader) (io.Reader, error) { return plain, nil }))
	require.NoError(t, err)
	text.requireWiped(t)
	plain.requireWiped(t)
}
