package live_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/live"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/live/compare"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/testrouter"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

// list writes what wampbox list -json prints of a file.
func list(t testing.TB, path string) string {
	t.Helper()
	file, err := keyfile.ParseFile(path)
	require.NoError(t, err)
	l, err := compare.NewList(file)
	require.NoError(t, err)
	text, err := json.MarshalIndent(l, "", "  ")
	require.NoError(t, err)
	name := filepath.Join(t.TempDir(), "list.json")
	require.NoError(t, os.WriteFile(name, text, 0o600))
	return name
}

// findings gives what doctor prints as JSON, and whether it failed.
func findings(t testing.TB, args ...string) ([]compare.Finding, error) {
	t.Helper()
	r, err := tool(t, append([]string{"doctor", "-json"}, args...)...)
	if err != nil {
		require.ErrorIs(t, err, live.ErrSaid, "standard error: %s", &r.err)
	}
	var printed struct {
		Findings []compare.Finding `json:"findings"`
	}
	require.NoError(t, json.Unmarshal([]byte(r.out.String()), &printed))
	for _, f := range printed.Findings {
		require.NotEmpty(t, f.Fix)
		require.NotEmpty(t, f.Message)
	}
	return printed.Findings, err
}

// TestDoctorFinds what was planted in the files of two ends, from either end, and says
// nothing of those that fit.
func TestDoctorFinds(t *testing.T) {
	other := cryptobox.GenerateKey
	now := time.Now().Truncate(time.Second)
	p := keyring.Prefix(prefix)
	// rotated adds a version to both, with their dates.
	rotated := func(ours, theirs keyring.Dates) func(o, r *keyFile) {
		return func(o, r *keyFile) {
			a, b := versionOf(other(), other())
			a.Dates, b.Dates = ours, theirs
			require.NoError(t, o.Add(p, a))
			require.NoError(t, r.Add(p, b))
		}
	}
	old := func(f *keyFile) string { return id(t, f, 0) }
	tomorrow, week := now.Add(24*time.Hour), now.Add(7*24*time.Hour)
	for name, test := range map[string]struct {
		plant func(o, r *keyFile)
		level compare.Level // empty where there is nothing
		rule  compare.Rule
		says  string
	}{
		"nothing":             {func(_, _ *keyFile) {}, "", "", ""},
		"a rotation by dates": {rotated(keyring.Dates{ActiveFrom: tomorrow}, keyring.Dates{ActiveFrom: tomorrow}), "", "", ""},
		"a pair that doesn't belong": {func(_, r *keyFile) {
			_, b := versionOf(other(), other())
			r.Entries[0].Versions = []*keyfile.Version{b}
		}, compare.Error, compare.Pair, "don't belong together"},
		"a pattern missing": {func(o, _ *keyFile) {
			a, _ := versionOf(other(), other())
			require.NoError(t, o.Add(keyring.Exact("com.x.y"), a))
		}, compare.Note, compare.MissingPattern, "refused, as no pattern matches"},
		"a typo in a pattern":   {func(_, r *keyFile) { r.Entries[0].Pattern = keyring.Prefix("com.myapp.saeled.") }, compare.Error, compare.MissingPattern, "hasn't"},
		"a dot too few":         {func(_, r *keyFile) { r.Entries[0].Pattern = keyring.Prefix("com.myapp.sealed") }, compare.Warning, compare.MissingPattern, "what both match works"},
		"another case":          {func(_, r *keyFile) { r.Entries[0].Pattern = keyring.Prefix("com.myapp.Sealed.") }, compare.Error, compare.MissingPattern, "may be a typo"},
		"plain at one end":      {func(o, _ *keyFile) { require.NoError(t, o.SetPlain(p)) }, compare.Error, compare.Plain, "each refuses what the other sends"},
		"plain patterns differ": {func(o, _ *keyFile) { require.NoError(t, o.SetPlain(keyring.Prefix("com.public."))) }, compare.Note, compare.MissingPattern, ""},
		"plain where the peer's pattern is keyed": {func(o, _ *keyFile) {
			require.NoError(t, o.SetPlain(keyring.Prefix(prefix+"x.")))
		}, compare.Error, compare.MissingPattern, `have a key, by prefix "com.myapp.sealed."`},
		"a version that one end alone was given": {func(_, r *keyFile) {
			_, b := versionOf(other(), other())
			b.Dates.ActiveFrom = tomorrow
			require.NoError(t, r.Add(p, b))
		}, compare.Warning, compare.MissingVersion, "it is to seal from " + tomorrow.UTC().Format(time.RFC3339) + " on at"},
		"the same after its date": {func(_, r *keyFile) {
			_, b := versionOf(other(), other())
			b.Dates.ActiveFrom = now.Add(-time.Hour)
			require.NoError(t, r.Add(p, b))
		}, compare.Warning, compare.MissingVersion, "a rotation there makes another key, but with -peer"},
		"another dialect":  {func(o, _ *keyFile) { o.Entries[0].Versions[0].Dialect = cryptobox.Autobahn }, compare.Error, compare.Dialect, "uses this key for"},
		"another suite":    {func(_, r *keyFile) { r.Entries[0].Versions[0].Suite = cryptobox.SuiteXBox }, compare.Error, compare.Dialect, `"wampbox" in suite "xbox"`},
		"the same dialect": {inDialect(cryptobox.Autobahn, 0), "", "", ""},
		"the same suite":   {inDialect(cryptobox.Wampbox, cryptobox.SuiteXBox), "", "", ""},
		"another dialect and key": {func(_, r *keyFile) {
			_, b := versionOf(other(), other())
			b.Dialect = cryptobox.Autobahn
			r.Entries[0].Versions = []*keyfile.Version{b}
		}, compare.Error, compare.Dialect, "that were made together"},
		"a rotation to another dialect": {func(o, r *keyFile) {
			a, b := versionOf(other(), other())
			for v, f := range map[*keyfile.Version]*keyFile{a: o, b: r} {
				v.Dialect, v.Dates.ActiveFrom = cryptobox.Autobahn, tomorrow
				require.NoError(t, f.Add(p, v))
			}
		}, "", "", ""},
		"a version not handed out": {func(o, _ *keyFile) {
			a, _ := versionOf(other(), other())
			a.Dates.ActiveFrom = tomorrow
			require.NoError(t, o.Add(p, a))
		}, compare.Error, compare.MissingVersion, "before that, copy the version to "},
		"dates that differ": {rotated(keyring.Dates{ActiveFrom: tomorrow}, keyring.Dates{ActiveFrom: week}), compare.Warning, compare.Dates, "with wampbox activate -at"},
		"ends that differ": {func(o, r *keyFile) {
			rotated(keyring.Dates{ActiveFrom: tomorrow}, keyring.Dates{ActiveFrom: tomorrow})(o, r)
			require.NoError(t, o.SetDates(p, old(o), keyring.Dates{NotAfter: week}))
		}, compare.Warning, compare.Dates, "with wampbox retire -at"},
		"a gap": {func(o, r *keyFile) {
			rotated(keyring.Dates{ActiveFrom: week}, keyring.Dates{ActiveFrom: week})(o, r)
			for _, f := range []*keyFile{o, r} {
				require.NoError(t, f.SetDates(p, old(f), keyring.Dates{NotAfter: tomorrow}))
			}
		}, compare.Warning, compare.NoActive, "date the next version earlier with wampbox activate, or the older one's end later with wampbox retire"},
		"the same shared key made apart": {func(o, r *keyFile) {
			for _, f := range []*keyFile{o, r} {
				require.NoError(t, f.Add(keyring.Exact("com.x.y"), &keyfile.Version{Shared: keyfile.SymmetricKey(cryptobox.GenerateSymmetricKey())}))
			}
		}, compare.Error, compare.Pair, "copy the pattern's entry from one file to the other"},
		"the old one ends too early at the peer": {func(o, r *keyFile) {
			rotated(keyring.Dates{ActiveFrom: week}, keyring.Dates{ActiveFrom: week})(o, r)
			require.NoError(t, r.SetDates(p, old(r), keyring.Dates{NotAfter: tomorrow}))
		}, compare.Error, compare.Dates, "opens it until " + tomorrow.UTC().Format(time.RFC3339) + " only"},
		"no time for what is on the way": {func(o, r *keyFile) {
			rotated(keyring.Dates{ActiveFrom: tomorrow}, keyring.Dates{ActiveFrom: tomorrow})(o, r)
			for _, f := range []*keyFile{o, r} {
				require.NoError(t, f.SetDates(p, old(f), keyring.Dates{NotAfter: tomorrow.Add(time.Minute)}))
			}
		}, compare.Warning, compare.Dates, "on the way"},
		"revoked at one end": {func(_, r *keyFile) { require.NoError(t, r.Revoke(p, old(r))) }, compare.Error, compare.Revoked, "wampbox revoke"},
		"revoked at both ends": {func(o, r *keyFile) {
			require.NoError(t, r.Revoke(p, old(r)))
			require.NoError(t, o.Revoke(p, old(o)))
		}, "", "", ""},
		"an end in sight": {func(o, r *keyFile) {
			for _, f := range []*keyFile{o, r} {
				require.NoError(t, f.SetDates(p, old(f), keyring.Dates{NotAfter: week}))
			}
		}, compare.Warning, compare.NoActive, "seals nothing from " + week.UTC().Add(0).Format("2006-01-02")},
		"the same half": {func(o, r *keyFile) { r.Entries = o.Entries }, compare.Error, compare.Roles, "originator's half"},
		"one id for two keys": {func(o, r *keyFile) {
			for _, f := range []*keyFile{o, r} {
				require.NoError(t, f.Add(keyring.Exact("com.x.y"), &keyfile.Version{ID: "one", Dialect: cryptobox.Passthru, Shared: keyfile.SymmetricKey(cryptobox.GenerateSymmetricKey())}))
			}
		}, compare.Error, compare.Secret, "another key"},
		"unkeyed at one end": {func(o, _ *keyFile) { o.PlainUnlessKeyed = true }, compare.Warning, compare.Unkeyed, "no pattern matches"},
		"a transition of one end alone": {func(o, _ *keyFile) {
			require.NoError(t, o.Transition(p, keyring.SendPlain, tomorrow))
		}, compare.Error, compare.Transition, "refuses that"},
		"a transition that ends too early": {func(o, r *keyFile) {
			require.NoError(t, o.Transition(p, keyring.SendPlain, tomorrow))
			require.NoError(t, r.Transition(p, keyring.AcceptPlain, tomorrow))
		}, compare.Error, compare.Transition, "takes it only until"},
		"a transition that both begin": {func(o, r *keyFile) {
			require.NoError(t, o.Transition(p, keyring.SendPlain, tomorrow))
			require.NoError(t, r.Transition(p, keyring.SendPlain, tomorrow))
		}, compare.Warning, compare.Transition, "both ends send plain"},
		"a transition that may end": {func(o, _ *keyFile) {
			require.NoError(t, o.Transition(p, keyring.AcceptPlain, tomorrow))
		}, compare.Warning, compare.Transition, "plaintext is still taken"},
		"a transition that has ended": {func(o, _ *keyFile) {
			require.NoError(t, o.Transition(p, keyring.AcceptPlain, now.Add(-time.Hour)))
		}, compare.Warning, compare.Transition, "ended at"},
		"a transition with a peer in plain": {func(o, r *keyFile) {
			require.NoError(t, o.Transition(p, keyring.AcceptPlain, tomorrow))
			require.NoError(t, r.SetPlain(p))
		}, compare.Warning, compare.Plain, "goes along only until"},
		"a pattern that comes under a plain one": {func(o, r *keyFile) {
			for _, f := range []*keyFile{o, r} {
				require.NoError(t, f.SetPlain(keyring.Prefix("com.x.")))
			}
			a, _ := versionOf(other(), other())
			require.NoError(t, o.Add(keyring.Prefix("com.x.y."), a))
		}, compare.Error, compare.MissingPattern, `come under prefix "com.x."`},
		"a pattern that isn't needed": {func(o, r *keyFile) {
			for _, f := range []*keyFile{o, r} {
				require.NoError(t, f.SetPlain(keyring.Prefix("com.x.")))
			}
			require.NoError(t, o.SetPlain(keyring.Prefix("com.x.y.")))
		}, compare.Warning, compare.MissingPattern, "it works"},
		"an end at the peer alone": {rotated(keyring.Dates{ActiveFrom: tomorrow}, keyring.Dates{ActiveFrom: tomorrow, NotAfter: now.Add(1000 * time.Hour)}),
			compare.Error, compare.Dates, "seals with it after that"},
		"a transition that goes well": {plainFor(t, time.Hour), compare.Warning, compare.Transition, "sends plain until"},
	} {
		t.Run(name, func(t *testing.T) {
			files := newEnds(t, test.plant)
			for _, way := range [][2]string{{files.originator, files.responder}, {files.responder, files.originator}} {
				found, err := findings(t, "-peer", list(t, way[1]), way[0])
				if test.level == "" {
					require.Empty(t, found)
					require.NoError(t, err)
					continue
				}
				require.Len(t, found, 1)
				require.Equal(t, test.level, found[0].Level)
				require.Equal(t, test.rule, found[0].Rule)
				require.Contains(t, found[0].Message+found[0].Fix, test.says)
				require.Equal(t, test.level == compare.Error, err != nil)
			}
		})
	}
}

// TestDoctorKeepsSealing: a plain pattern of one end alone that takes URIs out of a keyed one
// is an error from either end, and no finding says to declare more of them plain.
func TestDoctorKeepsSealing(t *testing.T) {
	other := cryptobox.GenerateKey
	keyed := func(p keyring.Pattern) func(o, r *keyFile) {
		return func(o, r *keyFile) {
			a, b := versionOf(other(), other())
			require.NoError(t, o.Add(p, a))
			require.NoError(t, r.Add(p, b))
		}
	}
	atResponder := func(p keyring.Pattern) func(o, r *keyFile) {
		return func(_, r *keyFile) {
			_, b := versionOf(other(), other())
			require.NoError(t, r.Add(p, b))
		}
	}
	plain := func(p keyring.Pattern) func(o, r *keyFile) {
		return func(o, _ *keyFile) { require.NoError(t, o.SetPlain(p)) }
	}
	sensors, wildcard := keyring.Prefix("com.acme.sensors."), keyring.Wildcard("com.acme.sensors..temperature")
	for name, test := range map[string]struct {
		plant   []func(o, r *keyFile)
		pattern keyring.Pattern // narrows
		level   compare.Level
		says    string
		fix     string
	}{
		"a prefix over a wildcard of both": {[]func(o, r *keyFile){keyed(wildcard), plain(sensors)}, wildcard, compare.Error,
			`some of its URIs have a key, by wildcard "com.acme.sensors..temperature": these go out in plain`, "remove it at "},
		"a prefix over a wildcard of the peer": {[]func(o, r *keyFile){atResponder(wildcard), plain(sensors)}, wildcard, compare.Error,
			`come under prefix "com.acme.sensors.", which is plain: these go out in plain`, `remove prefix "com.acme.sensors." at `},
		"a wildcard within a wildcard": {[]func(o, r *keyFile){keyed(keyring.Wildcard("com..temperature.")), plain(keyring.Wildcard("com.kitchen..now"))}, keyring.Wildcard("com.kitchen..now"), compare.Error,
			"some of its URIs have a key", "remove it at "},
		"an exact pattern under a prefix of both": {[]func(o, r *keyFile){keyed(sensors), plain(keyring.Exact("com.acme.sensors.kitchen"))}, sensors, compare.Error,
			`some of its URIs have a key, by prefix "com.acme.sensors."`, "remove it at "},
		"an exact pattern under a prefix of the peer": {[]func(o, r *keyFile){atResponder(sensors), plain(keyring.Exact("com.acme.sensors.kitchen"))}, sensors, compare.Error,
			`some of its URIs have a key, by prefix "com.acme.sensors."`, "remove it at "},
		"a plain prefix within one that the peer has plain and keyed": {[]func(o, r *keyFile){atResponder(wildcard), plain(keyring.Prefix("com.acme.")), func(_, r *keyFile) {
			require.NoError(t, r.SetPlain(keyring.Wildcard("com.acme..")))
		}}, wildcard, compare.Error, `come under prefix "com.acme.", which is plain`, `remove prefix "com.acme." at `},
		"unkeyed at one end": {[]func(o, r *keyFile){atResponder(sensors), func(o, _ *keyFile) { o.PlainUnlessKeyed = true }}, sensors, compare.Error,
			"they go out in plain from ", `take "unkeyed" out at `},
		"over a key of its own alone": {[]func(o, r *keyFile){plain(sensors), func(o, _ *keyFile) {
			a, _ := versionOf(other(), other())
			require.NoError(t, o.Add(wildcard, a))
		}}, sensors, compare.Note, "refused, as no pattern matches", "remove it at "},
		"around keys of both": {[]func(o, r *keyFile){keyed(keyring.Prefix("com.acme.sensors.hot.")), plain(sensors)}, sensors, compare.Note,
			"refused, as no pattern matches", "remove it at "},
		"plain at one end": {[]func(o, r *keyFile){atResponder(sensors), plain(sensors)}, sensors, compare.Error, "each refuses what the other sends", "remove it at "},
	} {
		t.Run(name, func(t *testing.T) {
			files := newEnds(t, test.plant...)
			for _, way := range [][2]string{{files.originator, files.responder}, {files.responder, files.originator}} {
				for _, narrowed := range [][]string{nil, {"-pattern", test.pattern.URI}} {
					if narrowed != nil && (test.pattern.Match == keyring.MatchWildcard) != strings.Contains(test.pattern.URI, "..") {
						continue // it would be taken for a prefix
					}
					found, _ := findings(t, append([]string{"-peer", list(t, way[1]), way[0]}, narrowed...)...)
					level, says := compare.Level(""), ""
					for _, f := range found {
						require.NotContains(t, f.Fix, "plain at")
						if says += f.Message + f.Fix + "\n"; strings.Contains(f.Message, test.says) && strings.Contains(f.Fix, test.fix) {
							level = f.Level
						}
					}
					if test.level == compare.Error || narrowed == nil {
						require.Equal(t, test.level, level, says)
					}
				}
			}
		})
	}
}

// inDialect gives the versions of both ends a dialect and a suite.
func inDialect(d cryptobox.Dialect, s cryptobox.Suite) func(o, r *keyFile) {
	return func(o, r *keyFile) {
		for _, f := range []*keyFile{o, r} {
			f.Entries[0].Versions[0].Dialect, f.Entries[0].Versions[0].Suite = d, s
		}
	}
}

// id gives that of a version of the first pattern.
func id(t testing.TB, f *keyFile, index int) string {
	t.Helper()
	infos, err := f.List()
	require.NoError(t, err)
	return infos[0].Versions[index].ID
}

// TestDoctorNarrows to one pattern.
func TestDoctorNarrows(t *testing.T) {
	files := newEnds(t, func(o, r *keyFile) {
		require.NoError(t, o.SetPlain(keyring.Exact("com.public")))
		require.NoError(t, o.SetPlain(keyring.Exact("com.x")))
		require.NoError(t, r.SetPlain(keyring.Prefix("com.y.")))
	})
	peer := list(t, files.responder)
	found, err := findings(t, "-peer", peer, files.originator)
	require.NoError(t, err)
	require.Len(t, found, 3)
	found, err = findings(t, "-peer", peer, "-pattern", "com.public", files.originator)
	require.Error(t, err, "who asks for a pattern means that both have it")
	require.Len(t, found, 1)
	found, err = findings(t, "-peer", peer, "-pattern", prefix, files.originator)
	require.NoError(t, err)
	require.Empty(t, found)
	_, err = tool(t, "doctor", "-peer", peer, "-pattern", "com.none", files.originator)
	require.ErrorContains(t, err, `neither end has exact "com.none"`)
}

// TestDoctorLooksAtTheRouter and says what is wrong with it.
func TestDoctorLooksAtTheRouter(t *testing.T) {
	router := testrouter.Start(t)
	secured(t, router)
	files := newEnds(t)
	web := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(web.Close)
	autobahn := newEnds(t, inDialect(cryptobox.Autobahn, 0))
	for name, test := range map[string]struct {
		url, realm, file string
		rule             compare.Rule
	}{
		"all is well":           {router.WebSocketURL(), realm, files.originator, ""},
		"all is well there too": {router.RawSocketURL(), realm, files.originator, ""},
		"nobody there":          {"ws://127.0.0.1:1/ws", realm, files.originator, "unreachable"},
		"nobody there either":   {"tcp://127.0.0.1:1", realm, files.originator, "unreachable"},
		"another scheme":        {chatter(t), realm, files.originator, "no-router"},
		"another server":        {"ws" + strings.TrimPrefix(web.URL, "http") + "/ws", realm, files.originator, "no-router"},
		"another realm":         {router.WebSocketURL(), "nowhere", files.originator, "realm"},
		"a realm with a door":   {router.WebSocketURL(), "secured", files.originator, "auth"},
		"a lack of a feature":   {router.WebSocketURL(), realm, autobahn.originator, "feature"},
	} {
		t.Run(name, func(t *testing.T) {
			found, err := findings(t, "-router", test.url, "-realm", test.realm, test.file)
			if test.rule == "" {
				require.Empty(t, found)
				require.NoError(t, err)
				return
			}
			require.Len(t, found, 1)
			require.Equal(t, test.rule, found[0].Rule)
			require.Error(t, err)
		})
	}
}

// TestDoctorPrints findings for people, and no secrets.
func TestDoctorPrints(t *testing.T) {
	files, others := newEnds(t), newEnds(t)
	peer := list(t, others.responder)
	r, err := tool(t, "doctor", "-peer", peer, files.originator)
	require.ErrorIs(t, err, live.ErrSaid)
	require.Contains(t, r.out.String(), `error: prefix "com.myapp.sealed.": the keys don't belong together: this end has "`)
	require.Contains(t, r.out.String(), "[pair]\n   fix: in the file of this end write as responder.public, and in that of the peer as originator.public, "+
		"what wampbox pubkey FILE -pattern com.myapp.sealed. prints at the other end; or make the pattern anew for both with wampbox add\n")

	written, err := os.ReadFile(peer)
	require.NoError(t, err)
	for _, path := range []string{files.originator, others.responder} {
		var file struct {
			Patterns []struct{ Versions []map[string]any }
		}
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(text, &file))
		for _, side := range []string{"originator", "responder"} {
			for _, key := range file.Patterns[0].Versions[0][side].(map[string]any) {
				require.NotContains(t, r.out.String()+r.err.String()+string(written), key)
			}
		}
	}

	r, err = tool(t, "doctor", "-peer", files.responder, files.originator)
	require.ErrorContains(t, err, "-peer: it is a keyring file, and its secrets are for nobody but its owner: have wampbox list -json FILE run at the peer")
	require.Empty(t, r.out.String())
	bad := secret(t, `{"version": 2, "patterns": [{}]}`)
	found, err := findings(t, "-peer", peer, bad)
	require.Error(t, err)
	require.Len(t, found, 1)
	require.Equal(t, compare.Rule("file"), found[0].Rule)
}
