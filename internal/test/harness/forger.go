package harness

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/wire"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// Forger holds the key of a pattern and seals whatever it likes: it shows that
// each field of a binding is looked at. What it seals, a plain nexus client
// sends.
type Forger struct {
	Version *keyring.Version
	From    cryptobox.SenderID

	t testing.TB
	n atomic.Uint64
}

// NewForger returns a forger with the role in the ring's key for [Prefix].
func NewForger(t testing.TB, ring *keyring.Ring, role keyring.Role) *Forger {
	t.Helper()
	entry, err := ring.Lookup(Prefix + "x")
	require.NoError(t, err)
	version, err := entry.Sealer(role)
	require.NoError(t, err)
	return &Forger{t: t, Version: version, From: cryptobox.NewSenderID()}
}

// Holding returns a forger with whatever role its key has.
func Holding(t testing.TB, ring *keyring.Ring) *Forger {
	t.Helper()
	entry, err := ring.Lookup(Prefix + "x")
	require.NoError(t, err)
	role := keyring.RoleOriginator
	if _, err := entry.Sealer(role); err != nil {
		role = keyring.RoleResponder
	}
	return NewForger(t, ring, role)
}

// Bind returns a binding of kind that is right but for what change does to it.
func (f *Forger) Bind(kind cryptobox.Kind, change func(*cryptobox.Bind)) *cryptobox.Bind {
	b := &cryptobox.Bind{Kind: kind, Realm: Realm, From: f.From, N: f.n.Add(1), TS: time.Now().UnixMilli()}
	if change != nil {
		change(b)
	}
	return b
}

// Seal returns the keyword arguments of a message that carries args.
func (f *Forger) Seal(uri string, bind *cryptobox.Bind, args ...any) wamp.Dict {
	kwargs, _ := f.SealToken(uri, bind, args...)
	return kwargs
}

// SealToken also returns the token of what it sealed.
func (f *Forger) SealToken(uri string, bind *cryptobox.Bind, args ...any) (wamp.Dict, cryptobox.Token) {
	f.t.Helper()
	env, token, err := cryptobox.Seal(f.Version.Cipher(), cryptobox.CBOR, f.Version.ID(), cryptobox.NewRecord(uri, args, nil, bind))
	require.NoError(f.t, err)
	var part wire.Part
	require.NoError(f.t, wire.EncArgument{}.Put(&part, env))
	return part.Kwargs, token
}

// Open opens what a Session sealed.
func (f *Forger) Open(args wamp.List, kwargs wamp.Dict) (*cryptobox.Record, cryptobox.Token) {
	f.t.Helper()
	env, err := wire.EncArgument{}.Take(&wire.Part{Args: args, Kwargs: kwargs})
	require.NoError(f.t, err)
	require.NotNil(f.t, env, "payload is plain")
	record, token, err := cryptobox.Open(f.Version.Cipher(), env)
	require.NoError(f.t, err)
	return record, token
}
