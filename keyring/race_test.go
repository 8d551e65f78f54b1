package keyring_test

import (
	"errors"
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
						e, err := r.Lookup("com.app.x")
						if err != nil || e.Pattern() != p {
							missing <- fmt.Sprint(e)
							return
						}
					}
				})
			}
			for i := range 2000 {
				if err := r.Set(p, named(fmt.Sprint(i))); err != nil {
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
	require.NoError(t, r.Set(prefix(""), named("default")))
	matches := []keyring.Match{keyring.MatchExact, keyring.MatchPrefix, keyring.MatchWildcard}
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			for i := range 500 {
				text := fmt.Sprintf("com.g%d.n%d", g, i%7)
				p := keyring.Pattern{URI: text, Match: matches[i%7%3]}
				if err := r.Set(p, named("k")); err != nil {
					t.Error(err)
				}
				if e, err := r.Lookup(text); err != nil || e.Pattern().URI == "" {
					t.Errorf("%q isn't found after it was set", text)
				}
				if i%2 == 0 && r.Remove(p) != nil {
					t.Errorf("%q was removed by another", text)
				}
				for p := range r.Patterns() {
					_ = p.Matches(text)
				}
				_, _, _ = r.Overlap(prefix("com."))
				_, _ = r.Len(), r.Generation()
			}
		})
		wg.Go(func() {
			for i := range 2000 {
				_, _ = r.Lookup("wampbox.error.x")
				e, err := r.Lookup(fmt.Sprintf("com.g%d.n%d", g, i%7))
				if errors.Is(err, keyring.ErrClosed) {
					continue // removed
				}
				if err != nil {
					t.Error("the default was missing:", err)
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
