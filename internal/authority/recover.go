package authority

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"filippo.io/age"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/files"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/grants"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/renewal"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/statement"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

// RecoverOptions say how an authority is made anew of its grants.
type RecoverOptions struct {
	Options
	// Authority is the key that members pin: only grants that it has signed are believed.
	Authority cryptobox.VerifyKey
	// Key is its private half, if that is still there. Else a new one is made, and members have to
	// pin it.
	Key cryptobox.SigningKey
}

// Recovered tells what was found.
type Recovered struct {
	Key       cryptobox.VerifyKey // what members have to pin
	Serial    uint64              // of the newest grants
	Members   []string            // in order
	Older     []string            // of them, whose grants aren't of that serial
	Patterns  []keyring.Pattern
	Replaced  []Replaced // keys of which not all was found
	Scrambled []string   // prefixes, in order
	Problems  []Problem  // grants that aren't believed, or can't be read: their members are missing
}

// Replaced is a version of which a part is nowhere to be found, as nobody's grant could be read that
// had it. It isn't in the master. If it was the one that seals, a new one does.
type Replaced struct {
	Pattern keyring.Pattern
	Old     string
	New     string // "" if none is needed
}

// Errors of Recover, for errors.Is.
var (
	// ErrPinned: without the key that members pin, whoever can write to a folder of grants could
	// put members and keys into it.
	ErrPinned = errors.New("give the authority's key that members pin, as grants are verified by it")

	// ErrNoGrants: none of the grants can be used.
	ErrNoGrants = errors.New("none of the grants can be used")
)

// Recover makes a new authority's folder of the grants that one has issued, with the private half
// of its recovery recipient. Of what grants don't tell nothing comes back: schedules, who was
// revoked, comments, and what was changed since the last Issue. So don't enrol old identities
// again, and revoke anew whom the last grants still had.
//
// Who is in Older wasn't in the last Issue, or that was cut off. It may have been revoked: whoever can
// write to the folder can put an old grant back.
//
// What can be had both ways is taken for less: who publishes, and lists no answerers, is a [Sender].
//
// The folder is there as a whole or not at all. The error is an [*Error] that wraps [ErrPinned],
// [ErrNoGrants], or fs.ErrExist where the folder is there already.
func Recover(dir string, f *grants.Folder, identities []age.Identity, o RecoverOptions) (Recovered, error) {
	r, err := recoverTo(dir, f, identities, o)
	if err != nil {
		return Recovered{}, &Error{Op: "recover", Err: err}
	}
	return r, nil
}

func recoverTo(dir string, f *grants.Folder, identities []age.Identity, o RecoverOptions) (Recovered, error) {
	if o.Authority.IsZero() {
		return Recovered{}, ErrPinned
	}
	if !o.Key.IsZero() && o.Key.Public() != o.Authority {
		return Recovered{}, fail(ErrOption, "the private key isn't that of the key that members pin")
	}
	r := recovering{o: o, state: &state{Version: stateVersion, Recovery: o.Recovery}, master: keyfile.New()}
	defer r.master.Wipe()
	if err := checkRecovery(o.Recovery); err != nil {
		return Recovered{}, err
	}
	if err := r.read(f, identities); err != nil {
		return Recovered{}, err
	}
	if err := r.merge(); err != nil {
		return Recovered{}, err
	}
	r.state.Key = signingKey{o.Key}
	if o.Key.IsZero() {
		r.state.Key = signingKey{cryptobox.GenerateSigningKey()}
		r.state.Previous = []cryptobox.VerifyKey{o.Authority}
	}
	r.found.Key = r.state.Key.key.Public()
	return r.found, r.write(dir)
}

// recovering is what was found so far.
type recovering struct {
	o      RecoverOptions
	state  *state
	master *keyfile.File
	grants []opened // the newest first
	found  Recovered
}

// opened is a grant that was decrypted.
type opened struct {
	grant statement.Grant
	file  *keyfile.File
	infos []keyfile.Info
}

// read reads all grants.
func (r *recovering) read(f *grants.Folder, identities []age.Identity) error {
	names, err := f.Members()
	if err != nil {
		return err
	}
	for _, name := range names {
		m, err := f.Member(name)
		var one opened
		if err == nil {
			one, err = r.open(name, m, identities)
		}
		if err == nil {
			err = r.enrol(name, m, one)
		}
		if err != nil {
			r.found.Problems = append(r.found.Problems, Problem{Member: name, Err: err})
			continue
		}
		r.grants = append(r.grants, one)
	}
	if len(r.grants) == 0 {
		errs := []error{ErrNoGrants}
		for _, p := range r.found.Problems[:min(len(r.found.Problems), 3)] {
			errs = append(errs, fmt.Errorf("%s: %w", p.Member, p.Err))
		}
		return errors.Join(errs...)
	}
	for _, g := range r.grants {
		if g.grant.Serial < r.found.Serial {
			r.found.Older = append(r.found.Older, g.grant.Member)
		}
	}
	slices.SortStableFunc(r.grants, func(a, b opened) int { return cmp.Compare(b.grant.Serial, a.grant.Serial) })
	return nil
}

// open verifies a grant, and decrypts it.
func (r *recovering) open(name string, m grants.Member, identities []age.Identity) (one opened, err error) {
	g, err := statement.OpenGrant(m.Grant, r.o.Authority)
	switch {
	case err != nil:
		return one, err
	case g.Member != name || g.Key != statement.HashOfKey(m.Key) || g.Recipient != statement.HashOf(m.Recipient) ||
		g.Ciphertext != statement.HashOf(m.Ciphertext) || g.Serial == 0 || g.Serial > keyfile.MaxSerial:
		return one, fmt.Errorf("%w: it is of other keys, or of another member", statement.ErrForged)
	}
	plain, err := age.Decrypt(bytes.NewReader(m.Ciphertext), identities...)
	if err != nil {
		return one, err
	}
	text, err := files.ReadAll(plain, int64(len(m.Ciphertext)), statement.MaxCiphertext)
	if err != nil {
		return one, err
	}
	defer clear(text)
	// Its "identity" is a key that nobody has here: any stands for it.
	file, err := keyfile.Parse(text, keyfile.WithoutReferences(), keyfile.SignAs(cryptobox.GenerateSigningKey()))
	if err != nil {
		return one, err
	}
	if file.Grant == nil {
		return one, fmt.Errorf("%w: what is in it is no grant", statement.ErrMalformed)
	}
	infos, err := list(file)
	return opened{g, file, infos}, err
}

// enrol takes a member in.
func (r *recovering) enrol(name string, m grants.Member, one opened) error {
	s := r.state
	for _, other := range s.Members {
		if sameName(other.Name, name) || other.Key == m.Key || other.Recipient == m.Recipient {
			return fail(ErrEnrolled, "its name, key or recipient is that of %q", other.Name)
		}
	}
	if _, err := s.recipients(m.Recipient); err != nil {
		return err
	}
	g := one.grant
	s.Serial = max(s.Serial, g.Serial)
	s.Issued, s.Expires = latest(s.Issued, g.Issued), latest(s.Expires, g.Expires)
	s.OpensUntil = latest(s.OpensUntil, one.file.Grant.OpensUntil)
	s.Members = append(s.Members, &member{
		Name: name, Key: m.Key, Recipient: m.Recipient, Enrolled: now(),
		Issued: []issued{{g.Serial, g.Ciphertext, g.Issued, g.Expires}},
	})
	s.Recipients = append(s.Recipients, statement.HashOf(m.Recipient))
	s.Changed = true
	r.found.Members, r.found.Serial = append(r.found.Members, name), s.Serial
	return nil
}

// write has the folder be there.
func (r *recovering) write(dir string) error {
	dir = filepath.Clean(dir)
	if entries, err := os.ReadDir(dir); len(entries) > 0 {
		return fmt.Errorf("%s: %w", dir, fs.ErrExist)
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	beside := dir + ".recovering"
	if err := os.MkdirAll(beside, 0o700); err != nil {
		return err
	}
	a, err := lock(beside, r.o.Options)
	if err != nil {
		return err
	}
	defer a.Close()
	for _, left := range []string{stateFile, masterFile} { // of one that was cut off
		if err := os.Remove(filepath.Join(beside, left)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	if a.state = r.state; len(r.master.Entries) > 0 {
		if err := a.changeMaster(func(f renewal.File) error {
			f.PlainUnlessKeyed, f.Scrambles, f.Entries = r.master.PlainUnlessKeyed, r.master.Scrambles, r.master.Entries
			r.master.Scrambles, r.master.Entries = nil, nil
			return nil
		}); err != nil {
			return err
		}
	}
	if err := a.write(files.Create); err != nil {
		return err
	}
	a.Close()
	r.o.at("rename " + filepath.Base(beside))
	if err := os.Rename(beside, dir); err != nil {
		return err
	}
	return files.SyncFolder(filepath.Dir(dir))
}
