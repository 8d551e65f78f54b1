package keyfile_test

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
)

// beside puts a further file into a keyring file's folder.
func beside(t testing.TB, path, name, text string, mode fs.FileMode) string {
	t.Helper()
	other := filepath.Join(filepath.Dir(path), name)
	require.NoError(t, os.WriteFile(other, []byte(text), mode))
	require.NoError(t, os.Chmod(other, mode))
	return other
}

func TestReferences(t *testing.T) {
	t.Setenv("WAMPBOX_TEST_KEY", " "+sampleOriginator+"\n")
	t.Setenv("WAMPBOX_TEST_BAD", "not a key")
	t.Setenv("WAMPBOX_TEST_EMPTY", "")
	const where = ` line 2: patterns[0] exact "com.a" versions[0]: `
	cases := []struct {
		name, key, file string
		want            string // "" loads; %p is the file's path
	}{
		{"a variable", "env:WAMPBOX_TEST_KEY", "", ""},
		{"a variable with something else", "env:WAMPBOX_TEST_BAD", "", "unusable key: originator.private isn't a key: set the variable WAMPBOX_TEST_BAD to 44 characters of base64"},
		{"an empty variable", "env:WAMPBOX_TEST_EMPTY", "", "the reference leads nowhere: originator.private: the variable WAMPBOX_TEST_EMPTY isn't set: set it to the key"},
		{"a file", "file:key", sampleOriginator, ""},
		{"a file with a line's end", "file:./key", sampleOriginator + "\r\n", ""},
		{"a file with comments", "file:key", "# created: 2026\n# public key: " + publicText(sampleOriginator) + "\n\n  " + sampleOriginator + "\n", ""},
		{"a file with two keys", "file:key", sampleOriginator + "\n" + sampleOriginator, "unusable key: originator.private isn't a key: have one line of 44 characters of base64 in %p"},
		{"an empty file", "file:key", "", "unusable key: originator.private isn't a key: have one line of 44 characters of base64 in %p"},
		{"a file that isn't there", "file:other", "", "the reference leads nowhere: originator.private: open %d/other: no such file or directory"},
		{"a folder", "file:.", "", "the reference leads nowhere: originator.private: read %d: not a regular file: give the path of a file"},
		{"a file that is too large", "file:key", strings.Repeat("#", 4097), "the reference leads nowhere: originator.private: the file is too large: at most 4096 bytes are read: shorten it"},
		{"a reference to a reference", "file:key", "env:WAMPBOX_TEST_KEY", "unusable key: originator.private isn't a key: have one line of 44 characters of base64 in %p"},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			text := one(`"originator": {"private": "` + tc.key + `"}, "responder": {"public": "$r"}`)
			path := written(t, text)
			key := beside(t, path, "key", tc.file, 0o600)
			ring, err := keyfile.Load(path)
			if tc.want != "" {
				want := strings.NewReplacer("%p", key, "%d", filepath.Dir(path)).Replace(tc.want)
				require.EqualError(t, err, "keyring file "+path+where+want)
				return
			}
			require.NoError(t, err)
			id := keyring.Originator(private(t, sampleOriginator), private(t, sampleResponder).Public()).ID()
			require.Equal(t, []string{"active " + id + " originator box"}, describe(ring))
		})
	}
}

// Paths start from the folder of the path that was given, not from the present
// one, nor from where a link leads to.
func TestReferencesAreRelativeToTheFile(t *testing.T) {
	text := one(`"shared": "file:key"`)
	path := written(t, text)
	folder := t.TempDir()
	link := filepath.Join(folder, "k.json")
	require.NoError(t, os.Symlink(path, link))
	key := beside(t, link, "key", sampleBoth, 0o600)
	_, err := keyfile.Load(path)
	require.ErrorIs(t, err, fs.ErrNotExist)
	_, err = keyfile.Load(link)
	require.NoError(t, err)

	_, err = keyfile.Read(strings.NewReader(text))
	require.EqualError(t, err, `keyring file line 2: patterns[0] exact "com.a" versions[0]: the reference leads nowhere: shared: a relative path needs a folder to start from: use Load, or the option RelativeTo`)
	_, err = keyfile.Read(strings.NewReader(text), keyfile.RelativeTo(folder))
	require.NoError(t, err)
	_, err = keyfile.Read(strings.NewReader(one(`"shared": "file:` + filepath.ToSlash(key) + `"`)))
	require.NoError(t, err)
}

func TestOnRead(t *testing.T) {
	path := written(t, one(`"originator": {"private": "file:key"}, "responder": {"public": "file:gone"}`))
	key := beside(t, path, "key", sampleOriginator, 0o600)
	var files []string
	_, err := keyfile.Load(path, keyfile.OnRead(func(path string) { files = append(files, path) }))
	require.ErrorIs(t, err, fs.ErrNotExist)
	require.Equal(t, []string{path, key, filepath.Join(filepath.Dir(path), "gone")}, files)
}

func TestLoadReadsFilesOnly(t *testing.T) {
	folder := t.TempDir()
	_, err := keyfile.Load(folder)
	require.EqualError(t, err, "keyring file "+folder+": read "+folder+": not a regular file: give the path of a file")
	_, err = keyfile.Load(filepath.Join(folder, "none"))
	require.ErrorIs(t, err, fs.ErrNotExist)
}

// endless gives bytes without end, and counts them.
type endless struct{ n int }

func (e *endless) Read(b []byte) (int, error) {
	e.n += len(b)
	return copy(b, bytes.Repeat([]byte(" "), len(b))), nil
}

func TestLoadIsBounded(t *testing.T) {
	const limit = 32 << 20
	source := new(endless)
	_, err := keyfile.Read(source)
	require.ErrorIs(t, err, keyfile.ErrTooLarge)
	require.EqualError(t, err, "keyring file: the file is too large: at most 33554432 bytes are read: shorten it")
	require.LessOrEqual(t, source.n, limit+1)

	path := written(t, "")
	require.NoError(t, os.Truncate(path, limit+1))
	_, err = keyfile.Load(path)
	require.ErrorIs(t, err, keyfile.ErrTooLarge)

	// Nor may a decrypter give more.
	path = written(t, "x")
	_, err = keyfile.Load(path, keyfile.WithDecrypter(func(io.Reader) (io.Reader, error) { return new(endless), nil }))
	require.ErrorIs(t, err, keyfile.ErrTooLarge)
}

func TestReadersThatFail(t *testing.T) {
	failed := errors.New("the disk is gone")
	half := io.MultiReader(strings.NewReader(one(asOriginator)), failing{failed})
	_, err := keyfile.Read(half)
	require.ErrorIs(t, err, failed)
	_, err = keyfile.Load(written(t, "x"), keyfile.WithDecrypter(func(io.Reader) (io.Reader, error) { return nil, failed }))
	require.ErrorIs(t, err, failed)
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func TestWithDecrypter(t *testing.T) {
	path := written(t, "sealed")
	require.NoError(t, os.Chmod(path, 0o644)) // its text is no secret
	open := func(r io.Reader) (io.Reader, error) {
		text, err := io.ReadAll(r)
		require.NoError(t, err)
		require.Equal(t, "sealed", string(text))
		return strings.NewReader(one(asOriginator)), nil
	}
	ring, err := keyfile.Load(path, keyfile.WithDecrypter(open))
	require.NoError(t, err)
	require.Equal(t, 1, ring.Len())

	for _, text := range []string{"age-encryption.org/v1\n-> scrypt", "\n-----BEGIN AGE ENCRYPTED FILE-----\n"} {
		path = written(t, text)
		_, err = keyfile.Load(path)
		require.ErrorIs(t, err, keyfile.ErrEncrypted)
		require.EqualError(t, err, "keyring file "+path+": the file is encrypted with age: say how it is decrypted")
	}
}

// The line is the first one of the version, or of the entry, wherever in it the fault is,
// but for faults of the text.
func TestLinesOfAnEntry(t *testing.T) {
	text := sampleKeys.Replace(`{
  "version": 2,
  "patterns": [
    {"exact": "com.a", "versions": [{"shared": "$S"}]},

    {
      "versions": [
        {"revoked": true, "id": "t"},

        {
          "originator": {
            "private": "$O",
            "public": "$r"
          },
          "responder": {"public": "$r"}
        }
      ],
      "exact": "com.b"
    }
  ]
}`)
	_, err := keyfile.Read(strings.NewReader(text))
	var at *keyfile.Error
	require.ErrorAs(t, err, &at)
	require.Equal(t, 10, at.Line)
	require.Equal(t, `patterns[1] exact "com.b" versions[1]`, at.Entry)

	_, err = keyfile.Read(strings.NewReader(strings.Replace(text, `"public"`, `"pubic"`, 1)))
	require.ErrorAs(t, err, &at)
	require.Equal(t, 13, at.Line)
	require.Equal(t, "patterns[1] versions[1]", at.Entry) // its pattern comes later

	_, err = keyfile.Read(strings.NewReader(strings.Replace(text, `"com.b"`, `"com.b", "until": "2030-01-01T00:00:00Z"`, 1)))
	require.ErrorAs(t, err, &at)
	require.Equal(t, 6, at.Line)
	require.Equal(t, `patterns[1] exact "com.b"`, at.Entry)
}
