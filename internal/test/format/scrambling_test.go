package format_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"encoding/json"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// scramblingFile is vectors/scrambling.json, as docs/FORMAT.md, 16, tells it.
type scramblingFile struct {
	Version int `json:"version"`
	Secrets map[string]struct {
		Text string `json:"text"`
		ID   string `json:"id"`
	} `json:"secrets"`
	SecretTexts []struct {
		Text  string `json:"text"`
		ID    string `json:"id"`
		Error string `json:"error"`
	} `json:"secret_texts"`
	URIs []struct {
		Name      string `json:"name"`
		Secret    string `json:"secret"`
		Realm     string `json:"realm"`
		Prefix    string `json:"prefix"`
		URI       string `json:"uri"`
		Scrambled string `json:"scrambled"`
	} `json:"uris"`
	Asked []struct {
		Prefix  string   `json:"prefix"`
		Secrets []string `json:"secrets"`
		Realm   string   `json:"realm"`
		Match   string   `json:"match"`
		URI     string   `json:"uri"`
		Routed  []string `json:"routed"`
		Error   string   `json:"error"`
	} `json:"asked"`
	Dates   []datesVector `json:"dates"`
	Lookups []struct {
		Prefix   string                `json:"prefix"`
		Patterns [][2]string           `json:"patterns"`
		Found    map[string]*[2]string `json:"found"`
	} `json:"lookups"`
}

// datesVector has times in seconds, of which 0 is now.
type datesVector struct {
	ClearUntil *int `json:"clear_until"`
	Secrets    []struct {
		Secret     string `json:"secret"`
		ActiveFrom *int   `json:"active_from"`
		NotAfter   *int   `json:"not_after"`
		State      string `json:"state"`
	} `json:"secrets"`
	Sends    *string  `json:"sends"`
	Receives []string `json:"receives"`
}

func readScrambling(t *testing.T) (*scramblingFile, map[string]cryptobox.ScrambleSecret) {
	t.Helper()
	text, err := os.ReadFile("../../../vectors/scrambling.json")
	require.NoError(t, err)
	var all scramblingFile
	require.NoError(t, json.Unmarshal(text, &all))
	require.Equal(t, 1, all.Version)
	secrets := map[string]cryptobox.ScrambleSecret{}
	for name, given := range all.Secrets {
		secret, err := cryptobox.ParseScrambleSecret(given.Text)
		require.NoError(t, err)
		require.Equal(t, given.Text, secret.UnsafeText())
		require.Equal(t, given.ID, secret.ID().String())
		secrets[name] = secret
	}
	require.Len(t, secrets, 3)
	return &all, secrets
}

// TestScramblingVectors: texts of secrets, and what routers get of URIs, by cryptobox and keyring.
func TestScramblingVectors(t *testing.T) {
	all, secrets := readScrambling(t)
	require.Greater(t, len(all.SecretTexts), 10)
	for _, v := range all.SecretTexts {
		secret, err := cryptobox.ParseScrambleSecret(v.Text)
		switch v.Error {
		case "key":
			require.ErrorIs(t, err, cryptobox.ErrKey, v.Text)
		case "weak":
			require.ErrorIs(t, err, cryptobox.ErrWeakKey, v.Text)
		default:
			require.NoError(t, err, v.Text)
			require.Equal(t, v.ID, secret.ID().String())
		}
	}
	require.Greater(t, len(all.URIs), 50)
	for _, v := range all.URIs {
		scrambler, err := cryptobox.NewScrambler(secrets[v.Secret], v.Realm, v.Prefix)
		require.NoError(t, err)
		require.Equal(t, v.Scrambled, scrambler.Scramble(v.URI), v.Name)
		ring := keyring.New()
		require.NoError(t, ring.Scramble(v.Prefix, secrets[v.Secret]))
		form, err := ring.Forms(v.Realm).Send(v.URI)
		require.NoError(t, err)
		require.Equal(t, v.Scrambled, form.URI(v.URI), v.Name)
	}
}

// TestScramblingAsked: what a router is asked for.
func TestScramblingAsked(t *testing.T) {
	all, secrets := readScrambling(t)
	require.Greater(t, len(all.Asked), 20)
	for _, v := range all.Asked {
		ring := keyring.New()
		require.NoError(t, ring.Scramble(v.Prefix, secrets[v.Secrets[0]]))
		require.NoError(t, ring.AddScramble(v.Prefix, secrets[v.Secrets[1]], keyring.Dates{ActiveFrom: time.Now().Add(time.Hour)}))
		match, err := keyring.ParseMatch(v.Match)
		require.NoError(t, err)
		forms, _, err := ring.Forms(v.Realm).Receive(keyring.Pattern{URI: v.URI, Match: match})
		if v.Error != "" {
			require.ErrorIs(t, err, keyring.ErrPattern, v)
			continue
		}
		require.NoError(t, err, v)
		var routed []string
		for _, f := range forms {
			routed = append(routed, f.URI(v.URI))
		}
		require.Equal(t, v.Routed, routed, v)
	}
}

// TestScramblingDates: under which secret URIs are sent and asked for.
func TestScramblingDates(t *testing.T) {
	all, secrets := readScrambling(t)
	require.Greater(t, len(all.Dates), 1000)
	synctest.Test(t, func(t *testing.T) {
		names := map[string]string{"": "clear"}
		for name, secret := range secrets {
			names[secret.ID().String()] = name
		}
		for _, v := range all.Dates {
			ring := ringOfDates(t, v, secrets)
			forms := ring.Forms("realm1")
			form, err := forms.Send("com.x")
			if v.Sends == nil {
				require.ErrorIs(t, err, keyring.ErrNoActive, v)
			} else {
				require.NoError(t, err, v)
				require.Equal(t, *v.Sends, names[form.ID()], v)
			}
			receives := []string{}
			asked, _, err := forms.Receive(keyring.Exact("com.x"))
			require.Equal(t, len(v.Receives) == 0, err != nil, v)
			for _, f := range asked {
				receives = append(receives, names[f.ID()])
			}
			require.Equal(t, v.Receives, receives, v)
			for told := range ring.Scrambled() {
				for i, s := range told.Secrets {
					require.Equal(t, v.Secrets[i].Secret, names[s.ID], v)
					require.Equal(t, v.Secrets[i].State, s.State.String(), v)
				}
			}
		}
	})
}

func ringOfDates(t *testing.T, v datesVector, secrets map[string]cryptobox.ScrambleSecret) *keyring.Ring {
	t.Helper()
	at := func(seconds *int) time.Time {
		if seconds == nil {
			return time.Time{}
		}
		return time.Now().Add(time.Duration(*seconds) * time.Second)
	}
	ring := keyring.New()
	require.NoError(t, ring.AllowClear("com.", at(v.ClearUntil)))
	for _, s := range v.Secrets {
		require.NoError(t, ring.AddScramble("com.", secrets[s.Secret], keyring.Dates{ActiveFrom: at(s.ActiveFrom), NotAfter: at(s.NotAfter)}))
	}
	return ring
}

// TestScramblingLookups: the pattern that counts for a URI, known by the URI, and by its form.
func TestScramblingLookups(t *testing.T) {
	all, secrets := readScrambling(t)
	require.Len(t, all.Lookups, 64)
	for _, v := range all.Lookups {
		ring := keyring.New()
		for _, p := range v.Patterns {
			match, err := keyring.ParseMatch(p[0])
			require.NoError(t, err)
			require.NoError(t, ring.Set(keyring.Pattern{URI: p[1], Match: match}, keyring.Shared(cryptobox.GenerateSymmetricKey())))
		}
		require.NoError(t, ring.Scramble(v.Prefix, secrets["a"]))
		for uri, want := range v.Found {
			form, err := ring.Forms("realm1").Send(uri)
			require.NoError(t, err)
			lookups := map[string]func(string) (*keyring.Entry, error){uri: ring.Lookup}
			if !form.IsClear() {
				lookups[form.URI(uri)] = form.Lookup
			}
			for text, lookup := range lookups {
				e, err := lookup(text)
				if want == nil {
					require.ErrorIs(t, err, keyring.ErrClosed, uri)
					continue
				}
				require.NoError(t, err, uri)
				require.Equal(t, *want, [2]string{e.Pattern().Match.String(), e.Pattern().URI}, "%s in %v", uri, v.Patterns)
			}
		}
	}
}

// TestScramblingExample: the library makes what the document shows, and so does what the document
// says of each step.
func TestScramblingExample(t *testing.T) {
	blocks := blocksOf(section(t, "### 2.3 Scrambled URIs"))
	require.Len(t, blocks, 1)
	secret, err := cryptobox.ParseScrambleSecret(line(t, blocks[0], "secret"))
	require.NoError(t, err)
	require.Equal(t, line(t, blocks[0], "id"), secret.ID().String())
	scrambler, err := cryptobox.NewScrambler(secret, "realm1", "com.myapp.")
	require.NoError(t, err)
	text := base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567")
	hidden := []string{"com.myapp"}
	for place, component := range []string{"room", "17"} {
		n := string(rune('0' + place))
		message := unhex(t, line(t, blocks[0], "message, place "+n))
		list := "\x84\x66realm1\x6acom.myapp." + string(rune(place)) + string(rune(0x60+len(component))) + component
		require.Equal(t, "wampbox-uri-1\x00"+list, string(message))
		mac := hmac.New(sha256.New, secret.UnsafeBytes())
		_, _ = mac.Write(message)
		require.Equal(t, unhex(t, line(t, blocks[0], "HMAC, place "+n)), mac.Sum(nil))
		hidden = append(hidden, text.EncodeToString(mac.Sum(nil)[:10]))
	}
	for match, want := range map[string][2]string{
		"exact": {"com.myapp.room.17", strings.Join(hidden, ".")}, "prefix": {"com.myapp.room.", "com.myapp." + hidden[1] + "."}, "wildcard": {"com.myapp..17", "com.myapp.." + hidden[2]},
	} {
		fields := strings.Fields(line(t, blocks[0], match))
		require.Equal(t, want, [2]string{fields[0], fields[len(fields)-1]})
		require.Equal(t, want[1], scrambler.Scramble(want[0]))
	}
}
