package statement_test

import (
	"encoding/base64"
	"encoding/json"
	"os"
	"testing"

	"github.com/fxamacker/cbor/v2"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/statement"
)

// signer is what each kind of statement has.
type signer interface {
	Sign(cryptobox.SigningKey) ([]byte, error)
}

// kinds are the labels of statements that travel, and what opens them.
var kinds = []struct {
	label string
	open  func(wire []byte, key cryptobox.VerifyKey) (signer, error)
	zero  signer
}{
	{"wampbox-grant-1", func(w []byte, k cryptobox.VerifyKey) (signer, error) { return statement.OpenGrant(w, k) }, statement.Grant{}},
	{"wampbox-delegation-1", func(w []byte, k cryptobox.VerifyKey) (signer, error) { return statement.OpenDelegation(w, k) }, statement.Delegation{}},
	{"wampbox-get-1", func(w []byte, k cryptobox.VerifyKey) (signer, error) { return statement.OpenGet(w, k) }, statement.Get{}},
	{"wampbox-fresh-1", func(w []byte, k cryptobox.VerifyKey) (signer, error) { return statement.OpenFresh(w, k) }, statement.Fresh{}},
}

// vectors are the entries of vectors/keyservice.json with their bytes.
func vectors(t testing.TB, of string) (wires [][]byte) {
	t.Helper()
	text, err := os.ReadFile("../../vectors/keyservice.json")
	require.NoError(t, err)
	var all map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(text, &all))
	var entries []struct {
		Wire map[string]string `json:"wire"`
	}
	require.NoError(t, json.Unmarshal(all[of], &entries))
	for _, e := range entries {
		wire, err := base64.StdEncoding.DecodeString(e.Wire["$bytes"])
		require.NoError(t, err)
		wires = append(wires, wire)
	}
	require.Greater(t, len(wires), 20)
	return wires
}

// content is the list in a statement, if it is one at all.
func content(wire []byte) []byte {
	var parts []cbor.RawMessage
	if cbor.Unmarshal(wire, &parts) != nil || len(parts) == 0 {
		return wire
	}
	return parts[0]
}

// signedContent signs any bytes as a statement: all that is behind the signature is reached.
func signedContent(t *testing.T, label string, content []byte, key cryptobox.SigningKey) []byte {
	t.Helper()
	signature, err := key.SignLabeled(label, content)
	require.NoError(t, err)
	wire := append([]byte{0x82}, content...)
	return append(append(wire, 0x58, 64), signature[:]...)
}

// requireOneEncoding opens a statement as each kind. What opens is what its signer would sign, in
// the same bytes, and nothing is handed on of what doesn't.
func requireOneEncoding(t *testing.T, wire []byte, key cryptobox.SigningKey) (opens int) {
	t.Helper()
	for _, kind := range kinds {
		got, err := kind.open(wire, key.Public())
		if err != nil {
			require.True(t, errorIsOne(err), "%v", err)
			require.Equal(t, kind.zero, got)
			continue
		}
		opens++
		again, err := got.Sign(key)
		require.NoError(t, err)
		require.Equal(t, wire, again)
	}
	_, _ = statement.MemberOf(wire)
	return opens
}

var fuzzKey = must(cryptobox.NewSigningKey([]byte("the signing key of fuzz targets.")))

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// FuzzStatement opens any bytes.
func FuzzStatement(f *testing.F) {
	for i, wire := range vectors(f, "statements") {
		if i%4 == 0 { // TestStatements has them all
			f.Add(wire)
		}
	}
	f.Fuzz(func(t *testing.T, wire []byte) {
		require.Zero(t, requireOneEncoding(t, wire, fuzzKey), "it wasn't signed")
	})
}

// FuzzSigned opens any content whose signature is right, and the same with a byte changed.
func FuzzSigned(f *testing.F) {
	for i, wire := range vectors(f, "statements") {
		if i%4 == 0 { // TestStatements has them all
			f.Add(byte(i), content(wire), i, byte(1+i%255))
		}
	}
	f.Fuzz(func(t *testing.T, kind byte, content []byte, at int, change byte) {
		wire := signedContent(t, kinds[int(kind)%len(kinds)].label, content, fuzzKey)
		require.LessOrEqual(t, requireOneEncoding(t, wire, fuzzKey), 1)
		if change != 0 {
			wire[uint(at)%uint(len(wire))] ^= change
			require.Zero(t, requireOneEncoding(t, wire, fuzzKey), "a byte was changed")
		}
	})
}

// FuzzAnswer parts any bytes. What parts is put together to the same bytes.
func FuzzAnswer(f *testing.F) {
	for _, wire := range vectors(f, "answers") {
		f.Add(wire)
	}
	f.Fuzz(func(t *testing.T, wire []byte) {
		got, err := statement.ParseAnswer(wire)
		if err != nil {
			require.ErrorIs(t, err, statement.ErrMalformed)
			require.Zero(t, got)
			return
		}
		again, err := got.Marshal()
		require.NoError(t, err)
		require.Equal(t, wire, again)
		for _, part := range [][]byte{got.Grant, got.Delegation, got.Fresh} {
			require.Zero(t, requireOneEncoding(t, part, fuzzKey), "it wasn't signed")
		}
	})
}
