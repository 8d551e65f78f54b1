package keyfile_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/leak"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

// What one party's file seals the other's opens, and knows whose it is; and so with the answer.
func TestSignedFilesFit(t *testing.T) {
	for name, tc := range map[string]struct{ from, to string }{
		"signed":      {asSender, asReader},
		"signed once": {`"signed_once": true, ` + asSender, `"signed_once": true, ` + asReader},
		"signed-pq": {`"suite": "signed-pq", "sign": "$G", "seal": "$w", "answerers": [{"name": "desk", "key": "$h"}]`,
			`"suite": "signed-pq", "sign": "$H", "read": "$W", "senders": [{"name": "shop", "key": "$g"}]`},
	} {
		t.Run(name, func(t *testing.T) {
			sealer, opener := onlyVersion(t, one(tc.from), keyring.RoleOriginator), onlyVersion(t, one(tc.to), keyring.RoleResponder)
			now := time.Now().UnixMilli()
			call := cryptobox.NewRecord(cryptobox.Head{Kind: cryptobox.KindCall, From: cryptobox.NewSenderID(), N: 1, TS: now}, "realm1", "com.a", nil, nil)
			var draft cryptobox.Draft
			defer draft.Release()
			require.NoError(t, sealer.Key().Encode(&call, &draft))
			enc := draft.Append(nil)
			var opened, answer cryptobox.Opened
			defer opened.Release()
			defer answer.Release()
			require.NoError(t, opener.Key().Open(enc, cryptobox.Message, &opened))
			who, listed := opener.NameOf(opened.Signer, keyring.RoleOriginator)
			require.Equal(t, []any{"shop", true}, []any{who, listed})

			result := cryptobox.NewRecord(cryptobox.Head{Kind: cryptobox.KindResult, From: cryptobox.NewSenderID(), N: 1, TS: now, Re: opened.Token}, "realm1", "com.a", nil, nil)
			result.Exchange = opened.Exchange()
			back, _, err := opener.Key().Seal(nil, &result)
			require.NoError(t, err)
			require.NoError(t, sealer.Key().OpenIn(draft.Exchange(), back, cryptobox.Answer, &answer))
			who, listed = sealer.NameOf(answer.Signer, keyring.RoleResponder)
			require.Equal(t, []any{"desk", true}, []any{who, listed})
		})
	}
}

// onlyVersion loads a file of one version, and gives that.
func onlyVersion(t *testing.T, text string, role keyring.Role) *keyring.Version {
	t.Helper()
	ring, err := loadText(t, text)
	require.NoError(t, err)
	e, err := ring.Lookup("com.a")
	require.NoError(t, err)
	v, err := e.Sealer(role)
	require.NoError(t, err)
	return v
}

// Each part may be in the environment or in a file of its own, with its type. Others must not
// read a file with a private one, nor write to any.
func TestReferencesOfSignedKeys(t *testing.T) {
	parts := map[string]struct {
		good, bad, want string
		private         bool
	}{
		"sign":         {"$G", "$O", `sign: signing key: cryptobox: not a key: want "ed25519:" in front of base64, got no type`, true},
		"seal":         {"$x", "$o", `seal: reading public key: cryptobox: not a key: want "x25519:" or "xwing:" in front of base64, got no type`, false},
		"read":         {"$X", "$G", `read: reading key: cryptobox: not a key: want "x25519:" or "xwing:" in front of base64, got "ed25519:"`, true},
		"senders[0]":   {"$g", "$x", `senders[0].key: verify key: cryptobox: not a key: want "ed25519:" in front of base64, got "x25519:"`, false},
		"answerers[0]": {"$h", "", `answerers[0].key: verify key: cryptobox: not a key: want "ed25519:" in front of base64, got no type`, false},
	}
	file := func(part, text string) string {
		texts := map[string]any{}
		for name, tc := range parts {
			texts[name] = tc.good
		}
		texts[part] = text
		return one(fmt.Sprintf(`"suite": "signed", "sign": "%s", "seal": "%s", "read": "%s", "senders": [{"name": "shop", "key": "%s"}], "answerers": [{"name": "desk", "key": "%s"}]`,
			texts["sign"], texts["seal"], texts["read"], texts["senders[0]"], texts["answerers[0]"]))
	}
	plain, err := loadText(t, file("", ""))
	require.NoError(t, err)
	for part, tc := range parts {
		t.Run(part, func(t *testing.T) {
			good, bad := sampleKeys.Replace(tc.good), sampleKeys.Replace(tc.bad)
			t.Setenv("WAMPBOX_TEST_KEY", " "+good+"\n")
			ring, err := loadText(t, file(part, "env:WAMPBOX_TEST_KEY"))
			require.NoError(t, err)
			sameRings(t, plain, ring)
			path := written(t, file(part, "file:key"))
			beside(t, path, "key", "# mine\n"+good+"\n", 0o600)
			ring, err = keyfile.Load(path)
			require.NoError(t, err)
			sameRings(t, plain, ring)

			require.NoError(t, os.Chmod(filepath.Join(filepath.Dir(path), "key"), 0o644))
			_, err = keyfile.Load(path)
			require.Equal(t, tc.private, err != nil, "%v", err)
			if tc.private {
				require.ErrorIs(t, err, keyfile.ErrPermissions)
			}
			require.NoError(t, os.Chmod(filepath.Join(filepath.Dir(path), "key"), 0o662))
			_, err = keyfile.Load(path)
			require.ErrorIs(t, err, keyfile.ErrWritable)

			path = written(t, file(part, "file:key"))
			beside(t, path, "key", bad, 0o600)
			_, err = keyfile.Load(path)
			require.ErrorContains(t, err, tc.want)
			require.ErrorContains(t, err, "have one line of ")
			if bad != "" {
				t.Setenv("WAMPBOX_TEST_KEY", bad)
				_, err = loadText(t, file(part, "env:WAMPBOX_TEST_KEY"))
				require.ErrorContains(t, err, tc.want)
				require.ErrorContains(t, err, "set the variable WAMPBOX_TEST_KEY to ")
				require.NotContains(t, err.Error(), bad[10:])
			}
		})
	}
}

// The text of a reading key of X-Wing is long, and may stand in a file too.
func TestLongKeyInAFile(t *testing.T) {
	path := written(t, one(`"suite": "signed-pq", "sign": "$G", "seal": "file:seal"`))
	long := sampleKeys.Replace("$w")
	require.Len(t, long, 1630)
	beside(t, path, "seal", "# the public half\n"+long+"\n", 0o644)
	ring, err := keyfile.Load(path)
	require.NoError(t, err)
	require.Equal(t, long, ring.Versions(keyring.Exact("com.a"))[0].Signed.Reading.String())
}

// Keys that a program has are written as they are read.
func TestSecretsOfSignedKeys(t *testing.T) {
	for _, suite := range []cryptobox.Suite{cryptobox.SuiteSigned, cryptobox.SuiteSignedPQ} {
		sign, none := cryptobox.GenerateSigningKey(), cryptobox.SigningKey{}
		read, err := cryptobox.GenerateReadingKey(suite)
		require.NoError(t, err)
		for _, tc := range []struct {
			secret keyfile.Secret
			want   string
		}{
			{keyfile.SigningKey(sign), sign.UnsafeText()}, {keyfile.VerifyKey(sign.Public()), sign.Public().String()},
			{keyfile.ReadingKey(read), read.UnsafeText()}, {keyfile.ReadingPublicKey(read.Public()), read.Public().String()},
			{keyfile.SigningKey(none), ""}, {keyfile.VerifyKey(none.Public()), ""},
			{keyfile.ReadingKey(cryptobox.ReadingKey{}), ""}, {keyfile.ReadingPublicKey(cryptobox.ReadingPublicKey{}), ""},
		} {
			require.Equal(t, tc.want, string(tc.secret.UnsafeText()))
			require.Equal(t, tc.want == "", tc.secret.IsZero())
		}
		v := &keyfile.Version{Suite: suite, Sign: keyfile.SigningKey(sign), Read: keyfile.ReadingKey(read)}
		for _, value := range []any{v, *v} {
			leak.RequireHidden(t, value, sign.UnsafeBytes(), []byte(sign.UnsafeText()), read.UnsafeBytes(), []byte(read.UnsafeText()))
		}
		f := keyfile.New()
		require.NoError(t, f.Add(app, v))
		signed, sealed := v.Sign.UnsafeText(), v.Read.UnsafeText()
		id := onlyInfo(t, f).ID
		require.Equal(t, cryptobox.SignedID(read.Public()).String(), id)
		require.NoError(t, f.Revoke(app, id))
		require.Equal(t, make([]byte, len(signed)), signed, "it is wiped")
		require.Equal(t, make([]byte, len(sealed)), sealed)
		text, err := f.Marshal()
		require.NoError(t, err)
		require.NotContains(t, string(text), "ed25519")
		require.Equal(t, keyring.StateRevoked, onlyInfo(t, f).State)
	}
}

// onlyInfo tells of the only version of app.
func onlyInfo(t *testing.T, f *keyfile.File) keyfile.VersionInfo {
	t.Helper()
	list, err := f.List()
	require.NoError(t, err)
	require.Len(t, list, 1)
	require.Len(t, list[0].Versions, 1)
	return list[0].Versions[0]
}

// aSigned writes a signed file of two versions, which refer to what is beside it.
func aSigned(t *testing.T) string {
	t.Helper()
	path := written(t, fileOf(`{"prefix": "com.myapp.", "comment": "kept", "versions": [
		{"suite": "signed", "sign": "$H", "seal": "$x", "read": "$X",
		 "senders": [{"name": "shop", "key": "file:shop.pub"}, {"name": "bank", "key": "$h"}], "answerers": [{"name": "desk", "key": "$h"}]},
		{"suite": "signed-pq", "active_from": "2099-01-01T00:00:00Z", "comment": "next", "read": "$W", "senders": [{"name": "shop", "key": "$g"}]}]}`))
	beside(t, path, "shop.pub", sampleKeys.Replace("$g"), 0o644)
	return path
}

// Parties come and go in all versions of a file; what stays is written as it was.
func TestPartiesOfAFile(t *testing.T) {
	path := aSigned(t)
	change := func(change func(f *keyfile.File) error) error { return keyfile.Update(path, change) }
	names := func() (all [][]string) {
		ring, err := keyfile.Load(path)
		require.NoError(t, err)
		for _, v := range ring.Versions(app) {
			of := []string{}
			for _, one := range append(v.Signed.Senders, v.Signed.Answerers...) {
				of = append(of, one.Name)
			}
			all = append(all, of)
		}
		return all // the one to come first
	}
	require.Equal(t, [][]string{{"shop"}, {"bank", "shop", "desk"}}, names())
	key := cryptobox.GenerateSigningKey().Public()
	require.NoError(t, change(func(f *keyfile.File) error {
		return f.AddParty(app, keyring.RoleOriginator, keyring.Party{Name: "kiosk", Key: key})
	}))
	require.Equal(t, [][]string{{"kiosk", "shop"}, {"bank", "kiosk", "shop", "desk"}}, names())
	require.Contains(t, content(t, path), `"file:shop.pub"`, "it stays as it was written")
	require.Equal(t, 2, strings.Count(content(t, path), `{"name": "kiosk", "key": "`+key.String()+`"}`))
	require.NoError(t, change(func(f *keyfile.File) error {
		return f.RemoveParty(app, keyring.RoleOriginator, keyring.Party{Name: "shop"})
	}))
	require.Equal(t, [][]string{{"kiosk"}, {"bank", "kiosk", "desk"}}, names())
	require.NotContains(t, content(t, path), "shop")
	other := cryptobox.GenerateSigningKey().Public()
	require.NoError(t, change(func(f *keyfile.File) error {
		if err := f.AddParty(app, keyring.RoleOriginator, keyring.Party{Name: "kiosk", Key: other}); err != nil {
			return err
		}
		return f.RemoveParty(app, keyring.RoleOriginator, keyring.Party{Name: "kiosk", Key: key})
	}), "a party has another key")
	require.NotContains(t, content(t, path), key.String())
	require.Equal(t, [][]string{{"kiosk"}, {"bank", "kiosk", "desk"}}, names())
	require.NoError(t, change(func(f *keyfile.File) error {
		return f.RemoveParty(app, keyring.RoleResponder, keyring.Party{Name: "desk"})
	}))
	require.NotContains(t, content(t, path), "answerers", "a list without any is left out")

	before := content(t, path)
	for want, refused := range map[error]func(*keyfile.File) error{
		keyring.ErrNoParty: func(f *keyfile.File) error {
			return f.RemoveParty(app, keyring.RoleOriginator, keyring.Party{Name: "shop"})
		},
		keyring.ErrKey: func(f *keyfile.File) error {
			return f.AddParty(app, keyring.RoleOriginator, keyring.Party{Name: "x", Key: other})
		},
		keyring.ErrWrongRole: func(f *keyfile.File) error { return f.AddParty(app, 0, keyring.Party{Name: "x", Key: key}) },
		keyring.ErrNoVersion: func(f *keyfile.File) error { return f.AllowUnsigned(keyring.Exact("org.x"), time.Now()) },
	} {
		require.ErrorIs(t, change(refused), want)
	}
	require.Equal(t, before, content(t, path))
	require.Contains(t, before, `"comment": "kept"`)
	validate(t, before, true)
}

// From a box to a signed key, in one change of a file.
func TestAllowUnsignedInAFile(t *testing.T) {
	path := written(t, fileOf(`{"prefix": "com.myapp.", "versions": [{`+asResponder+`}]}`))
	day, until := time.Now().Add(time.Hour), time.Now().Add(2*time.Hour).Round(0)
	lookup := func() (time.Time, bool) {
		ring, err := keyfile.Load(path)
		require.NoError(t, err)
		e, err := ring.Lookup("com.myapp.x")
		require.NoError(t, err)
		return e.AllowsUnsigned()
	}
	require.NoError(t, keyfile.Update(path, func(f *keyfile.File) error {
		if err := f.AllowUnsigned(app, until); err != nil {
			return err
		}
		list, err := f.List()
		require.NoError(t, err)
		require.True(t, until.Equal(list[0].AllowUnsigned))
		read := readingKey(sampleKeys.Replace("$X"))
		return f.Add(app, &keyfile.Version{Suite: cryptobox.SuiteSigned, Read: keyfile.ReadingKey(read), Dates: keyring.Dates{ActiveFrom: day}})
	}))
	end, lasts := lookup()
	require.True(t, end.Equal(until))
	require.True(t, lasts)
	validate(t, content(t, path), true)
	require.NoError(t, keyfile.Update(path, func(f *keyfile.File) error { return f.AllowUnsigned(app, time.Time{}) }))
	_, lasts = lookup()
	require.False(t, lasts)
	require.NotContains(t, content(t, path), "allow_unsigned")
	require.NoError(t, keyfile.Update(path, func(f *keyfile.File) error {
		require.NoError(t, f.AllowUnsigned(app, until))
		return f.SetPlain(app)
	}))
	require.NotContains(t, content(t, path), "allow_unsigned")
}

// A signed version that is revoked keeps what isn't signed shut, also when it is read again.
func TestRevokedSignedVersionInAFile(t *testing.T) {
	path := written(t, fileOf(`{"prefix": "com.myapp.", "versions": [{`+asResponder+`}]}`))
	read := readingKey(sampleKeys.Replace("$X"))
	opens := func() error {
		ring, err := keyfile.Load(path)
		require.NoError(t, err)
		e, err := ring.Lookup("com.myapp.x")
		require.NoError(t, err)
		_, err = e.Dialects(keyring.RoleResponder)
		return err
	}
	require.NoError(t, opens())
	require.NoError(t, keyfile.Update(path, func(f *keyfile.File) error {
		from := keyring.Dates{ActiveFrom: time.Now().Add(-time.Minute)}
		if err := f.Add(app, &keyfile.Version{Suite: cryptobox.SuiteSigned, Read: keyfile.ReadingKey(read), Dates: from}); err != nil {
			return err
		}
		return f.Revoke(app, cryptobox.SignedID(read.Public()).String())
	}))
	require.ErrorIs(t, opens(), keyring.ErrUnsigned)
	require.Contains(t, content(t, path), `"suite": "signed"`)
	validate(t, content(t, path), true)
	require.NoError(t, keyfile.Update(path, func(f *keyfile.File) error { return f.AllowUnsigned(app, time.Now().Add(time.Hour)) }))
	require.NoError(t, opens())
}

// Files of random signed keys are written, and read as the same.
func TestSignedFilesRoundTrip(t *testing.T) {
	random := rand.New(rand.NewPCG(4, 5))
	coin := func() bool { return random.IntN(2) == 0 }
	parties := func() (list []keyfile.Party) {
		for i := range random.IntN(4) {
			name := []string{"shop", "a \"quoted\" one", "ein Büro", "<b>&"}[random.IntN(4)] + fmt.Sprint(i)
			list = append(list, keyfile.Party{Name: name, Key: keyfile.VerifyKey(cryptobox.GenerateSigningKey().Public())})
		}
		return list
	}
	for range 60 {
		f := keyfile.New()
		suite := []cryptobox.Suite{cryptobox.SuiteSigned, cryptobox.SuiteSignedPQ}[random.IntN(2)]
		read, err := cryptobox.GenerateReadingKey(suite)
		require.NoError(t, err)
		v := &keyfile.Version{Suite: suite, SignedOnce: coin(), Senders: parties(), Revoked: coin(), Comment: "x"}
		reads := coin()
		if reads {
			v.Read = keyfile.ReadingKey(read)
		}
		if coin() || !reads {
			v.Sign = keyfile.SigningKey(cryptobox.GenerateSigningKey())
		}
		if !v.Sign.IsZero() && (coin() || !reads) {
			v.Seal = keyfile.ReadingPublicKey(read.Public())
		}
		if v.AnyAnswerer = coin(); !v.AnyAnswerer {
			v.Answerers = parties()
		}
		e := &keyfile.Entry{Pattern: keyring.Exact("com.a"), Versions: []*keyfile.Version{v}}
		if coin() {
			e.AllowUnsigned = time.Now().Add(time.Duration(random.IntN(1000)) * time.Hour).Round(0).UTC()
		}
		f.Entries = []*keyfile.Entry{e}
		ring, err := f.Ring()
		require.NoError(t, err)
		once, err := f.Marshal()
		require.NoError(t, err)
		validate(t, string(once), true)
		reread, err := keyfile.Parse(once)
		require.NoError(t, err)
		twice, err := reread.Marshal()
		require.NoError(t, err)
		require.Equal(t, string(once), string(twice))
		again, err := keyfile.Read(bytes.NewReader(once))
		require.NoError(t, err)
		sameRings(t, ring, again)
	}
}

// A long list of parties is read, and one of them removed.
func TestManyParties(t *testing.T) {
	const n = 10_000
	f := keyfile.New()
	v := &keyfile.Version{Suite: cryptobox.SuiteSigned, Read: keyfile.Text(sampleKeys.Replace("$X"))}
	var seed [32]byte
	for i := range n {
		copy(seed[:], fmt.Sprint("seed ", i))
		key, err := cryptobox.NewSigningKey(seed[:])
		require.NoError(t, err)
		v.Senders = append(v.Senders, keyfile.Party{Name: fmt.Sprint("party ", i), Key: keyfile.VerifyKey(key.Public())})
	}
	f.Entries = []*keyfile.Entry{{Pattern: app, Versions: []*keyfile.Version{v}}}
	text, err := f.Marshal()
	require.NoError(t, err)
	begun := time.Now()
	ring, err := keyfile.Read(bytes.NewReader(text))
	require.NoError(t, err)
	read := time.Since(begun)
	require.Len(t, ring.Versions(app)[0].Signed.Senders, n)
	begun = time.Now()
	require.NoError(t, f.RemoveParty(app, keyring.RoleOriginator, keyring.Party{Name: "party 7777"}))
	t.Logf("%d bytes, read in %v, one removed in %v", len(text), read, time.Since(begun))
	require.Len(t, f.Entries[0].Versions[0].Senders, n-1)
}
