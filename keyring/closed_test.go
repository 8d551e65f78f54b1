package keyring_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// A URI that no pattern matches is closed, and the error says which it is and why.
func TestClosedWithoutAnEntry(t *testing.T) {
	r := content(t, list(exact("com.a"), prefix("com.b."), wild("com..c")), prefix("com.d."))
	for _, uri := range []string{"", "com", "com.a.b", "net.other", "com.b", "com.x.y", "COM.OTHER", "com.*"} {
		e, err := r.Lookup(uri)
		require.Nil(t, e)
		require.ErrorIs(t, err, keyring.ErrClosed)
		require.ErrorContains(t, err, "no pattern of the keyring matches")
		var ke *keyring.Error
		require.ErrorAs(t, err, &ke)
		require.Equal(t, uri, ke.URI)
		require.Equal(t, "look up", ke.Op)
		require.Contains(t, err.Error(), `"`+uri+`"`)
	}
	_, err := r.Lookup("com.*")
	require.ErrorContains(t, err, `"*" and "#" stand for nothing in WAMP: a prefix ends with a dot`)
	_, err = r.Lookup(string(make([]byte, 1<<20)))
	require.Less(t, len(err.Error()), 2000, "a router's URI of any length")
}

// Plain is what is declared so, with nothing of a key.
func TestPlain(t *testing.T) {
	r := content(t, list(prefix("com.")), prefix("com.public."), exact("com.x"))
	for _, uri := range []string{"com.public.y", "com.x"} {
		e := look(t, r, uri)
		require.True(t, e.Plain() && e.SendsPlain() && e.TakesPlain())
		_, _, lasts := e.Transition()
		require.False(t, lasts)
		_, err := e.Sealer(keyring.RoleOriginator)
		require.ErrorIs(t, err, keyring.ErrNoActive)
		for _, id := range []string{"", "k", prefix("com.").String()} { // a router sends what it likes
			vs, err := opening(e, keyring.RoleResponder, id)
			require.Nil(t, vs)
			require.ErrorIs(t, err, keyring.ErrUnknownID)
		}
	}
	require.Equal(t, prefix("com."), found(t, r, "com.y"))
	require.Nil(t, r.Versions(exact("com.x")))
	require.Equal(t, 3, r.Len())

	// The program turns one into the other.
	require.NoError(t, r.Set(exact("com.x"), named("k")))
	require.Equal(t, "k", idOf(t, r, "com.x"))
	require.NoError(t, r.SetPlain(exact("com.x")))
	require.True(t, look(t, r, "com.x").Plain())
	require.NoError(t, r.Remove(exact("com.x")))
	require.Equal(t, prefix("com."), found(t, r, "com.x"), "what was plain is gone without a trace")
	for _, p := range list(exact(""), prefix("a..b"), wild("."), keyring.Pattern{URI: "x"}) {
		require.ErrorIs(t, r.SetPlain(p), keyring.ErrPattern)
	}
	require.NoError(t, r.Set(wild("org..x"), named("k")))
	require.ErrorIs(t, r.SetPlain(wild("org.x.")), keyring.ErrConflict)
}

// URIs of our own protocol are nobody's, whatever is declared.
func TestOwnURIsOfOurs(t *testing.T) {
	for _, r := range []*keyring.Ring{
		keyring.New(), ringOf(t, prefix(""), prefix("wampbox."), wild("wampbox..x"), wild(".error")), content(t, nil, prefix(""), prefix("wampbox.")),
	} {
		r.PlainUnlessKeyed()
		for _, uri := range []string{"wampbox.error", "wampbox.error.sealed_only", "wampbox.errors", "wampbox.error.x"} {
			e, err := r.Lookup(uri)
			require.Nil(t, e, uri)
			require.ErrorIs(t, err, keyring.ErrReserved)
		}
		_, err := r.Lookup("wampbox.other")
		require.NoError(t, err)
		for _, p := range list(exact("wampbox.error"), prefix("wampbox.error."), prefix("wampbox.errors"), wild("wampbox.error.")) {
			require.ErrorIs(t, r.Set(p, named("k")), keyring.ErrPattern)
			require.ErrorIs(t, r.SetPlain(p), keyring.ErrPattern)
			k, plain, both := r.Overlap(p)
			require.Zero(t, k)
			require.Zero(t, plain)
			require.False(t, both)
		}
	}
}

// WAMP's own URIs are plain without a word, and keyed or closed by patterns of theirs alone.
func TestOwnURIsOfWAMPArePlain(t *testing.T) {
	r := keyring.New()
	for range 2 {
		e := look(t, r, "wamp.session.count")
		require.True(t, e.Plain() && e.SendsPlain() && e.TakesPlain())
		require.Equal(t, prefix("wamp."), e.Pattern())
		require.NoError(t, r.Set(prefix(""), named("k")))
		require.NoError(t, r.Remove(prefix("")))
	}
	require.NoError(t, r.Set(prefix("wamp.session."), named("k")))
	require.Equal(t, "k", idOf(t, r, "wamp.session.count"))
	require.True(t, look(t, r, "wamp.other").Plain())
	require.NoError(t, r.Remove(prefix("wamp.session.")))
	require.True(t, closed(r, "wamp.session.count"), "it had a key")
	require.True(t, closed(r, "wamp"), "it isn't within")
	require.True(t, closed(r, "wampx.y"))
}

// "Plain unless keyed" takes what no pattern matches, but never what nearly is keyed.
func TestPlainUnlessKeyed(t *testing.T) {
	r := content(t, list(exact("com.app.order"), prefix("com.app.secret."), wild("com.dev..key")))
	require.True(t, closed(r, "net.other"))
	r.PlainUnlessKeyed()
	e := look(t, r, "net.other")
	require.True(t, e.Plain())
	require.Equal(t, prefix(""), e.Pattern())
	require.Equal(t, 3, r.Len(), "it is no pattern")

	for _, uri := range []string{
		"", "com.app.Order", "com.app.oder", "com.app.orders", "com.app.order.", "comapp.order", "com.app.secret", "com.app.secrets.x",
		"com.app.Secret.x", "com.app..secret.x", "com.appsecret.x", "com.dev.7.keys", "com.Dev.7.key", "com.dev.7.key.", "com.dev.7.8.key", "com.dev.key",
		"net.*", "*", "net.#", "com.other.*",
	} {
		require.True(t, closed(r, uri), "%q", uri)
	}
	for _, uri := range []string{"com.app.other", "com.app", "com.app.sec.x", "com.dev.7.other", "com.dev.7.8.9.key", "org.app.order.x"} {
		require.True(t, look(t, r, uri).Plain(), uri)
	}
	require.Equal(t, exact("com.app.order"), found(t, r, "com.app.order"))

	// What is keyed later counts at once, also for what was looked up before.
	require.NoError(t, r.Set(exact("net.othex"), named("k")))
	require.True(t, closed(r, "net.other"))
	require.True(t, e.Plain(), "who began goes on")
	update(t, r, "file", content(t, list(exact("com.app.othen"))))
	require.True(t, closed(r, "com.app.other"))
	require.NoError(t, r.Remove(exact("net.othex")))
	require.True(t, closed(r, "net.other"), "what was closed isn't nearly plain either")
	forget(t, r, exact("net.othex"))
	require.True(t, look(t, r, "net.other").Plain())
}

// TestPlainButNearAKey: what is plain by a wide pattern isn't where it misses, by little,
// a more specific one that has a key.
func TestPlainButNearAKey(t *testing.T) {
	r := ringOf(t, prefix("com.myapp.encrypted."), exact("com.myapp.pay"))
	for _, wide := range []keyring.Pattern{prefix("com.myapp."), prefix("com."), prefix(""), wild("com.myapp.."), wild("com..")} {
		require.NoError(t, r.SetPlain(wide))
	}
	for _, uri := range []string{
		"com.myapp.encrypted", "com.myapp.encryptd.x", "com.myapp.Encrypted.x", "com.myapp.encrypted2.x",
		"com.myappencrypted.x", "com.myapp..encrypted.x", "com.mapp.encrypted.x", "com.myapp.pai", "com.myapp.pay.", "com.myapp.*",
	} {
		_, err := r.Lookup(uri)
		require.ErrorIs(t, err, keyring.ErrClosed, uri)
	}
	for _, uri := range []string{"com.myapp.open.x", "com.myapp.paper", "com.other.encrypted2.x", "com.myapp.en.x"} {
		e, err := r.Lookup(uri)
		require.NoError(t, err, uri)
		require.True(t, e.Plain(), uri)
	}

	// Who means it says so.
	require.NoError(t, r.SetPlain(prefix("com.myapp.encrypted2.")))
	require.NoError(t, r.SetPlain(exact("com.myapp.pai")))
	for _, uri := range []string{"com.myapp.encrypted2.x", "com.myapp.pai"} {
		e, err := r.Lookup(uri)
		require.NoError(t, err, uri)
		require.True(t, e.Plain(), uri)
	}
	// Without the key there is nothing to miss, and with it there is again.
	require.NoError(t, r.SetPlain(prefix("com.myapp.encrypted.")))
	_, err := r.Lookup("com.myapp.encryptd.x")
	require.NoError(t, err)
	require.NoError(t, r.Set(prefix("com.myapp.encrypted."), named("again")))
	_, err = r.Lookup("com.myapp.encryptd.x")
	require.ErrorIs(t, err, keyring.ErrClosed)
}
