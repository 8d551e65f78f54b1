package keyfile_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

// secretFrom is a new secret that scrambles from a moment on, and its id.
func secretFrom(activeFrom time.Time) (*keyfile.ScrambleVersion, string) {
	secret := cryptobox.GenerateScrambleSecret()
	return &keyfile.ScrambleVersion{Secret: keyfile.ScrambleSecret(secret), Dates: keyring.Dates{ActiveFrom: activeFrom}}, secret.ID().String()
}

// keyedApp writes a file in which com.myapp. has a key in our dialect.
func keyedApp(t testing.TB) string {
	t.Helper()
	return written(t, fileOf(`{"prefix": "com.myapp.", "versions": [{`+asOriginator+`}]}`))
}

// scrambledIn gives what a file scrambles: a line for each prefix and secret.
func scrambledIn(t testing.TB, path string) (lines []string) {
	t.Helper()
	ring, err := keyfile.Load(path)
	require.NoError(t, err)
	return slices.DeleteFunc(describe(ring), func(line string) bool { return strings.Contains(line, "originator") })
}

// TestScrambleIsChanged as it is on a Ring, and written down.
func TestScrambleIsChanged(t *testing.T) {
	path := keyedApp(t)
	now := time.Now().UTC().Truncate(time.Second)
	one, first := secretFrom(now.Add(time.Hour))
	two, second := secretFrom(now.Add(2 * time.Hour))
	at := func(d time.Duration) string { return now.Add(d).Format(time.RFC3339) }
	kept := scrambledIn(t, path)
	require.Empty(t, kept)
	clearToo := "scrambled com.myapp. clear until " + at(3*time.Hour)
	for i, step := range []struct {
		change func(*keyfile.File) error
		want   []string
	}{
		{func(f *keyfile.File) error { return f.AllowClear("com.myapp.", now.Add(3*time.Hour)) }, []string{clearToo}},
		{func(f *keyfile.File) error { return f.AddScramble("com.myapp.", one) }, []string{clearToo, "pending " + first + " from " + at(time.Hour)}},
		{func(f *keyfile.File) error { return f.AddScramble("com.myapp.", two) },
			[]string{clearToo, "pending " + second + " from " + at(2*time.Hour), "pending " + first + " from " + at(time.Hour)}},
		{func(f *keyfile.File) error {
			return f.SetScrambleDates("com.myapp.", first, keyring.Dates{NotAfter: now.Add(2 * time.Hour)})
		}, []string{clearToo, "pending " + second + " from " + at(2*time.Hour), "active " + first + " until " + at(2*time.Hour)}},
		{func(f *keyfile.File) error { return f.AllowClear("com.myapp.", time.Time{}) },
			[]string{"scrambled com.myapp.", "pending " + second + " from " + at(2*time.Hour), "active " + first + " until " + at(2*time.Hour)}},
		{func(f *keyfile.File) error {
			return f.SetScrambleDates("com.myapp.", second, keyring.Dates{ActiveFrom: now.Add(-time.Hour)})
		}, []string{"scrambled com.myapp.", "active " + second + " from " + at(-time.Hour), "retired " + first + " until " + at(2*time.Hour)}},
		{func(f *keyfile.File) error { return f.RemoveScramble("com.myapp.", first) },
			[]string{"scrambled com.myapp.", "active " + second + " from " + at(-time.Hour)}},
		{func(f *keyfile.File) error { return f.Unscramble("com.myapp.") }, nil},
	} {
		require.NoError(t, keyfile.Update(path, step.change), i)
		require.Equal(t, step.want, scrambledIn(t, path), i)
	}
	require.NotContains(t, content(t, path), "scramble\":", "nothing is left of it")
}

// TestScrambleStaysAsItWasWritten where a change is about something else.
func TestScrambleStaysAsItWasWritten(t *testing.T) {
	text := scrambleOf(`{"prefix": "com.", "comment": "for people", "allow_clear": "2098-12-31T23:59:59+01:00", "secrets": [
		{"not_after": "2099-12-31T23:59:59+01:00", "secret": "file:s.key", "comment": "in a file"},
		{"active_from": "2097-12-31T23:59:59+01:00", "secret": "$D"}]}`)
	path := written(t, text)
	beside(t, path, "s.key", sampleKeys.Replace("# a secret\n$C\n"), 0o600)
	require.NoError(t, keyfile.Update(path, func(f *keyfile.File) error {
		return f.SetScrambleDates("com.", scrambler(t, sampleOriginator).ID().String(), keyring.Dates{ActiveFrom: time.Date(2097, 1, 1, 0, 0, 0, 0, time.UTC)})
	}))
	left := content(t, path)
	for _, want := range []string{`"for people"`, `"2098-12-31T23:59:59+01:00"`, `"2099-12-31T23:59:59+01:00"`, `"file:s.key"`, `"in a file"`, `"2097-01-01T00:00:00Z"`} {
		require.Contains(t, left, want)
	}
	require.NoError(t, keyfile.Update(path, func(f *keyfile.File) error { return f.SetPlain(keyring.Exact("org.b")) }))
	require.Equal(t, left[:strings.Index(left, `"patterns"`)], content(t, path)[:strings.Index(left, `"patterns"`)])
}

// TestScrambleRefusals: what a Ring refuses, a File does; and the File stays.
func TestScrambleRefusals(t *testing.T) {
	path := keyedApp(t)
	one, first := secretFrom(time.Time{})
	two, second := secretFrom(time.Now().Add(time.Hour))
	again := &keyfile.ScrambleVersion{Secret: keyfile.Text(string(one.Secret.UnsafeText())), Dates: keyring.Dates{ActiveFrom: time.Now()}}
	require.NoError(t, keyfile.Update(path, func(f *keyfile.File) error {
		require.NoError(t, f.AddScramble("com.myapp.", one))
		return f.AddScramble("com.myapp.", two)
	}))
	soon, later := secretFrom(time.Now().Add(time.Hour))
	require.NoError(t, keyfile.Update(path, func(f *keyfile.File) error { return f.AddScramble("org.soon.", soon) }))
	zero := time.Time{}
	other, _ := secretFrom(zero)
	for name, tc := range map[string]struct {
		change func(*keyfile.File) error
		is     error
	}{
		"a secret twice":                 {func(f *keyfile.File) error { return f.AddScramble("com.myapp.", again) }, keyring.ErrVersionExists},
		"the moment of another":          {func(f *keyfile.File) error { return f.AddScramble("com.myapp.", other) }, keyring.ErrState},
		"no secret":                      {func(f *keyfile.File) error { return f.AddScramble("com.b.", &keyfile.ScrambleVersion{}) }, keyfile.ErrFormat},
		"a prefix around it":             {func(f *keyfile.File) error { return f.AddScramble("com.", other) }, keyring.ErrScrambled},
		"no prefix":                      {func(f *keyfile.File) error { return f.AddScramble("", other) }, keyfile.ErrFormat},
		"dates of none":                  {func(f *keyfile.File) error { return f.SetScrambleDates("com.myapp.", later, keyring.Dates{}) }, keyring.ErrNoVersion},
		"dates of no prefix":             {func(f *keyfile.File) error { return f.SetScrambleDates("com.", first, keyring.Dates{}) }, keyring.ErrNoVersion},
		"dates of another":               {func(f *keyfile.File) error { return f.SetScrambleDates("com.myapp.", second, keyring.Dates{}) }, keyring.ErrState},
		"the one in use":                 {func(f *keyfile.File) error { return f.RemoveScramble("com.myapp.", first) }, keyring.ErrState},
		"the only one, which is to come": {func(f *keyfile.File) error { return f.RemoveScramble("org.soon.", later) }, keyfile.ErrFormat},
		"clear until never, no secrets":  {func(f *keyfile.File) error { return f.AllowClear("net.x.", zero) }, keyfile.ErrFormat},
		"clear below a scrambled prefix": {func(f *keyfile.File) error { return f.AllowClear("com.myapp.x.", time.Now()) }, keyring.ErrScrambled},
		"what isn't scrambled":           {func(f *keyfile.File) error { return f.Unscramble("com.") }, keyring.ErrNoVersion},
		"plain below it":                 {func(f *keyfile.File) error { return f.SetPlain(keyring.Exact("com.myapp.x")) }, keyring.ErrScrambled},
		"a transition below it":          {func(f *keyfile.File) error { return f.Transition(app, keyring.SendPlain, time.Now()) }, keyring.ErrScrambled},
	} {
		t.Run(name, func(t *testing.T) {
			before := content(t, path)
			require.NoError(t, keyfile.Update(path, func(f *keyfile.File) error {
				require.ErrorIs(t, tc.change(f), tc.is)
				return nil
			}))
			require.Equal(t, before, content(t, path))
		})
	}
}

// TestWhatIsRemovedIsWiped, and nothing else.
func TestWhatIsRemovedIsWiped(t *testing.T) {
	path := written(t, scrambleOf(scrambledBy(`{"secret": "$C", "not_after": "2020-01-01T00:00:00Z"}`, `{"secret": "$D", "active_from": "2020-01-01T00:00:00Z"}`)))
	require.NoError(t, keyfile.Update(path, func(f *keyfile.File) error {
		old, used := f.Scrambles[0].Secrets[0].Secret.UnsafeText(), f.Scrambles[0].Secrets[1].Secret.UnsafeText()
		require.NoError(t, f.RemoveScramble("com.", scrambler(t, sampleBoth).ID().String()))
		require.Equal(t, make([]byte, len(old)), old)
		require.Equal(t, sampleKeys.Replace("$D"), string(used))
		require.NoError(t, f.Unscramble("com."))
		require.Equal(t, make([]byte, len(used)), used)
		return nil
	}))
	require.NotContains(t, content(t, path), "scramble:")
}

// TestScrambleSecretOfAVariable is read from there.
func TestScrambleSecretOfAVariable(t *testing.T) {
	t.Setenv("WAMPBOX_TEST_SECRET", sampleKeys.Replace(" $C\n"))
	path := written(t, scrambleOf(scrambledBy(`{"secret": "env:WAMPBOX_TEST_SECRET"}`)))
	require.Equal(t, []string{"scrambled com.", "active " + scrambler(t, sampleBoth).ID().String()}, scrambledIn(t, path))
}
