package validation

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
)

// indexFile lists which schema is for what.
const indexFile = "index.json"

// inNames may stand in the name of a file beside letters and digits: a $ref is a URL, and means
// itself with these alone.
const inNames = "-_./"

func outOfName(r rune) bool {
	return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune(inNames, r)
}

// folder is the files of a folder, and what is known of them.
type folder struct {
	index   []byte
	docs    map[string]any // parsed, by name
	used    map[string]bool
	names   map[string]bool // of properties: all that a path shows
	places  map[string]bool // where schemas are, as file#pointer and file#anchor
	schemas int

	references []reference
}

// reference is a place that refers to a schema.
type reference struct{ file, at, target, fragment string }

// readFolder reads all that ends with .json, within the limits, and checks it. What begins with
// a dot is left out: folders that Kubernetes mounts have such.
func readFolder(files fs.FS) (*folder, error) {
	f := &folder{docs: map[string]any{}, used: map[string]bool{}, names: map[string]bool{}, places: map[string]bool{}}
	left := maxBytes
	err := fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return &Error{File: name, Err: cause(err)}
		case name != "." && strings.HasPrefix(entry.Name(), "."):
			if entry.IsDir() {
				return fs.SkipDir
			}
			return nil
		case entry.IsDir() || !strings.HasSuffix(name, ".json"):
			return nil
		case strings.ContainsFunc(name, outOfName):
			return wrong(name, "", "a name has letters, digits, and these: %s", inNames)
		case len(f.docs) >= maxFiles:
			return wrong(name, "", "more than %d files", maxFiles)
		}
		text, err := readFile(files, name)
		if err != nil {
			return err
		}
		if left -= len(text); left < 0 {
			return wrong(name, "", "the files of the folder have more than %d bytes", maxBytes)
		}
		return f.add(name, text)
	})
	if err != nil {
		return nil, err
	}
	if f.index == nil {
		return nil, wrong(indexFile, "", "it is missing: it lists which schema is for what")
	}
	return f, f.check()
}

func (f *folder) add(name string, text []byte) (err error) {
	if name == indexFile {
		f.index = text
		_, err = document(name, text)
		return err
	}
	f.docs[name], err = document(name, text)
	return err
}

// readFile reads no more than a file may have.
func readFile(files fs.FS, name string) ([]byte, error) {
	file, err := files.Open(name)
	if err != nil {
		return nil, &Error{File: name, Err: cause(err)}
	}
	defer func() { _ = file.Close() }()
	if info, err := file.Stat(); err != nil || !info.Mode().IsRegular() {
		return nil, wrong(name, "", "it is no regular file")
	}
	text, err := io.ReadAll(io.LimitReader(file, maxFileBytes+1))
	switch {
	case err != nil:
		return nil, &Error{File: name, Err: cause(err)}
	case len(text) > maxFileBytes:
		return nil, wrong(name, "", "it has more than %d bytes", maxFileBytes)
	}
	return text, nil
}

// cause is an error of the file system, without the name that an Error gives.
func cause(err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return e.Err
	}
	return err
}

// check checks every schema.
func (f *folder) check() error {
	for _, name := range slices.Sorted(maps.Keys(f.docs)) {
		c := &checker{folder: f, file: name}
		if err := c.schema("", f.docs[name]); err != nil {
			return err
		}
	}
	for _, r := range f.references {
		if err := f.follow(r); err != nil {
			return err
		}
	}
	return nil
}

// follow notes the file that a reference leads to. A schema has to be there.
func (f *folder) follow(r reference) error {
	if _, ok := f.docs[r.target]; !ok {
		return wrong(r.file, r.at, "the folder has no file %.200q", r.target)
	}
	if !f.places[r.target+"#"+r.fragment] {
		return wrong(r.file, r.at, "%s has no schema at %.200q", r.target, r.fragment)
	}
	if r.target != r.file {
		f.used[r.target] = true
	}
	return nil
}

// unused gives the first file that nothing refers to.
func (f *folder) unused() error {
	for _, name := range slices.Sorted(maps.Keys(f.docs)) {
		if !f.used[name] {
			return wrong(name, "", "neither %s nor a $ref names it: list it, or take it away", indexFile)
		}
	}
	return nil
}

// resolve gives the file that a reference in another file names. It stays within the folder.
func resolve(from, ref string) (string, error) {
	if strings.ContainsFunc(ref, outOfName) || strings.HasPrefix(ref, "/") {
		return "", fmt.Errorf("%.200q is no name of a file in the folder: nothing is fetched from elsewhere", ref)
	}
	name := path.Join(path.Dir(from), ref)
	if !fs.ValidPath(name) || name == indexFile {
		return "", fmt.Errorf("%.200q leads out of the folder, or to its index", ref)
	}
	return name, nil
}
