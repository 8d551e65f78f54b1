package keyring_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

func kv(id string, state keyring.State) keyring.KeyVersion {
	return keyring.KeyVersion{Key: named(id), State: state}
}

func TestSetVersionsRefuses(t *testing.T) {
	active, pending, revoked := keyring.StateActive, keyring.StatePending, keyring.StateRevoked
	dated := func(state keyring.State) keyring.KeyVersion {
		return keyring.KeyVersion{Key: named("d"), State: state, NotAfter: future}
	}
	many := make([]keyring.KeyVersion, keyring.MaxVersions+1)
	for i := range many {
		many[i] = kv(fmt.Sprint(i), pending)
	}
	for _, tc := range []struct {
		name     string
		versions []keyring.KeyVersion
		want     error
		saying   string
	}{
		{"none", nil, keyring.ErrState, "give 1 to 64"},
		{"too many", many, keyring.ErrState, "65 versions: give 1 to 64"},
		{"two active", []keyring.KeyVersion{kv("a", active), kv("b", pending), kv("c", active)}, keyring.ErrState, "two versions are active"},
		{"an id twice", []keyring.KeyVersion{kv("a", active), kv("a", revoked)}, keyring.ErrVersionExists, "active: give each key once"},
		{"no state", []keyring.KeyVersion{kv("a", 0)}, keyring.ErrState, "use StatePending"},
		{"another state", []keyring.KeyVersion{kv("a", 5)}, keyring.ErrState, "use StatePending"},
		{"a date for pending", []keyring.KeyVersion{dated(pending)}, keyring.ErrState, "this one is pending"},
		{"a date for active", []keyring.KeyVersion{dated(active)}, keyring.ErrState, "this one is active"},
		{"a date for revoked", []keyring.KeyVersion{dated(revoked)}, keyring.ErrState, "this one is revoked"},
		{"the zero key", []keyring.KeyVersion{kv("a", active), {State: pending}}, keyring.ErrKey, "the zero Key"},
		{"unbound and not", []keyring.KeyVersion{kv("a", active), {Key: named("b").AllowUnbound(), State: pending}}, keyring.ErrKey, "AllowUnbound"},
		{"a revoked one lives", []keyring.KeyVersion{kv("a", active), kv("gone", pending)}, keyring.ErrState, "its id was revoked"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := keyring.New()
			require.NoError(t, r.SetVersions("com.x", keyring.Exact, kv("now", active), kv("gone", revoked)))
			err := r.SetVersions("com.x", keyring.Exact, tc.versions...)
			require.ErrorIs(t, err, tc.want)
			require.ErrorContains(t, err, tc.saying)
			require.ErrorContains(t, err, `keyring: set exact "com.x"`)
			require.Equal(t, []string{"now active", "gone revoked"}, states(r, exact("com.x")), "unchanged")
		})
	}
	r := ringOf(t, wild("com..temp"))
	require.ErrorIs(t, r.SetVersions("com.room.", keyring.Wildcard, kv("a", active)), keyring.ErrConflict)
	require.ErrorIs(t, r.SetVersions("a..b", keyring.Exact, kv("a", active)), keyring.ErrPattern)
}

// What was revoked may come again as revoked, or be left out with others.
func TestSetVersionsKeepsAndForgetsRevoked(t *testing.T) {
	r := keyring.New()
	list := []keyring.KeyVersion{kv("now", keyring.StateActive), kv("gone", keyring.StateRevoked)}
	require.NoError(t, r.SetVersions("com.x", keyring.Exact, list...))
	require.NoError(t, r.SetVersions("com.x", keyring.Exact, list...))
	require.NoError(t, r.SetVersions("com.x", keyring.Exact, list[:1]...))
	require.Equal(t, []string{"now active"}, states(r, exact("com.x")))
}

func TestReplace(t *testing.T) {
	r, next := ringOf(t, exact("a"), prefix("b."), wild("x..y")), ringOf(t, exact("c"), prefix("b."), wild(".y.z"), prefix(""))
	held, _ := r.Lookup("a")
	r.Replace(next)
	require.ElementsMatch(t, slices.Collect(next.Patterns()), slices.Collect(r.Patterns()))
	require.Equal(t, 4, r.Len())
	_, err := held.Sealer(keyring.RoleOriginator)
	require.NoError(t, err)

	// Ties are of the new content, in both rings, apart from one another.
	require.NoError(t, r.Set("x..y", keyring.Wildcard, named("k")))
	require.ErrorIs(t, r.Set("x..z", keyring.Wildcard, named("k")), keyring.ErrConflict)
	require.True(t, r.Remove(".y.z", keyring.Wildcard))
	require.NoError(t, r.Set("x..z", keyring.Wildcard, named("k")))
	require.ErrorIs(t, next.Set("x..z", keyring.Wildcard, named("k")), keyring.ErrConflict, "the other ring stays as it is")
	require.Equal(t, 4, next.Len())

	r.Replace(r)
	require.Equal(t, 5, r.Len())
	r.Replace(keyring.New())
	require.Zero(t, r.Len())
	var zero keyring.Ring
	zero.Replace(next)
	require.Equal(t, 4, zero.Len())
}

// A configuration that is read anew has other Keys of the same secrets: the
// exchange is kept, and so is the count of what an AES-GCM key has sealed.
func TestReplaceKeepsWhatWasComputed(t *testing.T) {
	pri, pub := strings.Repeat("ab", 32), cryptobox.GenerateKey().Public()
	secret := strings.Repeat("cd", 32)
	read := func(other bool) map[string]keyring.Key {
		private, err := cryptobox.ParsePrivateKey(pri)
		require.NoError(t, err)
		symmetric, err := cryptobox.ParseSymmetricKey(secret)
		require.NoError(t, err)
		if other {
			private, symmetric = cryptobox.GenerateKey(), cryptobox.GenerateSymmetricKey()
		}
		return map[string]keyring.Key{
			"originator": keyring.Originator(private, pub), "responder": keyring.Responder(private, pub), "both": keyring.Both(private),
			"symmetric": keyring.Symmetric("k", symmetric), "gcm": keyring.AES256GCM("k", symmetric),
		}
	}
	load := func(keys map[string]keyring.Key) *keyring.Ring {
		r := keyring.New()
		for name, key := range keys {
			require.NoError(t, r.Set(name, keyring.Exact, key.WithID("k")))
		}
		return r
	}
	cipher := func(r *keyring.Ring, name string) cryptobox.Cipher {
		e, _ := r.Lookup(name)
		return openers(t, e)[0].Cipher()
	}
	r := load(read(false))
	before := map[string]cryptobox.Cipher{}
	for name := range read(false) {
		before[name] = cipher(r, name)
	}
	r.Replace(load(read(false)))
	for name, c := range before {
		require.Same(t, c, cipher(r, name), name)
	}
	r.Replace(load(read(true)))
	for name, c := range before {
		require.NotSame(t, c, cipher(r, name), name)
	}

	// Of one secret each algorithm makes its own.
	mixed := read(false)
	mixed["gcm"], mixed["symmetric"] = mixed["symmetric"], mixed["gcm"]
	r.Replace(load(read(false)))
	gcm := cipher(r, "gcm")
	r.Replace(load(mixed))
	require.NotEqual(t, gcm.Algorithm(), cipher(r, "gcm").Algorithm())

	// Whoever still has an entry of a key that has sealed nothing yet counts too.
	r = load(read(false))
	held, _ := r.Lookup("gcm")
	r.Replace(load(read(false)))
	require.Same(t, openers(t, held)[0].Cipher(), cipher(r, "gcm"))
}

func TestReplaceIsOneStep(t *testing.T) {
	rings := []*keyring.Ring{keyring.New(), keyring.New()}
	for i, r := range rings {
		require.NoError(t, r.SetVersions("com.", keyring.Prefix, kv(fmt.Sprint(i), keyring.StateActive), kv(fmt.Sprint(1-i), keyring.StateRetired)))
	}
	r := keyring.New()
	r.Replace(rings[0])
	var done atomic.Bool
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			for !done.Load() {
				e, ok := r.Lookup("com.x")
				if !ok {
					t.Error("not keyed")
					return
				}
				v, err := e.Sealer(keyring.RoleOriginator)
				if err != nil {
					t.Error(err)
					return
				}
				for _, id := range []string{"0", "1", v.ID()} {
					if _, err := e.Openers(keyring.RoleResponder, id); err != nil {
						t.Error(err)
						return
					}
				}
			}
		})
	}
	for i := range 2000 {
		r.Replace(rings[i%2])
	}
	done.Store(true)
	wg.Wait()
}

// Rings that take over from one another don't wait for one another.
func TestReplaceOfEachOther(t *testing.T) {
	a, b := ringOf(t, exact("a")), ringOf(t, exact("b"))
	finished := make(chan struct{})
	go func() {
		defer close(finished)
		var wg sync.WaitGroup
		for _, pair := range [][2]*keyring.Ring{{a, b}, {b, a}, {a, a}} {
			wg.Go(func() {
				for range 500 {
					pair[0].Replace(pair[1])
				}
			})
		}
		wg.Wait()
	}()
	select {
	case <-finished:
	case <-time.After(20 * time.Second):
		t.Fatal("they wait for each other")
	}
	require.Equal(t, 1, a.Len())
}
