package authority

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/files"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/agefile"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

// The names in the folder.
const (
	stateFile  = "authority.json"
	masterFile = "keyring.json"
	lockFile   = ".lock"
)

// Authority is a folder that is open, and locked until [Authority.Close]. One goroutine at a time
// may use it. After an error of a method, what the folder says counts: open it anew.
type Authority struct {
	dir    string
	o      Options
	unlock func()
	state  *state
}

// Init makes an authority: a key, and no members. It never writes over one: the error is then
// fs.ErrExist. A keyring.json that is in the folder already is its master from then on.
func Init(dir string, o Options) (*Authority, error) {
	a, err := initialize(dir, o)
	if err != nil {
		return nil, &Error{Op: "init", Err: err}
	}
	return a, nil
}

func initialize(dir string, o Options) (*Authority, error) {
	if err := checkRecovery(o.Recovery); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	a, err := lock(dir, o)
	if err != nil {
		return nil, err
	}
	a.state = &state{Version: stateVersion, Key: signingKey{cryptobox.GenerateSigningKey()}, Recovery: o.Recovery}
	if err := a.write(files.Create); err != nil {
		a.Close()
		return nil, err
	}
	return a, nil
}

// Open locks an authority's folder, and completes what was cut off in it.
func Open(dir string, o Options) (*Authority, error) {
	a, err := open(dir, o)
	if err != nil {
		return nil, &Error{Op: "open", Err: err}
	}
	return a, nil
}

func open(dir string, o Options) (*Authority, error) {
	if _, err := os.Stat(filepath.Join(dir, stateFile)); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			err = fmt.Errorf("%s is no authority's folder, which wampbox authority init makes: %w", dir, err)
		}
		return nil, err
	}
	a, err := lock(dir, o)
	if err != nil {
		return nil, err
	}
	if a.state, err = a.read(); err == nil {
		err = a.complete()
	}
	if err != nil {
		a.Close()
		return nil, err
	}
	return a, nil
}

// lock keeps others out of a folder.
func lock(dir string, o Options) (*Authority, error) {
	unlock, err := files.LockName(filepath.Join(dir, lockFile), o.wait())
	if err != nil {
		return nil, err
	}
	// What a killed process left has keys in it. Other tools may be changing the master now.
	if err := files.Sweep(dir, time.Minute); err != nil {
		unlock()
		return nil, err
	}
	return &Authority{dir: dir, o: o, unlock: unlock}, nil
}

// Close lets the folder go.
func (a *Authority) Close() {
	a.unlock()
	a.unlock = func() {}
}

// Key is what members pin.
func (a *Authority) Key() cryptobox.VerifyKey { return a.state.Key.key.Public() }

// complete goes on with what was cut off.
func (a *Authority) complete() error {
	if a.state.Ending == nil {
		return nil
	}
	_, err := a.end()
	return err
}

// read reads authority.json.
func (a *Authority) read() (*state, error) {
	text, err := a.readFile(stateFile, maxState)
	if err != nil {
		return nil, err
	}
	defer clear(text)
	return parseState(text)
}

// readFile reads one of the folder's files, which is the owner's alone, and decrypts it.
func (a *Authority) readFile(name string, limit int) ([]byte, error) {
	path := filepath.Join(a.dir, name)
	text, info, err := files.Read(path, limit)
	if err != nil {
		return nil, err
	}
	if err := files.CheckWriters(path, info); err != nil {
		return nil, err
	}
	if a.o.Decrypt == nil {
		if agefile.Encrypted(text[:min(len(text), 64)]) {
			return nil, fail(ErrEncrypted, "say how %s is decrypted", name)
		}
		return text, files.CheckReaders(path, info)
	}
	r, err := a.o.Decrypt(bytes.NewReader(text))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return files.ReadAll(r, int64(len(text)), limit)
}

// save replaces authority.json after a change that the next grants have to tell of.
func (a *Authority) save() error {
	a.state.Changed = true
	return a.store()
}

// store replaces authority.json.
func (a *Authority) store() error {
	return a.write(func(path string, text []byte) error {
		before, err := os.Stat(path)
		if err != nil {
			return err
		}
		return files.Replace(path, text, 0o600, before)
	})
}

// write writes authority.json in some way.
func (a *Authority) write(put func(path string, text []byte) error) error {
	if a.o.Decrypt != nil && a.o.Encrypt == nil {
		return fail(ErrEncrypted, "say how it is encrypted too, as it isn't written in plain")
	}
	text, err := a.state.marshal()
	if err != nil {
		return err
	}
	defer clear(text)
	if a.o.Encrypt != nil {
		if text, err = files.Encrypt(text, a.o.Encrypt); err != nil {
			return err
		}
	}
	a.o.at("write " + stateFile)
	err = put(filepath.Join(a.dir, stateFile), text)
	a.o.at("wrote " + stateFile)
	return err
}

// change has a function change the state, and saves it. On an error authority.json is as it was.
func (a *Authority) change(op, member string, change func(*state) error) error {
	err := change(a.state)
	if err == nil {
		err = a.save()
	}
	if err != nil {
		return &Error{Op: op, Member: member, Err: err}
	}
	return nil
}

// now gives the time as the folder's files have it.
func now() time.Time { return time.Now().UTC().Truncate(time.Millisecond) }

// options are those by which the master is read and written.
func (a *Authority) options() []keyfile.Option {
	opts := []keyfile.Option{keyfile.LockWait(a.o.wait()), keyfile.WithoutReferences()}
	if a.o.Decrypt != nil {
		opts = append(opts, keyfile.WithDecrypter(a.o.Decrypt))
	}
	if a.o.Encrypt != nil {
		opts = append(opts, keyfile.WithEncrypter(a.o.Encrypt))
	}
	return opts
}
