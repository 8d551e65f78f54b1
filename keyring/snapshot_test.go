package keyring_test

import (
	"fmt"
	"runtime"
	"testing"
	"time"
	"weak"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// gone tells whether the garbage collector takes what a weak pointer points to.
func gone[T any](p weak.Pointer[T]) bool {
	for range 20 {
		runtime.GC()
		if p.Value() == nil {
			return true
		}
		time.Sleep(time.Millisecond)
	}
	return false
}

// usedBox gives the ring's box for "com.x", weakly.
func usedBox(t *testing.T, r *keyring.Ring) weak.Pointer[cryptobox.Box] {
	t.Helper()
	e, ok := r.Lookup("com.x")
	require.True(t, ok)
	box, ok := openers(t, e)[0].Cipher().(*cryptobox.Box)
	require.True(t, ok)
	return weak.Make(box)
}

// A box goes with the last snapshot that has its key, unless something else
// still uses it.
func TestBoxesDieWithTheirSnapshot(t *testing.T) {
	id := func(r *keyring.Ring) string { return r.Versions("com.x", keyring.Exact)[0].ID }
	for name, change := range map[string]func(*keyring.Ring) error{
		"set":    func(r *keyring.Ring) error { return r.Set("com.x", keyring.Exact, named("v")) },
		"revoke": func(r *keyring.Ring) error { return r.Revoke("com.x", keyring.Exact, id(r)) },
		"remove": func(r *keyring.Ring) error { r.Remove("com.x", keyring.Exact); return nil },
		"remove version": func(r *keyring.Ring) error {
			old := id(r)
			if err := r.Add("com.x", keyring.Exact, named("v")); err != nil {
				return err
			}
			if err := r.Activate("com.x", keyring.Exact, "v"); err != nil {
				return err
			}
			return r.RemoveVersion("com.x", keyring.Exact, old)
		},
		"replace": func(r *keyring.Ring) error { r.Replace(ringOf(t, exact("com.x"))); return nil },
		"set versions": func(r *keyring.Ring) error {
			return r.SetVersions("com.x", keyring.Exact, kv("v", keyring.StateActive))
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := ringOf(t, exact("com.y"), prefix("com."), wild("com."))
			require.NoError(t, r.Set("com.x", keyring.Exact, keyring.Both(cryptobox.GenerateKey())))
			box := usedBox(t, r)
			require.False(t, gone(box), "the ring has it")
			e, _ := r.Lookup("com.x")
			require.NoError(t, change(r))
			require.False(t, gone(box), "who began with the entry goes on with it")
			runtime.KeepAlive(e)
			e = nil
			require.True(t, gone(box), "nobody has it")
			runtime.KeepAlive(r)
		})
	}
}

func TestBoxesLiveWhereTheirKeyIsUsed(t *testing.T) {
	key, r := keyring.Both(cryptobox.GenerateKey()), keyring.New()
	require.NoError(t, r.Set("com.x", keyring.Exact, key))
	require.NoError(t, r.Set("com.y", keyring.Exact, key))
	box := usedBox(t, r)
	require.NoError(t, r.Revoke("com.x", keyring.Exact, key.ID()))
	require.False(t, gone(box), "the other pattern has it")
	require.True(t, r.Remove("com.y", keyring.Exact))
	require.False(t, gone(box), "the program has the Key")
	runtime.KeepAlive(&key)
}

// 100,000 patterns of three versions each: changes of one cost as in a small
// ring, and look-ups and openers allocate nothing.
func TestLargeRingWithVersions(t *testing.T) {
	const n = 100_000
	list, r, start := patterns(n), keyring.New(), time.Now()
	versions := []keyring.KeyVersion{
		kv("now", keyring.StateActive), kv("next", keyring.StatePending),
		{Key: named("before"), State: keyring.StateRetired, NotAfter: future},
	}
	for _, p := range list {
		if err := r.SetVersions(p.URI, p.Match, versions...); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("loaded in %v", time.Since(start))
	require.Equal(t, n, r.Len())

	start = time.Now()
	const rotated = 2000
	for _, p := range list[:rotated] {
		for _, err := range []error{
			r.Activate(p.URI, p.Match, "next"),
			r.Retire(p.URI, p.Match, "now", future),
			r.RemoveVersion(p.URI, p.Match, "before"),
			r.Revoke(p.URI, p.Match, "now"),
		} {
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	each := time.Since(start) / (4 * rotated)
	t.Logf("%v for each change", each)
	require.Less(t, each, 5*time.Millisecond, "copying all would take longer")

	for _, i := range []int{2, 3, rotated + 2} {
		uri, sealer := fmt.Sprintf("com.myapp.device%d.status", i), "next"
		if i >= rotated {
			sealer = "now"
		}
		require.Equal(t, sealer, idOf(t, r, uri))
		require.Zero(t, testing.AllocsPerRun(100, func() {
			e, _ := r.Lookup(uri)
			if _, err := e.Openers(keyring.RoleResponder, ""); err != nil {
				t.Fatal(err)
			}
		}))
	}

	start = time.Now()
	fresh := keyring.New()
	fresh.Replace(r)
	t.Logf("all replaced in %v", time.Since(start))
	require.Equal(t, n, fresh.Len())
}
