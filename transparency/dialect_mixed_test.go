package transparency_test

import (
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/handrouter"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// with is p to a far end that speaks another dialect.
func (p *played) with(d dialect, far keyring.Key) *played {
	p.t.Helper()
	other := *p
	other.dialect, other.Forger = d, harness.Holding(p.t, harness.RingOf(p.t, far))
	return &other
}

// TestOneSessionSpeaksAllDialects: to peers of each at once, over one connection, in both
// roles.
func TestOneSessionSpeaksAllDialects(t *testing.T) {
	for _, encoding := range handrouter.Serializers {
		t.Run(encoding, func(t *testing.T) {
			in, out := map[string]*played{}, map[string]*played{}
			p := play(t, ours, handrouter.WebSocket, encoding, harness.NewKeys().OriginatorKey(), harness.NewKeys().ResponderKey())
			for _, d := range dialects {
				k := harness.NewKeys().In(d.Dialect)
				require.NoError(t, p.ring.Set(keyring.Prefix("com.in."+d.String()+"."), k.ResponderKey()))
				require.NoError(t, p.ring.Set(keyring.Prefix("com.out."+d.String()+"."), k.OriginatorKey()))
				in["com.in."+d.String()+".x"] = p.with(d, k.OriginatorKey())
				out["com.out."+d.String()+".x"] = p.with(d, k.ResponderKey())
			}
			args, kwargs := secretPayload()
			id := 1000
			for uri, far := range in {
				id++
				got := make(chan *wamp.Event, 1)
				harness.Confirmed(t, p.Conn, func() error { return p.Subscribe(uri, func(ev *wamp.Event) { got <- ev }, nil) }, id)
				harness.Confirmed(t, p.Conn, func() error {
					return p.Register(uri, answering(client.InvokeResult{Args: args, Kwargs: kwargs}), nil)
				}, id)
				far.deliver(secretRecord(uri, far.Bind(cryptobox.KindPublish, nil)), wamp.EVENT, id, publication, wamp.Dict{})
				ev := harness.Receive(t, got)
				requireSecret(t, ev.Arguments, ev.ArgumentsKw)
				requireProved(t, far, ev.Details, cryptobox.KindPublish, nil)
			}
			// All calls are in flight before the first is answered.
			id = 1000
			first := map[string]cryptobox.Token{}
			for uri, far := range in {
				id++
				first[uri] = far.deliver(secretRecord(uri, far.Bind(cryptobox.KindCall, nil)), wamp.INVOCATION, id, registrationOf(t, p, uri), wamp.Dict{})
				_, record, _ := far.sealedMessage(wamp.YIELD, id, wamp.Dict{})
				requireRecord(t, far, record, uri, cryptobox.KindResult, first[uri], 0)
			}
			type pending struct {
				request any
				token   cryptobox.Token
				done    <-chan harness.Outcome
			}
			calls := map[string]pending{}
			for uri, far := range out {
				require.NoError(t, p.Publish(uri, nil, args, kwargs))
				_, record, _ := far.sealedMessage(wamp.PUBLISH, nil, wamp.Dict{}, uri)
				requireRecord(t, far, record, uri, cryptobox.KindPublish, cryptobox.Token{}, 0)
				done := p.calling(uri, args, kwargs, nil)
				call, _, token := far.sealedMessage(wamp.CALL, nil, wamp.Dict{}, uri)
				calls[uri] = pending{call[1], token, done}
			}
			for uri, far := range out {
				call := calls[uri]
				far.deliver(secretRecord(uri, far.answer(cryptobox.KindResult, call.token, 0)), wamp.RESULT, call.request, wamp.Dict{})
				got := harness.Receive(t, call.done)
				require.NoError(t, got.Err)
				requireSecret(t, got.Result.Arguments, got.Result.ArgumentsKw)
				requireProved(t, far, got.Result.Details, cryptobox.KindResult, nil)
			}
			require.Zero(t, p.refused.Count())
		})
	}
}

func registrationOf(t *testing.T, p *played, uri string) wamp.ID {
	t.Helper()
	id, ok := p.RegistrationID(uri)
	require.True(t, ok)
	return id
}

// TestOneSessionOnNexus: to peers of ours and of payload passthru mode, which is all that
// nexus carries.
func TestOneSessionOnNexus(t *testing.T) {
	const passthruPrefix = "com.myapp.passthru."
	for i, l := range links {
		t.Run(l.name, func(t *testing.T) {
			r := startRouter(t)
			k, foreign := harness.NewKeys(), harness.NewKeys().In(cryptobox.Passthru)
			ring := harness.RingOf(t, k.OriginatorKey())
			require.NoError(t, ring.Set(keyring.Prefix(passthruPrefix), foreign.OriginatorKey()))
			refused, option := harness.Collect()
			s := l.session(t, r, ring, option)
			other := links[(i+3)%len(links)]
			peer := other.session(t, r, harness.RingOf(t, k.ResponderKey()), option)
			theirs := keyring.New()
			require.NoError(t, theirs.Set(keyring.Prefix(passthruPrefix), foreign.ResponderKey()))
			foreigner := other.session(t, r, theirs, option)
			for range 2 {
				exchange(t, s, peer, harness.Prefix+"uri")
				exchange(t, s, foreigner, passthruPrefix+"uri")
				require.NoError(t, peer.Unsubscribe(harness.Prefix+"uri.topic"))
				require.NoError(t, foreigner.Unsubscribe(passthruPrefix+"uri.topic"))
			}
			require.Zero(t, refused.Count())
		})
	}
}

// end is a version of a pattern's key, and who holds the other half.
type end struct {
	name string
	dialect
	k   harness.Keys
	far *harness.Forger
}

// severalEnds are versions in each dialect, and in two suites of ours.
func severalEnds(t *testing.T, far func(harness.Keys) keyring.Key) (ends []end) {
	t.Helper()
	xbox := harness.NewKeys()
	xbox.Suite = cryptobox.SuiteXBox
	for _, e := range []end{
		{"box", ours, harness.NewKeys(), nil},
		{"another box", ours, harness.NewKeys(), nil},
		{"xbox", ours, xbox, nil},
		{"autobahn", autobahn, harness.NewKeys().In(cryptobox.Autobahn), nil},
		{"passthru", passthru, harness.NewKeys().In(cryptobox.Passthru), nil},
	} {
		e.far = harness.Holding(t, harness.RingOf(t, far(e.k)))
		ends = append(ends, e)
	}
	return ends
}

// withVersions has a Session's pattern have a version of each end, of which the one at index
// active seals.
func withVersions(t *testing.T, ends []end, active int, own func(harness.Keys) keyring.Key) *played {
	t.Helper()
	p := play(t, ours, handrouter.WebSocket, "cbor", own(ends[active].k), harness.NewKeys().OriginatorKey())
	for i, e := range ends {
		if i != active {
			require.NoError(t, p.ring.Add(encrypted, own(e.k), keyring.Dates{ActiveFrom: time.Now().Add(time.Duration(i+1) * time.Hour)}))
		}
	}
	return p
}

// TestVersionsInSeveralDialects: a pattern's versions may differ in dialect and suite. Each
// opens what is sealed for it, and the one whose date has come seals.
func TestVersionsInSeveralDialects(t *testing.T) {
	ends := severalEnds(t, harness.Keys.OriginatorKey)
	for active, sealing := range ends {
		t.Run(sealing.name+" seals", func(t *testing.T) {
			p := withVersions(t, ends, active, harness.Keys.ResponderKey)
			s := serve(p, keyedURI)
			for _, e := range ends {
				s.Forger, s.dialect = e.far, e.dialect
				ev, inv := s.accepts(s.sealedTail(keyedURI, cryptobox.KindPublish, nil), s.sealedTail(keyedURI, cryptobox.KindCall, nil))
				requireProved(t, p, ev.Details, cryptobox.KindPublish, nil)
				requireProved(t, p, inv.Details, cryptobox.KindCall, nil)
			}
			require.Zero(t, p.refused.Count())
		})
	}
	callees := severalEnds(t, harness.Keys.ResponderKey)
	for active, sealing := range callees {
		t.Run(sealing.name+" seals what is sent", func(t *testing.T) {
			p := withVersions(t, callees, active, harness.Keys.OriginatorKey)
			p.Forger, p.dialect = sealing.far, sealing.dialect
			args, kwargs := secretPayload()
			require.NoError(t, p.Publish(keyedURI, nil, args, kwargs))
			_, record, _ := p.sealedMessage(wamp.PUBLISH, nil, wamp.Dict{}, keyedURI)
			requireRecord(t, p, record, keyedURI, cryptobox.KindPublish, cryptobox.Token{}, 0)
		})
	}
}

// TestExchangesKeepTheirDialect: chunks and answers carry suite, key id and dialect of their
// call's first message, although the pattern has other versions that open, too.
func TestExchangesKeepTheirDialect(t *testing.T) {
	t.Run("later chunks", func(t *testing.T) {
		ends := severalEnds(t, harness.Keys.OriginatorKey)
		for _, began := range ends {
			for i, e := range ends {
				if e.name == began.name {
					continue
				}
				t.Run(began.name+" goes on as "+e.name, func(t *testing.T) {
					s := serve(withVersions(t, ends, i, harness.Keys.ResponderKey), keyedURI)
					s.Forger, s.dialect = began.far, began.dialect
					token := s.deliver(secretRecord(keyedURI, s.Bind(cryptobox.KindCallProgress, nil)), wamp.INVOCATION, 1, registration, wamp.Dict{"progress": true})
					harness.Receive(t, s.served)
					bind := s.answer(cryptobox.KindCall, token, 1) // of the same sender
					s.Forger, s.dialect = e.far, e.dialect
					s.deliver(secretRecord(keyedURI, bind), wamp.INVOCATION, 1, registration, wamp.Dict{})
					harness.RequireReason(t, s.refused.Next(t), transparency.NotOpened)
					harness.Nothing(t, s.served)
				})
			}
		}
	})
	t.Run("answers", func(t *testing.T) {
		ends := severalEnds(t, harness.Keys.ResponderKey)
		for active, began := range ends {
			p := withVersions(t, ends, active, harness.Keys.OriginatorKey)
			for _, e := range ends {
				if e.name == began.name {
					continue
				}
				for _, kind := range []cryptobox.Kind{cryptobox.KindResult, cryptobox.KindProgress, cryptobox.KindError, cryptobox.KindRefusal} {
					t.Run(began.name+" is answered as "+e.name+" with "+kind.String(), func(t *testing.T) {
						p.t = t
						p.Forger, p.dialect = began.far, began.dialect
						var progress client.ProgressHandler
						options := wamp.Dict{}
						if kind == cryptobox.KindProgress {
							progress = func(*wamp.Result) { t.Error("delivered") }
							options["receive_progress"] = true
						}
						done := p.calling(keyedURI, nil, nil, progress)
						call, _, token := p.sealedMessage(wamp.CALL, nil, options, keyedURI)
						p.Forger, p.dialect = e.far, e.dialect
						bind := p.answer(kind, token, 0)
						head, uri := []any{wamp.RESULT, call[1], wamp.Dict{"progress": kind == cryptobox.KindProgress}}, keyedURI
						switch kind {
						case cryptobox.KindError, cryptobox.KindRefusal:
							head = []any{wamp.ERROR, wamp.CALL, call[1], wamp.Dict{}, "wampbox.error"}
							uri = harness.Prefix + "error1"
						}
						record := secretRecord(uri, bind)
						if kind == cryptobox.KindRefusal {
							record.URI, record.Realm, record.Kwargs = "", "", nil
							record.Args = []any{"Stale", time.Now().UnixMilli()}
						}
						p.deliver(record, head...)
						if kind == cryptobox.KindProgress { // the call is cancelled
							p.plainMessage(wamp.CANCEL, call[1], map[string]any{"mode": "killnowait"})
							p.Send(wamp.ERROR, wamp.CALL, call[1], wamp.Dict{}, "wamp.error.canceled")
						}
						harness.RequireReason(t, harness.Receive(t, done).Err, transparency.NotOpened)
					})
				}
			}
		}
	})
}
