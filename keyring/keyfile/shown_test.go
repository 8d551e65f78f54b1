package keyfile_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

// TestKeyInPlaceOfANameIsNotShown: who writes a key behind file: or env: is told of it
// without the key, or any part of it, whatever characters are in that.
func TestKeyInPlaceOfANameIsNotShown(t *testing.T) {
	folder := t.TempDir()
	t.Chdir(folder)
	key := func(from int, bytes ...byte) []byte {
		all := cryptobox.GenerateKey().UnsafeBytes()
		copy(all[from:], bytes)
		return all
	}
	keys := map[string][]byte{
		"one byte":          bytes.Repeat([]byte{0x5a}, 32),
		"two slashes":       key(9, 0xff, 0xff, 0xff),
		"a slash at front":  key(0, 0xff, 0xff),
		"a folder above":    key(3, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff),
		"nothing but these": bytes.Repeat([]byte{0xff}, 32),
	}
	for i := range 20 {
		keys[fmt.Sprint(i)] = key(0)
	}
	texts := map[string]func([]byte) string{
		"base64":              base64.StdEncoding.EncodeToString,
		"behind a folder":     func(key []byte) string { return "keys/" + base64.StdEncoding.EncodeToString(key) },
		"behind a space":      func(key []byte) string { return " " + base64.StdEncoding.EncodeToString(key) },
		"before a line's end": func(key []byte) string { return base64.StdEncoding.EncodeToString(key) + `\n` },
		"hex":                 hex.EncodeToString,
	}
	for name, key := range keys {
		for form, write := range texts {
			for _, place := range []string{"file:", "env:"} {
				for _, path := range []string{"keyring.json", filepath.Join(folder, "keyring.json")} {
					text := write(key)
					requireNotShown(t, path, place, text, name+" as "+form)
				}
			}
		}
	}
	// Without padding, and in the alphabet for URLs: most of them.
	all := append([]byte("\x00\x10\x83\x10"), bytes.Repeat([]byte{0x5a, 0x3c, 0x96}, 10)...)[:32]
	for _, text := range []string{base64.RawStdEncoding.EncodeToString(all), base64.RawURLEncoding.EncodeToString(all), base64.StdEncoding.EncodeToString(all)[:42]} {
		for _, place := range []string{"file:", "env:"} {
			requireNotShown(t, "keyring.json", place, text, text)
		}
	}
}

// requireNotShown loads a keyring with a key in place of a name.
func requireNotShown(t *testing.T, path, place, text, name string) {
	t.Helper()
	file := fmt.Sprintf(`{"version": 2, "patterns": [{"prefix": "com.", "versions": [{"shared": "%s%s"}]}]}`, place, text)
	require.NoError(t, os.WriteFile("keyring.json", []byte(file), 0o600))
	_, err := keyfile.Load(path)
	require.ErrorIs(t, err, keyfile.ErrReference)
	for shown := err; shown != nil; shown = errors.Unwrap(shown) {
		for _, form := range []string{text, filepath.Join("/", text)[1:]} { // as a path is written
			for i := range max(0, len(form)-20) {
				if strings.Contains(shown.Error(), form[i:i+20]) {
					t.Fatalf("%s, behind %s, is shown: %v", name, place, shown)
				}
			}
		}
	}
}

// TestPathIsNamed: of a file that isn't there, what was looked for is told.
func TestPathIsNamed(t *testing.T) {
	t.Chdir(t.TempDir())
	const path = "keys/of-the-originators-of-2026-in-production/private.key"
	require.NoError(t, os.WriteFile("keyring.json", []byte(`{"version": 2, "patterns": [{"prefix": "com.", "versions": [{"shared": "file:`+path+`"}]}]}`), 0o600))
	_, err := keyfile.Load("keyring.json")
	require.ErrorIs(t, err, fs.ErrNotExist)
	require.ErrorContains(t, err, path)
}
