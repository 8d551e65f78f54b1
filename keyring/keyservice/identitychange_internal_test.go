package keyservice

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

func savedIdentity(t testing.TB, hybrid bool) (me *Identity, path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "shop.identity")
	made, err := GenerateIdentity("shop", hybrid)
	require.NoError(t, err)
	require.NoError(t, made.Save(path))
	return loadedIdentity(t, path), path
}

func loadedIdentity(t testing.TB, path string) *Identity {
	t.Helper()
	me, err := LoadIdentity(path)
	require.NoError(t, err)
	return me
}

// opens tells whether an identity decrypts what is encrypted to a recipient.
func opens(t testing.TB, me *Identity, recipient string) bool {
	t.Helper()
	to, err := ParseRecipient(recipient)
	require.NoError(t, err)
	var sealed strings.Builder
	w, err := age.Encrypt(&sealed, to)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	_, err = age.Decrypt(strings.NewReader(sealed.String()), me.decrypters()...)
	return err == nil
}

// TestChangeOfTheAgeIdentity: the next one is in the file before it is told, both decrypt until a
// grant to the next one is stored, and then the former one is nowhere any more.
func TestChangeOfTheAgeIdentity(t *testing.T) {
	for _, hybrid := range []bool{false, true} {
		me, path := savedIdentity(t, hybrid)
		first := me.Recipient()
		before, err := os.ReadFile(path)
		require.NoError(t, err)
		next, err := me.next()
		require.NoError(t, err)
		require.NotEqual(t, first, next)
		require.Equal(t, hybrid, strings.HasPrefix(next, hybridPrefix))
		for _, one := range []*Identity{me, loadedIdentity(t, path)} { // as if it had been killed here
			require.Equal(t, first, one.Recipient())
			require.Equal(t, []string{first, next}, one.recipients())
			again, err := one.next()
			require.NoError(t, err)
			require.Equal(t, next, again)
			require.NoError(t, one.settle(first), "a grant that is encrypted to the present one changes nothing")
			require.True(t, opens(t, one, first))
			require.True(t, opens(t, one, next))
		}
		require.NoError(t, me.settle(next))
		require.NoError(t, me.settle(next))
		for _, one := range []*Identity{me, loadedIdentity(t, path)} {
			require.Equal(t, []string{next}, one.recipients())
			require.False(t, opens(t, one, first))
			require.True(t, opens(t, one, next))
		}
		after, err := os.ReadFile(path)
		require.NoError(t, err)
		info, err := os.Stat(path)
		require.NoError(t, err)
		require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
		require.NotEqual(t, before, after)
		require.Error(t, me.settle(first))
	}
}

// TestChangeThroughLink leaves the link, and changes what it leads to.
func TestChangeThroughLink(t *testing.T) {
	_, path := savedIdentity(t, false)
	link := filepath.Join(t.TempDir(), "link")
	require.NoError(t, os.Symlink(path, link))
	me := loadedIdentity(t, link)
	next, err := me.next()
	require.NoError(t, err)
	info, err := os.Lstat(link)
	require.NoError(t, err)
	require.NotZero(t, info.Mode()&os.ModeSymlink)
	require.Contains(t, loadedIdentity(t, path).recipients(), next)
}

// TestChangeThatCannotBeKept: nothing is told that isn't in the file, and nothing in it is lost.
func TestChangeThatCannotBeKept(t *testing.T) {
	decrypt, err := age.GenerateX25519Identity()
	require.NoError(t, err)
	bare, err := NewIdentity("shop", cryptobox.GenerateSigningKey(), decrypt)
	require.NoError(t, err)
	_, err = bare.next()
	require.ErrorIs(t, err, ErrIdentity, "it has no file")

	for name, damage := range map[string]func(path string) error{
		"removed": os.Remove,
		"another": func(path string) error {
			other, _ := savedIdentity(t, false)
			return os.Rename(other.own().path, path)
		},
		"no identity": func(path string) error { return os.WriteFile(path, []byte("{}"), 0o600) },
		"a folder": func(path string) error {
			require.NoError(t, os.Remove(path))
			return os.Mkdir(path, 0o700)
		},
	} {
		t.Run(name, func(t *testing.T) {
			me, path := savedIdentity(t, false)
			first := me.Recipient()
			require.NoError(t, damage(path))
			_, err := me.next()
			require.Error(t, err)
			require.Equal(t, []string{first}, me.recipients())
		})
	}
}

// TestTwoProgramsDoNotChangeOneFile: the second one is refused, and the first one's stays.
func TestTwoProgramsDoNotChangeOneFile(t *testing.T) {
	one, path := savedIdentity(t, false)
	two := loadedIdentity(t, path)
	next, err := one.next()
	require.NoError(t, err)
	_, err = two.next()
	require.ErrorIs(t, err, ErrIdentity)
	require.ErrorContains(t, err, "another program has changed the file meanwhile")
	require.Equal(t, []string{one.Recipient(), next}, loadedIdentity(t, path).recipients())
}

// TestKilledWhileChanging: killed at any moment, what was told is in the file, and what was to be
// kept is too.
func TestKilledWhileChanging(t *testing.T) {
	const kills = 20
	asked := 0
	for range kills {
		_, path := savedIdentity(t, false)
		told, settled := killedWhileChanging(t, path)
		after := loadedIdentity(t, path)
		have := after.recipients()
		if told != "" {
			require.Contains(t, have, told, "it was asked for by a member that lost it")
		}
		if settled != "" && told == settled {
			require.Equal(t, settled, have[0])
		}
		if len(have) > 1 {
			asked++
		}
		next, err := after.next()
		require.NoError(t, err)
		require.NoError(t, after.settle(next))
		left, err := filepath.Glob(filepath.Join(filepath.Dir(path), ".*"))
		require.NoError(t, err)
		require.Empty(t, left, "with keys in them")
	}
	t.Logf("of %d kills %d between asking and settling", kills, asked)
}

// killedWhileChanging lets a process change a file, kills it, and gives what it last told.
func killedWhileChanging(t testing.TB, path string) (told, settled string) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestChangeForever$")
	cmd.Env = append(os.Environ(), changeVar+"="+path)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	n := 0
	for lines := bufio.NewScanner(out); lines.Scan(); n++ {
		if n == 3 {
			time.Sleep(rand.N(3 * time.Millisecond))
			require.NoError(t, cmd.Process.Kill())
		}
		switch what, recipient, _ := strings.Cut(lines.Text(), " "); what {
		case "next":
			told = recipient
		case "settled":
			settled = recipient
		}
	}
	_, _ = io.Copy(io.Discard, out)
	require.Error(t, cmd.Wait()) // it was killed
	return told, settled
}

// changeVar has the test's binary change a file until it is killed.
const changeVar = "WAMPBOX_TEST_CHANGE"

// TestChangeForever is the process that is killed. Without the variable there is nothing to do.
func TestChangeForever(t *testing.T) {
	path := os.Getenv(changeVar)
	if path == "" {
		return
	}
	me := loadedIdentity(t, path)
	for {
		next, err := me.next()
		require.NoError(t, err)
		fmt.Println("next", next)
		require.NoError(t, me.settle(next))
		fmt.Println("settled", next)
	}
}
