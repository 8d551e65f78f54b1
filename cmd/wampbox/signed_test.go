package main_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// TestInitSigned gives each party its own signing key, those who receive one reading key, and
// lists that fit.
func TestInitSigned(t *testing.T) {
	for suite, args := range map[cryptobox.Suite][]string{
		cryptobox.SuiteSigned: {"-both"}, cryptobox.SuiteSignedPQ: {"-both", "-suite", "signed-pq"},
	} {
		dir, id := begunSigned(t, args...)
		originator, responder, does := both(dir)[0], both(dir)[1], filepath.Join(dir, bothFile)
		all := []string{originator, responder, does}
		keys := map[string]string{}
		for _, path := range all {
			require.Equal(t, os.FileMode(0o600), mode(t, path))
			v := info(t, path)
			require.Equal(t, []any{id, keyring.StateActive, "signed", suite}, []any{v.ID, v.State, v.Kind, v.Suite})
			keys[strings.TrimSuffix(filepath.Base(path), ".json")] = v.Signed.Verify.String()
		}
		sends := []string{"both=" + keys["both"], "originator=" + keys["originator"]}
		answers := []string{"both=" + keys["both"], "responder=" + keys["responder"]}
		for path, want := range map[string][]any{
			originator: {true, false, []string{}, answers}, responder: {false, true, sends, []string{}}, does: {true, true, sends, answers},
		} {
			s := info(t, path).Signed
			require.Equal(t, want, []any{s.Originates, s.Responds, named(s.Senders), named(s.Answerers)}, path)
			require.Equal(t, info(t, originator).Signed.Reading, s.Reading)
			require.False(t, s.AnyAnswerer || s.SignedOnce)
		}
		require.Len(t, slices.Compact(slices.Sorted(slices.Values(signedSecrets(t, all...)))), 4, "three signing keys, and one reading key in two files")
		opensFrom(t, originator, responder, true)
		opensFrom(t, does, responder, true)
		opensFrom(t, does, does, true)
		require.Empty(t, wampbox(t, append([]string{"lint"}, all...)...).fine(t))
		wampbox(t, append([]string{"explain", "com.x.y"}, all...)...).fine(t)
	}
	told := wampbox(t, "init", "-signed", "-both", "-dir", filepath.Join(t.TempDir(), "k"), "com.x.").err
	require.Contains(t, told, "both.json for who does all of that")
	dir := t.TempDir()
	r := wampbox(t, "init", "-dir", dir, "-suite", "signed", "com.x.", "-any-answerer", "-signed-once", "-plain", "com.p.")
	r.fine(t)
	require.Contains(t, r.err, "the reading key is a secret of those who receive")
	sends, reads := info(t, both(dir)[0]).Signed, info(t, both(dir)[1]).Signed
	require.Equal(t, []bool{true, false, true, true}, []bool{sends.AnyAnswerer, reads.AnyAnswerer, sends.SignedOnce, reads.SignedOnce})
	require.Empty(t, sends.Answerers)
	opensFrom(t, both(dir)[0], both(dir)[1], true)
}

// TestInitSignedUsage: what doesn't go with signed keys is the caller's mistake.
func TestInitSignedUsage(t *testing.T) {
	dir := t.TempDir()
	for says, args := range map[string][]string{
		"-signed is for our own dialect":             {"-signed", "-for", "autobahn"},
		"-suite is for our own dialect":              {"-suite", "signed", "-for", "passthru"},
		"-signed makes keys of the suites signed":    {"-signed", "-suite", "xbox"},
		"-shared is a secret of all parties":         {"-signed", "-shared"},
		"-any-answerer is for signed keys":           {"-any-answerer"},
		"-signed-once is for signed keys":            {"-signed-once", "-suite", "box"},
		"-both is for signed keys":                   {"-both"},
		"-suite: use box, xbox, signed or signed-pq": {"-suite", "sealed"},
	} {
		wampbox(t, append([]string{"init", "-dir", dir, "com.x."}, args...)...).fails(t, 2, says)
	}
	require.Empty(t, must2(os.ReadDir(dir)))
}

// TestAddSigned: files of several parties at once, each named after its file.
func TestAddSigned(t *testing.T) {
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name+".json") }
	var all struct {
		Patterns []struct {
			Pattern, Match, ID, Reading string
			Plain                       bool
			Parties                     []struct{ Name, File, Verify string }
		}
		Originator, Responder []string
	}
	r := wampbox(t, "add", "-signed", "-originator", in("billing"), "-originator", in("web"), "-responder", in("hub"), "-responder", in("web"), "com.x.", "-json", "-signed-once")
	r.decode(t, &all)
	require.Len(t, all.Patterns[0].Parties, 3)
	for i, name := range []string{"billing", "web", "hub"} {
		p := all.Patterns[0].Parties[i]
		require.Equal(t, []string{name, in(name), verify(t, in(name))}, []string{p.Name, p.File, p.Verify})
		require.True(t, info(t, in(name)).Signed.SignedOnce)
	}
	require.Equal(t, info(t, in("hub")).Signed.Reading.String(), all.Patterns[0].Reading)
	r.noSignedSecrets(t, in("billing"), in("web"), in("hub"))
	require.Len(t, info(t, in("hub")).Signed.Senders, 2)
	require.Len(t, info(t, in("web")).Signed.Answerers, 2)
	for _, from := range []string{"billing", "web"} {
		opensFrom(t, in(from), in("hub"), true)
		opensFrom(t, in(from), in("web"), true)
	}
	require.Empty(t, strings.TrimSpace(strings.Join(findings(t, in("billing"), in("web"), in("hub")), "")), "but for notes")

	for says, args := range map[string][]string{
		"would be of one party":                           {"-originator", in("other"), "-responder", filepath.Join(dir, "sub", "other.json")},
		"the same file is named twice":                    {"-originator", in("a"), "-originator", in("a")},
		"needs the public half of the reading key":        {"-originator", in("a")},
		"-any-answerer is for who calls":                  {"-responder", in("a"), "-any-answerer"},
		"-responder needs the private one":                {"-responder", in("a"), "-reading", all.Patterns[0].Reading},
		"-reading: that is no public reading key":         {"-originator", in("a"), "-reading", "x25519:AAAA"},
		"what wampbox pubkey prints of the responders'":   {"-originator", in("a"), "-reading", verify(t, in("hub"))},
		"private key, others may have seen it":            {"-originator", in("a"), "-reading", strings.TrimSpace(wampbox(t, "keygen", "-reading").fine(t))},
		"and it is neither x25519:... nor xwing:...":      {"-originator", in("a"), "-reading", "hub"},
		"that is a keyring file: give the key that":       {"-originator", in("a"), "-reading", in("hub")},
		"the file may have the public or the private":     {"-originator", in("a"), "-reading", write(t, "public", []byte(all.Patterns[0].Reading))},
		"that is a keyring file: give the file of a key":  {"-responder", in("a"), "-signing", in("hub")},
		"give the files that get a part of the key":       {},
		"-signing is the key of one party":                {"-originator", in("a"), "-responder", in("b"), "-signing", write(t, "k", []byte(wampbox(t, "keygen", "-signing").fine(t)))},
		"-reading is a key of the suite signed":           {"-originator", in("a"), "-suite", "signed-pq", "-reading", all.Patterns[0].Reading},
		"-shared is a secret of all parties":              {"-originator", in("a"), "-shared", in("b")},
		"-signed is for patterns that get a key":          {"-originator", in("a"), "-reading", all.Patterns[0].Reading, "-plain"},
		"-sender and -answerer are for those that have o": {"-sender", "a=" + verify(t, in("hub")), "-originator", in("a")},
	} {
		r := wampbox(t, append([]string{"add", "-signed", "com.n."}, args...)...)
		require.NotZero(t, r.status)
		require.Contains(t, r.err, says)
		require.NoFileExists(t, in("a"))
	}
	wampbox(t, "add", "-signed", "com.x.", "-originator", in("a"), "-responder", in("hub")).fails(t, 1, "name the file of that alone, with -reading")
	require.NoFileExists(t, in("a"))
	wampbox(t, "add", "com.n.", "-originator", in("a"), "-responder", in("b"), "-signing", in("hub")).fails(t, 2, "-signing is for signed keys")
	wampbox(t, "add", "-sender", "a="+strings.TrimSpace(wampbox(t, "keygen", "-signing").fine(t)), "com.x.", in("hub")).fails(t, 2, "others may have seen it")
}

// findings gives what lint finds, without the notes.
func findings(t testing.TB, paths ...string) []string {
	t.Helper()
	return slices.DeleteFunc(slices.Collect(strings.Lines(wampbox(t, append([]string{"lint"}, paths...)...).out)), func(line string) bool { return strings.Contains(line, ": note: ") })
}

// commandIn gives the words of a command that was told to be run, for a file in place of FILE.
func commandIn(t testing.TB, said, begins, file string) []string {
	t.Helper()
	for line := range strings.Lines(said) {
		if line = strings.TrimSpace(line); strings.HasPrefix(line, begins) {
			words := strings.Fields(strings.ReplaceAll(line, "'", ""))[1:]
			for i, word := range words {
				if word == "FILE" {
					words[i] = file
				}
			}
			return words
		}
	}
	require.Fail(t, "nothing begins so", "%s: %s", begins, said)
	return nil
}

// TestAddSignedApart: no private key travels. What each runs is what it was told.
func TestAddSignedApart(t *testing.T) {
	for _, suite := range []string{"signed", "signed-pq"} {
		dir := t.TempDir()
		web, hub := filepath.Join(dir, "web.json"), filepath.Join(dir, "hub.json")
		received := wampbox(t, "add", "-suite", suite, "-responder", hub, "com.x.")
		id := received.fine(t)
		received.noSignedSecrets(t, hub)
		require.Contains(t, wampbox(t, "lint", hub).out, "no-senders: ")
		reading := info(t, hub).Signed.Reading.String()
		require.Contains(t, received.err, reading)

		tell := commandIn(t, received.err, "wampbox add -signed -originator", web)
		tell[slices.Index(tell, "KEY")] = reading
		sent := wampbox(t, tell...)
		require.Equal(t, id, sent.fine(t), "the same id at both ends")
		sent.noSignedSecrets(t, web, hub)
		opensFrom(t, web, hub, false)
		wampbox(t, "explain", "com.x.y", web, hub).fails2(t, "doesn't list among its senders")
		require.Contains(t, strings.Join(findings(t, web, hub), ""), "unlisted: ")

		r := wampbox(t, commandIn(t, sent.err, "wampbox add -sender", hub)...)
		r.fine(t)
		require.Contains(t, r.err, "web may publish and call")
		opensFrom(t, web, hub, true)
		wampbox(t, commandIn(t, received.err, "wampbox add -answerer", web)...).fine(t)
		require.Equal(t, []string{"hub=" + verify(t, hub)}, named(info(t, web).Signed.Answerers))
		require.Empty(t, wampbox(t, "lint", web, hub).fine(t))
		wampbox(t, "explain", "com.x.y", web, hub).fine(t)
	}
}

// fails2 is fails for a command that has printed what it found.
func (r result) fails2(t testing.TB, says string) {
	t.Helper()
	require.Equal(t, 1, r.status, r.err)
	require.Contains(t, r.out, says)
}

// TestAddWithKeys takes a signing and a reading key that are there.
func TestAddWithKeys(t *testing.T) {
	dir := t.TempDir()
	key := func(name string, args ...string) (path, public string) {
		path = filepath.Join(dir, name)
		r := wampbox(t, append([]string{"keygen", "-o", path}, args...)...)
		r.fine(t)
		return path, strings.TrimSpace(strings.TrimPrefix(r.err, "Public key: "))
	}
	sign, verifies := key("sign.key", "-signing")
	read, reading := key("read.key", "-reading", "-suite", "signed-pq")
	hub, log := filepath.Join(dir, "hub.json"), filepath.Join(dir, "log.json")
	id := wampbox(t, "add", "-signed", "-responder", hub, "-reading", read, "-signing", sign, "com.x.").fine(t)
	require.Equal(t, id, wampbox(t, "add", "-signed", "-responder", log, "-reading", read, "com.x.").fine(t), "a second one who receives, with the private reading key")
	require.Equal(t, verifies, verify(t, hub))
	require.Equal(t, reading, info(t, hub).Signed.Reading.String())
	require.Equal(t, cryptobox.SuiteSignedPQ, info(t, hub).Suite)
	web := filepath.Join(dir, "web.json")
	publicFile := write(t, "read.pub", []byte(reading+"\n"))
	require.Equal(t, id, wampbox(t, "add", "-signed", "-originator", web, "-reading", publicFile, "com.x.").fine(t), "a public key from a file, as it is long")
	wampbox(t, "add", "-signed", "-originator", filepath.Join(dir, "n.json"), "-reading", sign, "com.x.").fails(t, 1, "-reading: ")
	wampbox(t, "add", "-signed", "-responder", filepath.Join(dir, "n.json"), "-signing", read, "com.x.").fails(t, 1, "-signing: ")
	wampbox(t, "add", "-signed", "-responder", filepath.Join(dir, "n.json"), "-signing", filepath.Join(dir, "none"), "com.x.").fails(t, 1, "no such file")
}

// TestParties adds and removes one party, in all files that list such.
func TestParties(t *testing.T) {
	dir, _ := begunSigned(t, "-both")
	originator, responder, does := both(dir)[0], both(dir)[1], filepath.Join(dir, bothFile)
	all := []string{originator, responder, does}
	web := filepath.Join(dir, "web.json")
	wampbox(t, "add", "-signed", "-originator", web, "-reading", info(t, responder).Signed.Reading.String(), "com.x.").fine(t)
	opensFrom(t, web, responder, false)

	command := func(args ...string) []string { return append(args, all...) }
	party := "web=" + verify(t, web)
	var changed struct {
		Parties []struct{ File, Pattern, Match, Role, Name, Key string }
	}
	wampbox(t, command("add", "-json", "-sender", party, "com.x.")...).decode(t, &changed)
	require.Len(t, changed.Parties, 2)
	require.Equal(t, struct{ File, Pattern, Match, Role, Name, Key string }{responder, "com.x.", "prefix", "sender", "web", verify(t, web)}, changed.Parties[0])
	opensFrom(t, web, responder, true)
	opensFrom(t, web, does, true)
	again := wampbox(t, command("add", "-sender", party, "com.x.")...)
	require.Empty(t, again.fine(t))
	require.Contains(t, again.err, "nothing to change")
	require.Contains(t, again.err, originator+` lists no senders of prefix "com.x.": it doesn't receive`)

	gone := wampbox(t, command("remove", "-sender", "web", "com.x.")...)
	require.Empty(t, gone.fine(t))
	require.Contains(t, gone.err, "web is heard no more")
	opensFrom(t, web, responder, false)
	opensFrom(t, originator, responder, true)
	wampbox(t, command("remove", "-sender", "web", "com.x.")...).fails(t, 1, `no version lists "web"`)

	answerer := "log=" + verify(t, web)
	wampbox(t, command("add", "-answerer", answerer, "com.x.")...).fine(t)
	require.Contains(t, named(info(t, originator).Signed.Answerers), answerer)
	wampbox(t, command("remove", "-answerer", answerer, "com.x.")...).fine(t)
	require.NotContains(t, named(info(t, originator).Signed.Answerers), answerer)

	box, _ := begun(t)
	for says, args := range map[string][]string{
		"write NAME=KEY":                         {"add", "-sender", "web", "com.x.", responder},
		"FILE is missing":                        {"add", "-sender", party, "com.x."},
		"-sender: verify key: ":                  {"add", "-sender", "web=ed25519:AAAA", "com.x.", responder},
		"-comment is for patterns with new keys": {"add", "-sender", party, "-comment", "x", "com.x.", responder},
	} {
		wampbox(t, args...).fails(t, 2, says)
	}
	for says, args := range map[string][]string{
		"have one key":                             {"add", "-sender", "other=" + verify(t, originator), "com.x.", responder},
		"no file lists senders of prefix":          {"add", "-sender", party, "com.x.", originator},
		"its key isn't a signed one":               {"add", "-sender", party, "com.x.", both(box)[1]},
		"it doesn't have prefix":                   {"add", "-sender", party, "com.z.", responder},
		"it doesn't call":                          {"add", "-answerer", party, "com.x.", responder},
		`no version lists "nobody", or not with t`: {"remove", "-answerer", "nobody", "com.x.", originator},
	} {
		wampbox(t, args...).fails(t, 1, says)
	}
}

// TestChangeSigning: a party changes its key without a gap: the others list both for a while.
func TestChangeSigning(t *testing.T) {
	dir, _ := begunSigned(t, "-both")
	originator, responder, does := both(dir)[0], both(dir)[1], filepath.Join(dir, bothFile)
	next := filepath.Join(dir, "next.key")
	wampbox(t, "keygen", "-signing", "-o", next).fine(t)
	public := strings.TrimSpace(wampbox(t, "pubkey", next).fine(t))
	old := verify(t, originator)

	two := wampbox(t, "add", "-sender", "originator="+public, "com.x.", responder, does)
	two.fine(t)
	require.Contains(t, two.err, "with this key too: when it signs with it, take the other one out by\n   wampbox remove -sender 'originator="+old+"' com.x. "+responder+"\n")
	opensFrom(t, originator, responder, true)
	require.Contains(t, wampbox(t, "lint", originator, responder, does).fine(t), "note: two-keys: ")
	require.Contains(t, wampbox(t, "list", responder).fine(t), "hears both, originator (2 keys)")

	elsewhere := filepath.Join(t.TempDir(), "keyring.json")
	text := string(must(os.ReadFile(originator)))
	require.NoError(t, os.WriteFile(elsewhere, []byte(strings.Replace(text, "ed25519:"+signedSecrets(t, originator)[0], "env:WAMPBOX_TEST_SIGN", 1)), 0o600))
	t.Setenv("WAMPBOX_TEST_SIGN", "ed25519:"+signedSecrets(t, originator)[0])
	referred := wampbox(t, "add", "-signing", next, "com.x.", elsewhere)
	referred.fine(t)
	require.Contains(t, referred.err, "had its signing key elsewhere")
	require.Equal(t, public, verify(t, elsewhere))

	r := wampbox(t, "add", "-signing", next, "com.x.", originator, "-json")
	var changed struct{ File, Pattern, Match, Verify string }
	r.decode(t, &changed)
	require.Equal(t, struct{ File, Pattern, Match, Verify string }{originator, "com.x.", "prefix", public}, changed)
	r.noSignedSecrets(t, originator)
	require.Equal(t, public, verify(t, originator))
	opensFrom(t, originator, responder, true)
	wampbox(t, "remove", "-sender", "originator="+old, "com.x.", responder, does).fine(t)
	opensFrom(t, originator, responder, true)
	require.Empty(t, wampbox(t, "lint", originator, responder, does).fine(t))

	// One that lists itself goes on to.
	own := verify(t, does)
	wampbox(t, "add", "-signing", next, "com.x.", does).fails(t, 1, "have one key")
	another := write(t, "another.key", []byte(wampbox(t, "keygen", "-signing").fine(t)))
	wampbox(t, "add", "-signing", another, "com.x.", does).fine(t)
	require.Subset(t, named(info(t, does).Signed.Senders), []string{"both=" + own, "both=" + verify(t, does)})
	opensFrom(t, does, does, true)

	box, _ := begun(t)
	wampbox(t, "add", "-signing", next, "com.x.", both(box)[0]).fails(t, 1, "no version of prefix \"com.x.\" signs")
	wampbox(t, "add", "-signing", next, "com.x.", originator, responder).fails(t, 2, "-signing is the key of one party")
}
