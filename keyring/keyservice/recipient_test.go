package keyservice_test

import (
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"filippo.io/age"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/statement"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyservice"
)

// changing is a member of one replica that changes its age identity, with an identity of a file.
type changing struct {
	*world
	identity, cache string
}

func newChanging(t *testing.T) *changing {
	c := &changing{identity: join(t, "shop.identity"), cache: join(t, "shop.cache")}
	require.NoError(t, newIdentity(t, "shop", false).Save(c.identity))
	c.world = newWorldOf(t, loaded(t, c.identity))
	return c
}

func loaded(t testing.TB, path string) *keyservice.Identity {
	me, err := keyservice.LoadIdentity(path)
	require.NoError(t, err)
	return me
}

// starts is a start of the program.
func (c *changing) starts() *watched {
	c.me = loaded(c.t, c.identity)
	return c.watch(cached(c.cache), func(cfg *keyservice.Config) { cfg.ChangeRecipient = true })
}

// secrets counts the age identities in the file.
func (c *changing) secrets() int {
	text, err := os.ReadFile(c.identity)
	require.NoError(c.t, err)
	return strings.Count(string(text), "AGE-SECRET-KEY-")
}

// asked gives the next recipient that the last get has asked for.
func (c *changing) asked() string {
	gets := c.s.Gets()
	return gets[len(gets)-1].NextRecipient
}

// to has the authority encrypt to another recipient from now on.
func (c *changing) to(recipient string) { c.enrol.Recipient = recipient }

// TestChangeRecipient: after each grant another age identity is asked for, which is in the file
// before that; the old one is erased once a grant to the new one is in the cache.
func TestChangeRecipient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newChanging(t)
		seen := map[string]bool{c.me.Recipient(): true}
		c.issue("first")
		got := c.starts()
		require.Equal(t, 1, c.secrets())
		require.Empty(t, c.asked(), "nothing is held yet")
		for _, id := range []string{"a", "b", "c", "d"} {
			passes(10 * time.Second)
			require.Equal(t, 2, c.secrets())
			next := c.asked()
			require.False(t, seen[next])
			seen[next] = true
			require.Equal(t, []string{c.me.Recipient(), next}, recipientsIn(t, c.identity))

			// The authority hasn't heard of it yet: it stays.
			c.issue(id + "0")
			require.NoError(t, got.Fetch(t.Context()))
			passes(10 * time.Second)
			require.Equal(t, next, c.asked())
			require.Equal(t, id+"0", got.id())

			c.to(next)
			g := c.issue(id)
			require.NoError(t, got.Fetch(t.Context()))
			require.Equal(t, id, got.id())
			require.Equal(t, next, recipientsIn(t, c.identity)[0], "the old one is erased")
			wire, err := os.ReadFile(c.cache)
			require.NoError(t, err)
			answer, err := statement.ParseAnswer(wire)
			require.NoError(t, err)
			require.Equal(t, g.Wire, answer.Grant)
		}
		require.Empty(t, got.told())
	})
}

// recipientsIn gives those of the age identities in a file.
func recipientsIn(t testing.TB, path string) (all []string) {
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	for _, word := range strings.FieldsFunc(string(text), func(r rune) bool { return strings.ContainsRune("\" \n,[]{}:", r) }) {
		if strings.HasPrefix(word, "AGE-SECRET-KEY-") {
			all = append(all, recipientOf(t, word))
		}
	}
	return all
}

// TestOldGrantsAreOthers: once the age identity is erased, a grant to it is nobody's.
func TestOldGrantsAreOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newChanging(t)
		c.issue("one")
		got := c.starts()
		passes(10 * time.Second)
		former := c.enrol.Recipient
		c.to(c.asked())
		c.issue("two")
		require.NoError(t, got.Fetch(t.Context()))
		c.to(former)
		c.issue("three")
		isA(t, got.Fetch(t.Context()), keyservice.ErrOther)
		require.Equal(t, "two", got.id())
	})
}

// TestChangeRecipientKilled: whatever of identity file and cache was written when the program was
// killed, the next start goes on, and asks for the same.
func TestChangeRecipientKilled(t *testing.T) {
	for _, tc := range []struct {
		name string
		// Which files are as they were before the grant to the new recipient.
		identity, cache bool
	}{
		{"before the cache was stored", true, true},
		{"before the old one was erased", true, false},
		{"behind that", false, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newChanging(t)
				c.issue("one")
				got := c.starts()
				for _, id := range []string{"two", "three", "four"} {
					passes(10 * time.Second)
					next := c.asked()
					identity, err := os.ReadFile(c.identity)
					require.NoError(t, err)
					cache, err := os.ReadFile(c.cache)
					require.NoError(t, err)
					c.to(next)
					c.issue(id)
					require.NoError(t, got.Fetch(t.Context()))
					require.NoError(t, got.Close())
					if tc.identity {
						require.NoError(t, os.WriteFile(c.identity, identity, 0o600))
					}
					if tc.cache {
						require.NoError(t, os.WriteFile(c.cache, cache, 0o600))
					}
					got = c.starts()
					passes(10 * time.Second)
					require.Equal(t, id, got.id())
					require.Equal(t, next, recipientsIn(t, c.identity)[0])
					require.Empty(t, got.told())
				}
			})
		})
	}
}

// TestOldOneStaysWithoutCache: as long as the new grant isn't in the cache, the old age identity
// isn't erased.
func TestOldOneStaysWithoutCache(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newChanging(t)
		c.issue("one")
		got := c.starts()
		passes(10 * time.Second)
		former := c.me.Recipient()
		require.NoError(t, os.Remove(c.cache))
		require.NoError(t, os.MkdirAll(c.cache+"/in its place", 0o700))
		c.to(c.asked())
		c.issue("two")
		require.NoError(t, got.Fetch(t.Context()))
		require.Equal(t, "two", got.id())
		got.only(t, keyservice.ErrCache)
		require.Equal(t, former, recipientsIn(t, c.identity)[0])
		require.NoError(t, os.RemoveAll(c.cache))
		require.NoError(t, got.Fetch(t.Context()))
		require.NotEqual(t, former, recipientsIn(t, c.identity)[0])
	})
}

// TestIdentityFileIsGone: that no further age identity can be made is told once, and the keys go on.
func TestIdentityFileIsGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newChanging(t)
		c.issue("one")
		c.c.OnCall(c.c.Late(time.Second))
		c.me = loaded(t, c.identity)
		require.NoError(t, os.Remove(c.identity))
		got := c.watch(cached(c.cache), func(cfg *keyservice.Config) { cfg.ChangeRecipient = true })
		passes(time.Hour)
		require.Len(t, got.told(), 1)
		require.Empty(t, c.asked())
		c.issue("two")
		require.NoError(t, got.Fetch(t.Context()))
		require.Equal(t, "two", got.id())
	})
}

// TestWithoutChangeRecipient asks for none, and erases none.
func TestWithoutChangeRecipient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newChanging(t)
		c.issue("one")
		got := c.watch(cached(c.cache))
		passes(time.Hour)
		require.Empty(t, c.asked())
		require.Equal(t, 1, c.secrets())
		require.Equal(t, "one", got.id())
	})
}

// recipientOf gives that of an age identity's text.
func recipientOf(t testing.TB, text string) string {
	id, err := age.ParseX25519Identity(text)
	require.NoError(t, err)
	return id.Recipient().String()
}
