package live_test

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cmd/wampbox/internal/live/compare"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/testrouter"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// signedEnds are the files of two parties of a signed key, with what a change does to both
// versions, and the verify keys of both.
func signedEnds(t testing.TB, suite cryptobox.Suite, change ...func(originator, responder *keyfile.Version)) (e ends, verifies [2]string) {
	t.Helper()
	read, err := cryptobox.GenerateReadingKey(suite)
	require.NoError(t, err)
	billing, hub := cryptobox.GenerateSigningKey(), cryptobox.GenerateSigningKey()
	ours := &keyfile.Version{
		Suite: suite, Sign: keyfile.SigningKey(billing), Seal: keyfile.ReadingPublicKey(read.Public()),
		Answerers: []keyfile.Party{{Name: "hub", Key: keyfile.VerifyKey(hub.Public())}},
	}
	theirs := &keyfile.Version{
		Suite: suite, Sign: keyfile.SigningKey(hub), Read: keyfile.ReadingKey(read),
		Senders: []keyfile.Party{{Name: "billing", Key: keyfile.VerifyKey(billing.Public())}},
	}
	for _, change := range change {
		change(ours, theirs)
	}
	dir := t.TempDir()
	e = ends{filepath.Join(dir, "originator.json"), filepath.Join(dir, "responder.json")}
	for path, v := range map[string]*keyfile.Version{e.originator: ours, e.responder: theirs} {
		f := keyfile.New()
		require.NoError(t, f.Add(keyring.Prefix(prefix), v))
		require.NoError(t, keyfile.Create(path, f))
	}
	return e, [2]string{billing.Public().String(), hub.Public().String()}
}

// TestSignedTraffic: what comes by pub and call says who signed it; what nobody on the list signed
// is refused, and sub counts it.
func TestSignedTraffic(t *testing.T) {
	router := testrouter.Start(t)
	for _, suite := range []cryptobox.Suite{cryptobox.SuiteSigned, cryptobox.SuiteSignedPQ} {
		t.Run(suite.String(), func(t *testing.T) {
			files, verifies := signedEnds(t, suite)
			url := router.WebSocketURL()
			sub := new(run).start(t.Context(), with("sub", at(url, files.responder), "-n", "1", prefix)...)
			sub.says(t, "subscribed to prefix")
			change(t, files.responder, func(f *keyfile.File) error {
				return f.AddParty(keyring.Prefix(prefix), keyring.RoleOriginator, keyring.Party{Name: "cron", Key: cryptobox.GenerateSigningKey().Public()})
			})
			sub.says(t, ", hears billing, cron)\n")

			stranger, _ := signedEnds(t, suite)
			file, err := keyfile.ParseFile(stranger.originator)
			require.NoError(t, err)
			ours, err := keyfile.ParseFile(files.originator)
			require.NoError(t, err)
			file.Entries[0].Versions[0].Seal = keyfile.Text(string(ours.Entries[0].Versions[0].Seal.UnsafeText()))
			forged := filepath.Join(t.TempDir(), "forged.json")
			require.NoError(t, keyfile.Create(forged, file))
			fine(t, with("pub", at(url, forged), prefix+"hello", `"made up"`)...)
			pub := fine(t, with("pub", at(url, files.originator), prefix+"hello", `"attack at dawn"`)...)
			require.Contains(t, pub.err.String(), "sealed with id ")
			require.NoError(t, sub.wait(t))
			event := sub.lines(t)[0]
			require.Equal(t, []any{"attack at dawn"}, event["args"])
			proved := event["proved"].(map[string]any)
			require.Equal(t, map[string]any{"name": "billing", "key": verifies[0]}, proved["sender"])
			require.Equal(t, []any{suite.String(), "originator"}, []any{proved["suite"], proved["role"]})
			require.Contains(t, sub.err.String(), "refused: 1 "+transparency.WrongSender.Error())
			require.Contains(t, sub.err.String(), "message refused: event ")
			require.Contains(t, sub.err.String(), "(wampbox add -sender, of an answer add -answerer)")

			callee := join(t, url, files.responder)
			procedure := prefix + "echo." + suite.String()
			require.NoError(t, callee.Register(procedure, echo, nil))
			full := fine(t, with("call", at(url, files.originator), "-full", procedure, "7")...).lines(t)[0]
			require.Equal(t, map[string]any{"name": "hub", "key": verifies[1]}, full["proved"].(map[string]any)["sender"])
			doctor := fine(t, "doctor", files.originator, "-router", url, "-realm", realm, "-call", procedure)
			require.Contains(t, doctor.err.String(), ", signed by hub, "+verifies[1])
			_, err = tool(t, with("call", at(url, forged), "-timeout", "5s", procedure, "7")...)
			require.ErrorIs(t, err, transparency.Refused)

			_, err = tool(t, with("sub", at(url, files.originator), prefix)...)
			require.ErrorContains(t, err, "it has the half of who publishes")
			require.NoError(t, callee.Close())
		})
	}
}

// TestDoctorSigned: each end has to list the key by which the other signs.
func TestDoctorSigned(t *testing.T) {
	for name, test := range map[string]struct {
		plant func(o, r *keyfile.Version)
		level compare.Level
		rule  compare.Rule
		says  string
	}{
		"nothing":           {func(_, _ *keyfile.Version) {}, "", "", ""},
		"an unknown sender": {func(_, r *keyfile.Version) { r.Senders = nil }, compare.Error, compare.Parties, "among its senders: nothing that it sends is taken"},
		"an unknown answerer": {func(o, _ *keyfile.Version) {
			o.Answerers[0].Key = keyfile.VerifyKey(cryptobox.GenerateSigningKey().Public())
		}, compare.Warning, compare.Parties, "its answers are refused"},
		"no answerers":           {func(o, _ *keyfile.Version) { o.Answerers = nil }, "", "", ""},
		"any answerer":           {func(o, _ *keyfile.Version) { o.Answerers, o.AnyAnswerer = nil, true }, "", "", ""},
		"signed once, both":      {func(o, r *keyfile.Version) { o.SignedOnce, r.SignedOnce = true, true }, "", "", ""},
		"signed once, sender":    {func(o, _ *keyfile.Version) { o.SignedOnce = true }, compare.Error, compare.Parties, "signs its calls once an hour"},
		"signed once, answerer":  {func(_, r *keyfile.Version) { r.SignedOnce = true }, compare.Warning, compare.Parties, "signs its answers once an hour"},
		"the same part, senders": {func(o, r *keyfile.Version) { *r = *o }, compare.Error, compare.Roles, "both ends hold the originator's half"},
	} {
		t.Run(name, func(t *testing.T) {
			files, _ := signedEnds(t, cryptobox.SuiteSigned, test.plant)
			for _, pair := range [][2]string{{files.originator, files.responder}, {files.responder, files.originator}} {
				found, err := findings(t, pair[0], "-peer", list(t, pair[1]))
				if test.level == "" {
					require.NoError(t, err)
					require.Empty(t, found)
					continue
				}
				require.Equal(t, test.level == compare.Error, err != nil)
				require.NotEmpty(t, found)
				require.Equal(t, []any{test.level, test.rule}, []any{found[0].Level, found[0].Rule})
				require.Contains(t, found[0].Message, test.says)
			}
		})
	}
}

// TestDoctorUnsigned: beside a signed version the others open until a date, at each end its own.
func TestDoctorUnsigned(t *testing.T) {
	for allowed, fails := range map[bool]bool{true: false, false: true} {
		box := newEnds(t)
		files, _ := signedEnds(t, cryptobox.SuiteSigned)
		for path, from := range map[string]string{box.originator: files.originator, box.responder: files.responder} {
			signed, err := keyfile.ParseFile(from)
			require.NoError(t, err)
			require.NoError(t, keyfile.Update(path, func(f *keyfile.File) error {
				v := signed.Entries[0].Versions[0]
				v.Dates.ActiveFrom = inAnHour()
				if allowed || strings.HasSuffix(path, "originator.json") {
					f.Entries[0].AllowUnsigned = inAnHour().AddDate(0, 0, 1)
				}
				return f.Add(keyring.Prefix(prefix), v)
			}))
		}
		found, err := findings(t, box.originator, "-peer", list(t, box.responder))
		require.Equal(t, fails, err != nil, "%v", found)
		if fails {
			require.Contains(t, found[0].Message, "has a signed version beside it, and opens no other")
		}
	}
}

func inAnHour() time.Time { return time.Now().Add(time.Hour).UTC().Truncate(time.Second) }
