package keyring_test

import (
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
func usedBox(t *testing.T, r *keyring.Ring) weak.Pointer[cryptobox.SuiteKey] {
	t.Helper()
	e := look(t, r, "com.x")
	key := serving(t, e, cryptobox.Wampbox)[0].Key()
	require.NotNil(t, key)
	return weak.Make(key)
}

// A box goes with the last snapshot that has its key, unless something else
// still uses it.
func TestBoxesDieWithTheirSnapshot(t *testing.T) {
	id := func(r *keyring.Ring) string { return r.Versions(exact("com.x"))[0].ID }
	for name, change := range map[string]func(*keyring.Ring) error{
		"set":    func(r *keyring.Ring) error { return r.Set(exact("com.x"), named("v")) },
		"revoke": func(r *keyring.Ring) error { return r.Revoke(exact("com.x"), id(r)) },
		"remove": func(r *keyring.Ring) error { return r.Remove(exact("com.x")) },
		"remove version": func(r *keyring.Ring) error {
			old := id(r)
			if err := r.Add(exact("com.x"), named("v"), from(past)); err != nil {
				return err
			}
			return r.RemoveVersion(exact("com.x"), old)
		},
		"update": func(r *keyring.Ring) error {
			_, err := r.Update("file", ringOf(t, exact("org.x")))
			return err
		},
		"set versions": func(r *keyring.Ring) error {
			return r.SetVersions(exact("com.x"), dated("v", past))
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := ringOf(t, exact("com.y"), prefix("com."), wild("com."))
			given := keyring.New()
			require.NoError(t, given.Set(exact("com.x"), keyring.Pair(cryptobox.GenerateKey(), cryptobox.GenerateKey())))
			if name == "update" {
				_, err := r.Update("file", given)
				require.NoError(t, err)
			} else {
				require.NoError(t, r.Set(exact("com.x"), keyring.Pair(cryptobox.GenerateKey(), cryptobox.GenerateKey())))
			}
			given = nil
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
	key, r := keyring.Pair(cryptobox.GenerateKey(), cryptobox.GenerateKey()), keyring.New()
	require.NoError(t, r.Set(exact("com.x"), key))
	require.NoError(t, r.Set(exact("com.y"), key))
	box := usedBox(t, r)
	require.NoError(t, r.Revoke(exact("com.x"), key.ID()))
	require.False(t, gone(box), "the other pattern has it")
	require.NoError(t, r.Remove(exact("com.y")))
	require.False(t, gone(box), "the program has the Key")
	runtime.KeepAlive(&key)
}
