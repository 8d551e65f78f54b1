package keyring_test

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// formOf gives the form in which a realm's router gets a URI.
func formOf(t testing.TB, r *keyring.Ring, realm, uri string) *keyring.Form {
	t.Helper()
	form, err := r.Forms(realm).Send(uri)
	require.NoError(t, err)
	return form
}

// TestFormIsTheScramblers: a Form gives what cryptobox's Scrambler does for the realm and prefix.
func TestFormIsTheScramblers(t *testing.T) {
	r := scrambled(t, keyring.New())
	for _, realm := range []string{"realm1", "realm2", ""} {
		forms := r.Forms(realm)
		form, err := forms.Send("com.myapp.x")
		require.NoError(t, err)
		require.False(t, form.IsClear())
		require.Equal(t, scrambling("a").ID().String(), form.ID())
		scrambler, err := cryptobox.NewScrambler(scrambling("a"), realm, app)
		require.NoError(t, err)
		for _, uri := range []string{app, "com.myapp.x", "com.myapp.x.y", "com.myapp..y", "com.myapp.x.", "com.other.x", "", "com.myapp." + strings.Repeat("x", 5000), "com.myapp." + strings.Repeat("x.", 100)} {
			for range 2 {
				require.Equal(t, scrambler.Scramble(uri), form.URI(uri), "%.30q", uri)
				require.True(t, form.Shows(form.URI(uri), uri))
				require.False(t, form.Shows(form.URI(uri)+"x", uri))
				require.Equal(t, form.URI(uri) == uri, form.Shows(uri, uri))
			}
			for _, p := range list(exact(uri), prefix(uri), wild(uri)) {
				require.Equal(t, keyring.Pattern{URI: scrambler.Scramble(uri), Match: p.Match}, form.Pattern(p))
			}
		}
		same, err := forms.Send("com.myapp.other")
		require.NoError(t, err)
		require.Same(t, form, same)
	}
	asIs := formOf(t, r, "realm1", "com.other.x")
	require.Same(t, keyring.Clear, asIs)
	require.True(t, asIs.IsClear())
	require.Empty(t, asIs.ID())
	require.Equal(t, "com.myapp.x", asIs.URI("com.myapp.x"))
	pattern, known := asIs.Real(exact("com.myapp.x"))
	require.True(t, known)
	require.Equal(t, exact("com.myapp.x"), pattern)
	_, err := asIs.Lookup("com.myapp.x")
	require.ErrorIs(t, err, keyring.ErrClosed, "it is of no ring")
}

// TestReceive: what may be asked for where some URIs are scrambled.
func TestReceive(t *testing.T) {
	r := scrambled(t, keyring.New())
	require.NoError(t, r.Scramble("org.", scrambling("b")))
	forms, a := r.Forms("realm1"), scrambling("a").ID().String()
	for p, want := range map[keyring.Pattern]string{
		exact("com.myapp.x"): a, prefix(app): a, prefix("com.myapp.x."): a, wild("com.myapp..x"): a, wild("com.myapp."): a, wild("com.myapp.x."): a, wild("com.myapp.."): a,
		exact("com.myapp"): "", exact("com.other"): "", prefix("com.other"): "", prefix("com.myapps"): "", wild("com.other."): "", wild(".other.x"): "!", wild(".x.y.z"): "!", wild("net..x"): "", prefix("wamp."): "", exact("com.myap"): "",
		prefix("com.myapp.x"): "!", prefix("com.myapp.x.y"): "!", prefix(""): "!", prefix("c"): "!", prefix("com."): "!", prefix("com.myapp"): "!",
		wild("..x"): "!", wild("com..x"): "!", wild(".myapp.x"): "!", wild("com..x.y"): "!", wild("..x.y.z"): "!", wild(".x"): "!",
	} {
		got, until, err := forms.Receive(p)
		require.Zero(t, until, p)
		if want == "!" {
			require.ErrorIs(t, err, keyring.ErrPattern, p)
			var ke *keyring.Error
			require.ErrorAs(t, err, &ke)
			require.Equal(t, p, ke.Pattern)
			require.Nil(t, got)
			continue
		}
		require.NoError(t, err, p)
		require.Equal(t, []string{want}, ids(got), p)
	}
}

// TestFormLookup: an entry is found by the scrambled components that its pattern fixes, and by
// those of this realm, secret, prefix and place alone.
func TestFormLookup(t *testing.T) {
	r := scrambled(t, sealedRing(t, exact("com.myapp.a.b"), prefix("com.myapp.p."), wild("com.myapp..w"), prefix("org."), prefix("")))
	require.NoError(t, r.Scramble("net.", scrambling("a")))
	require.NoError(t, r.Set(prefix("net.myapp."), ours("net")))
	form := formOf(t, r, "realm1", "com.myapp.x")
	other, elsewhere := formOf(t, r, "realm2", "com.myapp.x"), formOf(t, r, "realm1", "net.x")
	for uri, want := range map[string]keyring.Pattern{
		"com.myapp.a.b": exact("com.myapp.a.b"), "com.myapp.p.x": prefix("com.myapp.p."), "com.myapp.p.w": prefix("com.myapp.p."), "com.myapp.q.w": wild("com.myapp..w"),
	} {
		e, err := form.Lookup(form.URI(uri))
		require.NoError(t, err, uri)
		require.Equal(t, want, e.Pattern())
		require.Same(t, look(t, r, uri), e)
		pattern, known := form.Real(form.Pattern(want))
		require.True(t, known)
		require.Equal(t, want, pattern)
		for name, hostile := range map[string]string{"clear": uri, "another realm": other.URI(uri), "another prefix": elsewhere.URI("net.myapp" + strings.TrimPrefix(uri, app)), "": ""} {
			_, err := form.Lookup(hostile)
			require.ErrorIs(t, err, keyring.ErrClosed, "%s %s", uri, name)
		}
	}
	a, b := form.URI("com.myapp.a"), strings.TrimPrefix(form.URI("com.myapp..b"), app+".")
	for name, hostile := range map[string]string{
		"changed places": app + b + "." + strings.TrimPrefix(a, app), "one place": app + strings.TrimPrefix(a, app) + "." + strings.TrimPrefix(a, app), "one less": a,
		"one more": form.URI("com.myapp.a.b") + "." + b, "another case": strings.ToUpper(form.URI("com.myapp.a.b")), "cut": form.URI("com.myapp.a.b")[:30],
		"wamp": "wamp.session.on_join", "ours": "wampbox.error", "wide": form.URI("com.myapp.nothing"), "beside": "org.x", "long": app + strings.Repeat("x.", 10_000),
		"not UTF-8": "com.myapp.\xff", "dots": app + "..", "prefix": app,
	} {
		_, err := form.Lookup(hostile)
		require.ErrorIs(t, err, keyring.ErrClosed, name)
		var ke *keyring.Error
		require.ErrorAs(t, err, &ke)
		require.Equal(t, hostile, ke.URI)
		for _, p := range list(exact(hostile), prefix(hostile), wild(hostile), keyring.Pattern{URI: hostile, Match: 9}, keyring.Pattern{}) {
			_, known := form.Real(p)
			require.False(t, known, "%s %v", name, p.Match)
		}
	}
}

// TestFormFollowsTheRing: a Form that was asked before shows what has changed.
func TestFormFollowsTheRing(t *testing.T) {
	r := scrambled(t, sealedRing(t, prefix("com.myapp.p.")))
	forms := r.Forms("realm1")
	form := formOf(t, r, "realm1", "com.myapp.x")
	is := func(uri string, want keyring.Pattern) {
		t.Helper()
		e, err := form.Lookup(form.URI(uri))
		if want == (keyring.Pattern{}) {
			require.ErrorIs(t, err, keyring.ErrClosed)
			return
		}
		require.NoError(t, err)
		require.Same(t, look(t, r, uri), e)
		require.Equal(t, want, e.Pattern())
	}
	none, x := keyring.Pattern{}, exact("com.myapp.p.x")
	is("com.myapp.p.x", prefix("com.myapp.p."))
	require.NoError(t, r.Set(x, ours("x")))
	is("com.myapp.p.x", x)
	require.NoError(t, r.Add(x, ours("y"), from(past)))
	is("com.myapp.p.x", x)
	require.NoError(t, r.Remove(x))
	is("com.myapp.p.x", none)
	require.NoError(t, r.Set(x, ours("z")))
	is("com.myapp.p.x", x)
	update(t, r, "file", sealedRing(t, wild("com.myapp..w"), exact("com.myapp.f")))
	is("com.myapp.q.w", wild("com.myapp..w"))
	is("com.myapp.f", exact("com.myapp.f"))
	update(t, r, "file", sealedRing(t, wild("com.myapp..w")))
	is("com.myapp.f", none)
	is("com.myapp.q.w", wild("com.myapp..w"))

	// The Form is kept while its secret is on the ring, in whatever state.
	require.NoError(t, r.AddScramble(app, scrambling("b"), from(past)))
	require.NoError(t, r.SetScrambleDates(app, form.ID(), keyring.Dates{NotAfter: past}))
	require.NoError(t, r.AllowClear(app, future))
	require.NoError(t, r.SetScrambleDates(app, form.ID(), keyring.Dates{}))
	got, _, err := forms.Receive(x)
	require.NoError(t, err)
	require.Len(t, got, 3)
	require.Same(t, form, got[1])
	require.NoError(t, r.RemoveScramble(app, form.ID()))
	require.NoError(t, r.AddScramble(app, scrambling("a"), from(past.Add(1))))
	require.NotSame(t, form, formOf(t, r, "realm1", "com.myapp.x"))
	form = formOf(t, r, "realm1", "com.myapp.x")
	is("com.myapp.p.x", x)
}

// TestWatch: who watches is told when other URIs are scrambled, or under other secrets, and only
// then, and for as long as he holds on to the Watch.
func TestWatch(t *testing.T) {
	r := keyring.New()
	forms := r.Forms("realm1")
	var told, other atomic.Int64
	watch, another := forms.Watch(func() { told.Add(1) }), r.Forms("realm2").Watch(func() { other.Add(1) })
	step := func(want int64, err error) {
		t.Helper()
		require.NoError(t, err)
		require.Equal(t, want, told.Swap(0))
		require.Equal(t, want, other.Swap(0))
	}
	step(0, r.Set(prefix("com.myapp.x."), ours("x")))
	step(1, r.Scramble(app, scrambling("a")))
	step(0, r.Set(prefix("com.myapp.y."), ours("y")))
	step(1, r.AddScramble(app, scrambling("b"), from(future)))
	step(1, r.SetScrambleDates(app, scrambling("b").ID().String(), from(past)))
	step(1, r.RemoveScramble(app, scrambling("a").ID().String()))
	step(1, r.AllowClear(app, future))
	step(1, r.Unscramble(app))
	step(1, refusedOf(r, "file", sourceOf(t, app, scrambling("a"))))
	step(0, refusedOf(r, "file", sourceOf(t, app, scrambling("a"))))
	require.ErrorIs(t, refusedOf(r, "other", sourceOf(t, app, scrambling("a"))), keyring.ErrSource)
	step(0, nil)
	step(1, refusedOf(r, "file", keyring.New()))
	step(0, refusedOf(r, "file", keyring.New()))
	runtime.KeepAlive(watch)
	runtime.KeepAlive(another)
}

// TestChanged: the channel is closed with the next change, of whatever.
func TestChanged(t *testing.T) {
	r := keyring.New()
	for i, change := range []func() error{
		func() error { return r.Set(prefix("com.myapp.x."), ours("x")) }, func() error { return r.Scramble(app, scrambling("a")) },
		func() error { r.PlainUnlessKeyed(); return nil }, func() error { return refusedOf(r, "file", keyring.New()) }, func() error { return r.Remove(prefix("com.myapp.x.")) },
	} {
		changed := r.Changed()
		require.Equal(t, changed, r.Changed())
		require.Error(t, r.Set(keyring.Pattern{}, ours("x")))
		require.Error(t, r.Scramble("x", scrambling("a")))
		select {
		case <-changed:
			t.Fatal("nothing has changed", i)
		default:
		}
		require.NoError(t, change())
		select {
		case <-changed:
		default:
			t.Fatal("not told", i)
		}
	}
}

// Forms, Sessions that watch and changes meet.
func TestFormsConcurrently(t *testing.T) {
	r := scrambled(t, sealedRing(t, prefix("com.myapp.p.")))
	var wg sync.WaitGroup
	var told atomic.Int64
	b := scrambling("b").ID().String()
	for g := range 4 {
		wg.Go(func() {
			for i := range 100 {
				forms := r.Forms(fmt.Sprint("realm", i%3))
				watch := forms.Watch(func() { told.Add(1) })
				got, _, err := forms.Receive(prefix("com.myapp.p."))
				if err != nil || len(got) == 0 {
					t.Error(err)
					return
				}
				for _, f := range got {
					if f.IsClear() {
						continue
					}
					if e, err := f.Lookup(f.URI("com.myapp.p.x")); err != nil || e.Pattern() != prefix("com.myapp.p.") {
						t.Error(err)
					}
				}
				runtime.KeepAlive(watch)
				p := exact(fmt.Sprintf("com.myapp.g%d.n%d", g, i%5))
				if err := r.Set(p, ours("k")); err != nil {
					t.Error(err)
				}
				f := got[0]
				if e, err := f.Lookup(f.URI(p.URI)); err != nil || e.Pattern() != p {
					t.Error(err)
				}
				if err := r.Remove(p); err != nil {
					t.Error(err)
				}
			}
		})
	}
	held := r.Forms("realm1")
	kept := held.Watch(func() { told.Add(1) })
	wg.Go(func() {
		for range 100 {
			if err := errors.Join(r.AddScramble(app, scrambling("b"), from(future)), r.AllowClear(app, time.Now().Add(time.Hour)), r.RemoveScramble(app, b)); err != nil {
				t.Error(err)
			}
		}
	})
	wg.Wait()
	require.GreaterOrEqual(t, told.Load(), int64(300))
	runtime.KeepAlive(kept)
}
