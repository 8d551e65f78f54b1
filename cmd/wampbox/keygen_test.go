package main_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

func private(t testing.TB, text string) cryptobox.PrivateKey {
	t.Helper()
	key, err := cryptobox.ParsePrivateKey(text)
	require.NoError(t, err)
	return key
}

// TestKeygen prints the private key alone where a script takes it, and the
// public key beside it.
func TestKeygen(t *testing.T) {
	r := wampbox(t, "keygen")
	key := private(t, r.fine(t))
	require.Equal(t, 1, strings.Count(r.out, "\n"))
	require.Equal(t, "Public key: "+key.Public().String()+"\n", r.err)
	require.NotEqual(t, r.out, wampbox(t, "keygen").out)
}

// TestKeygenFile: only the owner reads it, and it is never overwritten.
func TestKeygenFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new.key")
	r := wampbox(t, "keygen", "-o", path)
	require.Empty(t, r.fine(t))
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, "Public key: "+private(t, string(text)).Public().String()+"\n", r.err)
	require.Equal(t, os.FileMode(0o600), mode(t, path))

	again := wampbox(t, "keygen", "-o", path)
	again.fails(t, 1, path+" exists, and a key is never overwritten: remove it yourself, or write to another file")
	require.NotContains(t, again.err, "Public key", "of a key that isn't there")
	after, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, text, after)

	link := filepath.Join(t.TempDir(), "link.key")
	target := filepath.Join(t.TempDir(), "target.key")
	require.NoError(t, os.Symlink(target, link))
	wampbox(t, "keygen", "-o", link).fails(t, 1, "never overwritten")
	require.NoFileExists(t, target)
}

func TestKeygenSymmetric(t *testing.T) {
	r := wampbox(t, "keygen", "-symmetric")
	_, err := cryptobox.ParseSymmetricKey(r.fine(t))
	require.NoError(t, err)
	require.Empty(t, r.err)
}

// TestKeygenScramble makes a secret that says what it is, and stands in no other place.
func TestKeygenScramble(t *testing.T) {
	r := wampbox(t, "keygen", "-scramble")
	one, err := cryptobox.ParseScrambleSecret(r.fine(t))
	require.NoError(t, err)
	require.Empty(t, r.err)
	var key generated
	wampbox(t, "keygen", "-scramble", "-json").decode(t, &key)
	other, err := cryptobox.ParseScrambleSecret(key.Scramble)
	require.NoError(t, err)
	require.False(t, one.Equal(other))
	require.Equal(t, generated{Scramble: key.Scramble}, key)
	for _, args := range [][]string{{"scramble", key.Scramble, "x"}, {"init", "-dir", t.TempDir(), key.Scramble}, {"uri", "-keyring", "x", "-realm", "r", key.Scramble}} {
		wrong := wampbox(t, args...)
		wrong.fails(t, 2, "there is a key where a pattern is wanted")
		require.NotContains(t, wrong.err, key.Scramble[9:20])
	}
	run{stdin: []byte(key.Scramble)}.start(t, "pubkey").fails(t, 1, "as a private key it won't do")
}

// TestKeygenSigned makes the keys of signed envelopes, whose texts say what they are, and pubkey
// gives the same public halves.
func TestKeygenSigned(t *testing.T) {
	for name, test := range map[string]struct {
		args            []string
		private, public string
		size            int // of the public text
	}{
		"signing":           {[]string{"-signing"}, "ed25519:", "ed25519:", 52},
		"reading":           {[]string{"-reading"}, "x25519:", "x25519:", 51},
		"reading, said":     {[]string{"-reading", "-suite", "signed"}, "x25519:", "x25519:", 51},
		"reading signed-pq": {[]string{"-reading", "-suite", "signed-pq"}, "xwing:", "xwing:", 6 + 1624},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "new.key")
			r := wampbox(t, append([]string{"keygen", "-o", path}, test.args...)...)
			require.Empty(t, r.fine(t))
			public, found := strings.CutPrefix(strings.TrimSpace(r.err), "Public key: ")
			require.True(t, found, r.err)
			require.True(t, strings.HasPrefix(public, test.public))
			require.Len(t, public, test.size)
			require.Equal(t, os.FileMode(0o600), mode(t, path))
			secret := strings.TrimSpace(string(must(os.ReadFile(path))))
			require.True(t, strings.HasPrefix(secret, test.private))
			require.NotContains(t, r.err, strings.TrimPrefix(secret, test.private))
			require.Equal(t, public+"\n", wampbox(t, "pubkey", path).fine(t))

			var key generated
			wampbox(t, append([]string{"keygen", "-json"}, test.args...)...).decode(t, &key)
			require.Equal(t, key.Public+"\n", run{stdin: []byte(key.Private)}.start(t, "pubkey").fine(t))
			require.NotEqual(t, public, key.Public)
			wrong := wampbox(t, "pubkey", key.Private)
			wrong.fails(t, 1, "there is what looks like a key where the name of a file is wanted")
			require.NotContains(t, wrong.err, key.Private)
			wrong = wampbox(t, "init", "-dir", t.TempDir(), key.Private)
			wrong.fails(t, 2, "there is a key where a pattern is wanted")
			require.NotContains(t, wrong.err, key.Private)
		})
	}
	for _, args := range [][]string{{"-signing", "-reading"}, {"-symmetric", "-signing"}, {"-reading", "-symmetric"}, {"-scramble", "-symmetric"}} {
		wampbox(t, append([]string{"keygen"}, args...)...).fails(t, 2, "give one of -symmetric, -scramble, -signing and -reading")
	}
	for _, args := range [][]string{{}, {"-signing"}, {"-symmetric"}} {
		wampbox(t, append([]string{"keygen", "-suite", "signed"}, args...)...).fails(t, 2, "-suite is for a -reading key")
	}
	wampbox(t, "keygen", "-reading", "-suite", "box").fails(t, 2, "-suite: use signed or signed-pq")
	public := strings.TrimSpace(run{stdin: []byte(wampbox(t, "keygen", "-reading", "-suite", "signed-pq").fine(t))}.start(t, "pubkey").fine(t))
	run{stdin: []byte(public)}.start(t, "pubkey").fails(t, 1, "want a private key, got the length of a public one")
	run{stdin: []byte("rsa:AAAA")}.start(t, "pubkey").fails(t, 1, "as a private key it won't do")
}

// generated is what keygen prints as JSON.
type generated struct {
	File      string `json:"file"`
	Private   string `json:"private"`
	Symmetric string `json:"symmetric"`
	Scramble  string `json:"scramble"`
	Public    string `json:"public"`
}

func TestKeygenJSON(t *testing.T) {
	var key generated
	wampbox(t, "keygen", "-json").decode(t, &key)
	require.Equal(t, generated{Private: key.Private, Public: private(t, key.Private).Public().String()}, key)

	path := filepath.Join(t.TempDir(), "new.key")
	key = generated{}
	wampbox(t, "keygen", "-json", "-o", path).decode(t, &key)
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, generated{File: path, Public: private(t, string(text)).Public().String()}, key)

	key = generated{}
	wampbox(t, "keygen", "-json", "-symmetric").decode(t, &key)
	require.NotEmpty(t, key.Symmetric)
	require.Equal(t, generated{Symmetric: key.Symmetric}, key)
}

// TestKeygenRedirected warns of a file that the shell made for all to read.
func TestKeygenRedirected(t *testing.T) {
	for perm, warned := range map[os.FileMode]bool{0o644: true, 0o640: true, 0o600: false} {
		path := filepath.Join(t.TempDir(), "redirected.key")
		require.NoError(t, os.WriteFile(path, nil, perm))
		require.NoError(t, os.Chmod(path, perm))
		file, err := os.OpenFile(path, os.O_WRONLY, 0)
		require.NoError(t, err)
		cmd := exec.Command(binary, "keygen")
		var stderr strings.Builder
		cmd.Stdout, cmd.Stderr = file, &stderr
		require.NoError(t, cmd.Run())
		require.NoError(t, file.Close())
		require.Equal(t, warned, strings.Contains(stderr.String(), "warning: others can read"), "%v", perm)
	}
}

// TestPubkey reads a file or standard input, base64 or hex.
func TestPubkey(t *testing.T) {
	const sample, public = "6m0rnaVAP0PvvkS11QLKYVHDUqC8sQYrj5t+ez+yhYM=", "GTtQ37XGJO2O4R8Dvx4AUo8pe61D9evIWpKGQAPdOh0=\n"
	require.Equal(t, public, wampbox(t, "pubkey", write(t, "a.key", []byte(sample+"\n"))).fine(t))
	require.Equal(t, public, run{stdin: []byte(sample)}.start(t, "pubkey").fine(t))
	require.Equal(t, public, run{stdin: []byte("ea6d2b9da5403f43efbe44b5d502ca6151c352a0bcb1062b8f9b7e7b3fb28583")}.start(t, "pubkey", "-").fine(t))

	run{stdin: []byte("not a key")}.start(t, "pubkey").fails(t, 1, "it is no keyring file, and as a private key it won't do: ")
	run{stdin: make([]byte, 2000)}.start(t, "pubkey").fails(t, 1, "it is no keyring file")
	wampbox(t, "pubkey", "-pattern", "com.x.", write(t, "b.key", []byte(sample))).fails(t, 2, "-pattern is for keyring files")
	wampbox(t, "pubkey", filepath.Join(t.TempDir(), "none")).fails(t, 1, "no such file")

	inPlaceOfFile := wampbox(t, "pubkey", sample)
	inPlaceOfFile.fails(t, 1, "there is what looks like a key where the name of a file is wanted")
	require.NotContains(t, inPlaceOfFile.err, sample)
}

// pubkeyJSON is what pubkey prints as JSON.
type pubkeyJSON struct {
	Keys []struct{ Public, Side, Pattern, Match, ID, State string }
}

// TestPubkeyOfKeyring gives what the other party needs of a keyring file: with it in place
// of the public key of another, what didn't go together does.
func TestPubkeyOfKeyring(t *testing.T) {
	dir, id := begun(t)
	originator, responder := both(dir)[0], both(dir)[1]
	wampbox(t, "add", "com.y.", "-originator", originator, "-responder", responder).fine(t)
	r := wampbox(t, "pubkey", originator, "-pattern", "com.x.")
	public := strings.TrimSpace(r.fine(t))
	require.Equal(t, `prefix "com.x.", active version `+id+": the public key of the originator\n", r.err)
	r.noSecrets(t, originator)
	text := string(must(os.ReadFile(responder)))
	require.Contains(t, text, `"originator": {"public": "`+public+`"}`)
	require.NotContains(t, r.out, strings.TrimSpace(wampbox(t, "pubkey", responder, "-pattern", "com.x.").fine(t)))

	strange := strings.TrimSpace(run{stdin: []byte(wampbox(t, "keygen").fine(t))}.start(t, "pubkey").fine(t))
	require.NoError(t, os.WriteFile(responder, []byte(strings.Replace(text, public, strange, 1)), 0o600))
	found := wampbox(t, with(dir, "lint")...)
	require.Equal(t, 1, found.status)
	require.Contains(t, found.out, "write there what this prints: wampbox pubkey "+originator+" -pattern com.x.")
	require.NoError(t, os.WriteFile(responder, []byte(text), 0o600))
	wampbox(t, with(dir, "lint")...).fine(t)

	next := strings.TrimSpace(wampbox(t, with(dir, "rotate", "com.x.")...).fine(t))
	wampbox(t, with(dir, "revoke", id)...).fine(t)
	var all pubkeyJSON
	r = run{stdin: must(os.ReadFile(originator))}.start(t, "pubkey", "-json")
	r.decode(t, &all)
	r.noSecrets(t, both(dir)...)
	require.Len(t, all.Keys, 2)
	require.Equal(t, []string{"originator", "com.x.", "prefix", next, "pending"}, []string{all.Keys[0].Side, all.Keys[0].Pattern, all.Keys[0].Match, all.Keys[0].ID, all.Keys[0].State})
	require.Len(t, strings.Split(wampbox(t, "pubkey", originator).fine(t), "\n"), 3)

	wampbox(t, "pubkey", originator, "-pattern", "com.z.").fails(t, 1, `the file doesn't have the pattern "com.z.", but prefix "com.x.", prefix "com.y."`)
	require.NoError(t, os.Chmod(originator, 0o644))
	wampbox(t, "pubkey", originator).fails(t, 1, "chmod 600 "+originator)
	shared := t.TempDir()
	wampbox(t, "init", "-shared", "-dir", shared, "com.x.").fine(t)
	wampbox(t, "pubkey", filepath.Join(shared, sharedFile)).fails(t, 1, "secrets that all parties share have no public half")
	wampbox(t, "init", "-match", "prefix", "-dir", filepath.Join(shared, "default"), "").fine(t)
	wampbox(t, "pubkey", both(filepath.Join(shared, "default"))[0], "-pattern", "").fine(t)
	e := withPassphrase(t, true)
	require.NotEmpty(t, wampbox(t, append([]string{"pubkey", e.path}, e.flags...)...).fine(t))
	run{stdin: must(os.ReadFile(e.path))}.start(t, "pubkey").fails(t, 1, "encrypted with age: name the file")
}

// TestPubkeyOfSigned gives the public halves of a file's own private keys, and no other.
func TestPubkeyOfSigned(t *testing.T) {
	dir, id := begunSigned(t, "-both")
	originator, responder := both(dir)[0], both(dir)[1]
	sends := wampbox(t, "pubkey", originator)
	require.Equal(t, verify(t, originator)+"\n", sends.fine(t))
	require.Equal(t, `prefix "com.x.", active version `+id+": the verify key, by which others list this party\n", sends.err)
	reads := wampbox(t, "pubkey", responder)
	require.Equal(t, verify(t, responder)+"\n"+info(t, originator).Signed.Reading.String()+"\n", reads.fine(t))
	require.Contains(t, reads.err, "the public half of the reading key, for who publishes and calls")
	reads.noSignedSecrets(t, originator, responder)
	var all pubkeyJSON
	wampbox(t, "pubkey", "-json", filepath.Join(dir, "both.json")).decode(t, &all)
	require.Len(t, all.Keys, 2)
	require.Equal(t, []string{"signing", "reading"}, []string{all.Keys[0].Side, all.Keys[1].Side})
	next := strings.TrimSpace(wampbox(t, with(dir, "rotate", "com.x.")...).fine(t))
	reads = wampbox(t, "pubkey", responder)
	require.Contains(t, reads.err, "pending version "+next)
	require.Contains(t, reads.err, "by which others list this party, as above")
	require.Equal(t, 1, strings.Count(reads.fine(t), verify(t, responder)), "each key is printed once")
	wampbox(t, with(dir, "revoke", id)...).fine(t)
	require.NotContains(t, wampbox(t, "pubkey", responder).err, id)
}
