package main_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/values"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

// Files that init makes.
const (
	originatorFile = "originator.json"
	responderFile  = "responder.json"
	sharedFile     = "shared.json"
)

// begun gives a folder with the files of a new key, and its id.
func begun(t testing.TB) (dir, id string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "keys")
	id = strings.TrimSpace(wampbox(t, "init", "-dir", dir, "com.x.").fine(t))
	return dir, id
}

// ring loads a keyring file as a session does.
func ring(t testing.TB, path string, opts ...keyfile.Option) *keyring.Ring {
	t.Helper()
	r, err := keyfile.Load(path, opts...)
	require.NoError(t, err)
	return r
}

// states gives the versions of com.x. in a file: id to state.
func states(t testing.TB, path string, opts ...keyfile.Option) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, v := range ring(t, path, opts...).Versions(keyring.Prefix("com.x.")) {
		found[v.ID] = v.State.String()
	}
	return found
}

// secrets gives all private keys that are in the files of a folder.
func secrets(t testing.TB, paths ...string) []string {
	t.Helper()
	var all []string
	for _, path := range paths {
		data, err := os.ReadFile(path)
		require.NoError(t, err)
		var file struct {
			Scramble []struct{ Secrets []struct{ Secret string } }
			Patterns []struct {
				Versions []struct {
					Originator, Responder struct{ Private string }
					Shared                string
				}
			}
		}
		require.NoError(t, json.Unmarshal(data, &file))
		for _, s := range file.Scramble {
			for _, by := range s.Secrets {
				all = append(all, strings.TrimPrefix(by.Secret, "scramble:"))
			}
		}
		for _, p := range file.Patterns {
			for _, v := range p.Versions {
				for _, secret := range []string{v.Originator.Private, v.Responder.Private, v.Shared} {
					if secret != "" {
						all = append(all, secret)
					}
				}
			}
		}
	}
	return all
}

// noSecrets expects that a run has shown no private key of the files.
func (r result) noSecrets(t testing.TB, paths ...string) {
	t.Helper()
	for _, secret := range secrets(t, paths...) {
		require.NotContains(t, r.out+r.err, secret)
	}
}

// keyringFile writes a keyring file with entries, each a JSON map.
func keyringFile(t testing.TB, entries ...string) string {
	t.Helper()
	return write(t, "keyring.json", []byte(`{"version": 2, "patterns": [`+strings.Join(entries, ",\n")+`]}`))
}

// pairEntry is an entry for everything, of one party.
func pairEntry(side, private, otherSide, public string) string {
	return fmt.Sprintf(`{"prefix": "", "versions": [{"dialect": "autobahn", %q: {"private": %q}, %q: {"public": %q}}]}`,
		side, private, otherSide, public)
}

// record reads what open prints, and seal reads.
func record(t testing.TB, text string) contents {
	t.Helper()
	v, err := values.Parse([]byte(text))
	require.NoError(t, err)
	fields := v.(map[string]any)
	c := contents{Head: map[string]any{}}
	for name, value := range fields {
		switch name {
		case "uri":
			c.URI = value.(string)
		case "args":
			c.Args, _ = value.([]any)
		case "kwargs":
			c.Kwargs, _ = value.(map[string]any)
		default:
			c.Head[name] = value
		}
	}
	return c
}

// contents is what is in a record.
type contents struct {
	URI    string
	Args   []any
	Kwargs map[string]any
	Head   map[string]any
}

// both gives the files of both parties in a folder.
func both(dir string) []string {
	return []string{filepath.Join(dir, originatorFile), filepath.Join(dir, responderFile)}
}

// with puts the files of both parties, and more, behind what comes before them.
func with(dir string, args ...string) []string { return append(args, both(dir)...) }
