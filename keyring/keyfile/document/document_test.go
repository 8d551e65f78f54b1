package document_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile/document"
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
	doc, err := document.Parse([]byte(layout))
	require.NoError(t, err)
	text, err := doc.Marshal()
	require.NoError(t, err)
	require.Equal(t, layout, string(text))
	require.True(t, doc.HasSecrets())
}

// What is made by a program is written and read as what it is.
func TestMadeByAProgram(t *testing.T) {
	key := cryptobox.GenerateKey()
	doc := document.New()
	doc.Keys = []*document.Entry{{
		Pattern: "com.a", Match: "exact", State: "active", Created: time.Unix(1_800_000_000, 0).UTC(),
		Originator: &document.Side{Private: document.PrivateKey(key)},
		Responder:  &document.Side{Public: document.PublicKey(key.Public())},
	}, {
		Pattern: "com.a", Match: "exact", ID: "s", State: "pending",
		Symmetric: document.SymmetricKey(cryptobox.GenerateSymmetricKey()),
	}}
	text, err := doc.Marshal()
	require.NoError(t, err)
	read, err := document.Parse(text)
	require.NoError(t, err)
	require.Len(t, read.Keys, 2)
	require.Equal(t, 5, read.Keys[0].Line())
	require.Equal(t, 10, read.Keys[0].LineOf("originator.private"))
	require.Equal(t, 11, read.Keys[0].LineOf("responder.public"))
	require.Equal(t, 6, read.Keys[0].LineOf("pattern"))
	require.Equal(t, 5, read.Keys[0].LineOf("id")) // which isn't there
	require.True(t, doc.Keys[0].Originator.Private.Equal(read.Keys[0].Originator.Private))
	require.True(t, doc.Keys[1].Symmetric.Equal(read.Keys[1].Symmetric))
	require.True(t, doc.Keys[0].Created.Equal(read.Keys[0].Created))
	parsed, err := cryptobox.ParsePrivateKey(string(read.Keys[0].Originator.Private.UnsafeText()))
	require.NoError(t, err)
	require.True(t, parsed.Equal(key))
}

func TestWhatCanNotBeWritten(t *testing.T) {
	for name, e := range map[string]*document.Entry{
		"not UTF-8":      {Pattern: "com.\xff", Match: "exact"},
		"a year too far": {Pattern: "com.a", Match: "exact", NotAfter: time.Date(10_000, 1, 1, 0, 0, 0, 0, time.UTC)},
	} {
		text, err := (&document.Document{Keys: []*document.Entry{e}}).Marshal()
		require.ErrorIs(t, err, document.ErrFormat, name)
		require.Nil(t, text)
	}
}

func TestHasSecrets(t *testing.T) {
	side := func(private, public string) *document.Side {
		return &document.Side{Private: document.Text(private), Public: document.Text(public)}
	}
	for want, entries := range map[bool][]*document.Entry{
		true: {
			{Symmetric: document.Text(sampleKey)}, {Originator: side(sampleKey, "")}, {Responder: side(sampleKey, "")},
		},
		false: {
			{}, {Symmetric: document.Text("env:X")}, {Originator: side("file:x", sampleKey), Responder: side("", sampleKey)},
		},
	} {
		for _, e := range entries {
			require.Equal(t, want, (&document.Document{Keys: []*document.Entry{{}, e}}).HasSecrets())
		}
	}
}

func TestWipe(t *testing.T) {
	doc, err := document.Parse([]byte(layout))
	require.NoError(t, err)
	private, symmetric := doc.Keys[0].Originator.Private.UnsafeText(), doc.Keys[1].Symmetric.UnsafeText()
	doc.Wipe()
	require.Equal(t, make([]byte, 44), private)
	require.Equal(t, make([]byte, 44), symmetric)
	(*document.Document)(nil).Wipe()
}

// A Secret shows in no way, wherever it is.
func TestSecretsShowNothing(t *testing.T) {
	doc, err := document.Parse([]byte(layout))
	require.NoError(t, err)
	s := doc.Keys[1].Symmetric
	type holder struct{ hidden document.Secret }
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "secret", s, "entry", doc.Keys[1])
	shown := []string{log.String()}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		shown = append(shown, fmt.Sprintf(verb, s), fmt.Sprintf(verb, holder{s}), fmt.Sprintf(verb, *doc.Keys[1]), fmt.Sprintf(verb, *doc.Keys[0].Originator))
	}
	for _, text := range shown {
		require.NotContains(t, text, sampleKey[:8])
		require.NotContains(t, text, fmt.Sprintf("%x", sampleKey[:8]))
	}
	_, err = json.Marshal(doc)
	require.ErrorContains(t, err, "written by Document.Marshal only")
	require.Equal(t, "Secret(env)", document.Text("env:X").String())
	require.Equal(t, "Secret(file)", document.Text("file:x").String())
	require.Equal(t, "Secret(none)", document.Secret{}.String())
	require.Equal(t, "Secret(redacted)", s.String())
}

func TestConceal(t *testing.T) {
	require.Equal(t, "id (looks like a key, not shown).", document.Conceal("id "+sampleKey+"."))
	require.Equal(t, "(looks like a key, not shown)", document.Conceal(strings.Repeat("0aF9", 16)))
	require.Equal(t, "/run/secrets/com.myapp/originator/2026-11-01/keyring.json", document.Conceal("/run/secrets/com.myapp/originator/2026-11-01/keyring.json"))
}

func TestReadAll(t *testing.T) {
	text := strings.Repeat("x", 5000)
	for _, hint := range []int64{-1, 0, 10, 5000, 1 << 40} {
		got, err := document.ReadAll(iotest.OneByteReader(strings.NewReader(text)), hint, 5000)
		require.NoError(t, err)
		require.Equal(t, text, string(got))
		got, err = document.ReadAll(strings.NewReader(text), hint, 4999)
		require.ErrorIs(t, err, document.ErrTooLarge)
		require.Nil(t, got)
	}
	failed := errors.New("no disk")
	got, err := document.ReadAll(io.MultiReader(strings.NewReader(text), iotest.ErrReader(failed)), -1, 10_000)
	require.ErrorIs(t, err, failed)
	require.Nil(t, got)
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
	doc, err := document.Parse([]byte(b.String()))
	require.NoError(t, err)
	require.Less(t, time.Since(began), 20*time.Second)
	require.Len(t, doc.Keys, n)
	require.Equal(t, n+1, doc.Keys[n-1].Line())
}
