package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/urfave/cli/v3"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

// Names of the files that init makes.
const (
	originatorFile = "originator.json"
	responderFile  = "responder.json"
)

// fileFlags name the keyring files of commands that take several.
func fileFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringSliceFlag{Name: "keyring", Usage: "the keyring `FILE`; may be given for several"},
		text("dir", "the `DIR` with "+originatorFile+" and "+responderFile),
	}
}

// files gives the keyring files that the command line names.
func files(cmd *cli.Command) ([]string, error) {
	paths, dir := cmd.StringSlice("keyring"), cmd.String("dir")
	switch {
	case dir != "" && len(paths) > 0:
		return nil, usagef(cmd, "give -keyring or -dir, not both")
	case dir != "":
		return []string{filepath.Join(dir, originatorFile), filepath.Join(dir, responderFile)}, nil
	case len(paths) == 0:
		return nil, usagef(cmd, "name the keyring file with -keyring, or the folder of both with -dir")
	}
	var known []os.FileInfo
	for _, path := range paths {
		info, err := os.Stat(path)
		if err != nil {
			return nil, openError(path, err)
		}
		if slices.ContainsFunc(known, func(other os.FileInfo) bool { return os.SameFile(info, other) }) {
			return nil, usagef(cmd, "-keyring names the same file twice")
		}
		known = append(known, info)
	}
	return paths, nil
}

// opened is a keyring file that is being changed.
type opened struct {
	*keyfile.File
	path string
}

// update changes all files or none, but for a failure of the system between the
// writing of two. Whatever the order in which files are named, they are locked
// in one, so that two tools don't wait for each other.
func (a *access) update(paths []string, change func([]opened) error) error {
	paths = slices.Clone(paths)
	slices.SortFunc(paths, func(a, b string) int { return strings.Compare(absolute(a), absolute(b)) })
	var open []opened
	var written []string
	var next func(rest []string) error
	next = func(rest []string) error {
		if len(rest) == 0 {
			return change(open)
		}
		opts, err := a.changing(rest[0])
		if err != nil {
			return err
		}
		err = keyfile.Update(rest[0], func(f *keyfile.File) error {
			open = append(open, opened{f, rest[0]})
			return next(rest[1:])
		}, opts...)
		if err == nil {
			written = append(written, rest[0])
		}
		return err
	}
	if err := next(paths); err != nil {
		if len(written) > 0 {
			return fmt.Errorf("%w; changed already: %s", err, strings.Join(written, ", "))
		}
		return err
	}
	return nil
}

// absolute gives the name by which a file's lock is found.
func absolute(path string) string {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	if abs, err := filepath.Abs(path); err == nil {
		path = abs
	}
	return path
}
