package cryptobox_test

import (
	"bytes"
	"encoding/binary"
	"math/big"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/chacha20"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
)

// XChaCha20-Poly1305 doesn't commit to its key: who has two keys makes one tag fit both. These
// tests do that, for what would follow from it.

// authenticator is Poly1305 (RFC 8439) under the key of one message, as numbers.
type authenticator struct{ r, s *big.Int }

var (
	polyPrime = new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 130), big.NewInt(5))
	polyWord  = new(big.Int).Lsh(big.NewInt(1), 128)
)

func authenticatorOf(t testing.TB, key, nonce []byte) *authenticator {
	t.Helper()
	stream, err := chacha20.NewUnauthenticatedCipher(key, nonce)
	require.NoError(t, err)
	block := make([]byte, 32)
	stream.XORKeyStream(block, block)
	for i, mask := range unhex(t, "ffffff0ffcffff0ffcffff0ffcffff0f") {
		block[i] &= mask
	}
	return &authenticator{new(big.Int).SetBytes(reversed(block[:16])), new(big.Int).SetBytes(reversed(block[16:]))}
}

// blocks are what is authenticated of a message, 16 bytes each but for what stands above them.
func blocks(before, ciphertext []byte) (all []*big.Int) {
	pad := func(b []byte) []byte { return append(bytes.Clone(b), make([]byte, (16-len(b)%16)%16)...) }
	sizes := binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(nil, uint64(len(before))), uint64(len(ciphertext)))
	for block := range slices.Chunk(slices.Concat(pad(before), pad(ciphertext), sizes), 16) {
		all = append(all, new(big.Int).Add(new(big.Int).SetBytes(reversed(block)), polyWord))
	}
	return all
}

// split gives what the accumulator is made of without the block at a place, and by what that is
// multiplied.
func (a *authenticator) split(all []*big.Int, at int) (rest, factor *big.Int) {
	rest, factor = new(big.Int), big.NewInt(1)
	for i, block := range all {
		if i == at {
			block = new(big.Int)
		}
		rest.Mod(rest.Mul(rest.Add(rest, block), a.r), polyPrime)
		if i >= at {
			factor.Mod(factor.Mul(factor, a.r), polyPrime)
		}
	}
	return rest, factor
}

// fits puts 16 bytes into a ciphertext, from a place on, so that its tag is the one given.
func (a *authenticator) fits(before, ciphertext []byte, place int, tag []byte) bool {
	at := (len(before)+15)/16 + place/16
	rest, factor := a.split(blocks(before, ciphertext), at)
	want := new(big.Int).Sub(new(big.Int).SetBytes(reversed(tag)), a.s)
	want.Mod(want, polyWord)
	inverse := new(big.Int).ModInverse(factor, polyPrime)
	for ; want.Cmp(polyPrime) < 0; want.Add(want, polyWord) {
		block := new(big.Int).Sub(want, rest)
		block.Mod(block.Mul(block, inverse), polyPrime)
		if block.Sub(block, polyWord); block.Sign() >= 0 && block.Cmp(polyWord) < 0 {
			copy(ciphertext[place:], reversed(block.FillBytes(make([]byte, 16))))
			return true
		}
	}
	return false
}

// sameToken is a call of mallory's, signed once, that has nonce and tag of alice's: by 16 bytes
// of an argument. Its token is that of alice's call.
func (a *attacked) sameToken(t testing.TB) []byte {
	t.Helper()
	nonce, tag := a.raw.Nonce(cryptobox.Message, a.enc), a.enc[len(a.enc)-16:]
	for try := range byte(100) {
		record := recordOf(t, callOf(append(bytes.Repeat([]byte{try}, 63), 0)))
		own := a.raw.Begin()
		enc := own.Seal(cryptobox.Message, nonce, own.Once(a.mallory.sign, cryptobox.Message, voucherOf(t, record), record))
		before, ciphertext := enc[:len(enc)-16-97-len(record)], enc[len(enc)-16-97-len(record):len(enc)-16]
		place := (97 + bytes.Index(record, bytes.Repeat([]byte{try}, 40)) + 15) &^ 15
		if authenticatorOf(t, own.Key(cryptobox.Message), nonce).fits(before, ciphertext, place, tag) {
			copy(enc[len(enc)-16:], tag)
			return enc
		}
	}
	t.Fatal("no tag fits")
	return nil
}

// TestAttackSameToken: in a context signed once the token of a call isn't its sender's alone. A
// reader who is listed makes a call with the token of alice's. The callee's result to that is
// signed for mallory's context, and none to alice. Its refusal isn't: that is the price of
// signing once, beside what readers can forge anyway. Where each call is signed there is none.
func TestAttackSameToken(t *testing.T) {
	attackedIn(t, func(t *testing.T, a *attacked, once bool) {
		if !once {
			nonce := a.raw.Nonce(cryptobox.Message, a.enc)
			opened, err := openIn(t, a.bob, cryptobox.Exchange{}, a.mallorys(t, nonce), cryptobox.Message)
			require.NoError(t, err)
			require.NotEqual(t, a.call.Token(), opened.Token)
			return
		}
		call := a.sameToken(t)
		opened, err := openIn(t, a.bob, cryptobox.Exchange{}, call, cryptobox.Message)
		require.NoError(t, err)
		require.Equal(t, a.call.Token(), opened.Token)
		for kind, want := range map[cryptobox.Kind]error{cryptobox.KindResult: cryptobox.ErrSigner, cryptobox.KindError: cryptobox.ErrSigner, cryptobox.KindRefusal: nil} {
			plaintext, nonce := a.answered(t, call, kind)
			_, err := a.answers(t, a.inCall.Seal(cryptobox.Answer, nonce, plaintext))
			require.ErrorIs(t, err, want, kind)
		}
	})
}

// fitsBoth puts 16 bytes into a ciphertext, from a place on, so that its tags under two keys are
// one.
func fitsBoth(first, second *authenticator, before, ciphertext []byte, place int) bool {
	at, all := (len(before)+15)/16+place/16, blocks(before, ciphertext)
	rest, factor := first.split(all, at)
	otherRest, otherFactor := second.split(all, at)
	inverse := new(big.Int).Sub(otherFactor, factor)
	inverse.ModInverse(inverse.Mod(inverse, polyPrime), polyPrime)
	apart := new(big.Int).Sub(first.s, second.s)
	for k := int64(-4); k <= 4; k++ {
		block := new(big.Int).Mul(polyWord, big.NewInt(k))
		block.Add(block.Add(block, apart), new(big.Int).Sub(rest, otherRest))
		block.Mod(block.Mul(block, inverse), polyPrime)
		tag := func(a *authenticator, rest, factor *big.Int) *big.Int {
			sum := new(big.Int).Add(rest, new(big.Int).Mul(block, factor))
			return sum.Mod(sum.Add(sum.Mod(sum, polyPrime), a.s), polyWord)
		}
		same := tag(first, rest, factor).Cmp(tag(second, otherRest, otherFactor)) == 0
		if word := new(big.Int).Sub(block, polyWord); same && word.Sign() >= 0 && word.Cmp(polyWord) < 0 {
			copy(ciphertext[place:], reversed(word.FillBytes(make([]byte, 16))))
			return true
		}
	}
	return false
}

// decrypted is a ciphertext under a key, whatever its tag is.
func decrypted(t testing.TB, key, nonce, ciphertext []byte) []byte {
	t.Helper()
	stream, err := chacha20.NewUnauthenticatedCipher(key, nonce)
	require.NoError(t, err)
	stream.SetCounter(1)
	plaintext := make([]byte, len(ciphertext))
	stream.XORKeyStream(plaintext, ciphertext)
	return plaintext
}

// TestAttackTwoContents: a reader makes one answer that opens in the contexts of two callers, as
// far as the cipher goes. One who takes anybody's answers takes it in one of them: in the other
// the form and the record are no more than noise. Where answers are signed it is none in either:
// all that could be chosen is signed.
func TestAttackTwoContents(t *testing.T) {
	attackedIn(t, func(t *testing.T, a *attacked, once bool) {
		anybody := a.sender(a.cast.alice)
		anybody.Answerers, anybody.AnyAnswerer, anybody.SignedOnce = nil, true, once
		callers := [2]*cryptobox.SuiteKey{signedKey(t, anybody), signedKey(t, anybody)}
		var calls [2]*cryptobox.Draft
		var keys [2][]byte
		var contexts [2]*harness.RawContext
		for i, key := range callers {
			calls[i] = draft(t, key, callOf("x"))
			contexts[i] = a.raw.Enter(calls[i].Append(nil))
			keys[i] = contexts[i].Key(cryptobox.Answer)
		}
		var enc []byte
		nonce := a.raw.Nonce(cryptobox.Answer, nil)
		first, second := authenticatorOf(t, keys[0], nonce), authenticatorOf(t, keys[1], nonce)
		for try := range byte(200) {
			record := recordOf(t, answerTo(cryptobox.Exchange{}, cryptobox.KindResult, calls[0].Token(), bytes.Repeat([]byte{try}, 64)))
			enc = contexts[0].Seal(cryptobox.Answer, nonce, append([]byte{0}, record...))
			ciphertext := enc[41 : len(enc)-16]
			place := (1 + bytes.Index(record, bytes.Repeat([]byte{try}, 40)) + 15) &^ 15
			if fitsBoth(first, second, enc[:41], ciphertext, place) {
				enc = contexts[0].Seal(cryptobox.Answer, nonce, decrypted(t, keys[0], nonce, ciphertext))
				break
			}
			enc = nil
		}
		require.NotNil(t, enc)
		require.NotEqual(t, contexts[0].Open(cryptobox.Answer, enc), contexts[1].Open(cryptobox.Answer, enc), "both open")
		_, err := openIn(t, callers[0], calls[0].Exchange(), enc, cryptobox.Answer)
		require.NoError(t, err)
		_, err = openIn(t, callers[1], calls[1].Exchange(), enc, cryptobox.Answer)
		require.Error(t, err)
		for i, x := range []cryptobox.Exchange{calls[0].Exchange(), calls[1].Exchange()} {
			_, err := openIn(t, a.alice, x, enc, cryptobox.Answer)
			require.Error(t, err, i)
		}
	})
}
