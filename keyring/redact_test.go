package keyring_test

import (
	"bytes"
	"crypto/ecdh"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/leak"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// secretBytes gives a secret that is the same each time, and whose bytes are
// none of a character: a printer that quotes can't join them.
func secretBytes(n int) []byte {
	b := make([]byte, 32)
	for i := range b {
		b[i] = byte(0x80 + (i*13+n*7+i*i)%64)
	}
	return b
}

func TestNothingPrintsKeys(t *testing.T) {
	secrets := [][]byte{secretBytes(1), secretBytes(2), secretBytes(3)}
	o, err := cryptobox.NewPrivateKey(secrets[0])
	require.NoError(t, err)
	r, err := cryptobox.NewPrivateKey(secrets[1])
	require.NoError(t, err)
	sym, err := cryptobox.NewSymmetricKey(secrets[2])
	require.NoError(t, err)
	for _, key := range map[string]keyring.Key{
		"originator": keyring.Originator(o, r.Public()),
		"responder":  keyring.Responder(r, o.Public()),
		"both":       keyring.Both(o),
		"pair":       keyring.Pair(o, r).WithSuite(cryptobox.SuiteXBox),
		"shared":     keyring.Shared(sym),
		"passthru":   keyring.Shared(sym).ForPassthru("my-key"),
		"device":     keyring.OriginatorDevice(leaky{o}, r.Public()),
		"AES-GCM":    keyring.AES256GCM("my-key", sym),
	} {
		ring := keyring.New()
		require.NoError(t, ring.Set(prefix("com.myapp."), key))
		e, _ := ring.Lookup("com.myapp.x")
		vs := serving(t, e, ring.Dialects()[0])
		sealWith(t, e, vs[0]) // the shared key is in memory now
		for _, v := range []any{
			key, ring, e, *e, vs, *vs[0], keyring.KeyVersion{Key: key}, ring.Versions(prefix("com.myapp.")),
		} {
			leak.RequireHidden(t, v, secrets...)
		}
	}
}

// TestNothingPrintsSignedKeys, nor what they are made of.
func TestNothingPrintsSignedKeys(t *testing.T) {
	for _, suite := range signedSuites {
		secrets := [][]byte{secretBytes(1), secretBytes(2)}
		sign, err := cryptobox.NewSigningKey(secrets[0])
		require.NoError(t, err)
		read, err := cryptobox.NewReadingKey(suite, secrets[1])
		require.NoError(t, err)
		parts := keyring.Signing{Suite: suite, Sign: sign, Seal: read.Public(), Read: read, Senders: []keyring.Party{{Name: "a", Key: sign.Public()}}, AnyAnswerer: true}
		key, ring := keyring.Signed(parts), keyring.New()
		require.NoError(t, ring.Set(prefix("com.myapp."), key))
		e := look(t, ring, "com.myapp.x")
		v := only(t, ring, "com.myapp.x")
		enc, err := sealBy(v, cryptobox.KindCall, "text") // its contexts are in memory now
		require.NoError(t, err)
		text, err := openBy(v, cryptobox.KindCall, enc)
		require.NoError(t, err)
		require.Equal(t, "text", text)
		for _, value := range []any{parts, &parts, key, ring, e, *e, *v, keyring.KeyVersion{Key: key}, ring.Versions(prefix("com.myapp."))} {
			leak.RequireHidden(t, value, secrets...)
		}
		require.NoError(t, ring.Revoke(prefix("com.myapp."), key.ID()))
		leak.RequireHidden(t, look(t, ring, "com.myapp.x"), secrets...)
	}
}

// TestNoTypePrintsKeys: no exported type does, those included that are added later.
func TestNoTypePrintsKeys(t *testing.T) {
	secret := secretBytes(1)
	o, err := cryptobox.NewPrivateKey(secret)
	require.NoError(t, err)
	key := keyring.Both(o)
	ring := keyring.New()
	require.NoError(t, ring.Set(prefix("com.myapp."), key))
	e, _ := ring.Lookup("com.myapp.x")
	v := serving(t, e, cryptobox.Autobahn)[0]
	sealWith(t, e, v)
	var refused *keyring.Error
	require.ErrorAs(t, ring.Set(exact(""), key), &refused)
	sign, err := cryptobox.NewSigningKey(secret)
	require.NoError(t, err)
	parts := keyring.Signing{Suite: cryptobox.SuiteSigned, Sign: sign, Seal: reader(cryptobox.SuiteSigned, "x").Public(), Senders: partiesOf("a")}
	require.NoError(t, ring.Set(prefix("com.signed."), keyring.Signed(parts)))
	scramble, err := cryptobox.NewScrambleSecret(secret)
	require.NoError(t, err)
	require.NoError(t, ring.Scramble("com.signed.", scramble))
	forms := ring.Forms("realm1")
	form, err := forms.Send("com.signed.x")
	require.NoError(t, err)
	require.NotEqual(t, "com.signed.x", form.URI("com.signed.x"))
	scrambled := slices.Collect(ring.Scrambled())[0]
	changes, err := keyring.New().Update("file", ring)
	require.NoError(t, err)
	values := map[string][]any{
		"Key": {key, &key}, "KeyVersion": {keyring.KeyVersion{Key: key}}, "Ring": {ring}, "Entry": {e, *e}, "Version": {v, *v},
		"VersionInfo": {ring.Versions(prefix("com.myapp."))}, "Pattern": {e.Pattern()}, "Error": {refused, *refused},
		"Match": {keyring.MatchExact}, "Role": {keyring.RoleOriginator}, "State": {keyring.StatePending}, "Dates": {from(past)},
		"Changes": {changes}, "Plaintext": {keyring.SendPlain},
		"Forms": {forms}, "Form": {form, keyring.Clear}, "Scrambled": {scrambled}, "ScrambledBy": {scrambled.Secrets[0]}, "Watch": {forms.Watch(func() {})},
		"Signing": {parts}, "Party": {parts.Senders[0]}, "SignedInfo": {ring.Versions(prefix("com.signed."))[0].Signed},
	}
	var covered []string
	for name, list := range values {
		covered = append(covered, name)
		for _, v := range list {
			leak.RequireHidden(t, v, secret)
		}
	}
	require.ElementsMatch(t, leak.ExportedTypes(t, "."), covered, "a type without a value here, or the other way round")
}

// leaky is a device that is none.
type leaky struct{ private cryptobox.PrivateKey }

func (l leaky) Public() cryptobox.PublicKey { return l.private.Public() }

func (l leaky) ECDH(peer cryptobox.PublicKey) ([]byte, error) {
	private, err := ecdh.X25519().NewPrivateKey(l.private.UnsafeBytes())
	if err != nil {
		return nil, err
	}
	public, err := ecdh.X25519().NewPublicKey(peer.Bytes())
	if err != nil {
		return nil, err
	}
	return private.ECDH(public)
}

// sealWith seals as a party of the role that the entry serves.
func sealWith(t testing.TB, e *keyring.Entry, v *keyring.Version) {
	t.Helper()
	role := keyring.RoleOriginator
	if _, err := e.Sealer(role); err != nil {
		role = keyring.RoleResponder
	}
	_, err := sealBy(v, kindFrom(role), "text")
	require.NoError(t, err)
}

func TestWhatIsShownInstead(t *testing.T) {
	key := named("my-key")
	r := keyring.New()
	require.NoError(t, r.Set(prefix("com.myapp."), key))
	e, _ := r.Lookup("com.myapp.x")
	v, err := e.Sealer(keyring.RoleOriginator)
	require.NoError(t, err)
	require.NoError(t, r.SetPlain(prefix("com.public.")))
	for want, value := range map[string]any{
		`keyring.Entry(prefix "com.public.", plain)`:              look(t, r, "com.public.x"),
		`keyring.Key(shared, id "my-key")`:                        key,
		`keyring.Entry(prefix "com.myapp.", shared, id "my-key")`: e,
		`keyring.Version(id "my-key")`:                            v,
		`keyring.Ring(2 patterns)`:                                r,
		`keyring.Key(shared, id "other")`:                         keyring.AES256GCM("other", shared),
		`keyring.Key(invalid)`:                                    keyring.Key{},
	} {
		var text bytes.Buffer
		slog.New(slog.NewTextHandler(&text, nil)).Info("m", "v", value)
		require.Contains(t, strings.ReplaceAll(text.String(), `\"`, `"`), want)
		for _, verb := range []string{"%v", "%+v", "%s"} {
			require.Equal(t, want, fmt.Sprintf(verb, value), verb)
			require.Contains(t, fmt.Sprintf(verb, []any{value}), want, verb)
		}
	}
	var lines bytes.Buffer
	slog.New(slog.NewJSONHandler(&lines, nil)).Info("m", "v", key)
	require.Contains(t, lines.String(), `keyring.Key(shared, id \"my-key\")`)
	var none *keyring.Entry
	require.Equal(t, "<nil>", fmt.Sprint(none))
}
