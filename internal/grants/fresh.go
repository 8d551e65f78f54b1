package grants

import (
	"fmt"
	"path/filepath"

	"github.com/fxamacker/cbor/v2"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/files"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/statement"
)

// maxFresh bounds the bytes of the fresh key's file.
const maxFresh = 8192 + 64

// Fresh is the key by which a server proves that grants are fresh.
type Fresh struct {
	Key        cryptobox.SigningKey
	Delegation []byte // the statement, as it travels
}

type fresh struct {
	_          struct{} `cbor:",toarray"`
	Key        [32]byte
	Delegation cbor.RawMessage
}

// Fresh gives the fresh key. The file is refused if others can read it: files.ErrPermissions.
func (f *Folder) Fresh() (Fresh, error) {
	path := filepath.Join(f.path, freshFile)
	var list fresh
	info, err := read(path, maxFresh, &list)
	defer clear(list.Key[:])
	if err == nil {
		err = files.CheckReaders(path, info)
	}
	if err != nil {
		return Fresh{}, err
	}
	key, err := cryptobox.NewSigningKey(list.Key[:])
	if err != nil {
		return Fresh{}, fmt.Errorf("%s: %w: %w", path, statement.ErrMalformed, err)
	}
	return Fresh{key, list.Delegation}, nil
}

// PutFresh writes the fresh key, for the owner only.
func (f *Folder) PutFresh(k Fresh) error {
	secret := k.Key.UnsafeBytes()
	defer clear(secret)
	if len(secret) != 32 {
		return fmt.Errorf("%w: the fresh key is in a device", cryptobox.ErrWeakKey)
	}
	list := fresh{Key: [32]byte(secret), Delegation: k.Delegation}
	defer clear(list.Key[:])
	return put(filepath.Join(f.path, freshFile), list)
}
