package main_test

import (
	"crypto/rand"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/grants"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/statement"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyservice"
)

// authorityStatus is what status prints as JSON.
type authorityStatus struct {
	At, Issued, Expires time.Time
	OpensUntil          time.Time `json:"opens_until"`
	FreshUntil          time.Time `json:"fresh_until"`
	Key                 string
	Serial              uint64
	Unissued            bool
	Members             []struct {
		Name, Has  string
		Serial     uint64
		Asked      time.Time
		SealsUntil time.Time `json:"seals_until"`
		Stale      bool
		Held       []struct {
			Serial      uint64
			First, Last time.Time
		}
	}
	Patterns []struct {
		Pattern, Match, Every string
		Next                  time.Time
		Versions              []struct {
			ID, State  string
			ActiveFrom time.Time `json:"active_from"`
			NotAfter   time.Time `json:"not_after"`
			Issued     uint64
			Have       []string
			Partly     []string
			HaveNot    []string `json:"have_not"`
		}
	}
	Scrambled []scrambledPrefix
}

func (o operation) status(t testing.TB) (s authorityStatus) {
	t.Helper()
	o.do(t, "status", "-json").decode(t, &s)
	return s
}

// asks has a member sign that it holds what it was granted last, as a server keeps it.
func (o operation) asks(t testing.TB, name, next string) {
	t.Helper()
	key, err := cryptobox.ParseVerifyKey(o.show(t).Key)
	require.NoError(t, err)
	me, err := keyservice.LoadIdentity(o.path(name + ".identity"))
	require.NoError(t, err)
	f, err := grants.Open(o.path("grants"))
	require.NoError(t, err)
	m, err := f.Member(name)
	require.NoError(t, err)
	g, err := statement.OpenGrant(m.Grant, key)
	require.NoError(t, err)
	get := statement.Get{Authority: statement.HashOfKey(key), Member: name, Serial: g.Serial, Ciphertext: g.Ciphertext, NextRecipient: next}
	_, _ = rand.Read(get.Nonce[:])
	signed, err := get.Sign(me.SigningKey())
	require.NoError(t, err)
	require.NoError(t, f.PutReceipt(name, g.Serial, grants.Receipt{At: time.Now(), Get: signed}))
}

// TestAuthorityRotates: what is to come is in the next grants, status tells who has it, and it can
// be put off.
func TestAuthorityRotates(t *testing.T) {
	o := begunAuthority(t)
	old := o.show(t).Patterns[0].Active
	r := o.do(t, "rotate", "com.x.", "-activate", "2h", "-retire", "1d")
	id := strings.TrimSpace(r.fine(t))
	require.NotEqual(t, old, id)
	require.Contains(t, r.err, id+" seals from")
	require.Contains(t, r.err, old+" opens until")
	require.Contains(t, r.err, "now issue")
	require.True(t, o.status(t).Unissued)
	require.Contains(t, o.do(t, "status").fine(t), "Something has changed since")
	o.do(t, "issue").fine(t)
	require.Equal(t, map[string]string{old: "active", id: "pending"}, states(t, o.granted(t, "shop")))

	o.asks(t, "shop", "")
	r = o.do(t, "collect")
	r.fine(t)
	require.Contains(t, r.err, "shop has the grant with the serial")
	require.Contains(t, r.err, "1 receipt looked at, 1 grant newly known")
	s := o.status(t)
	require.False(t, s.Unissued)
	require.Equal(t, id, s.Patterns[0].Versions[0].ID)
	require.Equal(t, []string{"shop"}, s.Patterns[0].Versions[0].Have)
	require.Equal(t, []string{"desk"}, s.Patterns[0].Versions[0].HaveNot)
	require.WithinDuration(t, time.Now().Add(2*time.Hour), s.Patterns[0].Versions[0].ActiveFrom, time.Minute)
	require.WithinDuration(t, time.Now().Add(26*time.Hour), s.Patterns[0].Versions[1].NotAfter, time.Minute)
	text := o.do(t, "status").fine(t)
	require.Regexp(t, `(?m)^shop +has it +20`, text)
	require.Regexp(t, `(?m)^desk +hasn't it +never`, text)
	require.Regexp(t, `(?m)`+id+` +\S+ +shop +desk$`, text)

	r = o.do(t, "rotate", "com.x.", "-defer", "3d")
	require.Equal(t, id, strings.TrimSpace(r.fine(t)))
	s = o.status(t)
	require.WithinDuration(t, time.Now().Add(3*24*time.Hour), s.Patterns[0].Versions[0].ActiveFrom, time.Minute)
	require.WithinDuration(t, time.Now().Add(4*24*time.Hour), s.Patterns[0].Versions[1].NotAfter, time.Minute)
	o.do(t, "rotate", "com.x.").fails(t, 1, "another version is to seal later")
	var made struct {
		Rotated []struct {
			Pattern, Match, ID, Old string
			ActiveFrom              time.Time `json:"active_from"`
			OldUntil                time.Time `json:"old_until"`
			Ended                   []string
		}
	}
	o.do(t, "rotate", "-json", "-activate", "5d", "com.x.").decode(t, &made)
	require.Equal(t, id, made.Rotated[0].Old)
	o.do(t, "issue").fine(t)
	o.exchanges(t, "shop", "desk", "com.x.y")
}

// TestAuthorityRotatesAtOnce warns of what it costs.
func TestAuthorityRotatesAtOnce(t *testing.T) {
	o := begunAuthority(t)
	r := o.do(t, "rotate", "com.x.", "-activate", "now", "-retire", "1m")
	id := strings.TrimSpace(r.fine(t))
	require.Contains(t, r.err, "messages may be 5 minutes old")
	require.Equal(t, id, o.show(t).Patterns[0].Active)
}

// TestAuthorityRotatesRegularly: each issue does what is due.
func TestAuthorityRotatesRegularly(t *testing.T) {
	o := begunAuthority(t)
	old := o.show(t).Patterns[0].Active
	r := o.do(t, "rotate", "com.x.", "-every", "1h", "-activate", "1h")
	require.Empty(t, r.fine(t))
	require.Contains(t, r.err, "rotated once in 1h")
	require.Contains(t, r.err, "issue more often than each 1h")
	require.Equal(t, "1h", o.show(t).Patterns[0].Every)
	require.Contains(t, o.do(t, "show").fine(t), "each 1h")
	r = o.do(t, "issue")
	r.fine(t)
	require.Contains(t, r.err, "seals from")
	s := o.status(t)
	require.Equal(t, "1h", s.Patterns[0].Every)
	require.Len(t, s.Patterns[0].Versions, 2)
	require.Equal(t, old, s.Patterns[0].Versions[1].ID)
	var scheduled struct {
		Scheduled []struct{ Pattern, Match, Every, Activate, Retire string }
	}
	o.do(t, "rotate", "-every", "2d", "-json", "com.x.").decode(t, &scheduled)
	require.Equal(t, []string{"2d", "1d", "2d"}, []string{scheduled.Scheduled[0].Every, scheduled.Scheduled[0].Activate, scheduled.Scheduled[0].Retire})
	r = o.do(t, "rotate", "com.x.", "-every", "never")
	require.Contains(t, r.err, "by hand from now on")
	require.Empty(t, o.show(t).Patterns[0].Every)
}

// TestAuthorityRevokes: the others go on at once, with keys that the member never had; what it
// does is told before and after.
func TestAuthorityRevokes(t *testing.T) {
	o := members(t, "shop", "desk", "till")
	o.do(t, "init", "-both", "shop.enrolment", "-both", "desk.enrolment", "-originator", "till.enrolment", "com.x.").fine(t)
	o.do(t, "grant", "till", "com.s.", "-as", "sender", "-suite", "signed").fine(t)
	o.do(t, "grant", "desk", "com.s.", "-as", "responder").fine(t)
	o.do(t, "issue").fine(t)
	stolen := o.granted(t, "till")
	before := o.show(t)
	reads := before.Patterns[1].Active

	r := o.do(t, "revoke", "till", "-dry-run")
	require.Empty(t, r.fine(t))
	require.Contains(t, r.err, "till would be revoked for good")
	require.Contains(t, r.err, before.Patterns[0].Active)
	require.Contains(t, r.err, "nothing is changed")
	require.Equal(t, before, o.show(t))

	r = o.do(t, "revoke", "till")
	require.Empty(t, r.fine(t))
	for _, says := range []string{
		"till is revoked: its key ed25519:", before.Patterns[0].Active, "and others don't hear till any more",
		"members that can't be reached go on with the old keys until", "till can still read all that was recorded", "wampbox authority issue",
	} {
		require.Contains(t, r.err, says)
	}
	o.do(t, "grant", "shop", "com.s.", "-as", "sender").fine(t)
	r = o.do(t, "revoke", "shop", "com.s.")
	r.fine(t)
	require.NotContains(t, r.err, "can still read", "it had no secret of it")
	o.do(t, "issue").fine(t)
	after := o.show(t)
	require.NotEqual(t, before.Patterns[0].Active, after.Patterns[0].Active)
	require.Equal(t, reads, after.Patterns[1].Active, "it had no secret of it")
	require.Equal(t, []string{"desk both", "shop both"}, after.holders("com.x."))
	require.Equal(t, "till", after.Former[0].Name)
	require.NoFileExists(t, o.path("grants", "members", "till.grant"))
	o.exchanges(t, "shop", "desk", "com.x.y")
	now := states(t, o.usable(t, "desk"))
	require.Equal(t, "revoked", now[before.Patterns[0].Active])
	sealed := run{stdin: []byte(`{"args": ["stolen"]}`)}.start(t, "seal", "-keyring", o.withKey(t, stolen, "till"), "-uri", "com.x.y", "-realm", "realm1").fine(t)
	run{stdin: []byte(sealed)}.start(t, "open", "-keyring", o.usable(t, "desk"), "-uri", "com.x.y").fails(t, 1, "revoked")

	o.do(t, "revoke", "till").fails(t, 1, "it was revoked at")
	o.do(t, "enrol", "till.enrolment").fails(t, 1, "let it make an identity anew")
	o.do(t, "revoke", "dseksk").fails(t, 1, "no such member")
	o.do(t, "revoke", "dsek", "-dry-run").fails(t, 1, "the nearest is desk")
}

// TestAuthorityTakesPatternsAway leaves the member in, and the rest of what it holds.
func TestAuthorityTakesPatternsAway(t *testing.T) {
	o := begunAuthority(t)
	o.do(t, "grant", "desk", "com.y.", "-as", "both").fine(t)
	before := o.show(t)
	o.do(t, "revoke", "desk", "com.z.").fails(t, 1, "it doesn't hold that")
	r := o.do(t, "revoke", "desk", "com.z.", "-dry-run")
	r.fails(t, 1, `it doesn't hold that: see wampbox authority show; the nearest is prefix "com.`)
	var taken struct {
		Member   string
		Patterns []struct {
			Pattern, Match, As, New string
			Old                     []string
		}
	}
	o.do(t, "revoke", "-json", "desk", "com.x.").decode(t, &taken)
	require.Equal(t, "both", taken.Patterns[0].As)
	require.Equal(t, []string{before.Patterns[0].Active}, taken.Patterns[0].Old)
	after := o.show(t)
	require.Equal(t, taken.Patterns[0].New, after.Patterns[0].Active)
	require.Equal(t, []string{"shop both"}, after.holders("com.x."))
	require.Equal(t, []string{"desk both"}, after.holders("com.y."))
	o.do(t, "issue").fine(t)
	require.NotContains(t, string(must(os.ReadFile(o.granted(t, "desk")))), "com.x.")
}

// TestAuthorityCollects takes another age identity over, and tells what is wrong.
func TestAuthorityCollects(t *testing.T) {
	o := begunAuthority(t)
	next, err := age.GenerateX25519Identity()
	require.NoError(t, err)
	o.asks(t, "shop", next.Recipient().String())
	o.asks(t, "desk", "")
	f, err := grants.Open(o.path("grants"))
	require.NoError(t, err)
	receipts, err := f.Receipts("shop")
	require.NoError(t, err)
	require.NoError(t, f.PutReceipt("desk", 7, receipts[0])) // as if a server gave one member's for another's
	var all struct {
		Receipts int
		News     []struct {
			Member string
			Serial uint64
			At     time.Time
		}
		Changed  []struct{ Member, Recipient string }
		Problems []struct {
			Member, Error string
			Serial        uint64
		}
	}
	r := o.do(t, "collect", "-json")
	require.Equal(t, 1, r.status, "as there is a finding: %s", r.err)
	require.Contains(t, r.err, "warning: desk: the receipt isn't signed by the member")
	require.Contains(t, r.err, "next: wampbox authority issue")
	result{out: r.out}.decode(t, &all)
	require.Equal(t, 3, all.Receipts)
	require.Len(t, all.News, 2)
	require.Len(t, all.Problems, 1)
	require.Equal(t, next.Recipient().String(), all.Changed[0].Recipient)
	o.do(t, "issue").fine(t)
	m, err := f.Member("shop")
	require.NoError(t, err)
	require.Equal(t, next.Recipient().String(), m.Recipient)
	_, err = age.Decrypt(strings.NewReader(string(m.Ciphertext)), next)
	require.NoError(t, err)

	o.do(t, "collect", "none").fails(t, 1, "no such file")
	o.do(t, "collect", "authority").fails(t, 1, "it isn't a folder of grants")
}

// TestAuthorityRekeys: what is issued then is signed with the new key, which is printed.
func TestAuthorityRekeys(t *testing.T) {
	o := begunAuthority(t)
	old := o.show(t).Key
	r := o.do(t, "rekey", "-dry-run")
	require.Empty(t, r.fine(t))
	require.Contains(t, r.err, old+" would be destroyed")
	require.Equal(t, old, o.show(t).Key)
	r = o.do(t, "rekey")
	key := strings.TrimSpace(r.fine(t))
	require.Contains(t, r.err, "-authority "+old+" -authority "+key)
	shown := o.show(t)
	require.Equal(t, key, shown.Key)
	require.Equal(t, []string{old}, shown.Previous)
	o.do(t, "issue").fine(t)
	o.exchanges(t, "shop", "desk", "com.x.y")
}

// TestAuthorityRecovers from what was issued, with the recovery identity alone.
func TestAuthorityRecovers(t *testing.T) {
	id, file := identity(t)
	o := begunAuthority(t, "-recovery", id.Recipient().String())
	o.do(t, "grant", "shop", "com.s.", "-as", "sender", "-suite", "signed").fine(t)
	o.do(t, "grant", "desk", "com.s.", "-as", "responder").fine(t)
	o.do(t, "issue").fine(t)
	before := o.show(t)
	require.Equal(t, []string{id.Recipient().String()}, before.Recovery)
	require.NoError(t, os.RemoveAll(o.path("authority")))
	_, other := identity(t)
	o.do(t, "recover", "-recovery", other, "-authority", before.Key).fails(t, 1, "none of the grants can be used")
	o.do(t, "recover", "-recovery", file, "-authority", strings.TrimSpace(wampbox(t, "keygen", "-signing").fine(t))).fails(t, 2, "-authority: verify key")
	o.do(t, "recover", "-recovery", file).fails(t, 2, `"authority" not set`)
	o.do(t, "recover", "-authority", before.Key).fails(t, 2, `"recovery" not set`)
	r := o.do(t, "recover", "-recovery", file, "-authority", before.Key)
	key := strings.TrimSpace(r.fine(t))
	require.NotEqual(t, before.Key, key)
	require.Contains(t, r.err, "with 2 members and 2 patterns")
	require.Contains(t, r.err, "have members pin the new key")
	after := o.show(t)
	require.Equal(t, before.holders("com.x."), after.holders("com.x."))
	require.Equal(t, before.holders("com.s."), after.holders("com.s."))
	require.Equal(t, before.Recovery, after.Recovery, "it can be done again")
	require.Equal(t, before.Patterns[0].Active, after.Patterns[0].Active, "its keys go on")
	require.Equal(t, []string{before.Key}, after.Previous)
	o.do(t, "issue").fine(t)
	require.Greater(t, o.show(t).Serial, before.Serial)
	o.exchanges(t, "shop", "desk", "com.x.y")
	o.exchanges(t, "shop", "desk", "com.s.y")
	o.do(t, "recover", "-recovery", file, "-authority", before.Key).fails(t, 1, "authority exists and isn't overwritten")
	require.Equal(t, key, o.show(t).Key)
}

// TestAuthorityRestored: a backup goes on, though members hold later grants than it knows.
func TestAuthorityRestored(t *testing.T) {
	o := begunAuthority(t)
	backup := o.path("backup")
	require.NoError(t, os.CopyFS(backup, os.DirFS(o.path("authority"))))
	for _, name := range []string{"authority.json", "keyring.json"} {
		require.NoError(t, os.Chmod(filepath.Join(backup, name), 0o600))
	}
	o.do(t, "issue").fine(t)
	last := o.show(t).Serial
	require.NoError(t, os.RemoveAll(o.path("authority")))
	require.NoError(t, os.Rename(backup, o.path("authority")))
	o.do(t, "issue").fine(t)
	require.Greater(t, o.show(t).Serial, last)
	o.exchanges(t, "shop", "desk", "com.x.y")
}

// TestAuthorityChangeMistakes change nothing.
func TestAuthorityChangeMistakes(t *testing.T) {
	o := begunAuthority(t)
	before := o.show(t)
	for name, test := range map[string]struct {
		args   []string
		status int
		says   string
	}{
		"a slip in a pattern":   {[]string{"rotate", "con.x."}, 1, `the nearest is prefix "com.x."`},
		"no date":               {[]string{"rotate", "com.x.", "-activate", "soon"}, 2, "-activate: give a duration"},
		"no end":                {[]string{"rotate", "com.x.", "-retire", "soon"}, 2, "-retire: give a duration"},
		"an end before":         {[]string{"rotate", "com.x.", "-activate", "2h", "-retire", "2020-01-01"}, 2, "would end before the next one seals"},
		"nothing to put off":    {[]string{"rotate", "com.x.", "-defer", "2h"}, 1, "rotate makes the next version"},
		"put off to the past":   {[]string{"rotate", "com.x.", "-defer", "2020-01-01"}, 1, "the date has passed"},
		"put off to no date":    {[]string{"rotate", "com.x.", "-defer", "later"}, 2, "-defer: give a duration"},
		"put off and make":      {[]string{"rotate", "com.x.", "-defer", "2h", "-activate", "1h"}, 2, "leave -activate, -retire and -every out"},
		"too often":             {[]string{"rotate", "com.x.", "-every", "1s"}, 1, "too often"},
		"no interval":           {[]string{"rotate", "com.x.", "-every", "often"}, 2, "-every: give a duration such as"},
		"a date in a schedule":  {[]string{"rotate", "com.x.", "-every", "1d", "-activate", "2030-01-01"}, 2, "-activate: with -every give a duration"},
		"longer than each":      {[]string{"rotate", "com.x.", "-every", "1h", "-activate", "2h"}, 1, "shorten that, or rotate more seldom"},
		"no schedule and dates": {[]string{"rotate", "com.x.", "-every", "never", "-activate", "2h"}, 2, "leave -activate and -retire out"},
	} {
		t.Run(name, func(t *testing.T) { o.do(t, test.args...).fails(t, test.status, test.says) })
	}
	require.Equal(t, before, o.show(t))
	require.False(t, o.status(t).Unissued)
}
