package transparency

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/link/message"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/wire"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// slow is a payload that takes a while to write.
type slow time.Duration

func (s slow) AppendPayload(_ *message.Codec, b []byte) []byte {
	time.Sleep(time.Duration(s))
	return append(b, "written"...)
}

func (slow) Room(*message.Codec) int { return 7 }

// told keeps what an Observer is told of sealing.
type told []Observation

func (o *told) Sealed(of Observation) { *o = append(*o, of) }
func (*told) Opened(Observation)      {}

// TestSealingIsTimedAlone: where it is put off, it is told of once it is done, and what lies
// between isn't counted.
func TestSealingIsTimedAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := versionOf(t, keyring.New(), keyring.Exact("com.myapp.x"), "id")
		o := &told{}
		s := &Session{cfg: config{observer: o}}
		began := s.stopwatch()
		time.Sleep(time.Millisecond)
		part := &wire.Part{Payload: slow(2 * time.Millisecond)}
		s.observeSealed(began, v, cryptobox.KindCall, 7, part)
		require.Empty(t, *o)
		time.Sleep(time.Hour)
		require.Equal(t, 7, part.Payload.Room(nil))
		require.Equal(t, "a message written", string(part.Payload.AppendPayload(nil, []byte("a message "))))
		want := Observation{Pattern: keyring.Exact("com.myapp.x"), KeyID: "id", Dialect: cryptobox.Passthru, Kind: cryptobox.KindCall, Took: 3 * time.Millisecond, Bytes: 7}
		require.Equal(t, told{want}, *o)

		part.Payload = nil // it is sealed already
		began = s.stopwatch()
		time.Sleep(time.Millisecond)
		s.observeSealed(began, v, cryptobox.KindCall, 7, part)
		want.Took = time.Millisecond
		require.Equal(t, want, (*o)[1])
	})
}
