package main_test

import (
	"encoding/base64"
	"fmt"
	"math/big"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

// unusual is a record of values that a sloppy way through JSON would change.
const unusual = `{"args": [9007199254740993, 18446744073709551615, -9223372036854775808, 1.0, -0.0, "\u0000AAEC", "é\u2028", null, [], {}],
	"kwargs": {"a": {"b": [true]}, "": 1}}`

// kind is a kind of key.
type kind struct {
	dialect cryptobox.Dialect
	suite   string
	files   [2]string // of the sender and the receiver
}

// kinds are keyring files of the sender and the receiver for each kind of key.
func kinds(t testing.TB) map[string]kind {
	t.Helper()
	o, r := cryptobox.GenerateKey(), cryptobox.GenerateKey()
	text := func(b []byte) string { return base64.StdEncoding.EncodeToString(b) }
	pair := func(more string) [2]string {
		version := func(a, b string) string {
			return keyringFile(t, fmt.Sprintf(`{"prefix": "", "versions": [{"originator": %s, "responder": %s %s}]}`, a, b, more))
		}
		private := func(k cryptobox.PrivateKey) string { return fmt.Sprintf(`{"private": %q}`, text(k.UnsafeBytes())) }
		public := func(k cryptobox.PrivateKey) string { return fmt.Sprintf(`{"public": %q}`, k.Public()) }
		return [2]string{version(private(o), public(r)), version(public(o), private(r))}
	}
	shared := func(more string) [2]string {
		path := keyringFile(t, fmt.Sprintf(`{"prefix": "", "versions": [{"shared": %q %s}]}`,
			text(cryptobox.GenerateSymmetricKey().UnsafeBytes()), more))
		return [2]string{path, path}
	}
	both := keyringFile(t, fmt.Sprintf(`{"prefix": "", "versions": [{"dialect": "autobahn", "originator": {"private": %q}, "responder": {"private": %[1]q}}]}`, text(o.UnsafeBytes())))
	const passthru = `, "dialect": "passthru", "id": "k1"`
	native := pair(`, "dialect": "autobahn"`)
	return map[string]kind{
		"box":                 {cryptobox.Wampbox, "box", pair("")},
		"xbox":                {cryptobox.Wampbox, "xbox", pair(`, "suite": "xbox"`)},
		"shared":              {cryptobox.Wampbox, "shared", shared("")},
		"autobahn":            {cryptobox.Autobahn, "", native},
		"autobahn, backwards": {cryptobox.Autobahn, "", [2]string{native[1], native[0]}},
		"autobahn, both":      {cryptobox.Autobahn, "", [2]string{both, both}},
		"passthru":            {cryptobox.Passthru, "", pair(passthru)},
		"passthru, shared":    {cryptobox.Passthru, "", shared(passthru)},
		"passthru, aes256gcm": {cryptobox.Passthru, "", shared(passthru + `, "algorithm": "aes256gcm"`)},
	}
}

// seal is the beginning of a command.
func (k kind) seal(more ...string) []string {
	args := append([]string{"seal", "-keyring", k.files[0], "-uri", "com.x"}, more...)
	if !k.dialect.Foreign() {
		args = append(args, "-realm", "realm1")
	}
	return args
}

// TestSealAlone: what seal prints, open opens, at both ends, with every kind of key and in
// every encoding, and nothing is lost.
func TestSealAlone(t *testing.T) {
	want := record(t, unusual)
	want.URI = "com.x"
	for name, kind := range kinds(t) {
		for _, encoding := range []string{"base64", "hex", "raw"} {
			sealed := run{stdin: []byte(unusual)}.start(t, kind.seal("-encoding", encoding)...)
			sealed.fine(t)
			sealed.noSecrets(t, kind.files[:]...)
			for _, file := range kind.files {
				opened := run{stdin: []byte(sealed.out)}.start(t, "open", "-keyring", file, "-uri", "com.x")
				rec := record(t, opened.fine(t))
				kind.checkHead(t, rec.Head, "publish")
				rec.Head = want.Head
				require.Equal(t, want, rec, "%s %s", name, encoding)
				opened.noSecrets(t, kind.files[:]...)
			}
			again := run{stdin: []byte(unusual)}.start(t, kind.seal("-encoding", encoding)...)
			require.NotEqual(t, sealed.out, again.fine(t))
		}
	}
}

// checkHead expects that of a new message, which a session takes.
func (k kind) checkHead(t testing.TB, head map[string]any, kind string) {
	t.Helper()
	if k.dialect.Foreign() {
		require.Empty(t, head)
		return
	}
	require.Len(t, head["from"], 32)
	require.NotEqual(t, cryptobox.SenderID{}.String(), head["from"])
	require.WithinDuration(t, time.Now(), time.UnixMilli(head["ts"].(int64)), time.Minute)
	delete(head, "from")
	delete(head, "ts")
	require.Equal(t, map[string]any{"kind": kind, "realm": "realm1", "n": int64(1), "seq": int64(0)}, head)
}

// TestSealMessages: the same as a whole message of the key's dialect, of both kinds.
func TestSealMessages(t *testing.T) {
	want := record(t, unusual)
	want.URI = "com.x"
	input := write(t, "record.json", []byte(unusual))
	for name, kind := range kinds(t) {
		for message, more := range map[string][]string{"PUBLISH": {"-message"}, "CALL": {"-message", "-kind", "call"}} {
			sealed := wampbox(t, kind.seal(append(more, input)...)...)
			var seen inspected
			run{stdin: []byte(sealed.fine(t))}.start(t, "inspect", "-json").decode(t, &seen)
			require.Equal(t, message, seen.Message, name)
			require.Equal(t, kind.dialect.String(), seen.Dialect)
			require.Equal(t, kind.suite, seen.Suite)
			require.Equal(t, "com.x", seen.URI)
			opened := run{stdin: []byte(sealed.out)}.start(t, "open", "-keyring", kind.files[1], "-uri", "com.x")
			rec := record(t, opened.fine(t))
			kind.checkHead(t, rec.Head, map[string]string{"PUBLISH": "publish", "CALL": "call"}[message])
			rec.Head = want.Head
			require.Equal(t, want, rec, name)
		}
	}
}

// TestSealDialect: where versions differ in it, the one that seals now is taken, or the
// newest one of a dialect.
func TestSealDialect(t *testing.T) {
	dir, _ := begun(t)
	wampbox(t, with(dir, "rotate", "com.x.", "-for", "autobahn")...).fine(t)
	for name, want := range map[string]string{"": "wampbox", "wampbox": "wampbox", "autobahn": "autobahn"} {
		args := []string{"seal", "-keyring", both(dir)[0], "-uri", "com.x.y", "-message"}
		if name != "" {
			args = append(args, "-dialect", name)
		}
		if want == "wampbox" {
			args = append(args, "-realm", "realm1")
		}
		sealed := run{stdin: []byte("{}")}.start(t, args...)
		var seen inspected
		run{stdin: []byte(sealed.fine(t))}.start(t, "inspect", "-json").decode(t, &seen)
		require.Equal(t, want, seen.Dialect)
		run{stdin: []byte(sealed.out)}.start(t, "open", "-keyring", both(dir)[1], "-uri", "com.x.y").fine(t)
	}
	run{stdin: []byte("{}")}.start(t, "seal", "-keyring", both(dir)[0], "-uri", "com.x.y", "-dialect", "passthru").
		fails(t, 1, "has no version for passthru")
}

// TestSealRefuses: half of what was meant is never sealed.
func TestSealRefuses(t *testing.T) {
	all := kinds(t)
	for name, test := range map[string]struct {
		record string
		more   []string
		status int
		says   string
	}{
		"no JSON":                   {"args", nil, 1, "malformed"},
		"a list":                    {"[1]", nil, 1, "is no JSON map"},
		"a name misspelt":           {`{"arg": [1]}`, nil, 1, "and nothing else"},
		"a head":                    {`{"kind": "call"}`, nil, 1, "a head is made anew"},
		"a name twice":              {`{"args": [1], "args": [2]}`, nil, 1, "malformed"},
		"args of a kind":            {`{"args": 1}`, nil, 1, `"args" is neither a list nor null`},
		"kwargs of a kind":          {`{"kwargs": []}`, nil, 1, `"kwargs" is neither a map nor null`},
		"more behind it":            {`{} {}`, nil, 1, "bytes after the JSON value"},
		"another URI":               {`{"uri": "com.y"}`, nil, 1, `it is for "com.y"`},
		"a kind of answers":         {`{}`, []string{"-kind", "result"}, 2, "use publish or call"},
		"an unknown dialect":        {`{}`, []string{"-dialect", "x"}, 2, "use wampbox, autobahn or passthru"},
		"an unknown encoding":       {`{}`, []string{"-encoding", "auto"}, 2, "use base64, hex or raw"},
		"an encoding and a message": {`{}`, []string{"-message", "-encoding", "hex"}, 2, "-encoding is for a payload alone"},
	} {
		t.Run(name, func(t *testing.T) {
			run{stdin: []byte(test.record)}.start(t, all["box"].seal(test.more...)...).fails(t, test.status, test.says)
		})
	}
	run{stdin: []byte("{}")}.start(t, "seal", "-keyring", all["box"].files[0], "-uri", "com.x").fails(t, 2, "-realm is missing")
	run{stdin: []byte("{}")}.start(t, all["autobahn"].seal("-realm", "realm1")...).fails(t, 2, "isn't tied to one")
	run{stdin: []byte("{}")}.start(t, "seal", "-keyring", all["box"].files[1], "-uri", "com.x", "-realm", "realm1").
		fails(t, 1, "the key doesn't serve this role")
}

// TestBigIntegers are exact beyond 64 bits too.
func TestBigIntegers(t *testing.T) {
	number, _ := new(big.Int).SetString("123456789012345678901234567890", 10)
	for _, kind := range kinds(t) {
		sealed := run{stdin: fmt.Appendf(nil, `{"args": [%d]}`, number)}.start(t, kind.seal()...)
		rec := record(t, run{stdin: []byte(sealed.fine(t))}.start(t, "open", "-keyring", kind.files[1], "-uri", "com.x").fine(t))
		require.Equal(t, []any{number}, rec.Args)
	}
}
