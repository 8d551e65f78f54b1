package transparency

import (
	"context"
	"errors"
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/client"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/wire"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// opened is a sealed payload that was opened. It passed every check once it was
// verified.
type opened struct {
	version  *keyring.Version
	token    cryptobox.Token
	exchange cryptobox.Exchange
	signedBy cryptobox.VerifyKey      // who has signed it, where somebody has to
	record   cryptobox.Opened         // in our dialect, which has to be released
	foreign  *cryptobox.ForeignRecord // in the others
	info     Info
	late     bool         // a retained event
	observed *Observation // nil without an observer
}

// speaker is who sealed a message: one Session of one signer, who is zero where nobody signs.
type speaker struct {
	signer cryptobox.VerifyKey
	from   cryptobox.SenderID
}

func (in *opened) speaker() speaker { return speaker{in.signedBy, in.record.From} }

// head is what the record says of itself; nil in the dialects in which it says nothing.
func (in *opened) head() *cryptobox.Head {
	if in.foreign != nil {
		return nil
	}
	return &in.record.Head
}

// signer names who was proved to have signed it; "" where nothing is signed.
func (in *opened) signer() string {
	if in.signedBy.IsZero() {
		return ""
	}
	return in.signedBy.String()
}

// memory is how many bytes the values take.
func (in *opened) memory() int {
	if in.foreign != nil {
		return in.foreign.Memory()
	}
	return in.record.Memory()
}

// handTo puts what was opened and proved in place of what came in.
func (in *opened) handTo(r *client.Received) {
	r.Details = provedDetails(r.Details, &in.info)
	if in.foreign != nil {
		r.Args, r.Kwargs = in.foreign.Args(), in.foreign.Kwargs()
		in.foreign = nil // info is kept, and this is the application's
		return
	}
	r.Args, r.Kwargs, _ = in.record.Values() // it was scanned, and isn't released
	in.record.Release()
}

// formOf tells how a payload arrived.
func formOf(r *client.Received) form {
	switch {
	case r.Err != nil:
		return formParts
	case r.Sealed():
		return formSealed
	}
	return formPlain
}

// refused is the refusal that the rules give a payload. closed says why the URI is
// closed, where it is.
func refused(reason Reason, closed error, r *client.Received) error {
	switch {
	case closed != nil && reason == NoKey:
		return closed
	case reason == Malformed && reasonOf(r.Err) == TooLarge:
		reason = TooLarge
	}
	return &Error{Reason: reason, Err: r.Err}
}

// directionTo is the one in which a party of that role gets messages.
func directionTo(role keyring.Role) cryptobox.Direction {
	if role == keyring.RoleResponder {
		return cryptobox.Message
	}
	return cryptobox.Answer
}

// openFirst opens the envelope in r, the first of an exchange, with the versions of the
// entry's key that may open it: by the key id where the envelope names one. In our dialect,
// who sealed it holds the key where only the record is refused: then version and token are
// returned with the error.
func (s *Session) openFirst(entry *keyring.Entry, role keyring.Role, r *client.Received) (*opened, error) {
	defer r.Release()
	return s.openBy(entry, role, &r.Envelope)
}

// openBy is openFirst of an envelope that others may be tried on too.
func (s *Session) openBy(entry *keyring.Entry, role keyring.Role, env *wire.Envelope) (*opened, error) {
	if env.Dialect.Foreign() {
		versions, err := entry.ForeignOpeners(role, env.Dialect, env.KeyID)
		if err != nil {
			return nil, underNamed(err)
		}
		in, err := s.openForeign(versions, env)
		if env.KeyID != "" {
			err = under(versions[0], err)
		}
		return in, err
	}
	_, id, err := cryptobox.SuiteAndID(env.Payload)
	if err != nil {
		return nil, err
	}
	version, err := entry.Opener(role, id)
	if err != nil {
		return nil, underNamed(err)
	}
	in, err := s.openWith(version, cryptobox.Exchange{}, role, env)
	return in, under(version, err)
}

// openNext opens the envelope in r with the version that the exchange x began with. What
// that expired meanwhile doesn't count, that it was revoked does, and so does who may sign by
// now.
func (s *Session) openNext(version *keyring.Version, x cryptobox.Exchange, role keyring.Role, r *client.Received) (*opened, error) {
	defer r.Release()
	env := &r.Envelope
	if err := alive(version, keyring.ErrRevoked); err != nil {
		return nil, err
	}
	if env.Dialect != version.Dialect() {
		return nil, because(NotOpened, "sealed in the dialect %v, and the exchange began in %v", env.Dialect, version.Dialect())
	}
	if !env.Dialect.Foreign() {
		suite, id, err := cryptobox.SuiteAndID(env.Payload)
		if err == nil && (suite != version.Suite() || id != version.Key().ID()) {
			return nil, errOtherKey
		}
		return s.openWith(s.ring.Current(version), x, role, env)
	}
	if env.KeyID != "" && env.KeyID != version.ID() {
		return nil, errOtherKey
	}
	return s.openForeign([]*keyring.Version{version}, env)
}

var errOtherKey = because(NotOpened, "sealed with another key than the exchange began with")

// openWith opens env, of our dialect. It is apart from verify because taking a message apart
// goes deep, and what is needed later would stay on the stack.
func (s *Session) openWith(version *keyring.Version, x cryptobox.Exchange, role keyring.Role, env *wire.Envelope) (*opened, error) {
	in := &opened{version: version}
	began := s.stopwatch()
	err := version.Key().OpenIn(x, env.Payload, directionTo(role), &in.record)
	in.observe(began, env)
	if _, wrongKind := errors.AsType[*cryptobox.WrongKindError](err); wrongKind {
		err = nil // it is checked in its turn, behind the URI and the realm
	}
	if err != nil && in.record.Token.IsZero() {
		return nil, err
	}
	in.token, in.signedBy, in.exchange = in.record.Token, in.record.Signer, in.record.Exchange()
	return in, err
}

// openForeign opens env with the first of the versions that can.
func (s *Session) openForeign(versions []*keyring.Version, env *wire.Envelope) (*opened, error) {
	began := s.stopwatch()
	failure := cryptobox.ErrOpen
	for _, version := range versions {
		if version.Cipher().Algorithm(env.Dialect) != env.Algorithm {
			continue
		}
		in := &opened{version: version}
		var err error
		if in.foreign, in.token, err = cryptobox.OpenForeign(version.Cipher(), env.Dialect, env.Payload); err == nil {
			in.observe(began, env)
			return in, nil
		}
		// What one version says of more than its key counts, whatever others say.
		if errors.Is(failure, cryptobox.ErrOpen) {
			failure = err
		}
	}
	return nil, failure
}

// verify checks what a payload says of itself. The realm and the clock of want are
// filled in here.
func (s *Session) verify(ctx context.Context, in *opened, want *expectation) error {
	want.realm = s.realm
	want.now, want.maxAge, want.clockSkew = s.cfg.clock(), s.cfg.maxAge, s.cfg.clockSkew
	var err error
	if in.foreign != nil {
		err = want.checkForeign(in.version.Dialect(), in.foreign)
	} else {
		err = want.check(&in.record, in.signedBy)
	}
	if err == nil {
		err = s.remember(ctx, want, in)
	}
	if err != nil {
		return under(in.version, err)
	}
	in.late = in.foreign == nil && want.late(in.head())
	s.counters.opened.Add(1)
	s.tallies.version(in.version).open(want.now)
	in.info = infoOf(in)
	s.observeOpened(in, want.kind)
	return nil
}

func infoOf(in *opened) Info {
	version, head := in.version, in.head()
	info := Info{Pattern: version.Pattern(), KeyID: version.ID(), Dialect: version.Dialect(), Suite: version.Suite()}
	if head != nil {
		info.Kind = head.Kind
		info.Role = roleOf(head.Kind)
		info.Sender.Key = in.signedBy
		info.Sender.Name, _ = version.NameOf(in.signedBy, info.Role)
		info.Session = head.From
		info.Counter = head.N
		info.Sent = time.UnixMilli(head.TS)
	}
	return info
}
