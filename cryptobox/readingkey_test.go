package cryptobox_test

import (
	"bytes"
	"crypto/ecdh"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/chacha20poly1305"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

// hpkeVector is one of HPKE's in testdata/hpke.json.
type hpkeVector struct {
	KEM          uint16 `json:"kem_id"`
	KDF          uint16 `json:"kdf_id"`
	AEAD         uint16 `json:"aead_id"`
	Info         string `json:"info"`
	Private      string `json:"skRm"`
	Public       string `json:"pkRm"`
	Encapsulated string `json:"enc"`
	Shared       string `json:"shared_secret"`
	Exports      []struct {
		Context string `json:"exporter_context"`
		Size    int    `json:"L"`
		Value   string `json:"exported_value"`
	} `json:"exports"`
}

// exportOnly is the id of no AEAD (RFC 9180, section 7.3).
const exportOnly = 0xffff

func hpkeVectors(t testing.TB) map[cryptobox.Suite]hpkeVector {
	t.Helper()
	data, err := os.ReadFile("testdata/hpke.json")
	require.NoError(t, err)
	var file struct{ Vectors []hpkeVector }
	require.NoError(t, json.Unmarshal(data, &file))
	require.Len(t, file.Vectors, 2)
	bySuite := map[cryptobox.Suite]hpkeVector{}
	for _, v := range file.Vectors {
		bySuite[map[uint16]cryptobox.Suite{0x0020: cryptobox.SuiteSigned, 0x647a: cryptobox.SuiteSignedPQ}[v.KEM]] = v
		require.EqualValues(t, 1, v.KDF)
		require.NotEmpty(t, v.Exports)
	}
	return bySuite
}

// export is HPKE's key schedule and its Export, written from RFC 9180, sections 4 and 5, for
// base mode and HKDF-SHA256.
func (v hpkeVector) export(t testing.TB, aead uint16, context []byte, size int) []byte {
	t.Helper()
	suite := []byte("HPKE")
	for _, id := range []uint16{v.KEM, v.KDF, aead} {
		suite = binary.BigEndian.AppendUint16(suite, id)
	}
	labeled := func(label string, of []byte) []byte {
		return append(append(append([]byte("HPKE-v1"), suite...), label...), of...)
	}
	extract := func(salt []byte, label string, of []byte) []byte {
		b, err := hkdf.Extract(sha256.New, labeled(label, of), salt)
		require.NoError(t, err)
		return b
	}
	expand := func(secret []byte, label string, info []byte, size int) []byte {
		b, err := hkdf.Expand(sha256.New, secret, string(append(binary.BigEndian.AppendUint16(nil, uint16(size)), labeled(label, info)...)), size)
		require.NoError(t, err)
		return b
	}
	schedule := append([]byte{0}, extract(nil, "psk_id_hash", nil)...)
	schedule = append(schedule, extract(nil, "info_hash", unhex(t, v.Info))...)
	secret := extract(unhex(t, v.Shared), "secret", nil)
	return expand(expand(secret, "exp", schedule, 32), "sec", context, size)
}

// TestHPKEVectors: we receive what others have sent. There is no vector of X-Wing with
// export-only, so what is exported is derived from the secret of one with another AEAD, by a key
// schedule that gives what each vector says.
func TestHPKEVectors(t *testing.T) {
	for suite, v := range hpkeVectors(t) {
		k, err := cryptobox.NewReadingKey(suite, unhex(t, v.Private))
		require.NoError(t, err)
		require.Equal(t, v.Public, hex.EncodeToString(k.Public().Bytes()))
		device := newReader(t, suite, unhex(t, v.Private)).key(t)
		require.Equal(t, k.Public(), device.Public())
		public, err := cryptobox.NewReadingPublicKey(suite, unhex(t, v.Public))
		require.NoError(t, err)
		require.Equal(t, k.Public(), public)
		for _, k := range []cryptobox.ReadingKey{k, device} {
			received, err := cryptobox.Receive(k, unhex(t, v.Encapsulated), unhex(t, v.Info))
			require.NoError(t, err)
			for _, e := range v.Exports {
				context := unhex(t, e.Context)
				require.Equal(t, e.Value, hex.EncodeToString(v.export(t, v.AEAD, context, e.Size)))
				got, err := received.Export(string(context), e.Size)
				require.NoError(t, err)
				require.Equal(t, v.export(t, exportOnly, context, e.Size), got, suite)
			}
		}
	}
}

// exported gives one secret of a context.
func exported(t testing.TB, x cryptobox.Exporter) []byte {
	t.Helper()
	b, err := x.Export("message", 32)
	require.NoError(t, err)
	return b
}

func TestSendAndReceive(t *testing.T) {
	for _, suite := range []cryptobox.Suite{cryptobox.SuiteSigned, cryptobox.SuiteSignedPQ} {
		k, info := readingKey(t, suite), []byte("info")
		encapsulated, sent, err := cryptobox.Send(k.Public(), info)
		require.NoError(t, err)
		before := bytes.Clone(encapsulated)
		received, err := cryptobox.Receive(k, encapsulated, info)
		require.NoError(t, err)
		require.Equal(t, exported(t, sent), exported(t, received))
		require.Equal(t, before, encapsulated)

		again, other, err := cryptobox.Send(k.Public(), info)
		require.NoError(t, err)
		require.NotEqual(t, encapsulated, again)
		require.NotEqual(t, exported(t, sent), exported(t, other))
		for name, wrong := range map[string]func() (cryptobox.Exporter, error){
			"other info":         func() (cryptobox.Exporter, error) { return cryptobox.Receive(k, encapsulated, []byte("Info")) },
			"other key":          func() (cryptobox.Exporter, error) { return cryptobox.Receive(readingKey(t, suite), encapsulated, info) },
			"the unused bit":     func() (cryptobox.Exporter, error) { return cryptobox.Receive(k, flipped(encapsulated, -1, 0x80), info) },
			"the first bit":      func() (cryptobox.Exporter, error) { return cryptobox.Receive(k, flipped(encapsulated, 0, 1), info) },
			"the last key's bit": func() (cryptobox.Exporter, error) { return cryptobox.Receive(k, flipped(encapsulated, -32, 1), info) },
		} {
			x, err := wrong()
			require.NoError(t, err, name)
			require.NotEqual(t, exported(t, sent), exported(t, x), name)
		}
	}
}

// flipped changes a bit of a copy; a place below 0 is counted from the end.
func flipped(b []byte, at int, bit byte) []byte {
	b = bytes.Clone(b)
	b[(at+len(b))%len(b)] ^= bit
	return b
}

// TestEncapsulatedKeysAreRefused: wrong lengths and low order, which say no more than what
// doesn't open. A device isn't asked about them.
func TestEncapsulatedKeysAreRefused(t *testing.T) {
	for _, suite := range []cryptobox.Suite{cryptobox.SuiteSigned, cryptobox.SuiteSignedPQ} {
		k, device := readingKey(t, suite), newReader(t, suite, bytes.Repeat([]byte{7}, 32))
		encapsulated, _, err := cryptobox.Send(k.Public(), nil)
		require.NoError(t, err)
		refused := [][]byte{nil, {}, encapsulated[:len(encapsulated)-1], append(encapsulated, 0), encapsulated[:31], make([]byte, 1184), make([]byte, 1120+32)}
		for _, point := range lowOrder {
			refused = append(refused, append(encapsulated[:len(encapsulated)-32:len(encapsulated)-32], unhex(t, point)...))
		}
		for _, enc := range refused {
			for _, k := range []cryptobox.ReadingKey{k, device.key(t)} {
				_, err := cryptobox.Receive(k, enc, nil)
				require.Equal(t, cryptobox.ErrOpen, err, len(enc))
			}
		}
		require.Zero(t, device.calls.Load())
	}
}

// TestReadingPublicKeyRefusesX25519 of low order, and in other encodings than its one, alone
// and in X-Wing.
func TestReadingPublicKeyRefusesX25519(t *testing.T) {
	for _, suite := range []cryptobox.Suite{cryptobox.SuiteSigned, cryptobox.SuiteSignedPQ} {
		sound := readingKey(t, suite).Public().Bytes()
		front := sound[: len(sound)-32 : len(sound)-32]
		for _, point := range append(lowOrder, // and with the unused bit set
			"0100000000000000000000000000000000000000000000000000000000000080",
			"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
			"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
			"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
			"e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b880",
			"5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f11d7") {
			k, err := cryptobox.NewReadingPublicKey(suite, append(front, unhex(t, point)...))
			requireKeyError(t, err, "reading public key", cryptobox.ErrWeakKey)
			require.True(t, k.IsZero())
		}
		for i := byte(2); i < 19; i++ { // u = p + i
			u := append([]byte{0xed + i}, bytes.Repeat([]byte{0xff}, 30)...)
			_, err := cryptobox.NewReadingPublicKey(suite, append(front, append(u, 0x7f)...))
			requireKeyError(t, err, "reading public key", cryptobox.ErrKey)
			require.ErrorContains(t, err, "one encoding")
			_, err = cryptobox.NewReadingPublicKey(suite, append(front, append([]byte{i}, make([]byte, 31)...)...))
			require.NoError(t, err, "its one encoding")
		}
		_, err := cryptobox.NewReadingPublicKey(suite, flipped(sound, -1, 0x80))
		requireKeyError(t, err, "reading public key", cryptobox.ErrKey)
		for _, u := range []string{ // the largest ones, each byte of which counts
			"ebffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
			"fffeffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
			"fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe7f",
			"ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7e",
		} {
			_, err := cryptobox.NewReadingPublicKey(suite, append(front, unhex(t, u)...))
			require.NoError(t, err, u)
		}
	}
}

// TestReadingPublicKeyRefusesMLKEM: coefficients from its modulus on (FIPS 203, section 7.2).
func TestReadingPublicKeyRefusesMLKEM(t *testing.T) {
	sound := readingKey(t, cryptobox.SuiteSignedPQ).Public().Bytes()
	for _, at := range []int{0, 3, 1149} {
		for value, taken := range map[uint16]bool{3328: true, 3329: false, 4095: false} {
			changed := bytes.Clone(sound)
			changed[at], changed[at+1] = byte(value), changed[at+1]&0xf0|byte(value>>8)
			_, err := cryptobox.NewReadingPublicKey(cryptobox.SuiteSignedPQ, changed)
			if taken {
				require.NoError(t, err)
				continue
			}
			requireKeyError(t, err, "reading public key", cryptobox.ErrKey)
			require.ErrorContains(t, err, "ML-KEM")
		}
	}
}

// TestReadingExamples: the messages of another program open under what is exported for their
// encapsulated keys, and are signed by the keys that stand beside them.
func TestReadingExamples(t *testing.T) {
	keys, _, examples := exampleKeys(t)
	k, err := cryptobox.ParseReadingKey("x25519:" + keys["reading_private"])
	require.NoError(t, err)
	require.Equal(t, "x25519:"+keys["reading_public"], k.Public().String())
	alice, err := cryptobox.ParseSigningKey("ed25519:" + keys["alice_signing"])
	require.NoError(t, err)
	signed := 0
	for _, e := range examples {
		if e.Direction != "message" {
			continue
		}
		hash, enc, before := unhex(t, e.Hash), unhex(t, e.Enc), unhex(t, e.AssociatedData)
		received, err := cryptobox.Receive(k, enc[17:49], append(append([]byte("wampbox-2"), 4), hash...))
		require.NoError(t, err)
		aead, err := chacha20poly1305.NewX(exported(t, received))
		require.NoError(t, err)
		plaintext, err := aead.Open(nil, before[49:], enc[len(before):], before)
		require.NoError(t, err, e.Name)
		require.Equal(t, e.Plaintext, hex.EncodeToString(plaintext))
		if plaintext[0] != 1 {
			continue
		}
		signed++
		of, sealed := sha256.Sum256(before), sha256.Sum256(plaintext[81:])
		message := bytes.Join([][]byte{[]byte("wampbox-signature-2"), {0, 1}, hash, of[:], sealed[:]}, nil)
		signature, err := cryptobox.Sign(alice, message)
		require.NoError(t, err)
		require.Equal(t, plaintext[17:81], signature)
		require.True(t, cryptobox.Verify(alice.Public(), message, signature))
		signer := alice.Public().Signer()
		require.Equal(t, plaintext[1:17], signer[:])
	}
	require.Equal(t, 3, signed)
}

// TestReadingKeyOfOtherBits: the bits of an X25519 private key that don't count.
func TestReadingKeyOfOtherBits(t *testing.T) {
	b := bytes.Repeat([]byte{7}, 32)
	k, err := cryptobox.NewReadingKey(cryptobox.SuiteSigned, b)
	require.NoError(t, err)
	other, err := cryptobox.NewReadingKey(cryptobox.SuiteSigned, flipped(b, 0, 1))
	require.NoError(t, err)
	require.True(t, k.Equal(other), "they read the same")
	private, err := ecdh.X25519().NewPrivateKey(b)
	require.NoError(t, err)
	require.Equal(t, private.PublicKey().Bytes(), k.Public().Bytes())
	require.Equal(t, b, k.UnsafeBytes())
}
