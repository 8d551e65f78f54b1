package transparency

import (
	"context"
	"time"

	"github.com/gammazero/nexus/v3/wamp"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// opened is a sealed payload that was opened and passed every check.
type opened struct {
	args   wamp.List
	kwargs wamp.Dict
	info   Info
	token  cryptobox.Token
}

// open opens env with the key of the exchange and checks what it says of
// itself. The realm of want is filled in here.
func (s *Session) open(ctx context.Context, entry *keyring.Entry, role keyring.Role, env *cryptobox.Envelope, want *expectation) (*opened, Reason, error) {
	record, token, version, err := s.openWith(entry, role, env)
	if err != nil {
		return nil, reasonOf(err), err
	}
	want.realm = s.realm
	want.now, want.maxAge, want.clockSkew = time.Now(), s.cfg.maxAge, s.cfg.clockSkew
	// Who has begun to bind goes on so.
	want.unbound = entry.Unbound() && want.from == cryptobox.SenderID{}
	want.uriOptional = s.cfg.traits.URIOptional
	if reason, err := want.check(record); reason != 0 {
		return nil, reason, err
	}
	if reason, err := s.remember(ctx, want, version.ID(), record.Bind, token); reason != 0 {
		return nil, reason, err
	}
	s.counters.opened.Add(1)
	return &opened{
		args:   record.Args,
		kwargs: record.Kwargs,
		info:   infoOf(version, record.Bind),
		token:  token,
	}, 0, nil
}

// openWith tries the versions of the key that may open, by the envelope's key
// id where it names one.
func (s *Session) openWith(entry *keyring.Entry, role keyring.Role, env *cryptobox.Envelope) (*cryptobox.Record, cryptobox.Token, *keyring.Version, error) {
	versions, err := entry.Openers(role, env.KeyID)
	if err != nil {
		return nil, cryptobox.Token{}, nil, err
	}
	failure := cryptobox.ErrOpen
	for _, version := range versions {
		err := cryptobox.ErrAlgorithm
		if s.names(version, env) {
			var record *cryptobox.Record
			var token cryptobox.Token
			if record, token, err = cryptobox.Open(version.Cipher(), env); err == nil {
				return record, token, version, nil
			}
		}
		// What one version says of more than its key counts, whatever others say.
		if reasonOf(failure) == NotOpened {
			failure = err
		}
	}
	return nil, cryptobox.Token{}, nil, failure
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
