package main

import (
	"encoding/json"
	"fmt"
	"os"
)

// note says something to the user, on standard error.
func note(format string, args ...any) { fmt.Fprintf(os.Stderr, format+"\n", args...) }

// output writes what a script may want.
func output(data []byte) error {
	if _, err := os.Stdout.Write(data); err != nil {
		return fmt.Errorf("write to standard output: %w", err)
	}
	return nil
}

// outputLine writes a line of text.
func outputLine(line string) error { return output([]byte(line + "\n")) }

// outputJSON writes a value as indented JSON.
func outputJSON(v any) error {
	data, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	return output(append(data, '\n'))
}
