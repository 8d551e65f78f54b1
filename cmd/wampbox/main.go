// Wampbox makes keys and keyring files for WAMP payloads that are encrypted end
// to end, looks after them, and opens and makes sealed payloads outside of a
// session.
//
//	wampbox -h          lists the commands
//	wampbox COMMAND -h  says all about one, with examples
//
// It exits with 0 when all is well, with 1 after a failure or when it found
// something wrong, and with 2 when it was called in a way that it doesn't
// understand. What a script may want goes to standard output, all else to
// standard error.
//
// No private key and no passphrase is ever taken from the command line, where other
// users of the machine could read it.
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
