package transparency_test

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

// forger holds the key of a pattern and seals whatever it likes: it shows that
// each field of a binding is looked at. What it seals, a plain nexus client
// sends.
type forger struct {
	t       testing.TB
	version *keyring.Version
	from    cryptobox.SenderID
	n       atomic.Uint64
}

func newForger(t testing.TB, ring *keyring.Ring, role keyring.Role) *forger {
	t.Helper()
	entry, ok := ring.Lookup(prefix + "x")
	require.True(t, ok)
	version, err := entry.Sealer(role)
	require.NoError(t, err)
	return &forger{t: t, version: version, from: cryptobox.NewSenderID()}
}

// bind returns a binding of kind that is right but for what change does to it.
func (f *forger) bind(kind cryptobox.Kind, change func(*cryptobox.Bind)) *cryptobox.Bind {
	b := &cryptobox.Bind{Kind: kind, Realm: realm, From: f.from, N: f.n.Add(1), TS: time.Now().UnixMilli()}
	if change != nil {
		change(b)
	}
	return b
}

// seal returns the keyword arguments of a message that carries args.
func (f *forger) seal(uri string, bind *cryptobox.Bind, args ...any) wamp.Dict {
	kwargs, _ := f.sealToken(uri, bind, args...)
	return kwargs
}

func (f *forger) sealToken(uri string, bind *cryptobox.Bind, args ...any) (wamp.Dict, cryptobox.Token) {
	f.t.Helper()
	env, token, err := cryptobox.Seal(f.version.Cipher(), cryptobox.CBOR, f.version.ID(), &cryptobox.Record{URI: uri, Args: args, Bind: bind})
	require.NoError(f.t, err)
	var part wire.Part
	require.NoError(f.t, wire.EncArgument{}.Put(&part, env))
	return part.Kwargs, token
}

// open opens what a Session sealed.
func (f *forger) open(args wamp.List, kwargs wamp.Dict) (*cryptobox.Record, cryptobox.Token) {
	f.t.Helper()
	env, err := wire.EncArgument{}.Take(&wire.Part{Args: args, Kwargs: kwargs})
	require.NoError(f.t, err)
	require.NotNil(f.t, env, "payload is plain")
	record, token, err := cryptobox.Open(f.version.Cipher(), env)
	require.NoError(f.t, err)
	return record, token
}
