package main

import (
	"fmt"

	"github.com/urfave/cli/v3"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

// readScramble reads the prefix whose URIs are scrambled.
func (m *making) readScramble(cmd *cli.Command) (err error) {
	if cmd.IsSet("scramble") {
		m.scramble, err = scramblePrefix(cmd, cmd.String("scramble"))
	}
	return err
}

// scrambleIn gives files one secret.
func (m *making) scrambleIn(open []opened) error {
	if m.scramble == "" {
		return nil
	}
	secret := cryptobox.GenerateScrambleSecret()
	for _, f := range open {
		if err := f.AddScramble(m.scramble, &keyfile.ScrambleVersion{Secret: keyfile.ScrambleSecret(secret)}); err != nil {
			return fmt.Errorf("%s: %w", f.Path, err)
		}
	}
	return nil
}
