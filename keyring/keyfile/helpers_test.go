package keyfile_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

// publicText gives the public key of a private one, as files write it.
func publicText(private string) string {
	k, err := cryptobox.ParsePrivateKey(private)
	if err != nil {
		panic(err)
	}
	return k.Public().String()
}

// sampleKeys are replaced in the files of tests: $O and $R are the private keys
// of the sample's originator and responder, $o and $r their public ones, $S is
// a symmetric key. Of signed keys $G and $H are signing keys, $g and $h their verify keys, $X and
// $W reading keys of both suites, and $x and $w their public ones. $C and $D scramble URIs.
var sampleKeys = strings.NewReplacer(
	"$O", sampleOriginator, "$o", publicText(sampleOriginator),
	"$R", sampleResponder, "$r", publicText(sampleResponder),
	"$S", sampleBoth,
	"$G", "ed25519:"+sampleOriginator, "$g", keyringParty(sampleOriginator).Key.String(),
	"$H", "ed25519:"+sampleResponder, "$h", keyringParty(sampleResponder).Key.String(),
	"$X", "x25519:"+sampleBoth, "$x", readingKey("x25519:"+sampleBoth).Public().String(),
	"$C", "scramble:"+sampleBoth, "$D", "scramble:"+sampleOriginator,
	"$W", "xwing:"+sampleBoth, "$w", readingKey("xwing:"+sampleBoth).Public().String(),
)

// keyringParty gives a party with the verify key of a private key's bytes.
func keyringParty(private string) keyring.Party {
	k, err := cryptobox.ParseSigningKey("ed25519:" + private)
	if err != nil {
		panic(err)
	}
	return keyring.Party{Name: "party", Key: k.Public()}
}

func readingKey(text string) cryptobox.ReadingKey {
	k, err := cryptobox.ParseReadingKey(text)
	if err != nil {
		panic(err)
	}
	return k
}

// fileOf makes a file of entries, one a line from line 2 on.
func fileOf(entries ...string) string {
	return sampleKeys.Replace("{\"version\": 2, \"patterns\": [\n" + strings.Join(entries, ",\n") + "\n]}\n")
}

// versionsOf makes an entry of com.a, with versions one a line.
func versionsOf(versions ...string) string {
	return `{"exact": "com.a", "versions": [` + strings.Join(versions, ",\n") + `]}`
}

// one is a file with one version of com.a, on line 2.
func one(fields string) string { return fileOf(versionsOf("{" + fields + "}")) }

// scrambleOf makes a file of prefixes whose URIs are scrambled, one a line from line 2 on, and
// com.a with a key.
func scrambleOf(prefixes ...string) string {
	return sampleKeys.Replace("{\"version\": 2, \"scramble\": [\n" + strings.Join(prefixes, ",\n") + "\n], \"patterns\": [" + versionsOf("{"+asOriginator+"}") + "]}\n")
}

// scrambledBy makes a prefix com. with secrets, one a line.
func scrambledBy(secrets ...string) string {
	return `{"prefix": "com.", "secrets": [` + strings.Join(secrets, ",\n") + `]}`
}

// grantOf makes a file of a grant of the authority $h for the member shop, on line 1.
func grantOf(dates string, entries ...string) string {
	return sampleKeys.Replace(`{"version": 2, "grant": {"authority": "$h", "serial": 1790000000123, "member": "shop", ` + dates + `}, "patterns": [
` + strings.Join(entries, ",\n") + "\n]}\n")
}

// written puts a file into a folder of its own, for its owner only.
func written(t testing.TB, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "keyring.json")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

// loadText loads a text by way of a file.
func loadText(t testing.TB, text string, opts ...keyfile.Option) (*keyring.Ring, error) {
	t.Helper()
	return keyfile.Load(written(t, text), opts...)
}

// The published sample keys of Crossbar.io's cryptobox example.
const (
	sampleOriginator = "6m0rnaVAP0PvvkS11QLKYVHDUqC8sQYrj5t+ez+yhYM="
	sampleResponder  = "ss1v3Nbg65NGGzz8fno17hUCS669pIvPKd3T40oWkEE="
	sampleBoth       = "bkQzyAmjd8T49VEnV/Rb5qfZSIZ1iMrvpNiCqQMls6Q="
)

// scrambler parses a secret that scrambles URIs.
func scrambler(t testing.TB, base64 string) cryptobox.ScrambleSecret {
	t.Helper()
	s, err := cryptobox.ParseScrambleSecret("scramble:" + base64)
	require.NoError(t, err)
	return s
}

// private parses a private key.
func private(t testing.TB, text string) cryptobox.PrivateKey {
	t.Helper()
	k, err := cryptobox.ParsePrivateKey(text)
	require.NoError(t, err)
	return k
}
