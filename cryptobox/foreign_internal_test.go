package cryptobox

import (
	"bytes"
	"crypto/rand"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/codec"
)

// foreignCiphers are one of each, by the size of its nonce.
func foreignCiphers(t *testing.T) map[int]Cipher {
	t.Helper()
	box, err := NewSecretBox(GenerateSymmetricKey())
	require.NoError(t, err)
	gcm, err := NewAESGCM(GenerateSymmetricKey())
	require.NoError(t, err)
	return map[int]Cipher{nonceSize: box, gcmNonceSize: gcm}
}

func TestSealAppends(t *testing.T) {
	for _, c := range foreignCiphers(t) {
		sealed, err := c.seal(systemRandom(), []byte("before"), []byte("text"))
		require.NoError(t, err)
		require.Equal(t, "before", string(sealed[:6]))
		opened, err := c.open([]byte("more "), sealed[6:])
		require.NoError(t, err)
		require.Equal(t, "more text", string(opened))
	}
}

func TestSealWithoutRandomness(t *testing.T) {
	for size, c := range foreignCiphers(t) {
		sealed, err := c.seal(bytes.NewReader(make([]byte, size-1)), nil, []byte("text"))
		require.Error(t, err)
		require.Nil(t, sealed)
	}
}

func TestSystemRandomIsRandom(t *testing.T) {
	for size := range foreignCiphers(t) {
		a, err := appendNonce(nil, systemRandom(), size)
		require.NoError(t, err)
		require.Len(t, a, size)
		b, err := appendNonce(nil, systemRandom(), size)
		require.NoError(t, err)
		require.NotEqual(t, a, b)
	}
}

// TestTokensNeedAPayload: what is too short to be one has no token.
func TestTokensNeedAPayload(t *testing.T) {
	for _, c := range foreignCiphers(t) {
		require.True(t, c.token(nil).IsZero())
		require.True(t, c.token(make([]byte, c.Overhead()-1)).IsZero())
		require.Equal(t, [tokenSize]byte{}, c.token(make([]byte, c.Overhead())).bytes())
		require.False(t, c.token(make([]byte, c.Overhead())).IsZero())
	}
}

// TestWritingAllocatesNothing, where there is room and types are those that arrive.
func TestWritingAllocatesNothing(t *testing.T) {
	args := []any{nil, true, 1, int64(1), uint64(1 << 63), 1.5, "text", []byte("bytes"), []any{int64(2), []any{}}, map[string]any{"k": []any{"v"}}}
	rec := NewForeignRecord("com.x", args, nil)
	for _, f := range []codec.Format{codec.FormatJSON, codec.FormatCBOR} {
		ws := newWorkspace()
		allocs := testing.AllocsPerRun(50, func() {
			ws.plaintext = ws.plaintext[:0]
			if err := ws.encode(f, rec); err != nil {
				panic(err)
			}
		})
		require.Zero(t, allocs, f)
		ws.release()
	}
}

// TestWorkspacesAreWiped: nothing of one message is left for the next.
func TestWorkspacesAreWiped(t *testing.T) {
	ws := newWorkspace()
	require.NoError(t, ws.encode(codec.FormatCBOR, NewForeignRecord("com.x", []any{"secret"}, nil)))
	used := ws.plaintext
	require.Contains(t, string(used), "secret")
	ws.release()
	require.Equal(t, make([]byte, len(used)), used)

	ws = newWorkspace()
	require.Error(t, ws.encode(codec.FormatCBOR, NewForeignRecord("com.x", []any{"secret", make(chan int)}, nil)))
	used = ws.plaintext
	require.Contains(t, string(used), "secret")
	ws.release()
	require.Equal(t, make([]byte, len(used)), used)
}

// TestWorkspacesAreWipedAfterPanics of what is sealed.
func TestWorkspacesAreWipedAfterPanics(t *testing.T) {
	var used []byte
	require.Panics(t, func() {
		ws := newWorkspace()
		defer ws.release()
		defer func() { used = ws.plaintext }()
		rec := NewForeignRecord("com.x", []any{strings.Repeat("secret", 1000), struct{}{}}, nil)
		rec.Form = func(any) (any, error) { panic("of the program's own") }
		_ = ws.encode(codec.FormatCBOR, rec)
	})
	require.Greater(t, len(used), 6000)
	require.Equal(t, make([]byte, len(used)), used)
}

// TestTokenIsMasked: what reflection finds in a Token is not the nonce.
func TestTokenIsMasked(t *testing.T) {
	stood := make([]byte, tokenSize)
	_, _ = rand.Read(stood)
	seen := map[Token]int{}
	for _, size := range []int{gcmNonceSize, nonceSize} {
		b := stood[:size]
		token := newToken(b)
		for i := 0; i+4 <= size; i++ {
			require.NotContains(t, string(token.masked[:]), string(b[i:i+4]), size)
		}
		want := [tokenSize]byte{}
		copy(want[:], b)
		require.Equal(t, want, token.bytes())
		require.False(t, token.IsZero())
		require.True(t, token == newToken(b))
		require.NotContains(t, seen, token)
		seen[token] = size
	}
}
