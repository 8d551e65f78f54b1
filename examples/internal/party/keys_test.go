package party_test

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/examples/internal/party"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/examples/internal/proctest"
)

var (
	ownKey   = cryptobox.GenerateKey()
	ownText  = base64.StdEncoding.EncodeToString(ownKey.UnsafeBytes())
	peerText = cryptobox.GenerateKey().Public().String()
)

const environment = party.PrivateKeyVariable + "="

func TestSamplesAreThePublishedOnes(t *testing.T) {
	text, err := os.ReadFile("../../../vectors/autobahn_cryptobox.json")
	require.NoError(t, err)
	var published struct {
		Keys struct {
			OriginatorPriv string `json:"originator_priv"`
			OriginatorPub  string `json:"originator_pub"`
			ResponderPriv  string `json:"responder_priv"`
			ResponderPub   string `json:"responder_pub"`
		}
	}
	require.NoError(t, json.Unmarshal(text, &published))
	require.Equal(t, party.Sample{Private: published.Keys.OriginatorPriv, Peer: published.Keys.ResponderPub}, party.SampleOriginator)
	require.Equal(t, party.Sample{Private: published.Keys.ResponderPriv, Peer: published.Keys.OriginatorPub}, party.SampleResponder)
}

func TestSampleKeysAreLoud(t *testing.T) {
	unreachable := "ws://" + proctest.Nowhere(t) + "/"
	for _, program := range programs {
		t.Run(program, func(t *testing.T) {
			t.Parallel()
			p, status := proctest.Run(t, program, "-router", unreachable)
			require.Equal(t, 1, status)
			require.Contains(t, p.Stderr(), "WARNING")
			require.Contains(t, p.Stderr(), "PUBLISHED SAMPLE KEYS")

			p, status = proctest.Run(t, program, "-router", unreachable, "-key-file", keyFile(t, ownText), "-peer-key", peerText)
			require.Equal(t, 1, status)
			require.NotContains(t, p.Stderr(), "WARNING")
		})
	}
}

// Nothing that the user gives, and be it empty, may lead to the samples or be
// printed.
func TestUnusableKeys(t *testing.T) {
	short := ownText[:40]
	for _, program := range programs {
		for _, test := range []struct {
			name, message string
			env           []string
			args          []string
		}{
			{"file without peer", "add -peer-key", nil, []string{"-key-file", keyFile(t, ownText)}},
			{"variable without peer", "add -peer-key", []string{environment + ownText}, nil},
			{"peer alone", "add -key-file", nil, []string{"-peer-key", peerText}},
			{"empty peer alone", "add -key-file", nil, []string{"-peer-key", ""}},
			{"empty peer", "-peer-key: public key", nil, []string{"-key-file", keyFile(t, ownText), "-peer-key", ""}},
			{"empty file name alone", "-key-file: open", nil, []string{"-key-file", ""}},
			{"empty file name", "-key-file: open", nil, []string{"-key-file", "", "-peer-key", peerText}},
			{"empty file", "private key", nil, []string{"-key-file", keyFile(t, ""), "-peer-key", peerText}},
			{"empty variable", "is set, but empty", []string{environment}, nil},
			{"empty variable, peer", "is set, but empty", []string{environment}, []string{"-peer-key", peerText}},
			{"short key in file", "private key", nil, []string{"-key-file", keyFile(t, short), "-peer-key", peerText}},
			{"short key in variable", "private key", []string{environment + short}, []string{"-peer-key", peerText}},
			{"directory as file", "-key-file", nil, []string{"-key-file", t.TempDir(), "-peer-key", peerText}},
			{"endless file", "private key", nil, []string{"-key-file", "/dev/zero", "-peer-key", peerText}},
			{"zero peer", "weak key", nil, []string{"-key-file", keyFile(t, ownText), "-peer-key", strings.Repeat("0", 64)}},
			{"bad peer", "-peer-key: public key", nil, []string{"-key-file", keyFile(t, ownText), "-peer-key", short}},
			{"file goes before variable", "private key", []string{environment + ownText}, []string{"-key-file", keyFile(t, short), "-peer-key", peerText}},
			{"no private key to print from", "needs a private key", nil, []string{"-print-public-key"}},
			{"bad key to print from", "private key", nil, []string{"-print-public-key", "-key-file", keyFile(t, short)}},
		} {
			t.Run(program+"/"+test.name, func(t *testing.T) {
				t.Parallel()
				p := proctest.StartEnv(t, test.env, program, test.args...)
				require.Equal(t, 2, p.Wait())
				require.Empty(t, p.Stdout())
				require.Contains(t, p.Stderr(), test.message)
				require.NotContains(t, p.Stderr(), short)
				require.NotContains(t, p.Stderr(), "SAMPLE")
			})
		}
	}
}

func TestPrintPublicKey(t *testing.T) {
	want := ownKey.Public().String() + "\n"
	for _, program := range programs {
		t.Run(program, func(t *testing.T) {
			t.Parallel()
			for _, text := range []string{ownText, ownText + "\n", hex.EncodeToString(ownKey.UnsafeBytes())} {
				p, status := proctest.Run(t, program, "-print-public-key", "-key-file", keyFile(t, text))
				require.Zero(t, status)
				require.Equal(t, want, p.Stdout())
				require.Empty(t, p.Stderr())

				p = proctest.StartEnv(t, []string{environment + text}, program, "-print-public-key")
				require.Zero(t, p.Wait())
				require.Equal(t, want, p.Stdout())
			}
		})
	}
}

func keyFile(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "private.key")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}
