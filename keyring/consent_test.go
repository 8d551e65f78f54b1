package keyring_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// TestLaterEndNeedsConsent: a file that has its transition end later lets plaintext
// through where it would be sealed, however little time was left.
func TestLaterEndNeedsConsent(t *testing.T) {
	secret, narrower := prefix("com.secret."), exact("com.secret.x")
	soon, late := time.Now().Add(time.Minute), time.Now().AddDate(100, 0, 0)
	until := func(p keyring.Pattern, plaintext keyring.Plaintext, end time.Time) *keyring.Ring {
		content := ringOf(t, secret, p)
		require.NoError(t, content.Transition(secret, plaintext, soon))
		require.NoError(t, content.Transition(p, plaintext, end))
		return content
	}
	for _, first := range []keyring.Plaintext{keyring.SendPlain, keyring.AcceptPlain} {
		for _, then := range []keyring.Plaintext{keyring.SendPlain, keyring.AcceptPlain} {
			for _, p := range []keyring.Pattern{secret, narrower} {
				t.Run(first.String()+" "+then.String()+" "+p.String(), func(t *testing.T) {
					r := keyring.New()
					update(t, r, "file", until(secret, first, soon))
					_, err := r.Update("file", until(p, then, late))
					require.ErrorIs(t, err, keyring.ErrPlain, "a hundred years of plaintext without consent")
					require.Equal(t, list(p), update(t, r, "file", until(p, then, late), secret).Plain[:1])
					require.Empty(t, update(t, r, "file", until(p, keyring.AcceptPlain, soon)).Plain, "an earlier end lets less through")
				})
			}
		}
	}
}

// TestForeignNeedsConsent: from peers of other makes plain errors are taken.
func TestForeignNeedsConsent(t *testing.T) {
	bound, narrower := prefix("com.secret."), exact("com.secret.x")
	key := keyring.Shared(cryptobox.GenerateSymmetricKey())
	ours := func() *keyring.Ring {
		content := keyring.New()
		require.NoError(t, content.Set(bound, key))
		return content
	}
	unbound := func(p keyring.Pattern) *keyring.Ring {
		content := keyring.New()
		if p != bound {
			content = ours()
		}
		require.NoError(t, content.Set(p, named("k")))
		return content
	}
	for _, p := range list(bound, narrower) {
		for name, before := range map[string][]*keyring.Ring{
			"at once": {ours()}, "after it was left out": {ours(), keyring.New()},
		} {
			t.Run(p.String()+" "+name, func(t *testing.T) {
				r := keyring.New()
				for _, content := range before {
					update(t, r, "file", content)
				}
				_, err := r.Update("file", unbound(p))
				require.ErrorIs(t, err, keyring.ErrPlain)
				require.Equal(t, list(p), update(t, r, "file", unbound(p), p).Plain)
				require.Empty(t, update(t, r, "file", unbound(p)).Plain, "as before")
			})
		}
	}
	// What was so before may be again, and what nothing keyed may be.
	r := keyring.New()
	for range 2 {
		require.Empty(t, update(t, r, "file", unbound(bound)).Plain)
		update(t, r, "file", keyring.New())
	}
	require.Empty(t, update(t, r, "file", unbound(bound)).Plain)
}

// TestPlainDefaultNeedsConsent: it lets through what [keyring.Ring.PlainUnlessKeyed] does.
func TestPlainDefaultNeedsConsent(t *testing.T) {
	x, all := exact("com.x"), prefix("")
	byWord := func() *keyring.Ring {
		content := ringOf(t, x)
		content.PlainUnlessKeyed()
		return content
	}
	byDefault := func() *keyring.Ring { return content(t, list(x), all) }
	inTransition := func() *keyring.Ring {
		content := ringOf(t, x, all)
		require.NoError(t, content.Transition(all, keyring.SendPlain, future))
		return content
	}
	for name, next := range map[string]func() *keyring.Ring{"by word": byWord, "by default": byDefault, "in transition": inTransition} {
		t.Run(name, func(t *testing.T) {
			r := keyring.New()
			update(t, r, "file", next()) // at first
			for _, before := range []func() *keyring.Ring{byWord, byDefault} {
				r = keyring.New()
				update(t, r, "file", before())
				if name != "in transition" {
					update(t, r, "file", next()) // as before
				}
			}
			r = keyring.New()
			update(t, r, "file", ringOf(t, x))
			_, err := r.Update("file", next(), x)
			require.ErrorIs(t, err, keyring.ErrPlain)
			var refused *keyring.Error
			require.ErrorAs(t, err, &refused)
			require.Equal(t, all, refused.Pattern)
			update(t, r, "file", next(), all)
		})
	}
}

// TestSourcesDontOpenWhatTheProgramRemoved: not keyed, plain, nor by having it closed first.
func TestSourcesDontOpenWhatTheProgramRemoved(t *testing.T) {
	x := exact("com.x")
	removed := ringOf(t, x)
	require.NoError(t, removed.Remove(x))
	for name, next := range map[string]*keyring.Ring{"keyed": ringOf(t, x), "plain": content(t, nil, x), "closed": removed} {
		t.Run(name, func(t *testing.T) {
			r := ringOf(t, x)
			require.NoError(t, r.Remove(x))
			_, err := r.Update("file", next, x)
			require.ErrorIs(t, err, keyring.ErrSource)
			require.ErrorContains(t, err, "the program, which removed it")
			require.True(t, closed(r, "com.x"))
			require.NoError(t, r.Set(x, named("k")))
			require.Equal(t, x, found(t, r, "com.x"), "the program opens it again")
		})
	}
}
