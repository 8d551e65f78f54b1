package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/proc"
)

// keyringFile writes the file of one end. Each side is a private key or a public one.
func keyringFile(t *testing.T, pattern string, originator, responder any) (path string) {
	t.Helper()
	side := func(key any) string {
		if private, ok := key.(cryptobox.PrivateKey); ok {
			return fmt.Sprintf(`{"private": %q}`, base64.StdEncoding.EncodeToString(private.UnsafeBytes()))
		}
		return fmt.Sprintf(`{"public": %q}`, key)
	}
	text := fmt.Sprintf(`{"version": 2, "patterns": [{"prefix": %q, "versions": [{"originator": %s, "responder": %s}]}]}`,
		pattern, side(originator), side(responder))
	path = filepath.Join(t.TempDir(), "keyring.json")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

// keyrings writes a pair of files.
func keyrings(t *testing.T, pattern string) (originator, responder string) {
	t.Helper()
	o, r := cryptobox.GenerateKey(), cryptobox.GenerateKey()
	return keyringFile(t, pattern, o, r.Public()), keyringFile(t, pattern, o.Public(), r)
}

func TestSamplesAreThePublishedOnes(t *testing.T) {
	text, err := os.ReadFile("../../vectors/autobahn_cryptobox.json")
	require.NoError(t, err)
	var published struct{ Keys map[string]string }
	require.NoError(t, json.Unmarshal(text, &published))
	require.Equal(t, published.Keys["originator_priv"], samplePrivate)
	require.Equal(t, published.Keys["responder_pub"], samplePeer)
}

func TestSampleKeysAreLoud(t *testing.T) {
	unreachable := "ws://" + proc.Nowhere(t) + "/"
	originator, responder := keyrings(t, prefix)
	for program, file := range map[string]string{"originator": originator, "responder": responder} {
		t.Run(program, func(t *testing.T) {
			t.Parallel()
			p, status := proc.Run(t, program, "-router", unreachable)
			require.Equal(t, 1, status)
			require.Contains(t, p.Stderr(), "WARNING")
			require.Contains(t, p.Stderr(), "PUBLISHED SAMPLE KEYS")

			p, status = proc.Run(t, program, "-router", unreachable, "-keyring", file)
			require.Equal(t, 1, status)
			require.NotContains(t, p.Stderr(), "WARNING")
		})
	}
}

// TestKeyringFiles: both programs take their keys from files, and follow them.
func TestKeyringFiles(t *testing.T) {
	router := startRouter(t)
	originator, responder := keyrings(t, prefix)
	r := startResponder(t, "-router", router.WebSocketURL(), "-keyring", responder)
	exchange := func(keyring string) (*proc.Process, int) {
		return proc.Run(t, "originator", "-router", router.RawSocketURL(), "-keyring", keyring)
	}
	o, status := exchange(originator)
	require.Zero(t, status, o.Stderr())
	require.Equal(t, allOutcomes, o.Stdout())
	require.Empty(t, o.Stderr())
	for _, line := range allEvents {
		r.AwaitLine(line, 1)
	}
	require.Empty(t, r.Stderr())

	nextOriginator, nextResponder := keyrings(t, prefix)
	_, status = exchange(nextOriginator)
	require.Equal(t, 1, status)

	require.NoError(t, os.WriteFile(responder, []byte(`{"version": 2, "patterns": [`), 0o600))
	r.AwaitStderr("the keys stay as they were")
	o, status = exchange(originator)
	require.Zero(t, status, o.Stderr())

	require.NoError(t, os.Rename(nextResponder, responder))
	r.AwaitStderr("the keyring has changed")
	o, status = exchange(nextOriginator)
	require.Zero(t, status, o.Stderr())
}

// TestAFileThatLosesTheKey: its URIs are closed then, and not plain like the rest.
func TestAFileThatLosesTheKey(t *testing.T) {
	router := startRouter(t)
	originator, responder := keyrings(t, prefix)
	_, elsewhere := keyrings(t, "com.other.")
	r := startResponder(t, "-router", router.WebSocketURL(), "-keyring", responder)
	require.NoError(t, os.Rename(elsewhere, responder))
	r.AwaitStderr(`nothing is sent or taken for prefix "com.myapp.encrypted." any more`)

	o, status := proc.Run(t, "originator", "-router", router.WebSocketURL(), "-keyring", originator)
	require.Equal(t, 1, status)
	require.Equal(t, onlyPlain, o.Stdout())
	require.Contains(t, o.Stderr(), "refused by the other end")
	r.AwaitStderr("its pattern had a key, which was removed")
	require.Equal(t, "session ready\ncall com.myapp.add2 (plain)\n", r.Stdout())
}

// TestAFileThatNamesWhatIsPlain: the program takes its word, and adds none of its own.
func TestAFileThatNamesWhatIsPlain(t *testing.T) {
	router := startRouter(t)
	originator, responder := keyrings(t, prefix)
	for _, path := range []string{originator, responder} {
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		also := strings.Replace(string(text), `"patterns": [`, `"patterns": [{"prefix": "com.myapp.", "plain": true}, `, 1)
		require.NoError(t, os.WriteFile(path, []byte(also), 0o600))
	}
	startResponder(t, "-router", router.WebSocketURL(), "-keyring", responder)
	o, status := proc.Run(t, "originator", "-router", router.WebSocketURL(), "-keyring", originator)
	require.Zero(t, status, o.Stderr())
	require.Equal(t, allOutcomes, o.Stdout())
}

// Nothing that the user gives, and be it empty, may lead to the samples.
func TestUnusableKeyrings(t *testing.T) {
	good, _ := keyrings(t, prefix)
	elsewhere, _ := keyrings(t, "com.other.")
	misspelt, _ := keyrings(t, "com.myapp.encryptd.")
	onlyOne, _ := keyrings(t, prefix+"hello")
	for _, program := range programs {
		for _, test := range []struct {
			name, message, path string
			status              int
		}{
			{"no name", "give the path of a keyring file", "", 2},
			{"no file", "no such file", good + ".missing", 1},
			{"another pattern", "has no key for com.myapp.encrypted.: make one with wampbox init", elsewhere, 1},
			{"a pattern with a typo", "has no key for com.myapp.encrypted.: make one with wampbox init", misspelt, 1},
			{"the pattern of one topic", "has no key for com.myapp.encrypted.: make one with wampbox init", onlyOne, 1},
		} {
			t.Run(program+" "+test.name, func(t *testing.T) {
				t.Parallel()
				p, status := proc.Run(t, program, "-keyring", test.path, "-router", "ws://"+proc.Nowhere(t)+"/")
				require.Equal(t, test.status, status)
				require.Contains(t, p.Stderr(), test.message)
				require.Empty(t, p.Stdout())
				require.NotContains(t, p.Stderr(), "SAMPLE")
			})
		}
	}
}
