package cryptobox_test

import (
	"bytes"
	"math"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

// TestEveryByteCounts: a message with one bit of any byte changed doesn't open.
func TestEveryByteCounts(t *testing.T) {
	for suite, key := range someKeys(t) {
		enc, _, err := key.Seal(nil, event([]any{"x"}, nil))
		require.NoError(t, err)
		for i := range enc {
			changed := bytes.Clone(enc)
			changed[i] ^= 0x40
			_, err := open(t, key, changed, cryptobox.Message)
			if i == 0 { // no suite
				require.ErrorIs(t, err, cryptobox.ErrMalformed)
				continue
			}
			require.Equal(t, cryptobox.ErrOpen, err, "%v: byte %d", suite, i)
		}
	}
}

// TestAssociatedData: the bytes before the sealed ones are authentic in suites 2 and 3, by
// what is sealed and not by being compared. A key of the same secret, but of other public
// keys, derives others anyway: so the test presents them to one that seals as they say.
func TestAssociatedData(t *testing.T) {
	for _, suite := range []cryptobox.Suite{cryptobox.SuiteXBox, cryptobox.SuiteShared} {
		key := someKeys(t)[suite]
		enc, _, err := key.Seal(nil, event(nil, nil))
		require.NoError(t, err)
		require.True(t, cryptobox.Authentic(key, cryptobox.Message, enc))
		for i := range 41 {
			changed := bytes.Clone(enc)
			changed[i] ^= 1
			require.False(t, cryptobox.Authentic(key, cryptobox.Message, changed), "%v: byte %d", suite, i)
		}
	}
}

// TestOtherSuite: a message that is presented as of another suite of the same pair, under
// that suite's id, doesn't open; nor does one in the other direction, where its key differs.
func TestOtherSuite(t *testing.T) {
	keys := someKeys(t)
	for sealed, key := range keys {
		enc, _, err := key.Seal(nil, event(nil, nil))
		require.NoError(t, err)
		for suite, other := range keys {
			_, err := open(t, other, enc, cryptobox.Message)
			require.Equal(t, suite == sealed, err == nil)
			presented := bytes.Clone(enc)
			id := other.ID()
			presented[0] = byte(suite)
			copy(presented[1:], id[:])
			_, err = open(t, other, presented, cryptobox.Message)
			if suite != sealed {
				require.Equal(t, cryptobox.ErrOpen, err)
			}
		}
		_, err = open(t, key, enc, cryptobox.Answer)
		if sealed == cryptobox.SuiteBox { // whose directions share a key
			var wrong *cryptobox.WrongKindError
			require.ErrorAs(t, err, &wrong)
			continue
		}
		require.Equal(t, cryptobox.ErrOpen, err)
	}
}

// TestOtherKeys: an id belongs to one key. Who swaps the roles has another one.
func TestOtherKeys(t *testing.T) {
	secret := known(t, 1)
	a, b := cryptobox.GenerateKey().Public(), cryptobox.GenerateKey().Public()
	key, err := cryptobox.NewPairKey(cryptobox.SuiteBox, secret, a, b)
	require.NoError(t, err)
	enc, _, err := key.Seal(nil, event(nil, nil))
	require.NoError(t, err)
	for name, other := range map[string]func() (*cryptobox.SuiteKey, error){
		"roles swapped": func() (*cryptobox.SuiteKey, error) { return cryptobox.NewPairKey(cryptobox.SuiteBox, secret, b, a) },
		"other suite":   func() (*cryptobox.SuiteKey, error) { return cryptobox.NewPairKey(cryptobox.SuiteXBox, secret, a, b) },
		"other pair": func() (*cryptobox.SuiteKey, error) {
			return cryptobox.NewPairKey(cryptobox.SuiteBox, secret, a, cryptobox.GenerateKey().Public())
		},
		"shared": func() (*cryptobox.SuiteKey, error) { return cryptobox.NewSharedKey(symmetric(t, 1)) },
	} {
		t.Run(name, func(t *testing.T) {
			otherKey, err := other()
			require.NoError(t, err)
			require.NotEqual(t, key.ID(), otherKey.ID())
			_, err = open(t, otherKey, enc, cryptobox.Message)
			require.Equal(t, cryptobox.ErrOpen, err)
		})
	}
	same, err := cryptobox.NewPairKey(cryptobox.SuiteBox, known(t, 9), a, b)
	require.NoError(t, err)
	_, err = open(t, same, enc, cryptobox.Message)
	require.Equal(t, cryptobox.ErrOpen, err, "the same id with another secret")
}

func TestSizesOfMessages(t *testing.T) {
	key := someKeys(t)[cryptobox.SuiteBox]
	enc, _, err := key.Seal(nil, event(nil, nil))
	require.NoError(t, err)
	for size := range len(enc) {
		_, err := open(t, key, enc[:size], cryptobox.Message)
		if size < cryptobox.MinSealed {
			require.ErrorIs(t, err, cryptobox.ErrMalformed, size)
			continue
		}
		require.Equal(t, cryptobox.ErrOpen, err, size)
	}
	_, err = open(t, key, append(bytes.Clone(enc), 0), cryptobox.Message)
	require.Equal(t, cryptobox.ErrOpen, err)
	for size, want := range map[int]error{
		cryptobox.MinSealed + cryptobox.MaxPayload: cryptobox.ErrOpen, cryptobox.MinSealed + cryptobox.MaxPayload + 1: cryptobox.ErrTooLarge,
		cryptobox.MaxSealed: cryptobox.ErrTooLarge, cryptobox.MaxSealed + 1: cryptobox.ErrTooLarge,
	} {
		long := append(bytes.Clone(enc[:41]), make([]byte, size-41)...)
		_, err = open(t, key, long, cryptobox.Message)
		require.ErrorIs(t, err, want, size)
		_, _, err = cryptobox.SuiteAndID(long)
		require.Equal(t, size > cryptobox.MaxSealed, err != nil)
	}
	require.Equal(t, 57, cryptobox.MinSealed)
	require.Equal(t, 16<<20+2048, cryptobox.MaxSealed)
}

func TestSuiteAndID(t *testing.T) {
	enc := append([]byte{3}, bytes.Repeat([]byte{0xab}, 56)...)
	suite, id, err := cryptobox.SuiteAndID(enc)
	require.NoError(t, err)
	require.Equal(t, cryptobox.SuiteShared, suite)
	require.Equal(t, cryptobox.KeyID(enc[1:17]), id)
	require.Equal(t, "vov2xk5lvov2xk5lvov2xk5lvm", id.String())
	for _, reserved := range []byte{4, 5} {
		enc := append([]byte{reserved}, enc[1:]...)
		suite, _, err := cryptobox.SuiteAndID(enc)
		require.NoError(t, err)
		require.Equal(t, cryptobox.Suite(reserved), suite)
		_, err = open(t, sharedKey(t), enc, cryptobox.Message)
		require.Equal(t, cryptobox.ErrOpen, err, "no key has it")
	}
	for _, bad := range [][]byte{nil, {}, {1}, enc[:56], append([]byte{0}, enc[1:]...), append([]byte{6}, enc[1:]...), append([]byte{255}, enc[1:]...)} {
		suite, id, err := cryptobox.SuiteAndID(bad)
		require.ErrorIs(t, err, cryptobox.ErrMalformed)
		require.Zero(t, suite)
		require.Zero(t, id)
	}
}

func TestSuitesHaveNames(t *testing.T) {
	for suite := cryptobox.SuiteBox; suite <= cryptobox.SuiteSignedPQ; suite++ {
		parsed, err := cryptobox.ParseSuite(suite.String())
		require.NoError(t, err)
		require.Equal(t, suite, parsed)
	}
	for _, name := range []string{"", "Box", "Signed", "signedpq", "box ", "Suite(0)"} {
		suite, err := cryptobox.ParseSuite(name)
		require.ErrorContains(t, err, "box")
		require.Zero(t, suite)
	}
	var names []string
	for suite := range cryptobox.Suite(7) {
		names = append(names, suite.String())
	}
	require.Equal(t, []string{"Suite(0)", "box", "xbox", "shared", "signed", "signed-pq", "Suite(6)"}, names)
	require.Equal(t, []string{"message", "answer", "Direction(0)"}, []string{cryptobox.Message.String(), cryptobox.Answer.String(), cryptobox.Direction(0).String()})
	require.Equal(t, []string{"call_progress", "refusal", "Kind(0)", "Kind(8)"}, []string{cryptobox.KindCallProgress.String(), cryptobox.KindRefusal.String(), cryptobox.Kind(0).String(), cryptobox.Kind(8).String()})
}

// TestKeysThatHoldNone fail, and say what to do.
func TestKeysThatHoldNone(t *testing.T) {
	public := cryptobox.GenerateKey().Public()
	for _, secret := range []*cryptobox.Box{nil, {}} {
		key, err := cryptobox.NewPairKey(cryptobox.SuiteBox, secret, public, public)
		require.ErrorIs(t, err, cryptobox.ErrKey)
		require.Nil(t, key)
	}
	for _, suite := range []cryptobox.Suite{0, cryptobox.SuiteShared, 4} {
		key, err := cryptobox.NewPairKey(suite, known(t, 1), public, public)
		require.ErrorIs(t, err, cryptobox.ErrKey)
		require.Nil(t, key)
	}
	key, err := cryptobox.NewSharedKey(cryptobox.SymmetricKey{})
	requireKeyError(t, err, "symmetric key", cryptobox.ErrWeakKey)
	require.Nil(t, key)
	keys := someKeys(t)
	enc, _, err := keys[cryptobox.SuiteBox].Seal(nil, event(nil, nil))
	require.NoError(t, err)
	for _, key := range []*cryptobox.SuiteKey{nil, {}} {
		require.Zero(t, key.Suite())
		require.Zero(t, key.ID())
		_, _, err := key.Seal(nil, event(nil, nil))
		require.ErrorIs(t, err, cryptobox.ErrKey)
		_, err = open(t, key, enc, cryptobox.Message)
		require.ErrorIs(t, err, cryptobox.ErrKey)
	}
	for _, direction := range []cryptobox.Direction{0, 3, 255} {
		for suite, key := range keys {
			enc, _, err := key.Seal(nil, event(nil, nil))
			require.NoError(t, err)
			_, err = open(t, key, enc, direction)
			require.ErrorIs(t, err, cryptobox.ErrKey, suite)
		}
	}
	for suite, key := range keys {
		require.Equal(t, suite, key.Suite())
	}
}

// TestDevicesThatFail are asked again by the next message, and not for messages of others.
func TestDevicesThatFail(t *testing.T) {
	for _, suite := range suites[:2] {
		m := newModule(t, unhex(t, alicePrivate))
		public := m.Public()
		deviceKey := func() *cryptobox.SuiteKey {
			key, err := cryptobox.NewPairKey(suite, deviceBox(t, m, public), public, public)
			require.NoError(t, err)
			return key
		}
		key := deviceKey()
		require.Zero(t, m.calls.Load(), "not before it is needed")
		enc, token, err := key.Seal([]byte("frame"), event(nil, nil))
		require.NoError(t, err)
		require.False(t, token.IsZero())

		m.does(func() ([]byte, error) { return nil, errLocked })
		fresh := deviceKey()
		dst, token, err := fresh.Seal([]byte("frame"), event(nil, nil))
		require.ErrorIs(t, err, errLocked)
		require.ErrorIs(t, err, cryptobox.ErrDevice)
		require.Equal(t, "frame", string(dst))
		require.True(t, token.IsZero())
		var draft cryptobox.Draft
		require.ErrorIs(t, fresh.Encode(event(nil, nil), &draft), errLocked)
		require.Zero(t, draft.Size())
		_, err = open(t, fresh, enc[5:], cryptobox.Message)
		require.ErrorIs(t, err, errLocked)
		require.NotErrorIs(t, err, cryptobox.ErrOpen, "the message isn't to blame")
		before := m.calls.Load()
		other := bytes.Clone(enc[5:])
		other[3]++
		_, err = open(t, fresh, other, cryptobox.Message)
		require.Equal(t, cryptobox.ErrOpen, err)
		require.Equal(t, before, m.calls.Load(), "a message of another key asks for nothing")

		m.does(nil)
		_, err = open(t, fresh, enc[5:], cryptobox.Message)
		require.NoError(t, err)
	}
}

// TestDeviceIsAskedOnceForBothDirections, whatever is sealed and opened.
func TestDeviceIsAskedOnceForBothDirections(t *testing.T) {
	for _, suite := range suites[:2] {
		m := newModule(t, unhex(t, alicePrivate))
		key, err := cryptobox.NewPairKey(suite, deviceBox(t, m, m.Public()), m.Public(), m.Public())
		require.NoError(t, err)
		for range 3 {
			for _, kind := range []cryptobox.Kind{cryptobox.KindCall, cryptobox.KindResult} {
				rec := cryptobox.NewRecord(headOf(kind), "r", "u", nil, nil)
				enc, _, err := key.Seal(nil, &rec)
				require.NoError(t, err)
				_, err = open(t, key, enc, kind.Direction())
				require.NoError(t, err)
			}
		}
		require.EqualValues(t, 1, m.calls.Load())
	}
}

// TestManyGoroutines use one key, each with its own records.
func TestManyGoroutines(t *testing.T) {
	for suite, key := range someKeys(t) {
		var group sync.WaitGroup
		failed := make(chan string, 8)
		for g := range 8 {
			group.Go(func() {
				text := strings.Repeat(string(rune('a'+g)), 100*g+1)
				var opened cryptobox.Opened
				var dst []byte
				for i := range 200 {
					enc, token, err := key.Seal(dst[:0], event([]any{text, int64(i)}, nil))
					dst = enc
					if err != nil || key.Open(enc, cryptobox.Message, &opened) != nil || opened.Token != token {
						failed <- suite.String()
						return
					}
					args, _, err := opened.Values()
					opened.Release()
					if err != nil || !same([]any{text, int64(i)}, args) {
						failed <- suite.String()
						return
					}
				}
			})
		}
		group.Wait()
		require.Empty(t, failed)
	}
}

// TestNothingIsShared: what one message held shows in no later one, and the message that was
// given stays as it is.
func TestNothingIsShared(t *testing.T) {
	key := someKeys(t)[cryptobox.SuiteXBox]
	for _, size := range []int{10, 1 << 10, 20 << 10, 100 << 10, 3 << 20} {
		payload := bytes.Repeat([]byte{7}, size)
		enc, _, err := key.Seal(nil, event([]any{payload, "text"}, map[string]any{"key": []byte{1}}))
		require.NoError(t, err)
		before := bytes.Clone(enc)
		opened := new(cryptobox.Opened)
		require.NoError(t, key.Open(enc, cryptobox.Message, opened))
		args, kwargs, err := opened.Values()
		require.NoError(t, err)
		opened.Release()
		for range 4 {
			_, _, err = key.Seal(nil, event([]any{bytes.Repeat([]byte{9}, size)}, nil))
			require.NoError(t, err)
		}
		requireSame(t, []any{payload, "text"}, args)
		requireSame(t, map[string]any{"key": []byte{1}}, kwargs)
		got := args[0].([]byte)
		require.LessOrEqual(t, cap(got), len(got)*5/4+64, "nothing but the value is within reach")
		require.Equal(t, before, enc)
	}
}

// TestRoomIsWiped once it is released, but for a large byte string that was given away.
func TestRoomIsWiped(t *testing.T) {
	key := someKeys(t)[cryptobox.SuiteBox]
	for _, size := range []int{10, 15 << 10, 100 << 10, 3 << 20} {
		payload := bytes.Repeat([]byte{7}, size)
		rec := event([]any{"before", payload, "behind"}, nil)
		var draft cryptobox.Draft
		require.NoError(t, key.Encode(rec, &draft))
		room := cryptobox.RecordBytes(&draft)
		enc := draft.Append(nil)
		draft.Release()
		require.Equal(t, make([]byte, len(room)), room)

		var opened cryptobox.Opened
		require.NoError(t, key.Open(enc, cryptobox.Message, &opened))
		room = cryptobox.RecordBytes(&opened)
		args, _, err := opened.Values()
		require.NoError(t, err)
		opened.Release()
		require.Equal(t, payload, args[1])
		given := bytes.Index(room, payload)
		require.Equal(t, size > 16<<10, given >= 0)
		if given >= 0 {
			clear(room[given : given+size])
		}
		require.Equal(t, make([]byte, len(room)), room)
	}
}

// TestOpenedIsEmptyAfterRelease, however often, and Open releases what was there.
func TestOpenedIsEmptyAfterRelease(t *testing.T) {
	key := someKeys(t)[cryptobox.SuiteBox]
	first, _, err := key.Seal(nil, event([]any{"first"}, nil))
	require.NoError(t, err)
	second, _, err := key.Seal(nil, event([]any{"second"}, nil))
	require.NoError(t, err)
	var opened cryptobox.Opened
	requireEmpty(t, &opened)
	require.NoError(t, key.Open(first, cryptobox.Message, &opened))
	require.NoError(t, key.Open(second, cryptobox.Message, &opened))
	args, _, err := opened.Values()
	require.NoError(t, err)
	requireSame(t, []any{"second"}, args)
	require.Error(t, key.Open(first[:60], cryptobox.Message, &opened))
	requireEmpty(t, &opened)
	opened.Release()
	opened.Release()
	requireEmpty(t, &opened)
}

// TestTokens: equal at both ends, apart for each message, and what they stand for is the
// nonce.
func TestTokens(t *testing.T) {
	key := someKeys(t)[cryptobox.SuiteBox]
	seen := map[cryptobox.Token]bool{{}: true}
	for range 100 {
		enc, token, err := key.Seal(nil, event(nil, nil))
		require.NoError(t, err)
		require.False(t, seen[token])
		seen[token] = true
		opened, err := open(t, key, enc, cryptobox.Message)
		require.NoError(t, err)
		require.Equal(t, token, opened.Token)
		require.Equal(t, enc[17:41], cryptobox.TokenBytes(token))
		require.Equal(t, token.Fingerprint(), opened.Token.Fingerprint())
	}
	require.True(t, cryptobox.Token{}.IsZero())
	require.Zero(t, cryptobox.Token{}.Fingerprint())
	_, token, err := cryptobox.SealRecordWith(key, make([]byte, 24), event(nil, nil))
	require.NoError(t, err)
	require.False(t, token.IsZero(), "a nonce of zeros is one")
	require.NotZero(t, token.Fingerprint())
}

// TestAnswersCarryTokens of what they answer.
func TestAnswersCarryTokens(t *testing.T) {
	key := someKeys(t)[cryptobox.SuiteXBox]
	_, token, err := key.Seal(nil, event(nil, nil))
	require.NoError(t, err)
	head := headOf(cryptobox.KindResult)
	head.Re, head.Seq, head.N, head.TS = token, math.MaxUint64, math.MaxUint64, math.MaxInt64
	rec := cryptobox.NewRecord(head, "r", "u", nil, nil)
	enc, _, err := key.Seal(nil, &rec)
	require.NoError(t, err)
	opened, err := open(t, key, enc, cryptobox.Answer)
	require.NoError(t, err)
	require.Equal(t, head, opened.Head)
}
