package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"syscall"

	"golang.org/x/term"
)

// maxPassphraseFile bounds a file with a passphrase.
const maxPassphraseFile = 4096

var (
	errNoTerminal = errors.New("there is no terminal to ask for it: use -passphrase-file or -passphrase-env")
	errNoAnswer   = errors.New("no passphrase was typed: run it again, or use -passphrase-file or -passphrase-env")
)

// readPassphrase reads it from the first line of a file, from the environment,
// or from the terminal where neither is named.
func readPassphrase(path, variable string) (string, error) {
	switch {
	case path != "":
		text, err := readInput(path, maxPassphraseFile)
		if err != nil {
			return "", fmt.Errorf("-passphrase-file: %w", unnamed(err))
		}
		line, _, _ := bytes.Cut(text, []byte("\n"))
		return string(bytes.TrimSuffix(line, []byte("\r"))), nil
	case variable != "":
		passphrase, found := os.LookupEnv(variable)
		if !found {
			// Not repeated: it may be the passphrase.
			return "", errors.New("-passphrase-env: the environment has no variable of that name; the passphrase itself doesn't belong on the command line")
		}
		return passphrase, nil
	}
	return askPassphrase()
}

// unnamed is the error of a file that isn't there, without its name: that may be the
// secret that was to be in it.
func unnamed(err error) error {
	if at, ok := errors.AsType[*fs.PathError](err); ok && !errors.Is(err, fs.ErrPermission) {
		return fmt.Errorf("%w (give the name of a file; what is to be in it doesn't belong on the command line)", at.Err)
	}
	return err
}

// askPassphrase asks on the terminal itself, as standard input may carry a
// payload.
func askPassphrase() (string, error) {
	keys, screen := os.Stdin, os.Stderr // on systems without /dev/tty
	if terminal, err := os.OpenFile("/dev/tty", os.O_RDWR, 0); err == nil {
		defer func() { _ = terminal.Close() }()
		keys, screen = terminal, terminal
	}
	interrupted := make(chan os.Signal, 1)
	signal.Notify(interrupted, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(interrupted)
	descriptor := int(keys.Fd())
	before, err := term.MakeRaw(descriptor)
	if err != nil {
		return "", errNoTerminal
	}
	// Who ends it gets back a terminal that shows what is typed.
	defer func() { _ = term.Restore(descriptor, before) }()

	type answer struct {
		text string
		err  error
	}
	answered := make(chan answer, 1)
	go func() {
		terminal := term.NewTerminal(struct {
			io.Reader
			io.Writer
		}{keys, screen}, "")
		text, err := terminal.ReadPassword("Passphrase: ")
		answered <- answer{text, err}
	}()
	select {
	case a := <-answered:
		if errors.Is(a.err, io.EOF) || a.err == nil && a.text == "" { // Ctrl-C, Ctrl-D or Enter alone
			return "", errNoAnswer
		}
		return a.text, a.err
	case <-interrupted:
		return "", errNoAnswer
	}
}
