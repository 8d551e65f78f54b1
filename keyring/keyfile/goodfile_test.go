package keyfile_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

const (
	asOriginator = `"originator": {"private": "$O"}, "responder": {"public": "$r"}`
	asResponder  = `"originator": {"public": "$o"}, "responder": {"private": "$R"}`
	sharedKey    = `"shared": "$S"`
	asSender     = `"suite": "signed", "sign": "$G", "seal": "$x", "answerers": [{"name": "desk", "key": "$h"}]`
	asReader     = `"suite": "signed", "sign": "$H", "read": "$X", "senders": [{"name": "shop", "key": "$g"}]`
	passthruKey  = `"id": "s", "dialect": "passthru", "shared": "$S"`
)

// goodFiles load, and every version of them is listed in want: state, id and
// kind. $id is the id of the sample pair, and $C and $D are those of the secrets.
var goodFiles = []struct {
	name, text string
	want       []string
}{
	{"an originator", one(asOriginator), []string{"active $id originator box"}},
	{"a responder", one(asResponder), []string{"active $id responder box"}},
	{"both private keys", one(`"originator": {"private": "$O"}, "responder": {"private": "$R"}`), []string{"active $id pair box"}},
	{"private keys with public ones", one(`"originator": {"private": "$O", "public": "$o"}, "responder": {"public": "$r"}`), []string{"active $id originator box"}},
	{"a suite", one(`"suite": "xbox", ` + asOriginator), []string{"active $xbox originator xbox"}},
	{"the default suite, said", one(`"suite": "box", ` + asResponder), []string{"active $id responder box"}},
	{"a shared key", one(sharedKey), []string{"active $shared shared shared"}},
	{"for Autobahn", one(`"dialect": "autobahn", ` + asOriginator), []string{"active $auto originator autobahn cryptobox"}},
	{"both private keys, for Autobahn", one(`"dialect": "autobahn", "originator": {"private": "$O"}, "responder": {"private": "$R"}`), []string{"active $auto pair autobahn cryptobox"}},
	{"one pair for all", one(`"dialect": "autobahn", "originator": {"private": "$S"}, "responder": {"private": "$S"}`), []string{"active $both both autobahn cryptobox"}},
	{"for passthru", one(`"dialect": "passthru", "id": "mine", ` + asOriginator), []string{"active mine originator passthru xsalsa20poly1305"}},
	{"a shared key for passthru", one(passthruKey), []string{"active s shared passthru xsalsa20poly1305"}},
	{"a shared key for passthru, with its algorithm", one(`"algorithm": "xsalsa20poly1305", ` + passthruKey), []string{"active s shared passthru xsalsa20poly1305"}},
	{"an AES key", one(`"algorithm": "aes256gcm", ` + passthruKey), []string{"active s shared passthru aes256gcm"}},
	{"not yet active", one(`"active_from": "2099-01-01T00:00:00Z", ` + passthruKey), []string{"pending s shared passthru xsalsa20poly1305 from 2099-01-01T00:00:00Z"}},
	{"no more", one(`"not_after": "2020-01-01T00:00:00Z", ` + passthruKey), []string{"expired s shared passthru xsalsa20poly1305 until 2020-01-01T00:00:00Z"}},
	{"revoked, the id only", one(`"id": "s", "revoked": true`), []string{"revoked s revoked"}},
	{"revoked, the id and a dialect", one(`"id": "s", "revoked": true, "dialect": "passthru"`), []string{"revoked s revoked"}},
	{"revoked, public keys only", one(`"originator": {"public": "$o"}, "responder": {"public": "$r"}, "revoked": true`), []string{"revoked $id revoked"}},
	{"revoked, public keys and a suite", one(`"suite": "xbox", "originator": {"public": "$o"}, "responder": {"public": "$r"}, "revoked": true`), []string{"revoked $xbox revoked"}},
	{"revoked, public keys only, Autobahn's", one(`"dialect": "autobahn", "originator": {"public": "$o"}, "responder": {"public": "$r"}, "revoked": true`), []string{"revoked $auto revoked"}},
	{"revoked, public keys only, for passthru", one(`"dialect": "passthru", "id": "s", "originator": {"public": "$o"}, "responder": {"public": "$r"}, "revoked": true`), []string{"revoked s revoked"}},
	{"revoked, with keys", one(`"revoked": true, ` + asResponder), []string{"revoked $id responder box"}},
	{"not revoked, and said so", one(`"revoked": false, ` + sharedKey), []string{"active $shared shared shared"}},
	{"who sends", one(asSender), []string{"active $signed signed signed sends answered by desk"}},
	{"who only publishes", one(`"suite": "signed", "sign": "$G", "seal": "$x"`), []string{"active $signed signed signed sends"}},
	{"who receives", one(asReader), []string{"active $signed signed signed reads hears shop"}},
	{"who only reads", one(`"suite": "signed", "read": "$X"`), []string{"active $signed signed signed reads"}},
	{"who does both, signed once, with anybody's answers", one(`"suite": "signed", "sign": "$G", "seal": "$x", "read": "$X", "any_answerer": true, "signed_once": true`),
		[]string{"active $signed signed signed sends reads any once"}},
	{"flags that are said, and not set", one(`"any_answerer": false, "signed_once": false, ` + asOriginator), []string{"active $id originator box"}},
	{"a name with two keys", one(`"suite": "signed", "read": "$X", "senders": [{"name": "shop", "key": "$g"}, {"name": "shop", "key": "$h"}]`), []string{"active $signed signed signed reads hears shop shop"}},
	{"who sends, signed-pq", one(`"suite": "signed-pq", "sign": "$G", "seal": "$w"`), []string{"active $pq signed signed-pq sends"}},
	{"who receives, signed-pq", one(`"suite": "signed-pq", "read": "$W", "senders": [{"name": "shop", "key": "$g"}]`), []string{"active $pq signed signed-pq reads hears shop"}},
	{"revoked, a signed key", one(`"revoked": true, ` + asReader), []string{"revoked $signed signed signed reads"}},
	{"revoked, a signed key's public half", one(`"revoked": true, "suite": "signed", "seal": "$x"`), []string{"revoked $signed revoked signed"}},
	{"unsigned until a date", fileOf(`{"exact": "com.a", "allow_unsigned": "2099-01-01T00:00:00Z", "versions": [{` + asReader + `, "active_from": "2098-01-01T00:00:00Z"}, {` + asResponder + `}]}`),
		[]string{"pending $signed signed signed reads hears shop from 2098-01-01T00:00:00Z", "active $id responder box"}},
	{"all versions", fileOf(`{"comment": "\u263a", "exact": "com.a", "versions": [
		{"id": "4", "revoked": true},
		{"id": "3", "dialect": "passthru", "not_after": "2099-12-31T23:59:59.5+01:00", "shared": "$S"},
		{"id": "2", "dialect": "passthru", "active_from": "2099-01-01T00:00:00Z", "shared": "$O"},
		{"dialect": "autobahn", "active_from": "2026-01-01T00:00:00Z", ` + asOriginator + `, "comment": "\u263a", "created": "2026-01-01T00:00:00Z"},
		{"active_from": "2025-01-01T00:00:00Z", "originator": {"private": "$S"}, "responder": {"public": "$o"}, "suite": "xbox"}]}`,
	), []string{
		"pending 2 shared passthru xsalsa20poly1305 from 2099-01-01T00:00:00Z", "active $auto originator autobahn cryptobox from 2026-01-01T00:00:00Z",
		"retired $other originator xbox from 2025-01-01T00:00:00Z", "retired 3 shared passthru xsalsa20poly1305 until 2099-12-31T22:59:59.5Z",
		"revoked 4 revoked",
	}},
	{"plain", fileOf(`{"exact": "com.a", "plain": true, "comment": "for all to see"}`), nil},
	{"not plain, and said so", fileOf(`{"exact": "com.a", "plain": false, "versions": [{` + asOriginator + `}]}`), []string{"active $id originator box"}},
	{"sent in plain", fileOf(`{"exact": "com.a", "plaintext": "send", "until": "2099-01-01T00:00:00Z", "versions": [{` + asOriginator + `}]}`), []string{"active $id originator box"}},
	{"taken in plain, formerly", fileOf(`{"exact": "com.a", "plaintext": "accept", "until": "2020-01-01T00:00:00Z", "versions": [{` + asOriginator + `}]}`), []string{"active $id originator box"}},
	{"a grant", grantOf(`"expires": "2098-12-01T00:00:00.5+01:00", "opens_until": "2099-01-01T00:00:00Z"`, versionsOf(`{`+asReader+`}`)),
		[]string{"active $signed signed signed reads hears shop lent until 2098-11-30T23:00:00.5Z and 2099-01-01T00:00:00Z"}},
	{"a grant in its grace", grantOf(`"expires": "2020-12-01T00:00:00Z", "opens_until": "2099-01-01T00:00:00Z"`, versionsOf(`{`+asReader+`}`)),
		[]string{"retired $signed signed signed reads hears shop lent until 2020-12-01T00:00:00Z and 2099-01-01T00:00:00Z"}},
	{"a grant that ended", grantOf(`"expires": "2020-12-01T00:00:00Z", "opens_until": "2020-12-01T00:00:00Z"`, versionsOf(`{`+asReader+`}`)),
		[]string{"expired $signed signed signed reads hears shop lent until 2020-12-01T00:00:00Z and 2020-12-01T00:00:00Z"}},
	{"scrambled", scrambleOf(scrambledBy(`{"secret": "$C"}`)), []string{"active $id originator box", "scrambled com.", "active $C"}},
	{"scrambled, and more", scrambleOf(`{"comment": "\u263a", "secrets": [{"secret": "$C", "not_after": "2098-01-01T01:00:00.5+01:00"},
		{"active_from": "2097-01-01T00:00:00Z", "secret": "$D", "comment": "\u263a"}], "prefix": "com.", "allow_clear": "2099-01-01T01:00:00+01:00"}`,
		`{"prefix": "org.", "allow_clear": "2020-01-01T00:00:00Z", "secrets": []}`, `{"prefix": "net.x.", "allow_clear": "2099-01-01T00:00:00Z"}`), []string{
		"active $id originator box", "scrambled com. clear until 2099-01-01T00:00:00Z", "pending $D from 2097-01-01T00:00:00Z",
		"active $C until 2098-01-01T00:00:00.5Z", "scrambled net.x. clear until 2099-01-01T00:00:00Z", "scrambled org. clear until 2020-01-01T00:00:00Z",
	}},
	{"scrambled by secrets of which none is in use", scrambleOf(scrambledBy(`{"secret": "$C", "not_after": "2020-01-01T00:00:00Z"}`)),
		[]string{"active $id originator box", "scrambled com.", "expired $C until 2020-01-01T00:00:00Z"}},
	{"a schema", `{"$schema": "https://example.com/s.json", "version": 2, "unkeyed": "plain", "patterns": [{"exact": "com.a", "versions": [{"shared": "` + sampleBoth + `"}]}]}`,
		[]string{"active $shared shared shared"}},
}

// describe gives one line for each version that com.a has, and what is scrambled.
func describe(r *keyring.Ring) []string {
	var list []string
	for _, v := range r.Versions(keyring.Exact("com.a")) {
		line := fmt.Sprintf("%v %s %s", v.State, v.ID, v.Kind)
		switch {
		case v.Suite != 0:
			line += " " + v.Suite.String()
		case v.Dialect.Foreign():
			line += " " + v.Dialect.String() + " " + v.Algorithm
		}
		line += describeSigned(v.Signed) + describeDates(v.Dates)
		if !v.SealUntil.IsZero() {
			line += " lent until " + v.SealUntil.Format(time.RFC3339Nano) + " and " + v.OpenUntil.Format(time.RFC3339Nano)
		}
		list = append(list, line)
	}
	for s := range r.Scrambled() {
		line := "scrambled " + s.Prefix
		if !s.ClearUntil.IsZero() {
			line += " clear until " + s.ClearUntil.Format(time.RFC3339Nano)
		}
		list = append(list, line)
		for _, by := range s.Secrets {
			list = append(list, fmt.Sprintf("%v %s", by.State, by.ID)+describeDates(by.Dates))
		}
	}
	return list
}

func describeDates(d keyring.Dates) (line string) {
	if !d.ActiveFrom.IsZero() {
		line += " from " + d.ActiveFrom.Format(time.RFC3339Nano)
	}
	if !d.NotAfter.IsZero() {
		line += " until " + d.NotAfter.Format(time.RFC3339Nano)
	}
	return line
}

// describeSigned tells what a signed key can do.
func describeSigned(s keyring.SignedInfo) (line string) {
	if s.Originates {
		line += " sends"
	}
	if s.Responds {
		line += " reads"
	}
	if len(s.Senders) > 0 {
		line += " hears"
	}
	for _, one := range s.Senders {
		line += " " + one.Name
	}
	if len(s.Answerers) > 0 {
		line += " answered by"
	}
	for _, one := range s.Answerers {
		line += " " + one.Name
	}
	if s.AnyAnswerer {
		line += " any"
	}
	if s.SignedOnce {
		line += " once"
	}
	return line
}

func TestGoodFiles(t *testing.T) {
	o, r := private(t, sampleOriginator), private(t, sampleResponder)
	symmetric, err := cryptobox.ParseSymmetricKey(sampleBoth)
	require.NoError(t, err)
	pair := keyring.Originator(o, r.Public())
	ids := strings.NewReplacer("$C", scrambler(t, sampleBoth).ID().String(), "$D", scrambler(t, sampleOriginator).ID().String(), "$id", pair.ID(), "$xbox", pair.WithSuite(cryptobox.SuiteXBox).ID(), "$auto", pair.ForAutobahn().ID(),
		"$other", keyring.Originator(private(t, sampleBoth), o.Public()).WithSuite(cryptobox.SuiteXBox).ID(), "$shared", keyring.Shared(symmetric).ID(), "$both", keyring.Both(private(t, sampleBoth)).ID(),
		"$signed", cryptobox.SignedID(readingKey("x25519:"+sampleBoth).Public()).String(), "$pq", cryptobox.SignedID(readingKey("xwing:"+sampleBoth).Public()).String())
	for _, tc := range goodFiles {
		t.Run(tc.name, func(t *testing.T) {
			ring, err := loadText(t, tc.text)
			require.NoError(t, err)
			require.Equal(t, 1, ring.Len())
			var want []string
			for _, line := range tc.want {
				want = append(want, ids.Replace(line))
			}
			require.Equal(t, want, describe(ring))
			ring, err = keyfile.Read(strings.NewReader(tc.text))
			require.NoError(t, err)
			require.Equal(t, want, describe(ring))
		})
	}
}

// What one party's file seals, the other's opens.
func TestFilesOfTwoPartiesFit(t *testing.T) {
	both := `"originator": {"private": "$O"}, "responder": {"private": "$R"}`
	auto, named, xbox := `"dialect": "autobahn", `, `"dialect": "passthru", "id": "x", `, `"suite": "xbox", `
	cases := map[string]struct{ originator, responder string }{
		"each its own":         {asOriginator, asResponder},
		"an operator sends":    {both, asResponder},
		"an operator reads":    {asOriginator, both},
		"xbox":                 {xbox + asOriginator, xbox + asResponder},
		"shared":               {sharedKey, sharedKey},
		"Autobahn":             {auto + asOriginator, auto + asResponder},
		"Autobahn's operator":  {auto + both, auto + asResponder},
		"one pair for all":     {auto + `"originator": {"private": "$S"}, "responder": {"private": "$S"}`, auto + `"responder": {"private": "$S"}, "originator": {"private": "$S"}`},
		"passthru, pairs":      {named + asOriginator, named + asResponder},
		"passthru, shared":     {passthruKey, passthruKey},
		"passthru, shared AES": {`"algorithm": "aes256gcm", ` + passthruKey, `"algorithm": "aes256gcm", ` + passthruKey},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			from, err := loadText(t, one(tc.originator))
			require.NoError(t, err)
			to, err := loadText(t, one(tc.responder))
			require.NoError(t, err)
			e, err := from.Lookup("com.a")
			require.NoError(t, err)
			v, err := e.Sealer(keyring.RoleOriginator)
			require.NoError(t, err)
			e, err = to.Lookup("com.a")
			require.NoError(t, err)
			if v.Dialect().Foreign() {
				payload, _, err := cryptobox.SealForeign(v.Cipher(), v.Dialect(), cryptobox.NewForeignRecord("com.a", nil, nil))
				require.NoError(t, err)
				openers, err := e.ForeignOpeners(keyring.RoleResponder, v.Dialect(), v.ID())
				require.NoError(t, err)
				rec, _, err := cryptobox.OpenForeign(openers[0].Cipher(), v.Dialect(), payload)
				require.NoError(t, err)
				require.Equal(t, "com.a", rec.URI())
				return
			}
			rec := cryptobox.NewRecord(cryptobox.Head{Kind: cryptobox.KindPublish, From: cryptobox.NewSenderID(), N: 1}, "realm1", "com.a", nil, nil)
			enc, _, err := v.Key().Seal(nil, &rec)
			require.NoError(t, err)
			opener, err := e.Opener(keyring.RoleResponder, v.Key().ID())
			require.NoError(t, err)
			var opened cryptobox.Opened
			defer opened.Release()
			require.NoError(t, opener.Key().Open(enc, cryptobox.Message, &opened))
			require.Equal(t, "com.a", opened.URI())
		})
	}
}

// The example of the format's page loads, with what it refers to.
func TestExampleOfTheDocs(t *testing.T) {
	page, err := os.ReadFile("../../docs/KEYRING-FILE.md")
	require.NoError(t, err)
	_, rest, found := strings.Cut(string(page), "```json\n")
	require.True(t, found)
	example, _, found := strings.Cut(rest, "```")
	require.True(t, found)
	require.Contains(t, example, publicText(sampleResponder))

	path := written(t, example)
	t.Setenv("SENSORS_KEY", sampleBoth)
	require.NoError(t, os.WriteFile(filepath.Join(filepath.Dir(path), "old-originator.key"), []byte(sampleBoth), 0o600))
	ring, err := keyfile.Load(path)
	require.NoError(t, err)
	require.Equal(t, 3, ring.Len())
	require.Len(t, ring.Versions(keyring.Prefix("com.myapp.orders.")), 3)
	require.Equal(t, "aes256gcm", ring.Versions(keyring.Wildcard("com.myapp..temperature"))[0].Algorithm)
	e, err := ring.Lookup("com.myapp.public.news")
	require.NoError(t, err)
	require.True(t, e.Plain())
	validate(t, example, true)
}

// The example of signed keys does too: the desk's file, and the shop's that is described below it.
func TestSignedExampleOfTheDocs(t *testing.T) {
	page, err := os.ReadFile("../../docs/KEYRING-FILE.md")
	require.NoError(t, err)
	parts := strings.Split(string(page), "```json\n")
	require.Len(t, parts, 5)
	example, below, found := strings.Cut(parts[2], "```")
	require.True(t, found)
	require.Contains(t, below, `"seal": "`+sampleKeys.Replace("$x")+`"`)

	path := written(t, example)
	t.Setenv("BILLING_VERIFY_KEY", cryptobox.GenerateSigningKey().Public().String())
	beside(t, path, "desk.key", sampleKeys.Replace("$H"), 0o600)
	ring, err := keyfile.Load(path)
	require.NoError(t, err)
	versions := ring.Versions(keyring.Prefix("com.myapp.orders."))
	require.Len(t, versions, 2)
	shop := keyringParty(sampleOriginator)
	shop.Name = "shop"
	require.Contains(t, versions[0].Signed.Senders, shop)
	require.Equal(t, sampleKeys.Replace("$x"), versions[0].Signed.Reading.String())
	e, err := ring.Lookup("com.myapp.orders.x")
	require.NoError(t, err)
	until, _ := e.AllowsUnsigned()
	require.Equal(t, versions[1].Dates.NotAfter, until)
	validate(t, example, true)
}

// The example of a grant is one.
func TestGrantOfTheDocs(t *testing.T) {
	page, err := os.ReadFile("../../docs/KEYRING-FILE.md")
	require.NoError(t, err)
	example, _, found := strings.Cut(strings.Split(string(page), "```json\n")[3], "```")
	require.True(t, found)
	text := `{"version": 2, ` + example + ` "patterns": []}`
	f, err := keyfile.Parse([]byte(text))
	require.NoError(t, err)
	require.Equal(t, "shop", f.Grant.Member)
	validate(t, text, true)
}

// The example of scrambled URIs is one.
func TestScrambleOfTheDocs(t *testing.T) {
	page, err := os.ReadFile("../../docs/KEYRING-FILE.md")
	require.NoError(t, err)
	example, _, found := strings.Cut(strings.Split(string(page), "```json\n")[4], "```")
	require.True(t, found)
	text := sampleKeys.Replace(`{"version": 2, ` + example + ` "patterns": [` + versionsOf(`{`+asOriginator+`}`) + `]}`)
	ring, err := keyfile.Read(strings.NewReader(text))
	require.NoError(t, err)
	require.Equal(t, scrambler(t, sampleBoth).ID().String(), slices.Collect(ring.Scrambled())[0].Secrets[0].ID)
	validate(t, text, true)
}

// What a file says of a pattern besides its versions.
func TestWhatHoldsForAPattern(t *testing.T) {
	for name, tc := range map[string]struct {
		fields              string
		plain, sends, takes bool
	}{
		"sealed":                    {`"versions": [{` + asOriginator + `}]`, false, false, false},
		"plain":                     {`"plain": true`, true, true, true},
		"sent in plain":             {`"plaintext": "send", "until": "2099-01-01T00:00:00Z", "versions": [{` + asOriginator + `}]`, false, true, true},
		"taken in plain":            {`"plaintext": "accept", "until": "2099-01-01T00:00:00Z", "versions": [{` + asOriginator + `}]`, false, false, true},
		"sent in plain until today": {`"plaintext": "send", "until": "2020-01-01T00:00:00Z", "versions": [{` + asOriginator + `}]`, false, false, false},
	} {
		ring, err := loadText(t, fileOf(`{"exact": "com.a", `+tc.fields+`}`))
		require.NoError(t, err, name)
		e, err := ring.Lookup("com.a")
		require.NoError(t, err)
		require.Equal(t, []bool{tc.plain, tc.sends, tc.takes}, []bool{e.Plain(), e.SendsPlain(), e.TakesPlain()}, name)
		_, err = ring.Lookup("com.other")
		require.ErrorIs(t, err, keyring.ErrClosed)
	}
	ring, err := loadText(t, `{"version": 2, "unkeyed": "plain", "patterns": [{"exact": "com.a", "plain": true}]}`)
	require.NoError(t, err)
	e, err := ring.Lookup("org.other")
	require.NoError(t, err)
	require.True(t, e.Plain())
}
