//go:build !race

package keyring_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/heap"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// TestFormAllocates: nothing for a URI that was used before, nor for what its entry is found by;
// a new one costs its text twice, and what keeps it.
func TestFormAllocates(t *testing.T) {
	r := scrambled(t, sealedRing(t, exact("com.myapp.a.b"), prefix("com.myapp.p."), wild("com.myapp..w")))
	form := formOf(t, r, "realm1", "com.myapp.x")
	for _, uri := range []string{"com.myapp.a.b", "com.myapp.p.x", "com.myapp.q.w"} {
		said := form.URI(uri)
		_, err := form.Lookup(said)
		require.NoError(t, err)
		require.Zero(t, testing.AllocsPerRun(100, func() { _ = form.URI(uri) }), uri)
		require.Zero(t, testing.AllocsPerRun(100, func() { _, _ = form.Lookup(said) }), uri)
		require.Zero(t, testing.AllocsPerRun(100, func() { _, _ = r.Lookup(uri) }), uri)
		require.Zero(t, testing.AllocsPerRun(100, func() { _, _ = r.Forms("realm1").Send(uri) }), uri)
	}
	huge := app + strings.Repeat("x.", 1<<20)
	require.Zero(t, testing.AllocsPerRun(10, func() { _ = form.Shows(form.URI("com.myapp.a.b"), huge) }), "of a sender's making")
	uris, i := make([]string, 200), 0
	for i := range uris {
		uris[i] = fmt.Sprintf("com.myapp.device%d.status", i)
	}
	require.LessOrEqual(t, testing.AllocsPerRun(100, func() { _ = form.URI(uris[i]); i++ }), 4.0)
}

// TestFormsAreBounded: whatever is asked, and by however many, what is kept has a bound.
func TestFormsAreBounded(t *testing.T) {
	r := scrambled(t, sealedRing(t, prefix("com.myapp.p.")))
	form := formOf(t, r, "realm1", "com.myapp.x")
	kept := r.Forms("realm1")
	_, _ = form.Lookup("")
	long, many := strings.Repeat("x", 1000), strings.Repeat("x.", 500)
	for name, tc := range map[string]struct {
		do    func(i int)
		times int
		most  int64
	}{
		"URIs":         {func(i int) { _ = form.URI(fmt.Sprintf("com.myapp.%d", i)) }, 50_000, 1 << 18},
		"long URIs":    {func(i int) { _ = form.URI(fmt.Sprintf("com.myapp.%d", i) + long[:900]) }, 20_000, 2 << 20},
		"longer URIs":  {func(i int) { _ = form.URI(fmt.Sprintf("com.myapp.%d", i) + long + long) }, 20_000, 1 << 18},
		"URIs of many": {func(i int) { _ = form.URI(fmt.Sprintf("com.myapp.%d.", i) + many) }, 5_000, 1 << 18},
		"what is said": {func(i int) { _, _ = form.Lookup(fmt.Sprintf("com.myapp.%d", i) + long) }, 50_000, 1 << 18},
		"realms":       {func(i int) { _ = formOf(t, r, fmt.Sprint(i), "com.myapp.x") }, 20_000, 1 << 20},
		"who watches":  {func(int) { _ = kept.Watch(func() {}) }, 100_000, 1 << 18},
		"other secrets": {func(i int) {
			require.NoError(t, r.AddScramble(app, scrambling(fmt.Sprint(i)), from(past.AddDate(0, 0, i))))
			drop(t, r)
		}, 2000, 1 << 18},
		"one component": {func(int) { _ = form.URI(app + strings.Repeat("x", 8<<20)) }, 3, 1 << 18},
	} {
		before := heap.InUse()
		for i := range tc.times {
			tc.do(i)
			if i%5000 == 0 {
				runtime.GC() // what is weak is forgotten by it
			}
		}
		runtime.GC()
		runtime.GC() // pools hold things for one more
		require.Less(t, heap.InUse()-before, tc.most, name)
	}
	runtime.KeepAlive(form)
	runtime.KeepAlive(kept)
}

// drop takes all secrets off but that in use, having used each.
func drop(t *testing.T, r *keyring.Ring) {
	t.Helper()
	forms, _, err := r.Forms("realm1").Receive(prefix(app))
	require.NoError(t, err)
	for _, f := range forms[1:] {
		_ = f.URI("com.myapp.x")
		_, _ = f.Lookup("com.myapp.x")
		require.NoError(t, r.RemoveScramble(app, f.ID()))
	}
}

// manyBelow gives a ring of so many patterns below app.
func manyBelow(b testing.TB, n int) *keyring.Ring {
	b.Helper()
	with, key := keyring.New(), ours("k")
	for i := range n {
		if err := with.Set(patternBelow(i), key); err != nil {
			b.Fatal(err)
		}
	}
	return scrambled(b, with)
}

func patternBelow(i int) keyring.Pattern {
	switch i % 4 {
	case 0:
		return prefix(fmt.Sprintf("com.myapp.room%d.", i))
	case 1:
		return wild(fmt.Sprintf("com.myapp..sensor%d", i))
	}
	return exact(fmt.Sprintf("com.myapp.device%d.status", i))
}

func BenchmarkForm(b *testing.B) {
	for _, n := range []int{10, 100_000} {
		r := manyBelow(b, n)
		form := formOf(b, r, "realm1", "com.myapp.x")
		name := func(what string) string { return fmt.Sprint(what, "/", n) }
		b.Run(name("URI known"), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_ = form.URI("com.myapp.device7.status")
			}
		})
		b.Run(name("URI new"), func(b *testing.B) {
			b.ReportAllocs()
			uris := make([]string, 4096) // more than are kept
			for i := range uris {
				uris[i] = fmt.Sprintf("com.myapp.other%d.status", i)
			}
			for i := 0; b.Loop(); i++ {
				_ = form.URI(uris[i%len(uris)])
			}
		})
		b.Run(name("Send"), func(b *testing.B) {
			forms := r.Forms("realm1")
			for b.Loop() {
				if f, err := forms.Send("com.myapp.device7.status"); err != nil || f != form {
					b.Fatal(err)
				}
			}
		})
		b.Run(name("first Lookup"), func(b *testing.B) {
			b.ReportAllocs()
			fresh := make([]*keyring.Form, b.N)
			for i := range fresh {
				fresh[i] = formOf(b, r, fmt.Sprint("fresh", i), "com.myapp.x")
			}
			before := heap.InUse()
			b.ResetTimer()
			for _, f := range fresh {
				_, _ = f.Lookup("")
			}
			b.StopTimer()
			b.ReportMetric(float64(heap.InUse()-before)/float64(n*b.N), "kept-B/pattern")
			runtime.KeepAlive(fresh)
		})
		said := form.URI("com.myapp.device7.status")
		b.Run(name("Lookup"), func(b *testing.B) {
			for b.Loop() {
				if _, err := form.Lookup(said); err != nil {
					b.Fatal(err)
				}
			}
		})
		runtime.GC() // the fresh ones aren't to be kept up
		without := manyBelow(b, n)
		for what, r := range map[string]*keyring.Ring{"Set": r, "Set without a Form": without} {
			b.Run(name(what), func(b *testing.B) {
				b.ReportAllocs()
				key := ours("k")
				for i := 0; b.Loop(); i++ {
					if err := r.Set(patternBelow(i%n), key); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
		runtime.KeepAlive(form)
	}
}

func BenchmarkUpdateWithForm(b *testing.B) {
	const n = 100_000
	for _, shadowed := range []bool{false, true} {
		b.Run(fmt.Sprint(shadowed), func(b *testing.B) {
			r := keyring.New()
			if _, err := r.Update("file", manyBelow(b, n)); err != nil {
				b.Fatal(err)
			}
			form := formOf(b, r, "realm1", "com.myapp.x")
			if shadowed {
				_, _ = form.Lookup("")
			}
			next := make([]*keyring.Ring, b.N)
			for i := range next {
				next[i] = manyBelow(b, n)
			}
			b.ResetTimer()
			for i := range b.N {
				if _, err := r.Update("file", next[i]); err != nil {
					b.Fatal(err)
				}
			}
			runtime.KeepAlive(form)
		})
	}
}
