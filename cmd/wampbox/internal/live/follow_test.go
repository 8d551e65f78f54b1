package live_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/testrouter"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

// change changes a keyring file.
func change(t testing.TB, path string, do func(*keyfile.File) error) {
	t.Helper()
	require.NoError(t, keyfile.Update(path, do))
}

// sealing gives the id that a file's versions are sealed with.
func sealing(t testing.TB, path string) string {
	t.Helper()
	ring, err := keyfile.Load(path)
	require.NoError(t, err)
	entry, err := ring.Lookup(prefix + "x")
	require.NoError(t, err)
	version, err := entry.Sealer(keyring.RoleOriginator)
	require.NoError(t, err)
	return version.ID()
}

// TestSubFollowsItsFile: a rotation and a revocation reach a sub that runs, each by a line,
// and what is refused until then names the version that is missing.
func TestSubFollowsItsFile(t *testing.T) {
	router := testrouter.Start(t)
	files := newEnds(t)
	before := files
	before.originator = files.originator + ".old"
	text, err := os.ReadFile(files.originator)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(before.originator, text, 0o600))
	old := sealing(t, before.originator)
	sub := new(run).start(t.Context(), with("sub", at(router.WebSocketURL(), files.responder), "-n", "3", prefix)...)
	sub.says(t, "subscribed to")
	pub := func(file string, arg string) {
		fine(t, with("pub", at(router.WebSocketURL(), file), prefix+"x", arg)...)
	}
	pub(before.originator, "1")

	ours, theirs := versionOf(cryptobox.GenerateKey(), cryptobox.GenerateKey())
	ours.Dates.ActiveFrom = time.Now().Add(-time.Minute)
	theirs.Dates = ours.Dates
	change(t, files.originator, func(f *keyfile.File) error { return f.Add(keyring.Prefix(prefix), ours) })
	next := sealing(t, files.originator)
	pub(files.originator, `"too early"`)
	sub.says(t, `(key id "`+next+`", subscription `)
	require.Contains(t, sub.err.String(), "the sender used another key than this pattern's")
	change(t, files.responder, func(f *keyfile.File) error { return f.Add(keyring.Prefix(prefix), theirs) })
	sub.says(t, files.responder+` loaded again: changed prefix "com.myapp.sealed." (opens `+next+", "+old+")\n")
	pub(files.originator, "2")

	change(t, files.responder, func(f *keyfile.File) error { return f.Revoke(keyring.Prefix(prefix), old) })
	sub.says(t, " (opens "+next+")\n")
	pub(before.originator, `"revoked"`)
	sub.says(t, `id "`+old+`": the version was revoked`)
	pub(files.originator, "3")
	require.NoError(t, sub.wait(t))
	require.Equal(t, 2, strings.Count(sub.err.String(), " loaded again: "))
	require.Len(t, sub.lines(t), 3)
	require.NotContains(t, sub.out.String(), "too early")
	require.NotContains(t, sub.out.String(), "revoked")
}

// TestSubFollowsOneThatIsBad: the keys stay, and what would let plaintext through needs a
// new start; a pattern that is gone is closed.
func TestSubFollowsOneThatIsBad(t *testing.T) {
	router := testrouter.Start(t)
	files := newEnds(t, plainToo(t))
	sub := new(run).start(t.Context(), with("sub", at(router.WebSocketURL(), files.responder), "-n", "2", prefix)...)
	sub.says(t, "subscribed to")
	pub := func(arg string) {
		fine(t, with("pub", at(router.WebSocketURL(), files.originator), prefix+"x", arg)...)
	}
	good, err := os.ReadFile(files.responder)
	require.NoError(t, err)

	require.NoError(t, os.WriteFile(files.responder, good[:len(good)/2], 0o600))
	sub.says(t, "the keys stay as they were: keyring file "+files.responder)
	pub("1")
	require.NoError(t, os.WriteFile(files.responder, good, 0o600))
	change(t, files.responder, func(f *keyfile.File) error {
		return f.Transition(keyring.Prefix(prefix), keyring.AcceptPlain, time.Now().Add(time.Hour))
	})
	sub.says(t, "; start sub again to take the file as it is\n")
	change(t, files.responder, func(f *keyfile.File) error { return f.EndTransition(keyring.Prefix(prefix)) })
	pub("2")
	require.NoError(t, sub.wait(t))
	require.Len(t, sub.lines(t), 2)

	sub = new(run).start(t.Context(), with("sub", at(router.WebSocketURL(), files.responder), prefix)...)
	sub.says(t, "subscribed to")
	change(t, files.responder, func(f *keyfile.File) error { return f.Remove(keyring.Prefix(prefix)) })
	sub.says(t, `loaded again: closed prefix "com.myapp.sealed."`+"\n")
	pub("3")
	sub.says(t, "message refused")
	require.Empty(t, sub.out.String())
}

// TestSubOfAHalf that opens nothing ends, and is warned of what it doesn't open.
func TestSubOfAHalf(t *testing.T) {
	router := testrouter.Start(t)
	files := newEnds(t)
	for _, test := range []struct {
		name, file, topic string
		change            func(*keyfile.File) error
		says              string
		ends              bool
	}{
		{"the originator's", files.originator, prefix, nil, `can open nothing of prefix "com.myapp.sealed.": it has the half of who publishes`, true},
		{"a wider one", files.originator, "com.", nil, `can open nothing of prefix "com.": of prefix "com.myapp.sealed."`, true},
		{"the responder's", files.responder, prefix, nil, "", false},
		{"some of it", files.originator, "com.", func(f *keyfile.File) error {
			_, theirs := versionOf(cryptobox.GenerateKey(), cryptobox.GenerateKey())
			return f.Add(keyring.Prefix("com.other."), theirs)
		}, `can't open events of prefix "com.myapp.sealed."`, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			if test.change != nil {
				change(t, test.file, test.change)
			}
			sub := new(run).start(t.Context(), with("sub", at(router.WebSocketURL(), test.file), test.topic)...)
			if test.says == "" {
				sub.says(t, "subscribed to")
				require.NotContains(t, sub.err.String(), "warning")
				return
			}
			if test.ends {
				require.ErrorContains(t, sub.wait(t), test.file+" "+test.says)
				return
			}
			sub.says(t, "warning: "+test.file+" "+test.says)
		})
	}
}
