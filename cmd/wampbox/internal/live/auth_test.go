package live_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/router"
	"github.com/gammazero/nexus/v3/router/auth"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/proxy"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/testrouter"
)

const ticket = "hunter2 and more"

// keyStore knows one client.
type keyStore struct{}

func (keyStore) AuthKey(authid, _ string) ([]byte, error) {
	if authid != "joe" {
		return nil, errors.New("no such client")
	}
	return []byte(ticket), nil
}

func (keyStore) PasswordInfo(string) (salt string, keylen, iterations int) { return "", 0, 0 }

func (keyStore) AuthRole(string) (string, error) { return "user", nil }

func (keyStore) Provider() string { return "static" }

func (keyStore) OnWelcome(string, *wamp.Welcome, wamp.Dict) error { return nil }

// secured adds a realm to a router that lets joe in and nobody else.
func secured(t testing.TB, r *testrouter.Router) {
	t.Helper()
	require.NoError(t, r.Router().AddRealm(&router.RealmConfig{
		URI: "secured",
		Authenticators: []auth.Authenticator{
			auth.NewTicketAuthenticator(keyStore{}, time.Second), auth.NewCRAuthenticator(keyStore{}, time.Second),
		},
	}))
}

func secret(t testing.TB, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "secret")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

func TestAuth(t *testing.T) {
	router := testrouter.Start(t)
	secured(t, router)
	files := newEnds(t)
	t.Setenv("TICKET_OF_TESTS", ticket)
	good, bad := secret(t, ticket+"\r\nmore\n"), secret(t, "wrong"+ticket)
	for name, url := range transports(router) {
		for _, test := range []struct {
			auth, authid string
			says         string // of an error
		}{
			{"ticket:file:" + good, "joe", ""},
			{"ticket:env:TICKET_OF_TESTS", "joe", ""},
			{"wampcra:file:" + good, "joe", ""},
			{"wampcra:env:TICKET_OF_TESTS", "joe", ""},
			{"ticket:file:" + bad, "joe", `doesn't let "joe" into realm "secured" by ticket`},
			{"wampcra:file:" + bad, "joe", `doesn't let "joe" into realm "secured" by wampcra`},
			{"ticket:file:" + good, "jack", `doesn't let "jack" into realm "secured" by ticket`},
			{"ticket:file:" + filepath.Join(t.TempDir(), "none"), "joe", "no such file"},
			{"ticket:file:" + secret(t, "\n"), "joe", "has nothing in its first line"},
			{"ticket:env:NONE_SUCH", "joe", "no variable of that name"},
			{"", "", "doesn't let an anonymous client into realm \"secured\""},
		} {
			flags := []string{"-router", url, "-realm", "secured"}
			if test.auth != "" {
				flags = append(flags, "-auth", test.auth, "-authid", test.authid)
			}
			r, err := tool(t, with("pub", append(flags, "-keyring", files.originator), prefix+"x", "1")...)
			if test.says == "" {
				require.NoError(t, err, name)
				err = errors.New("")
			} else {
				require.ErrorContains(t, err, test.says, name)
			}
			require.NotContains(t, err.Error()+r.out.String()+r.err.String(), "hunter2")
			r, err = tool(t, with("doctor", flags, files.originator)...)
			require.Equal(t, test.says == "", err == nil)
			require.NotContains(t, r.out.String()+r.err.String(), "hunter2")
		}
	}
}

// TestTicketsAge: sub reads the file again when it connects again.
func TestTicketsAge(t *testing.T) {
	router := testrouter.Start(t)
	secured(t, router)
	files := newEnds(t)
	tap := proxy.Start(t, router.WebSocketURL())
	path := secret(t, ticket)
	flags := []string{"-realm", "secured", "-auth", "ticket:file:" + path, "-authid", "joe", "-router"}
	sub := new(run).start(t.Context(), with("sub", append(flags, tap.URL(), "-keyring", files.responder), "-n", "1", prefix+"x")...)
	sub.says(t, "subscribed to")
	require.NoError(t, os.WriteFile(path, []byte("stale"), 0o600))
	tap.Conns()[0].Close()
	require.Eventually(t, func() bool { return len(tap.Conns()) > 2 }, patience, 5*time.Millisecond)
	require.NotContains(t, sub.err.String(), "connected again")
	require.NoError(t, os.WriteFile(path, []byte(ticket), 0o600))
	sub.says(t, "connected again")
	fine(t, with("pub", append(flags, router.WebSocketURL(), "-keyring", files.originator), prefix+"x")...)
	require.NoError(t, sub.wait(t))
	require.NotContains(t, sub.err.String(), "hunter2")
}
