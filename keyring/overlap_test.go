package keyring_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

func TestOverlap(t *testing.T) {
	secret, public := prefix("com.app.secret."), prefix("com.app.public.")
	order := exact("com.app.order")
	r := content(t, list(secret, order), public, wild("org..news"))
	none := keyring.Pattern{}
	for _, tc := range []struct {
		asked        keyring.Pattern
		keyed, plain []keyring.Pattern // one of these; nil for none
		both         bool
	}{
		{prefix("com.app."), list(secret, order), list(public), true},
		{prefix("com.app.secret.x."), list(secret), nil, false},
		{prefix("com.app.public.x."), nil, list(public), false},
		{wild("com.app..update"), list(secret), list(public), true},
		{wild("com.app.public."), nil, list(public), false},
		{wild("com.app."), list(order), nil, false},
		{prefix("com.app.other."), nil, nil, false},
		{prefix("org."), nil, list(wild("org..news")), false},
		{prefix(""), list(secret, order), list(public, wild("org..news")), true},
		{wild(".."), list(order), list(wild("org..news")), true},
		{order, list(order), nil, false},
		{exact("com.app.public.x"), nil, list(public), false},
		{prefix("wamp."), nil, list(prefix("wamp.")), false},
		{exact("wamp.session.count"), nil, list(prefix("wamp.")), false},
	} {
		keyed, plain, both := r.Overlap(tc.asked)
		require.Equal(t, tc.both, both, tc.asked)
		require.Contains(t, append(tc.keyed, none), keyed, tc.asked)
		require.Contains(t, append(tc.plain, none), plain, tc.asked)
		require.Equal(t, tc.keyed == nil, keyed == none, tc.asked)
		require.Equal(t, tc.plain == nil, plain == none, tc.asked)
	}
}

// What a more specific pattern takes doesn't count; what was removed takes, and is neither.
func TestOverlapOfWhatIsShadowed(t *testing.T) {
	ask := prefix("com.app.x.")
	for name, tc := range map[string]struct {
		ring *keyring.Ring
		both bool
	}{
		"a longer prefix covers what is asked for": {content(t, list(prefix("com.app.")), prefix("com.")), false},
		"it covers less":             {content(t, list(prefix("com.app.x.y.")), prefix("com.")), true},
		"a prefix covers a wildcard": {content(t, list(prefix("com.app.")), wild("com..x.")), false},
		"it doesn't cover it":        {content(t, list(prefix("com.app.x.y.")), wild("com..x.")), true},
		"a wildcard covers both":     {content(t, list(wild("com.app.x.")), wild(".app.x.")), false},
		"the default":                {content(t, list(wild("com.app.x.")), prefix("")), true},
		"the default, covered":       {content(t, list(prefix("com.app.x")), prefix("")), false},
	} {
		_, _, both := tc.ring.Overlap(ask)
		require.Equal(t, tc.both, both, name)
	}
	r := content(t, list(prefix("com.app.x.y."), prefix("com.app.")), prefix("com."))
	require.NoError(t, r.Remove(prefix("com.app.")))
	keyed, plain, both := r.Overlap(ask)
	require.Equal(t, prefix("com.app.x.y."), keyed)
	require.Zero(t, plain, "what is removed still shadows")
	require.False(t, both)
	require.NoError(t, r.Remove(prefix("com.app.x.y.")))
	keyed, _, _ = r.Overlap(ask)
	require.Zero(t, keyed, "and isn't keyed itself")
}

func TestOverlapWithPlainUnlessKeyed(t *testing.T) {
	r := ringOf(t, prefix("com.app."), exact("wamp.session.count"))
	_, plain, both := r.Overlap(prefix("com."))
	require.Zero(t, plain)
	require.False(t, both)
	r.PlainUnlessKeyed()
	_, plain, both = r.Overlap(prefix("com."))
	require.Equal(t, prefix(""), plain)
	require.True(t, both)
	_, plain, both = r.Overlap(prefix("com.app.x"))
	require.Zero(t, plain, "all is keyed there")
	require.False(t, both)

	keyed, plain, both := r.Overlap(prefix("wamp."))
	require.Equal(t, exact("wamp.session.count"), keyed)
	require.Equal(t, prefix("wamp."), plain)
	require.True(t, both)
	for _, p := range list(wild(".session.count"), wild("..")) {
		keyed, _, _ = r.Overlap(p)
		require.NotEqual(t, exact("wamp.session.count"), keyed, "WAMP's own are asked for by name")
	}
	require.NoError(t, r.Set(prefix(""), named("k")))
	_, plain, _ = r.Overlap(prefix(""))
	require.Zero(t, plain, "the default comes first")
}

// The generation changes with every change, and with nothing else; what is kept under one
// is what the ring gave.
func TestGeneration(t *testing.T) {
	p := prefix("com.")
	r := keyring.New()
	last := r.Generation()
	for name, change := range map[string]func() error{
		"set":    func() error { return r.Set(p, named("k")) },
		"plain":  func() error { return r.SetPlain(exact("org")) },
		"open":   func() error { r.PlainUnlessKeyed(); return nil },
		"update": func() error { _, err := r.Update("file", ringOf(t, exact("file"))); return err },
	} {
		require.NoError(t, change(), name)
		require.Greater(t, r.Generation(), last, name)
		last = r.Generation()
		for _, same := range []func(){
			func() { _, _ = r.Lookup("com.x") }, func() { _, _ = r.Lookup("net.x") }, func() { _, _, _ = r.Overlap(p) },
			func() { _ = r.Set(prefix("com.*"), named("k")) }, func() { _ = r.Remove(exact("nothing")) },
		} {
			same()
			require.Equal(t, last, r.Generation())
		}
	}
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			for i := range 500 {
				if err := r.Set(exact(fmt.Sprint("com.x", i%3)), named(fmt.Sprint(i))); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for range 500 {
		before := r.Generation()
		id := r.Versions(exact("com.x0"))
		if r.Generation() == before {
			again := r.Versions(exact("com.x0"))
			if r.Generation() == before && len(id) != len(again) {
				t.Error("it changed without a word")
			}
		}
	}
	wg.Wait()
	require.Equal(t, last+1000, r.Generation())
}

func BenchmarkOverlap(b *testing.B) {
	r := keyring.New()
	for i := range 100_000 {
		if err := r.Set(patternAt(i), named("k")); err != nil {
			b.Fatal(err)
		}
	}
	for _, p := range list(prefix("com.myapp."), wild("org.myapp..sensor5")) {
		b.Run(p.String(), func(b *testing.B) {
			for b.Loop() {
				_, _, _ = r.Overlap(p)
			}
		})
	}
}
