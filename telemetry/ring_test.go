package telemetry_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/telemetry"
)

// version is one of a key, with dates in hours from now; 0 for none.
type version struct {
	from, until int
	revoked     bool
}

func (v version) made(now time.Time) keyring.KeyVersion {
	at := func(hours int) time.Time {
		if hours == 0 {
			return time.Time{}
		}
		return now.Add(time.Duration(hours) * time.Hour)
	}
	return keyring.KeyVersion{
		Key: keyring.Shared(cryptobox.GenerateSymmetricKey()), Dates: keyring.Dates{ActiveFrom: at(v.from), NotAfter: at(v.until)}, Revoked: v.revoked,
	}
}

// TestRing: ages and ends of a pattern's key, in hours.
func TestRing(t *testing.T) {
	const never = -1
	for name, test := range map[string]struct {
		versions             []version
		seals                string
		age, left, next      int // hours
		lent                 int
		active, pending, old float64 // old: retired, expired or revoked
	}{
		"without dates":             {[]version{{}}, "sealing", never, never, never, 0, 1, 0, 0},
		"with an age":               {[]version{{from: -5}}, "sealing", 5, never, never, 0, 1, 0, 0},
		"with an end":               {[]version{{from: -5, until: 7}}, "sealing", 5, 7, never, 0, 1, 0, 0},
		"rotated":                   {[]version{{from: -5, until: 7}, {from: -2}}, "sealing", 2, never, never, 0, 1, 0, 1},
		"to be rotated":             {[]version{{from: -5, until: 7}, {from: 3}}, "sealing", 5, never, 3, 0, 1, 1, 0},
		"rotated twice":             {[]version{{from: -5, until: 7}, {from: 6, until: 20}, {from: 4, until: 10}}, "sealing", 5, 20, 4, 0, 1, 2, 0},
		"rotated too late":          {[]version{{from: -5, until: 2}, {from: 3}}, "sealing", 5, 2, 3, 0, 1, 1, 0},
		"the next one too late":     {[]version{{from: -5, until: 4}, {from: 3, until: 8}, {from: 9}}, "sealing", 5, 8, 3, 0, 1, 2, 0},
		"the next one is revoked":   {[]version{{from: -5}, {from: 3, revoked: true}}, "sealing", 5, 3, never, 0, 1, 0, 1},
		"the active one is revoked": {[]version{{from: -5}, {from: -3, revoked: true}}, "silent", never, 0, never, 0, 0, 0, 2},
		"not yet":                   {[]version{{from: 3}}, "silent", never, 0, 3, 0, 0, 1, 0},
		"over":                      {[]version{{from: -5, until: -1}}, "silent", never, 0, never, 0, 0, 0, 1},
		"lent":                      {[]version{{from: -5, until: 7}}, "sealing", 5, 4, never, 4, 1, 0, 0},
		"lent for longer":           {[]version{{from: -5, until: 7}}, "sealing", 5, 7, never, 9, 1, 0, 0},
		"a lease that has ended":    {[]version{{from: -5}}, "silent", never, 0, never, -2, 0, 0, 1},
	} {
		t.Run(name, func(t *testing.T) {
			s, ring, now := newScope(t), keyring.New(), time.Now()
			var versions []keyring.KeyVersion
			for _, v := range test.versions {
				versions = append(versions, v.made(now))
			}
			lent := keyring.New()
			require.NoError(t, lent.SetVersions(keyring.Prefix("com.a."), versions...))
			if test.lent != 0 {
				until := now.Add(time.Duration(test.lent) * time.Hour)
				lent.Lease(until, until)
			}
			_, err := ring.Update("file", lent)
			require.NoError(t, err)
			require.NoError(t, ring.SetPlain(keyring.Prefix("com.plain.")))
			shows(t)(s.Ring("shop", ring))
			got := s.collect(t)

			require.Equal(t, series{`ring.patterns{ring="shop",state="` + test.seals + `"}`: 1}, got.of("ring.patterns"))
			states := got.of("ring.versions")
			require.Equal(t, test.active, states[`ring.versions{ring="shop",state="active"}`])
			require.Equal(t, test.pending, states[`ring.versions{ring="shop",state="pending"}`])
			sum := 0.0
			for _, n := range states {
				sum += n
			}
			require.Equal(t, test.old, sum-test.active-test.pending)
			for key, hours := range map[string]int{
				`key.age{ring="shop"}`: test.age, `key.sealing.left{ring="shop"}`: test.left, `key.next{ring="shop"}`: test.next,
			} {
				if hours == never {
					require.NotContains(t, got, key)
				} else {
					got.about(t, key, float64(hours*60*60))
				}
			}
		})
	}
}

// TestRingOfScrambledURIs: without a scramble secret in use nothing is sent, whatever the key.
func TestRingOfScrambledURIs(t *testing.T) {
	const never, hour = -1, 60 * 60
	for name, test := range map[string]struct {
		secrets     []version
		clear, left int // hours
		seals       string
	}{
		"without end":         {[]version{{}}, 0, never, "sealing"},
		"later than the key":  {[]version{{until: 9}}, 0, 7, "sealing"},
		"before the key":      {[]version{{until: 4}}, 0, 4, "sealing"},
		"changed":             {[]version{{from: -5, until: -1}, {from: -2}}, 0, never, "sealing"},
		"to be changed":       {[]version{{until: 4}, {from: 3, until: 6}}, 0, 6, "sealing"},
		"changed too late":    {[]version{{until: 3}, {from: 4}}, 0, 3, "sealing"},
		"over":                {[]version{{until: -1}}, 0, 0, "silent"},
		"an older one opens":  {[]version{{}, {from: -2, until: -1}}, 0, 0, "silent"},
		"not yet":             {[]version{{from: 3}}, 0, 0, "silent"},
		"as they are":         {[]version{{from: 3}}, 5, never, "sealing"},
		"as they are, a gap":  {[]version{{from: 3}}, 2, 2, "sealing"},
		"as they were before": {[]version{{from: -3, until: -1}}, 5, 0, "silent"},
	} {
		t.Run(name, func(t *testing.T) {
			s, ring, now := newScope(t, telemetry.WithPatterns(9)), keyring.New(), time.Now()
			key := version{from: -5}
			if test.left == 7 {
				key.until = 7
			}
			patterns := []keyring.Pattern{keyring.Prefix("com.a."), keyring.Exact("com.a.b"), keyring.Wildcard("com.a..c")}
			for _, p := range patterns {
				require.NoError(t, ring.SetVersions(p, key.made(now)))
			}
			require.NoError(t, ring.SetVersions(keyring.Prefix("com.b."), version{from: -5}.made(now)))
			for _, v := range test.secrets {
				require.NoError(t, ring.AddScramble("com.a.", cryptobox.GenerateScrambleSecret(), v.made(now).Dates))
			}
			if test.clear != 0 {
				require.NoError(t, ring.AllowClear("com.a.", now.Add(time.Duration(test.clear)*time.Hour)))
			}
			shows(t)(s.Ring("shop", ring))
			got := s.collect(t)
			want := series{`ring.patterns{ring="shop",state="sealing"}`: 4}
			if test.seals == "silent" {
				want = series{`ring.patterns{ring="shop",state="sealing"}`: 1, `ring.patterns{ring="shop",state="silent"}`: 3}
			}
			require.Equal(t, want, got.of("ring.patterns"))
			if test.left == never {
				require.Empty(t, got.of("key.sealing.left"))
				return
			}
			require.Len(t, got.of("key.sealing.left"), len(patterns), "those below the prefix, and no other")
			for _, p := range patterns {
				got.about(t, `key.sealing.left{match="`+p.Match.String()+`",pattern="`+p.URI+`",ring="shop"}`, float64(test.left*hour))
			}
		})
	}
}

// TestRingOfSeveralPatterns: without patterns the one counts that is closest to its end.
func TestRingOfSeveralPatterns(t *testing.T) {
	ring, now := keyring.New(), time.Now()
	for p, v := range map[keyring.Pattern]version{
		keyring.Prefix("com.a."): {from: -1, until: 9}, keyring.Exact("com.b"): {from: -8, until: 5}, keyring.Wildcard("com..c"): {from: -3}, keyring.Prefix(""): {from: -2},
	} {
		require.NoError(t, ring.SetVersions(p, v.made(now)))
	}
	const hour = 60 * 60
	s := newScope(t)
	shows(t)(s.Ring("shop", ring))
	got := s.collect(t)
	require.Equal(t, 4.0, got[`ring.patterns{ring="shop",state="sealing"}`])
	got.about(t, `key.age{ring="shop"}`, 8*hour)
	got.about(t, `key.sealing.left{ring="shop"}`, 5*hour)

	s = newScope(t, telemetry.WithPatterns(4))
	shows(t)(s.Ring("shop", ring))
	got = s.collect(t)
	got.about(t, `key.age{match="prefix",pattern="com.a.",ring="shop"}`, hour)
	got.about(t, `key.age{match="exact",pattern="com.b",ring="shop"}`, 8*hour)
	got.about(t, `key.age{match="wildcard",pattern="com..c",ring="shop"}`, 3*hour)
	got.about(t, `key.age{match="prefix",pattern="",ring="shop"}`, 2*hour)
	require.Len(t, got.of("key.age"), 4)
	require.Len(t, got.of("key.sealing.left"), 2)

	// The only place is kept for as long as its pattern is there, and a new pattern gets it then.
	s = newScope(t, telemetry.WithPatterns(1))
	shows(t)(s.Ring("shop", ring))
	first := keysOf(s.collect(t).of("key.age"))
	require.Len(t, first, 2)
	require.Contains(t, first, `key.age{match="other",pattern="other",ring="shop"}`)
	for range 20 {
		require.Equal(t, first, keysOf(s.collect(t).of("key.age")))
	}
	for p := range ring.Patterns() {
		if key := `key.age{match="` + p.Match.String() + `",pattern="` + p.URI + `",ring="shop"}`; key == first[0] || key == first[1] {
			require.NoError(t, ring.Remove(p))
		}
	}
	s.collect(t)
	require.NoError(t, ring.SetVersions(keyring.Wildcard("com..next.x"), version{from: -1}.made(now)))
	require.Equal(t, []string{`key.age{match="other",pattern="other",ring="shop"}`, `key.age{match="wildcard",pattern="com..next.x",ring="shop"}`}, keysOf(s.collect(t).of("key.age")))
}
