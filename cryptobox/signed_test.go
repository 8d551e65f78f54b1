package cryptobox_test

import (
	"bytes"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
)

// TestSignedExamples: what another program made in suite 4 opens, and what opened seals to
// the same bytes in the same context, with the nonce of the example.
func TestSignedExamples(t *testing.T) {
	c, examples := exampleCast(t)
	open := c.reader()
	open.Answerers, open.SignedOnce = []cryptobox.VerifyKey{c.bob.verify}, true
	anybody := c.reader()
	anybody.AnyAnswerer = true
	unsigned := cryptobox.SignedParts{Suite: c.suite, Read: c.read}
	readers := map[bool]*cryptobox.SuiteKey{false: signedKey(t, open), true: signedKey(t, anybody)}
	var call cryptobox.Exchange
	var encapsulated []byte
	for _, e := range examples {
		t.Run(e.Name, func(t *testing.T) {
			enc, direction := unhex(t, e.Enc), e.direction()
			key := readers[strings.Contains(e.Name, "form 0")]
			require.Equal(t, e.Hash, hex.EncodeToString(cryptobox.Hash(key)))
			opened, err := openIn(t, key, call, enc, direction)
			require.NoError(t, err)
			require.Equal(t, e.Plaintext, hex.EncodeToString(cryptobox.RecordBytes(opened)))
			require.Equal(t, e.Token, hex.EncodeToString(cryptobox.TokenBytes(opened.Token)))

			seals, nonce, signer := c.sender(c.alice), 17+32, c.alice.verify
			if direction == cryptobox.Answer {
				seals, nonce, signer = c.reader(), 17, c.bob.verify
			} else {
				call, encapsulated = opened.Exchange(), enc[17:17+32]
			}
			if strings.Contains(e.Name, "once") {
				seals = once(seals)
			}
			if strings.Contains(e.Name, "form 0") {
				seals, signer = unsigned, cryptobox.VerifyKey{}
			}
			require.Equal(t, signer, opened.Signer)
			args, kwargs, err := opened.Values()
			require.NoError(t, err)
			rec := cryptobox.NewRecord(opened.Head, opened.Realm(), opened.URI(), args, kwargs)
			rec.Exchange = cryptobox.AsSender(call, encapsulated)
			if record := unhex(t, e.Record); record[0] == 0x8c {
				rec.Pad = func(int) int { return len(record) }
			}
			for range 200 { // the order of a map's entries isn't fixed
				again, token, err := cryptobox.SealRecordWith(signedKey(t, seals), enc[nonce:nonce+24], &rec)
				require.NoError(t, err)
				require.Len(t, again, len(enc))
				if string(again) == string(enc) {
					require.Equal(t, opened.Token, token)
					return
				}
				require.Greater(t, len(kwargs), 1, "sealed to other bytes")
			}
			t.Fatal("never sealed to the same bytes")
		})
	}
}

// TestSignedExchange: a call in chunks and its answers, both ways, each by who it is from.
func TestSignedExchange(t *testing.T) {
	inSigned(t, func(t *testing.T, c *cast, how func(cryptobox.SignedParts) cryptobox.SignedParts) {
		alice, bob := signedKey(t, how(c.sender(c.alice))), signedKey(t, how(c.reader()))
		require.Equal(t, alice.ID(), bob.ID())
		require.Equal(t, cryptobox.SignedID(c.read.Public()), bob.ID())
		first := draft(t, alice, callOf("first"))
		enc := first.Append(nil)
		require.Equal(t, enc, first.Append(nil))
		require.Len(t, enc, first.Size())
		require.Equal(t, first.Ref(), cryptobox.RefOf(enc))
		opened, err := openIn(t, bob, cryptobox.Exchange{}, enc, cryptobox.Message)
		require.NoError(t, err)
		require.Equal(t, c.alice.verify, opened.Signer)
		require.Equal(t, first.Token(), opened.Token)
		x := opened.Exchange()

		later := callOf("later")
		later.Exchange = first.Exchange()
		enc, _, err = alice.Seal(nil, later)
		require.NoError(t, err)
		opened, err = openIn(t, bob, x, enc, cryptobox.Message)
		require.NoError(t, err)
		require.Equal(t, c.alice.verify, opened.Signer)

		for _, kind := range []cryptobox.Kind{cryptobox.KindProgress, cryptobox.KindResult, cryptobox.KindError} {
			rec := answerTo(x, kind, first.Token(), "answer")
			enc, _, err := bob.Seal(nil, rec)
			require.NoError(t, err)
			boxed, _, err := sharedKey(t).Seal(nil, rec)
			require.NoError(t, err)
			require.Equal(t, len(boxed)-sharedKey(t).Overhead(kind), len(enc)-bob.Overhead(kind))
			opened, err := openIn(t, alice, first.Exchange(), enc, cryptobox.Answer)
			require.NoError(t, err)
			require.Equal(t, c.bob.verify, opened.Signer)
			args, _, err := opened.Values()
			require.NoError(t, err)
			require.Equal(t, []any{"answer"}, args)
		}
	})
}

// TestOneContextASession and hour: messages of a Session have one encapsulated key, those of
// two have two.
func TestOneContextASession(t *testing.T) {
	c := newCast(t, cryptobox.SuiteSigned)
	key := signedKey(t, c.sender(c.alice))
	encapsulated := func(from byte, ts int64) string {
		rec := event(nil, nil)
		rec.From, rec.TS = cryptobox.SenderID{from}, ts
		enc, _, err := key.Seal(nil, rec)
		require.NoError(t, err)
		return string(enc[17 : 17+32])
	}
	const ts, minute = int64(1_790_000_000_000), int64(60_000)
	first := encapsulated(1, ts)
	for _, later := range []int64{ts - minute, ts + 1, ts + 59*minute} {
		require.Equal(t, first, encapsulated(1, later))
	}
	require.NotEqual(t, first, encapsulated(2, ts))
	require.NotEqual(t, first, encapsulated(1, ts+60*minute))
	require.NotEqual(t, first, encapsulated(1, ts-2*minute), "the clock was set back")
}

// TestNobodyElse: every right that a party doesn't have, tried.
func TestNobodyElse(t *testing.T) {
	inSigned(t, func(t *testing.T, c *cast, how func(cryptobox.SignedParts) cryptobox.SignedParts) {
		alice, bob := signedKey(t, how(c.sender(c.alice))), signedKey(t, how(c.reader()))
		carol := signedKey(t, how(c.sender(c.carol)))
		call := draft(t, alice, callOf("x"))
		enc := call.Append(nil)

		_, err := openIn(t, alice, cryptobox.Exchange{}, enc, cryptobox.Message)
		require.ErrorIs(t, err, cryptobox.ErrKey, "who seals opened what it sealed")
		_, err = openIn(t, alice, call.Exchange(), enc, cryptobox.Message)
		require.ErrorIs(t, err, cryptobox.ErrKey)

		forged, _, err := carol.Seal(nil, callOf("x"))
		require.NoError(t, err)
		_, err = openIn(t, bob, cryptobox.Exchange{}, forged, cryptobox.Message)
		require.ErrorIs(t, err, cryptobox.ErrSigner, "who isn't listed was taken")

		opened, err := openIn(t, bob, cryptobox.Exchange{}, enc, cryptobox.Message)
		require.NoError(t, err)
		x := opened.Exchange()
		reader := c.reader()
		reader.Sign = c.carol.sign // a subscriber in the callee's place
		enc, _, err = signedKey(t, how(reader)).Seal(nil, answerTo(x, cryptobox.KindResult, call.Token()))
		require.NoError(t, err)
		_, err = openIn(t, alice, call.Exchange(), enc, cryptobox.Answer)
		require.ErrorIs(t, err, cryptobox.ErrSigner)
		reader.Sign = cryptobox.SigningKey{}
		enc, _, err = signedKey(t, how(reader)).Seal(nil, answerTo(x, cryptobox.KindResult, call.Token()))
		require.NoError(t, err)
		_, err = openIn(t, alice, call.Exchange(), enc, cryptobox.Answer)
		require.ErrorIs(t, err, cryptobox.ErrSigner)

		answer, _, err := bob.Seal(nil, answerTo(x, cryptobox.KindResult, call.Token()))
		require.NoError(t, err)
		_, err = openIn(t, carol, draft(t, carol, callOf("mine")).Exchange(), answer, cryptobox.Answer)
		require.Equal(t, cryptobox.ErrOpen, err, "another caller opened the answer")
		_, err = openIn(t, alice, cryptobox.Exchange{}, answer, cryptobox.Answer)
		require.Equal(t, cryptobox.ErrOpen, err)
		_, err = openIn(t, alice, call.Exchange(), enc, cryptobox.Message)
		require.Error(t, err)
		_, err = openIn(t, bob, x, answer, cryptobox.Message)
		require.Error(t, err, "an answer came as a message")

		_, _, err = bob.Seal(nil, answerTo(cryptobox.Exchange{}, cryptobox.KindResult, call.Token()))
		require.ErrorIs(t, err, cryptobox.ErrValue)
		_, _, err = bob.Seal(nil, callOf("x"))
		require.ErrorIs(t, err, cryptobox.ErrKey, "who can't seal did")
	})
}

// TestSignedEveryByteCounts: one with a bit of any byte changed doesn't open.
func TestSignedEveryByteCounts(t *testing.T) {
	inSigned(t, func(t *testing.T, c *cast, how func(cryptobox.SignedParts) cryptobox.SignedParts) {
		alice, bob := signedKey(t, how(c.sender(c.alice))), signedKey(t, how(c.reader()))
		call := draft(t, alice, callOf("x"))
		enc := call.Append(nil)
		opened, err := openIn(t, bob, cryptobox.Exchange{}, enc, cryptobox.Message)
		require.NoError(t, err)
		answer, _, err := bob.Seal(nil, answerTo(opened.Exchange(), cryptobox.KindResult, call.Token()))
		require.NoError(t, err)
		require.NoError(t, alice.OpenIn(call.Exchange(), answer, cryptobox.Answer, opened))
		for i := range enc {
			changed := bytes.Clone(enc)
			changed[i] ^= 0x40
			_, err := openIn(t, bob, cryptobox.Exchange{}, changed, cryptobox.Message)
			require.Error(t, err, i)
			require.NotErrorIs(t, err, cryptobox.ErrSigner, i)
		}
		for i := range answer {
			changed := bytes.Clone(answer)
			changed[i] ^= 0x40
			_, err := openIn(t, alice, call.Exchange(), changed, cryptobox.Answer)
			require.Error(t, err, i)
		}
		for _, size := range []int{57, 58, len(enc) - 1} {
			_, err := openIn(t, bob, cryptobox.Exchange{}, enc[:size], cryptobox.Message)
			require.Equal(t, cryptobox.ErrOpen, err)
		}
	})
}

// TestMalformedRecordKeepsItsExchange: who has signed a record that isn't sound can be
// answered, to be told so.
func TestMalformedRecordKeepsItsExchange(t *testing.T) {
	inSigned(t, func(t *testing.T, c *cast, _ func(cryptobox.SignedParts) cryptobox.SignedParts) {
		alice, bob := signedKey(t, c.sender(c.alice)), signedKey(t, c.reader())
		raw := harness.RawSender(t, c.read.Public()).Begin()
		nonce := raw.Nonce(cryptobox.Message, nil)
		enc := raw.Seal(cryptobox.Message, nonce, raw.Signed(c.alice.sign, cryptobox.Message, nonce, []byte("no record")))
		opened, err := openIn(t, bob, cryptobox.Exchange{}, enc, cryptobox.Message)
		require.ErrorIs(t, err, cryptobox.ErrMalformed)
		require.Equal(t, c.alice.verify, opened.Signer)
		answer, _, err := bob.Seal(nil, answerTo(opened.Exchange(), cryptobox.KindError, opened.Token))
		require.NoError(t, err)
		require.NotEmpty(t, raw.Open(cryptobox.Answer, answer))
		_, err = openIn(t, alice, draft(t, alice, callOf("mine")).Exchange(), answer, cryptobox.Answer)
		require.Equal(t, cryptobox.ErrOpen, err)
	})
}
