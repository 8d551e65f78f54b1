package main_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

const bothFile = "both.json"

// begunSigned gives a folder with the files of a new signed key, and its id.
func begunSigned(t testing.TB, args ...string) (dir, id string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "keys")
	id = strings.TrimSpace(wampbox(t, append([]string{"init", "-signed", "-dir", dir, "com.x."}, args...)...).fine(t))
	return dir, id
}

// privateParts are the private keys of signed keys in files.
var privateParts = regexp.MustCompile(`"(?:sign|read)": "[a-z0-9]+:([^"]+)"`)

// signedSecrets gives the private keys of signed keys in files.
func signedSecrets(t testing.TB, paths ...string) []string {
	t.Helper()
	var all []string
	for _, path := range paths {
		for _, found := range privateParts.FindAllStringSubmatch(string(must(os.ReadFile(path))), -1) {
			all = append(all, found[1])
		}
	}
	return all
}

// noSignedSecrets expects that a run has shown no private key of the files.
func (r result) noSignedSecrets(t testing.TB, paths ...string) {
	t.Helper()
	all := signedSecrets(t, paths...)
	require.NotEmpty(t, all)
	for _, secret := range all {
		require.NotContains(t, r.out+r.err, secret)
	}
}

// info gives what a file has of the newest version of com.x.
func info(t testing.TB, path string) keyring.VersionInfo {
	t.Helper()
	versions := ring(t, path).Versions(keyring.Prefix("com.x."))
	require.NotEmpty(t, versions)
	return versions[0]
}

// named gives parties as name=key.
func named(list []keyring.Party) []string {
	all := []string{}
	for _, p := range list {
		all = append(all, p.Name+"="+p.Key.String())
	}
	return all
}

// verify gives the verify key of the party of a file.
func verify(t testing.TB, path string) string {
	t.Helper()
	return info(t, path).Signed.Verify.String()
}

// version gives the version of com.x. that seals, for a role.
func version(t testing.TB, path string, role keyring.Role) *keyring.Version {
	t.Helper()
	entry, err := ring(t, path).Lookup("com.x.y")
	require.NoError(t, err)
	v, err := entry.Sealer(role)
	require.NoError(t, err)
	return v
}

// exchanged is a call and its answer, sealed with the files of two parties.
type exchanged struct{ call, answer []byte }

func exchange(t testing.TB, originator, responder string) exchanged {
	t.Helper()
	head := cryptobox.Head{Kind: cryptobox.KindCall, From: cryptobox.NewSenderID(), N: 1, TS: time.Now().UnixMilli()}
	call := cryptobox.NewRecord(head, "realm1", "com.x.y", []any{"ask"}, nil)
	enc, token, err := version(t, originator, keyring.RoleOriginator).Key().Seal(nil, &call)
	require.NoError(t, err)
	responds := version(t, responder, keyring.RoleResponder).Key()
	var in cryptobox.Opened
	require.NoError(t, responds.Open(enc, cryptobox.Message, &in))
	defer in.Release()
	head = cryptobox.Head{Kind: cryptobox.KindResult, From: cryptobox.NewSenderID(), N: 1, TS: time.Now().UnixMilli(), Re: token}
	result := cryptobox.NewRecord(head, "realm1", "com.x.y", []any{"told"}, nil)
	result.Exchange = in.Exchange()
	answer, _, err := responds.Seal(nil, &result)
	require.NoError(t, err)
	return exchanged{enc, answer}
}

// opensFrom expects that one file opens what another one publishes, or doesn't.
func opensFrom(t testing.TB, from, to string, opens bool) {
	t.Helper()
	sealed := run{stdin: []byte(`{"args": ["Hello"]}`)}.start(t, "seal", "-keyring", from, "-uri", "com.x.y", "-realm", "realm1").fine(t)
	r := run{stdin: []byte(sealed)}.start(t, "open", "-keyring", to, "-uri", "com.x.y")
	if !opens {
		r.fails(t, 1, "no listed key has signed the message")
		return
	}
	require.Equal(t, []any{"Hello"}, record(t, r.fine(t)).Args)
	require.Contains(t, r.err, "signed by ")
	require.Contains(t, r.err, ", "+verify(t, from)+"\n")
}

// jsonOf reads JSON of which not all is looked at.
func jsonOf(text string, into any) error { return json.Unmarshal([]byte(text), into) }
