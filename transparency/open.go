package transparency

import (
	"context"
	"time"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/client"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// opened is a sealed payload that was opened. It passed every check once it was
// verified.
type opened struct {
	record  *cryptobox.Record
	token   cryptobox.Token
	version *keyring.Version
	info    Info
}

// handTo puts what was opened and proved in place of what came in.
func (in *opened) handTo(r *client.Received) {
	r.Details = provedDetails(r.Details, &in.info)
	r.Args, r.Kwargs = in.record.Args(), in.record.Kwargs()
	in.record = nil // info is kept, and this is the application's
}

// formOf tells how a payload arrived.
func formOf(r *client.Received) form {
	switch {
	case r.Err != nil:
		return formParts
	case r.Envelope != nil:
		return formSealed
	}
	return formPlain
}

// refused is the refusal that the rules give a payload.
func refused(reason Reason, r *client.Received) error { return &Error{Reason: reason, Err: r.Err} }

// open opens the envelope in r with the key of the exchange: with the versions of it that
// may open, by the envelope's key id where it names one. It is apart from verify because taking a
// message apart goes deep, and what is needed later would stay on the stack.
func (s *Session) open(entry *keyring.Entry, role keyring.Role, r *client.Received) (*opened, error) {
	defer r.Release()
	env := r.Envelope
	versions, err := entry.Openers(role, env.KeyID)
	if err != nil {
		return nil, err
	}
	failure := cryptobox.ErrOpen
	for _, version := range versions {
		err := cryptobox.ErrAlgorithm
		if s.names(version, env) {
			in := &opened{version: version}
			if in.record, in.token, err = cryptobox.Open(version.Cipher(), env); err == nil {
				return in, nil
			}
		}
		// What one version says of more than its key counts, whatever others say.
		if reasonOf(failure) == NotOpened {
			failure = err
		}
	}
	return nil, failure
}

// verify checks what a payload says of itself. The realm and the clock of want are
// filled in here.
func (s *Session) verify(ctx context.Context, entry *keyring.Entry, in *opened, want *expectation) error {
	want.realm = s.realm
	want.now, want.maxAge, want.clockSkew = time.Now(), s.cfg.maxAge, s.cfg.clockSkew
	// A sender that bound one message of an exchange has to bind the rest.
	want.unbound = entry.Unbound() && want.from == cryptobox.SenderID{}
	want.uriOptional = s.cfg.traits.URIOptional
	if err := want.check(in.record); err != nil {
		return err
	}
	if err := s.remember(ctx, want, in.version.ID(), in.record.Bind(), in.token); err != nil {
		return err
	}
	s.counters.opened.Add(1)
	in.info = infoOf(in.version, in.record.Bind())
	return nil
}

// names reports whether env names the algorithm of the key, as the framing does.
func (s *Session) names(version *keyring.Version, env *cryptobox.Envelope) bool {
	name := version.Cipher().Algorithm()
	if s.cfg.traits.CipherNames {
		name, _ = cryptobox.SecretKeyAlgorithm(name)
	}
	return env.Algorithm == name
}

func infoOf(version *keyring.Version, bind *cryptobox.Bind) Info {
	info := Info{KeyID: version.ID(), Algorithm: version.Cipher().Algorithm()}
	if bind != nil {
		info.Bound = true
		info.Kind = bind.Kind
		info.Role = roleOf(bind.Kind)
		info.Sender = bind.From
		info.Counter = bind.N
		info.Sent = time.UnixMilli(bind.TS)
	}
	return info
}
