package party_test

import (
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/examples/internal/proctest"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/testrouter"
)

// keyrings writes a pair of keyring files for the pattern.
func keyrings(t *testing.T, pattern string) (originator, responder string) {
	t.Helper()
	dir := t.TempDir()
	o, r := cryptobox.GenerateKey(), cryptobox.GenerateKey()
	write := func(name, originator, responder string) string {
		path := filepath.Join(dir, name)
		text := fmt.Sprintf(`{"version": 1, "keys": [{"pattern": %q, "match": "prefix", "originator": {%s}, "responder": {%s}}]}`, pattern, originator, responder)
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		return path
	}
	private := func(k cryptobox.PrivateKey) string {
		return fmt.Sprintf(`"private": %q`, base64.StdEncoding.EncodeToString(k.UnsafeBytes()))
	}
	public := func(k cryptobox.PublicKey) string { return fmt.Sprintf(`"public": %q`, k) }
	return write("originator.json", private(o), public(r.Public())), write("responder.json", public(o.Public()), private(r))
}

// TestKeyringFiles: both programs take their keys from files, and follow them.
func TestKeyringFiles(t *testing.T) {
	router, err := testrouter.Start("realm1")
	require.NoError(t, err)
	defer func() { require.NoError(t, router.Close()) }()
	originator, responder := keyrings(t, "com.myapp.encrypted.")
	r := proctest.Start(t, "responder", "-router", router.WebSocketURL(), "-keyring", responder)
	r.AwaitLine("session ready", 1)
	exchange := func(keyring string) (*proctest.Process, int) {
		return proctest.Run(t, "originator", "-router", router.RawSocketURL(), "-keyring", keyring)
	}
	o, status := exchange(originator)
	require.Zero(t, status, o.Stderr())
	require.Contains(t, o.Stdout(), "all as expected")
	require.Empty(t, o.Stderr())
	require.Empty(t, r.Stderr())

	nextOriginator, nextResponder := keyrings(t, "com.myapp.encrypted.")
	_, status = exchange(nextOriginator)
	require.Equal(t, 1, status)

	require.NoError(t, os.WriteFile(responder, []byte(`{"version": 1, "keys": [`), 0o600))
	r.AwaitStderr("the keys stay as they were")
	o, status = exchange(originator)
	require.Zero(t, status, o.Stderr())

	require.NoError(t, os.Rename(nextResponder, responder))
	r.AwaitStderr("the keyring has changed")
	o, status = exchange(nextOriginator)
	require.Zero(t, status, o.Stderr())
}

func TestUnusableKeyrings(t *testing.T) {
	good, _ := keyrings(t, "com.myapp.encrypted.")
	elsewhere, _ := keyrings(t, "com.other.")
	for _, program := range programs {
		for _, test := range []struct {
			name, message string
			status        int
			env, args     []string
		}{
			{"no name", "give the path of a keyring file", 2, nil, []string{"-keyring", ""}},
			{"and a key file", "leave out -key-file", 2, nil, []string{"-keyring", good, "-key-file", "x"}},
			{"and a peer's key", "leave out -key-file", 2, nil, []string{"-keyring", good, "-peer-key", peerText}},
			{"and a variable", "leave out -key-file", 2, []string{environment + ownText}, []string{"-keyring", good}},
			{"no file", "no such file", 1, nil, []string{"-keyring", good + ".missing"}},
			{"another pattern", "has no key for com.myapp.encrypted.: make one with wampbox init", 1, nil, []string{"-keyring", elsewhere}},
		} {
			t.Run(program+" "+test.name, func(t *testing.T) {
				t.Parallel()
				p := proctest.StartEnv(t, test.env, program, append(test.args, "-router", "ws://"+proctest.Nowhere(t)+"/")...)
				require.Equal(t, test.status, p.Wait())
				require.Contains(t, p.Stderr(), test.message)
				require.Empty(t, p.Stdout())
			})
		}
	}
}
