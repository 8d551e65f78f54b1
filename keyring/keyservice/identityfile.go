package keyservice

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"filippo.io/age"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/files"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

// An identity's file is a JSON object. Nothing in it may be missing, or be there twice.
//
//	{"version": 1, "name": "shop", "signing": "ed25519:...", "decrypt": ["AGE-SECRET-KEY-1..."]}

const (
	identityFormat  = 1
	maxIdentityFile = 64 << 10           // bytes
	identityWait    = 10 * time.Second   // for another process that changes the file
	identityMode    = os.FileMode(0o600) // its owner alone
)

type identityFile struct {
	Version int      `json:"version"`
	Name    string   `json:"name"`
	Signing string   `json:"signing"`
	Decrypt []string `json:"decrypt"`
}

// IdentityOption changes which files [LoadIdentity] takes.
type IdentityOption func(*identityAccess)

type identityAccess struct{ readable, writable bool }

// IdentityReadableByOthers accepts a file that the group or all users of the system can read, as
// where Kubernetes mounts a secret.
func IdentityReadableByOthers() IdentityOption { return func(a *identityAccess) { a.readable = true } }

// IdentityWritableByOthers accepts a file that another user owns, or that others can write to or
// replace. It is for containers in which nobody else is.
func IdentityWritableByOthers() IdentityOption { return func(a *identityAccess) { a.writable = true } }

// LoadIdentity reads the file that [Identity.Save] wrote. It is as strict as package keyfile is
// of keyring files: a file that others can read, write to or replace is refused.
//
// The error is an [*Error] that wraps [ErrIdentity], [keyfile.ErrPermissions], or the system's.
func LoadIdentity(path string, opts ...IdentityOption) (*Identity, error) {
	const op = "load identity"
	var access identityAccess
	for _, opt := range opts {
		if opt == nil {
			return nil, fail(op, keyfile.ErrOption, "an IdentityOption that is nil: leave it out")
		}
		opt(&access)
	}
	i, err := readIdentity(op, path, access)
	if err != nil {
		return nil, &Error{op + " " + path, unwrapped(err)}
	}
	return i, nil
}

// unwrapped is an error without the [*Error] around it.
func unwrapped(err error) error {
	if known, ok := errors.AsType[*Error](err); ok {
		return known.Err
	}
	return err
}

func readIdentity(op, path string, access identityAccess) (*Identity, error) {
	text, info, err := files.Read(path, maxIdentityFile)
	if err != nil {
		return nil, err
	}
	defer clear(text)
	if !access.writable {
		err = files.CheckWriters(path, info)
	}
	if err == nil && !access.readable {
		err = files.CheckReaders(path, info)
	}
	if err != nil {
		return nil, err
	}
	i, err := parseIdentity(op, text)
	if err != nil {
		return nil, err
	}
	i.own().path = path
	return i, nil
}

// parseIdentity repeats nothing of the text: there are keys in it.
func parseIdentity(op string, text []byte) (*Identity, error) {
	var f identityFile
	err := json.Unmarshal(text, &f, json.RejectUnknownMembers(true))
	switch {
	case err != nil:
		return nil, fail(op, ErrIdentity, "line %d: it isn't the file that wampbox identity makes: "+
			"a JSON object with version, name, signing and decrypt, each once", lineOf(text, err))
	case f.Version != identityFormat:
		return nil, fail(op, ErrIdentity, `this program reads identities of "version" %d: take a newer program`, identityFormat)
	}
	signing, err := cryptobox.ParseSigningKey(f.Signing)
	if err != nil {
		return nil, fail(op, ErrIdentity, `"signing": %w`, err)
	}
	decrypt := make([]opener, 0, maxOpeners)
	for at, text := range f.Decrypt {
		one, err := parseOpener(text)
		if err != nil {
			return nil, fail(op, ErrIdentity, `"decrypt"[%d]: %w`, at, err)
		}
		decrypt = append(decrypt, one)
	}
	return newIdentity(op, f.Name, signing, decrypt...)
}

// lineOf gives the line at which a text is no longer what it should be.
func lineOf(text []byte, err error) int {
	at := int64(0)
	if syntax, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		at = syntax.ByteOffset
	} else if other, ok := errors.AsType[*json.SemanticError](err); ok {
		at = other.ByteOffset
	}
	return 1 + bytes.Count(text[:min(max(at, 0), int64(len(text)))], []byte("\n"))
}

// parseOpener repeats nothing of the text.
func parseOpener(text string) (opener, error) {
	if own, err := age.ParseX25519Identity(text); err == nil {
		return newOpener(own)
	}
	if own, err := age.ParseHybridIdentity(text); err == nil {
		return newOpener(own)
	}
	return opener{}, errors.New("it is no AGE-SECRET-KEY-1... or AGE-SECRET-KEY-PQ-1... of age")
}

// Save writes a new file that its owner alone can read. It never writes over anything: the error
// is then an [*Error] that wraps [fs.ErrExist]. It wraps [ErrIdentity] where the signing key is in
// a device: then a program makes the identity by [NewIdentity] at each start.
func (i *Identity) Save(path string) error {
	own := i.own()
	own.mu.Lock()
	defer own.mu.Unlock()
	text, err := i.text(own.decrypt)
	if err == nil {
		defer clear(text)
		err = locked(path, func() error { return files.Create(path, text) })
	}
	if err != nil {
		return &Error{"save identity", err}
	}
	own.path = path
	return nil
}

func locked(path string, do func() error) error {
	unlock, err := files.Lock(path, identityWait)
	if err != nil {
		return err
	}
	defer unlock()
	return do()
}

// text gives that of a file. The caller has the lock, and clears it.
func (i *Identity) text(decrypt []opener) ([]byte, error) {
	f := identityFile{Version: identityFormat, Name: i.Name(), Signing: i.SigningKey().UnsafeText()}
	if f.Signing == "" {
		return nil, fmt.Errorf("%w: its signing key is in a device, or there is none: it has no file", ErrIdentity)
	}
	for _, one := range decrypt {
		f.Decrypt = append(f.Decrypt, one.String())
	}
	text, err := json.Marshal(f, jsontext.WithIndent("  "))
	return append(text, '\n'), err
}

// next gives the recipient that the member asks to be encrypted to from now on. It is made, of
// the present one's kind, and written into the file before it is told: so no grant is encrypted to
// what a crash has lost. Until [Identity.settle] it is the same one each time.
//
// The error is an [*Error] that wraps [ErrIdentity] for one without a file, and where the file
// isn't what it was: two programs can't change it by turns.
func (i *Identity) next() (recipient string, err error) {
	const op = "change the age identity"
	own := i.own()
	own.mu.Lock()
	defer own.mu.Unlock()
	if len(own.decrypt) > 1 {
		return own.decrypt[1].recipient, nil
	}
	if own.path == "" {
		return "", fail(op, ErrIdentity, "it has no file, so a restart would lose the new one: load it from a file")
	}
	made, err := generateOpener(own.hybrid())
	if err != nil {
		return "", &Error{op, err}
	}
	changed := append(slices.Clone(own.decrypt), made)
	if err := i.rewrite(changed); err != nil {
		return "", &Error{op, err}
	}
	return made.recipient, nil
}

func (own *identity) hybrid() bool {
	_, is := own.decrypt[0].ageIdentity.(*age.HybridIdentity)
	return is
}

// settle says that a grant is stored that was encrypted to a recipient of the identity's. Where
// that is the next one, the others are erased, from the file too. Else nothing is done.
func (i *Identity) settle(recipient string) error {
	const op = "erase the former age identity"
	own := i.own()
	own.mu.Lock()
	defer own.mu.Unlock()
	at := indexOf(own.decrypt, recipient)
	switch {
	case at < 0:
		return fail(op, ErrIdentity, "the recipient isn't one of its own")
	case at == 0, own.path == "": // the next one is still to come; what has no file is the program's own to change
		return nil
	}
	if err := i.rewrite([]opener{own.decrypt[at]}); err != nil {
		return &Error{op, err}
	}
	return nil
}

// rewrite changes the age identities, in the file first. The caller has the lock.
func (i *Identity) rewrite(decrypt []opener) error {
	own := i.own()
	text, err := i.text(decrypt)
	if err != nil {
		return err
	}
	defer clear(text)
	path, err := filepath.EvalSymlinks(own.path)
	if err != nil {
		return err
	}
	err = locked(path, func() error {
		now, info, err := files.Read(path, maxIdentityFile)
		if err != nil {
			return err
		}
		defer clear(now)
		if err := i.unchanged(now); err != nil {
			return err
		}
		return files.Replace(path, text, identityMode, info)
	})
	if err == nil {
		own.decrypt = decrypt
	}
	return err
}

// unchanged refuses a file that says something else than i does.
func (i *Identity) unchanged(text []byte) error {
	there, err := parseIdentity("", text)
	if err != nil {
		return unwrapped(err)
	}
	same := func(a, b opener) bool { return a.recipient == b.recipient }
	if there.Name() != i.Name() || !there.SigningKey().Equal(i.SigningKey()) || !slices.EqualFunc(there.own().decrypt, i.own().decrypt, same) {
		return fmt.Errorf("%w: another program has changed the file meanwhile: a member of several replicas can't change its age identity by itself", ErrIdentity)
	}
	return nil
}
