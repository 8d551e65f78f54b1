package replay_test

import (
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/replay"
)

// newTokens returns a source of tokens.
func newTokens(t testing.TB) func() cryptobox.Token {
	t.Helper()
	box, err := cryptobox.NewSecretBox(cryptobox.GenerateSymmetricKey())
	require.NoError(t, err)
	return func() cryptobox.Token {
		_, token, err := cryptobox.SealForeign(box, cryptobox.Passthru, &cryptobox.ForeignRecord{})
		require.NoError(t, err)
		return token
	}
}

// tokened is an event that isn't signed.
func tokened(token cryptobox.Token, sent int64) *replay.Message {
	return &replay.Message{Token: token, Sent: sent}
}

func TestRetainedComesOnce(t *testing.T) {
	token := newTokens(t)
	r := replay.NewRetained()
	late, live := token(), token()
	require.Equal(t, replay.New, r.AddRetained(tokened(late, 5)))
	require.Equal(t, replay.New, r.AddLive(tokened(live, 6)))
	for _, again := range []cryptobox.Token{late, live} {
		require.Equal(t, replay.Seen, r.AddRetained(tokened(again, 5)))
		require.Equal(t, replay.Seen, r.AddLive(tokened(again, 5)))
	}
	require.Equal(t, replay.New, r.AddRetained(tokened(token(), -1)), "whatever its age")
}

// TestForgottenRetained: what had to make room doesn't come late again.
func TestForgottenRetained(t *testing.T) {
	token := newTokens(t)
	r := replay.NewRetained()
	first, second := token(), token()
	require.Equal(t, replay.New, r.AddLive(tokened(first, 10)))
	require.Equal(t, replay.New, r.AddRetained(tokened(second, 5)))
	for range replay.MaxTokens {
		if r.AddLive(tokened(token(), 20)) != replay.New {
			t.Fatal("not new")
		}
	}
	refused := tokened(first, 10)
	require.Equal(t, replay.Stale, r.AddRetained(refused))
	require.EqualValues(t, 10, refused.Floor)
	require.Equal(t, replay.Stale, r.AddRetained(tokened(second, 5)))
	require.Equal(t, replay.New, r.AddRetained(tokened(token(), 11)))
	require.Equal(t, replay.New, r.AddLive(tokened(token(), 1)), "that is for the window to judge")
}

// keptBy is an event of a signer.
func keptBy(signer string, sender, n uint64, sent int64) *replay.Message {
	return &replay.Message{Signer: signer, From: from(sender), N: n, Sent: sent}
}

// TestRetainedOfSigners: an event is known by its signer, sender and counter, whatever its
// token. What another signer names is another event.
func TestRetainedOfSigners(t *testing.T) {
	token := newTokens(t)
	r := replay.NewRetained()
	for _, signer := range []string{"victim", "forger"} {
		require.Equal(t, replay.New, r.AddRetained(keptBy(signer, 1, 1, 5)))
		require.Equal(t, replay.New, r.AddLive(keptBy(signer, 1, 2, 5)))
		for n := range uint64(2) {
			again := keptBy(signer, 1, 1+n, 5)
			again.Token = token()
			require.Equal(t, replay.Seen, r.AddRetained(again))
			require.Equal(t, replay.Seen, r.AddLive(again))
		}
	}
	require.Equal(t, replay.New, r.AddRetained(keptBy("victim", 2, 1, 5)))
	unsigned := keptBy("", 1, 1, 5)
	unsigned.Token = token()
	require.Equal(t, replay.New, r.AddRetained(unsigned))
	unsigned.N++
	require.Equal(t, replay.Seen, r.AddRetained(unsigned), "by its token")
}

// TestRetainedFloodOfASigner: who has more events than there is room for has its own become
// stale. An old one of another comes late as before, and what another had is still known. So
// are events that nobody signed.
func TestRetainedFloodOfASigner(t *testing.T) {
	token := newTokens(t)()
	r := replay.NewRetained()
	require.Equal(t, replay.New, r.AddRetained(keptBy("victim", 1, 1, 5)))
	require.Equal(t, replay.New, r.AddRetained(tokened(token, 5)))
	for i := range uint64(2 * replay.MaxSignedRetained) {
		if r.AddRetained(keptBy("forger", i, 1, 100+int64(i))) != replay.New {
			t.Fatal("not new")
		}
	}
	refused := keptBy("forger", 0, 1, 100)
	require.Equal(t, replay.Stale, r.AddRetained(refused))
	require.EqualValues(t, 99+2*replay.MaxSignedRetained-replay.MaxTokens, refused.Floor, "it has room for so many")
	require.Equal(t, replay.Seen, r.AddRetained(keptBy("victim", 1, 1, 5)))
	require.Equal(t, replay.New, r.AddRetained(keptBy("victim", 1, 2, 4)))
	require.Equal(t, replay.New, r.AddRetained(keptBy("third", 1, 2, 4)))
	require.Equal(t, replay.Seen, r.AddRetained(tokened(token, 5)))
	require.Equal(t, replay.New, r.AddRetained(tokened(newTokens(t)(), 4)))
}

// TestRetainedOfManySigners: some that together have more than there is room for give way, and
// who has less doesn't.
func TestRetainedOfManySigners(t *testing.T) {
	r := replay.NewSmallRetained(100, 400)
	for n := range uint64(20) {
		require.Equal(t, replay.New, r.AddRetained(keptBy("victim", 1, n, 5)))
	}
	for n := range uint64(200) {
		for i := range 10 {
			require.Equal(t, replay.New, r.AddRetained(keptBy(signerName(i), 1, n, 100+int64(n))))
		}
	}
	for i := range 10 {
		require.Equal(t, replay.Stale, r.AddRetained(keptBy(signerName(i), 1, 0, 100)))
		require.Equal(t, replay.Seen, r.AddRetained(keptBy(signerName(i), 1, 199, 299)))
	}
	for n := range uint64(20) {
		require.Equal(t, replay.Seen, r.AddRetained(keptBy("victim", 1, n, 5)))
	}
	require.Equal(t, replay.New, r.AddRetained(keptBy("victim", 1, 20, 4)))
}

// TestRetainedIsTakenOnce: late, whoever has to be forgotten; with more signers than there
// is room for, too.
func TestRetainedIsTakenOnce(t *testing.T) {
	for seed := range uint64(20) {
		random := rand.New(rand.NewPCG(seed, 0))
		r := replay.NewSmallRetained(1+int(seed%4), 1+int(seed%9))
		taken := map[string]bool{}
		for step := range uint64(5000) {
			signer, n := signerName(random.IntN(12)), 50+step-random.Uint64N(50)
			if r.AddRetained(keptBy(signer, n%3, n, int64(n/3))) != replay.New {
				continue
			}
			name := signer + " " + strconv.FormatUint(n, 10)
			require.False(t, taken[name], "seed %d: taken twice", seed)
			taken[name] = true
		}
		require.Greater(t, len(taken), 50)
	}
}
