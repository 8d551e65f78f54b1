package keyfile_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
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
  "version": 1,
  "keys": [
    {
      "pattern": "com.myapp.",
      "match": "prefix",
      "id": "one",
      "state": "retired",
      "created": "2026-01-02T03:04:05Z",
      "not_after": "2026-12-31T23:59:59.5+02:00",
      "allow_unbound": true,
      "comment": "a \"quoted\" <text>\nof two lines ☺",
      "originator": {"private": "6m0rnaVAP0PvvkS11QLKYVHDUqC8sQYrj5t+ez+yhYM=", "public": "env:PUBLIC"},
      "responder": {"public": "file:key"}
    },
    {
      "pattern": "",
      "match": "prefix",
      "id": "two",
      "symmetric": "6m0rnaVAP0PvvkS11QLKYVHDUqC8sQYrj5t+ez+yhYM=",
      "algorithm": "aes256gcm"
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
	doc.Keys = []*keyfile.Entry{{
		Pattern: exact("com.a"), State: keyring.StateActive, Created: time.Unix(1_800_000_000, 0).UTC(),
		Originator: &keyfile.Side{Private: keyfile.PrivateKey(key)},
		Responder:  &keyfile.Side{Public: keyfile.PublicKey(key.Public())},
	}, {
		Pattern: exact("com.a"), ID: "s", State: keyring.StatePending,
		Symmetric: keyfile.SymmetricKey(cryptobox.GenerateSymmetricKey()),
	}}
	text, err := doc.Marshal()
	require.NoError(t, err)
	read, err := keyfile.Parse(text)
	require.NoError(t, err)
	require.Len(t, read.Keys, 2)
	require.Equal(t, 5, read.Keys[0].Line())
	require.True(t, doc.Keys[0].Originator.Private.Equal(read.Keys[0].Originator.Private))
	require.True(t, doc.Keys[1].Symmetric.Equal(read.Keys[1].Symmetric))
	require.True(t, doc.Keys[0].Created.Equal(read.Keys[0].Created))
	parsed, err := cryptobox.ParsePrivateKey(string(read.Keys[0].Originator.Private.UnsafeText()))
	require.NoError(t, err)
	require.True(t, parsed.Equal(key))
}

func TestWhatCanNotBeWritten(t *testing.T) {
	for name, e := range map[string]*keyfile.Entry{
		"not UTF-8":      {Pattern: exact("com.\xff")},
		"a year too far": {Pattern: exact("com.a"), NotAfter: time.Date(10_000, 1, 1, 0, 0, 0, 0, time.UTC)},
	} {
		text, err := (&keyfile.File{Keys: []*keyfile.Entry{e}}).Marshal()
		require.ErrorIs(t, err, keyfile.ErrFormat, name)
		require.Nil(t, text)
	}
}

func TestWipe(t *testing.T) {
	doc, err := keyfile.Parse([]byte(layout))
	require.NoError(t, err)
	private, symmetric := doc.Keys[0].Originator.Private.UnsafeText(), doc.Keys[1].Symmetric.UnsafeText()
	doc.Wipe()
	require.Equal(t, make([]byte, 44), private)
	require.Equal(t, make([]byte, 44), symmetric)
	(*keyfile.File)(nil).Wipe()
}

// A Secret shows in no way, wherever it is.
func TestSecretsShowNothing(t *testing.T) {
	doc, err := keyfile.Parse([]byte(layout))
	require.NoError(t, err)
	s := doc.Keys[1].Symmetric
	key, err := base64.StdEncoding.DecodeString(sampleKey)
	require.NoError(t, err)
	for _, v := range []any{s, doc, *doc, doc.Keys[1], *doc.Keys[1], *doc.Keys[0].Originator} {
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
	f, err := keyfile.Parse([]byte(one(good + `"id": "s", "symmetric": "` + sampleKey + `"`)))
	require.NoError(t, err)
	list, err := f.List()
	require.NoError(t, err)
	_, err = keyfile.Read(strings.NewReader(`{"keys":[{"` + sampleKey + `":1}]}`))
	var refused *keyfile.Error
	require.ErrorAs(t, err, &refused)
	values := map[string][]any{
		"File": {f, *f}, "Entry": {f.Keys[0], *f.Keys[0]}, "Listed": {list[0]}, "Secret": {f.Keys[0].Symmetric},
		"Side": {keyfile.Side{Private: f.Keys[0].Symmetric}}, "Error": {refused, *refused}, "Option": {keyfile.LockWait(0)},
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

func TestConceal(t *testing.T) {
	require.Equal(t, "id (looks like a key, not shown).", keyfile.Conceal("id "+sampleKey+"."))
	require.Equal(t, "(looks like a key, not shown)", keyfile.Conceal(strings.Repeat("0aF9", 16)))
	require.Equal(t, "/run/secrets/com.myapp/originator/2026-11-01/keyring.json", keyfile.Conceal("/run/secrets/com.myapp/originator/2026-11-01/keyring.json"))
}

// Lines are counted in texts of many entries without going back.
func TestManyEntries(t *testing.T) {
	var b strings.Builder
	b.WriteString("{\"version\": 1, \"keys\": [")
	const n = 20_000
	for i := range n {
		if i > 0 {
			b.WriteString(",")
		}
		fmt.Fprintf(&b, "\n{\"pattern\": \"com.p%d\", \"match\": \"exact\", \"id\": \"x\", \"symmetric\": %q}", i, sampleKey)
	}
	b.WriteString("\n]}")
	began := time.Now()
	doc, err := keyfile.Parse([]byte(b.String()))
	require.NoError(t, err)
	require.Less(t, time.Since(began), 20*time.Second)
	require.Len(t, doc.Keys, n)
	require.Equal(t, n+1, doc.Keys[n-1].Line())
}
