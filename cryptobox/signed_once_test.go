package cryptobox_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
)

// voucherOf is what is signed once for a record, from a minute before it to an hour after that.
func voucherOf(t testing.TB, record []byte) harness.Voucher {
	t.Helper()
	direction := cryptobox.Message
	if record[1] > byte(cryptobox.KindCallProgress) {
		direction = cryptobox.Answer
	}
	enc, err := cryptobox.SealBytes(sharedKey(t), direction, record)
	require.NoError(t, err)
	opened, err := open(t, sharedKey(t), enc, direction)
	require.NoError(t, err)
	begin := uint64(opened.TS - 60_000)
	return harness.Voucher{Realm: opened.Realm(), From: opened.From, NotBefore: begin, NotAfter: begin + 3_600_000}
}

// TestAttackSignedOnce: what is signed once for a context is signed for that, a direction, a
// realm, a sender and an hour, for calls and answers, and for who takes it.
func TestAttackSignedOnce(t *testing.T) {
	for _, suite := range signedSuites {
		t.Run(suite.String(), func(t *testing.T) {
			c := newCast(t, suite)
			bob := signedKey(t, once(c.reader()))
			in := harness.RawSender(t, c.read.Public()).Begin()
			call := recordOf(t, callOf("x"))
			honest := voucherOf(t, call)
			try := func(key *cryptobox.SuiteKey, v harness.Voucher, record []byte, change func([]byte)) error {
				nonce, plaintext := in.Nonce(cryptobox.Message, nil), in.Once(c.alice.sign, cryptobox.Message, v, record)
				if change != nil {
					change(plaintext)
				}
				_, err := openIn(t, key, cryptobox.Exchange{}, in.Seal(cryptobox.Message, nonce, plaintext), cryptobox.Message)
				return err
			}
			for range 2 { // before the signature is known, and after
				for name, change := range map[string]func(v *harness.Voucher){
					"of another sender":            func(v *harness.Voucher) { v.From[0]++ },
					"of another realm":             func(v *harness.Voucher) { v.Realm += "x" },
					"that has ended":               func(v *harness.Voucher) { v.NotBefore, v.NotAfter = v.NotBefore-60_000, v.NotBefore+59_999 },
					"that begins later":            func(v *harness.Voucher) { v.NotBefore += 60_001 },
					"for longer than an hour":      func(v *harness.Voucher) { v.NotAfter++ },
					"that ends before it begins":   func(v *harness.Voucher) { v.NotBefore, v.NotAfter = v.NotAfter, v.NotBefore },
					"for all time":                 func(v *harness.Voucher) { v.NotBefore, v.NotAfter = 0, 1<<64-1 },
					"for an hour beyond all times": func(v *harness.Voucher) { v.NotBefore, v.NotAfter = 1<<63, 1<<63+1 },
				} {
					v := honest
					change(&v)
					require.ErrorIs(t, try(bob, v, call, nil), cryptobox.ErrSigner, name)
				}
				for name, kind := range map[string]cryptobox.Kind{"an event": cryptobox.KindPublish, "a refusal": cryptobox.KindRefusal} {
					head := headOf(kind)
					rec := cryptobox.NewRecord(head, "realm1", "com.myapp.add2", []any{"x"}, nil)
					if kind == cryptobox.KindRefusal {
						head.Re = tokenIn(t, draft(t, sharedKey(t), callOf("x")))
						rec = cryptobox.NewRecord(head, "", "", []any{"Stale", int64(1)}, nil)
					}
					record, v := recordOf(t, &rec), honest
					v.Realm = map[bool]string{true: "", false: "realm1"}[kind == cryptobox.KindRefusal]
					require.ErrorIs(t, try(bob, v, record, nil), cryptobox.ErrSigner, name)
				}
				for at := range harness.Fronts[2] { // the form, who, when, and the signature
					if at == 0 {
						continue
					}
					err := try(bob, honest, call, func(plaintext []byte) { plaintext[at] ^= 1 })
					require.ErrorIs(t, err, cryptobox.ErrSigner, at)
				}
				require.ErrorIs(t, try(signedKey(t, c.reader()), honest, call, nil), cryptobox.ErrSigner, "who doesn't take it took it")
				require.NoError(t, try(bob, honest, call, nil))
				last := honest
				last.NotBefore, last.NotAfter = honest.NotBefore-3_540_000, uint64(headOf(cryptobox.KindCall).TS)
				require.NoError(t, try(bob, last, call, nil), "at the last millisecond")
			}
		})
	}
}

// tokenIn is that of a draft.
func tokenIn(t testing.TB, d *cryptobox.Draft) cryptobox.Token {
	t.Helper()
	return d.Token()
}

// TestAttackVoucher: a reader has the signature that alice made once for her calls. It makes
// calls of hers in that context: that is the price. It makes nothing else.
func TestAttackVoucher(t *testing.T) {
	attackedIn(t, func(t *testing.T, a *attacked, once bool) {
		if !once {
			return
		}
		plaintext, nonce := a.inCall.Open(cryptobox.Message, a.enc), a.raw.Nonce(cryptobox.Message, nil)
		front := plaintext[:harness.Fronts[2]]
		with := func(rec *cryptobox.Record) []byte { return append(bytes.Clone(front), recordOf(t, rec)...) }
		forged := with(callOf("forged"))
		require.NoError(t, a.opens(t, a.inCall.Seal(cryptobox.Message, nonce, forged)), "the price")
		require.ErrorIs(t, a.opens(t, a.raw.Begin().Seal(cryptobox.Message, nonce, forged)), cryptobox.ErrSigner, "in another context")
		require.ErrorIs(t, a.opens(t, a.inCall.Seal(cryptobox.Message, nonce, with(event([]any{"forged"}, nil)))), cryptobox.ErrSigner, "an event")
		for name, change := range map[string]func(h *cryptobox.Head){
			"of another sender": func(h *cryptobox.Head) { h.From[0]++ },
			"an hour later":     func(h *cryptobox.Head) { h.TS += 3_600_000 },
			"an hour earlier":   func(h *cryptobox.Head) { h.TS -= 3_600_000 },
		} {
			rec := callOf("forged")
			change(&rec.Head)
			require.ErrorIs(t, a.opens(t, a.inCall.Seal(cryptobox.Message, nonce, with(rec))), cryptobox.ErrSigner, name)
		}
		abroad := cryptobox.NewRecord(headOf(cryptobox.KindCall), "realm2", "com.myapp.add2", nil, nil)
		require.ErrorIs(t, a.opens(t, a.inCall.Seal(cryptobox.Message, nonce, with(&abroad))), cryptobox.ErrSigner, "in another realm")
		answer := with(answerTo(cryptobox.Exchange{}, cryptobox.KindResult, a.call.Token(), "forged"))
		_, err := a.answers(t, a.inCall.Seal(cryptobox.Answer, nonce, answer))
		require.ErrorIs(t, err, cryptobox.ErrSigner, "in the other direction")
	})
}

// TestEachSignsOnceInItsOwnName: two keys that seal in one exchange, as one Session, don't take
// each other's signature.
func TestEachSignsOnceInItsOwnName(t *testing.T) {
	for _, suite := range signedSuites {
		t.Run(suite.String(), func(t *testing.T) {
			c := newCast(t, suite)
			parts := once(c.sender(c.alice))
			parts.Answerers = append(parts.Answerers, c.carol.verify)
			alice := signedKey(t, parts)
			call := draft(t, alice, callOf())
			for range 2 {
				for _, p := range []party{c.bob, c.carol} {
					parts := once(c.reader())
					parts.Sign = p.sign
					enc, _, err := signedKey(t, parts).Seal(nil, answerTo(call.Exchange(), cryptobox.KindResult, call.Token()))
					require.NoError(t, err)
					opened, err := openIn(t, alice, call.Exchange(), enc, cryptobox.Answer)
					require.NoError(t, err)
					require.Equal(t, p.verify, opened.Signer)
				}
			}
		})
	}
}
