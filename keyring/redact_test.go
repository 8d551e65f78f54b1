package keyring_test

import (
	"bytes"
	"crypto/ecdh"
	"encoding/base64"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/leak"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// noVerb is one that fmt doesn't know; it then shows the value all the same.
var noVerb = "%" + string(rune('z'))

var verbs = []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%#x", "% x", "%d", "%o", "%b", "%c", "%U", "%t", "%p", "%T", noVerb}

// leaks gives the form in which the secret stands in the text. Eight bytes of
// it are enough.
func leaks(text string, secret []byte) string {
	part := secret[:8]
	forms := map[string]string{
		"base64":   base64.StdEncoding.EncodeToString(part)[:10],
		"url":      base64.URLEncoding.EncodeToString(part)[:10],
		"list":     strings.ReplaceAll(strings.Trim(fmt.Sprint(part), "[]"), " ", ","),
		"elements": "0x" + strings.ReplaceAll(fmt.Sprintf("% x", part), " ", " 0x"),
	}
	for _, verb := range verbs {
		if verb != "%p" && verb != "%T" {
			forms[verb] = strings.Trim(strings.TrimPrefix(fmt.Sprintf(verb, part), "[]byte"), `[]{}"`)
		}
	}
	for form, s := range forms {
		if strings.Contains(text, s) {
			return form
		}
	}
	return ""
}

// secretBytes gives a secret that is the same each time, and whose bytes are
// none of a character: a printer that quotes can't join them.
func secretBytes(n int) []byte {
	b := make([]byte, 32)
	for i := range b {
		b[i] = byte(0x80 + (i*13+n*7+i*i)%64)
	}
	return b
}

// printed gives what every printer makes of a value.
func printed(v any) map[string]string {
	texts := map[string]string{}
	for _, verb := range verbs {
		texts[verb] = fmt.Sprintf(verb, v)
	}
	var text, json bytes.Buffer
	slog.New(slog.NewTextHandler(&text, nil)).Info("m", "v", v)
	slog.New(slog.NewJSONHandler(&json, nil)).Info("m", "v", v)
	texts["slog text"], texts["slog json"] = text.String(), json.String()

	// A failed assertion dumps through pointers and unexported fields.
	var failed failure
	assert.Equal(&failed, v, struct{ other int }{})
	texts["testify"] = failed.text
	return texts
}

type failure struct{ text string }

func (f *failure) Errorf(format string, args ...any) { f.text += fmt.Sprintf(format, args...) }

func TestTheLeakDetectorDetects(t *testing.T) {
	secret := secretBytes(1)
	control := struct {
		K [32]byte
		s []byte
	}{[32]byte(secret), secret}
	for printer, text := range printed(control) {
		if printer != "%p" && printer != "%T" {
			require.NotEmpty(t, leaks(text, secret), "%s: %s", printer, text)
		}
	}
}

func TestNothingPrintsKeys(t *testing.T) {
	secrets := [][]byte{secretBytes(1), secretBytes(2), secretBytes(3)}
	o, err := cryptobox.NewPrivateKey(secrets[0])
	require.NoError(t, err)
	r, err := cryptobox.NewPrivateKey(secrets[1])
	require.NoError(t, err)
	sym, err := cryptobox.NewSymmetricKey(secrets[2])
	require.NoError(t, err)
	for name, key := range map[string]keyring.Key{
		"originator": keyring.Originator(o, r.Public()),
		"responder":  keyring.Responder(r, o.Public()),
		"both":       keyring.Both(o).AllowUnbound(),
		"symmetric":  keyring.Symmetric("my-key", sym),
		"device":     keyring.OriginatorDevice(leaky{o}, r.Public()),
		"AES-GCM":    keyring.AES256GCM("my-key", sym),
	} {
		ring := keyring.New()
		require.NoError(t, ring.Set("com.myapp.", keyring.Prefix, key))
		e, _ := ring.Lookup("com.myapp.x")
		vs := openers(t, e)
		_, err := sealWith(vs[0]) // the shared key is in memory now
		require.NoError(t, err)
		for _, v := range []any{
			key, &key, ring, e, vs, vs[0],
			struct{ K keyring.Key }{key}, &struct{ k keyring.Key }{key}, []keyring.Key{key}, map[string]keyring.Key{"k": key},
			struct{ E *keyring.Entry }{e}, struct{ e keyring.Entry }{*e}, *e, *vs[0],
			keyring.KeyVersion{Key: key}, struct{ k keyring.KeyVersion }{keyring.KeyVersion{Key: key}}, ring.Versions("com.myapp.", keyring.Prefix),
			struct{ R *keyring.Ring }{ring}, struct{ r *keyring.Ring }{ring}, struct{ v keyring.Version }{*vs[0]},
		} {
			for printer, text := range printed(v) {
				for _, secret := range secrets {
					require.Empty(t, leaks(text, secret), "%s: %T with %s: %s", name, v, printer, text)
				}
			}
		}
	}
}

// TestNoTypePrintsKeys: no exported type does, those included that are added later.
func TestNoTypePrintsKeys(t *testing.T) {
	secret := secretBytes(1)
	o, err := cryptobox.NewPrivateKey(secret)
	require.NoError(t, err)
	key := keyring.Both(o)
	ring := keyring.New()
	require.NoError(t, ring.Set("com.myapp.", keyring.Prefix, key))
	e, _ := ring.Lookup("com.myapp.x")
	v := openers(t, e)[0]
	_, err = sealWith(v)
	require.NoError(t, err)
	var refused *keyring.Error
	require.ErrorAs(t, ring.Set("", keyring.Exact, key), &refused)
	values := map[string][]any{
		"Key": {key, &key}, "KeyVersion": {keyring.KeyVersion{Key: key}}, "Ring": {ring}, "Entry": {e, *e}, "Version": {v, *v},
		"VersionInfo": {ring.Versions("com.myapp.", keyring.Prefix)}, "Pattern": {e.Pattern()}, "Error": {refused, *refused},
		"Match": {keyring.Exact}, "Role": {keyring.RoleOriginator}, "State": {keyring.StatePending},
	}
	var covered []string
	for name, list := range values {
		covered = append(covered, name)
		for _, v := range list {
			leak.RequireAbsent(t, v, secret)
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

func sealWith(v *keyring.Version) (*cryptobox.Envelope, error) {
	env, _, err := cryptobox.Seal(v.Cipher(), cryptobox.CBOR, v.ID(), &cryptobox.Record{})
	return env, err
}

func TestWhatIsShownInstead(t *testing.T) {
	key := named("my-key")
	r := keyring.New()
	require.NoError(t, r.Set("com.myapp.", keyring.Prefix, key))
	e, _ := r.Lookup("com.myapp.x")
	v, err := e.Sealer(keyring.RoleOriginator)
	require.NoError(t, err)
	for want, value := range map[string]any{
		`keyring.Key(symmetric, id "my-key")`:                        key,
		`keyring.Entry(prefix "com.myapp.", symmetric, id "my-key")`: e,
		`keyring.Version(id "my-key")`:                               v,
		`keyring.Ring(1 patterns)`:                                   r,
		`keyring.Key(symmetric, id "other")`:                         keyring.AES256GCM("other", shared),
		`keyring.Key(invalid)`:                                       keyring.Key{},
	} {
		for printer, text := range printed(value) {
			switch printer {
			case "slog text", "slog json":
				require.Contains(t, strings.ReplaceAll(text, `\"`, `"`), want, printer)
			case "%T", "%p", "testify":
			default:
				require.Equal(t, want, text, printer)
			}
		}
	}
	var none *keyring.Entry
	require.Equal(t, "<nil>", fmt.Sprint(none))
}

// openers gives the versions of an entry, whichever role it serves.
func openers(t *testing.T, e *keyring.Entry) []*keyring.Version {
	t.Helper()
	vs, err := e.Openers(keyring.RoleOriginator, "")
	if err != nil {
		vs, err = e.Openers(keyring.RoleResponder, "")
	}
	require.NoError(t, err)
	return vs
}
