package keyfile_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

// TestUnusableOptions: whatever is given one returns it, and changes no file.
func TestUnusableOptions(t *testing.T) {
	const text = `{"version": 2, "patterns": [{"exact": "com.x", "plain": true}]}`
	path := filepath.Join(t.TempDir(), "keyring.json")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	for says, option := range map[string]keyfile.Option{
		"WithDecrypter(nil): give a function":    keyfile.WithDecrypter(nil),
		"WithEncrypter(nil): give a function":    keyfile.WithEncrypter(nil),
		"OnRead(nil): give a function":           keyfile.OnRead(nil),
		"LockWait(-1ns): give 0 at least":        keyfile.LockWait(-1),
		"SignAs(the zero key): give one":         keyfile.SignAs(cryptobox.SigningKey{}),
		`RelativeTo(""): give a folder, "." for`: keyfile.RelativeTo(""),
		"an Option that is nil: leave it out":    nil,
	} {
		opts := []keyfile.Option{option, keyfile.LockWait(time.Second)}
		for name, do := range map[string]func() error{
			"Load":      func() error { _, err := keyfile.Load(path, opts...); return err },
			"Read":      func() error { _, err := keyfile.Read(strings.NewReader(text), opts...); return err },
			"Parse":     func() error { _, err := keyfile.Parse([]byte(text), opts...); return err },
			"ParseFile": func() error { _, err := keyfile.ParseFile(path, opts...); return err },
			"Convert":   func() error { _, _, err := keyfile.Convert([]byte(text), time.Now(), opts...); return err },
			"Update":    func() error { return keyfile.Update(path, func(*keyfile.File) error { return nil }, opts...) },
			"Ring":      func() error { _, err := keyfile.New(opts...).Ring(); return err },
			"Create":    func() error { return keyfile.Create(path+"2", keyfile.New(opts...)) },
		} {
			err := do()
			require.ErrorIs(t, err, keyfile.ErrOption, name)
			require.ErrorAs(t, err, new(*keyfile.Error), name)
			require.ErrorContains(t, err, ": unusable option: "+says, name)
		}
	}
	require.NoFileExists(t, path+"2")
	after, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, text, string(after))
}
