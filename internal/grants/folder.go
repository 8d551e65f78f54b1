package grants

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/files"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/statement"
)

// ErrFolder means that it isn't a folder of grants. Other errors are the system's, such as
// fs.ErrNotExist, and statement.ErrMalformed.
var ErrFolder = errors.New("it isn't a folder of grants: give the one that wampbox authority issue writes")

// MembersFolder is the folder within one that has the grants.
const MembersFolder = "members"

// The other names in a folder.
const (
	receiptsFolder = "receipts"
	grantEnd       = ".grant"
	freshFile      = "fresh.key"
)

// Folder is one that was opened. It may be used by several goroutines and processes at once.
type Folder struct{ path string }

// Create makes the folder, where it isn't there yet, for the owner only.
func Create(path string) (*Folder, error) {
	for _, folder := range []string{path, filepath.Join(path, MembersFolder), filepath.Join(path, receiptsFolder)} {
		if err := os.MkdirAll(folder, 0o700); err != nil {
			return nil, err
		}
	}
	return Open(path)
}

// Open opens a folder that is there. The error wraps [ErrFolder] or is the system's.
func Open(path string) (*Folder, error) {
	info, err := os.Stat(filepath.Join(path, MembersFolder))
	if errors.Is(err, fs.ErrNotExist) {
		if _, err := os.Stat(path); err != nil {
			return nil, err
		}
		return nil, fmt.Errorf("%s: %w", path, ErrFolder)
	}
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return nil, fmt.Errorf("%s: %w", path, ErrFolder)
	}
	return &Folder{path}, nil
}

// Path gives where the folder is.
func (f *Folder) Path() string { return f.path }

// Sweep removes what earlier writes of members and of the fresh key left when they were killed.
// None may be under way.
func (f *Folder) Sweep() error {
	return errors.Join(files.Sweep(f.path, 0), files.Sweep(filepath.Join(f.path, MembersFolder), 0))
}

// read reads the list that a file holds.
func read(path string, limit int, list any) (fs.FileInfo, error) {
	wire, info, err := files.Read(path, limit)
	if err != nil {
		return nil, err
	}
	if err := statement.Unmarshal(wire, list); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return info, nil
}

// put writes a list into a file.
func put(path string, list any) error {
	wire, err := statement.Marshal(list)
	if err != nil {
		return err
	}
	return files.Put(path, wire)
}

// named joins a path of what a member has.
func (f *Folder) named(folder, name, end string) (string, error) {
	if err := statement.CheckName(name); err != nil {
		return "", err
	}
	return filepath.Join(f.path, folder, name+end), nil
}
