package keywatch_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keywatch"
)

// ours is a key in our dialect, as only such ones can be below a scrambled prefix.
const ours = `{"prefix": "com.myapp.", "versions": [{"shared": "` + sampleKey + `"}]}`

// hiding makes a file with ours of which the URIs are scrambled.
func hiding(fields string) []byte {
	return bytes.Replace(fileOf(ours), []byte(`"patterns"`), []byte(`"scramble": [{"prefix": "com.myapp.", `+fields+`}], "patterns"`), 1)
}

// secretOf gives the field of a secret, and how routers see com.myapp.x under it.
func secretOf(t *testing.T, dates string) (fields, seen string) {
	t.Helper()
	secret := cryptobox.GenerateScrambleSecret()
	s, err := cryptobox.NewScrambler(secret, "realm1", "com.myapp.")
	require.NoError(t, err)
	return fmt.Sprintf(`"secrets": [{%s"secret": %q}]`, dates, secret.UnsafeText()), s.Scramble("com.myapp.x")
}

// seen gives how routers see com.myapp.x.
func (w *watched) seen() string {
	f, err := w.ring.Forms("realm1").Send("com.myapp.x")
	if err != nil {
		return err.Error()
	}
	return f.URI("com.myapp.x")
}

// TestSecretsAreFollowed: another secret of the file scrambles from then on, which is told once.
func TestSecretsAreFollowed(t *testing.T) {
	path := join(t, "keyring.json")
	one, asOne := secretOf(t, "")
	two, asTwo := secretOf(t, "")
	write(t, path, hiding(one))
	log := new(lines)
	w := watch(t, path, keywatch.Poll(20*time.Millisecond), keywatch.WithLogger(slog.New(slog.NewTextHandler(log, nil))))
	require.Equal(t, asOne, w.seen())

	replace(t, path, hiding(`"comment": "the same", `+one))
	replace(t, path, hiding(two))
	require.Equal(t, keyring.Changes{Scrambled: []string{"com.myapp."}}, w.changed(t, 1))
	require.Equal(t, asTwo, w.seen())
	require.Eventually(t, func() bool { return len(log.all()) == 1 }, 5*time.Second, 5*time.Millisecond)
	require.Contains(t, log.all()[0], `scrambled=1 unkeyed=false patterns="[scrambled otherwise prefix \"com.myapp.\"]"`)
	require.NotContains(t, log.all()[0], "scramble:")

	replace(t, path, []byte("{"))
	require.Error(t, w.fails(t, 1))
	require.Equal(t, asTwo, w.seen(), "a bad file changes nothing")
}

// TestClearURIsNeedConsent, in each way in which a file can say so.
func TestClearURIsNeedConsent(t *testing.T) {
	secret, seen := secretOf(t, "")
	soon, _ := secretOf(t, `"active_from": "2099-01-01T00:00:00Z", `)
	for name, file := range map[string][]byte{
		"clear until a date":                          hiding(secret + `, "allow_clear": "2099-01-01T00:00:00Z"`),
		"clear, and no secret":                        hiding(`"allow_clear": "2099-01-01T00:00:00Z"`),
		"clear until the secret":                      hiding(soon + `, "allow_clear": "2099-01-02T00:00:00Z"`),
		"not scrambled, with the pattern that it had": fileOf(ours),
	} {
		t.Run(name, func(t *testing.T) {
			path := join(t, "keyring.json")
			write(t, path, hiding(secret))
			w := watch(t, path, keywatch.AllowPlain(keyring.Prefix("com.other.")))
			replace(t, path, file)
			require.ErrorIs(t, w.fails(t, 1), keyring.ErrPlain)
			require.Equal(t, seen, w.seen())

			replace(t, path, hiding(secret))
			with := watch(t, path, keywatch.AllowPlain(app))
			replace(t, path, file)
			require.Equal(t, []string{"com.myapp."}, with.changed(t, 1).Scrambled)
			forms, _, err := with.ring.Forms("realm1").Receive(keyring.Exact("com.myapp.x"))
			require.NoError(t, err)
			require.Contains(t, forms, keyring.Clear)
		})
	}
}

// TestURIsWithoutTheirSecretsAreClosed: a file that says nothing of what it scrambled closes it.
func TestURIsWithoutTheirSecretsAreClosed(t *testing.T) {
	path := join(t, "keyring.json")
	secret, seen := secretOf(t, "")
	write(t, path, hiding(secret))
	w := watch(t, path)
	replace(t, path, fileOf(plain))
	changes := w.changed(t, 1)
	require.Equal(t, []string{"com.myapp."}, changes.Scrambled)
	require.Equal(t, []keyring.Pattern{app}, changes.Closed)
	require.Contains(t, w.seen(), "no secret scrambles the URIs")
	replace(t, path, fileOf(ours))
	require.ErrorIs(t, w.fails(t, 1), keyring.ErrPlain)
	replace(t, path, hiding(secret))
	w.changed(t, 2)
	require.Equal(t, seen, w.seen())
}
