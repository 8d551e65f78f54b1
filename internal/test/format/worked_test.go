package format_test

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"strings"
	"testing"

	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/wire"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// worked is the example of the document: the blocks in it.
func worked(t *testing.T) (blocks [][]string) {
	t.Helper()
	parts := strings.Split(section(t, "## 15 Worked example"), "```")
	for i := 1; i < len(parts); i += 2 {
		lines := strings.Split(strings.TrimSuffix(parts[i], "\n"), "\n")
		blocks = append(blocks, lines[1:])
	}
	require.Len(t, blocks, 7)
	return blocks
}

func unhex(t *testing.T, lines []string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.Join(strings.Fields(strings.Join(lines, " ")), ""))
	require.NoError(t, err)
	return b
}

// column is what stands behind a name in the first block.
func column(t *testing.T, block []string, name string) string {
	t.Helper()
	for _, line := range block {
		if rest, ok := strings.CutPrefix(line, name); ok {
			return strings.TrimSpace(rest)
		}
	}
	t.Fatalf("no %s", name)
	return ""
}

// TestWorkedExample: the library reads every stage of the example.
func TestWorkedExample(t *testing.T) {
	blocks := worked(t)
	originator, err := cryptobox.ParsePrivateKey(column(t, blocks[0], "originator private"))
	require.NoError(t, err)
	responder, err := cryptobox.ParsePrivateKey(column(t, blocks[0], "responder private"))
	require.NoError(t, err)
	require.Equal(t, originator.Public().String(), column(t, blocks[0], "originator public"))
	require.Equal(t, responder.Public().String(), column(t, blocks[0], "responder public"))

	id := keyring.Responder(responder, originator.Public()).ID()
	require.Equal(t, id, strings.TrimSpace(blocks[1][len(blocks[1])-1]))

	box, err := cryptobox.NewBox(responder, originator.Public())
	require.NoError(t, err)
	shared, err := cryptobox.ParseSymmetricKey(column(t, blocks[0], "shared key (hex)"))
	require.NoError(t, err)
	same, err := cryptobox.NewSecretBox(shared)
	require.NoError(t, err)
	plaintext, payload := unhex(t, blocks[2]), unhex(t, blocks[4])
	for _, c := range []*cryptobox.Box{box, same} {
		opened, err := c.Open(payload)
		require.NoError(t, err)
		require.Equal(t, plaintext, opened)
	}
	requireItems(t, plaintext, blocks[3])

	record, err := cryptobox.CBOR.Decode(plaintext)
	require.NoError(t, err)
	requireExample(t, record)
	padded := append(append([]byte{plaintext[0] + 1}, plaintext[1:]...), unhex(t, blocks[5])...)
	require.Equal(t, cryptobox.Padme(len(plaintext)+9), len(padded))
	record, err = cryptobox.CBOR.Decode(padded)
	require.NoError(t, err)
	requireExample(t, record)
	requireMessages(t, blocks[6], box, id, payload)
}

// requireItems: the items of the record are the record.
func requireItems(t *testing.T, plaintext []byte, lines []string) {
	t.Helper()
	var items strings.Builder
	for _, line := range lines {
		code := strings.Fields(line)[0]
		if _, err := hex.DecodeString(code); err == nil && !strings.HasPrefix(line, strings.Repeat(" ", 30)) {
			items.WriteString(code)
		}
	}
	require.Equal(t, hex.EncodeToString(plaintext), items.String())
}

func requireExample(t *testing.T, record *cryptobox.Record) {
	t.Helper()
	require.Equal(t, "com.myapp.encrypted.x", record.URI())
	require.Equal(t, []any{"Hello", int64(23)}, record.Args())
	require.Nil(t, record.Kwargs())
	require.Equal(t, cryptobox.KindPublish, record.Bind().Kind)
	require.Equal(t, "realm1", record.Bind().Realm)
	require.Equal(t, uint64(1), record.Bind().N)
	require.Equal(t, int64(1767225600123), record.Bind().TS)
	require.True(t, record.Bind().Re.IsZero())
}

// requireMessages: each framing takes its message, and puts the envelope into one
// that is the same.
func requireMessages(t *testing.T, lines []string, box *cryptobox.Box, id string, payload []byte) {
	t.Helper()
	for i, f := range wire.Framings() {
		line := lines[2*i]
		var list []any
		require.NoError(t, json.Unmarshal([]byte(line), &list))
		part := &wire.Part{Dict: list[2].(map[string]any)}
		if text, raw := list[4].(string); raw {
			b, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(text, "\x00"))
			require.NoError(t, err)
			part.Raw = b
		} else {
			part.Args = list[4].([]any)
			if len(list) > 5 {
				part.Kwargs = list[5].(map[string]any)
			}
		}
		env, err := f.Take(part)
		require.NoError(t, err)
		require.NotNil(t, env)
		require.Equal(t, payload, env.Payload)
		require.Equal(t, id, env.KeyID)
		record, _, err := cryptobox.Open(box, env)
		require.NoError(t, err)
		requireExample(t, record)

		env.Algorithm = box.Algorithm()
		var put wire.Part
		require.NoError(t, f.Put(&put, env))
		require.Equal(t, part.Dict, orEmpty(put.Dict))
	}
}

func orEmpty(dict wamp.Dict) wamp.Dict {
	if dict == nil {
		return wamp.Dict{}
	}
	return dict
}
