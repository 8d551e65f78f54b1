package transparency_test

import (
	"context"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/proxy"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// TestProgressiveCallBeginsByItsFirstChunk: a call of which nothing was sent when its
// procedure came to be sealed doesn't begin in plain.
func TestProgressiveCallBeginsByItsFirstChunk(t *testing.T) {
	const payload = "attack at dawn"
	k := harness.NewKeys()
	soon := time.Now().Add(300 * time.Millisecond)
	for name, c := range map[string]struct {
		before, meanwhile func(t *testing.T, ring *keyring.Ring)
	}{
		"the date of a transition comes": {
			func(t *testing.T, ring *keyring.Ring) {
				require.NoError(t, ring.Set(encrypted, k.OriginatorKey()))
				require.NoError(t, ring.Transition(encrypted, keyring.SendPlain, soon))
			},
			func(*testing.T, *keyring.Ring) { time.Sleep(time.Until(soon) + 10*time.Millisecond) },
		},
		"a transition is ended": {
			func(t *testing.T, ring *keyring.Ring) {
				require.NoError(t, ring.Set(encrypted, k.OriginatorKey()))
				require.NoError(t, ring.Transition(encrypted, keyring.SendPlain, time.Now().Add(time.Hour)))
			},
			func(t *testing.T, ring *keyring.Ring) { require.NoError(t, ring.EndTransition(encrypted)) },
		},
		"a key is set": {
			func(t *testing.T, ring *keyring.Ring) { require.NoError(t, ring.SetPlain(encrypted)) },
			func(t *testing.T, ring *keyring.Ring) { require.NoError(t, ring.Set(encrypted, k.OriginatorKey())) },
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := startRouter(t)
			ring := keyring.New()
			c.before(t, ring)
			tap := proxy.Start(t, r.WebSocketURL())
			s, err := transparency.ConnectNet(context.Background(), tap.URL(), harness.Config(client.CBOR), ring)
			require.NoError(t, err)
			defer s.Close()
			asked := false
			_, err = s.CallProgressive(harness.Timeout(t), harness.Prefix+"x", func(context.Context) (wamp.Dict, wamp.List, wamp.Dict, error) {
				c.meanwhile(t, ring) // what the payload is made of takes its time
				asked = true
				return wamp.Dict{wamp.OptProgress: false}, wamp.List{payload}, nil, nil
			}, nil)
			require.Equal(t, wamp.ErrNoSuchProcedure, harness.Raised(t, err).Error, "nobody serves it")
			require.True(t, asked)
			require.EqualValues(t, 1, s.Stats().Sealed)
			require.Zero(t, s.Stats().Plain)
			seen, err := tap.Contains(payload)
			require.NoError(t, err)
			require.False(t, seen, "a call has begun in plain for a URI that was sealed then")
		})
	}
}

// TestProgressiveCallEndsBeforeItsFirstChunk: of a procedure that nothing may be sent to the
// application is asked for nothing, or what it gave isn't sent.
func TestProgressiveCallEndsBeforeItsFirstChunk(t *testing.T) {
	k := harness.NewKeys()
	ring := harness.ClosedRing(t, k.OriginatorKey())
	s, _ := stubbed(t, ring)
	asked := 0
	chunk := func(context.Context) (wamp.Dict, wamp.List, wamp.Dict, error) {
		asked++
		return nil, nil, nil, ring.Remove(encrypted)
	}
	_, err := s.CallProgressive(harness.Timeout(t), publicPrefix+"x", chunk, nil)
	harness.RequireReason(t, err, transparency.NoKey)
	require.Zero(t, asked)
	_, err = s.CallProgressive(harness.Timeout(t), harness.Prefix+"x", chunk, nil)
	harness.RequireReason(t, err, transparency.NoKey)
	require.Equal(t, 1, asked)
}

// hasty is a Client that has an answer before it asks for anything to be sent.
type hasty struct {
	scripted
	progress bool
	err      error
}

func (c *hasty) CallProgressive(_ context.Context, _ string, _ client.SendProgressiveData, progcb client.ProgressHandler) (*wamp.Result, error) {
	made := &wamp.Result{Details: wamp.Dict{}, Arguments: wamp.List{"made up"}}
	if c.progress {
		progcb(made)
	}
	return made, c.err
}

// TestAnswerBeforeTheFirstChunk: it can't be an answer to the call, plain nor sealed.
func TestAnswerBeforeTheFirstChunk(t *testing.T) {
	k := harness.NewKeys()
	for name, stub := range map[string]*hasty{
		"result":   {},
		"progress": {progress: true},
		"error":    {err: client.RPCError{Err: &wamp.Error{Error: "com.myapp.error1", Arguments: wamp.List{"made up"}}}},
	} {
		t.Run(name, func(t *testing.T) {
			refused, option := harness.Collect()
			s, err := transparency.Wrap(stub, harness.Realm, harness.RingOf(t, k.OriginatorKey()), option)
			require.NoError(t, err)
			_, err = s.CallProgressive(harness.Timeout(t), harness.Prefix+"x", nil, func(*wamp.Result) { t.Error("progress") })
			harness.RequireReason(t, err, transparency.WrongRequest)
			require.NotZero(t, refused.Count())
		})
	}
}

// answersEarly is a Client that has an answer while the first chunk is being sealed.
type answersEarly struct {
	scripted
	answer func(progcb client.ProgressHandler) (*wamp.Result, error)
	made   func() // called while it is sealed
}

func (c *answersEarly) CallProgressive(ctx context.Context, _ string, sendProg client.SendProgressiveData, progcb client.ProgressHandler) (result *wamp.Result, err error) {
	c.made = func() { result, err = c.answer(progcb) }
	if _, _, _, failed := sendProg(ctx); failed != nil {
		return nil, failed
	}
	return result, err
}

// TestAnswerWhileTheFirstChunkIsSealed: it can't be an answer to the call, though who
// sealed it holds the key, and says that it answers nothing.
func TestAnswerWhileTheFirstChunkIsSealed(t *testing.T) {
	k := harness.NewKeys()
	forge := harness.NewForger(t, harness.RingOf(t, k.ResponderKey()), keyring.RoleResponder)
	stub := new(answersEarly)
	stub.answer = func(progcb client.ProgressHandler) (*wamp.Result, error) {
		kwargs := forge.Seal(harness.Prefix+"x", forge.Bind(cryptobox.KindProgress, nil), "made up")
		progcb(&wamp.Result{Details: wamp.Dict{"progress": true}, ArgumentsKw: kwargs})
		return &wamp.Result{Details: wamp.Dict{}}, nil
	}
	refused, option := harness.Collect()
	padding := transparency.WithPadding(func(size int) int {
		stub.made()
		return size
	})
	s, err := transparency.Wrap(stub, harness.Realm, harness.RingOf(t, k.OriginatorKey()), option, padding)
	require.NoError(t, err)
	chunk := func(context.Context) (wamp.Dict, wamp.List, wamp.Dict, error) { return nil, nil, nil, nil }
	_, err = s.CallProgressive(harness.Timeout(t), harness.Prefix+"x", chunk, func(*wamp.Result) { t.Error("progress") })
	harness.RequireReason(t, err, transparency.WrongRequest)
	e := refused.Next(t)
	require.Equal(t, "progress", e.Op)
	require.Empty(t, e.Ref, "nothing was sent that it could name")
}

// racing is a Client that has an answer at any time.
type racing struct{ scripted }

func (*racing) CallProgressive(ctx context.Context, _ string, sendProg client.SendProgressiveData, progcb client.ProgressHandler) (*wamp.Result, error) {
	answered := harness.Go(func() error {
		progcb(&wamp.Result{Details: wamp.Dict{}, Arguments: wamp.List{"made up"}})
		return nil
	})
	_, _, _, err := sendProg(ctx)
	<-answered
	return &wamp.Result{Details: wamp.Dict{}}, err
}

// TestAnswerAtAnyTime is for the race detector.
func TestAnswerAtAnyTime(t *testing.T) {
	k := harness.NewKeys()
	s, err := transparency.Wrap(new(racing), harness.Realm, harness.RingOf(t, k.OriginatorKey()))
	require.NoError(t, err)
	chunk := func(context.Context) (wamp.Dict, wamp.List, wamp.Dict, error) { return nil, nil, nil, nil }
	for range 100 {
		_, err = s.CallProgressive(harness.Timeout(t), harness.Prefix+"x", chunk, func(*wamp.Result) { t.Error("progress") })
		require.Error(t, err)
	}
}
