package cryptobox_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

var benchSizes = []int{64, 4 << 10, 256 << 10}

func BenchmarkSeal(b *testing.B) {
	ours, _ := pair(b)
	for _, s := range serializers {
		for _, size := range benchSizes {
			rec := &cryptobox.Record{URI: "com.myapp.encrypted.hello", Args: []any{strings.Repeat("x", size), 23}}
			b.Run(string(s)+"/"+strconv.Itoa(size), func(b *testing.B) {
				b.ReportAllocs()
				b.SetBytes(int64(size))
				for b.Loop() {
					if _, _, err := cryptobox.Seal(ours, s, "", rec); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

func BenchmarkOpen(b *testing.B) {
	ours, theirs := pair(b)
	for _, s := range serializers {
		for _, size := range benchSizes {
			env, _, err := cryptobox.Seal(ours, s, "", &cryptobox.Record{URI: "com.myapp.encrypted.hello", Args: []any{strings.Repeat("x", size), 23}})
			require.NoError(b, err)
			b.Run(string(s)+"/"+strconv.Itoa(size), func(b *testing.B) {
				b.ReportAllocs()
				b.SetBytes(int64(size))
				for b.Loop() {
					if _, _, err := cryptobox.Open(theirs, env); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

func BenchmarkBareBox(b *testing.B) {
	ours, theirs := pair(b)
	benchmarkBare(b, ours.Seal, theirs.Open)
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
