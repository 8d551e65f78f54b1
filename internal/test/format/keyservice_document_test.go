package format_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/statement"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyservice"
)

func keyserviceDocument(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../../../docs/KEYSERVICE.md")
	require.NoError(t, err)
	return string(text)
}

// exampleSigner is a key of the document, with its public half beside it.
func exampleSigner(t *testing.T, block []string, name string) cryptobox.SigningKey {
	t.Helper()
	fields := strings.Fields(line(t, block, name+" signing"))
	key, err := cryptobox.ParseSigningKey(fields[0])
	require.NoError(t, err)
	require.Equal(t, fields[2], key.Public().String())
	return key
}

// hexOf are the bytes of a block: what each line begins with.
func hexOf(t *testing.T, block []string) []byte {
	t.Helper()
	var all strings.Builder
	for _, line := range block {
		all.WriteString(strings.Fields(line)[0])
	}
	return unhex(t, all.String())
}

// TestKeyserviceExample: the library makes every statement of the document's example from what the
// document says of it, and opens it.
func TestKeyserviceExample(t *testing.T) {
	text := sectionOf(t, keyserviceDocument(t), "### Worked example")
	blocks := blocksOf(text)
	require.Len(t, blocks, 6)
	given := blocks[0]
	authority, shop, fresh := exampleSigner(t, given, "authority"), exampleSigner(t, given, "shop"), exampleSigner(t, given, "fresh")
	recipient, nonce, now := line(t, given, "recipient"), [32]byte(unhex(t, line(t, given, "nonce"))), time.UnixMilli(1767225600123).UTC()
	ciphertext, serial := statement.Hash(unhex(t, line(t, given, "ciphertext"))), uint64(1767225600123)
	requireLine(t, blocks[1], shop, recipient)

	grant := hexOf(t, blocks[2])
	const day = 24 * time.Hour
	of := statement.HashOfKey(authority.Public())
	for i, s := range []struct {
		signer signer
		kind   string
		key    cryptobox.SigningKey
	}{
		{statement.Grant{
			Authority: of, Serial: serial, Member: "shop", Key: statement.HashOfKey(shop.Public()), Recipient: statement.HashOf(recipient),
			Issued: now, Expires: now.Add(28 * day), Ciphertext: ciphertext,
		}, "grant", authority},
		{statement.Get{Authority: of, Member: "shop", Nonce: nonce, Serial: serial, Ciphertext: ciphertext}, "get", shop},
		{statement.Delegation{Serial: serial, Key: fresh.Public(), NotBefore: now, NotAfter: now.Add(42 * day)}, "delegation", authority},
		{statement.Fresh{Nonce: nonce, Grant: statement.HashOf(grant), Time: now.Add(time.Second)}, "fresh", fresh},
	} {
		wire := hexOf(t, blocks[2+i])
		require.Contains(t, text, fmt.Sprintf(", %d bytes", len(wire)))
		got, err := opened(t, s.kind, wire, s.key.Public())
		require.NoError(t, err)
		require.Equal(t, s.signer, got)
		again, err := s.signer.Sign(s.key)
		require.NoError(t, err)
		require.Equal(t, wire, again)
	}
	requireAnswer(t, text, statement.Answer{Grant: grant, Delegation: hexOf(t, blocks[4]), Fresh: hexOf(t, blocks[5])}, ciphertext)
}

// requireLine compares the line of enrolment, and what is signed of it.
func requireLine(t *testing.T, block []string, shop cryptobox.SigningKey, recipient string) {
	t.Helper()
	written := line(t, block, "line")
	e, err := keyservice.ParseEnrolment(written)
	require.NoError(t, err)
	require.Equal(t, written, e.String())
	require.Equal(t, []any{"shop", shop.Public(), recipient}, []any{e.Name, e.Key, e.Recipient})
	label, content, _ := strings.Cut(line(t, block, "signed"), " 00 ")
	require.Equal(t, "wampbox-identity-1", string(unhex(t, label)))
	signature, err := shop.SignLabeled(string(unhex(t, label)), unhex(t, content))
	require.NoError(t, err)
	require.Equal(t, strings.Fields(written)[4], encoded(signature[:]))
}

var hashInText = regexp.MustCompile("`([0-9a-f]{64})`")

// requireAnswer compares the answer without the ciphertext, and the size of that with it.
func requireAnswer(t *testing.T, text string, a statement.Answer, ciphertext statement.Hash) {
	t.Helper()
	wire, err := a.Marshal()
	require.NoError(t, err)
	sum := sha256.Sum256(wire)
	require.Equal(t, hashInText.FindStringSubmatch(text)[1], hex.EncodeToString(sum[:]))
	require.Contains(t, text, fmt.Sprintf("statement: %d bytes", len(wire)))
	for _, v := range readKeyservice(t).Files {
		if file := exact(t, v.File).([]byte); v.Name == "to an X25519 recipient" {
			require.Equal(t, ciphertext, statement.HashOf(file))
			require.Contains(t, text, "of "+grouped(len(file))+" bytes")
			a.Ciphertext = file
		}
	}
	wire, err = a.Marshal()
	require.NoError(t, err)
	require.Contains(t, text, "it has "+grouped(len(wire)))
}

// grouped writes a number as documents do.
func grouped(n int) string {
	text := fmt.Sprint(n)
	for at := len(text) - 3; at > 0; at -= 3 {
		text = text[:at] + "," + text[at:]
	}
	return text
}

// TestKeyserviceLimits: the document has those of the library.
func TestKeyserviceLimits(t *testing.T) {
	text := keyserviceDocument(t)
	require.Contains(t, text, "A statement has "+grouped(statement.MaxStatement)+" bytes at most")
	require.Contains(t, text, "text of 1 to "+grouped(statement.MaxRecipient)+" bytes")
	require.Contains(t, text, "An answer has "+grouped(statement.MaxAnswer)+" bytes at most")
	require.Equal(t, 1<<20, statement.MaxCiphertext)
	require.Contains(t, text, "of 1 MiB at most")
	require.Contains(t, text, "text, 1 to 64 of")
	require.NoError(t, statement.CheckName(strings.Repeat("n", 64)))
	require.Error(t, statement.CheckName(strings.Repeat("n", 65)))
}

// TestKeyserviceReasons: the document's checks have the reasons of the vectors.
func TestKeyserviceReasons(t *testing.T) {
	text := sectionOf(t, keyserviceDocument(t), "## What a member checks")
	for reason := range exchangeReasons {
		require.Contains(t, text, "`"+reason+"`")
	}
}
