package transparency_test

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

const below = harness.Prefix

// TestScrambledNames: what a router names otherwise than its sender sealed it is refused.
func TestScrambledNames(t *testing.T) {
	wide, narrow, secret := harness.NewKeys(), harness.NewKeys(), cryptobox.GenerateScrambleSecret()
	text, far := scrambling(t, secret, harness.Realm), scrambling(t, secret, "realm2")
	foreign := scrambling(t, cryptobox.GenerateScrambleSecret(), harness.Realm)
	ring := harness.ClosedRing(t, wide.ResponderKey())
	require.NoError(t, ring.Set(keyring.Exact(below+"a.narrow"), narrow.ResponderKey()))
	require.NoError(t, ring.Scramble(below, secret))
	w := plugged(t, ring)
	forWide, forNarrow := holds(t, wide.OriginatorKey()), holds(t, narrow.OriginatorKey())
	for _, p := range []keyring.Pattern{keyring.Prefix(below), keyring.Prefix(below + "a."), keyring.Wildcard(below + "a."), keyring.Wildcard(below + "..")} {
		w.asks(p)
	}
	for _, asked := range []string{text(below), text(below + "a."), text(below + "..")} {
		at := func(named string) said { return said{asked, named} }
		uri, narrowed := below+"a.x", below+"a.narrow"
		if asked == text(below+"..") {
			uri, narrowed = below+"a.x.y", ""
		}
		t.Run(asked, func(t *testing.T) {
			w.t = t
			w.takes(at(text(uri)), uri, forWide)
			w.refuses(at(text(below+"a.y.z")), uri, forWide, transparency.WrongURI)
			w.refuses(at(below+component(text(uri), 0)+"."+component(text(below+"q.q.x"), 2)), below+"a.x", forWide, transparency.WrongURI)
			w.refuses(at(below+component(text(uri), 0)+"."+component(far(uri), 1)), uri, forWide, transparency.WrongURI)
			w.refuses(at(far(uri)), uri, forWide, transparency.WrongURI)
			w.refuses(at(foreign(uri)), uri, forWide, transparency.WrongURI)
			w.refuses(at(uri), uri, forWide, transparency.WrongURI) // clear
			w.refuses(at(text(uri)), uri, forNarrow, transparency.NotOpened)
			if narrowed == "" {
				return
			}
			w.takes(at(text(narrowed)), narrowed, forNarrow)
			w.refuses(at(text(narrowed)), narrowed, forWide, transparency.NotOpened)
			w.refuses(at(text(uri)), narrowed, forWide, transparency.WrongURI)
			w.refuses(at(text(uri)), narrowed, forNarrow, transparency.NotOpened)
			w.refuses(at(text(narrowed)), uri, forNarrow, transparency.WrongURI)
		})
	}
}

// TestScrambledSenders: a signer who may send under a wide pattern doesn't under a narrow one with
// the same reading key, by whatever secret the router names its message.
func TestScrambledSenders(t *testing.T) {
	k := harness.SignedKeys(cryptobox.SuiteSigned, false).Parties()
	listing := func(names ...string) keyring.Key {
		s := k.Responder(k.Sign[harness.Responding])
		s.Senders = nil
		for _, name := range names {
			s.Senders = append(s.Senders, k.Party(name))
		}
		return keyring.Signed(s)
	}
	sending := func(name string) *harness.Forger {
		s := k.Originator(k.Sign[name])
		return holds(t, keyring.Signed(s))
	}
	first, second := cryptobox.GenerateScrambleSecret(), cryptobox.GenerateScrambleSecret()
	ring := harness.ClosedRing(t, listing(harness.Originating, harness.DoingBoth))
	require.NoError(t, ring.Set(keyring.Exact(below+"narrow"), listing(harness.Originating)))
	require.NoError(t, ring.Scramble(below, first))
	require.NoError(t, ring.AddScramble(below, second, keyring.Dates{ActiveFrom: time.Now().Add(time.Hour)}))
	w := plugged(t, ring)
	w.asks(keyring.Prefix(below))
	require.Len(t, w.inPlace(), 2, "both secrets have one text for it, in place as topic and procedure")
	for _, secret := range []cryptobox.ScrambleSecret{first, second} {
		text := scrambling(t, secret, harness.Realm)
		at := func(named string) said { return said{below, named} }
		for _, name := range []string{harness.Originating, harness.DoingBoth} {
			w.takes(at(text(below+"wide")), below+"wide", sending(name))
		}
		w.takes(at(text(below+"narrow")), below+"narrow", sending(harness.Originating))
		w.refuses(at(text(below+"narrow")), below+"narrow", sending(harness.DoingBoth), transparency.WrongSender)
		w.refuses(at(text(below+"wide")), below+"narrow", sending(harness.DoingBoth), transparency.WrongURI)
	}
}

// TestScrambledSecretsEnd: nothing is taken under a secret that expired or was removed, nor clear
// when that isn't allowed any more, whatever is still in place at the router.
func TestScrambledSecretsEnd(t *testing.T) {
	k := harness.NewKeys()
	old, next := cryptobox.GenerateScrambleSecret(), cryptobox.GenerateScrambleSecret()
	forge := holds(t, k.OriginatorKey())
	for name, p := range map[string]keyring.Pattern{
		"exact": keyring.Exact(below + "a.x"), "prefix": keyring.Prefix(below + "a."), "wildcard": keyring.Wildcard(below + ".x"), "all": keyring.Prefix(below),
	} {
		for how, end := range map[string]func(*keyring.Ring) error{
			"expired": func(ring *keyring.Ring) error {
				return ring.SetScrambleDates(below, old.ID().String(), keyring.Dates{NotAfter: time.Now().Add(-time.Second)})
			},
			"removed":   func(ring *keyring.Ring) error { return ring.RemoveScramble(below, old.ID().String()) },
			"scrambled": func(ring *keyring.Ring) error { return ring.Scramble(below, next) },
			"not clear": func(ring *keyring.Ring) error { return ring.AllowClear(below, time.Time{}) },
		} {
			t.Run(name+"/"+how, func(t *testing.T) {
				ring := harness.ClosedRing(t, k.ResponderKey())
				was := func(uri string) string { return uri }
				switch how {
				case "scrambled":
				case "not clear":
					require.NoError(t, ring.Scramble(below, next))
					require.NoError(t, ring.AllowClear(below, time.Now().Add(time.Hour)))
				default:
					was = scrambling(t, old, harness.Realm)
					require.NoError(t, ring.AddScramble(below, old, keyring.Dates{}))
					require.NoError(t, ring.AddScramble(below, next, keyring.Dates{ActiveFrom: time.Now().Add(-time.Second)}))
				}
				w := plugged(t, ring)
				w.asks(p)
				at := said{was(p.URI), was(below + "a.x")}
				w.takes(at, below+"a.x", forge)
				require.NoError(t, end(ring))
				w.refuses(at, below+"a.x", forge, transparency.WrongURI)
				w.eventually(scrambling(t, next, harness.Realm)(p.URI))
				w.takes(said{scrambling(t, next, harness.Realm)(p.URI), scrambling(t, next, harness.Realm)(below + "a.x")}, below+"a.x", forge)
				w.refuses(at, below+"a.x", forge, transparency.WrongURI)
			})
		}
	}
}

// eventually waits until exactly these texts are in place, as topics and as procedures.
func (w *wired) eventually(texts ...string) {
	w.t.Helper()
	var want []string
	for _, text := range texts {
		want = append(want, text, "call "+text)
	}
	require.EventuallyWithT(w.t, func(c *assert.CollectT) { assert.ElementsMatch(c, want, w.inPlace()) }, harness.Patience, time.Millisecond)
}

// TestScrambledReplays: an event that came under one secret doesn't come again under another.
func TestScrambledReplays(t *testing.T) {
	k := harness.NewKeys()
	first, second := cryptobox.GenerateScrambleSecret(), cryptobox.GenerateScrambleSecret()
	ring := harness.ClosedRing(t, k.ResponderKey())
	require.NoError(t, ring.Scramble(below, first))
	require.NoError(t, ring.AddScramble(below, second, keyring.Dates{ActiveFrom: time.Now().Add(time.Hour)}))
	require.NoError(t, ring.AllowClear(below, time.Now().Add(time.Hour)))
	forge := holds(t, k.OriginatorKey())
	forms := []func(string) string{scrambling(t, first, harness.Realm), scrambling(t, second, harness.Realm), func(uri string) string { return uri }}
	for _, p := range []keyring.Pattern{keyring.Exact(below + "a.x"), keyring.Prefix(below + "a."), keyring.Prefix(below)} {
		w := plugged(t, ring)
		w.asks(p)
		for i, form := range forms {
			event, call := w.sealed(below+"a.x", forge, cryptobox.KindPublish), w.sealed(below+"a.x", forge, cryptobox.KindCall)
			w.event(said{form(p.URI), form(below + "a.x")}, event)
			w.invocation(said{form(p.URI), form(below + "a.x")}, call)
			require.Len(t, w.got, i+1)
			require.Len(t, w.served, i+1)
			for _, other := range forms {
				at := said{other(p.URI), other(below + "a.x")}
				w.event(at, event)
				w.invocation(at, call)
			}
			require.Len(t, w.got, i+1)
			require.Len(t, w.served, i+1)
			require.Len(t, w.refused, (i+1)*2*len(forms))
			for _, err := range w.refused {
				harness.RequireReason(t, err, transparency.Replayed)
			}
		}
	}
}

// TestScrambledRefusalsSayNothing: the answer to an invocation that is refused doesn't tell for
// which scrambled procedures the ring has keys.
func TestScrambledRefusalsSayNothing(t *testing.T) {
	k, secret := harness.NewKeys(), cryptobox.GenerateScrambleSecret()
	text := scrambling(t, secret, harness.Realm)
	ring := keyring.New()
	require.NoError(t, ring.Set(keyring.Exact(below+"a.known"), k.ResponderKey()))
	require.NoError(t, ring.Scramble(below, secret))
	w := plugged(t, ring)
	w.asks(keyring.Prefix(below + "a."))
	payloads := map[string]wamp.Dict{"plain": nil, "sealed": w.sealed(below+"a.other", holds(t, k.OriginatorKey()), cryptobox.KindCall), "parts": {"enc": 5}}
	shape := func(named string, details, kwargs wamp.Dict) string {
		d := wamp.Dict{"procedure": named}
		for name, v := range details {
			d[name] = v
		}
		res := w.calls[text(below+"a.")](t.Context(), &wamp.Invocation{Details: d, Arguments: wamp.List{}, ArgumentsKw: kwargs})
		size := 0
		if enc, ok := res.Kwargs["enc"]; ok {
			size = len(fmt.Sprint(enc))
		}
		return fmt.Sprint(res.Err, len(res.Args), len(res.Kwargs), size > 0)
	}
	for name, kwargs := range payloads {
		require.Equal(t, shape(text(below+"a.known"), nil, kwargs), shape(text(below+"a.madeup"), nil, kwargs), name)
	}
	passthru := wamp.Dict{"ppt_scheme": "wamp", "ppt_cipher": "xsalsa20poly1305", "ppt_serializer": "cbor"}
	require.Equal(t, shape(text(below+"a.known"), passthru, nil), shape(text(below+"a.madeup"), passthru, nil))
	for _, err := range w.refused {
		require.NotContains(t, err.Error(), "known")
		require.NotContains(t, err.Error(), "madeup")
	}
}

// TestScrambledLaterChunks: a chunk that the router gives to another procedure is refused, by
// whatever name.
func TestScrambledLaterChunks(t *testing.T) {
	k, secret := harness.NewKeys(), cryptobox.GenerateScrambleSecret()
	text := scrambling(t, secret, harness.Realm)
	forge := holds(t, k.OriginatorKey())
	for _, named := range []string{text(below + "a.y"), below + "a.x", "com.plain.x"} {
		w := plugged(t, scrambledRing(t, k.ResponderKey(), secret))
		var chunks []any
		require.NoError(t, w.Session.Register(below+"a.", collecting(&chunks), matching(keyring.Prefix(below+"a."))))
		serve := w.calls[text(below+"a.")]
		ctx := t.Context()
		first, token := forge.SealToken(below+"a.x", forge.Bind(cryptobox.KindCallProgress, nil), "first")
		res := serve(ctx, &wamp.Invocation{Request: 1, Details: wamp.Dict{"procedure": text(below + "a.x"), "progress": true}, ArgumentsKw: first})
		require.Equal(t, wamp.InternalProgressiveOmitResult, res.Err)
		last := forge.Seal(below+"a.x", forge.Bind(cryptobox.KindCall, func(b *harness.Bound) { b.Re, b.Seq = token, 1 }), "last")
		res = serve(ctx, &wamp.Invocation{Request: 1, Details: wamp.Dict{"procedure": named}, ArgumentsKw: last})
		require.NotEqual(t, wamp.URI(""), res.Err)
		require.Equal(t, []any{"first"}, chunks)
		harness.RequireReason(t, w.refused[0], transparency.WrongURI)
	}
}

// TestScrambledFlood: names that a router makes up cost no more memory than others, and little
// time.
func TestScrambledFlood(t *testing.T) {
	k := harness.NewKeys()
	ring := harness.ClosedRing(t, k.ResponderKey())
	var last cryptobox.ScrambleSecret
	for i := range 8 {
		last = cryptobox.GenerateScrambleSecret()
		require.NoError(t, ring.AddScramble(below, last, keyring.Dates{ActiveFrom: time.Now().Add(time.Duration(i-10) * time.Hour)}))
	}
	for i := range 200 {
		require.NoError(t, ring.Set(keyring.Exact(fmt.Sprintf("%sa.%d", below, i)), k.ResponderKey()))
	}
	w := plugged(t, ring)
	w.asks(keyring.Prefix(below))
	forge, text := holds(t, k.OriginatorKey()), scrambling(t, last, harness.Realm)
	w.takes(said{below, text(below + "a.x")}, below+"a.x", forge)
	w.got, w.served = nil, nil
	kwargs := w.sealed(below+"a.x", forge, cryptobox.KindPublish)
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	began, size := time.Now(), floodSize(t)
	for i := range size {
		w.event(said{below, text(fmt.Sprintf("%sa.%d.made up", below, i))}, kwargs)
		w.refused = nil
	}
	took := time.Since(began)
	runtime.GC()
	runtime.ReadMemStats(&after)
	require.Empty(t, w.got)
	require.Less(t, int64(after.HeapAlloc)-int64(before.HeapAlloc), int64(4<<20))
	require.Less(t, took/time.Duration(size), 2*time.Millisecond)
	w.takes(said{below, text(below + "a.x")}, below+"a.x", forge)
	t.Logf("%v a message; heap %+d KiB", took/time.Duration(size), (int64(after.HeapAlloc)-int64(before.HeapAlloc))/1024)
}
