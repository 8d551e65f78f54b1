package keyfile_test

import (
	"crypto/ed25519"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

func signing(t testing.TB, base64 string) cryptobox.SigningKey {
	t.Helper()
	key, err := cryptobox.ParseSigningKey("ed25519:" + base64)
	require.NoError(t, err)
	return key
}

// TestGrantIsWrittenAndRead: a change of the file keeps it, and so does a file of one entry.
func TestGrantIsWrittenAndRead(t *testing.T) {
	text := grantOf(`"expires": "2098-12-01T00:00:00.123Z", "opens_until": "2099-01-01T00:00:00Z"`, `{"exact": "com.a", "versions": [{`+asOriginator+`}]}`)
	path := written(t, text)
	require.NoError(t, keyfile.Update(path, func(f *keyfile.File) error { return f.SetPlain(keyring.Exact("com.b")) }))
	f, err := keyfile.ParseFile(path)
	require.NoError(t, err)
	want := &keyfile.Grant{
		Authority: signing(t, sampleResponder).Public(), Serial: 1790000000123, Member: "shop",
		Expires: time.Date(2098, 12, 1, 0, 0, 0, 123e6, time.UTC), OpensUntil: time.Date(2099, 1, 1, 0, 0, 0, 0, time.UTC),
	}
	require.Equal(t, want, f.Grant)
	require.Equal(t, want, f.Alone(f.Entries[0]).Grant)
	ring, err := f.Ring()
	require.NoError(t, err)
	e, err := ring.Lookup("com.a")
	require.NoError(t, err)
	seal, open := e.Lease()
	require.Equal(t, []time.Time{want.Expires, want.OpensUntil}, []time.Time{seal, open})
	e, err = ring.Lookup("com.b")
	require.NoError(t, err)
	seal, _ = e.Lease()
	require.Zero(t, seal, "there is no key to lend")
}

// TestGrantOfNothing: who holds nothing any more has a file all the same.
func TestGrantOfNothing(t *testing.T) {
	f := keyfile.New()
	f.Grant = &keyfile.Grant{Authority: signing(t, sampleResponder).Public(), Serial: keyfile.MaxSerial, Member: "s", Expires: time.Unix(1, 0), OpensUntil: time.Unix(1, 0)}
	text, err := f.Marshal()
	require.NoError(t, err)
	validate(t, string(text), true)
	ring, err := keyfile.Read(strings.NewReader(string(text)))
	require.NoError(t, err)
	require.Zero(t, ring.Len())
}

// TestGrantThatCantBeRead isn't written.
func TestGrantThatCantBeRead(t *testing.T) {
	good := keyfile.Grant{Authority: signing(t, sampleResponder).Public(), Serial: 1, Member: "s", Expires: time.Unix(1, 0), OpensUntil: time.Unix(1, 0)}
	for says, spoil := range map[string]func(*keyfile.Grant){
		"authority's key": func(g *keyfile.Grant) { g.Authority = cryptobox.VerifyKey{} },
		"a serial from 1": func(g *keyfile.Grant) { g.Serial = keyfile.MaxSerial + 1 },
		"member's name":   func(g *keyfile.Grant) { g.Member = "a/b" },
		"has dates":       func(g *keyfile.Grant) { g.Expires = time.Time{} },
		"isn't before":    func(g *keyfile.Grant) { g.OpensUntil = time.Unix(0, 0) },
		"year from 0":     func(g *keyfile.Grant) { g.OpensUntil = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC) },
	} {
		f, g := keyfile.New(), good
		spoil(&g)
		f.Grant = &g
		_, err := f.Marshal()
		require.ErrorIs(t, err, keyfile.ErrFormat)
		require.ErrorContains(t, err, says)
	}
}

// TestIdentity: the holder's own key is read for "identity", wherever it is.
func TestIdentity(t *testing.T) {
	text := one(`"suite": "signed", "sign": "identity", "seal": "$x"`)
	validate(t, text, true)
	own := signing(t, sampleOriginator)
	device, err := cryptobox.NewSigningDevice(ed25519.NewKeyFromSeed(own.UnsafeBytes()))
	require.NoError(t, err)
	for name, key := range map[string]cryptobox.SigningKey{"in memory": own, "in a device": device} {
		ring, err := loadText(t, text, keyfile.SignAs(key), keyfile.WithoutReferences())
		require.NoError(t, err, name)
		require.Equal(t, own.Public(), ring.Versions(keyring.Exact("com.a"))[0].Signed.Verify, name)
	}
	f, err := keyfile.Parse([]byte(text), keyfile.SignAs(own))
	require.NoError(t, err)
	again, err := f.Marshal()
	require.NoError(t, err)
	require.Contains(t, string(again), `"sign": "identity"`, "the key isn't written unless asked for")
	require.Equal(t, "Secret(identity)", f.Entries[0].Versions[0].Sign.String())

	require.ErrorIs(t, f.FillIdentity(device), keyring.ErrKey)
	require.ErrorIs(t, f.FillIdentity(cryptobox.SigningKey{}), keyring.ErrKey)
	require.NoError(t, f.FillIdentity(own))
	again, err = f.Marshal()
	require.NoError(t, err)
	require.Contains(t, string(again), `"sign": "`+sampleKeys.Replace("$G")+`"`)
	_, err = keyfile.Read(strings.NewReader(string(again)))
	require.NoError(t, err)
}

// TestWithoutReferences: a text from elsewhere doesn't make this machine look anywhere.
func TestWithoutReferences(t *testing.T) {
	t.Setenv("SOME_KEY", sampleBoth)
	path := written(t, "")
	beside(t, path, "some.key", sampleBoth, 0o600)
	for _, place := range []string{"env:SOME_KEY", "file:some.key"} {
		texts := []string{scrambleOf(scrambledBy(`{"secret": "` + place + `"}`))}
		for _, fields := range []string{
			`"shared": "` + place + `"`, `"originator": {"private": "` + place + `"}, "responder": {"public": "$r"}`,
			`"originator": {"private": "$O"}, "responder": {"public": "` + place + `"}`, `"suite": "signed", "read": "` + place + `"`,
			`"suite": "signed", "sign": "` + place + `", "seal": "$x"`, `"suite": "signed", "sign": "$G", "seal": "` + place + `"`,
			`"suite": "signed", "read": "$X", "senders": [{"name": "x", "key": "` + place + `"}]`,
		} {
			texts = append(texts, one(fields))
		}
		for _, text := range texts {
			var read []string
			_, err := keyfile.Read(strings.NewReader(text), keyfile.WithoutReferences(), keyfile.RelativeTo(strings.TrimSuffix(path, "keyring.json")),
				keyfile.OnRead(func(path string) { read = append(read, path) }))
			require.ErrorIs(t, err, keyfile.ErrReference, text)
			require.ErrorContains(t, err, "the text comes from elsewhere")
			require.Empty(t, read)
		}
	}
	_, err := keyfile.Read(strings.NewReader(one(`"shared": "x"`)), keyfile.WithoutReferences())
	require.ErrorIs(t, err, keyring.ErrKey)
	require.NotContains(t, err.Error(), "env:", "what isn't taken isn't advised")
}
