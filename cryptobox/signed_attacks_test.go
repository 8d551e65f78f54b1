package cryptobox_test

import (
	"bytes"
	"crypto/ed25519"
	"math/big"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
)

// Those who hold a key of a pattern attack one another here. Whoever attacks seals raw, by what
// it holds: mallory reads, and is listed as one that sends.

// attacked is a call of alice's, and what mallory makes of it.
type attacked struct {
	*cast
	mallory    party
	alice, bob *cryptobox.SuiteKey
	call       *cryptobox.Draft
	enc        []byte // the call
	raw        *harness.RawSigned
	inCall     *harness.RawContext // alice's, as mallory enters it
}

// attackedIn runs a test for each suite of signed envelopes, signed each and signed once.
func attackedIn(t *testing.T, test func(t *testing.T, a *attacked, once bool)) {
	t.Helper()
	inSigned(t, func(t *testing.T, c *cast, how func(cryptobox.SignedParts) cryptobox.SignedParts) {
		a := &attacked{cast: c}
		a.mallory.sign = cryptobox.GenerateSigningKey()
		a.mallory.verify = a.mallory.sign.Public()
		reader := c.reader()
		reader.Senders = append(reader.Senders, a.mallory.verify)
		a.alice, a.bob = signedKey(t, how(c.sender(c.alice))), signedKey(t, how(reader))
		a.call = draft(t, a.alice, callOf("x"))
		a.enc = a.call.Append(nil)
		a.raw = harness.RawReader(t, c.read)
		a.inCall = a.raw.Enter(a.enc)
		test(t, a, how(reader).SignedOnce)
	})
}

// opens tells what comes of a message at bob, who is called.
func (a *attacked) opens(t testing.TB, enc []byte) error {
	t.Helper()
	_, err := openIn(t, a.bob, cryptobox.Exchange{}, enc, cryptobox.Message)
	return err
}

// answers tells what comes of an answer to alice's call.
func (a *attacked) answers(t testing.TB, enc []byte) (*cryptobox.Opened, error) {
	t.Helper()
	return openIn(t, a.alice, a.call.Exchange(), enc, cryptobox.Answer)
}

// recordOf is a record, serialized.
func recordOf(t testing.TB, rec *cryptobox.Record) []byte {
	t.Helper()
	rec.Exchange = cryptobox.Exchange{}
	d := draft(t, sharedKey(t), rec)
	return bytes.Clone(cryptobox.RecordBytes(d))
}

// answered has bob answer a call that mallory makes, and gives what he sealed, opened.
func (a *attacked) answered(t testing.TB, call []byte, kind cryptobox.Kind) (plaintext, nonce []byte) {
	t.Helper()
	opened, err := openIn(t, a.bob, cryptobox.Exchange{}, call, cryptobox.Message)
	require.NoError(t, err)
	require.Equal(t, a.mallory.verify, opened.Signer)
	rec := answerTo(opened.Exchange(), kind, opened.Token, "for mallory")
	if kind == cryptobox.KindRefusal {
		head := headOf(kind)
		head.Re = opened.Token
		*rec = cryptobox.NewRecord(head, "", "", []any{"Stale", int64(1)}, nil)
		rec.Exchange = opened.Exchange()
	}
	answer, _, err := a.bob.Seal(nil, rec)
	require.NoError(t, err)
	return a.raw.Enter(call).Open(cryptobox.Answer, answer), a.raw.Nonce(cryptobox.Answer, answer)
}

// mallorys is a call of mallory's own, under a nonce, or a new one for nil.
func (a *attacked) mallorys(t testing.TB, nonce []byte) []byte {
	t.Helper()
	own := a.raw.Begin()
	if nonce == nil {
		nonce = own.Nonce(cryptobox.Message, nil)
	}
	return own.Seal(cryptobox.Message, nonce, own.Signed(a.mallory.sign, cryptobox.Message, nonce, recordOf(t, callOf("mine"))))
}

// TestAttackAnswerOfAnotherCall: a reader that also calls gets the signed answer to its own
// call and seals it again as the answer to another's. Under a new nonce the signature is none.
// Under the same one it is, but the answer names the reader's call: no nonce makes that name
// alice's. What is signed once is signed for its context.
func TestAttackAnswerOfAnotherCall(t *testing.T) {
	attackedIn(t, func(t *testing.T, a *attacked, once bool) {
		for _, nonce := range [][]byte{nil, a.raw.Nonce(cryptobox.Message, a.enc)} {
			plaintext, used := a.answered(t, a.mallorys(t, nonce), cryptobox.KindResult)
			fresh := a.raw.Nonce(cryptobox.Answer, nil)
			_, err := a.answers(t, a.inCall.Seal(cryptobox.Answer, fresh, plaintext))
			require.ErrorIs(t, err, cryptobox.ErrSigner, "under a new nonce")
			opened, err := a.answers(t, a.inCall.Seal(cryptobox.Answer, used, plaintext))
			if once {
				require.ErrorIs(t, err, cryptobox.ErrSigner, "in another context")
				continue
			}
			require.NoError(t, err)
			require.NotEqual(t, a.call.Token(), opened.Re, "it answers alice's call")
		}
	})
}

// TestAttackSealedAgain: a reader seals again what alice has signed, such as an event that is
// retained: under a new nonce, for a new encapsulated key, for both.
func TestAttackSealedAgain(t *testing.T) {
	attackedIn(t, func(t *testing.T, a *attacked, once bool) {
		event, _, err := a.alice.Seal(nil, keptEvent())
		require.NoError(t, err)
		for name, enc := range map[string][]byte{"event": event, "call": a.enc} {
			in, other := a.raw.Enter(enc), a.raw.Begin()
			plaintext, nonce := in.Open(cryptobox.Message, enc), a.raw.Nonce(cryptobox.Message, enc)
			require.Equal(t, enc, in.Seal(cryptobox.Message, nonce, plaintext), "nothing was changed")
			require.NoError(t, a.opens(t, enc))
			fresh := a.raw.Nonce(cryptobox.Message, nil)
			if name == "event" || !once { // in a context signed once readers may forge calls
				require.ErrorIs(t, a.opens(t, in.Seal(cryptobox.Message, fresh, plaintext)), cryptobox.ErrSigner, name)
			}
			require.ErrorIs(t, a.opens(t, other.Seal(cryptobox.Message, fresh, plaintext)), cryptobox.ErrSigner, name)
			require.ErrorIs(t, a.opens(t, other.Seal(cryptobox.Message, nonce, plaintext)), cryptobox.ErrSigner, name)
		}
	})
}

func keptEvent() *cryptobox.Record {
	rec := event([]any{"kept"}, nil)
	rec.Keep = true
	return rec
}

// TestAttackSubscriberAnswers: a reader answers in the callee's place, in any form, in its own
// name or in the callee's.
func TestAttackSubscriberAnswers(t *testing.T) {
	attackedIn(t, func(t *testing.T, a *attacked, _ bool) {
		record := recordOf(t, answerTo(cryptobox.Exchange{}, cryptobox.KindResult, a.call.Token(), "forged"))
		nonce, bob := a.raw.Nonce(cryptobox.Answer, nil), a.cast.bob.verify.Signer()
		named := func(plaintext []byte) []byte {
			copy(plaintext[1:], bob[:])
			return plaintext
		}
		signed := func() []byte { return a.inCall.Signed(a.mallory.sign, cryptobox.Answer, nonce, record) }
		once := func() []byte { return a.inCall.Once(a.mallory.sign, cryptobox.Answer, voucherOf(t, record), record) }
		for name, plaintext := range map[string][]byte{
			"in its own name": signed(), "in the callee's": named(signed()),
			"once in its own name": once(), "once in the callee's": named(once()),
			"without signature": append([]byte{0}, record...),
		} {
			_, err := a.answers(t, a.inCall.Seal(cryptobox.Answer, nonce, plaintext))
			require.ErrorIs(t, err, cryptobox.ErrSigner, name)
		}
	})
}

// TestAttackForgedMessage: a reader forges an event or a call of alice's, out of one that she
// signed, and out of nothing.
func TestAttackForgedMessage(t *testing.T) {
	attackedIn(t, func(t *testing.T, a *attacked, _ bool) {
		for _, rec := range []*cryptobox.Record{event([]any{"true"}, nil), callOf("true")} {
			sent, _, err := a.alice.Seal(nil, rec)
			require.NoError(t, err)
			require.NoError(t, a.opens(t, sent))
			in, nonce := a.raw.Enter(sent), a.raw.Nonce(cryptobox.Message, sent)
			plaintext := in.Open(cryptobox.Message, sent)
			front := harness.Fronts[plaintext[0]]
			record, alice := plaintext[front:], a.cast.alice.verify.Signer()
			for at := range len(plaintext) {
				if plaintext[0] == 2 && at >= front {
					break // the price of signing once
				}
				changed := bytes.Clone(plaintext)
				changed[at] ^= 1
				err := a.opens(t, in.Seal(cryptobox.Message, nonce, changed))
				require.Error(t, err, at)
				if at > 0 {
					require.ErrorIs(t, err, cryptobox.ErrSigner, at)
				}
			}
			for _, c := range []*harness.RawContext{in, a.raw.Begin()} {
				forged := c.Signed(a.mallory.sign, cryptobox.Message, nonce, record)
				opened, err := openIn(t, a.bob, cryptobox.Exchange{}, c.Seal(cryptobox.Message, nonce, forged), cryptobox.Message)
				require.NoError(t, err, "an encapsulated key is nobody's own")
				require.Equal(t, a.mallory.verify, opened.Signer, "and who signs is who it is from")
				copy(forged[1:], alice[:])
				require.ErrorIs(t, a.opens(t, c.Seal(cryptobox.Message, nonce, forged)), cryptobox.ErrSigner)
				unlisted := c.Signed(a.cast.carol.sign, cryptobox.Message, nonce, record)
				require.ErrorIs(t, a.opens(t, c.Seal(cryptobox.Message, nonce, unlisted)), cryptobox.ErrSigner)
				require.ErrorIs(t, a.opens(t, c.Seal(cryptobox.Message, nonce, append([]byte{0}, record...))), cryptobox.ErrSigner)
			}
		}
	})
}

// TestAttackOriginatorOpens: who sends opens nothing of another who sends: not its messages,
// nor what answers them, whatever exchange it says they belong to.
func TestAttackOriginatorOpens(t *testing.T) {
	attackedIn(t, func(t *testing.T, a *attacked, _ bool) {
		carol := signedKey(t, a.sender(a.carol))
		own := draft(t, carol, callOf("mine"))
		opened, err := openIn(t, a.bob, cryptobox.Exchange{}, a.enc, cryptobox.Message)
		require.NoError(t, err)
		answer, _, err := a.bob.Seal(nil, answerTo(opened.Exchange(), cryptobox.KindResult, opened.Token, "secret"))
		require.NoError(t, err)
		_, err = a.answers(t, answer)
		require.NoError(t, err)
		event, _, err := a.alice.Seal(nil, keptEvent())
		require.NoError(t, err)
		for _, x := range []cryptobox.Exchange{{}, own.Exchange(), cryptobox.AsSender(own.Exchange(), a.inCall.Encapsulated)} {
			_, err = openIn(t, carol, x, answer, cryptobox.Answer)
			require.Equal(t, cryptobox.ErrOpen, err)
			for _, enc := range [][]byte{a.enc, event} {
				_, err = openIn(t, carol, x, enc, cryptobox.Message)
				require.ErrorIs(t, err, cryptobox.ErrKey)
			}
		}
		// Alice's encapsulated key in carol's own call is one whose keys she hasn't.
		stolen := harness.RawSender(t, a.read.Public()).Begin()
		stolen.Encapsulated = a.inCall.Encapsulated
		nonce := stolen.Nonce(cryptobox.Message, nil)
		enc := stolen.Seal(cryptobox.Message, nonce, stolen.Signed(a.mallory.sign, cryptobox.Message, nonce, recordOf(t, callOf("x"))))
		require.Equal(t, cryptobox.ErrOpen, a.opens(t, enc))
	})
}

// TestAttackMoved: a reader moves what alice signed to the other direction, where she is
// listed as well, and to another key that it reads.
func TestAttackMoved(t *testing.T) {
	attackedIn(t, func(t *testing.T, a *attacked, once bool) {
		takesAlice := a.sender(a.cast.alice)
		takesAlice.Answerers, takesAlice.SignedOnce = append(takesAlice.Answerers, a.cast.alice.verify), once
		caller := signedKey(t, takesAlice)
		call := draft(t, caller, callOf("x"))
		enc := call.Append(nil)
		in := a.raw.Enter(enc)
		plaintext, nonce := in.Open(cryptobox.Message, enc), a.raw.Nonce(cryptobox.Message, enc)
		_, err := openIn(t, caller, call.Exchange(), in.Seal(cryptobox.Answer, nonce, plaintext), cryptobox.Answer)
		require.ErrorIs(t, err, cryptobox.ErrSigner, "a call came as its own answer")

		other := newCast(t, a.suite)
		other.alice = a.cast.alice
		reads := other.reader()
		reads.SignedOnce = once
		there := harness.RawReader(t, other.read).Begin()
		_, err = openIn(t, signedKey(t, reads), cryptobox.Exchange{}, there.Seal(cryptobox.Message, nonce, plaintext), cryptobox.Message)
		require.ErrorIs(t, err, cryptobox.ErrSigner, "what was signed for one key came under another")
		// What is signed for one key is sealed in an exchange of the other's.
		abroad := signedKey(t, other.sender(other.alice))
		foreignCall := draft(t, abroad, callOf("x"))
		mixed := harness.RawReader(t, other.read).Enter(foreignCall.Append(nil))
		mixed.RawSigned = a.raw
		answer := mixed.Signed(a.cast.bob.sign, cryptobox.Answer, nonce, recordOf(t, answerTo(cryptobox.Exchange{}, cryptobox.KindResult, call.Token())))
		_, err = openIn(t, caller, foreignCall.Exchange(), mixed.Seal(cryptobox.Answer, nonce, answer), cryptobox.Answer)
		require.Equal(t, cryptobox.ErrOpen, err)

		nowhere := bytes.Clone(enc)
		id := signedKey(t, reads).ID()
		copy(nowhere[1:], id[:])
		_, err = openIn(t, signedKey(t, reads), cryptobox.Exchange{}, nowhere, cryptobox.Message)
		require.Equal(t, cryptobox.ErrOpen, err)
	})
}

// TestAttackSuites: what was sealed in one suite is none in another, also where the bytes of
// the reading key's X25519 part are the same.
func TestAttackSuites(t *testing.T) {
	classical, pq := newCast(t, cryptobox.SuiteSigned), newCast(t, cryptobox.SuiteSignedPQ)
	keys := map[cryptobox.Suite]*cryptobox.SuiteKey{
		cryptobox.SuiteSigned: signedKey(t, classical.reader()), cryptobox.SuiteSignedPQ: signedKey(t, pq.reader()), cryptobox.SuiteShared: sharedKey(t),
	}
	for suite, key := range someKeys(t) {
		keys[suite] = key
	}
	sealed := map[cryptobox.Suite][]byte{}
	for suite, key := range map[cryptobox.Suite]*cryptobox.SuiteKey{
		cryptobox.SuiteSigned: signedKey(t, classical.sender(classical.alice)), cryptobox.SuiteSignedPQ: signedKey(t, pq.sender(pq.alice)),
		cryptobox.SuiteShared: keys[cryptobox.SuiteShared], cryptobox.SuiteBox: keys[cryptobox.SuiteBox], cryptobox.SuiteXBox: keys[cryptobox.SuiteXBox],
	} {
		enc, _, err := key.Seal(nil, event([]any{make([]byte, 1200)}, nil))
		require.NoError(t, err)
		sealed[suite] = enc
	}
	require.Len(t, sealed, 5)
	for from, enc := range sealed {
		for to, key := range keys {
			if from == to {
				continue
			}
			id := key.ID()
			for name, head := range map[string][]byte{
				"as it is": enc[:17], "named": slices.Concat([]byte{byte(to)}, enc[1:17]), "with the id": slices.Concat([]byte{byte(to)}, id[:]),
			} {
				for _, direction := range []cryptobox.Direction{cryptobox.Message, cryptobox.Answer} {
					opened, err := openIn(t, key, cryptobox.Exchange{}, slices.Concat(head, enc[17:]), direction)
					require.Equal(t, cryptobox.ErrOpen, err, "%v as %v, %s", from, to, name)
					require.True(t, opened.Signer.IsZero() && opened.Token.IsZero())
				}
			}
		}
	}
}

// TestAttackSignature: one whose S isn't reduced is none.
func TestAttackSignature(t *testing.T) {
	attackedIn(t, func(t *testing.T, a *attacked, _ bool) {
		plaintext, nonce := a.inCall.Open(cryptobox.Message, a.enc), a.raw.Nonce(cryptobox.Message, a.enc)
		end := harness.Fronts[plaintext[0]]
		order, _ := new(big.Int).SetString("7237005577332262213973186563042994240857116359379907606001950938285454250989", 10)
		s := plaintext[end-ed25519.SignatureSize/2 : end]
		greater := new(big.Int).Add(new(big.Int).SetBytes(reversed(s)), order)
		copy(s, reversed(greater.FillBytes(make([]byte, 32))))
		require.ErrorIs(t, a.opens(t, a.inCall.Seal(cryptobox.Message, nonce, plaintext)), cryptobox.ErrSigner)
	})
}

func reversed(b []byte) []byte {
	b = bytes.Clone(b)
	slices.Reverse(b)
	return b
}

// TestAttackForms: there are three forms, none of them cut short.
func TestAttackForms(t *testing.T) {
	attackedIn(t, func(t *testing.T, a *attacked, _ bool) {
		plaintext, nonce := a.inCall.Open(cryptobox.Message, a.enc), a.raw.Nonce(cryptobox.Message, a.enc)
		for f := 3; f < 256; f++ {
			changed := append([]byte{byte(f)}, plaintext[1:]...)
			require.ErrorIs(t, a.opens(t, a.inCall.Seal(cryptobox.Message, nonce, changed)), cryptobox.ErrMalformed, f)
		}
		for size := range harness.Fronts[plaintext[0]] {
			require.ErrorIs(t, a.opens(t, a.inCall.Seal(cryptobox.Message, nonce, plaintext[:size])), cryptobox.ErrMalformed, size)
		}
	})
}

// TestAttackEncapsulatedKey: those that no key pair gives, and those of the wrong length, open
// nothing and are no other error.
func TestAttackEncapsulatedKey(t *testing.T) {
	attackedIn(t, func(t *testing.T, a *attacked, _ bool) {
		size := len(a.inCall.Encapsulated)
		for _, point := range lowOrder {
			enc := bytes.Clone(a.enc)
			copy(enc[17+size-32:], unhex(t, point))
			require.Equal(t, cryptobox.ErrOpen, a.opens(t, enc))
		}
		for _, enc := range [][]byte{
			slices.Concat(a.enc[:17], a.enc[18:]), slices.Concat(a.enc[:17], []byte{0}, a.enc[17:]), slices.Concat(a.enc[:17], a.enc[17+size:]),
			slices.Concat(a.enc[:17+size], a.enc[17:]),
		} {
			require.Equal(t, cryptobox.ErrOpen, a.opens(t, enc))
		}
	})
}

// TestAttackClear: who may send, and seals and signs all as it has to be, says in clear that it
// is of another suite, of another key, or of another encapsulated key than the call it goes on
// with. Nothing of that opens.
func TestAttackClear(t *testing.T) {
	attackedIn(t, func(t *testing.T, a *attacked, _ bool) {
		opened, err := openIn(t, a.bob, cryptobox.Exchange{}, a.enc, cryptobox.Message)
		require.NoError(t, err)
		chunk := callOf("later")
		chunk.Re, chunk.Seq = opened.Token, 1
		record := recordOf(t, chunk)
		try := func(x cryptobox.Exchange, change func(c *harness.RawContext)) error {
			c := *a.inCall
			change(&c)
			nonce := c.Nonce(cryptobox.Answer, nil)
			_, err := openIn(t, a.bob, x, c.Seal(cryptobox.Message, nonce, c.Signed(a.cast.alice.sign, cryptobox.Message, nonce, record)), cryptobox.Message)
			return err
		}
		for _, x := range []cryptobox.Exchange{{}, opened.Exchange()} {
			require.NoError(t, try(x, func(*harness.RawContext) {}))
			require.Equal(t, cryptobox.ErrOpen, try(x, func(c *harness.RawContext) {
				named := *c.RawSigned
				named.Suite = cryptobox.SuiteShared
				c.RawSigned = &named
			}), "the suite")
			require.Equal(t, cryptobox.ErrOpen, try(x, func(c *harness.RawContext) {
				c.RawSigned = harness.RawSender(t, newCast(t, a.suite).read.Public())
			}), "the key")
		}
		require.Equal(t, cryptobox.ErrOpen, try(opened.Exchange(), func(c *harness.RawContext) {
			c.Encapsulated = a.raw.Begin().Encapsulated
		}), "the encapsulated key")
	})
}
