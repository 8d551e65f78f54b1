package keywatch

import (
	"crypto/sha256"
	"fmt"
	"io"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/regular"
)

// fingerprint tells states of files apart: their contents and permissions.
type fingerprint [sha256.Size]byte

// maxRead is more than a load reads of any file.
const maxRead = 33 << 20

// fingerprintOf looks at files. What can't be read has a state too.
func fingerprintOf(files []string) fingerprint {
	all := sha256.New()
	for _, path := range files {
		state, err := stateOf(path)
		_, _ = fmt.Fprintf(all, "%q %q %v\n", path, state, err)
	}
	return fingerprint(all.Sum(nil))
}

// stateOf gives a file's permissions and its content's hash.
func stateOf(path string) (string, error) {
	f, info, err := regular.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	content := sha256.New()
	if _, err := io.Copy(content, io.LimitReader(f, maxRead)); err != nil {
		return "", err
	}
	return fmt.Sprintf("%v %x", info.Mode(), content.Sum(nil)), nil
}
