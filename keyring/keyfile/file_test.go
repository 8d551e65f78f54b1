package keyfile_test

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/leak"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

const sampleKey = "6m0rnaVAP0PvvkS11QLKYVHDUqC8sQYrj5t+ez+yhYM="

// layout is how files are written: fields in one order, a line each.
const layout = `{
  "$schema": "https://raw.githubusercontent.com/wamp-cryptobox/wamp-cryptobox-go/main/docs/keyring.schema.json",
  "version": 2,
  "unkeyed": "plain",
  "scramble": [
    {
      "prefix": "com.hidden.",
      "comment": "of the \"router's\" host",
      "allow_clear": "2026-12-31T00:00:00+02:00",
      "secrets": [
        {
          "active_from": "2026-01-03T00:00:00Z",
          "not_after": "2026-12-31T23:59:59.5+02:00",
          "comment": "the first",
          "secret": "scramble:6m0rnaVAP0PvvkS11QLKYVHDUqC8sQYrj5t+ez+yhYM="
        },
        {
          "secret": "file:next.key"
        }
      ]
    },
    {
      "prefix": "com.soon.",
      "allow_clear": "2027-12-31T00:00:00Z"
    }
  ],
  "patterns": [
    {
      "prefix": "com.myapp.",
      "comment": "a \"quoted\" <text>\nof two lines ☺",
      "plaintext": "accept",
      "until": "2026-12-31T00:00:00+02:00",
      "versions": [
        {
          "id": "one",
          "active_from": "2026-01-03T00:00:00Z",
          "not_after": "2026-12-31T23:59:59.5+02:00",
          "created": "2026-01-02T03:04:05Z",
          "comment": "the first",
          "originator": {"private": "6m0rnaVAP0PvvkS11QLKYVHDUqC8sQYrj5t+ez+yhYM=", "public": "env:PUBLIC"},
          "responder": {"public": "file:key"},
          "dialect": "passthru"
        },
        {
          "active_from": "2025-01-03T00:00:00Z",
          "originator": {"private": "env:PRIVATE"},
          "responder": {"public": "file:key"},
          "suite": "xbox"
        },
        {
          "id": "none",
          "revoked": true
        }
      ]
    },
    {
      "prefix": "com.signed.",
      "allow_unsigned": "2026-12-31T00:00:00+02:00",
      "versions": [
        {
          "sign": "ed25519:6m0rnaVAP0PvvkS11QLKYVHDUqC8sQYrj5t+ez+yhYM=",
          "seal": "file:reading.pub",
          "read": "env:READING_KEY",
          "senders": [
            {"name": "shop \"one\"", "key": "ed25519:6m0rnaVAP0PvvkS11QLKYVHDUqC8sQYrj5t+ez+yhYM="},
            {"name": "shop two", "key": "env:SHOP"}
          ],
          "answerers": [
            {"name": "desk", "key": "file:desk.pub"}
          ],
          "any_answerer": true,
          "signed_once": true,
          "suite": "signed-pq"
        }
      ]
    },
    {
      "wildcard": "com..public",
      "plain": true
    },
    {
      "exact": "com.shared",
      "versions": [
        {
          "id": "two",
          "shared": "6m0rnaVAP0PvvkS11QLKYVHDUqC8sQYrj5t+ez+yhYM=",
          "dialect": "passthru",
          "algorithm": "aes256gcm"
        }
      ]
    }
  ]
}
`

// What is in the layout is written as it was.
func TestLayout(t *testing.T) {
	doc, err := keyfile.Parse([]byte(layout))
	require.NoError(t, err)
	text, err := doc.Marshal()
	require.NoError(t, err)
	require.Equal(t, layout, string(text))
}

// What is made by a program is written and read as what it is.
func TestMadeByAProgram(t *testing.T) {
	key := cryptobox.GenerateKey()
	doc := keyfile.New()
	doc.Entries = []*keyfile.Entry{{
		Pattern: keyring.Exact("com.a"),
		Versions: []*keyfile.Version{{
			Created:    time.Unix(1_800_000_000, 0).UTC(),
			Originator: &keyfile.Side{Private: keyfile.PrivateKey(key)},
			Responder:  &keyfile.Side{Public: keyfile.PublicKey(key.Public())},
		}, {
			ID: "s", Dates: keyring.Dates{ActiveFrom: time.Unix(1_900_000_000, 0).UTC()},
			Shared: keyfile.SymmetricKey(cryptobox.GenerateSymmetricKey()),
		}},
	}, {Pattern: keyring.Prefix("com.b."), Plain: true}}
	text, err := doc.Marshal()
	require.NoError(t, err)
	read, err := keyfile.Parse(text)
	require.NoError(t, err)
	require.Len(t, read.Entries, 2)
	require.Equal(t, 5, read.Entries[0].Line())
	require.Equal(t, 8, read.Entries[0].Versions[0].Line())
	made, found := doc.Entries[0].Versions, read.Entries[0].Versions
	require.True(t, made[0].Originator.Private.Equal(found[0].Originator.Private))
	require.True(t, made[1].Shared.Equal(found[1].Shared))
	require.True(t, made[0].Created.Equal(found[0].Created))
	require.Equal(t, made[1].Dates, found[1].Dates)
	require.True(t, read.Entries[1].Plain)
	parsed, err := cryptobox.ParsePrivateKey(string(found[0].Originator.Private.UnsafeText()))
	require.NoError(t, err)
	require.True(t, parsed.Equal(key))
}

func TestWhatCanNotBeWritten(t *testing.T) {
	far := keyring.Dates{NotAfter: time.Date(10_000, 1, 1, 0, 0, 0, 0, time.UTC)}
	for name, tc := range map[string]struct {
		entry keyfile.Entry
		want  string
	}{
		"not UTF-8": {keyfile.Entry{Pattern: keyring.Exact("com.a"), Comment: "\xff"},
			`keyring file: patterns[0] exact "com.a": not a keyring file: a text isn't UTF-8`},
		"a year too far": {keyfile.Entry{Pattern: keyring.Exact("com.a"), Versions: []*keyfile.Version{{}, {ID: "x", Dates: far}}},
			`keyring file: patterns[0] exact "com.a" versions[1] id "x": not a keyring file: "not_after" can't be written: give a year from 0 to 9999`},
	} {
		text, err := (&keyfile.File{Entries: []*keyfile.Entry{&tc.entry}}).Marshal()
		require.ErrorIs(t, err, keyfile.ErrFormat, name)
		require.EqualError(t, err, tc.want)
		require.Nil(t, text)
	}
}

// What is written never outgrows the room that was made for it, as that would leave
// copies of keys behind.
func TestTextIsNeverMoved(t *testing.T) {
	texts := []string{layout}
	for _, tc := range goodFiles {
		texts = append(texts, tc.text)
	}
	const hostile = "\x01\x02\x03"
	parties := slices.Repeat([]keyfile.Party{{Name: hostile, Key: keyfile.Text(hostile)}}, 50)
	when := time.Date(2026, 12, 31, 23, 59, 59, 999_999_999, time.FixedZone("", 3600))
	for _, text := range texts {
		doc, err := keyfile.Parse([]byte(text))
		require.NoError(t, err)
		for _, s := range doc.Scrambles {
			s.Comment, s.AllowClear, s.Secrets = hostile, when, nil
			for range keyring.MaxVersions {
				s.Secrets = append(s.Secrets, &keyfile.ScrambleVersion{
					Secret: keyfile.Text(strings.Repeat(hostile, 50)), Comment: hostile, Dates: keyring.Dates{ActiveFrom: when, NotAfter: when},
				})
			}
		}
		for _, e := range doc.Entries {
			e.Comment, e.Plain, e.Plaintext, e.Until = hostile, true, keyring.AcceptPlain, when
			e.Versions, e.AllowUnsigned = nil, when
			for range keyring.MaxVersions {
				side := &keyfile.Side{Private: keyfile.Text(hostile), Public: keyfile.Text(hostile)}
				e.Versions = append(e.Versions, &keyfile.Version{
					ID: hostile, Dates: keyring.Dates{ActiveFrom: when, NotAfter: when}, Created: when, Revoked: true,
					Comment: hostile, Originator: side, Responder: side, Shared: side.Private,
					Sign: side.Private, Seal: side.Private, Read: side.Private, AnyAnswerer: true, SignedOnce: true,
					Senders: parties, Answerers: parties,
					Dialect: cryptobox.Passthru, Suite: cryptobox.SuiteSignedPQ, Algorithm: "xsalsa20poly1305",
				})
			}
		}
		room := keyfile.Room(doc)
		text, err := doc.Marshal()
		require.NoError(t, err)
		require.LessOrEqual(t, len(text), room)
		require.Equal(t, room, cap(text))
	}
	none := &keyfile.File{Schema: hostile, PlainUnlessKeyed: true}
	for range 1000 {
		none.Entries = append(none.Entries, &keyfile.Entry{Comment: hostile, Plain: true, Plaintext: keyring.AcceptPlain, Until: when, AllowUnsigned: when})
	}
	for range 1000 {
		none.Scrambles = append(none.Scrambles, &keyfile.Scramble{Prefix: hostile, Comment: hostile, AllowClear: when, Secrets: []*keyfile.ScrambleVersion{}})
	}
	room := keyfile.Room(none)
	text, err := none.Marshal()
	require.NoError(t, err)
	require.LessOrEqual(t, len(text), room)
}

func TestWipe(t *testing.T) {
	doc, err := keyfile.Parse([]byte(layout))
	require.NoError(t, err)
	private, shared, sign := doc.Entries[0].Versions[0].Originator.Private.UnsafeText(), doc.Entries[3].Versions[0].Shared.UnsafeText(), doc.Entries[1].Versions[0].Sign.UnsafeText()
	scramble := doc.Scrambles[0].Secrets[0].Secret.UnsafeText()
	doc.Wipe()
	require.Equal(t, make([]byte, 53), scramble)
	require.Equal(t, make([]byte, 44), private)
	require.Equal(t, make([]byte, 44), shared)
	require.Equal(t, make([]byte, 52), sign)
	(*keyfile.File)(nil).Wipe()
}

// A Secret shows in no way, wherever it is.
func TestSecretsShowNothing(t *testing.T) {
	doc, err := keyfile.Parse([]byte(layout))
	require.NoError(t, err)
	e := doc.Entries[3]
	s := e.Versions[0].Shared
	key, err := base64.StdEncoding.DecodeString(sampleKey)
	require.NoError(t, err)
	for _, v := range []any{s, doc, *doc, e, *e, e.Versions[0], *e.Versions[0], *doc.Entries[0].Versions[0].Originator} {
		leak.RequireHidden(t, v, []byte(sampleKey), key)
	}
	_, err = json.Marshal(doc)
	require.ErrorContains(t, err, "written by File.Marshal only")
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "secret", s)
	require.Contains(t, log.String(), "secret=Secret(redacted)")
	require.Equal(t, "Secret(env)", keyfile.Text("env:X").String())
	require.Equal(t, "Secret(file)", keyfile.Text("file:x").String())
	require.Equal(t, "Secret(none)", keyfile.Secret{}.String())
	require.Equal(t, "Secret(redacted)", s.String())
}

// TestNoTypePrintsKeys: no exported type does, those included that are added later.
func TestNoTypePrintsKeys(t *testing.T) {
	key, err := base64.StdEncoding.DecodeString(sampleKey)
	require.NoError(t, err)
	f, err := keyfile.Parse([]byte(one(`"shared": "` + sampleKey + `"`)))
	require.NoError(t, err)
	list, err := f.List()
	require.NoError(t, err)
	_, err = keyfile.Read(strings.NewReader(`{"patterns":[{"` + sampleKey + `":1}]}`))
	var refused *keyfile.Error
	require.ErrorAs(t, err, &refused)
	e, v := f.Entries[0], f.Entries[0].Versions[0]
	scramble := &keyfile.Scramble{Prefix: "com.", Secrets: []*keyfile.ScrambleVersion{{Secret: keyfile.ScrambleSecret(scrambler(t, sampleKey))}}}
	f.Scrambles = append(f.Scrambles, scramble)
	values := map[string][]any{
		"File": {f, *f}, "Entry": {e, *e}, "Version": {v, *v}, "Info": {list[0]}, "VersionInfo": {list[0].Versions[0]}, "Secret": {v.Shared},
		"Side": {keyfile.Side{Private: v.Shared}}, "Party": {keyfile.Party{Name: "x", Key: v.Shared}}, "Error": {refused, *refused}, "Option": {keyfile.LockWait(0), keyfile.SignAs(signing(t, sampleKey))},
		"Scramble": {scramble, *scramble}, "ScrambleVersion": {scramble.Secrets[0], *scramble.Secrets[0]},
		"Grant": {&keyfile.Grant{Authority: signing(t, sampleKey).Public()}, keyfile.Grant{}},
	}
	var covered []string
	for name, these := range values {
		covered = append(covered, name)
		for _, v := range these {
			leak.RequireHidden(t, v, []byte(sampleKey), key)
		}
	}
	require.ElementsMatch(t, leak.ExportedTypes(t, "."), covered, "a type without a value here, or the other way round")
}

// TestConceal: nothing is shown of a key in whatever form, and nothing is taken away of what
// people name things.
func TestConceal(t *testing.T) {
	const instead = "(looks like a key, not shown)"
	require.Equal(t, "id "+instead+".", keyfile.Conceal("id "+sampleKey+"."))
	require.Equal(t, instead, keyfile.Conceal(strings.Repeat("0aF9", 16)))
	for _, text := range []string{
		"/run/secrets/com.myapp/originator/2026-11-01/keyring.json", "com.myapp.getUserV2ByIdentifier", "/home/Someone/Projects/MyApplication2/keys/originator.json",
		"3fa85f64-5717-4562-b3fc-2c963f66afa6", "bpwyh7ta6kwekirz2iqnafybmq", "2026-12-31T23:59:59Z", "02:42:ac:11:00:02", "fe80::0242:acff:fe11:0002", "/tmp/TestKeyIDsOfTwoHalves2387436704/001/originator.json",
		"AbstractSingletonProxyFactoryBeanImplementation2", "C:/Users/Someone/AppData/Local/Programs/WampBox1/keyring.json", "ALL_CAPITALS_AND_DIGITS_12345678901234567890", "wss://router.example.com:8443/ws",
		"wss%3A%2F%2Frouter%2Fexample%2FRealm1%2Fws", `C:\Users\Someone\newProjects\tools\WampBox1\run`, "/run/secrets/originator-keys1 /home/Someone/originator-keys2",
	} {
		require.Equal(t, text, keyfile.Conceal(text))
	}
	require.Equal(t, "the identity "+instead+" is none", keyfile.Conceal("the identity AGE-SECRET-KEY-1QQPQZ89VVNS0KLCNN8YY4YX4KVJC3J9ZU6 is none"))
	const n = 3000
	missed := map[string]int{}
	source := rand.NewChaCha8([32]byte{1})
	for range n {
		key := make([]byte, 32)
		_, _ = source.Read(key)
		standard, spaced := base64.StdEncoding.EncodeToString(key), fmt.Sprintf("% x", key)
		for form, text := range map[string]string{
			"base64": standard, "unpadded": standard[:43], "url-safe": base64.URLEncoding.EncodeToString(key), "url-safe, unpadded": base64.RawURLEncoding.EncodeToString(key),
			"40 of 44": standard[:40], "30 of 44": standard[:30], "its end": standard[14:], "in JSON": strings.ReplaceAll(standard[:43], "/", `\/`), "hex": hex.EncodeToString(key), "56 of 64": hex.EncodeToString(key)[:56],
			"colons": strings.ReplaceAll(spaced, " ", ":"), "half, with colons": strings.ReplaceAll(spaced, " ", ":")[:47], "dashes": strings.ToUpper(strings.ReplaceAll(spaced, " ", "-")), "spaces": spaced, "0x": "0x" + hex.EncodeToString(key),
			"percent": strings.NewReplacer("+", "%2B", "/", "%2F", "=", "%3D").Replace(standard), "newline": standard[:22] + `\n` + standard[22:], "line": standard[:22] + "\n" + standard[22:], "space": standard[:22] + " " + standard[22:], "no width": standard[:20] + `\u200b` + standard[20:],
		} {
			if shown := keyfile.Conceal(`pattern "` + text + `" is none`); shown != `pattern "`+instead+`" is none` && shown != `pattern "0x`+instead+`" is none` {
				missed[form]++
			}
		}
	}
	for form, missed := range missed {
		switch form {
		case "30 of 44", "its end":
			require.LessOrEqual(t, missed, n*3/100, form)
		case "unpadded", "url-safe, unpadded", "40 of 44", "in JSON", "percent", "newline", "line", "space", "no width":
			require.LessOrEqual(t, missed, n/100, form)
		default:
			require.Zero(t, missed, form)
		}
	}
}

// Lines are counted in texts of many entries without going back.
func TestManyEntries(t *testing.T) {
	var b strings.Builder
	b.WriteString("{\"version\": 2, \"patterns\": [")
	const n = 20_000
	for i := range n {
		if i > 0 {
			b.WriteString(",")
		}
		fmt.Fprintf(&b, "\n{\"exact\": \"com.p%d\", \"versions\": [{\"id\": \"x\", \"shared\": %q}]}", i, sampleKey)
	}
	b.WriteString("\n]}")
	began := time.Now()
	doc, err := keyfile.Parse([]byte(b.String()))
	require.NoError(t, err)
	require.Less(t, time.Since(began), 20*time.Second)
	require.Len(t, doc.Entries, n)
	require.Equal(t, n+1, doc.Entries[n-1].Versions[0].Line())
}
