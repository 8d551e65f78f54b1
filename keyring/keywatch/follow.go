package keywatch

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// follow watches the folders in which a change can be of interest, and no
// others.
func (w *Watcher) follow() error {
	var folders []string
	for _, path := range w.files {
		folders = append(folders, foldersOf(filepath.Clean(path))...)
	}
	slices.Sort(folders)
	folders = slices.Compact(folders)
	var failed error
	for _, folder := range folders {
		// Each time, since it may be another folder of the same name by now.
		if err := w.notify.Add(folder); err != nil && !errors.Is(err, fs.ErrNotExist) {
			failed = err
		}
	}
	for _, folder := range w.notify.WatchList() {
		if !slices.Contains(folders, folder) {
			_ = w.notify.Remove(folder) // it may have gone
		}
	}
	return failed
}

// maxLinks is how many symbolic links may lead to a file.
const maxLinks = 40

// foldersOf gives the folders that hold a file, and each symbolic link on the
// way to it. Of a folder that doesn't exist it is the nearest one above, in
// which it would appear.
func foldersOf(path string) []string {
	var folders []string
	for range maxLinks {
		link, rest, ok := firstLink(path)
		if !ok {
			break
		}
		folders = append(folders, filepath.Dir(link))
		target, err := os.Readlink(link)
		if err != nil {
			break
		}
		if !filepath.IsAbs(target) {
			target = filepath.Join(filepath.Dir(link), target)
		}
		path = filepath.Join(target, rest)
	}
	folder := filepath.Dir(path)
	for !isFolder(folder) && folder != filepath.Dir(folder) {
		folder = filepath.Dir(folder)
	}
	return append(folders, folder)
}

// firstLink finds the first component of a clean, absolute path that is a
// symbolic link, and what follows it.
func firstLink(path string) (link, rest string, ok bool) {
	separator := string(filepath.Separator)
	from := len(filepath.VolumeName(path)) + 1
	for from < len(path) {
		end := len(path)
		if i := strings.Index(path[from:], separator); i >= 0 {
			end = from + i
		}
		info, err := os.Lstat(path[:end])
		if err != nil {
			return "", "", false
		}
		if info.Mode()&fs.ModeSymlink != 0 {
			return path[:end], path[end:], true
		}
		from = end + 1
	}
	return "", "", false
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}
