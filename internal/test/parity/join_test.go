package parity_test

import (
	"io"
	"log"
	"maps"
	"testing"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/router"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// TestJoin: what a client knows of a session that it has begun.
func TestJoin(t *testing.T) {
	both(t, everywhere, nil, func(w *world) {
		c := w.connect()
		require.NotZero(w, c.ID())
		require.True(w, c.Connected())
		require.Nil(w, c.RouterGoodbye(), "the session goes on")
		select {
		case <-c.Done():
			w.Fatal("Done is closed")
		default:
		}
		details := maps.Clone(c.RealmDetails())
		authid, ok := details["authid"].(string)
		require.True(w, ok)
		require.NotEmpty(w, authid)
		details["authid"] = "made anew each time"
		for _, role := range []string{"broker", "dealer"} {
			_, err := wamp.DictValue(details, []string{"roles", role})
			require.NoError(w, err)
		}
		w.note("details", details)
	})
}

// TestHasFeature asks for every feature that nexus's router announces, and for some
// that it doesn't.
func TestHasFeature(t *testing.T) {
	both(t, everywhere, nil, func(w *world) {
		c := w.connect()
		roles := (*shared.Router().RouterFeatures())["roles"].(wamp.Dict)
		asked := 0
		for role, announced := range roles {
			for feature := range announced.(wamp.Dict)["features"].(wamp.Dict) {
				require.True(w, c.HasFeature(role, feature), "%s %s", role, feature)
				asked++
			}
		}
		require.Greater(w, asked, 10)
		w.note("no such feature", c.HasFeature(wamp.RoleBroker, "no such feature"))
		w.note("no such role", c.HasFeature("barista", wamp.FeatureCallCanceling))
		w.note("of the other role", c.HasFeature(wamp.RoleBroker, wamp.FeatureCallCanceling))
		require.Equal(w, outcome{"no such feature": false, "no such role": false, "of the other role": false}, w.noted)
	})
}

func TestLogger(t *testing.T) {
	both(t, each, outcome{"own": true, "default": true}, func(w *world) {
		logger := log.New(io.Discard, "", 0)
		c := w.connect(func(cfg *client.Config) { cfg.Logger = logger })
		w.note("own", c.Logger() == logger)
		c = w.connect(func(cfg *client.Config) { cfg.Logger = nil })
		w.note("default", c.Logger() != nil)
	})
}

// TestJoinRefused: who isn't let in learns why from the router's ABORT, and gets no
// client.
func TestJoinRefused(t *testing.T) {
	for name, c := range map[string]struct {
		options []configOption
		realm   realmOption
		word    string
		want    string
	}{
		"no such realm": {
			options: []configOption{func(cfg *client.Config) { cfg.Realm = "parity.nowhere" }},
			want:    `error wamp.error.no_such_realm`,
		},
		"anonymous": {
			realm: func(cfg *router.RealmConfig) { cfg.AnonymousAuth = false },
			word:  "could not authenticate with any method",
			want:  `error wamp.error.authentication_failed "could not authenticate with any method"`,
		},
		"no roles": {
			options: []configOption{hello(wamp.Dict{"roles": wamp.Dict{}})},
			word:    "did not announce any supported roles",
			want:    `error wamp.error.no_such_role "did not announce any supported roles"`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			option := c.realm
			if option == nil {
				option = func(*router.RealmConfig) {}
			}
			both(t, everywhere, outcome{"joining": c.want}, func(w *world) {
				refused, err := w.try(c.options...)
				require.Nil(w, refused)
				w.noteError("joining", err, c.word)
			}, option)
		})
	}
}

// TestHelloDetails: what a client says of itself, the router tells to who asks.
func TestHelloDetails(t *testing.T) {
	both(t, everywhere, outcome{
		"org_id": "zcorp", "level": int64(7), "authextra": "value", "roles are not told": true,
	}, func(w *world) {
		c := w.connect(hello(wamp.Dict{
			"org_id":    "zcorp",
			"level":     7,
			"authextra": wamp.Dict{"key": "value"},
		}))
		result, err := c.Call(w.soon(), string(wamp.MetaProcSessionGet), nil, wamp.List{c.ID()}, nil, nil)
		require.NoError(w, err)
		told, ok := wamp.AsDict(result.Arguments[0])
		require.True(w, ok)
		w.note("org_id", text(told["org_id"]))
		w.note("level", number(told["level"]))
		extra, _ := wamp.AsDict(told["authextra"])
		w.note("authextra", text(extra["key"]))
		_, has := told["roles"]
		w.note("roles are not told", !has)
	})
}

// TestRolesGivenByTheUser: HelloDetails may name the roles; the client then adds none.
// A subscriber that doesn't announce publisher_identification isn't told who published.
func TestRolesGivenByTheUser(t *testing.T) {
	both(t, everywhere, outcome{"subscriber": "not disclosed", "by default": "disclosed"}, func(w *world) {
		bare := w.connect(hello(wamp.Dict{"roles": wamp.Dict{wamp.RoleSubscriber: wamp.Dict{}}}))
		full, publisher := w.connect(), w.connect()
		for name, c := range map[string]transparency.Client{"subscriber": bare, "by default": full} {
			got := w.events(c, "com.parity.x", nil)
			require.NoError(w, publisher.Publish("com.parity.x", wamp.Dict{wamp.OptDiscloseMe: true}, nil, nil))
			told := "not disclosed"
			if id, has := receive(w, got).Details["publisher"]; has {
				require.EqualValues(w, publisher.ID(), number(id))
				told = "disclosed"
			}
			w.note(name, told)
			require.NoError(w, c.Unsubscribe("com.parity.x"))
		}
	})
}

// TestLocalIsTrusted: a realm that doesn't ask for more trusts who is in its process.
func TestLocalIsTrusted(t *testing.T) {
	both(t, []link{local}, outcome{"authrole": "trusted", "authmethod": "local", "authid": user}, func(w *world) {
		details := w.connect(hello(wamp.Dict{"authid": user})).RealmDetails()
		for _, name := range []string{"authrole", "authmethod", "authid"} {
			w.note(name, text(details[name]))
		}
	}, realmOf(ticketsOf), func(cfg *router.RealmConfig) { cfg.RequireLocalAuth = false })
}
