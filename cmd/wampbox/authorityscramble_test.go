package main_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

// scrambledPrefix is what show and status print as JSON of one.
type scrambledPrefix struct {
	Prefix     string
	AllowClear time.Time `json:"allow_clear"`
	Members    []string
	Secrets    []struct {
		ID, State  string
		ActiveFrom time.Time `json:"active_from"`
		NotAfter   time.Time `json:"not_after"`
		Issued     uint64
		Have       []string
		Partly     []string
		HaveNot    []string `json:"have_not"`
	}
}

// secretTexts gives the scramble secrets that the master has.
func secretTexts(t testing.TB, path string) (all []string) {
	t.Helper()
	f, err := keyfile.ParseFile(path)
	require.NoError(t, err)
	for _, sc := range f.Scrambles {
		for _, v := range sc.Secrets {
			parsed, err := cryptobox.ParseScrambleSecret(string(v.Secret.UnsafeText()))
			require.NoError(t, err)
			all = append(all, strings.TrimPrefix(parsed.UnsafeText(), "scramble:"))
		}
	}
	return all
}

// TestAuthorityScrambles: the operator begins, rotates, puts off, and ends it, sees it in show and
// status, and is told what members refuse.
func TestAuthorityScrambles(t *testing.T) {
	o := begunAuthority(t)
	r := o.do(t, "scramble", "com.x.", "-activate", "2h", "-allow-clear", "2d")
	first := strings.TrimSpace(r.fine(t))
	require.Contains(t, r.err, `routers get the URIs below "com.x." by `+first+" from 20")
	require.Contains(t, r.err, "nobody else: desk, shop")
	require.Contains(t, r.err, "taken as they are too until 20")
	require.NotContains(t, r.err, "warning")
	require.Contains(t, r.err, "now issue")
	require.True(t, o.status(t).Unissued)
	s := o.status(t).Scrambled[0]
	require.Equal(t, []string{"desk", "shop"}, s.Secrets[0].HaveNot)
	require.Contains(t, o.do(t, "status").fine(t), "URIs below com.x.")
	o.do(t, "issue").fine(t)
	o.asks(t, "shop", "")
	o.do(t, "collect").fine(t)
	s = o.status(t).Scrambled[0]
	require.Equal(t, []string{"shop"}, s.Secrets[0].Have)
	require.Equal(t, "pending", s.Secrets[0].State)
	require.WithinDuration(t, time.Now().Add(2*time.Hour), s.Secrets[0].ActiveFrom, time.Minute)
	require.Regexp(t, `URIs below com\.x\. +`+first+` +20\S+ +shop +desk`, o.do(t, "status").fine(t))

	require.Equal(t, first, strings.TrimSpace(o.do(t, "scramble", "com.x.", "-defer", "1d").fine(t)))
	s = o.show(t).Scrambled[0]
	require.WithinDuration(t, time.Now().Add(24*time.Hour), s.Secrets[0].ActiveFrom, time.Minute)
	require.WithinDuration(t, time.Now().Add(48*time.Hour), s.AllowClear, time.Minute)
	o.do(t, "scramble", "com.x.", "-defer", "3d").fails(t, 1, "to which members have to agree")
	require.Equal(t, []string{"desk", "shop"}, s.Members)
	r = o.do(t, "scramble", "com.x.", "-allow-clear", "9d")
	require.Empty(t, r.fine(t))
	require.Contains(t, r.err, "refuse their next grants whose programs don't agree (AllowPlain): desk, shop")
	r = o.do(t, "scramble", "com.x.", "-allow-clear", "now")
	r.fine(t)
	require.NotContains(t, r.err, "warning")
	require.Zero(t, o.show(t).Scrambled[0].AllowClear)

	r = o.do(t, "scramble", "com.x.", "-rotate", "-activate", "2d", "-retire", "0s")
	next := strings.TrimSpace(r.fine(t))
	require.Contains(t, r.err, "they are heard by "+first+" until 20")
	require.Contains(t, r.err, "warning: what is sent under it shortly before")
	require.Regexp(t, `(?s)SCRAMBLED BELOW +SECRET.*com\.x\. +`+next+` +pending.*com\.x\. +`+first+" +pending .* desk, shop", o.do(t, "show").fine(t))
	r = o.do(t, "scramble", "com.x.", "-remove")
	require.Empty(t, r.fine(t))
	require.Contains(t, r.err, "members refuse these whose programs don't agree")
	require.Empty(t, o.show(t).Scrambled)
}

// TestAuthorityScrambleWarns: where members are at work, it says what doesn't reach whom.
func TestAuthorityScrambleWarns(t *testing.T) {
	o := begunAuthority(t)
	o.do(t, "grant", "shop", "com.", "-as", "both").fine(t)
	r := o.do(t, "scramble", "com.x.", "com.none.")
	require.Len(t, strings.Fields(r.fine(t)), 2)
	require.Contains(t, r.err, "until all have their next grants, who has it and who hasn't don't reach one another")
	require.Contains(t, r.err, `warning: prefix "com." doesn't count below "com.x." any more`)
	require.Contains(t, r.err, "nobody holds a pattern below it yet")
	require.NotContains(t, r.err, `"com.x." doesn't count`)
	for _, args := range [][]string{
		{"scramble"}, {"scramble", "com.x"}, {"scramble", "com.a.", "com.a."}, {"scramble", "com.a.", "-rotate", "-remove"}, {"scramble", "com.a.", "-retire", "1d"},
		{"scramble", "com.a.", "-activate", "soon"}, {"scramble", "com.a.", "-allow-clear", "soon"}, {"scramble", "com.a.", "-defer", "soon"},
		{"scramble", "com.a.", "-activate", "2d", "-allow-clear", "1d"}, {"scramble", "com.a.", "-remove", "-activate", "1d"}, {"scramble", "com.x.", "-rotate", "-allow-clear", "1d"},
		{"scramble", "com.x.", "-rotate", "-activate", "2d", "-retire", "2020-01-01"},
	} {
		o.do(t, args...).fails(t, 2, "")
	}
	o.do(t, "scramble", "com.x.").fails(t, 1, "-rotate")
	o.do(t, "scramble", "com.a.", "-rotate").fails(t, 1, "begins with it")
	o.do(t, "scramble", "com.x.y.").fails(t, 1, "scrambled")
}

// TestAuthorityRevokesSecrets: revoke says which secrets end, and -dry-run which would.
func TestAuthorityRevokesSecrets(t *testing.T) {
	o := begunAuthority(t)
	first := strings.TrimSpace(o.do(t, "scramble", "com.x.").fine(t))
	o.do(t, "issue").fine(t)
	type ended struct {
		Member, Key string
		DryRun      bool      `json:"dry_run"`
		OldUntil    time.Time `json:"old_until"`
		Serial      uint64
		Patterns    []struct {
			Pattern, Match, As, New string
			Old                     []string
		}
		Scrambled []struct {
			Prefix, New string
			Old         []string
		}
	}
	var would, did ended
	r := o.do(t, "revoke", "desk", "-dry-run", "-json")
	r.decode(t, &would)
	require.Contains(t, r.err, "this secret would end, and another one would be used at once: "+first)
	require.Equal(t, []string{first}, would.Scrambled[0].Old)
	require.Equal(t, first, o.show(t).Scrambled[0].Secrets[0].ID)
	r = o.do(t, "revoke", "desk", "com.x.", "-json")
	r.decode(t, &did)
	require.Equal(t, []string{first}, did.Scrambled[0].Old)
	require.Equal(t, "com.x.", did.Scrambled[0].Prefix)
	require.Contains(t, r.err, "this secret ends, and routers see them by "+did.Scrambled[0].New+" at once")
	require.Contains(t, r.err, "desk can still tell by words that it knows")
	require.Equal(t, did.Scrambled[0].New, o.show(t).Scrambled[0].Secrets[0].ID)
	require.Equal(t, []string{"shop"}, o.show(t).Scrambled[0].Members)
	r = o.do(t, "revoke", "desk", "-json")
	did = ended{}
	r.decode(t, &did)
	require.Empty(t, did.Scrambled)
}
