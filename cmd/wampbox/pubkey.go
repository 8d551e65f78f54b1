package main

import (
	"context"
	"fmt"

	"github.com/urfave/cli/v3"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

// maxKeyFile is far more than a key needs.
const maxKeyFile = 1024

func pubkeyCommand() *cli.Command {
	return command(&cli.Command{
		Name:      "pubkey",
		Usage:     "print the public key of a private key",
		ArgsUsage: "[FILE]",
		Description: `Reads a private key, base64 or hex, from the file, or from standard input where
none is named, and prints its public key in base64.

Examples:

   $ wampbox pubkey responder.key
   $ wampbox keygen | tee private.key | wampbox pubkey`,
	}, pubkey)
}

func pubkey(_ context.Context, cmd *cli.Command) error {
	text, err := readInput(cmd.Args().First(), maxKeyFile)
	if err != nil {
		return err
	}
	private, err := cryptobox.ParsePrivateKey(string(text))
	if err != nil {
		return fmt.Errorf("the private key: %w", err)
	}
	return outputLine(private.Public().String())
}
