package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

// stdin is the name that stands for standard input.
const stdin = "-"

// readInput reads a file, or standard input for "-" and for no name, and no more
// than a number of bytes.
func readInput(path string, most int) ([]byte, error) {
	if path == "" || path == stdin {
		return readAtMost(os.Stdin, "standard input", most)
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, openError(path, err)
	}
	defer func() { _ = file.Close() }()
	return readAtMost(file, path, most)
}

func readAtMost(r io.Reader, from string, most int) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, int64(most)+1))
	switch {
	case errors.As(err, new(*fs.PathError)): // it says what was read
		return nil, err
	case err != nil:
		return nil, fmt.Errorf("read %s: %w", from, err)
	case len(data) > most:
		return nil, fmt.Errorf("%s has more than %d bytes: that can't be right", from, most)
	}
	return data, nil
}

// openError doesn't repeat the name of a file that is a key in a wrong place.
func openError(path string, err error) error {
	if _, bad := cryptobox.ParsePrivateKey(path); (bad == nil || keyfile.Conceal(path) != path) && errors.Is(err, fs.ErrNotExist) {
		return errors.New("there is what looks like a key where the name of a file is wanted: others may have seen it " +
			"on the command line, so use it no more; keys are read from files and standard input")
	}
	return err
}
