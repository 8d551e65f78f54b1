package authority

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	"filippo.io/age"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/files"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/grants"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/statement"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

// IssueOptions say how long grants count.
type IssueOptions struct {
	Valid time.Duration // members seal for so long: 28 days if it is 0
	Grace time.Duration // and open for so much longer: 7 days if it is 0
	Fresh time.Duration // the fresh key counts for so long: half of Valid if it is 0
}

// What IssueOptions are by default, and at most.
const (
	validByDefault = 28 * 24 * time.Hour
	graceByDefault = 7 * 24 * time.Hour
	longest        = 10 * 366 * 24 * time.Hour
)

// early is how much earlier than it is made the fresh key counts, for members whose clock is
// behind.
const early = time.Hour

// ahead is how far a serial may be ahead of the time, which members bear with.
const ahead = 24 * time.Hour

// Issued tells what was issued.
type Issued struct {
	Serial          uint64
	Issued, Expires time.Time
	FreshUntil      time.Time      // the fresh key counts until then: issue again before
	Members         []IssuedMember // in the order of their enrolment
	Bytes           int64          // of all ciphertexts
	Rotated         []Rotated      // by a [Schedule]
	// Unknown are those whose grants are in the folder, and who are no members, nor were: as after
	// a backup was restored that is older than them. They are left there.
	Unknown []string
}

// IssuedMember is the grant of one member.
type IssuedMember struct {
	Name  string
	Bytes int // of its ciphertext
}

// Issue writes a grant for each member into a folder, and a new fresh key. What the folder has of
// members that were revoked goes. Before that it rotates what is due by a [Schedule], and takes out
// of the master what is of no use any more. A folder with the grants of another authority is refused
// ([ErrGrants]). Members whose grant would be too large are named by the
// error ([ErrTooLarge]): no grant has changed then.
//
// The serial and the hashes of all grants are in authority.json before any of them is in the
// folder. A process that was killed leaves some new ones there and some old ones: issue again.
func (a *Authority) Issue(f *grants.Folder, o IssueOptions) (Issued, error) {
	made, err := a.issue(f, o)
	if err == nil {
		return made, nil
	}
	var known *Error
	if errors.As(err, &known) {
		return Issued{}, err
	}
	return Issued{}, &Error{Op: "issue", Err: err}
}

func (a *Authority) issue(f *grants.Folder, o IssueOptions) (Issued, error) {
	if err := o.settle(); err != nil {
		return Issued{}, err
	}
	if err := a.owns(f); err != nil {
		return Issued{}, err
	}
	if _, err := a.state.next(now()); err != nil {
		return Issued{}, err // before anything is rotated by a wrong clock
	}
	rotated, err := a.keep()
	if err != nil {
		return Issued{}, err
	}
	is, err := a.newIssuing(o)
	if err != nil {
		return Issued{}, err
	}
	is.made.Rotated = rotated
	defer is.master.Wipe()
	if err := is.check(); err != nil {
		return Issued{}, err
	}
	if err := f.Sweep(); err != nil {
		return Issued{}, err
	}
	if err := is.prepare(f); err != nil {
		return Issued{}, errors.Join(err, is.discard())
	}
	a.record(is)
	if err := a.save(); err != nil {
		return Issued{}, errors.Join(err, is.discard())
	}
	if err := a.publish(f, is); err != nil {
		return is.made, err
	}
	a.state.Changed = false
	return is.made, a.store()
}

// owns refuses a folder that another authority has issued to. A fresh key that can't be read is
// replaced.
func (a *Authority) owns(f *grants.Folder) error {
	fresh, err := f.Fresh()
	if err != nil {
		return nil
	}
	for _, key := range append([]cryptobox.VerifyKey{a.Key()}, a.state.Previous...) {
		if _, err := statement.OpenDelegation(fresh.Delegation, key); !errors.Is(err, statement.ErrForged) {
			return nil
		}
	}
	return fail(ErrGrants, "%s: its members would be cut off: issue into another folder. "+
		"If none of them counts any more, or this is a backup from before a rekey, remove that folder first", f.Path())
}

// settle takes defaults, and refuses what makes no sense.
func (o *IssueOptions) settle() error {
	if o.Valid == 0 {
		o.Valid = validByDefault
	}
	if o.Grace == 0 {
		o.Grace = graceByDefault
	}
	if o.Fresh == 0 {
		o.Fresh = o.Valid / 2
	}
	for _, d := range []time.Duration{o.Valid, o.Grace, o.Fresh} {
		if d < time.Second || d > longest {
			return fail(ErrOption, "%v: give a second to 10 years", d)
		}
	}
	return nil
}

// issuing is what an Issue is about to write.
type issuing struct {
	a      *Authority
	o      IssueOptions
	master *keyfile.File
	plan   *plan
	made   Issued

	mu       sync.Mutex
	prepared []files.Prepared
	hashes   map[string]statement.Hash
	sizes    map[string]int
}

// newIssuing plans what is to be issued.
func (a *Authority) newIssuing(o IssueOptions) (*issuing, error) {
	at := now()
	serial, err := a.state.next(at)
	if err != nil {
		return nil, err
	}
	master, err := a.master()
	if err != nil {
		return nil, err
	}
	plan, err := a.state.newPlan(master)
	if err != nil {
		master.Wipe()
		return nil, err
	}
	return &issuing{
		a: a, o: o, master: master, plan: plan,
		made:   Issued{Serial: serial, Issued: at, Expires: at.Add(o.Valid), FreshUntil: at.Add(o.Fresh)},
		hashes: map[string]statement.Hash{}, sizes: map[string]int{},
	}, nil
}

// next gives the next serial: beyond the last one, and not below the time, which so it is after a
// backup was restored too.
func (s *state) next(at time.Time) (uint64, error) {
	ms := uint64(at.UnixMilli())
	serial := max(s.Serial+1, ms)
	if serial > ms+uint64(ahead.Milliseconds()) {
		return 0, fail(ErrClock, "it is %s, and the last serial is of %s", at.Format(time.RFC3339), time.UnixMilli(int64(s.Serial)).UTC().Format(time.RFC3339))
	}
	return serial, nil
}

// grant gives what a member's file says of its grant.
func (is *issuing) grant(m *member) keyfile.Grant {
	return keyfile.Grant{
		Authority: is.a.Key(), Serial: is.made.Serial, Member: m.Name,
		Expires: is.made.Expires, OpensUntil: is.made.Expires.Add(is.o.Grace),
	}
}

// check refuses what members wouldn't take.
func (is *issuing) check() error {
	for _, m := range is.a.state.Members {
		size, err := is.plan.size(m.Name, is.grant(m))
		if err != nil {
			return err
		}
		if size += ageOverhead(size, m.Recipient); size > statement.MaxCiphertext {
			return &Error{Op: "issue", Member: m.Name, Err: fail(ErrTooLarge, "of %d bytes, and a grant has %d at most: revoke some of its %d patterns, or make two members of it",
				size, statement.MaxCiphertext, len(is.plan.members[m.Name]))}
		}
	}
	return nil
}

// ageOverhead is at most what age adds to a text: a header with two recipients of the same kind, a
// nonce, and a tag for each 64 KiB.
func ageOverhead(size int, recipient string) int {
	const line, tag, chunk = 128, 16, 64 << 10
	each := 2 * line
	if hybrid(recipient) {
		each = 2*line + 4*1120/3 + 1120/48
	}
	return line + 2*each + 2*tag + tag*(size/chunk+1)
}

// writers is how many grants are prepared at a time. They wait for the disk, which writes several
// together.
const writers = 16

// prepare encrypts and signs all grants, and writes them beside their places.
func (is *issuing) prepare(f *grants.Folder) error {
	is.a.o.at("prepare grants")
	return parallel(writers, is.a.state.Members, func(m *member) error {
		if err := is.prepareOne(f, m); err != nil {
			return &Error{Op: "issue", Member: m.Name, Err: err}
		}
		return nil
	})
}

func (is *issuing) prepareOne(f *grants.Folder, m *member) error {
	ciphertext, err := is.encrypt(m)
	if err != nil {
		return err
	}
	g := statement.Grant{
		Authority: statement.HashOfKey(is.a.Key()), Serial: is.made.Serial, Member: m.Name,
		Key: statement.HashOfKey(m.Key), Recipient: statement.HashOf(m.Recipient),
		Issued: is.made.Issued, Expires: is.made.Expires, Ciphertext: statement.HashOf(ciphertext),
	}
	signed, err := g.Sign(is.a.state.Key.key)
	if err != nil {
		return err
	}
	p, err := f.Prepare(m.Name, grants.Member{Key: m.Key, Recipient: m.Recipient, Grant: signed, Ciphertext: ciphertext})
	if err != nil {
		return err
	}
	is.mu.Lock()
	defer is.mu.Unlock()
	is.prepared = append(is.prepared, p)
	is.hashes[m.Name], is.sizes[m.Name] = g.Ciphertext, len(ciphertext)
	return nil
}

// encrypt gives a member's file, encrypted to it.
func (is *issuing) encrypt(m *member) ([]byte, error) {
	text, err := is.plan.file(m.Name, is.grant(m)).Marshal()
	if err != nil {
		return nil, err
	}
	defer clear(text)
	recipients, err := is.a.state.recipients(m.Recipient)
	if err != nil {
		return nil, err
	}
	return files.Encrypt(text, func(w io.Writer) (io.WriteCloser, error) { return age.Encrypt(w, recipients...) })
}

// discard removes what was prepared.
func (is *issuing) discard() error {
	var errs []error
	for _, p := range is.prepared {
		errs = append(errs, p.Discard())
	}
	return errors.Join(errs...)
}

// record notes in the state what is about to be published.
func (a *Authority) record(is *issuing) {
	s := a.state
	s.Serial, s.Issued, s.Expires = is.made.Serial, is.made.Issued, is.made.Expires
	s.FreshUntil = is.made.FreshUntil
	s.handOut(is.plan.infos, is.plan.scrambles, is.made.Serial, is.made.Expires.Add(is.o.Grace))
	for _, m := range s.Members {
		m.Issued = append(m.Issued, issued{is.made.Serial, is.hashes[m.Name], is.made.Issued, is.made.Expires})
		m.Issued = slices.Delete(m.Issued, 0, max(0, len(m.Issued)-maxIssued))
		is.made.Members = append(is.made.Members, IssuedMember{m.Name, is.sizes[m.Name]})
		is.made.Bytes += int64(is.sizes[m.Name])
	}
}

// publish gives the grants their places, and the folder a fresh key.
func (a *Authority) publish(f *grants.Folder, is *issuing) error {
	fresh := cryptobox.GenerateSigningKey()
	delegation, err := statement.Delegation{
		Serial: is.made.Serial, Key: fresh.Public(), NotBefore: is.made.Issued.Add(-early), NotAfter: is.made.FreshUntil,
	}.Sign(a.state.Key.key)
	if err != nil {
		return err
	}
	a.o.at("write fresh key")
	if err := f.PutFresh(grants.Fresh{Key: fresh, Delegation: delegation}); err != nil {
		return err
	}
	for _, p := range is.prepared {
		a.o.at("write grant")
		if err := p.Commit(); err != nil {
			return err
		}
	}
	a.o.at("sync grants")
	if err := f.Commit(); err != nil {
		return err
	}
	return a.removeFormer(f, is)
}

// removeFormer takes out of the folder who was revoked, and tells of who is unknown.
func (a *Authority) removeFormer(f *grants.Folder, is *issuing) error {
	names, err := f.Members()
	if err != nil {
		return err
	}
	for _, name := range names {
		switch {
		case is.sizes[name] > 0:
		case slices.ContainsFunc(a.state.Former, func(one former) bool { return one.Name == name }):
			a.o.at("remove grant")
			if err := f.Remove(name); err != nil {
				return fmt.Errorf("taking out %q: %w", name, err)
			}
		default:
			is.made.Unknown = append(is.made.Unknown, name)
		}
	}
	a.o.at("issued")
	return nil
}
