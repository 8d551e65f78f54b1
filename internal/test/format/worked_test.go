package format_test

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/chacha20poly1305"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/wire"
)

// blocksOf are the lines of the blocks in a section.
func blocksOf(section string) (blocks [][]string) {
	parts := strings.Split(section, "```")
	for i := 1; i < len(parts); i += 2 {
		lines := strings.Split(strings.TrimSuffix(parts[i], "\n"), "\n")
		blocks = append(blocks, lines[1:])
	}
	return blocks
}

func unhex(t *testing.T, text string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.Join(strings.Fields(text), ""))
	require.NoError(t, err)
	return b
}

// line is what stands in a block behind the words that a line begins with.
func line(t *testing.T, block []string, begins string) string {
	t.Helper()
	words := strings.Fields(begins)
	for _, line := range block {
		fields := strings.Fields(line)
		if len(fields) > len(words) && strings.Join(fields[:len(words)], " ") == strings.Join(words, " ") {
			return strings.Join(fields[len(words):], " ")
		}
	}
	t.Fatalf("no line %q", begins)
	return ""
}

// exampleKeys are those of the document, by role, and what all share.
func exampleKeys(t *testing.T, block []string) (originator, responder cryptobox.PrivateKey, shared cryptobox.SymmetricKey) {
	t.Helper()
	for role, key := range map[string]*cryptobox.PrivateKey{"originator": &originator, "responder": &responder} {
		fields := strings.Fields(line(t, block, role+" private"))
		private, err := cryptobox.ParsePrivateKey(fields[0])
		require.NoError(t, err)
		require.Equal(t, fields[2], private.Public().String())
		*key = private
	}
	shared, err := cryptobox.ParseSymmetricKey(line(t, block, "shared key"))
	require.NoError(t, err)
	return originator, responder, shared
}

// TestWorkedExample: the library makes and reads every stage of the example.
func TestWorkedExample(t *testing.T) {
	blocks := blocksOf(section(t, "## 15 Worked example"))
	require.Len(t, blocks, 5)
	originator, responder, shared := exampleKeys(t, blocks[0])
	for suite, name := range map[cryptobox.Suite]string{cryptobox.SuiteBox: "H, suite 1", cryptobox.SuiteXBox: "H, suite 2", cryptobox.SuiteShared: "H, suite 3"} {
		id := cryptobox.SharedID(shared)
		if suite != cryptobox.SuiteShared {
			id = cryptobox.PairID(suite, originator.Public(), responder.Public())
		}
		fields := strings.Fields(line(t, blocks[0], name))
		require.Equal(t, fields[0], hex.EncodeToString(id[:]))
		require.Equal(t, fields[len(fields)-1], id.String())
	}

	var items strings.Builder
	for _, item := range blocks[1] {
		items.WriteString(strings.Split(item, "   ")[0])
	}
	plain := unhex(t, items.String())
	require.Len(t, plain, 75)

	box, err := cryptobox.NewBox(responder, originator.Public())
	require.NoError(t, err)
	begins := unhex(t, line(t, blocks[2], "suite 1 begins"))
	tag, ciphertext := unhex(t, line(t, blocks[2], "tag")), unhex(t, line(t, blocks[2], "ciphertext"))
	one := append(append(begins, tag...), ciphertext...)
	opened, err := box.Open(one[17:])
	require.NoError(t, err)
	require.Equal(t, plain, opened)
	requireExample(t, box, cryptobox.SuiteBox, originator.Public(), responder.Public(), one)

	two := unhex(t, line(t, blocks[2][3:], "suite 2 begins"))
	two = append(two, unhex(t, line(t, blocks[2][3:], "ciphertext"))...)
	two = append(two, unhex(t, line(t, blocks[2][4:], "tag"))...)
	requireExample(t, box, cryptobox.SuiteXBox, originator.Public(), responder.Public(), two)
	requireMessages(t, blocks[3], box, one)
	requireSignedExample(t, blocks[4], plain)
}

// requireSignedExample opens the payload of suite 4, stage by stage.
func requireSignedExample(t *testing.T, block []string, record []byte) {
	t.Helper()
	of := func(name string) []byte { return unhex(t, line(t, block, name)) }
	fields := strings.Fields(line(t, block, "reading private"))
	read, err := cryptobox.ParseReadingKey(fields[0])
	require.NoError(t, err)
	require.Equal(t, fields[2], read.Public().String())
	fields = strings.Fields(line(t, block, "alice signing"))
	alice, err := cryptobox.ParseSigningKey(fields[0])
	require.NoError(t, err)
	require.Equal(t, fields[2], alice.Public().String())
	require.Equal(t, line(t, block, "signer"), alice.Public().Signer().String())
	fields = strings.Fields(line(t, block, "H, suite 4"))
	id := cryptobox.SignedID(read.Public())
	require.Equal(t, fields[0], hex.EncodeToString(id[:]))
	require.Equal(t, fields[len(fields)-1], id.String())
	key, err := cryptobox.NewSignedKey(cryptobox.SignedParts{
		Suite: cryptobox.SuiteSigned, Read: read, Senders: []cryptobox.VerifyKey{alice.Public()},
	})
	require.NoError(t, err)

	begins, signature := of("suite 4 begins"), of("signature")
	for name, data := range map[string][]byte{"SHA-256 of that": begins, "SHA-256 of record": record} {
		sum := sha256.Sum256(data)
		require.Equal(t, of(name), sum[:])
	}
	require.True(t, ed25519.Verify(alice.Public().Bytes(), of("signed"), signature))
	form := strings.SplitN(line(t, block, "plaintext"), ",", 2)[0]
	aead, err := chacha20poly1305.NewX(unhex(t, strings.Fields(line(t, block, "suite 4, message"))[0]))
	require.NoError(t, err)
	payload := slices.Concat(begins, of("ciphertext"), of("tag"))
	plaintext, err := aead.Open(nil, begins[len(begins)-24:], payload[len(begins):], begins)
	require.NoError(t, err)
	require.Equal(t, slices.Concat(unhex(t, form), signature, record), plaintext)
	requirePublish(t, key, payload)
	var opened cryptobox.Opened
	defer opened.Release()
	require.NoError(t, key.Open(payload, cryptobox.Message, &opened))
	require.Equal(t, alice.Public(), opened.Signer)
	require.Equal(t, tokenOf(t, of("token")), opened.Token)
}

// requireExample opens a payload of the example.
func requireExample(t *testing.T, box *cryptobox.Box, suite cryptobox.Suite, originator, responder cryptobox.PublicKey, payload []byte) {
	t.Helper()
	key, err := cryptobox.NewPairKey(suite, box, originator, responder)
	require.NoError(t, err)
	requirePublish(t, key, payload)
}

// requirePublish: the payload is the event of the example.
func requirePublish(t *testing.T, key *cryptobox.SuiteKey, payload []byte) {
	t.Helper()
	var opened cryptobox.Opened
	require.NoError(t, key.Open(payload, cryptobox.Message, &opened))
	defer opened.Release()
	require.Equal(t, cryptobox.KindPublish, opened.Kind)
	require.Equal(t, "realm1", opened.Realm())
	require.Equal(t, "com.myapp.encrypted.hello", opened.URI())
	require.Equal(t, uint64(1), opened.N)
	require.Equal(t, int64(1767225600123), opened.TS)
	args, kwargs, err := opened.Values()
	require.NoError(t, err)
	require.Equal(t, []any{"Hello", int64(23)}, args)
	require.Nil(t, kwargs)
}

// requireMessages: each dialect's message is taken as that, and holds the example.
func requireMessages(t *testing.T, lines []string, box *cryptobox.Box, payload []byte) {
	t.Helper()
	seen := 0
	for _, line := range lines {
		if !strings.HasPrefix(line, "[16,") {
			continue
		}
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
		env, err := wire.Take(part)
		require.NoError(t, err)
		require.NotNil(t, env)
		require.Equal(t, cryptobox.Dialect(seen), env.Dialect)
		seen++
		if !env.Dialect.Foreign() {
			require.Equal(t, payload, env.Payload)
			continue
		}
		require.Equal(t, box.Algorithm(env.Dialect), env.Algorithm)
		record, _, err := cryptobox.OpenForeign(box, env.Dialect, env.Payload)
		require.NoError(t, err)
		require.Equal(t, "com.myapp.encrypted.hello", record.URI())
		require.Equal(t, []any{"Hello", int64(23)}, record.Args())
		require.Nil(t, record.Kwargs())
	}
	require.Equal(t, 3, seen)
}
