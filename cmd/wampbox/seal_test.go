package main_test

import (
	"encoding/base64"
	"fmt"
	"math/big"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

// unusual is a record of values that a sloppy way through JSON would change.
const unusual = `{"args": [9007199254740993, 18446744073709551615, -9223372036854775808, 1.0, -0.0, "\u0000AAEC", "é\u2028", null, [], {}],
	"kwargs": {"a": {"b": [true]}, "": 1},
	"bind": {"v": 1, "kind": "result", "realm": "realm1", "from": "\u0000AQIDBAUGBwgJCgsMDQ4PEA==", "n": 7, "ts": 1700000000000, "seq": 3, "re": "\u0000AAECAwQFBgcICQoLDA0ODxAREhMUFRYX"}}`

// kinds are keyring files of the sender and the receiver for each kind of key.
func kinds(t testing.TB) map[string][2]string {
	t.Helper()
	o, r := cryptobox.GenerateKey(), cryptobox.GenerateKey()
	text := func(b []byte) string { return base64.StdEncoding.EncodeToString(b) }
	shared := func(more string) [2]string {
		path := keyringFile(t, fmt.Sprintf(`{"prefix": "", "versions": [{"id": "k1", "shared": %q %s}]}`,
			text(cryptobox.GenerateSymmetricKey().UnsafeBytes()), more))
		return [2]string{path, path}
	}
	originator := keyringFile(t, pairEntry("originator", text(o.UnsafeBytes()), "responder", r.Public().String()))
	responder := keyringFile(t, pairEntry("responder", text(r.UnsafeBytes()), "originator", o.Public().String()))
	return map[string][2]string{
		"cryptobox":            {originator, responder},
		"cryptobox, backwards": {responder, originator},
		"xsalsa20poly1305":     shared(""),
		"aes256gcm":            shared(`, "algorithm": "aes256gcm"`),
	}
}

// TestSealAlone: what seal prints, open opens, in every kind of key, serializer
// and encoding, and nothing is lost.
func TestSealAlone(t *testing.T) {
	want := record(t, unusual)
	want.URI = "com.x"
	for kind, files := range kinds(t) {
		for _, serializer := range []string{"json", "msgpack", "cbor"} {
			for _, encoding := range []string{"base64", "hex", "raw"} {
				sealed := run{stdin: []byte(unusual)}.start(t, "seal", "-keyring", files[0], "-uri", "com.x", "-serializer", serializer, "-encoding", encoding)
				opened := run{stdin: []byte(sealed.fine(t))}.start(t, "open", "-keyring", files[1], "-uri", "com.x")
				require.Equal(t, want, record(t, opened.fine(t)), "%s %s %s", kind, serializer, encoding)
				require.Contains(t, opened.err, "record in "+serializer)
				again := run{stdin: []byte(opened.out)}.start(t, "seal", "-keyring", files[0], "-uri", "com.x")
				require.NotEqual(t, sealed.out, again.fine(t))
				for _, r := range []result{sealed, opened, again} {
					r.noSecrets(t, files[:]...)
				}
			}
		}
	}
}

// TestSealMessages: the same in every framing that carries the kind of key.
func TestSealMessages(t *testing.T) {
	want := record(t, unusual)
	want.URI = "com.x"
	input := write(t, "record.json", []byte(unusual))
	carried := 0
	for kind, files := range kinds(t) {
		for framing, serializers := range map[string][]string{
			"enc": {"", "json", "msgpack", "cbor"}, "native": {"", "json", "msgpack", "cbor"}, "ppt": {"", "cbor"},
		} {
			for _, serializer := range serializers {
				args := []string{"seal", "-keyring", files[0], "-uri", "com.x", "-framing", framing, input}
				if serializer != "" {
					args = slices.Insert(args, 1, "-serializer", serializer)
				}
				sealed := wampbox(t, args...)
				if framing == "native" && (kind == "aes256gcm" || kind == "xsalsa20poly1305") {
					sealed.fails(t, 1, "routers close the connection over algorithm")
					continue
				}
				carried++
				var seen inspected
				run{stdin: []byte(sealed.fine(t))}.start(t, "inspect", "-json").decode(t, &seen)
				require.Equal(t, "PUBLISH", seen.Message)
				require.Equal(t, framing, seen.Framing)
				require.Equal(t, "com.x", seen.URI)
				if serializer != "" {
					require.Equal(t, serializer, seen.Serializer)
				}
				opened := run{stdin: []byte(sealed.out)}.start(t, "open", "-keyring", files[1], "-uri", "com.x")
				require.Equal(t, want, record(t, opened.fine(t)), "%s %s %s", kind, framing, serializer)
			}
		}
	}
	require.Equal(t, 2*10+2*6, carried)
}

// TestSealBind makes a bind that a session would take for a new message's.
func TestSealBind(t *testing.T) {
	files := kinds(t)["cryptobox"]
	for _, kind := range []string{"publish", "call"} {
		sealed := run{stdin: []byte("{}")}.start(t, "seal", "-keyring", files[0], "-uri", "com.x", "-bind", kind, "-realm", "realm1")
		rec := record(t, run{stdin: []byte(sealed.fine(t))}.start(t, "open", "-keyring", files[1], "-uri", "com.x").fine(t))
		require.NotNil(t, rec.Bind)
		require.Equal(t, kind, string(rec.Bind.Kind))
		require.Equal(t, "realm1", rec.Bind.Realm)
		require.EqualValues(t, 1, rec.Bind.N)
		require.NotZero(t, rec.Bind.From)
		require.Positive(t, rec.Bind.TS)
	}
}

// TestSealRefuses: half of what was meant is never sealed.
func TestSealRefuses(t *testing.T) {
	dir, _ := begun(t)
	bound := dir + "/" + originatorFile
	files := kinds(t)["cryptobox"]
	for name, test := range map[string]struct {
		record string
		more   []string
		status int
		says   string
	}{
		"no JSON":                   {"args", nil, 1, "the record is no JSON map"},
		"a list":                    {"[1]", nil, 1, "the record is no JSON map"},
		"a name misspelt":           {`{"arg": [1]}`, nil, 1, "and nothing else"},
		"a name twice":              {`{"args": [1], "args": [2]}`, nil, 1, "twice"},
		"args of a kind":            {`{"args": 1}`, nil, 1, "args is neither a list nor null"},
		"more behind it":            {`{} {}`, nil, 1, "bytes after the JSON value"},
		"another URI":               {`{"uri": "com.y"}`, nil, 1, `the record is for "com.y"`},
		"two binds":                 {unusual, []string{"-bind", "call", "-realm", "r"}, 1, `has a "bind"`},
		"a bind without a realm":    {`{}`, []string{"-bind", "call"}, 2, "-bind and -realm go together"},
		"a realm without a bind":    {`{}`, []string{"-realm", "r"}, 2, "-bind and -realm go together"},
		"a bind of an answer":       {`{}`, []string{"-bind", "result", "-realm", "r"}, 2, "use publish or call"},
		"an unknown framing":        {`{}`, []string{"-framing", "x"}, 2, "use enc, native or ppt"},
		"an unknown serializer":     {`{}`, []string{"-serializer", "x"}, 2, "use json, msgpack or cbor"},
		"an unknown encoding":       {`{}`, []string{"-encoding", "auto"}, 2, "use base64, hex or raw"},
		"a serializer of no PPT":    {`{}`, []string{"-framing", "ppt", "-serializer", "json"}, 2, "doesn't carry json"},
		"an encoding and a framing": {`{}`, []string{"-framing", "enc", "-encoding", "hex"}, 2, "-encoding is for a payload alone"},
	} {
		t.Run(name, func(t *testing.T) {
			args := append([]string{"seal", "-keyring", files[0], "-uri", "com.x"}, test.more...)
			run{stdin: []byte(test.record)}.start(t, args...).fails(t, test.status, test.says)
		})
	}
	noted := run{stdin: []byte("{}")}.start(t, "seal", "-keyring", bound, "-uri", "com.x.y")
	noted.fine(t)
	require.Contains(t, noted.err, `the record has no "bind"`)
}

// TestBigIntegers are exact beyond 64 bits too.
func TestBigIntegers(t *testing.T) {
	files := kinds(t)["cryptobox"]
	number, _ := new(big.Int).SetString("123456789012345678901234567890", 10)
	for _, serializer := range []string{"json", "cbor"} {
		sealed := run{stdin: fmt.Appendf(nil, `{"args": [%d]}`, number)}.start(t, "seal", "-keyring", files[0], "-uri", "com.x", "-serializer", serializer)
		rec := record(t, run{stdin: []byte(sealed.fine(t))}.start(t, "open", "-keyring", files[1], "-uri", "com.x").fine(t))
		require.Equal(t, []any{number}, rec.Args)
	}
	run{stdin: fmt.Appendf(nil, `{"args": [%d]}`, number)}.start(t, "seal", "-keyring", files[0], "-uri", "com.x", "-serializer", "msgpack").
		fails(t, 1, "value can't be sealed")
}
