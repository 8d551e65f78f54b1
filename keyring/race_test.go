package keyring_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// While a key is replaced, its pattern is never missing: else a payload would
// go out in plain.
func TestReplaceIsAtomic(t *testing.T) {
	for _, p := range []keyring.Pattern{exact("com.app.x"), prefix("com.app"), wild("com..x"), prefix("")} {
		t.Run(p.String(), func(t *testing.T) {
			r := ringOf(t, p, exact("other"), wild("other."))
			var done atomic.Bool
			var wg sync.WaitGroup
			missing := make(chan string, 2)
			for range 2 {
				wg.Go(func() {
					for !done.Load() {
						e, ok := r.Lookup("com.app.x")
						if !ok || e.Pattern() != p {
							missing <- fmt.Sprint(e)
							return
						}
					}
				})
			}
			for i := range 2000 {
				if err := r.Set(p.URI, p.Match, named(fmt.Sprint(i))); err != nil {
					t.Error(err)
				}
			}
			done.Store(true)
			wg.Wait()
			close(missing)
			for e := range missing {
				t.Errorf("found %s", e)
			}
			require.Equal(t, "1999", idOf(t, r, "com.app.x"))
		})
	}
}

func TestConcurrentUse(t *testing.T) {
	r := keyring.New()
	require.NoError(t, r.Set("", keyring.Prefix, named("default")))
	matches := []keyring.Match{keyring.Exact, keyring.Prefix, keyring.Wildcard}
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			for i := range 500 {
				text, match := fmt.Sprintf("com.g%d.n%d", g, i%7), matches[i%3]
				if err := r.Set(text, match, named("k")); err != nil {
					t.Error(err)
				}
				if e, ok := r.Lookup(text); !ok || e.Pattern().URI == "" {
					t.Errorf("%q isn't found after it was set", text)
				}
				if i%2 == 0 && !r.Remove(text, match) {
					t.Errorf("%q was removed by another", text)
				}
				for p := range r.Patterns() {
					_ = p.Matches(text)
				}
				_ = r.Len()
			}
		})
		wg.Go(func() {
			for i := range 2000 {
				e, ok := r.Lookup(fmt.Sprintf("com.g%d.n%d", g, i%7))
				if !ok {
					t.Error("the default was missing")
					return
				}
				if v, err := e.Sealer(keyring.RoleOriginator); err != nil || v.Cipher() == nil {
					t.Error("no cipher", err)
				}
			}
		})
	}
	wg.Wait()
	require.Equal(t, prefix(""), found(t, r, "net.other"))
}
