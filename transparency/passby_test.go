package transparency_test

import (
	"context"
	"maps"
	"testing"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/passby"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/testrouter"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// The URIs of a key service.
const (
	keyGet     = "wampbox.keyring.get"
	keyChanged = "wampbox.keyring.changed"
	keyError   = wamp.URI("wampbox.keyring.error.busy")
)

// reserving is a ring that has a key for every URI, but for what is reserved.
func reserving(t testing.TB) *keyring.Ring {
	t.Helper()
	ring := keyring.New()
	require.NoError(t, ring.Set(keyring.Prefix(""), harness.NewKeys().PairKey()))
	require.NoError(t, ring.Reserve("wampbox."))
	return ring
}

// past gives options with which a client's messages pass its ring by.
func past(c transparency.Client) wamp.Dict { return passby.Options(c, "wampbox.") }

// keyService answers a get with what it was asked, and one of nothing with an error.
func keyService(_ context.Context, inv *wamp.Invocation) client.InvokeResult {
	if len(inv.Arguments) == 0 {
		return client.InvokeResult{Err: keyError, Args: wamp.List{"later"}, Kwargs: wamp.Dict{"in": "a while"}}
	}
	return client.InvokeResult{Args: inv.Arguments}
}

// refusesAll is a validator for which nothing is valid.
type refusesAll struct{}

func (refusesAll) Covers(cryptobox.Kind, string) bool { return true }
func (refusesAll) Validate(*transparency.Payload) error {
	return &transparency.InvalidError{Why: "nothing is valid"}
}

// TestPassBy: the key service's messages go and come in plain, whatever the ring says, between
// two Sessions and to a client that knows of no keys, over each link.
func TestPassBy(t *testing.T) {
	ways := map[string]func(t *testing.T, r *testrouter.Router, l link) transparency.Client{
		"Session": func(t *testing.T, r *testrouter.Router, l link) transparency.Client {
			return l.session(t, r, reserving(t))
		},
		"validating": func(t *testing.T, r *testrouter.Router, l link) transparency.Client {
			return l.session(t, r, reserving(t), transparency.WithValidator(refusesAll{}))
		},
		"wrapped": func(t *testing.T, r *testrouter.Router, l link) transparency.Client {
			s, err := transparency.Wrap(l.plain(t, r), harness.Realm, reserving(t))
			require.NoError(t, err)
			return s
		},
		"nexus": func(t *testing.T, r *testrouter.Router, l link) transparency.Client { return l.plain(t, r) },
	}
	for _, l := range links {
		for serving, connect := range ways {
			t.Run(l.name+"/"+serving, func(t *testing.T) {
				r := startRouter(t)
				server := connect(t, r, l)
				require.NoError(t, server.Register(keyGet, keyService, past(server)))
				for asking, connect := range ways {
					passes(t, asking, server, connect(t, r, l))
				}
				require.NoError(t, server.Unregister(keyGet))
			})
		}
	}
}

func passes(t *testing.T, name string, server, member transparency.Client) {
	t.Helper()
	changed := events(t, member, keyChanged, past(member))
	options := past(member)
	before := maps.Clone(options)
	result, err := member.Call(harness.Timeout(t), keyGet, options, wamp.List{[]byte("a get")}, nil, nil)
	require.NoError(t, err, name)
	require.Equal(t, before, options, "the caller's own map")
	var got []byte // base64 where a link is of JSON
	require.NoError(t, transparency.Decode(result.Arguments[0], &got))
	require.Equal(t, "a get", string(got))
	_, sealed := transparency.InfoFrom(result.Details)
	require.False(t, sealed)

	_, err = member.Call(harness.Timeout(t), keyGet, past(member), nil, nil, nil)
	raised := harness.Raised(t, err)
	require.Equal(t, keyError, raised.Error)
	require.Equal(t, wamp.List{"later"}, raised.Arguments)
	require.Equal(t, wamp.Dict{"in": "a while"}, raised.ArgumentsKw)

	require.NoError(t, server.Publish(keyChanged, past(server), nil, nil))
	event := harness.Receive(t, changed)
	require.Empty(t, event.Arguments)
	require.Empty(t, event.ArgumentsKw)
	_, sealed = transparency.InfoFrom(event.Details)
	require.False(t, sealed)
	require.NoError(t, member.Unsubscribe(keyChanged))
}

// TestPassByIsntSent: no router sees the option, and what it is sent with is.
func TestPassByIsntSent(t *testing.T) {
	s, r := driven(t, reserving(t))
	with := func(name string) wamp.Dict {
		options := past(s)
		options[name] = "x"
		return options
	}
	done := harness.Go(func() error { return s.Publish(keyChanged, with("a"), nil, nil) })
	sent := r.next().(*wamp.Publish)
	require.Equal(t, wamp.Dict{"a": "x"}, sent.Options)
	require.Empty(t, sent.ArgumentsKw)
	require.NoError(t, harness.Receive(t, done))

	done = harness.Go(func() error { return s.Subscribe(keyChanged, func(*wamp.Event) {}, with("b")) })
	subscribe := r.next().(*wamp.Subscribe)
	require.Equal(t, wamp.Dict{"b": "x"}, subscribe.Options)
	r.send(&wamp.Subscribed{Request: subscribe.Request, Subscription: 1})
	require.NoError(t, harness.Receive(t, done))

	done = harness.Go(func() error { return s.Register(keyGet, keyService, with("invoke")) })
	register := r.next().(*wamp.Register)
	require.Equal(t, wamp.Dict{"invoke": "x"}, register.Options)
	r.send(&wamp.Registered{Request: register.Request, Registration: 2})
	require.NoError(t, harness.Receive(t, done))

	done = harness.Go(func() error {
		_, err := s.Call(harness.Timeout(t), keyGet, with("c"), wamp.List{"get"}, nil, nil)
		return err
	})
	call := r.next().(*wamp.Call)
	require.Equal(t, wamp.Dict{"c": "x"}, call.Options)
	require.Equal(t, wamp.List{"get"}, call.Arguments)
	r.send(&wamp.Result{Request: call.Request, Details: wamp.Dict{}})
	require.NoError(t, harness.Receive(t, done))
}

// TestOnlyTheKeyServicePassesBy: without the option its URIs are reserved, with it only they
// pass, and no application can make it.
func TestOnlyTheKeyServicePassesBy(t *testing.T) {
	r := startRouter(t)
	s := local.session(t, r, reserving(t))
	require.Equal(t, wamp.Dict{}, past(local.plain(t, r)), "a client without a ring would send it")
	verbs := map[string]func(uri string, options wamp.Dict) error{
		"publish":   func(uri string, o wamp.Dict) error { return s.Publish(uri, o, nil, nil) },
		"subscribe": func(uri string, o wamp.Dict) error { return s.Subscribe(uri, func(*wamp.Event) {}, o) },
		"channel":   func(uri string, o wamp.Dict) error { return s.SubscribeChan(uri, make(chan *wamp.Event), o) },
		"register":  func(uri string, o wamp.Dict) error { return s.Register(uri, keyService, o) },
		"call": func(uri string, o wamp.Dict) error {
			_, err := s.Call(harness.Timeout(t), uri, o, nil, nil, nil)
			return err
		},
	}
	for name, verb := range verbs {
		for _, uri := range []string{keyGet, keyChanged, "wampbox.keyring.getx", "wampbox.", "wampbox.anything"} {
			harness.RequireReason(t, verb(uri, nil), transparency.ReservedOption)
			harness.RequireReason(t, verb(uri, wamp.Dict{"enc_pass_by": "wampbox."}), transparency.ReservedOption)
			harness.RequireReason(t, verb(uri, wamp.Dict{"enc_pass_by": true}), transparency.ReservedOption)
		}
		for _, uri := range []string{"com.x", harness.Prefix + "keyring.get", "wampbox.keyring.getx", "wampbox.keyring.", "wampbox.", "xwampbox.keyring.get", "keyring.get", "wampbox.error", ""} {
			harness.RequireReason(t, verb(uri, past(s)), transparency.Misuse)
		}
		harness.RequireReason(t, verb(keyGet, passby.Options(s, "other.")), transparency.Misuse)
		if name == "publish" || name == "call" {
			continue
		}
		for _, match := range []string{wamp.MatchPrefix, wamp.MatchWildcard} {
			options := past(s)
			options[wamp.OptMatch] = match
			harness.RequireReason(t, verb(keyGet, options), transparency.Misuse)
			harness.RequireReason(t, verb("wampbox..get", wamp.Dict{wamp.OptMatch: match}), transparency.ReservedOption)
		}
	}
	_, err := s.CallProgressive(harness.Timeout(t), keyGet, func(context.Context) (wamp.Dict, wamp.List, wamp.Dict, error) {
		return past(s), nil, nil, nil
	}, nil)
	harness.RequireReason(t, err, transparency.ReservedOption)
	_, err = s.Call(harness.Timeout(t), string(wamp.MetaProcSessionAddTestament), nil, wamp.List{keyChanged, wamp.List{}, wamp.Dict{}}, nil, nil)
	harness.RequireReason(t, err, transparency.ReservedOption)
	harness.RequireReason(t, s.Publish(keyChanged, past(s), nil, wamp.Dict{"enc": "x"}), transparency.ReservedOption)
}

// TestPassByIsForWhatIsAsked: an answer isn't sent with it, and errors under the prefix are the
// service's alone.
func TestPassByIsForWhatIsAsked(t *testing.T) {
	r := startRouter(t)
	refused, option := harness.Collect()
	ring := reserving(t)
	s := local.session(t, r, ring, option)
	require.NoError(t, s.Register("com.x.options", func(context.Context, *wamp.Invocation) client.InvokeResult {
		return client.InvokeResult{Options: past(s)}
	}, nil))
	require.NoError(t, s.Register("com.x.error", func(context.Context, *wamp.Invocation) client.InvokeResult {
		return client.InvokeResult{Err: keyError}
	}, nil))
	caller := local.session(t, r, ring)
	for _, procedure := range []string{"com.x.options", "com.x.error"} {
		_, err := caller.Call(harness.Timeout(t), procedure, nil, nil, nil, nil)
		require.Equal(t, wamp.URI("wamp.error.runtime_error"), harness.Raised(t, err).Error)
		harness.RequireReason(t, refused.Next(t), transparency.ReservedOption)
	}
}

// TestPatternsGetNothingReserved: who subscribes or registers by a pattern is no part of the
// key service, though all else is plain.
func TestPatternsGetNothingReserved(t *testing.T) {
	r := startRouter(t)
	ring := keyring.New()
	ring.PlainUnlessKeyed()
	require.NoError(t, ring.Reserve("wampbox."))
	refused, option := harness.Collect()
	s := local.session(t, r, ring, option)
	all := events(t, s, "wampbox", wamp.Dict{wamp.OptMatch: wamp.MatchPrefix})
	some := events(t, s, ".keyring.changed", wamp.Dict{wamp.OptMatch: wamp.MatchWildcard})
	require.NoError(t, s.Register("wampbox", keyService, wamp.Dict{wamp.OptMatch: wamp.MatchPrefix}))

	other := local.plain(t, r)
	require.NoError(t, other.Publish(keyChanged, nil, nil, nil))
	for range 2 {
		harness.RequireReason(t, refused.Next(t), transparency.ReservedOption)
	}
	_, err := other.Call(harness.Timeout(t), keyGet, nil, wamp.List{"get"}, nil, nil)
	harness.RequireOpaque(t, harness.OpaquePlain, harness.Raised(t, err).Error, nil, nil)
	harness.RequireReason(t, refused.Next(t), transparency.ReservedOption)
	require.NoError(t, other.Publish("wampboxes.keyring.changed", nil, nil, nil))
	require.Equal(t, wamp.URI("wampboxes.keyring.changed"), harness.Receive(t, all).Details["topic"])
	require.Equal(t, wamp.URI("wampboxes.keyring.changed"), harness.Receive(t, some).Details["topic"])
	require.Empty(t, all)
	require.Empty(t, some)
}

// TestSealedDoesntPassBy: what is sealed has no business there, whole or in parts.
func TestSealedDoesntPassBy(t *testing.T) {
	ring := reserving(t)
	forger := harness.Holding(t, ring)
	enc := forger.Seal(keyGet, forger.Bind(cryptobox.KindCall, nil), "x")
	for name, payload := range map[string]struct{ details, kwargs wamp.Dict }{
		"sealed":            {nil, enc},
		"parts":             {nil, wamp.Dict{"enc": "x", "more": 1}},
		"an option of ours": {wamp.Dict{"enc_algo": "cryptobox"}, nil},
		"passthru":          {wamp.Dict{"ppt_scheme": "wamp"}, nil},
	} {
		for connected, connect := range map[string]func(testing.TB, *keyring.Ring, ...transparency.Option) (*transparency.Session, *handDriven){"own": driven, "nexus": drivenNexus} {
			if name == "passthru" && connected == "nexus" {
				continue // it ends the process before a Session sees it
			}
			t.Run(name+"/"+connected, func(t *testing.T) {
				refused, option := harness.Collect()
				s, r := connect(t, ring, option)
				details := func(more wamp.Dict) wamp.Dict {
					all := maps.Clone(payload.details)
					if all == nil {
						all = wamp.Dict{}
					}
					maps.Copy(all, more)
					return all
				}
				got := make(chan *wamp.Event, 1)
				done := harness.Go(func() error { return s.Subscribe(keyChanged, func(e *wamp.Event) { got <- e }, past(s)) })
				r.send(&wamp.Subscribed{Request: r.next().(*wamp.Subscribe).Request, Subscription: 1})
				require.NoError(t, harness.Receive(t, done))
				r.send(&wamp.Event{Subscription: 1, Publication: 1, Details: details(nil), ArgumentsKw: payload.kwargs})
				harness.RequireReason(t, refused.Next(t), transparency.Malformed)

				called := make(chan struct{}, 1)
				r.register(s, 2, keyGet, func(context.Context, *wamp.Invocation) client.InvokeResult {
					called <- struct{}{}
					return client.InvokeResult{}
				}, past(s))
				r.send(&wamp.Invocation{Request: 1, Registration: 2, Details: details(nil), ArgumentsKw: payload.kwargs})
				harness.RequireReason(t, refused.Next(t), transparency.Malformed)
				require.IsType(t, &wamp.Error{}, r.next())
				if connected == "own" { // a later chunk
					r.register(s, 3, keyChanged, func(context.Context, *wamp.Invocation) client.InvokeResult {
						return client.InvokeResult{Err: wamp.InternalProgressiveOmitResult}
					}, past(s))
					progress := wamp.Dict{wamp.OptProgress: true}
					r.send(&wamp.Invocation{Request: 2, Registration: 3, Details: progress})
					r.send(&wamp.Invocation{Request: 2, Registration: 3, Details: details(progress), ArgumentsKw: payload.kwargs})
					harness.RequireReason(t, refused.Next(t), transparency.Malformed)
					require.IsType(t, &wamp.Error{}, r.next())
				}

				for _, raises := range []bool{false, true} {
					done = harness.Go(func() error {
						_, err := s.Call(harness.Timeout(t), keyGet, past(s), nil, nil, nil)
						return err
					})
					request := r.next().(*wamp.Call).Request
					if raises {
						r.send(&wamp.Error{Type: wamp.CALL, Request: request, Details: details(nil), Error: "wampbox.error", ArgumentsKw: payload.kwargs})
					} else {
						r.send(&wamp.Result{Request: request, Details: details(nil), ArgumentsKw: payload.kwargs})
					}
					harness.RequireReason(t, harness.Receive(t, done), transparency.Malformed)
				}
				require.Empty(t, got)
				require.Empty(t, called)
			})
		}
	}
}
