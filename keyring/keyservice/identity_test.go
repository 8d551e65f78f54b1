package keyservice_test

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"filippo.io/age"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/leak"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyservice"
)

// TestIdentityFile: what was saved is loaded as it was, by its owner alone.
func TestIdentityFile(t *testing.T) {
	for _, hybrid := range []bool{false, true} {
		me, path := newIdentity(t, "shop", hybrid), filepath.Join(t.TempDir(), "shop.identity")
		require.NoError(t, me.Save(path))
		info, err := os.Stat(path)
		require.NoError(t, err)
		require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		read, err := keyservice.LoadIdentity(path)
		require.NoError(t, err)
		require.True(t, enrolment(t, read) == enrolment(t, me))
		require.True(t, read.SigningKey().Equal(me.SigningKey()))

		other := newIdentity(t, "shop", hybrid)
		require.ErrorIs(t, other.Save(path), os.ErrExist, "it is never overwritten")
		after, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Equal(t, text, after)
	}
	_, err := keyservice.LoadIdentity(filepath.Join(t.TempDir(), "none"))
	require.ErrorIs(t, err, os.ErrNotExist)
	_, err = keyservice.LoadIdentity(t.TempDir())
	require.ErrorContains(t, err, "not a regular file")
}

// TestIdentityPermissions are those of keyring files.
func TestIdentityPermissions(t *testing.T) {
	path := filepath.Join(t.TempDir(), "shop.identity")
	require.NoError(t, newIdentity(t, "shop", false).Save(path))
	readable, writable := keyservice.IdentityReadableByOthers(), keyservice.IdentityWritableByOthers()
	for _, tc := range []struct {
		mode os.FileMode
		opts []keyservice.IdentityOption
		is   error
	}{
		{0o600, nil, nil},
		{0o400, nil, nil},
		{0o640, nil, keyfile.ErrPermissions},
		{0o604, nil, keyfile.ErrPermissions},
		{0o644, []keyservice.IdentityOption{readable}, nil},
		{0o620, nil, keyfile.ErrWritable},
		{0o602, []keyservice.IdentityOption{readable}, keyfile.ErrWritable},
		{0o602, []keyservice.IdentityOption{writable}, keyfile.ErrPermissions},
		{0o666, []keyservice.IdentityOption{readable, writable}, nil},
		{0o600, []keyservice.IdentityOption{nil}, keyfile.ErrOption},
	} {
		require.NoError(t, os.Chmod(path, tc.mode))
		me, err := keyservice.LoadIdentity(path, tc.opts...)
		require.ErrorIs(t, err, tc.is, "%#o", tc.mode)
		require.Equal(t, tc.is == nil, me != nil, "%#o", tc.mode)
	}
	require.NoError(t, os.Chmod(path, 0o600))
	require.NoError(t, os.Chmod(filepath.Dir(path), 0o777))
	_, err := keyservice.LoadIdentity(path)
	require.ErrorIs(t, err, keyfile.ErrWritable, "others can put another file in its place")
}

// identityText gives the text of a file, and its keys.
func identityText(t testing.TB, hybrid bool) (text, signing, decrypt string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "shop.identity")
	require.NoError(t, newIdentity(t, "shop", hybrid).Save(path))
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	var f struct {
		Signing string
		Decrypt []string
	}
	require.NoError(t, json.Unmarshal(b, &f))
	return string(b), f.Signing, f.Decrypt[0]
}

// TestBadIdentityFiles: what isn't exactly such a file is refused, and no error shows a key.
func TestBadIdentityFiles(t *testing.T) {
	text, signing, decrypt := identityText(t, false)
	_, otherSigning, _ := identityText(t, false)
	swap := func(old, by string) string {
		require.Contains(t, text, old)
		return strings.Replace(text, old, by, 1)
	}
	for name, tc := range map[string]struct{ text, says string }{
		"nothing":               {"", "line 1: it isn't the file"},
		"no JSON":               {swap(`"name"`, `name`), "line 3: it isn't the file"},
		"cut":                   {text[:len(text)-4], "it isn't the file"},
		"something behind it":   {text + "{}", "it isn't the file"},
		"a list":                {"[]", "it isn't the file"},
		"a field twice":         {swap(`"version": 1,`, `"version": 1, "version": 1,`), "each once"},
		"a field in capitals":   {swap(`"signing"`, `"Signing"`), "it isn't the file"},
		"an unknown field":      {swap(`"version": 1,`, `"version": 1, "`+decrypt+`": 1,`), "it isn't the file"},
		"no version":            {swap(`"version": 1,`, ``), `"version" 1`},
		"another version":       {swap(`"version": 1,`, `"version": 2,`), `"version" 1`},
		"a version in quotes":   {swap(`"version": 1,`, `"version": "1",`), "it isn't the file"},
		"no name":               {swap(`"name": "shop",`, ``), "name"},
		"a path for a name":     {swap(`"shop"`, `"../shop"`), "name"},
		"no signing key":        {swap(signing, ``), "signing"},
		"age's for the signing": {swap(signing, decrypt), "signing"},
		"signing null":          {swap(`"`+signing+`"`, `null`), "signing"},
		"nothing that decrypts": {swap(`"`+decrypt+`"`, ``), "no age identity"},
		"one in small letters":  {swap(decrypt, strings.ToLower(decrypt)), `"decrypt"[0]`},
		"one twice":             {swap(`"`+decrypt+`"`, `"`+decrypt+`", "`+decrypt+`"`), "twice"},
		"one cut":               {swap(decrypt, decrypt[:50]), `"decrypt"[0]`},
		"another kind":          {swap(decrypt, otherSigning), `"decrypt"[0]`},
		"a text for the list":   {swap(decrypt, decrypt+"\xff"), "it isn't the file"},
		"too large":             {text + strings.Repeat(" ", 64<<10), "too large"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "bad.identity")
			require.NoError(t, os.WriteFile(path, []byte(tc.text), 0o600))
			me, err := keyservice.LoadIdentity(path)
			require.Nil(t, me)
			require.ErrorContains(t, err, tc.says)
			var typed *keyservice.Error
			require.ErrorAs(t, err, &typed)
			if tc.says != "too large" {
				require.ErrorIs(t, err, keyservice.ErrIdentity)
			}
			require.Equal(t, 1, strings.Count(err.Error(), path), "each thing is said once: %v", err)
			for _, secret := range []string{signing, decrypt, otherSigning} {
				require.NotContains(t, err.Error(), secret[10:30])
			}
		})
	}
}

// FuzzLoadIdentity: what is taken says who it is; no error shows what was in the file.
func FuzzLoadIdentity(f *testing.F) {
	for _, hybrid := range []bool{false, true} {
		text, signing, decrypt := identityText(f, hybrid)
		f.Add([]byte(text))
		f.Add([]byte(strings.Replace(text, signing, decrypt, 1)))
		f.Add([]byte(strings.ReplaceAll(text, "\n", "")))
	}
	path := filepath.Join(f.TempDir(), "fuzz.identity")
	f.Fuzz(func(t *testing.T, text []byte) {
		require.NoError(t, os.WriteFile(path, text, 0o600))
		me, err := keyservice.LoadIdentity(path)
		if err == nil {
			require.NoError(t, enrolment(t, me).Verify())
			return
		}
		require.Nil(t, me)
		for _, word := range bytes.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune("\" \n", r) }) {
			if len(word) > 30 {
				require.NotContains(t, err.Error(), string(word))
			}
		}
	})
}

func TestNewIdentity(t *testing.T) {
	signing := cryptobox.GenerateSigningKey()
	one, err := age.GenerateX25519Identity()
	require.NoError(t, err)
	two, err := age.GenerateHybridIdentity()
	require.NoError(t, err)
	me, err := keyservice.NewIdentity("shop", signing, two, one)
	require.NoError(t, err)
	require.Equal(t, two.Recipient().String(), me.Recipient(), "the first one is enrolled")
	require.True(t, enrolment(t, me).Hybrid())

	scrypt, err := age.NewScryptIdentity("secret")
	require.NoError(t, err)
	for name, tc := range map[string]struct {
		name    string
		signing cryptobox.SigningKey
		decrypt []age.Identity
	}{
		"a name that is none":  {"a b", signing, []age.Identity{one}},
		"no signing key":       {"shop", cryptobox.SigningKey{}, []age.Identity{one}},
		"nothing to decrypt":   {"shop", signing, nil},
		"another kind":         {"shop", signing, []age.Identity{scrypt}},
		"nil":                  {"shop", signing, []age.Identity{nil}},
		"nil of a type":        {"shop", signing, []age.Identity{(*age.X25519Identity)(nil)}},
		"nil of the other one": {"shop", signing, []age.Identity{(*age.HybridIdentity)(nil)}},
		"one twice":            {"shop", signing, []age.Identity{one, two, one}},
	} {
		me, err := keyservice.NewIdentity(tc.name, tc.signing, tc.decrypt...)
		require.ErrorIs(t, err, keyservice.ErrIdentity, name)
		require.Nil(t, me, name)
	}
	_, err = keyservice.GenerateIdentity("", true)
	require.ErrorIs(t, err, keyservice.ErrIdentity)
}

// device signs, or fails.
type device struct {
	ed25519.PrivateKey
	err error
}

func (d *device) Sign(rand io.Reader, message []byte, opts crypto.SignerOpts) ([]byte, error) {
	if d.err != nil {
		return nil, d.err
	}
	return d.PrivateKey.Sign(rand, message, opts)
}

// TestIdentityInDevice: the signing key may be in a device, which can fail, and isn't saved.
func TestIdentityInDevice(t *testing.T) {
	_, private, err := ed25519.GenerateKey(nil)
	require.NoError(t, err)
	d := &device{PrivateKey: private}
	signing, err := cryptobox.NewSigningDevice(d)
	require.NoError(t, err)
	decrypt, err := age.GenerateX25519Identity()
	require.NoError(t, err)
	me, err := keyservice.NewIdentity("shop", signing, decrypt)
	require.NoError(t, err)
	require.NoError(t, enrolment(t, me).Verify())
	path := filepath.Join(t.TempDir(), "shop.identity")
	require.ErrorIs(t, me.Save(path), keyservice.ErrIdentity)
	require.NoFileExists(t, path)
	d.err = errors.New("the device is asleep")
	_, err = me.Enrolment()
	require.ErrorIs(t, err, cryptobox.ErrDevice)
	require.ErrorIs(t, err, d.err)
}

// TestZeroIdentity does nothing, and panics nowhere.
func TestZeroIdentity(t *testing.T) {
	for _, none := range []*keyservice.Identity{nil, {}} {
		require.Empty(t, none.Name())
		require.Empty(t, none.Recipient())
		require.True(t, none.SigningKey().IsZero())
		_, err := none.Enrolment()
		require.ErrorIs(t, err, keyservice.ErrIdentity)
		require.ErrorIs(t, none.Save(filepath.Join(t.TempDir(), "x")), keyservice.ErrIdentity)
		require.Equal(t, `keyservice.Identity("")`, none.String())
	}
}

// TestIdentityPrintsNoKey, by no verb, in no encoding, in no log, and held by nothing.
func TestIdentityPrintsNoKey(t *testing.T) {
	for _, hybrid := range []bool{false, true} {
		path := filepath.Join(t.TempDir(), "shop.identity")
		text, signing, decrypt := identityText(t, hybrid)
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		me, err := keyservice.LoadIdentity(path)
		require.NoError(t, err)
		secrets := [][]byte{me.SigningKey().UnsafeBytes(), bech32Bytes(decrypt), []byte(decrypt), []byte(strings.TrimPrefix(signing, "ed25519:"))}
		leak.RequireHidden(t, me, secrets...)
		leak.RequireHidden(t, *me, secrets...)
		leak.RequireHidden(t, keyservice.Config{Identity: me}, secrets...)
		leak.RequireHidden(t, enrolment(t, me), secrets...)
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			require.Equal(t, `keyservice.Identity("shop")`, fmt.Sprintf(verb, me))
		}
		var log bytes.Buffer
		slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "me", me)
		require.Contains(t, log.String(), `keyservice.Identity(\"shop\")`)
		_, err = json.Marshal(me)
		require.ErrorIs(t, err, cryptobox.ErrSecret)
	}
}

// bech32Bytes gives the bytes that a text of age's stands for.
func bech32Bytes(text string) (data []byte) {
	const alphabet = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
	text = strings.ToLower(text[strings.LastIndex(text, "1")+1:])
	bits, n := 0, 0
	for _, c := range text[:len(text)-6] { // but for the check
		bits, n = bits<<5|strings.IndexRune(alphabet, c), n+5
		if n >= 8 {
			n -= 8
			data, bits = append(data, byte(bits>>n)), bits&(1<<n-1)
		}
	}
	return data
}
