package keyservice_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/statement"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/grantor"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyfile"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring/keyservice"
)

// attack is what a router or a server does to a member that holds the grant of key "one", while
// that of "two" waits for it. A second authority is pinned, for those who mix.
type attack struct {
	name string
	on   func(t *testing.T, w *world, other *grantor.Authority)
	is   []error
}

func is(errs ...error) []error { return errs }

// hook makes an attack of a change to honest answers.
func hook(change func(w *world, get statement.Get, a statement.Answer) statement.Answer) func(*testing.T, *world, *grantor.Authority) {
	return func(_ *testing.T, w *world, _ *grantor.Authority) {
		w.s.Hook(func(get statement.Get, a statement.Answer) statement.Answer { return change(w, get, a) })
	}
}

// draft makes an attack of a change to the grant of "two".
func draft(edits ...func(*grantor.Draft)) func(*testing.T, *world, *grantor.Authority) {
	return func(_ *testing.T, w *world, _ *grantor.Authority) { w.issue("two", edits...) }
}

// says makes an attack of what a call ends with.
func says(result *wamp.Result, err error) func(*testing.T, *world, *grantor.Authority) {
	return func(_ *testing.T, w *world, _ *grantor.Authority) {
		w.c.OnCall(func(context.Context, []byte) (*wamp.Result, error) { return result, err })
	}
}

func argument(args ...any) func(*testing.T, *world, *grantor.Authority) {
	return says(grantor.Result(args...))
}

// changed makes an attack of a change to honest results.
func changed(change func(*wamp.Result)) func(*testing.T, *world, *grantor.Authority) {
	return func(_ *testing.T, w *world, _ *grantor.Authority) {
		w.c.OnCall(func(ctx context.Context, get []byte) (*wamp.Result, error) {
			r, err := w.c.Honest(ctx, get)
			change(r)
			return r, err
		})
	}
}

// flipped changes one bit.
func flipped(wire []byte, at int) []byte {
	wire = bytes.Clone(wire)
	wire[(at+len(wire))%len(wire)] ^= 1
	return wire
}

// nested is CBOR of so many lists in lists.
func nested(depth int) []byte { return append(bytes.Repeat([]byte{0x81}, depth), 0) }

// many claims to be a list of so many items.
func many(n uint32) []byte { return binary.BigEndian.AppendUint32([]byte{0x9a}, n) }

var attacks = []attack{
	// Of the answer as a whole.
	{"no arguments", argument(), is(keyservice.ErrMalformed)},
	{"an honest answer and another argument", changed(func(r *wamp.Result) { r.Arguments = append(r.Arguments, 1) }), is(keyservice.ErrMalformed)},
	{"an honest answer and one by name", changed(func(r *wamp.Result) { r.ArgumentsKw = wamp.Dict{"a": 1} }), is(keyservice.ErrMalformed)},
	{"no bytes", argument(map[string]any{"a": 1}), is(keyservice.ErrMalformed)},
	{"empty bytes", argument([]byte{}), is(keyservice.ErrMalformed)},
	{"noise", argument([]byte("noise")), is(keyservice.ErrMalformed)},
	{"nested CBOR", argument(nested(1 << 20)), is(keyservice.ErrMalformed)},
	{"nested CBOR in an answer's place", argument(append([]byte{0x84}, nested(4096)...)), is(keyservice.ErrMalformed)},
	{"a list of 4 billion", argument(many(1 << 31)), is(keyservice.ErrMalformed)},
	{"too large", argument(make([]byte, statement.MaxAnswer+1)), is(keyservice.ErrMalformed)},
	{"something behind it", changed(func(r *wamp.Result) { r.Arguments[0] = append(r.Arguments[0].([]byte), 0) }), is(keyservice.ErrMalformed)},

	// Delays and refusals.
	{"never an answer", func(_ *testing.T, w *world, _ *grantor.Authority) { w.c.OnCall(grantor.Never) }, is(keyservice.ErrUnreachable)},
	{"an answer that comes too late", func(_ *testing.T, w *world, _ *grantor.Authority) { w.c.OnCall(w.c.Late(time.Minute)) }, is(keyservice.ErrUnreachable)},
	{"no server", says(nil, grantor.Refusal("wamp.error.no_such_procedure")), is(keyservice.ErrUnreachable)},
	{"a refusal", says(nil, grantor.Refusal("wampbox.keyring.error.busy", "try again")), is(keyservice.ErrRefused)},
	{"a refusal of unknown words", says(nil, grantor.Refusal(strings.Repeat("x\n\x1b", 10_000), strings.Repeat("\x00", 10_000))), is(keyservice.ErrRefused)},
	{"a lost connection", says(nil, errors.New("gone")), is(keyservice.ErrUnreachable)},

	// Replays.
	{"the answer to another question", func(t *testing.T, w *world, _ *grantor.Authority) {
		w.c.OnCall(func(ctx context.Context, get []byte) (*wamp.Result, error) {
			asked, err := statement.OpenGet(get, w.me.SigningKey().Public())
			require.NoError(t, err)
			asked.Nonce = [32]byte{1}
			other, err := asked.Sign(w.me.SigningKey())
			require.NoError(t, err)
			return w.c.Honest(ctx, other)
		})
	}, is(keyservice.ErrNotFresh)},
	{"a fresh statement of another question", hook(func(w *world, get statement.Get, a statement.Answer) statement.Answer {
		get.Nonce[31] ^= 1
		a.Fresh = w.s.Fresh(get.Nonce, a.Grant)
		return a
	}), is(keyservice.ErrNotFresh)},
	{"an older grant, said to be fresh", func(t *testing.T, w *world, _ *grantor.Authority) {
		w.s.Put(w.a.Issue(t, w.enrol, entry("older"), func(d *grantor.Draft) { d.Grant.Serial, d.Inside.Serial = 1, 1 }))
	}, is(keyservice.ErrRollback)},
	{"an older grant, with a newer one's proof", func(t *testing.T, w *world, _ *grantor.Authority) {
		older := w.a.Issue(t, w.enrol, entry("older"))
		w.issue("two")
		w.s.Hook(func(_ statement.Get, a statement.Answer) statement.Answer {
			a.Grant, a.Ciphertext = older.Wire, older.Ciphertext
			return a
		})
	}, is(keyservice.ErrMixed)},
	{"an older delegation", func(_ *testing.T, w *world, _ *grantor.Authority) {
		w.s.Delegate(w.a, func(d *statement.Delegation) { d.Serial = 1 })
	}, is(keyservice.ErrRollback)},

	// Forgeries: of each statement, by nobody's key, by another party's, and of a bit.
	{"a forged delegation", func(t *testing.T, w *world, _ *grantor.Authority) {
		thief := &grantor.Authority{Key: cryptobox.GenerateSigningKey()}
		forged := thief.Delegate(t, w.s.Key().Public())
		w.s.Hook(func(_ statement.Get, a statement.Answer) statement.Answer { a.Delegation = forged; return a })
	}, is(keyservice.ErrForged)},
	{"a forged grant", func(_ *testing.T, w *world, _ *grantor.Authority) {
		w.issue("two", func(d *grantor.Draft) { d.SignBy = cryptobox.GenerateSigningKey() })
	}, is(keyservice.ErrForged)},
	{"a grant by the server's key", func(_ *testing.T, w *world, _ *grantor.Authority) {
		w.issue("two", func(d *grantor.Draft) { d.SignBy = w.s.Key() })
	}, is(keyservice.ErrForged)},
	{"a grant that names another authority", draft(func(d *grantor.Draft) { d.Grant.Authority[0] ^= 1 }), is(keyservice.ErrForged)},
	{"a fresh statement by another key", hook(func(w *world, get statement.Get, a statement.Answer) statement.Answer {
		a.Fresh, _ = statement.Fresh{Nonce: get.Nonce, Grant: statement.HashOf(a.Grant), Time: time.Now()}.Sign(w.me.SigningKey())
		return a
	}), is(keyservice.ErrForged)},
	{"an altered delegation", hook(func(_ *world, _ statement.Get, a statement.Answer) statement.Answer {
		a.Delegation = flipped(a.Delegation, -1)
		return a
	}), is(keyservice.ErrForged)},
	{"an altered grant", hook(func(w *world, get statement.Get, a statement.Answer) statement.Answer {
		a.Grant = flipped(a.Grant, -1)
		a.Fresh = w.s.Fresh(get.Nonce, a.Grant)
		return a
	}), is(keyservice.ErrForged)},
	{"an altered fresh statement", hook(func(_ *world, _ statement.Get, a statement.Answer) statement.Answer {
		a.Fresh = flipped(a.Fresh, -1)
		return a
	}), is(keyservice.ErrForged)},
	{"an altered ciphertext", hook(func(_ *world, _ statement.Get, a statement.Answer) statement.Answer {
		a.Ciphertext = flipped(a.Ciphertext, -1)
		return a
	}), is(keyservice.ErrMixed)},
	{"no ciphertext, which isn't held", hook(func(_ *world, _ statement.Get, a statement.Answer) statement.Answer {
		a.Ciphertext = nil
		return a
	}), is(keyservice.ErrMixed)},
	{"a delegation as a grant", hook(func(w *world, get statement.Get, a statement.Answer) statement.Answer {
		a.Grant = a.Delegation
		a.Fresh = w.s.Fresh(get.Nonce, a.Grant)
		return a
	}), is(keyservice.ErrForged)},

	// Mixtures of what is good by itself.
	{"another pinned authority's grant", func(t *testing.T, w *world, other *grantor.Authority) {
		theirs := other.Issue(t, w.enrol, entry("theirs"))
		w.s.Hook(func(get statement.Get, a statement.Answer) statement.Answer {
			a.Grant, a.Ciphertext, a.Fresh = theirs.Wire, theirs.Ciphertext, w.s.Fresh(get.Nonce, theirs.Wire)
			return a
		})
	}, is(keyservice.ErrMixed)},
	{"another pinned authority's delegation", func(t *testing.T, w *world, other *grantor.Authority) {
		theirs := other.Delegate(t, w.s.Key().Public())
		w.s.Hook(func(_ statement.Get, a statement.Answer) statement.Answer { a.Delegation = theirs; return a })
	}, is(keyservice.ErrMixed)},
	{"another server's proof", func(t *testing.T, w *world, _ *grantor.Authority) {
		second := grantor.NewServer(t, w.a)
		w.s.Hook(func(get statement.Get, a statement.Answer) statement.Answer {
			a.Fresh = second.Fresh(get.Nonce, a.Grant)
			return a
		})
	}, is(keyservice.ErrForged)},
	{"another member's grant", func(t *testing.T, w *world, _ *grantor.Authority) {
		desk := w.a.Issue(t, enrolment(t, newIdentity(t, "desk", false)), entry("desk"))
		w.s.Hook(func(get statement.Get, a statement.Answer) statement.Answer {
			a.Grant, a.Ciphertext, a.Fresh = desk.Wire, desk.Ciphertext, w.s.Fresh(get.Nonce, desk.Wire)
			return a
		})
	}, is(keyservice.ErrOther)},
	{"another member's ciphertext", func(t *testing.T, w *world, _ *grantor.Authority) {
		desk := w.a.Issue(t, enrolment(t, newIdentity(t, "desk", false)), entry("desk"))
		w.s.Hook(func(_ statement.Get, a statement.Answer) statement.Answer { a.Ciphertext = desk.Ciphertext; return a })
	}, is(keyservice.ErrMixed)},
	{"for another name", draft(func(d *grantor.Draft) { d.Grant.Member, d.Inside.Member = "desk", "desk" }), is(keyservice.ErrOther)},
	{"for another verify key", draft(func(d *grantor.Draft) { d.Grant.Key[0] ^= 1 }), is(keyservice.ErrOther)},
	{"for another recipient", draft(func(d *grantor.Draft) { d.Grant.Recipient[0] ^= 1 }), is(keyservice.ErrOther)},
	{"two grants of one serial", func(_ *testing.T, w *world, _ *grantor.Authority) {
		held := w.s.Gets()[len(w.s.Gets())-1].Serial
		w.issue("two", func(d *grantor.Draft) { d.Grant.Serial, d.Inside.Serial = held, held })
	}, is(keyservice.ErrMixed)},

	// Serials and times.
	{"a serial far ahead", draft(func(d *grantor.Draft) { d.Grant.Serial = 1 << 50; d.Inside.Serial = 1 << 50 }), is(keyservice.ErrAhead)},
	{"the greatest serial", draft(func(d *grantor.Draft) { d.Grant.Serial = 1<<64 - 1 }), is(keyservice.ErrAhead)},
	{"a serial that is a day and a moment ahead", draft(func(d *grantor.Draft) {
		d.Grant.Serial = uint64(d.Issued.Add(24*time.Hour).UnixMilli()) + 1
	}), is(keyservice.ErrAhead)},
	{"issued in the future", draft(func(d *grantor.Draft) {
		d.Grant.Issued, d.Grant.Expires = d.Issued.AddDate(1, 0, 0), d.Expires.AddDate(1, 0, 0)
		d.Inside.Expires, d.OpensUntil = d.Grant.Expires, d.Grant.Expires
	}), is(keyservice.ErrAhead)},
	{"issued behind the year 9999", draft(func(d *grantor.Draft) { d.Grant.Issued = time.UnixMilli(1 << 60) }), is(keyservice.ErrMalformed)},
	{"expires before it was issued", draft(func(d *grantor.Draft) { d.Grant.Expires = d.Issued.Add(-time.Second) }), is(keyservice.ErrMalformed)},
	{"expired, of an hour ago", draft(func(d *grantor.Draft) {
		d.Grant.Issued, d.Grant.Expires = d.Issued.Add(-time.Hour), d.Issued.Add(-time.Second)
		d.Inside.Expires = d.Grant.Expires
	}), is(keyservice.ErrExpired)},
	{"a delegation's serial far ahead", func(_ *testing.T, w *world, _ *grantor.Authority) {
		w.s.Delegate(w.a, func(d *statement.Delegation) { d.Serial = 1 << 62 })
	}, is(keyservice.ErrAhead)},
	{"a delegation that has ended", func(_ *testing.T, w *world, _ *grantor.Authority) {
		w.s.Delegate(w.a, func(d *statement.Delegation) {
			d.NotBefore, d.NotAfter = d.NotBefore.Add(-time.Hour), d.NotBefore.Add(-time.Second)
		})
	}, is(keyservice.ErrExpired)},
	{"a delegation that has ended, by a server whose clock is behind", func(_ *testing.T, w *world, _ *grantor.Authority) {
		w.s.Delegate(w.a, func(d *statement.Delegation) {
			d.NotBefore, d.NotAfter = d.NotBefore.Add(-time.Hour), d.NotBefore.Add(-time.Second)
		})
		w.s.Ahead(-time.Minute)
	}, is(keyservice.ErrExpired)},
	{"a delegation of the future", func(_ *testing.T, w *world, _ *grantor.Authority) {
		w.s.Delegate(w.a, func(d *statement.Delegation) { d.NotBefore = d.NotBefore.Add(time.Hour) })
	}, is(keyservice.ErrAhead)},
	{"a proof of a time behind its delegation's", func(_ *testing.T, w *world, _ *grantor.Authority) { w.s.Ahead(2 * grantor.Valid) }, is(keyservice.ErrExpired)},

	// What is inside, signed by the authority: by mistake, or by who has stolen its key.
	{"no keyring", draft(func(d *grantor.Draft) { d.Text = []byte("keys") }), is(keyservice.ErrMalformed, keyfile.ErrFormat)},
	{"nothing inside", draft(func(d *grantor.Draft) { d.Text = []byte{} }), is(keyservice.ErrMalformed, keyfile.ErrFormat)},
	{"a keyring of nobody", draft(func(d *grantor.Draft) { d.Text = fmt.Appendf(nil, `{"version": 2, "patterns": [%s]}`, entry("two")) }), is(keyservice.ErrMalformed)},
	{"another member's keyring", draft(func(d *grantor.Draft) { d.Inside.Member = "desk" }), is(keyservice.ErrOther)},
	{"another serial inside", draft(func(d *grantor.Draft) { d.Inside.Serial++ }), is(keyservice.ErrMixed)},
	{"another date inside", draft(func(d *grantor.Draft) { d.Inside.Expires = d.Inside.Expires.Add(time.Hour) }), is(keyservice.ErrMixed)},
	{"another authority inside", draft(func(d *grantor.Draft) { d.By = cryptobox.GenerateSigningKey().Public() }), is(keyservice.ErrMixed)},
	{"a reference to a file", draft(func(d *grantor.Draft) { d.Entries = strings.Replace(entry("two"), sampleKey, "file:/etc/passwd", 1) }), is(keyservice.ErrMalformed, keyfile.ErrReference)},
	{"a reference to the environment", draft(func(d *grantor.Draft) { d.Entries = strings.Replace(entry("two"), sampleKey, "env:HOME", 1) }), is(keyservice.ErrMalformed, keyfile.ErrReference)},
	{"a keyed pattern that becomes plain", draft(func(d *grantor.Draft) { d.Entries = `{"prefix": "com.myapp.", "plain": true}` }), is(keyring.ErrPlain)},
	{"plain unless keyed", draft(func(d *grantor.Draft) { d.Top = `"unkeyed": "plain", ` }), is(keyring.ErrPlain)},
	{"a pattern of the program's own", draft(func(d *grantor.Draft) { d.Entries = entry("two") + `, {"exact": "org.own", "plain": true}` }), is(keyring.ErrSource)},
	{"a pattern within the service's prefix", draft(func(d *grantor.Draft) { d.Entries = entry("two") + `, {"exact": "wampbox.keyring.get", "plain": true}` }), is(keyring.ErrPattern)},
	{"encrypted to somebody else", draft(func(d *grantor.Draft) {
		id, _ := age.GenerateX25519Identity()
		d.To = []age.Recipient{id.Recipient()}
	}), is(keyservice.ErrDecrypt)},
	{"by a passphrase that takes long", draft(func(d *grantor.Draft) {
		r, _ := age.NewScryptRecipient("secret")
		r.SetWorkFactor(10)
		d.To = []age.Recipient{r}
	}), is(keyservice.ErrDecrypt)},
	{"no ciphertext of age", draft(func(d *grantor.Draft) { d.Ciphertext = []byte("age-encryption.org/v1\n-> ") }), is(keyservice.ErrDecrypt)},
	{"an empty ciphertext", draft(func(d *grantor.Draft) { d.Ciphertext = []byte{} }), is(keyservice.ErrDecrypt)},
	{"a mebibyte when decrypted", draft(func(d *grantor.Draft) { d.Text = bytes.Repeat([]byte(" "), statement.MaxCiphertext-1024) }), is(keyservice.ErrMalformed, keyfile.ErrFormat)},
}

func TestHostileRouter(t *testing.T) {
	for _, tc := range attacks {
		t.Run(tc.name, func(t *testing.T) {
			bubble(t, func(t *testing.T, w *world) {
				other := grantor.NewAuthority()
				w.issue("one")
				ring := keyring.New()
				require.NoError(t, ring.Set(keyring.Exact("org.own"), keyring.Both(cryptobox.GenerateKey())))
				got, err := w.tryWatch(ring, func(c *keyservice.Config) { c.Authorities = append(c.Authorities, other.Key.Public()) })
				require.NoError(t, err)
				defer got.Close()
				passes(10 * time.Second) // the receipt is sent
				require.Empty(t, got.told())
				w.issue("two")
				before := got.Stats()

				tc.on(t, w, other)
				err = got.Fetch(t.Context())
				isA(t, err, tc.is...)
				require.NotContains(t, err.Error(), "\n")
				require.Less(t, len(err.Error()), 1500)
				got.only(t, tc.is...)
				require.Equal(t, "one", got.id(), "the ring is unchanged")
				_, err = ring.Lookup("com.other")
				require.ErrorIs(t, err, keyring.ErrClosed)
				after := got.Stats()
				require.Equal(t, before.Serial, after.Serial)
				require.Equal(t, before.Failures+1, after.Failures)
				require.Empty(t, got.changed())

				w.s.Hook(nil)
				w.c.OnCall(nil)
				w.s.Ahead(0)
				w.s.Delegate(w.a)
				w.issue("two")
				require.NoError(t, got.Fetch(t.Context()))
				require.Equal(t, "two", got.id())
				require.Len(t, got.changed(), 1)
				require.NoError(t, got.Stats().LastError)
			})
		})
	}
}
