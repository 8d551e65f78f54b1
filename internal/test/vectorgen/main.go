package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

// What is written, from the root of the repository.
const (
	vectorsPath = "vectors/wampbox_format.json"
	formatPath  = "docs/FORMAT.md"
)

func main() {
	root := flag.String("root", ".", "root of the repository")
	flag.Parse()
	if err := writeFiles(*root); err != nil {
		fmt.Fprintln(os.Stderr, "vectorgen:", err)
		os.Exit(1)
	}
}

// writeFiles makes both files anew. Of the text it replaces the example alone.
func writeFiles(root string) error {
	if err := os.WriteFile(filepath.Join(root, vectorsPath), vectorsFile(), 0o644); err != nil {
		return err
	}
	path := filepath.Join(root, formatPath)
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	text, err = withExample(text)
	if err != nil {
		return err
	}
	return os.WriteFile(path, text, 0o644)
}

// The example stands between these lines.
const (
	exampleBegin = "<!-- example: written by go run ./internal/test/vectorgen -->\n"
	exampleEnd   = "<!-- end of example -->\n"
)

// withExample replaces the worked example in text.
func withExample(text []byte) ([]byte, error) {
	before, rest, begins := bytes.Cut(text, []byte(exampleBegin))
	_, after, ends := bytes.Cut(rest, []byte(exampleEnd))
	if !begins || !ends {
		return nil, errors.New(formatPath + " has no place for the example: put back the two lines that mark it")
	}
	return bytes.Join([][]byte{before, []byte(exampleBegin), []byte(example()), []byte(exampleEnd), after}, nil), nil
}
