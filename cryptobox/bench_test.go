package cryptobox_test

import (
	"crypto/rand"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/nacl/box"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

// benchSizes are those of payloads in bytes.
var benchSizes = []int{16, 256, 1 << 10, 16 << 10, 64 << 10, 1 << 20}

// benchRecord is an event as a Session seals it.
func benchRecord(size int) *cryptobox.Record {
	var payload any = make([]byte, size)
	if size <= 1<<10 {
		payload = strings.Repeat("x", size)
	}
	return cryptobox.NewRecord("com.myapp.encrypted.hello", []any{payload}, nil, &cryptobox.Bind{Kind: cryptobox.KindPublish, Realm: "realm1", From: cryptobox.NewSenderID(), N: 1000, TS: 1_790_000_000_000})
}

// benchmarkSizes runs the benchmark of each serializer and size.
func benchmarkSizes(b *testing.B, run func(b *testing.B, s cryptobox.Serializer, rec *cryptobox.Record)) {
	b.Helper()
	for _, s := range serializers {
		for _, size := range benchSizes {
			b.Run(string(s)+"/"+strconv.Itoa(size), func(b *testing.B) {
				b.ReportAllocs()
				b.SetBytes(int64(size))
				run(b, s, benchRecord(size))
			})
		}
	}
}

func BenchmarkSeal(b *testing.B) {
	ours, _ := pair(b)
	benchmarkSizes(b, func(b *testing.B, s cryptobox.Serializer, rec *cryptobox.Record) {
		for b.Loop() {
			if _, _, err := cryptobox.Seal(ours, s, "", rec); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkOpen(b *testing.B) {
	ours, theirs := pair(b)
	benchmarkSizes(b, func(b *testing.B, s cryptobox.Serializer, rec *cryptobox.Record) {
		env, _, err := cryptobox.Seal(ours, s, "", rec)
		require.NoError(b, err)
		for b.Loop() {
			if _, _, err := cryptobox.Open(theirs, env); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkRows is what a list of 100 rows costs, which is mostly values.
func BenchmarkRows(b *testing.B) {
	rows := make([]any, 100)
	for i := range rows {
		rows[i] = map[string]any{"id": int64(i + 1000), "name": "a name", "price": 1.5, "tags": []any{"a", "b"}}
	}
	for _, s := range serializers {
		data, err := s.Encode(cryptobox.NewRecord("com.x", rows, nil, nil))
		require.NoError(b, err)
		b.Run("encode/"+string(s), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := s.Encode(cryptobox.NewRecord("com.x", rows, nil, nil)); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run("decode/"+string(s), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := s.Decode(data); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkBareBox is what the payload alone costs in golang.org/x/crypto/nacl/box,
// with a key computed before and a random nonce for each: what a program would do
// that does no more.
func BenchmarkBareBox(b *testing.B) {
	public, private, err := box.GenerateKey(rand.Reader)
	require.NoError(b, err)
	var shared [32]byte
	box.Precompute(&shared, public, private)
	seal := func(plaintext []byte) ([]byte, error) {
		var nonce [24]byte
		if _, err := rand.Read(nonce[:]); err != nil {
			return nil, err
		}
		return box.SealAfterPrecomputation(nonce[:], plaintext, &nonce, &shared), nil
	}
	open := func(sealed []byte) ([]byte, error) {
		plaintext, ok := box.OpenAfterPrecomputation(nil, sealed[24:], (*[24]byte)(sealed), &shared)
		if !ok {
			return nil, cryptobox.ErrOpen
		}
		return plaintext, nil
	}
	benchmarkBare(b, seal, open)
}

func BenchmarkBareAESGCM(b *testing.B) {
	c := aesGCM(b, cryptobox.GenerateSymmetricKey())
	benchmarkBare(b, c.Seal, c.Open)
}

func benchmarkBare(b *testing.B, seal, open func([]byte) ([]byte, error)) {
	b.Helper()
	for _, size := range benchSizes {
		plaintext := make([]byte, size)
		sealed, err := seal(plaintext)
		require.NoError(b, err)
		for verb, run := range map[string]func() error{
			"seal": func() error { _, err := seal(plaintext); return err },
			"open": func() error { _, err := open(sealed); return err },
		} {
			b.Run(verb+"/"+strconv.Itoa(size), func(b *testing.B) {
				b.ReportAllocs()
				b.SetBytes(int64(size))
				for b.Loop() {
					if err := run(); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

func BenchmarkNewBox(b *testing.B) {
	private, public := cryptobox.GenerateKey(), cryptobox.GenerateKey().Public()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := cryptobox.NewBox(private, public); err != nil {
			b.Fatal(err)
		}
	}
}
