// Wampbox makes keys and keyring files for WAMP payloads that are encrypted end
// to end. It also checks and changes such files, and opens and makes encrypted
// payloads outside of a session.
//
// Begin with its help:
//
//	wampbox -h          lists the commands
//	wampbox COMMAND -h  says all about one, with examples
//
// It exits with 0 when all is well. It exits with 1 after a failure, or when it
// found something wrong. It exits with 2 when it doesn't understand how it was
// called. What a script may want goes to standard output, all else to standard
// error.
//
// Wampbox never takes a private key or a passphrase from the command line, where
// other users of the machine could read it.
package main

import (
	"context"
	"fmt"
	"os"
)

func main() {
	if last := len(os.Args) - 1; last > 0 && os.Args[last] == askCompletion {
		for _, line := range complete(root(), os.Args[1:last]) {
			fmt.Println(line)
		}
		return
	}
	os.Exit(exitStatus(root().Run(context.Background(), os.Args)))
}
