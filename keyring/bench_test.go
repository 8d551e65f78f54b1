package keyring_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// patterns gives n patterns: half exact, the rest prefixes and wildcards of
// two shapes.
func patterns(n int) []keyring.Pattern {
	list := make([]keyring.Pattern, n)
	for i := range list {
		list[i] = patternAt(i)
	}
	return list
}

// filled gives a ring of patterns.
func filled(b *testing.B, list []keyring.Pattern) *keyring.Ring {
	b.Helper()
	r, key := keyring.New(), named("k")
	for _, p := range list {
		if err := r.Set(p, key); err != nil {
			b.Fatal(err)
		}
	}
	return r
}

// patternAt gives the i-th pattern of a ring.
func patternAt(i int) keyring.Pattern {
	switch i % 4 {
	case 0:
		return prefix(fmt.Sprintf("com.myapp.room%d.", i))
	case 1:
		return wild([]string{fmt.Sprintf("org.myapp..sensor%d", i), fmt.Sprintf("net.myapp%d..status", i)}[i/4%2])
	}
	return exact(fmt.Sprintf("com.myapp.device%d.status", i))
}

func BenchmarkLookup(b *testing.B) {
	for _, n := range []int{10, 1000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			r := filled(b, patterns(n))
			for _, kind := range []struct {
				name, format string
				remainder    int // of i modulo 8, for which the format hits
			}{
				{"exact", "com.myapp.device%d.status", 2},
				{"prefix", "com.myapp.room%d.temperature", 0},
				{"wildcard", "org.myapp.any.sensor%d", 1},
				{"miss", "org.other.device%d.status", 3},
			} {
				b.Run(kind.name, func(b *testing.B) { benchmarkURIs(b, r, n, kind.format, kind.remainder) })
			}
		})
	}
}

// benchmarkURIs looks up URIs from all over the ring.
func benchmarkURIs(b *testing.B, r *keyring.Ring, n int, format string, remainder int) {
	uris := make([]string, 1024)
	for i := range uris {
		uris[i] = fmt.Sprintf(format, (i*7919%n)/8*8+remainder)
	}
	b.ReportAllocs()
	hits, i := 0, 0
	for b.Loop() {
		if _, err := r.Lookup(uris[i%len(uris)]); err == nil {
			hits++
		}
		i++
	}
	if n >= 1000 && (hits > 0) != (remainder != 3) {
		b.Fatalf("%d hits of %d", hits, i)
	}
}

// BenchmarkLookupEmpty is what a session without keys pays.
func BenchmarkLookupEmpty(b *testing.B) {
	r := keyring.New()
	for b.Loop() {
		_, _ = r.Lookup("com.myapp.device17.status")
	}
}

// BenchmarkSet fills a ring of 100,000 patterns.
func BenchmarkSet(b *testing.B) {
	const n = 100_000
	list := patterns(n)
	b.ReportAllocs()
	for b.Loop() {
		filled(b, list)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/pattern")
}

// BenchmarkNearMiss is what a router can make of us: URIs that match no pattern. In one ring
// they are closed; in the other they are plain, if they are near none.
func BenchmarkNearMiss(b *testing.B) {
	closed, decides, key := keyring.New(), keyring.New(), named("k")
	decides.PlainUnlessKeyed()
	for i := range 100_000 {
		if closed.SetPlain(patternAt(i)) != nil || decides.Set(patternAt(i), key) != nil {
			b.Fatal("not set")
		}
	}
	for ring, r := range map[string]*keyring.Ring{"closed": closed, "decides": decides} {
		for name, format := range map[string]string{
			"far": "net.other.thing%d.here", "near": "com.myapp.devise%d.status",
			"component less": "net.myapp.thing%d", "component more": "org.myapp.a.b.thing%d",
			"long": "net.myapp.%d" + strings.Repeat(".long", 200),
		} {
			b.Run(ring+"/"+name, func(b *testing.B) {
				uris := make([]string, 25_000)
				for i := range uris {
					uris[i] = fmt.Sprintf(format, i*4+2)
				}
				start := time.Now()
				_, _ = r.Lookup("org.first")
				first := time.Since(start)
				b.ReportAllocs()
				i := 0
				for b.Loop() {
					if _, err := r.Lookup(uris[i%len(uris)]); (err == nil) != (ring == "decides" && name != "near") {
						b.Fatal(err)
					}
					i++
				}
				b.ReportMetric(float64(first.Milliseconds()), "ms-first")
			})
		}
	}
}

// BenchmarkParties are lists of parties: to set a key with one, to add and remove a party, and
// what is looked up for each message.
func BenchmarkParties(b *testing.B) {
	for _, n := range []int{10, 100_000} {
		p, parts := exact("com.x"), receiving("me", reader(cryptobox.SuiteSigned, "orders"))
		parts.Senders = manyParties(n)
		r := keyring.New()
		set := func() {
			if err := r.Set(p, keyring.Signed(parts)); err != nil {
				b.Fatal(err)
			}
		}
		set()
		b.Run(fmt.Sprint("set/", n), func(b *testing.B) {
			for b.Loop() {
				set()
			}
		})
		b.Run(fmt.Sprint("add and remove one/", n), func(b *testing.B) {
			one := partyOf("one")
			for b.Loop() {
				if err := errors.Join(r.AddParty(p, keyring.RoleOriginator, one), r.RemoveParty(p, keyring.RoleOriginator, one)); err != nil {
					b.Fatal(err)
				}
			}
		})
		v, key := only(b, r, "com.x"), parts.Senders[n/2].Key
		b.Run(fmt.Sprint("current and name/", n), func(b *testing.B) {
			for b.Loop() {
				if _, listed := r.Current(v).NameOf(key, keyring.RoleOriginator); !listed {
					b.Fatal("not listed")
				}
			}
		})
	}
}
