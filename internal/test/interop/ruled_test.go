package interop_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/router"
	"github.com/gammazero/nexus/v3/router/auth"
	"github.com/gammazero/nexus/v3/transport/serialize"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/interop"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/proxy"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/testrouter"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// ruled is a router that lets each role do what its rules say, and no more, behind a tap.
type ruled struct {
	live
	tap *proxy.Proxy
	log func() string // all that it has logged, URIs among it
}

// eachRuled runs a test at Crossbar.io and at nexus, with rules of the test's making.
func eachRuled(t *testing.T, rules interop.Rules, test func(r ruled)) {
	t.Run("crossbar", func(t *testing.T) {
		l := startLive(t)
		node := l.suite.RuledNode(t, rules)
		test(ruled{l, proxy.Start(t, node.AuthURL()), node.Log})
	})
	t.Run("nexus", func(t *testing.T) {
		var log harness.Buffer
		r := testrouter.StartLogging(t, &router.RealmConfig{
			URI: interop.Realm, Authorizer: authorizer(rules), StrictURI: true, EnableMetaKill: true,
			Authenticators: []auth.Authenticator{auth.NewTicketAuthenticator(tickets(rules), 0)},
		}, &log)
		test(ruled{live{T: t, ctx: within(t), secrets: newSecrets()}, proxy.Start(t, r.WebSocketURL()), log.String})
	})
}

// config is how a client joins in a role.
func (r ruled) config(role string) client.Config {
	cfg := harness.Config(serialize.MSGPACK)
	cfg.ResponseTimeout = patience
	cfg.HelloDetails = wamp.Dict{"authid": role}
	cfg.AuthHandlers = map[string]client.AuthFunc{
		"ticket": func(*wamp.Challenge) (string, wamp.Dict) { return interop.Ticket, wamp.Dict{} },
	}
	return cfg
}

// join opens a Session in a role.
func (r ruled) join(role string, ring *keyring.Ring, opts ...transparency.Option) *transparency.Session {
	r.Helper()
	s, err := transparency.ConnectNet(r.ctx, r.tap.URL(), r.config(role), ring, opts...)
	require.NoError(r, err)
	r.Cleanup(func() { require.NoError(r, s.Close()) })
	return s
}

// joinPlain opens one of nexus's own clients.
func (r ruled) joinPlain(role string) *client.Client {
	r.Helper()
	c, err := client.ConnectNet(r.ctx, r.tap.URL(), r.config(role))
	require.NoError(r, err)
	r.Cleanup(func() { require.NoError(r, c.Close()) })
	return c
}

// refused expects that the router has refused something.
func (r ruled) refused(err error) {
	r.Helper()
	require.ErrorContains(r, err, string(wamp.ErrNotAuthorized))
}

// tickets is the key store of a nexus router, with a role for each name.
type tickets interop.Rules

var errNobody = errors.New("nobody of that name")

func (s tickets) AuthKey(authid, _ string) ([]byte, error) {
	_, err := s.AuthRole(authid)
	return []byte(interop.Ticket), err
}

func (s tickets) AuthRole(authid string) (string, error) {
	if _, known := s[authid]; !known {
		return "", errNobody
	}
	return authid, nil
}

func (s tickets) PasswordInfo(string) (salt string, keylen, iterations int) { return "", 0, 0 }

func (s tickets) Provider() string { return "static" }

// authorizer has nexus keep to rules: a role may do what one of its rules that match allows.
// A pattern that is asked for needs a prefix that covers it, as with Crossbar.io.
type authorizer interop.Rules

// Authorize implements [router.Authorizer].
func (a authorizer) Authorize(s *wamp.Session, message wamp.Message) (bool, error) {
	var action string
	var asked keyring.Pattern
	switch m := message.(type) {
	case *wamp.Publish:
		action, asked = "publish", keyring.Exact(string(m.Topic))
	case *wamp.Call:
		action, asked = "call", keyring.Exact(string(m.Procedure))
	case *wamp.Subscribe:
		action, asked = "subscribe", matched(string(m.Topic), m.Options)
	case *wamp.Register:
		action, asked = "register", matched(string(m.Procedure), m.Options)
	default:
		return true, nil
	}
	role, _ := wamp.AsString(s.Details["authrole"])
	return slices.ContainsFunc(a[role], func(rule interop.Rule) bool {
		p := matched(rule.URI, wamp.Dict{"match": rule.Match})
		if p.Match == keyring.MatchPrefix {
			return rule.Allow[action] && strings.HasPrefix(asked.URI, p.URI)
		}
		return rule.Allow[action] && asked.Match == keyring.MatchExact && p.Matches(asked.URI)
	}), nil
}

func matched(uri string, options wamp.Dict) keyring.Pattern {
	name, _ := wamp.AsString(options["match"])
	match, err := keyring.ParseMatch(name)
	if err != nil {
		panic(fmt.Sprintf("a test asked for %q: %v", name, err))
	}
	return keyring.Pattern{URI: uri, Match: match}
}

// matching are the options with which a pattern is asked for.
func matching(p keyring.Pattern) wamp.Dict { return wamp.Dict{"match": p.Match.String()} }

// allow gives the rules for a pattern in each form that routers get of it, which are those that
// "wampbox uri" prints for administrators.
func allow(t *testing.T, ring *keyring.Ring, p keyring.Pattern, actions ...string) (rules []interop.Rule) {
	t.Helper()
	forms, _, err := ring.Forms(interop.Realm).Receive(p)
	require.NoError(t, err)
	allowed := map[string]bool{}
	for _, action := range actions {
		allowed[action] = true
	}
	for _, f := range forms {
		rules = append(rules, interop.Rule{URI: f.URI(p.URI), Match: p.Match.String(), Allow: allowed, Cache: true})
	}
	return rules
}

// eventually waits until something is so.
func (r ruled) eventually(is func() bool) {
	r.Helper()
	for !is() {
		require.NoError(r, r.ctx.Err())
		time.Sleep(20 * time.Millisecond)
	}
}
