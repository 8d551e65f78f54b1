package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/signal"

	"golang.org/x/term"
)

// maxPassphraseFile bounds a file with a passphrase.
const maxPassphraseFile = 4096

var (
	errNoTerminal = errors.New("there is no terminal to ask for it: use -passphrase-file or -passphrase-env")
	errInterrupt  = errors.New("interrupted")
)

// readPassphrase reads it from the first line of a file, from the environment,
// or from the terminal where neither is named.
func readPassphrase(path, variable string) (string, error) {
	switch {
	case path != "":
		text, err := readInput(path, maxPassphraseFile)
		if err != nil {
			return "", err
		}
		line, _, _ := bytes.Cut(text, []byte("\n"))
		return string(bytes.TrimSuffix(line, []byte("\r"))), nil
	case variable != "":
		passphrase, found := os.LookupEnv(variable)
		if !found {
			return "", fmt.Errorf("-passphrase-env: the environment has no variable %q", variable)
		}
		return passphrase, nil
	}
	return askPassphrase()
}

// askPassphrase asks on the terminal itself, as standard input may carry a
// payload.
func askPassphrase() (string, error) {
	terminal, err := os.OpenFile("/dev/tty", os.O_RDWR, 0)
	if err != nil {
		terminal = os.Stdin // on systems without /dev/tty
	} else {
		defer func() { _ = terminal.Close() }()
	}
	descriptor := int(terminal.Fd())
	before, err := term.GetState(descriptor)
	if err != nil {
		return "", errNoTerminal
	}
	fmt.Fprint(os.Stderr, "Passphrase: ")
	defer fmt.Fprintln(os.Stderr)

	type answer struct {
		text []byte
		err  error
	}
	answered := make(chan answer, 1)
	go func() {
		text, err := term.ReadPassword(descriptor)
		answered <- answer{text, err}
	}()
	// Who interrupts gets back a terminal that shows what is typed.
	interrupted := make(chan os.Signal, 1)
	signal.Notify(interrupted, os.Interrupt)
	defer signal.Stop(interrupted)
	select {
	case a := <-answered:
		return string(a.text), a.err
	case <-interrupted:
		return "", errors.Join(errInterrupt, term.Restore(descriptor, before))
	}
}
