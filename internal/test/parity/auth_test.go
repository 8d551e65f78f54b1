package parity_test

import (
	"crypto/ed25519"
	"crypto/pbkdf2"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"testing"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/router"
	"github.com/gammazero/nexus/v3/router/auth"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/gammazero/nexus/v3/wamp/crsign"
	"github.com/stretchr/testify/require"
)

const (
	user     = "erika"
	password = "open sesame"
	salt     = "a pinch"
)

var signingKey = ed25519.NewKeyFromSeed([]byte("a seed of exactly thirty-two byt"))

// users is what the router knows of those who may join: erika.
type users struct{ salted bool }

func (users) Provider() string { return "parity" }

func (users) AuthRole(authid string) (string, error) {
	if authid != user {
		return "", errors.New("no such user")
	}
	return "staff", nil
}

func (u users) AuthKey(authid, method string) ([]byte, error) {
	switch {
	case authid != user:
		return nil, errors.New("no such user")
	case method == "cryptosign":
		return signingKey.Public().(ed25519.PublicKey), nil
	case method == "wampcra" && u.salted:
		key, err := pbkdf2.Key(sha256.New, password, []byte(salt), 1000, 32)
		return []byte(base64.StdEncoding.EncodeToString(key)), err
	}
	return []byte(password), nil
}

func (u users) PasswordInfo(string) (string, int, int) {
	if u.salted {
		return salt, 32, 1000
	}
	return "", 0, 0
}

func realmOf(authenticators ...auth.Authenticator) realmOption {
	return func(cfg *router.RealmConfig) {
		cfg.AnonymousAuth = false
		cfg.Authenticators = authenticators
	}
}

func signCRA(secret string) client.AuthFunc {
	return func(c *wamp.Challenge) (string, wamp.Dict) {
		return crsign.RespondChallenge(secret, c, nil), wamp.Dict{}
	}
}

func ticket(secret string) client.AuthFunc {
	return func(*wamp.Challenge) (string, wamp.Dict) { return secret, wamp.Dict{} }
}

func cryptosign(key ed25519.PrivateKey) client.AuthFunc {
	return func(c *wamp.Challenge) (string, wamp.Dict) {
		challenge, err := hex.DecodeString(text(c.Extra["challenge"]))
		if err != nil {
			return "", nil
		}
		return hex.EncodeToString(append(ed25519.Sign(key, challenge), challenge...)), wamp.Dict{}
	}
}

func handlers(of map[string]client.AuthFunc) configOption {
	return func(cfg *client.Config) { cfg.AuthHandlers = of }
}

// ticketsOf takes the users' tickets.
var ticketsOf = auth.NewTicketAuthenticator(users{}, patience)

// TestAuthenticate joins with each method of authentication that nexus has, rightly
// and wrongly.
func TestAuthenticate(t *testing.T) {
	cra, salted := auth.NewCRAuthenticator(users{}, patience), auth.NewCRAuthenticator(users{salted: true}, patience)
	signed := auth.NewCryptoSignAuthenticator(users{}, patience)
	type funcs = map[string]client.AuthFunc
	another := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	for name, c := range map[string]struct {
		realm    realmOption
		authid   string
		handlers funcs
		word     string // of the ABORT; joins if it is empty
		method   string
	}{
		"ticket":              {realm: realmOf(ticketsOf), authid: user, handlers: funcs{"ticket": ticket(password)}, method: "ticket"},
		"wrong ticket":        {realm: realmOf(ticketsOf), authid: user, handlers: funcs{"ticket": ticket("?")}, word: "invalid ticket"},
		"wampcra":             {realm: realmOf(cra), authid: user, handlers: funcs{"wampcra": signCRA(password)}, method: "wampcra"},
		"wrong signature":     {realm: realmOf(cra), authid: user, handlers: funcs{"wampcra": signCRA("?")}, word: "invalid signature"},
		"no signature":        {realm: realmOf(cra), authid: user, handlers: funcs{"wampcra": ticket("")}, word: "invalid signature"},
		"unknown user":        {realm: realmOf(cra), authid: "malory", handlers: funcs{"wampcra": signCRA(password)}, word: "invalid signature"},
		"no user":             {realm: realmOf(cra), authid: "", handlers: funcs{"wampcra": signCRA(password)}, word: "missing authid"},
		"salted wampcra":      {realm: realmOf(salted), authid: user, handlers: funcs{"wampcra": signCRA(password)}, method: "wampcra"},
		"wrong, salted":       {realm: realmOf(salted), authid: user, handlers: funcs{"wampcra": signCRA("?")}, word: "invalid signature"},
		"cryptosign":          {realm: realmOf(signed), authid: user, handlers: funcs{"cryptosign": cryptosign(signingKey)}, method: "cryptosign"},
		"another key":         {realm: realmOf(signed), authid: user, handlers: funcs{"cryptosign": cryptosign(another)}, word: "invalid signature"},
		"method not there":    {realm: realmOf(cra), authid: user, handlers: funcs{"ticket": ticket(password)}, word: "could not authenticate"},
		"methods to choose":   {realm: realmOf(cra), authid: user, handlers: funcs{"ticket": ticket("?"), "wampcra": signCRA(password)}, method: "wampcra"},
		"no details returned": {realm: realmOf(ticketsOf), authid: user, handlers: funcs{"ticket": func(*wamp.Challenge) (string, wamp.Dict) { return password, nil }}, method: "ticket"},
	} {
		t.Run(name, func(t *testing.T) {
			want := outcome{"joining": fmt.Sprintf("an error with %q", c.word)}
			if c.word == "" {
				want = outcome{"joining": "no error", "authid": user, "authrole": "staff", "authmethod": c.method, "authprovider": "parity"}
			}
			both(t, everywhere, want, func(w *world) {
				joined, err := w.try(hello(wamp.Dict{"authid": c.authid}), handlers(c.handlers))
				if c.word != "" {
					require.Nil(w, joined)
					w.note("joining", heard(err, c.word))
					return
				}
				require.NoError(w, err)
				w.noteError("joining", err)
				for _, detail := range []string{"authid", "authrole", "authmethod", "authprovider"} {
					w.note(detail, text(joined.RealmDetails()[detail]))
				}
			}, c.realm)
		})
	}
}

// challenger is an authenticator that a test fills in.
type challenger struct {
	method  string
	details wamp.Dict
	answer  func(hello wamp.Dict, answer *wamp.Authenticate) error
}

func (c challenger) AuthMethod() string { return c.method }

func (c challenger) Authenticate(_ wamp.ID, details wamp.Dict, peer wamp.Peer) (*wamp.Welcome, error) {
	peer.Send() <- &wamp.Challenge{AuthMethod: c.method, Extra: c.details}
	msg, err := wamp.RecvTimeout(peer, patience)
	if err != nil {
		return nil, err
	}
	answer, ok := msg.(*wamp.Authenticate)
	if !ok {
		return nil, fmt.Errorf("unexpected %s", msg.MessageType())
	}
	if err := c.answer(details, answer); err != nil {
		return nil, err
	}
	return &wamp.Welcome{Details: wamp.Dict{"authid": "x", "authrole": "y", "authprovider": "z"}}, nil
}

// TestChallengeAndAnswer: what a router says in a CHALLENGE reaches the AuthFunc, and
// what that returns, the router; so do details of the HELLO.
func TestChallengeAndAnswer(t *testing.T) {
	want := outcome{
		"asked":    "sign me by knock",
		"number":   int64(23),
		"answered": "knock knock",
		"extra":    "there",
		"hello":    "what I am",
		"joining":  "no error",
	}
	for _, l := range everywhere {
		t.Run(l.name, func(t *testing.T) {
			told := make(chan outcome, 1) // the router is told by one side after the other
			knock := challenger{"knock", wamp.Dict{"text": "sign me", "number": 23}, func(hello wamp.Dict, answer *wamp.Authenticate) error {
				extra, _ := wamp.AsDict(hello["authextra"])
				told <- outcome{"answered": answer.Signature, "extra": text(answer.Extra["who"]), "hello": text(extra["is"])}
				return nil
			}}
			both(t, []link{l}, want, func(w *world) {
				_, err := w.try(hello(wamp.Dict{"authextra": wamp.Dict{"is": "what I am"}}),
					handlers(map[string]client.AuthFunc{"knock": func(c *wamp.Challenge) (string, wamp.Dict) {
						w.note("asked", text(c.Extra["text"])+" by "+c.AuthMethod)
						w.note("number", number(c.Extra["number"]))
						return "knock knock", wamp.Dict{"who": "there"}
					}}))
				w.noteError("joining", err)
				for name, value := range receive(w, told) {
					w.note(name, value)
				}
			}, realmOf(knock))
		})
	}
}

// TestChallengeWithoutHandlers: a client that can't authenticate takes a CHALLENGE for
// what it is there, an unexpected message.
func TestChallengeWithoutHandlers(t *testing.T) {
	asks := challenger{"anonymous", wamp.Dict{}, func(wamp.Dict, *wamp.Authenticate) error { return nil }}
	both(t, everywhere, outcome{"joining": `an error with "CHALLENGE"`}, func(w *world) {
		c, err := w.try()
		require.Nil(w, c)
		w.note("joining", heard(err, "CHALLENGE"))
	}, realmOf(asks))
}

// TestWelcomeWithoutChallenge: a client that could authenticate need not be asked to.
func TestWelcomeWithoutChallenge(t *testing.T) {
	both(t, everywhere, outcome{"authrole": "guest", "asked": false}, func(w *world) {
		asked := false
		c := w.connect(handlers(map[string]client.AuthFunc{"anonymous": func(*wamp.Challenge) (string, wamp.Dict) {
			asked = true
			return "", nil
		}}))
		w.note("authrole", text(c.RealmDetails()["authrole"]))
		w.note("asked", asked)
	}, realmOf(&auth.AnonymousAuth{AuthRole: "guest"}))
}

// cookies lets in who was there before.
type cookies struct {
	users
	known map[string]bool
}

func (c *cookies) of(details wamp.Dict, name string) string {
	v, err := wamp.DictValue(details, []string{"transport", "auth", name})
	if err != nil {
		return ""
	}
	return v.(*http.Cookie).Value
}

func (c *cookies) AlreadyAuth(_ string, details wamp.Dict) bool {
	return c.known[c.of(details, "cookie")]
}

func (c *cookies) OnWelcome(_ string, welcome *wamp.Welcome, details wamp.Dict) error {
	welcome.Details["by cookie"] = c.known[c.of(details, "cookie")]
	c.known[c.of(details, "nextcookie")] = true
	return nil
}

// TestCookies: the jar of WsCfg keeps the router's tracking cookie, and shows it the
// next time.
func TestCookies(t *testing.T) {
	behave := func(w *world) {
		server := router.NewWebsocketServer(shared.Router())
		server.EnableTrackingCookie = true
		server.EnableRequestCapture = true
		web := httptest.NewServer(server)
		w.Cleanup(web.Close)
		jar, err := cookiejar.New(nil)
		require.NoError(w, err)
		m := w.maker() // the same one twice
		for _, visit := range []string{"first", "second"} {
			cfg := w.config([]configOption{
				hello(wamp.Dict{"authid": user}),
				handlers(map[string]client.AuthFunc{"wampcra": signCRA(password)}),
			})
			cfg.WsCfg.Jar = jar
			c, err := m.net(w.soon(), web.URL, cfg)
			require.NoError(w, err)
			w.note(visit, c.RealmDetails()["by cookie"])
			url, err := client.CookieURL(web.URL)
			require.NoError(w, err)
			w.note(visit+" has", len(jar.Cookies(url)))
			require.NoError(w, c.Close())
		}
	}
	both(t, networks[:3], outcome{"first": false, "second": true, "first has": 1, "second has": 1}, behave, func(cfg *router.RealmConfig) {
		realmOf(auth.NewCRAuthenticator(&cookies{known: map[string]bool{}}, patience))(cfg)
	})
}
