package main

import (
	"fmt"
	"os"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/values"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/words"
)

// note says something to the user, on standard error.
func note(format string, args ...any) {
	fmt.Fprintln(os.Stderr, words.Clean(fmt.Sprintf(format, args...)))
}

// output writes what a script may want.
func output(data []byte) error {
	if _, err := os.Stdout.Write(data); err != nil {
		return fmt.Errorf("write to standard output: %w", err)
	}
	return nil
}

// outputLine writes a line of text.
func outputLine(line string) error { return output([]byte(words.Clean(line) + "\n")) }

// outputJSON writes a value as indented JSON.
func outputJSON(v any) error {
	text, err := values.Text(v, "  ")
	if err != nil {
		return err
	}
	return output(text)
}
