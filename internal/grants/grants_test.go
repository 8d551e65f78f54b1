package grants_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/files"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/grants"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/statement"
)

var now = time.UnixMilli(1_790_000_000_123).UTC()

func folder(t testing.TB) *grants.Folder {
	t.Helper()
	f, err := grants.Create(filepath.Join(t.TempDir(), "grants"))
	require.NoError(t, err)
	return f
}

// signed gives a statement to put into files.
func signed(t testing.TB) []byte {
	t.Helper()
	get, err := statement.Get{Member: "shop", Serial: 7}.Sign(cryptobox.GenerateSigningKey())
	require.NoError(t, err)
	return get
}

func some(t testing.TB) grants.Member {
	t.Helper()
	return grants.Member{Key: cryptobox.GenerateSigningKey().Public(), Recipient: "age1some", Grant: signed(t), Ciphertext: []byte("sealed")}
}

// TestFolder: what is put in comes out, and is there for who opens the folder anew.
func TestFolder(t *testing.T) {
	f := folder(t)
	shop, desk := some(t), some(t)
	require.NoError(t, f.Put("shop", shop))
	require.NoError(t, f.Put("desk", some(t)))
	require.NoError(t, f.Put("desk", desk))
	fresh := grants.Fresh{Key: cryptobox.GenerateSigningKey(), Delegation: signed(t)}
	require.NoError(t, f.PutFresh(fresh))

	f, err := grants.Open(f.Path())
	require.NoError(t, err)
	got, err := f.Member("shop")
	require.NoError(t, err)
	require.Equal(t, shop, got)
	got, err = f.Member("desk")
	require.NoError(t, err)
	require.Equal(t, desk, got)
	names, err := f.Members()
	require.NoError(t, err)
	require.Equal(t, []string{"desk", "shop"}, names)
	key, err := f.Fresh()
	require.NoError(t, err)
	require.True(t, key.Key.Equal(fresh.Key))
	require.Equal(t, fresh.Delegation, key.Delegation)
	for _, name := range []string{"members/shop.grant", "fresh.key"} {
		info, err := os.Stat(filepath.Join(f.Path(), name))
		require.NoError(t, err)
		require.Equal(t, fs.FileMode(0o600), info.Mode().Perm())
	}

	require.NoError(t, f.PutReceipt("shop", 7, grants.Receipt{At: now, Get: signed(t)}))
	require.NoError(t, f.Remove("shop"))
	require.NoError(t, f.Remove("shop"))
	_, err = f.Member("shop")
	require.ErrorIs(t, err, fs.ErrNotExist)
	receipts, err := f.Receipts("shop")
	require.NoError(t, err)
	require.Empty(t, receipts)
}

func TestFolderOfOthers(t *testing.T) {
	dir := t.TempDir()
	_, err := grants.Open(dir)
	require.ErrorIs(t, err, grants.ErrFolder)
	_, err = grants.Open(filepath.Join(dir, "none"))
	require.ErrorIs(t, err, fs.ErrNotExist)
	require.NotErrorIs(t, err, grants.ErrFolder)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "members"), nil, 0o600))
	_, err = grants.Open(dir)
	require.ErrorIs(t, err, grants.ErrFolder)
}

// TestNames: no name leads out of the folder.
func TestNames(t *testing.T) {
	f := folder(t)
	for _, name := range []string{"", "..", ".shop", "../shop", "a/b", `a\b`, "a b", "shöp", "a\x00", strings.Repeat("a", 65), "-a"} {
		_, err := f.Member(name)
		require.ErrorIs(t, err, statement.ErrMalformed, "%q", name)
		require.ErrorIs(t, f.Put(name, some(t)), statement.ErrMalformed)
		require.ErrorIs(t, f.Remove(name), statement.ErrMalformed)
		require.ErrorIs(t, f.PutReceipt(name, 1, grants.Receipt{At: now, Get: signed(t)}), statement.ErrMalformed)
		_, err = f.Receipts(name)
		require.ErrorIs(t, err, statement.ErrMalformed)
	}
	for _, name := range []string{"a", "A.b_c-9", strings.Repeat("a", 64)} {
		require.NoError(t, f.Put(name, some(t)), name)
	}
}

// TestPrepared: what was prepared counts when it is committed, and what is left of a process that
// was killed goes.
func TestPrepared(t *testing.T) {
	f := folder(t)
	old, next := some(t), some(t)
	require.NoError(t, f.Put("shop", old))
	shop, err := f.Prepare("shop", next)
	require.NoError(t, err)
	_, err = f.Prepare("desk", next)
	require.NoError(t, err)
	gone, err := f.Prepare("gone", next)
	require.NoError(t, err)
	require.NoError(t, gone.Discard())
	got, err := f.Member("shop")
	require.NoError(t, err)
	require.Equal(t, old, got)
	require.NoError(t, f.Commit(shop))
	got, err = f.Member("shop")
	require.NoError(t, err)
	require.Equal(t, next, got)
	names, err := f.Members()
	require.NoError(t, err)
	require.Equal(t, []string{"shop"}, names)
	require.NoError(t, f.Sweep())
	entries, err := os.ReadDir(filepath.Join(f.Path(), "members"))
	require.NoError(t, err)
	require.Len(t, entries, 1)
}

// TestReceipts: of each serial the last is kept, and the highest serials.
func TestReceipts(t *testing.T) {
	f := folder(t)
	receipts, err := f.Receipts("shop")
	require.NoError(t, err)
	require.Empty(t, receipts)
	get := signed(t)
	for serial := range uint64(20) {
		require.NoError(t, f.PutReceipt("shop", 20-serial, grants.Receipt{At: now.Add(time.Duration(serial)), Get: get}))
	}
	require.NoError(t, f.PutReceipt("shop", 20, grants.Receipt{At: now.Add(time.Hour), Get: get}))
	receipts, err = f.Receipts("shop")
	require.NoError(t, err)
	require.Len(t, receipts, grants.MaxReceipts)
	require.Equal(t, grants.Receipt{At: now.Add(time.Hour), Get: get}, receipts[len(receipts)-1])
	entries, err := os.ReadDir(filepath.Join(f.Path(), "receipts", "shop"))
	require.NoError(t, err)
	require.Len(t, entries, grants.MaxReceipts)
	require.Equal(t, "10", entries[0].Name())

	// Of one that can't be read the others are given all the same.
	require.NoError(t, os.WriteFile(filepath.Join(f.Path(), "receipts", "shop", "15"), []byte("nothing"), 0o600))
	receipts, err = f.Receipts("shop")
	require.ErrorIs(t, err, statement.ErrMalformed)
	require.Len(t, receipts, grants.MaxReceipts-1)
}

// TestManipulated: a file that was altered in any byte, cut or made larger is refused, or is
// another one of the form: never a panic.
func TestManipulated(t *testing.T) {
	f := folder(t)
	require.NoError(t, f.Put("shop", some(t)))
	require.NoError(t, f.PutFresh(grants.Fresh{Key: cryptobox.GenerateSigningKey(), Delegation: signed(t)}))
	require.NoError(t, f.PutReceipt("shop", 7, grants.Receipt{At: now, Get: signed(t)}))
	for name, read := range map[string]func() error{
		"members/shop.grant": func() error { _, err := f.Member("shop"); return err },
		"fresh.key":          func() error { _, err := f.Fresh(); return err },
		"receipts/shop/7":    func() error { _, err := f.Receipts("shop"); return err },
	} {
		path := filepath.Join(f.Path(), name)
		good, err := os.ReadFile(path)
		require.NoError(t, err)
		refused := 0
		try := func(text []byte, must error) {
			t.Helper()
			require.NoError(t, os.WriteFile(path, text, 0o600))
			switch err := read(); {
			case must != nil:
				require.ErrorIs(t, err, must)
			case err != nil:
				require.True(t, errors.Is(err, statement.ErrMalformed), "%s: %v", name, err)
				refused++
			}
		}
		for i := range good {
			bad := append([]byte{}, good...)
			bad[i] ^= 0x80
			try(bad, nil)
			try(good[:i], statement.ErrMalformed)
		}
		require.Positive(t, refused)
		try(append(good[:len(good):len(good)], 0), statement.ErrMalformed)
		try(make([]byte, 2<<20), files.ErrTooLarge)
		require.NoError(t, os.Remove(path))
		require.NoError(t, os.Mkdir(path, 0o700))
		require.Error(t, read())
		require.NoError(t, os.Remove(path))
		require.NoError(t, os.WriteFile(path, good, 0o600))
		require.NoError(t, read())
	}
}

// TestFreshKeyOfOthers: a fresh key that others can read isn't used.
func TestFreshKeyOfOthers(t *testing.T) {
	f := folder(t)
	require.NoError(t, f.PutFresh(grants.Fresh{Key: cryptobox.GenerateSigningKey(), Delegation: signed(t)}))
	require.NoError(t, os.Chmod(filepath.Join(f.Path(), "fresh.key"), 0o640))
	_, err := f.Fresh()
	require.ErrorIs(t, err, files.ErrPermissions)
}

// TestManyReceipts: a folder that somebody has filled costs a bound.
func TestManyReceipts(t *testing.T) {
	f := folder(t)
	require.NoError(t, f.PutReceipt("shop", 7, grants.Receipt{At: now, Get: signed(t)}))
	for i := range 3000 {
		require.NoError(t, os.WriteFile(filepath.Join(f.Path(), "receipts", "shop", strconv.Itoa(i+10)), nil, 0o600))
	}
	receipts, err := f.Receipts("shop")
	require.ErrorIs(t, err, statement.ErrMalformed)
	require.LessOrEqual(t, len(receipts), grants.MaxReceipts)
}

func FuzzMember(f *testing.F) {
	wire, err := statement.Marshal([]any{cryptobox.GenerateSigningKey().Public().Bytes(), "age1", []any{1}, []byte("c")})
	require.NoError(f, err)
	f.Add(wire)
	dir, err := grants.Create(f.TempDir())
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, wire []byte) {
		path := filepath.Join(dir.Path(), "members", "a.grant")
		require.NoError(t, os.WriteFile(path, wire, 0o600))
		m, err := dir.Member("a")
		if err != nil {
			require.Equal(t, grants.Member{}, m)
			return
		}
		require.NoError(t, dir.Put("a", m)) // what is taken is written the same
		again, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Equal(t, wire, again)
	})
}

// TestRemoveStaysInside: where the receipts are a link to elsewhere, as in a folder that was copied
// back from a server, nothing is removed there.
func TestRemoveStaysInside(t *testing.T) {
	dir := t.TempDir()
	f, err := grants.Create(filepath.Join(dir, "grants"))
	require.NoError(t, err)
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "home", "shop"), 0o700))
	require.NoError(t, os.Remove(filepath.Join(f.Path(), "receipts")))
	require.NoError(t, os.Symlink(filepath.Join(dir, "home"), filepath.Join(f.Path(), "receipts")))
	require.Error(t, f.Remove("shop"))
	require.DirExists(t, filepath.Join(dir, "home", "shop"))
}
