package authority_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/authority"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

// stateText is authority.json of an authority that did some of all that there is.
func stateText(t testing.TB) string {
	t.Helper()
	a, f := begun(t, authority.Options{})
	enrolled(t, a, "shop", false)
	enrolled(t, a, "desk", true)
	enrolled(t, a, "gone", false)
	holds(t, a, authority.GrantOptions{}, authority.Both, "shop", app)
	holds(t, a, authority.GrantOptions{}, authority.Originator, "desk", app, keyring.Exact("com.other"))
	_, err := a.Scramble("com.myapp.", authority.Scrambling{})
	require.NoError(t, err)
	issued(t, a, f)
	_, err = a.Revoke("gone")
	require.NoError(t, err)
	_, _, err = a.Rekey()
	require.NoError(t, err)
	issued(t, a, f)
	a.Close()
	text, err := os.ReadFile(filepath.Join(dirOf(f), "authority.json"))
	require.NoError(t, err)
	return string(text)
}

// TestManipulatedState: what doesn't hold together is refused, with an error that can be told from
// others.
func TestManipulatedState(t *testing.T) {
	text := stateText(t)
	again, err := authority.Rewritten([]byte(text))
	require.NoError(t, err)
	require.Equal(t, text, string(again))
	for name, edit := range map[string][2]string{
		"another version":             {`{"version":1`, `{"version":2`},
		"no version":                  {`{"version":1,`, `{`},
		"an unknown field":            {`{"version":1`, `{"version":1,"more":1`},
		"a field twice":               {`{"version":1`, `{"version":1,"version":1`},
		"another case":                {`"members":`, `"Members":`},
		"white space":                 {`{"version":1`, `{ "version":1`},
		"a field that is null":        {`{"version":1`, `{"version":1,"recovery":null`},
		"no key":                      {`"key":"ed25519:`, `"kex":"ed25519:`},
		"a name that leads elsewhere": {`{"name":"shop"`, `{"name":"../shop"`},
		"a name twice":                {`{"name":"shop"`, `{"name":"DESK"`},
		"a holder who is no member":   {`["shop"]`, `["shop","none"]`},
		"a holder twice":              {`["shop"]`, `["desk","shop"]`},
		"a holder twice as one":       {`["shop"]`, `["shop","shop"]`},
		"no holder":                   {`["shop"]`, `[]`},
		"a part that there isn't":     {`"both":["shop"]`, `"all":["shop"]`},
		"a match that there isn't":    {`"match":"prefix"`, `"match":"regexp"`},
		"a pattern that can't be":     {`"uri":"com.other"`, `"uri":"com..#other "`},
		"a pattern twice":             {`"match":"exact","uri":"com.other"`, `"match":"prefix","uri":"com.myapp."`},
		"a serial that is negative":   {`"serial":`, `"serial":-`},
		"a serial that is beyond":     {`"serial":`, `"serial":999`},
		"a serial that is a text":     {`"serial":1`, `"serial":"1`},
		"a date that can't be":        {`"issued":"2`, `"issued":"x`},
		"something behind it":         {"}\n", "}\n{}"},
		"a recipient of nobody":       {`"recipients":["`, `"recipients":["AAAA`},
		"a recipient that isn't one":  {`"recipient":"age1`, `"recipient":"age2`},
		"a recovery recipient":        {`{"version":1`, `{"version":1,"recovery":["age1"]`},
		"an ending of nobody":         {"}\n", `,"ending":{"member":"none","at":"2026-01-01T00:00:00Z"}}` + "\n"},
		"an ending of nothing":        {"}\n", `,"ending":{"member":"shop","patterns":[{"match":"exact","uri":"com.other"}],"at":"2026-01-01T00:00:00Z"}}` + "\n"},
		"an ending without a match":   {"}\n", `,"ending":{"member":"shop","patterns":[{"match":"","uri":"com.other"}],"at":"2026-01-01T00:00:00Z"}}` + "\n"},
		"an ending of secrets alone":  {"}\n", `,"ending":{"member":"shop","secrets":["abc"],"at":"2026-01-01T00:00:00Z"}}` + "\n"},
		"an ending of no secret":      {"}\n", `,"ending":{"member":"shop","patterns":[{"match":"prefix","uri":"com.myapp."}],"secrets":[""],"at":"2026-01-01T00:00:00Z"}}` + "\n"},
		"a prefix that can't be":      {`{"prefix":"com.`, `{"prefix":"com..`},
		"a prefix without a dot":      {`{"prefix":"com.myapp."`, `{"prefix":"com.myapp"`},
		"a prefix of nothing":         {`{"prefix":"com.myapp."`, `{"prefix":""`},
		"a prefix twice":              {`{"prefix":"com.myapp."`, `{"prefix":"com.myapp."},{"prefix":"com.myapp."`},
		"a prefix that is null":       {`"scrambled":[`, `"scrambled":[null,`},
		"a secret that is to come":    {`{"prefix":"com.myapp.","since":{`, `{"prefix":"com.myapp.","since":{"abc":9999999999999999,`},
		"a holder of a prefix":        {`{"prefix":"com.myapp."`, `{"prefix":"com.myapp.","joined":{"shop":0}`},
		"a member that is null":       {`"members":[`, `"members":[null,`},
		"a pattern that is null":      {`"patterns":[`, `"patterns":[null,`},
	} {
		bad := strings.Replace(text, edit[0], edit[1], 1)
		require.NotEqual(t, text, bad, name)
		_, err := authority.Rewritten([]byte(bad))
		require.ErrorIs(t, err, authority.ErrState, name)
	}
	_, err = authority.Rewritten([]byte(strings.Replace(text, `{"version":1`, `{"version":1,"more":1`, 1)))
	require.ErrorContains(t, err, `"/more"`, "it says where")
	for _, bad := range []string{"", "{}", "[]", "null", text[:len(text)/2], strings.Repeat("[", 100_000), "\xff"} {
		_, err := authority.Rewritten([]byte(bad))
		require.ErrorIs(t, err, authority.ErrState)
	}
}

// TestForeignMaster: a master that doesn't have what members hold is refused, and so is one that
// isn't a keyring file.
func TestForeignMaster(t *testing.T) {
	a, f := begun(t, authority.Options{})
	shop := enrolled(t, a, "shop", false)
	holds(t, a, authority.GrantOptions{}, authority.Both, "shop", app, keyring.Exact("com.other"))
	issued(t, a, f)
	path := filepath.Join(dirOf(f), "keyring.json")
	good, err := os.ReadFile(path)
	require.NoError(t, err)
	serial := shop.receive(t, f, a.Key()).Serial

	require.NoError(t, keyfile.Update(path, func(f *keyfile.File) error { return f.Remove(app) }))
	refused := func(want error) {
		t.Helper()
		_, err := a.Issue(f, authority.IssueOptions{})
		require.ErrorIs(t, err, want)
		require.Equal(t, serial, shop.receive(t, f, a.Key()).Serial)
	}
	refused(authority.ErrMaster)
	require.ErrorIs(t, a.Grant(authority.GrantOptions{}, authority.Granting{Member: "shop", Pattern: app, As: authority.Both}), authority.ErrMaster)
	require.NoError(t, keyfile.Update(path, func(f *keyfile.File) error { return f.SetPlain(app) }))
	refused(authority.ErrMaster)
	require.NoError(t, os.Remove(path))
	refused(authority.ErrMaster)
	require.NoError(t, os.WriteFile(path, []byte("{}"), 0o600))
	refused(keyfile.ErrFormat)
	private := string(master2(t, good).Entries[0].Versions[0].Originator.Private.UnsafeText())
	require.NoError(t, os.WriteFile(path, bytes.Replace(good, []byte(private), []byte("env:HOME"), 1), 0o600))
	refused(keyfile.ErrReference)
	require.NoError(t, os.WriteFile(path, good, 0o600))
	issued(t, a, f)
}

func master2(t *testing.T, text []byte) *keyfile.File {
	t.Helper()
	f, err := keyfile.Parse(text)
	require.NoError(t, err)
	return f
}

// FuzzState: what is taken is written the same, and what isn't is an ErrState.
func FuzzState(f *testing.F) {
	f.Add([]byte(stateText(f)))
	f.Add([]byte(`{"version":1}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		again, err := authority.Rewritten(text)
		if err != nil {
			require.ErrorIs(t, err, authority.ErrState)
			return
		}
		require.Equal(t, bytes.TrimSpace(text), bytes.TrimSpace(again))
	})
}
