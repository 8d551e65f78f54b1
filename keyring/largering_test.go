//go:build !race

package keyring_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// A change must not cost in proportion to the ring: copying or searching all
// patterns for each of these would take minutes.
func TestLargeRing(t *testing.T) {
	const each = 20_000
	patterns := make([]keyring.Pattern, 0, 5*each)
	for i := range each {
		patterns = append(patterns,
			exact(fmt.Sprintf("com.myapp.device%d.status", i)), prefix(fmt.Sprintf("com.myapp.room%d.", i)),
			wild(fmt.Sprintf("org..a%d", i)), wild(fmt.Sprintf(".org.b%d", i)), wild(fmt.Sprintf("net.x%d.", i)))
	}
	key, r, start := named("k"), keyring.New(), time.Now()
	for _, p := range patterns {
		if err := r.Set(p, key); err != nil {
			t.Fatal(err)
		}
	}
	require.Less(t, time.Since(start), 30*time.Second)
	require.Equal(t, len(patterns), r.Len())
	for _, p := range patterns {
		uri := p.URI
		if p.Match != keyring.MatchExact {
			uri = strings.ReplaceAll(strings.Trim(uri, "."), "..", ".any.") + ".any"
		}
		if strings.HasPrefix(p.URI, ".") {
			uri = "any" + p.URI
		} else if p.Match == keyring.MatchWildcard && !strings.HasSuffix(p.URI, ".") {
			uri = strings.TrimSuffix(uri, ".any")
		}
		if e, err := r.Lookup(uri); err != nil || e.Pattern() != p {
			t.Fatalf("%q gives %v, not %v", uri, e, p)
		}
	}
	for _, p := range patterns {
		if err := r.Remove(p); err != nil {
			t.Fatal(err)
		}
	}
	require.Zero(t, r.Len())
}

// 100,000 patterns of three versions each: changes of one cost as in a small
// ring, and look-ups and openers allocate nothing.
func TestLargeRingWithVersions(t *testing.T) {
	const n = 100_000
	list, r, start := patterns(n), keyring.New(), time.Now()
	versions := []keyring.KeyVersion{
		dated("now", past), dated("next", future), {Key: named("before"), Dates: dates(0, 2201)},
	}
	for _, p := range list {
		if err := r.SetVersions(p, versions...); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("loaded in %v", time.Since(start))
	require.Equal(t, n, r.Len())

	start = time.Now()
	const rotated = 2000
	for _, p := range list[:rotated] {
		for _, err := range []error{
			r.SetDates(p, "next", from(year(2002))),
			r.SetDates(p, "now", dates(2001, 2201)),
			r.RemoveVersion(p, "before"),
			r.Revoke(p, "now"),
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
			if _, err := e.ForeignOpeners(keyring.RoleResponder, cryptobox.Passthru, sealer); err != nil {
				t.Fatal(err)
			}
		}))
	}

	start = time.Now()
	fresh := keyring.New()
	_, err := fresh.Update("file", r)
	require.NoError(t, err)
	t.Logf("all taken over in %v", time.Since(start))
	require.Equal(t, n, fresh.Len())
}

// 100,000 patterns are loaded, loaded again with a change each, and cut down to half, in
// seconds; so are 10,000 plain ones among them, each of which is checked.
func TestUpdateOfManyPatterns(t *testing.T) {
	const n = 100_000
	all := patterns(n)
	keys := make([]keyring.Key, 7)
	for i := range keys {
		keys[i] = named(fmt.Sprint(i))
	}
	load := func(list []keyring.Pattern, plain func(i int) bool) *keyring.Ring {
		r := keyring.New()
		for i, p := range list {
			err := error(nil)
			if plain(i) {
				err = r.SetPlain(p)
			} else {
				err = r.Set(p, keys[i%7])
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		return r
	}
	never := func(int) bool { return false }
	r := keyring.New()
	timed := func(what string, with *keyring.Ring) keyring.Changes {
		start := time.Now()
		changes := update(t, r, "file", with, prefix(""))
		t.Logf("%s in %v", what, time.Since(start))
		require.Less(t, time.Since(start), 20*time.Second, what)
		return changes
	}
	require.Len(t, timed("loaded", load(all, never)).Opened, n)
	require.True(t, timed("loaded again", load(all, never)).Empty())
	require.Len(t, timed("half", load(all[:n/2], never)).Closed, n/2)
	start := time.Now()
	program := make([]keyring.Pattern, 10_000)
	for i := range program {
		program[i] = prefix(fmt.Sprintf("com.myapp.room%d.public.", 4*i))
	}
	more, err := r.Update("more", load(program, func(int) bool { return true }), prefix(""))
	require.NoError(t, err)
	t.Logf("plain ones within in %v", time.Since(start))
	require.Less(t, time.Since(start), 30*time.Second)
	require.Len(t, more.Plain, len(program))
}
