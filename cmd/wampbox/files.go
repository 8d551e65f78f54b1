package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/urfave/cli/v3"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/renewal"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

// Names of the files that init makes.
const (
	originatorFile = "originator.json"
	responderFile  = "responder.json"
	sharedFile     = "shared.json"
	bothFile       = "both.json"
)

// files gives the keyring files that arguments name, each once.
func files(cmd *cli.Command, paths []string) ([]string, error) {
	if err := swapped(cmd, paths); err != nil {
		return nil, err
	}
	var known []os.FileInfo
	for _, path := range paths {
		info, err := os.Stat(path)
		if err != nil {
			return nil, openError(path, err)
		}
		if slices.ContainsFunc(known, func(other os.FileInfo) bool { return os.SameFile(info, other) }) {
			return nil, usagef(cmd, "the same file is named twice")
		}
		known = append(known, info)
	}
	return paths, nil
}

// filesAndAccess gives the keyring files that arguments name, and how they are read and written.
func filesAndAccess(cmd *cli.Command, paths []string) ([]string, *access, error) {
	paths, err := files(cmd, paths)
	if err != nil {
		return nil, nil, err
	}
	access, err := newAccess(cmd)
	return paths, access, err
}

// swapped finds out that files were given first, where something else comes before them.
func swapped(cmd *cli.Command, paths []string) error {
	before, _, found := strings.Cut(cmd.ArgsUsage, " FILE")
	first := cmd.Args().First()
	if !found || !isFile(first) || !strings.ContainsAny(first, `/\`) && filepath.Ext(first) != ".json" && !slices.ContainsFunc(paths, isNone) {
		return nil
	}
	return usagef(cmd, "the first argument is a file: the %s comes before the files", before)
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

func isNone(path string) bool {
	_, err := os.Stat(path)
	return errors.Is(err, fs.ErrNotExist)
}

// opened is a keyring file that is being changed.
type opened struct{ renewal.File }

// update changes all files or none, but for a failure of the system between the
// writing of two. Whatever the order in which files are named, they are locked
// in one, so that two tools don't wait for each other; the change is given them in the
// order in which they are named.
func (a *access) update(paths []string, change func([]opened) error) error {
	u := updating{access: a, change: change, open: make([]opened, len(paths))}
	order := make([]int, len(paths))
	for i, path := range paths {
		u.open[i].Path, order[i] = path, i
	}
	slices.SortFunc(order, func(i, j int) int { return strings.Compare(absolute(paths[i]), absolute(paths[j])) })
	err := u.next(order)
	if err == nil {
		return nil
	}
	for _, path := range u.made {
		err = errors.Join(err, os.Remove(path))
	}
	if len(u.written) > 0 {
		err = fmt.Errorf("%w; changed already: %s", err, strings.Join(u.written, ", "))
	}
	return err
}

// updating is an update of several files.
type updating struct {
	*access
	change        func([]opened) error
	open          []opened
	made, written []string
}

// next opens the files whose places are left, and changes all when they are open.
func (u *updating) next(left []int) error {
	if len(left) == 0 {
		return u.change(u.open)
	}
	file := &u.open[left[0]]
	opts, err := u.changing(file.Path)
	if err != nil {
		return err
	}
	_, missing := os.Lstat(file.Path)
	err = keyfile.Update(file.Path, func(f *keyfile.File) error {
		file.File.File = f
		return u.next(left[1:])
	}, opts...)
	switch {
	case err != nil:
		return err
	case missing != nil:
		u.made = append(u.made, file.Path)
	default:
		u.written = append(u.written, file.Path)
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
