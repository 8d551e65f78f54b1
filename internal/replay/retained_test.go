package replay_test

import (
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
