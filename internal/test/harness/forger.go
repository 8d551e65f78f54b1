package harness

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/wire"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// Bound is what ties a record to its place in a conversation.
type Bound struct {
	cryptobox.Head
	Realm string
}

// Record is what is sealed. In the foreign dialects it says nothing of what it is bound to.
type Record struct {
	Bound
	URI    string
	Args   []any
	Kwargs map[string]any
}

// Forger holds the key of a pattern and seals whatever it likes: it shows that
// each field of a record is looked at. What it seals, a plain nexus client
// sends.
type Forger struct {
	Version *keyring.Version
	From    cryptobox.SenderID

	t  testing.TB
	n  atomic.Uint64
	mu sync.Mutex
	// exchanges are those of calls that it sealed or opened.
	exchanges map[cryptobox.Token]cryptobox.Exchange
}

// Exchange gives that of a call that the forger sealed or opened.
func (f *Forger) Exchange(call cryptobox.Token) cryptobox.Exchange {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.exchanges[call]
}

// note keeps the exchange of what may be a call.
func (f *Forger) note(call cryptobox.Token, x cryptobox.Exchange) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.exchanges == nil {
		f.exchanges = map[cryptobox.Token]cryptobox.Exchange{}
	}
	f.exchanges[call] = x
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

// Bind returns what a record of that kind is bound to, right but for what change does.
func (f *Forger) Bind(kind cryptobox.Kind, change func(*Bound)) *Bound {
	head := cryptobox.Head{Kind: kind, From: f.From, N: f.n.Add(1), TS: time.Now().UnixMilli()}
	b := &Bound{Head: head, Realm: Realm}
	if change != nil {
		change(b)
	}
	return b
}

// Seal returns the keyword arguments of a message of our dialect that carries args.
func (f *Forger) Seal(uri string, bind *Bound, args ...any) wamp.Dict {
	kwargs, _ := f.SealToken(uri, bind, args...)
	return kwargs
}

// SealToken also returns the token of what it sealed.
func (f *Forger) SealToken(uri string, bind *Bound, args ...any) (wamp.Dict, cryptobox.Token) {
	f.t.Helper()
	env, token := f.Envelope(&Record{Bound: *bind, URI: uri, Args: args})
	var part wire.Part
	wire.Put(&part, env)
	return part.Kwargs, token
}

// Envelope seals a record in the dialect of the key.
func (f *Forger) Envelope(r *Record) (*wire.Envelope, cryptobox.Token) {
	f.t.Helper()
	dialect := f.Version.Dialect()
	if dialect.Foreign() {
		cipher := f.Version.Cipher()
		payload, token, err := cryptobox.SealForeign(cipher, dialect, cryptobox.NewForeignRecord(r.URI, r.Args, r.Kwargs))
		require.NoError(f.t, err)
		return &wire.Envelope{Dialect: dialect, Algorithm: cipher.Algorithm(dialect), KeyID: f.Version.ID(), Payload: payload}, token
	}
	record := cryptobox.NewRecord(r.Head, r.Realm, r.URI, r.Args, r.Kwargs)
	record.Exchange = f.Exchange(r.Re)
	var draft cryptobox.Draft
	defer draft.Release()
	require.NoError(f.t, f.Version.Key().Encode(&record, &draft))
	f.note(draft.Token(), draft.Exchange())
	return &wire.Envelope{Payload: draft.Append(nil)}, draft.Token()
}

// Open opens what a Session sealed in our dialect.
func (f *Forger) Open(args wamp.List, kwargs wamp.Dict) (*Record, cryptobox.Token) {
	f.t.Helper()
	env, err := wire.Take(&wire.Part{Args: args, Kwargs: kwargs})
	require.NoError(f.t, err)
	require.NotNil(f.t, env, "payload is plain")
	return f.OpenPayload(env.Payload)
}

// Follow notes the exchange of a message whose record need not be sound.
func (f *Forger) Follow(payload []byte) {
	var opened cryptobox.Opened
	defer opened.Release()
	_ = f.Version.Key().Open(payload, cryptobox.Message, &opened)
	f.note(opened.Token, opened.Exchange())
}

// OpenAnswer opens what answers one of the calls that the forger knows.
func (f *Forger) OpenAnswer(payload []byte, into *cryptobox.Opened) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	key := f.Version.Key()
	err := key.Open(payload, cryptobox.Answer, into)
	for _, x := range f.exchanges {
		if !errors.Is(err, cryptobox.ErrOpen) {
			return err
		}
		err = key.OpenIn(x, payload, cryptobox.Answer, into)
	}
	return err
}

// OpenPayload opens a payload in the dialect of the key.
func (f *Forger) OpenPayload(payload []byte) (*Record, cryptobox.Token) {
	f.t.Helper()
	dialect := f.Version.Dialect()
	if dialect.Foreign() {
		record, token, err := cryptobox.OpenForeign(f.Version.Cipher(), dialect, payload)
		require.NoError(f.t, err)
		return &Record{URI: record.URI(), Args: record.Args(), Kwargs: record.Kwargs()}, token
	}
	var opened cryptobox.Opened
	defer opened.Release()
	err := f.Version.Key().Open(payload, cryptobox.Message, &opened)
	if err != nil {
		err = f.OpenAnswer(payload, &opened)
	}
	require.NoError(f.t, err)
	f.note(opened.Token, opened.Exchange())
	r := &Record{Bound: Bound{Head: opened.Head, Realm: opened.Realm()}, URI: opened.URI()}
	r.Args, r.Kwargs, err = opened.Values()
	require.NoError(f.t, err)
	return r, opened.Token
}
