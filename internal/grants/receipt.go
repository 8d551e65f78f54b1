package grants

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/fxamacker/cbor/v2"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/files"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/statement"
)

const (
	// MaxReceipts is how many receipts are kept of a member.
	MaxReceipts = 16

	maxReceipt = 8192 + 64 // bytes
	maxNames   = 1024      // read of a member's folder of receipts
)

// Receipt is a get that came, which says what a member holds.
type Receipt struct {
	At  time.Time // when it came, by the server's clock
	Get []byte    // the statement, as it travelled
}

type receipt struct {
	_   struct{} `cbor:",toarray"`
	At  uint64
	Get cbor.RawMessage
}

// PutReceipt keeps a receipt of the grant with a serial, in place of one that there is. Beyond
// [MaxReceipts] those with the lowest serials go.
func (f *Folder) PutReceipt(name string, serial uint64, r Receipt) error {
	folder, err := f.named(receiptsFolder, name, "")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	if err := put(filepath.Join(folder, strconv.FormatUint(serial, 10)), receipt{At: uint64(r.At.UnixMilli()), Get: r.Get}); err != nil {
		return err
	}
	serials, err := serials(folder)
	if err != nil {
		return err
	}
	for _, old := range serials[:max(0, len(serials)-MaxReceipts)] {
		if err := os.Remove(filepath.Join(folder, strconv.FormatUint(old, 10))); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return files.Sweep(folder, time.Hour)
}

// Receipts gives a member's receipts in the order of their serials. The error joins what is wrong
// with those that can't be read: the others are given all the same. Nothing of them is verified.
func (f *Folder) Receipts(name string) ([]Receipt, error) {
	folder, err := f.named(receiptsFolder, name, "")
	if err != nil {
		return nil, err
	}
	serials, err := serials(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var all []Receipt
	var wrong []error
	for _, serial := range serials[max(0, len(serials)-MaxReceipts):] {
		path := filepath.Join(folder, strconv.FormatUint(serial, 10))
		var list receipt
		switch _, err := read(path, maxReceipt, &list); {
		case errors.Is(err, fs.ErrNotExist): // it has gone meanwhile
		case err != nil:
			wrong = append(wrong, err)
		case list.At > maxMillis:
			wrong = append(wrong, fmt.Errorf("%s: %w: a time behind the year 9999", path, statement.ErrMalformed))
		default:
			all = append(all, Receipt{time.UnixMilli(int64(list.At)).UTC(), list.Get})
		}
	}
	return all, errors.Join(wrong...)
}

// maxMillis is the year 9999, the last that dates in files can have.
const maxMillis = 253402300799999

// serials gives those that a folder has receipts of, in order.
func serials(folder string) ([]uint64, error) {
	if info, err := os.Stat(folder); err != nil {
		return nil, err
	} else if !info.IsDir() { // to open a pipe would wait for who writes to it
		return nil, fmt.Errorf("%s: %w", folder, ErrFolder)
	}
	d, err := os.Open(folder)
	if err != nil {
		return nil, err
	}
	defer d.Close()
	names, err := d.Readdirnames(maxNames)
	if err != nil && err != io.EOF {
		return nil, err
	}
	var list []uint64
	for _, name := range names {
		if n, err := strconv.ParseUint(name, 10, 64); err == nil && strconv.FormatUint(n, 10) == name {
			list = append(list, n)
		}
	}
	slices.SortFunc(list, cmp.Compare[uint64])
	return list, nil
}
