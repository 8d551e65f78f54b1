package main_test

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/grants"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/statement"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/agefile"
)

// operation is a folder in which an operator works: members' identities, an authority, grants.
type operation struct {
	dir   string
	flags []string // that open the authority
}

// path gives that of a file in it.
func (o operation) path(names ...string) string {
	return filepath.Join(append([]string{o.dir}, names...)...)
}

// members makes identities in a new folder.
func members(t testing.TB, names ...string) operation {
	t.Helper()
	o := operation{dir: t.TempDir()}
	run{dir: o.dir}.start(t, append([]string{"identity"}, names...)...).fine(t)
	return o
}

// begunAuthority has the members shop and desk, who both hold com.x. in both parts.
func begunAuthority(t testing.TB, flags ...string) operation {
	t.Helper()
	o := members(t, "shop", "desk")
	o.do(t, append([]string{"init", "-both", "shop.enrolment", "-both", "desk.enrolment", "com.x."}, flags...)...).fine(t)
	return o
}

// do runs a command of the authority's, and expects that nothing of what is secret shows.
func (o operation) do(t testing.TB, args ...string) result {
	t.Helper()
	r := run{dir: o.dir}.start(t, append(append([]string{"authority"}, args...), o.flags...)...)
	for _, secret := range o.secrets(t) {
		require.NotContains(t, r.out+r.err, secret)
	}
	return r
}

// secrets gives all private keys that are in the folder and not encrypted.
func (o operation) secrets(t testing.TB) (all []string) {
	t.Helper()
	identities, err := filepath.Glob(o.path("*.identity"))
	require.NoError(t, err)
	for _, path := range identities {
		all = append(all, identityKeys(t, path)...)
	}
	text, err := os.ReadFile(o.path("authority", "authority.json"))
	if err != nil || agefile.Encrypted(text[:64]) {
		return all
	}
	var state struct{ Key string }
	require.NoError(t, json.Unmarshal(text, &state))
	require.NotEmpty(t, state.Key)
	all = append(all, strings.TrimPrefix(state.Key, "ed25519:"))
	if master := o.path("authority", "keyring.json"); isThere(master) {
		all = append(all, secrets(t, master)...)
		all = append(all, signedSecrets(t, master)...)
		all = append(all, secretTexts(t, master)...)
	}
	return all
}

func isThere(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// shownAuthority is what show prints as JSON.
type shownAuthority struct {
	Key      string
	Previous []string
	Recovery []string
	Serial   uint64
	Issued   time.Time
	Expires  time.Time
	Members  []struct {
		Name, Key, Recipient string
		Enrolled             time.Time
		Holds                []struct{ Pattern, Match, As string }
	}
	Former []struct {
		Name, Key string
		Revoked   time.Time
	}
	Patterns []struct {
		Pattern, Match, Suite, Dialect, Every, Active string
		Plain                                         bool
		Holders                                       []struct{ Name, As string }
	}
	Scrambled []scrambledPrefix
}

func (o operation) show(t testing.TB) (shown shownAuthority) {
	t.Helper()
	o.do(t, "show", "-json").decode(t, &shown)
	return shown
}

// holders gives who holds the first pattern: name and part.
func (s shownAuthority) holders(pattern string) (all []string) {
	for _, p := range s.Patterns {
		if p.Pattern == pattern {
			for _, h := range p.Holders {
				all = append(all, h.Name+" "+h.As)
			}
		}
	}
	return all
}

// granted gives a member's keyring file: its grant is verified by the authority's key, and opened
// by its identity.
func (o operation) granted(t testing.TB, name string) string {
	t.Helper()
	key, err := cryptobox.ParseVerifyKey(o.show(t).Key)
	require.NoError(t, err)
	f, err := grants.Open(o.path("grants"))
	require.NoError(t, err)
	m, err := f.Member(name)
	require.NoError(t, err)
	g, err := statement.OpenGrant(m.Grant, key)
	require.NoError(t, err)
	require.Equal(t, name, g.Member)
	require.Equal(t, statement.HashOf(m.Ciphertext), g.Ciphertext)
	path := filepath.Join(t.TempDir(), name+".json")
	require.NoError(t, os.WriteFile(path, o.opened(t, name, m.Ciphertext), 0o600))
	return path
}

// opened decrypts by a member's identity.
func (o operation) opened(t testing.TB, name string, ciphertext []byte) []byte {
	t.Helper()
	identities, err := age.ParseIdentities(strings.NewReader(identityKeys(t, o.path(name+".identity"))[0]))
	require.NoError(t, err)
	r, err := age.Decrypt(bytes.NewReader(ciphertext), identities...)
	require.NoError(t, err)
	text, err := io.ReadAll(r)
	require.NoError(t, err)
	return text
}

// exchanges seals by one member's grant, and opens by another's.
func (o operation) exchanges(t testing.TB, from, to, uri string) {
	t.Helper()
	sealed := run{stdin: []byte(`{"args": ["hello"]}`)}.start(t, "seal", "-keyring", o.usable(t, from), "-uri", uri, "-realm", "realm1").fine(t)
	opened := run{stdin: []byte(sealed)}.start(t, "open", "-keyring", o.usable(t, to), "-uri", uri).fine(t)
	require.Contains(t, opened, "hello")
}

// usable is granted with the member's own signing key in it.
func (o operation) usable(t testing.TB, name string) string {
	t.Helper()
	return o.withKey(t, o.granted(t, name), name)
}

// withKey puts a member's own signing key into its file, as fetch does.
func (o operation) withKey(t testing.TB, path, name string) string {
	t.Helper()
	keys := identityKeys(t, o.path(name+".identity"))
	text := strings.ReplaceAll(string(must(os.ReadFile(path))), `"sign": "identity"`, `"sign": "ed25519:`+keys[len(keys)-1]+`"`)
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

// TestAuthorityBegins: two commands from an empty folder, and two members can exchange messages
// with keys that nobody has carried.
func TestAuthorityBegins(t *testing.T) {
	o := members(t, "shop", "desk")
	r := o.do(t, "init", "-both", "shop.enrolment", "-both", "desk.enrolment", "com.x.")
	key := strings.TrimSpace(r.fine(t))
	require.Contains(t, r.err, "enrolled shop")
	require.Contains(t, r.err, "next: wampbox serve -dir grants")
	require.Contains(t, r.err, "-authority "+key)
	shown := o.show(t)
	require.Equal(t, key, shown.Key)
	require.Equal(t, []string{"desk both", "shop both"}, shown.holders("com.x."))
	require.NotEmpty(t, shown.Patterns[0].Active)
	require.Equal(t, "box", shown.Patterns[0].Suite)
	require.InDelta(t, (28 * 24 * time.Hour).Seconds(), shown.Expires.Sub(shown.Issued).Seconds(), 1)
	o.exchanges(t, "shop", "desk", "com.x.y")
	o.exchanges(t, "desk", "shop", "com.x.y")
	for _, name := range []string{"authority.json", "keyring.json"} {
		require.Equal(t, os.FileMode(0o600), mode(t, o.path("authority", name)))
	}
	require.Equal(t, os.FileMode(0o700), mode(t, o.path("authority")))
	text := o.do(t, "show").fine(t)
	for _, says := range []string{key, "shop", `prefix "com.x."`, "desk (both), shop (both)", "by hand"} {
		require.Contains(t, text, says)
	}
	wampbox(t, "lint", o.path("authority", "keyring.json"))
	require.Contains(t, wampbox(t, "list", o.path("authority", "keyring.json")).fine(t), shown.Patterns[0].Active[:6])
}

// TestAuthorityGoesOn: members and patterns are added, and count from the next issue on.
func TestAuthorityGoesOn(t *testing.T) {
	o := begunAuthority(t)
	before := o.show(t)
	run{dir: o.dir}.start(t, "identity", "till").fine(t)
	lines := "# from the till\n" + strings.ReplaceAll(string(must(os.ReadFile(o.path("till.enrolment")))), " ", "\r\n")
	r := run{dir: o.dir, stdin: []byte(lines)}.start(t, "authority", "enrol", "-")
	r.fine(t)
	require.Contains(t, r.err, "enrolled till, whose key is ed25519:")
	o.do(t, "grant", "till", "com.x.", "-as", "originator").fine(t)
	o.do(t, "grant", "till", "com.pub.", "com.exact", "-as", "sender", "-suite", "signed").fine(t)
	o.do(t, "grant", "shop", "com.pub.", "-as", "reader").fine(t)
	o.do(t, "grant", "desk", "com.pub.", "-as", "responder", "-suite", "signed").fine(t)
	_, err := os.Stat(o.path("grants", "members", "till.grant"))
	require.ErrorIs(t, err, os.ErrNotExist, "not before it is issued")
	r = o.do(t, "issue", "-valid", "2d", "-grace", "1d")
	require.Empty(t, r.fine(t))
	require.Contains(t, r.err, "grants has the grants of 3 members")
	shown := o.show(t)
	require.Greater(t, shown.Serial, before.Serial)
	require.InDelta(t, 48*3600, shown.Expires.Sub(shown.Issued).Seconds(), 1)
	require.Equal(t, []string{"desk both", "shop both", "till originator"}, shown.holders("com.x."))
	require.Equal(t, []string{"desk responder", "shop reader", "till sender"}, shown.holders("com.pub."))
	o.exchanges(t, "till", "desk", "com.x.y")
	o.exchanges(t, "till", "shop", "com.pub.y")
	till := string(must(os.ReadFile(o.granted(t, "till"))))
	require.Contains(t, till, `"sign": "identity"`)
	require.NotContains(t, till, `"read"`)
	require.Contains(t, string(must(os.ReadFile(o.granted(t, "shop")))), `"read"`)
	var issued struct {
		Grants          string
		Serial          uint64
		Issued, Expires time.Time
		FreshUntil      time.Time `json:"fresh_until"`
		Bytes           int64
		Members         []struct {
			Name  string
			Bytes int
		}
	}
	o.do(t, "issue", "-json").decode(t, &issued)
	require.Len(t, issued.Members, 3)
	require.Greater(t, issued.Serial, shown.Serial)
	require.True(t, issued.FreshUntil.Before(issued.Expires))
}

// TestAuthorityInitAsJSON says the same in JSON, and what hybrid members take.
func TestAuthorityInitAsJSON(t *testing.T) {
	o := operation{dir: t.TempDir()}
	run{dir: o.dir}.start(t, "identity", "-pq", "hub", "web").fine(t)
	var all struct {
		Dir, Key string
		Members  []struct{ Name, Key, Recipient string }
		Patterns []struct{ Pattern, Match string }
		Issued   struct {
			Grants          string
			Serial          uint64
			Issued, Expires time.Time
			FreshUntil      time.Time `json:"fresh_until"`
			Bytes           int64
			Members         []struct {
				Name  string
				Bytes int
			}
		}
	}
	o.do(t, "init", "-json", "-suite", "signed-pq", "-originator", "web.enrolment", "-responder", "hub.enrolment", "com.x.", "com.exact").decode(t, &all)
	require.Equal(t, "authority", all.Dir)
	require.Equal(t, o.show(t).Key, all.Key)
	require.Len(t, all.Members, 2)
	require.Equal(t, "exact", all.Patterns[1].Match)
	require.Len(t, all.Issued.Members, 2)
	require.Contains(t, string(must(os.ReadFile(o.granted(t, "hub")))), `"signed-pq"`)
}

// TestAuthorityWithoutMembers has a key, and nothing to issue yet.
func TestAuthorityWithoutMembers(t *testing.T) {
	o := members(t, "shop")
	r := o.do(t, "init")
	require.Contains(t, r.err, "next: wampbox authority enrol")
	require.Equal(t, strings.TrimSpace(r.fine(t)), o.show(t).Key)
	require.NoDirExists(t, o.path("grants"))
	require.Contains(t, o.do(t, "show").fine(t), "No members")
	o.do(t, "enrol", "shop.enrolment").fine(t)
	require.Contains(t, o.do(t, "show").fine(t), "nothing")
	o.do(t, "init").fails(t, 1, "authority has an authority already, which isn't overwritten")
	o.do(t, "init", "-dir", "new", "-both", "shop.enrolment", "-valid", "1ms", "com.x.").fails(t, 1, "the authority is made, and issue goes on with it")
	o.do(t, "issue", "-dir", "new").fine(t)
}

// TestAuthorityMistakes change nothing, and say what to do.
func TestAuthorityMistakes(t *testing.T) {
	o := begunAuthority(t)
	before := o.show(t)
	require.NoError(t, os.WriteFile(o.path("empty"), nil, 0o600))
	require.NoError(t, os.WriteFile(o.path("cut"), must(os.ReadFile(o.path("shop.enrolment")))[:100], 0o600))
	private := identityKeys(t, o.path("shop.identity"))[0]
	o.do(t, "init", "-dir", "other").fine(t)
	for name, test := range map[string]struct {
		args   []string
		status int
		says   string
	}{
		"no folder":                  {[]string{"show", "-dir", "none"}, 1, "none is no authority's folder: name it by -dir, or make one with wampbox authority init"},
		"no member":                  {[]string{"grant", "nobody", "com.y.", "-as", "both"}, 1, "no such member: see wampbox authority show"},
		"two members":                {[]string{"grant", "shop", "desk", "com.y.", "-as", "both"}, 2, "desk is a member, and a PATTERN is wanted"},
		"a part that takes away":     {[]string{"grant", "shop", "com.x.", "-as", "originator"}, 1, "take that from it by wampbox authority revoke first"},
		"another one's grants":       {[]string{"issue", "-dir", "other"}, 1, "the folder has another authority's grants: grants: "},
		"a slip in the name":         {[]string{"grant", "shpo", "com.y.", "-as", "both"}, 1, "the nearest is shop"},
		"no part":                    {[]string{"grant", "shop", "com.y.", "-as", "writer"}, 2, "use originator, responder, sender, reader or both"},
		"no -as":                     {[]string{"grant", "shop", "com.y."}, 2, `"as" not set`},
		"a part that a pair lacks":   {[]string{"grant", "shop", "com.y.", "-as", "reader"}, 1, "say originator, responder or both"},
		"another suite":              {[]string{"grant", "shop", "com.x.", "-as", "both", "-suite", "signed"}, 1, "the pattern has another key"},
		"quantum-safe for X25519":    {[]string{"grant", "shop", "com.y.", "-as", "reader", "-suite", "signed-pq"}, 1, "wampbox identity -pq"},
		"no pattern":                 {[]string{"grant", "shop", "com.*", "-as", "both"}, 2, "com.*"},
		"a pattern twice":            {[]string{"grant", "shop", "com.y.", "com.y.", "-as", "both"}, 2, "is given twice"},
		"a key for a pattern":        {[]string{"grant", "shop", strings.TrimSpace(wampbox(t, "keygen").fine(t)), "-as", "both"}, 2, "there is a key where a pattern is wanted"},
		"enrolled already":           {[]string{"enrol", "shop.enrolment"}, 1, "it is enrolled already"},
		"no enrolment":               {[]string{"enrol", "empty"}, 1, "there is no enrolment in it"},
		"half of one":                {[]string{"enrol", "cut"}, 1, "give the whole line that wampbox identity printed"},
		"an identity":                {[]string{"enrol", "shop.identity"}, 1, "doesn't begin with wampbox-identity-1"},
		"a key for a file":           {[]string{"enrol", private}, 1, "there is what looks like a key where the name of a file is wanted"},
		"no such file":               {[]string{"enrol", "none"}, 1, "no such file"},
		"less than a second":         {[]string{"issue", "-valid", "1ms"}, 1, "give a second to 10 years"},
		"no duration":                {[]string{"issue", "-valid", "soon"}, 2, "give a duration such as"},
		"members and no pattern":     {[]string{"init", "-dir", "new", "-both", "shop.enrolment"}, 2, "PATTERN is missing"},
		"a pattern and nobody":       {[]string{"init", "-dir", "new", "com.x."}, 2, "nobody is to hold the patterns"},
		"a member twice":             {[]string{"init", "-dir", "new", "-both", "shop.enrolment", "-both", "shop.enrolment", "com.x."}, 1, "it is enrolled already"},
		"a part of another suite":    {[]string{"init", "-dir", "new", "-sender", "shop.enrolment", "com.x."}, 1, "give the pattern a signed key"},
		"a recovery that is none":    {[]string{"init", "-dir", "new", "-recovery", "age1x"}, 1, "the recipient is none"},
		"a recovery that is private": {[]string{"init", "-dir", "new", "-recovery", "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX"}, 2, "-recovery has a private key"},
		"an identity for nothing":    {[]string{"init", "-dir", "new", "-passphrase-env", "X"}, 2, "give -encrypt too"},
		"a slip in the command":      {[]string{"isue"}, 2, `there is no command "isue": the nearest is "issue"`},
		"no command":                 {nil, 2, "a command is missing"},
	} {
		t.Run(name, func(t *testing.T) {
			r := o.do(t, test.args...)
			r.fails(t, test.status, test.says)
			if test.status == 2 {
				require.Regexp(t, `wampbox authority( [a-z]+)? -h says how to use it`, r.err)
			}
			require.NoFileExists(t, o.path("new", "authority.json"))
			require.NoFileExists(t, o.path("new", "keyring.json"))
		})
	}
	require.Equal(t, before, o.show(t))
	require.NoError(t, os.Chmod(o.path("authority", "authority.json"), 0o640))
	o.do(t, "show").fails(t, 1, "chmod 600 "+filepath.Join("authority", "authority.json"))
}

// TestAuthorityNewPattern: that a pattern gets a key is said, and which one may have been meant. What
// is told to do then takes it back.
func TestAuthorityNewPattern(t *testing.T) {
	o := begunAuthority(t)
	o.do(t, "grant", "shop", "com.orders.", "-as", "both").fine(t)
	before := o.show(t).Patterns
	for pattern, near := range map[string]string{"com.ordres.": `prefix "com.orders."`, "com.x": `prefix "com.x."`, "com.orders": `prefix "com.orders."`} {
		r := o.do(t, "grant", "desk", pattern, "-as", "both")
		r.fine(t)
		require.Contains(t, r.err, `"`+pattern+`" is new here, and has got a key`)
		remove := "wampbox remove -yes " + pattern + " " + filepath.Join("authority", "keyring.json")
		require.Contains(t, r.err, "it is nearly "+near+"; if that was meant: wampbox authority revoke desk "+pattern+", and "+remove)
		o.do(t, "revoke", "desk", pattern).fine(t)
		run{dir: o.dir}.start(t, strings.Fields(remove)[1:]...).fine(t)
		require.Equal(t, before, o.show(t).Patterns)
	}
	r := o.do(t, "grant", "desk", "com.orders.", "-as", "both")
	r.fine(t)
	require.NotContains(t, r.err, "is new here")
	r = o.do(t, "grant", "desk", "org.z.", "-as", "both")
	r.fine(t)
	require.Contains(t, r.err, `prefix "org.z." is new here`)
	require.NotContains(t, r.err, "nearly")
}

// TestAuthorityLint: that an authority has all halves, and lists parties elsewhere, is as it has to
// be, and so is what it has granted.
func TestAuthorityLint(t *testing.T) {
	o := begunAuthority(t)
	o.do(t, "grant", "shop", "com.s.", "-as", "reader", "-suite", "signed").fine(t)
	o.do(t, "issue").fine(t)
	wampbox(t, "lint", o.path("authority", "keyring.json")).fine(t)
	r := wampbox(t, "lint", o.granted(t, "shop"))
	require.NotContains(t, r.out, "both-private")
	require.Contains(t, r.out, "wampbox authority grant MEMBER com.s. -as sender has the authority list one")
	moved := filepath.Join(t.TempDir(), "keyring.json") // is no authority's there
	require.NoError(t, os.WriteFile(moved, must(os.ReadFile(o.path("authority", "keyring.json"))), 0o600))
	require.Contains(t, wampbox(t, "lint", moved).out, "both-private")
}

// TestAuthorityEncrypted is made, read and changed with age, and never written in plain.
func TestAuthorityEncrypted(t *testing.T) {
	id, file := identity(t)
	_, other := identity(t)
	pass := write(t, "passphrase", []byte(passphrase+"\n"))
	for name, tc := range map[string]struct {
		flags, wrong []string
		says         string
	}{
		"to a recipient":  {[]string{"-identity", file}, []string{"-identity", other}, "doesn't decrypt"},
		"by a passphrase": {[]string{"-passphrase-file", pass}, nil, "is encrypted with a passphrase: there is no terminal"},
	} {
		t.Run(name, func(t *testing.T) {
			o := members(t, "shop", "desk")
			o.flags = tc.flags
			r := o.do(t, "init", "-encrypt", "-both", "shop.enrolment", "-both", "desk.enrolment", "com.x.")
			require.NotContains(t, r.out+r.err, passphrase)
			key := strings.TrimSpace(r.fine(t))
			o.do(t, "grant", "shop", "com.y.", "-as", "originator").fine(t)
			for _, name := range []string{"authority.json", "keyring.json"} {
				require.True(t, agefile.Encrypted(must(os.ReadFile(o.path("authority", name)))), "%s is written in plain", name)
			}
			require.Equal(t, key, o.show(t).Key)
			if tc.wrong != nil { // else each command costs seconds, and members' files are the same
				o.exchanges(t, "shop", "desk", "com.x.y")
			}
			o.flags = tc.wrong
			o.do(t, "show").fails(t, 1, tc.says)
		})
	}
	o := operation{dir: t.TempDir()}
	o.do(t, "init", "-encrypt").fails(t, 1, "there is no terminal to ask for it")
	o.do(t, "init", "-encrypt", "-passphrase-file", write(t, "empty", nil)).fails(t, 1, "the passphrase is empty")
	o.do(t, "init", "-encrypt", "-identity", write(t, "two", []byte(id.String()+"\n"+id.String()+"\n"))).fails(t, 2, "give a file with one")
	require.NoDirExists(t, o.path("authority"))
}

// TestAuthorityCompletion knows commands of commands.
func TestAuthorityCompletion(t *testing.T) {
	require.Subset(t, offered(t, "authority", ""), []string{"init", "enrol", "grant", "show", "issue", "rotate", "revoke", "collect", "status", "rekey", "recover"})
	require.Equal(t, []string{"grant"}, offered(t, "authority", "gr"))
	require.Equal(t, []string{"rotate", "revoke", "rekey", "recover"}, offered(t, "authority", "r"))
	require.Equal(t, []string{"originator"}, offered(t, "authority", "grant", "-as", "o"))
	require.Equal(t, []string{"signed", "signed-pq"}, offered(t, "authority", "init", "-suite", "si"))
	require.Empty(t, offered(t, "authority", "enrol", ""), "names of files")
	require.Contains(t, offered(t, "authority", "issue", "-"), "-valid")
}

// operatorCommands are those of wampbox authority, with the arguments that they take.
var operatorCommands = map[string][]string{
	"init": nil, "enrol": {"FILE"}, "grant": {"MEMBER", "PATTERN"}, "show": nil, "issue": nil, "status": nil, "rekey": nil, "recover": nil,
	"rotate": {"PATTERN"}, "revoke": {"MEMBER"}, "collect": nil,
}

// TestAuthorityUsage: each command says what is wrong about how it was called, and all about
// itself.
func TestAuthorityUsage(t *testing.T) {
	listed := wampbox(t, "authority", "-h").fine(t)
	for command, takes := range operatorCommands {
		args := []string{"authority", command}
		switch command {
		case "grant":
			args = append(args, "-as", "both")
		case "recover":
			args = append(args, "-recovery", "x", "-authority", "x")
		}
		full := "wampbox authority " + command
		require.Regexp(t, `(?m)^ +`+command+` +\S`, listed)
		wampbox(t, append(args, "-nonsense=hunter2")...).fails(t, 2, full+": flag provided but not defined: -nonsense")
		for i, name := range takes {
			wampbox(t, append(slices.Clone(args), []string{"com.x", "com.y"}[:i]...)...).fails(t, 2, full+": "+name+" is missing\n")
		}
		if len(takes) == 0 && command != "init" && command != "collect" {
			r := wampbox(t, append(args, "hunter2", "hunter2")...)
			r.fails(t, 2, full+": there is an argument too many\n")
			require.NotContains(t, r.err, "hunter2")
		}
		help := wampbox(t, "authority", command, "-h").fine(t)
		require.Contains(t, help, "Examples:")
		require.Contains(t, help, "$ "+full)
		for line := range strings.Lines(help) {
			require.LessOrEqual(t, len(line), 160, line)
		}
	}
}
