package cryptobox_test

import (
	"crypto/rand"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/nacl/box"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

// benchSizes are those of payloads in bytes.
var benchSizes = []int{16, 256, 1 << 10, 64 << 10, 1 << 20}

// benchRecord is an event as a Session seals it.
func benchRecord(size int) *cryptobox.Record {
	var payload any = make([]byte, size)
	if size <= 1<<10 {
		payload = strings.Repeat("x", size)
	}
	head := cryptobox.Head{Kind: cryptobox.KindPublish, From: cryptobox.NewSenderID(), N: 1000, TS: 1_790_000_000_000, Seq: 999}
	rec := cryptobox.NewRecord(head, "realm1", "com.myapp.encrypted.hello", []any{payload}, nil)
	return &rec
}

// work is what is timed: by its name, for a size.
type work struct {
	name string
	run  func() error
}

// works are what a program does that does no more than seal or open in
// golang.org/x/crypto/nacl/box, with a key computed before and a random nonce, and what
// this package does in each suite of a pair.
func works(b testing.TB, size int) (seal, open []work) {
	public, private, err := box.GenerateKey(rand.Reader)
	require.NoError(b, err)
	var shared [32]byte
	box.Precompute(&shared, public, private)
	originator, err := cryptobox.NewPrivateKey(private[:])
	require.NoError(b, err)
	secret, err := cryptobox.NewBox(originator, originator.Public())
	require.NoError(b, err)
	bareSeal := func(plaintext []byte) []byte {
		var nonce [24]byte
		_, _ = rand.Read(nonce[:])
		return box.SealAfterPrecomputation(nonce[:], plaintext, &nonce, &shared)
	}
	plaintext := make([]byte, size)
	sealed := bareSeal(plaintext)
	seal = []work{{"bare", func() error { bareSeal(plaintext); return nil }}}
	open = []work{{"bare", func() error {
		if _, ok := box.OpenAfterPrecomputation(nil, sealed[24:], (*[24]byte)(sealed), &shared); !ok {
			return cryptobox.ErrOpen
		}
		return nil
	}}}
	rec := benchRecord(size)
	for _, suite := range []cryptobox.Suite{cryptobox.SuiteBox, cryptobox.SuiteXBox} {
		key, err := cryptobox.NewPairKey(suite, secret, originator.Public(), originator.Public())
		require.NoError(b, err)
		enc, _, err := key.Seal(nil, rec)
		require.NoError(b, err)
		seal = append(seal, work{suite.String(), func() error {
			_, _, err := key.Seal(nil, rec)
			return err
		}})
		var opened cryptobox.Opened
		open = append(open, work{suite.String(), func() error {
			if err := key.Open(enc, cryptobox.Message, &opened); err != nil {
				return err
			}
			defer opened.Release()
			_, _, err := opened.Values()
			return err
		}})
	}
	return seal, open
}

func BenchmarkSealAndOpen(b *testing.B) {
	for _, size := range benchSizes {
		seal, open := works(b, size)
		for verb, list := range map[string][]work{"seal": seal, "open": open} {
			for _, w := range list {
				b.Run(verb+"/"+strconv.Itoa(size)+"/"+w.name, func(b *testing.B) {
					b.ReportAllocs()
					b.SetBytes(int64(size))
					for b.Loop() {
						if err := w.run(); err != nil {
							b.Fatal(err)
						}
					}
				})
			}
		}
	}
}

// BenchmarkRatios reports how long this package takes for each verb, size and suite beside
// the bare box: it alternates all of them in each round, and compares the least times, as
// other programs may be running. b.N has no meaning.
func BenchmarkRatios(b *testing.B) {
	const rounds = 40
	for _, size := range benchSizes {
		seal, open := works(b, size)
		for _, verb := range []string{"seal", "open"} {
			list := map[string][]work{"seal": seal, "open": open}[verb]
			b.Run(verb+"/"+strconv.Itoa(size), func(b *testing.B) {
				times := make([][]time.Duration, len(list))
				for range rounds {
					for i, w := range list {
						times[i] = append(times[i], timed(b, w, max(1, (256<<10)/(size+1<<10))))
					}
				}
				bare := slices.Min(times[0])
				for i, w := range list[1:] {
					b.ReportMetric(float64(slices.Min(times[i+1]))/float64(bare), w.name+"/bare")
				}
				b.ReportMetric(0, "ns/op")
			})
		}
	}
}

// timed is how long n runs take.
func timed(b *testing.B, w work, n int) time.Duration {
	start := time.Now()
	for range n {
		if err := w.run(); err != nil {
			b.Fatal(err)
		}
	}
	return time.Since(start)
}

// BenchmarkRows is what a list of 100 rows costs, which is mostly values.
func BenchmarkRows(b *testing.B) {
	rows := make([]any, 100)
	for i := range rows {
		rows[i] = map[string]any{"id": int64(i + 1000), "name": "a name", "price": 1.5, "tags": []any{"a", "b"}}
	}
	key, rec := sharedKey(b), event(rows, nil)
	enc, _, err := key.Seal(nil, rec)
	require.NoError(b, err)
	b.Run("seal", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, _, err := key.Seal(nil, rec); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("open", func(b *testing.B) {
		b.ReportAllocs()
		var opened cryptobox.Opened
		for b.Loop() {
			if err := key.Open(enc, cryptobox.Message, &opened); err != nil {
				b.Fatal(err)
			}
			if _, _, err := opened.Values(); err != nil {
				b.Fatal(err)
			}
			opened.Release()
		}
	})
}

// BenchmarkFirstSeal is with the key exchange.
func BenchmarkFirstSeal(b *testing.B) {
	private, public := cryptobox.GenerateKey(), cryptobox.GenerateKey().Public()
	b.ReportAllocs()
	for b.Loop() {
		secret, err := cryptobox.NewBox(private, public)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := secret.Seal(nil); err != nil {
			b.Fatal(err)
		}
	}
}
