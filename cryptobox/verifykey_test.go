package cryptobox_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"math/big"
	"os"
	"slices"
	"testing"

	"filippo.io/edwards25519"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

// smallOrder are all encodings of the eight points of small order that decoders take: the
// canonical ones, and behind them those with y >= p, and with x = 0 and a sign.
var smallOrder = []string{
	"0100000000000000000000000000000000000000000000000000000000000000", // order 1
	"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", // order 2
	"0000000000000000000000000000000000000000000000000000000000000000", // order 4
	"0000000000000000000000000000000000000000000000000000000000000080",
	"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05", // order 8
	"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
	"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
	"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
	"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", // y = p
	"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
	"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", // y = p + 1
	"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
	"0100000000000000000000000000000000000000000000000000000000000080", // x = 0
	"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
}

func TestVerifyKeyRefusesSmallOrder(t *testing.T) {
	for _, point := range smallOrder {
		b := unhex(t, point)
		_, err := new(edwards25519.Point).SetBytes(b)
		require.NoError(t, err, "it is a point")
		k, err := cryptobox.NewVerifyKey(b)
		requireKeyError(t, err, "verify key", cryptobox.ErrWeakKey)
		require.True(t, k.IsZero())
	}
}

// TestSmallOrderSignsAll: why. Under such a key, crypto/ed25519 takes one signature for any
// message; the zero VerifyKey takes none.
func TestSmallOrderSignsAll(t *testing.T) {
	signature := append(edwards25519.NewGeneratorPoint().Bytes(), 1)
	signature = append(signature, make([]byte, 31)...)
	require.True(t, ed25519.Verify(unhex(t, smallOrder[0]), []byte("any"), signature))
	taken := 0
	for i := range 100 {
		if ed25519.Verify(make([]byte, 32), []byte{byte(i)}, signature) {
			taken++
		}
		require.False(t, cryptobox.Verify(cryptobox.VerifyKey{}, []byte{byte(i)}, signature))
	}
	require.NotZero(t, taken)
}

// TestVerifyKeyRefusesOtherEncodings: y from p on, on the curve and not of small order.
func TestVerifyKeyRefusesOtherEncodings(t *testing.T) {
	points := 0
	for i := byte(2); i < 19; i++ {
		for _, top := range []byte{0x7f, 0xff} {
			b := append([]byte{0xed + i}, bytes.Repeat([]byte{0xff}, 30)...)
			b = append(b, top)
			k, err := cryptobox.NewVerifyKey(b)
			requireKeyError(t, err, "verify key", cryptobox.ErrKey)
			require.True(t, k.IsZero())
			point, err := new(edwards25519.Point).SetBytes(b)
			if err != nil {
				continue
			}
			points++
			_, err = cryptobox.NewVerifyKey(point.Bytes())
			require.NoError(t, err, "its one encoding")
		}
	}
	require.Positive(t, points)
}

func TestVerifyKeyRefusesWhatIsNoPoint(t *testing.T) {
	for _, y := range []byte{2, 7, 8} {
		b := append([]byte{y}, make([]byte, 31)...)
		_, err := new(edwards25519.Point).SetBytes(b)
		require.Error(t, err)
		_, err = cryptobox.NewVerifyKey(b)
		requireKeyError(t, err, "verify key", cryptobox.ErrKey)
		require.ErrorContains(t, err, "not a point")
	}
}

// rfc8032 are tests of RFC 8032, section 7.1.
func rfc8032(t testing.TB) (tests []struct{ Name, Secret, Public, Message, Signature string }) {
	t.Helper()
	data, err := os.ReadFile("testdata/rfc8032.json")
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(data, &struct{ Tests any }{&tests}))
	require.Len(t, tests, 4)
	return tests
}

func TestRFC8032(t *testing.T) {
	for _, v := range rfc8032(t) {
		k, err := cryptobox.NewSigningKey(unhex(t, v.Secret))
		require.NoError(t, err, v.Name)
		public, err := cryptobox.NewVerifyKey(unhex(t, v.Public))
		require.NoError(t, err)
		require.Equal(t, public, k.Public())
		message, want := unhex(t, v.Message), unhex(t, v.Signature)
		signature, err := cryptobox.Sign(k, message)
		require.NoError(t, err)
		require.Equal(t, want, signature)
		require.True(t, cryptobox.Verify(public, message, want))
	}
}

// groupOrder is L of RFC 8032, section 5.1.
var groupOrder, _ = new(big.Int).SetString("1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3ed", 16)

func TestVerifyRefuses(t *testing.T) {
	for _, v := range rfc8032(t) {
		public, err := cryptobox.NewVerifyKey(unhex(t, v.Public))
		require.NoError(t, err)
		message, signature := unhex(t, v.Message), unhex(t, v.Signature)
		for i := range signature {
			changed := slices.Clone(signature)
			changed[i] ^= 1
			require.False(t, cryptobox.Verify(public, message, changed), i)
		}
		require.False(t, cryptobox.Verify(public, append(message, 0), signature))
		require.False(t, cryptobox.Verify(cryptobox.GenerateSigningKey().Public(), message, signature))
		// S + L signs the same, and is another signature.
		reversed := slices.Clone(signature[32:])
		slices.Reverse(reversed)
		larger := new(big.Int).Add(new(big.Int).SetBytes(reversed), groupOrder).FillBytes(make([]byte, 32))
		slices.Reverse(larger)
		require.False(t, cryptobox.Verify(public, message, append(signature[:32:32], larger...)))
	}
}

// exampleKeys are those of the examples of the format, which another program made.
func exampleKeys(t testing.TB) (keys, signers map[string]string, examples []signedExample) {
	t.Helper()
	data, err := os.ReadFile("testdata/format2_examples.json")
	require.NoError(t, err)
	var file struct {
		Keys     map[string]string `json:"keys"`
		Alice    string            `json:"alice_signer"`
		Bob      string            `json:"bob_signer"`
		Examples []signedExample   `json:"examples"`
	}
	require.NoError(t, json.Unmarshal(data, &file))
	signed := slices.DeleteFunc(file.Examples, func(e signedExample) bool { return e.Suite != cryptobox.SuiteSigned })
	require.NotEmpty(t, signed)
	return file.Keys, map[string]string{"alice": file.Alice, "bob": file.Bob}, signed
}

type signedExample struct {
	example
	AssociatedData string `json:"associated_data"`
	Plaintext      string `json:"plaintext"`
}

func TestExampleSigners(t *testing.T) {
	keys, signers, _ := exampleKeys(t)
	for name, signer := range signers {
		private, err := cryptobox.ParseSigningKey("ed25519:" + keys[name+"_signing"])
		require.NoError(t, err)
		public, err := cryptobox.ParseVerifyKey("ed25519:" + keys[name+"_verify"])
		require.NoError(t, err)
		require.Equal(t, public, private.Public())
		require.Equal(t, signer, public.Signer().String())
		got := public.Signer()
		require.Equal(t, signer, hex.EncodeToString(got[:]))
	}
}
