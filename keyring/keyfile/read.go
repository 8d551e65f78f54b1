package keyfile

import (
	"fmt"
	"io"
	"io/fs"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/internal/regular"
)

// maxSize bounds a keyring file, in bytes: some 100,000 keys.
const maxSize = 32 << 20

// readFile reads a regular file to a bound, and tells of it.
func (s settings) readFile(path string, limit int) ([]byte, fs.FileInfo, error) {
	if s.onRead != nil {
		s.onRead(path)
	}
	f, info, err := regular.Open(path)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	text, err := readAll(f, info.Size(), limit)
	return text, info, err
}

// readAll reads to the end, at most a number of bytes; hint is how many are
// expected. Buffers that it outgrows are wiped, as keys may be in them. The
// error wraps [ErrTooLarge], or is the reader's.
func readAll(r io.Reader, hint int64, limit int) ([]byte, error) {
	size := 512
	if hint >= 0 && hint < int64(limit) {
		size = max(size, int(hint)+1)
	}
	data := make([]byte, 0, size)
	for {
		if len(data) == cap(data) {
			grown := make([]byte, len(data), min(2*cap(data), limit+1))
			copy(grown, data)
			clear(data)
			data = grown
		}
		n, err := r.Read(data[len(data):cap(data)])
		data = data[:len(data)+n]
		switch {
		case len(data) > limit:
			clear(data)
			return nil, tooLarge(limit)
		case err == io.EOF:
			return data, nil
		case err != nil:
			clear(data)
			return nil, err
		}
	}
}

func tooLarge(limit int) error {
	return fmt.Errorf("%w: at most %d bytes are read: shorten it", ErrTooLarge, limit)
}
