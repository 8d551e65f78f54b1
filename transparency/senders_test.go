package transparency_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/handrouter"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/proxy"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/testrouter"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// callees are the ways in which a callee gets to its router.
var callees = map[string]func(t *testing.T, r *testrouter.Router, ring *keyring.Ring) *transparency.Session{
	"ConnectLocal": func(t *testing.T, r *testrouter.Router, ring *keyring.Ring) *transparency.Session {
		return local.session(t, r, ring)
	},
	"ConnectNet": func(t *testing.T, r *testrouter.Router, ring *keyring.Ring) *transparency.Session {
		return links[1].session(t, r, ring)
	},
	"Wrap": func(t *testing.T, r *testrouter.Router, ring *keyring.Ring) *transparency.Session {
		s, err := transparency.Wrap(links[2].plain(t, r), harness.Realm, ring)
		require.NoError(t, err)
		return s
	},
}

// TestAllowSenders: those named pass. Others learn from a sealed error that they don't, and
// the router doesn't learn it.
func TestAllowSenders(t *testing.T) {
	for name, connect := range callees {
		t.Run(name, func(t *testing.T) {
			c, r := newCompany(name == "ConnectNet"), startRouter(t)
			callee := connect(t, r, holding(t, c.serving(billing, support, shop)))
			require.NoError(t, callee.Register(harness.Prefix+"x", transparency.AllowSenders(harness.Echo, billing, support), nil))
			require.NoError(t, callee.Register(harness.Prefix+"nobody", transparency.AllowSenders(harness.Echo), nil))
			tap := proxy.Start(t, r.WebSocketURL())
			caller := func(name string) func(procedure string) error {
				s, err := transparency.ConnectNet(t.Context(), tap.URL(), harness.Config(client.MSGPACK), holding(t, c.sending(name)))
				require.NoError(t, err)
				t.Cleanup(func() { _ = s.Close() })
				return func(procedure string) error {
					res, err := s.Call(harness.Timeout(t), harness.Prefix+procedure, nil, wamp.List{name}, nil, nil)
					if err == nil {
						require.Equal(t, wamp.List{name}, res.Arguments)
					}
					return err
				}
			}
			billed, supported, bought := caller(billing), caller(support), caller(shop)
			require.NoError(t, billed("x"))
			require.NoError(t, supported("x"))
			for _, refused := range []error{bought("x"), billed("nobody")} {
				raised := harness.Raised(t, refused)
				require.Equal(t, wamp.ErrNotAuthorized, raised.Error)
				require.Empty(t, raised.Arguments)
				require.Equal(t, c.sender(harness.Responding), senderOf(t, raised.Details))
			}
			for text, shown := range map[string]bool{"not_authorized": false, string(transparency.URIError): true, billing: false} {
				seen, err := tap.Contains(text)
				require.NoError(t, err)
				require.Equal(t, shown, seen, text)
			}
		})
	}
}

// TestOnlyWhatIsSignedPassesAllowSenders: whatever a router says of who called, and whatever
// names a key that isn't signed could have.
func TestOnlyWhatIsSignedPassesAllowSenders(t *testing.T) {
	said := func() wamp.Dict {
		return wamp.Dict{
			"procedure": harness.Prefix + "x", "caller": 7, "caller_authid": billing, "caller_authrole": billing,
			"x_cryptobox_info": transparency.Info{Sender: transparency.Sender{Name: billing}},
		}
	}
	serve := func(t *testing.T, ring *keyring.Ring, names ...string) *scripted {
		s, box := stubbed(t, ring)
		require.NoError(t, s.Register(harness.Prefix+"x", transparency.AllowSenders(func(context.Context, *wamp.Invocation) client.InvokeResult {
			t.Error("it was served")
			return client.InvokeResult{}
		}, names...), nil))
		return box
	}
	for name, ring := range map[string]*keyring.Ring{
		"declared plain":  harness.PlainRing(t),
		"in a transition": harness.AcceptPlain(t, holding(t, newCompany(false).serving(billing))),
		"box, transition": harness.AcceptPlain(t, harness.RingOf(t, harness.NewKeys().ResponderKey())),
	} {
		t.Run(name, func(t *testing.T) {
			box := serve(t, ring, billing, "")
			answer := box.invocation(t.Context(), &wamp.Invocation{Details: said(), Arguments: wamp.List{"plain"}})
			require.Equal(t, client.InvokeResult{Err: wamp.ErrNotAuthorized}, answer)
		})
	}
	for _, s := range schemes {
		if s.Parties() != nil || !strings.HasPrefix(s.name, "wampbox") {
			continue
		}
		t.Run(s.name, func(t *testing.T) {
			box := serve(t, harness.RingOf(t, s.ResponderKey()), billing, "")
			f := harness.NewForger(t, harness.RingOf(t, s.OriginatorKey()), keyring.RoleOriginator)
			answer := box.invocation(t.Context(), &wamp.Invocation{Details: said(), ArgumentsKw: called(f, nil)})
			require.Equal(t, transparency.URIError, answer.Err)
			record, _ := f.Open(answer.Args, answer.Kwargs)
			require.Equal(t, string(wamp.ErrNotAuthorized), record.URI)
		})
	}
}

// TestAllowSendersGoesByTheNameOfNow: a key counts by the name that the ring gives it, and a
// name by all keys that it has.
func TestAllowSendersGoesByTheNameOfNow(t *testing.T) {
	c, r := newCompany(false), startRouter(t)
	ring := holding(t, c.serving(billing, shop))
	callee := local.session(t, r, ring)
	require.NoError(t, callee.Register(harness.Prefix+"x", transparency.AllowSenders(harness.Echo, billing), nil))
	outcome := map[string]func() error{}
	for _, name := range []string{billing, support, shop} {
		s := local.session(t, r, holding(t, c.sending(name)))
		outcome[name] = func() error {
			_, err := s.Call(harness.Timeout(t), harness.Prefix+"x", nil, nil, nil, nil)
			return err
		}
	}
	notAuthorized := func(err error) { require.Equal(t, wamp.ErrNotAuthorized, harness.Raised(t, err).Error) }
	require.NoError(t, outcome[billing]())
	notAuthorized(outcome[shop]())
	harness.RequireRefused(t, outcome[support](), 0)

	second := keyring.Party{Name: billing, Key: c.Party(support).Key}
	require.NoError(t, ring.AddParty(encrypted, keyring.RoleOriginator, second))
	require.NoError(t, outcome[billing]())
	require.NoError(t, outcome[support]())

	require.NoError(t, ring.RemoveParty(encrypted, keyring.RoleOriginator, c.Party(billing)))
	harness.RequireRefused(t, outcome[billing](), 0)
	require.NoError(t, outcome[support]())

	require.NoError(t, ring.AddParty(encrypted, keyring.RoleOriginator, keyring.Party{Name: "invoices", Key: c.Party(billing).Key}))
	notAuthorized(outcome[billing]())
	require.NoError(t, ring.RemoveParty(encrypted, keyring.RoleOriginator, c.Party(shop)))
	require.NoError(t, ring.AddParty(encrypted, keyring.RoleOriginator, keyring.Party{Name: billing, Key: c.Party(shop).Key}))
	require.NoError(t, outcome[shop]())
}

// TestAllowSendersOfNoHandler: that there is none shows when it is registered, not when it is
// called.
func TestAllowSendersOfNoHandler(t *testing.T) {
	s, _ := stubbed(t, harness.PlainRing(t))
	harness.RequireReason(t, s.Register("com.x", transparency.AllowSenders(nil, billing), nil), transparency.Misuse)
}

// TestAllowSendersAcrossAReconnect: the registration that is made again serves the same.
func TestAllowSendersAcrossAReconnect(t *testing.T) {
	c := newCompany(false)
	r := handrouter.Start(t, handrouter.RawSocket, "cbor")
	again := make(chan struct{}, 1)
	p := playOn(t, r, ours, "cbor", keyring.Signed(c.serving(billing, shop)), keyring.Signed(c.sending(billing)),
		transparency.WithReconnect(transparency.ReconnectPolicy{Min: time.Millisecond, OnReconnect: func() { again <- struct{}{} }}))
	p.registered(harness.Prefix+"x", transparency.AllowSenders(harness.Echo, billing))
	request := 0
	calling := func(f *harness.Forger) *harness.Record {
		request++
		p.Send(wamp.INVOCATION, request, registration, wamp.Dict{"caller_authid": billing}, wamp.List{}, called(f, nil))
		answer := p.Next()
		record, _ := p.opens(f, answer)
		return record
	}
	bought := c.forger(t, shop)
	require.Equal(t, cryptobox.KindResult, calling(p.Forger).Kind)
	require.Equal(t, string(wamp.ErrNotAuthorized), calling(bought).URI)
	p.Conn.Close()
	p.Conn = r.Welcome()
	defer p.Conn.Close()
	p.Send(wamp.REGISTERED, p.Next()[1], registration)
	harness.Receive(t, again)
	require.Equal(t, cryptobox.KindResult, calling(p.Forger).Kind)
	require.Equal(t, string(wamp.ErrNotAuthorized), calling(bought).URI)
}

// opens opens what answers an invocation, with the keys of the caller.
func (p *played) opens(f *harness.Forger, answer []any) (*harness.Record, cryptobox.Token) {
	p.t.Helper()
	return f.OpenPayload(p.encOf(answer))
}

// encOf is the payload of the last element of a message.
func (p *played) encOf(message []any) []byte {
	p.t.Helper()
	require.NotEmpty(p.t, message)
	return p.bytesIn(harness.At(p.t, message[len(message)-1], "enc"))
}
