package grants

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/fxamacker/cbor/v2"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/files"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/statement"
)

// maxMember bounds the bytes of a member's file.
const maxMember = statement.MaxAnswer + statement.MaxRecipient

// Member is what the folder holds of a member.
type Member struct {
	Key        cryptobox.VerifyKey // its requests are signed by
	Recipient  string              // age's text
	Grant      []byte              // the statement, as it travels
	Ciphertext []byte
}

type member struct {
	_          struct{} `cbor:",toarray"`
	Key        [32]byte
	Recipient  string
	Grant      cbor.RawMessage
	Ciphertext []byte
}

// Member gives what a member has: fs.ErrNotExist if it has nothing. Nothing of it is verified.
func (f *Folder) Member(name string) (Member, error) {
	path, err := f.named(MembersFolder, name, grantEnd)
	if err != nil {
		return Member{}, err
	}
	var list member
	if _, err := read(path, maxMember, &list); err != nil {
		return Member{}, err
	}
	key, err := cryptobox.NewVerifyKey(list.Key[:])
	switch {
	case err != nil:
		err = fmt.Errorf("%w: %w", statement.ErrMalformed, err)
	case len(list.Recipient) > statement.MaxRecipient:
		err = fmt.Errorf("%w: a recipient of %d bytes", statement.ErrMalformed, len(list.Recipient))
	case len(list.Ciphertext) > statement.MaxCiphertext:
		err = fmt.Errorf("%w: a ciphertext of %d bytes", statement.ErrMalformed, len(list.Ciphertext))
	}
	if err != nil {
		return Member{}, fmt.Errorf("%s: %w", path, err)
	}
	return Member{key, list.Recipient, list.Grant, list.Ciphertext}, nil
}

// Members gives the names of all that have a grant, in order.
func (f *Folder) Members() ([]string, error) {
	entries, err := os.ReadDir(filepath.Join(f.path, MembersFolder))
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		if name, is := strings.CutSuffix(e.Name(), grantEnd); is && statement.CheckName(name) == nil {
			names = append(names, name)
		}
	}
	return names, nil
}

// Put writes what a member has.
func (f *Folder) Put(name string, m Member) error {
	p, err := f.Prepare(name, m)
	if err != nil {
		return err
	}
	return f.Commit(p)
}

// Prepare writes what a member is to have, which counts after [Folder.Commit]. It may be called by
// several goroutines at once.
func (f *Folder) Prepare(name string, m Member) (files.Prepared, error) {
	path, err := f.named(MembersFolder, name, grantEnd)
	if err != nil {
		return files.Prepared{}, err
	}
	if len(m.Ciphertext) > statement.MaxCiphertext {
		return files.Prepared{}, fmt.Errorf("%w: a ciphertext of %d bytes", statement.ErrMalformed, len(m.Ciphertext))
	}
	wire, err := statement.Marshal(member{Key: [32]byte(m.Key.Bytes()), Recipient: m.Recipient, Grant: m.Grant, Ciphertext: m.Ciphertext})
	if err != nil {
		return files.Prepared{}, err
	}
	return files.Prepare(path, wire)
}

// Commit has what was prepared count.
func (f *Folder) Commit(all ...files.Prepared) error {
	for _, p := range all {
		if err := p.Commit(); err != nil {
			return err
		}
	}
	return files.SyncFolder(filepath.Join(f.path, MembersFolder))
}

// Remove takes a member out, with its receipts. To remove one that isn't there changes nothing.
func (f *Folder) Remove(name string) error {
	path, err := f.named(MembersFolder, name, grantEnd)
	if err != nil {
		return err
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	inside, err := os.OpenRoot(f.path) // the receipts may be a copy of a server's, with links in it
	if err != nil {
		return err
	}
	return errors.Join(inside.RemoveAll(filepath.Join(receiptsFolder, name)), inside.Close())
}
