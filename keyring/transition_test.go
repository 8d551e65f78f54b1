package keyring_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// What each transition lets through, until its date and not after it, in an entry that was
// looked up before.
func TestTransition(t *testing.T) {
	p := prefix("com.")
	for _, tc := range []struct {
		plaintext     keyring.Plaintext
		sends, accept bool
	}{{keyring.SendPlain, true, true}, {keyring.AcceptPlain, false, true}} {
		synctest.Test(t, func(t *testing.T) {
			r, until := ringOf(t, p), time.Now().Add(time.Hour)
			before := look(t, r, "com.x")
			require.NoError(t, r.Transition(p, tc.plaintext, until))
			require.False(t, before.SendsPlain() || before.TakesPlain(), "who began before goes on")
			e := look(t, r, "com.x")
			for range 2 {
				require.Equal(t, tc.sends, e.SendsPlain())
				require.Equal(t, tc.accept, e.TakesPlain())
				require.False(t, e.Plain(), "it has a key")
				plaintext, date, lasts := e.Transition()
				require.Equal(t, tc.plaintext, plaintext)
				require.True(t, until.Equal(date))
				require.True(t, lasts)
				require.Equal(t, p.String(), idOf(t, r, "com.x"), "it can seal")
				require.Len(t, openersOf(t, e), 1, "it opens")
				keyed, plain, both := r.Overlap(p)
				require.Equal(t, p, keyed, "it counts as keyed")
				require.Zero(t, plain)
				require.False(t, both)
				time.Sleep(time.Until(until)) // that moment included
			}
			time.Sleep(time.Nanosecond)
			require.False(t, e.SendsPlain() || e.TakesPlain())
			_, _, lasts := e.Transition()
			require.False(t, lasts)
		})
	}
}

func TestEndTransition(t *testing.T) {
	p := prefix("com.")
	r := ringOf(t, p)
	require.NoError(t, r.EndTransition(p), "there is none")
	for _, plaintext := range []keyring.Plaintext{keyring.SendPlain, keyring.AcceptPlain} {
		require.NoError(t, r.Transition(p, plaintext, future))
		require.NoError(t, r.EndTransition(p))
		e := look(t, r, "com.x")
		require.False(t, e.SendsPlain() || e.TakesPlain())
	}
	// It is the pattern's: other versions change nothing in it, another key does.
	require.NoError(t, r.Transition(p, keyring.SendPlain, future))
	require.NoError(t, r.Add(p, named("v"), from(past)))
	require.NoError(t, r.SetDates(p, "v", from(future)))
	require.NoError(t, r.RemoveVersion(p, "v"))
	require.NoError(t, r.Revoke(p, p.String()))
	require.True(t, look(t, r, "com.x").SendsPlain())
	require.NoError(t, r.Set(p, named("other")))
	require.False(t, look(t, r, "com.x").SendsPlain())
}

// Who sends plain needs nothing that seals; who accepts plain does, and sends nothing in
// plain without it.
func TestTransitionWithoutASealer(t *testing.T) {
	p := prefix("com.")
	for name, version := range map[string]keyring.KeyVersion{"pending": dated("v", future), "revoked": dead("v", past)} {
		r := keyring.New()
		require.NoError(t, r.SetVersions(p, version))
		require.NoError(t, r.Transition(p, keyring.SendPlain, future))
		require.True(t, look(t, r, "com.x").SendsPlain(), name)
		require.NoError(t, r.Transition(p, keyring.AcceptPlain, future))
		e := look(t, r, "com.x")
		require.False(t, e.SendsPlain(), name)
		_, err := e.Sealer(keyring.RoleOriginator)
		require.ErrorIs(t, err, keyring.ErrNoActive)
	}
}

func TestTransitionsThatAreRefused(t *testing.T) {
	p := prefix("com.")
	r := content(t, list(p), prefix("com.public."))
	for name, tc := range map[string]struct {
		pattern   keyring.Pattern
		plaintext keyring.Plaintext
		until     time.Time
		want      error
		saying    string
	}{
		"no date":        {p, keyring.SendPlain, time.Time{}, keyring.ErrState, "needs the date that ends it"},
		"no word":        {p, 0, future, keyring.ErrState, "to send or to accept"},
		"another word":   {p, 3, future, keyring.ErrState, "to send or to accept"},
		"no pattern":     {prefix("org."), keyring.SendPlain, future, keyring.ErrNoVersion, "doesn't have the pattern"},
		"without a key":  {prefix("com.public."), keyring.SendPlain, future, keyring.ErrNoVersion, "the pattern is plain"},
		"an invalid one": {prefix("com.*"), keyring.SendPlain, future, keyring.ErrPattern, "stand for nothing"},
	} {
		err := r.Transition(tc.pattern, tc.plaintext, tc.until)
		require.ErrorIs(t, err, tc.want, name)
		require.ErrorContains(t, err, tc.saying, name)
		require.ErrorContains(t, err, "keyring: transition "+tc.pattern.String(), name)
	}
	require.False(t, look(t, r, "com.x").TakesPlain())
	require.NoError(t, r.Remove(p))
	require.ErrorIs(t, r.Transition(p, keyring.SendPlain, future), keyring.ErrNoVersion)
	require.ErrorIs(t, r.EndTransition(p), keyring.ErrNoVersion)
}

func TestPlaintextNames(t *testing.T) {
	for _, p := range []keyring.Plaintext{keyring.SendPlain, keyring.AcceptPlain} {
		parsed, err := keyring.ParsePlaintext(p.String())
		require.NoError(t, err)
		require.Equal(t, p, parsed)
	}
	for _, s := range []string{"", "Send", "plain", "Plaintext(0)"} {
		_, err := keyring.ParsePlaintext(s)
		require.ErrorIs(t, err, keyring.ErrState)
		require.ErrorContains(t, err, "use send or accept")
	}
	require.Equal(t, "Plaintext(0)", keyring.Plaintext(0).String())
}
