package files

import (
	"fmt"
	"io"
	"io/fs"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/regular"
)

// Read reads a regular file, at most a number of bytes, and tells of it.
func Read(path string, limit int) ([]byte, fs.FileInfo, error) {
	f, info, err := regular.Open(path)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	text, err := ReadAll(f, info.Size(), limit)
	return text, info, err
}

// ReadAll reads to the end, at most a number of bytes; hint is how many are
// expected. Buffers that it outgrows are wiped, as keys may be in them. The
// error wraps [ErrTooLarge], or is the reader's.
func ReadAll(r io.Reader, hint int64, limit int) ([]byte, error) {
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
			return nil, TooLarge(limit)
		case err == io.EOF:
			return data, nil
		case err != nil:
			clear(data)
			return nil, err
		}
	}
}

// TooLarge is the error of what is larger than a bound.
func TooLarge(limit int) error {
	return fmt.Errorf("%w: at most %d bytes are read: shorten it", ErrTooLarge, limit)
}
