package transparency_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

func TestConnectRefusesUnusableArguments(t *testing.T) {
	r := startRouter(t)
	ring := keyring.New()
	c := local.plain(t, r)
	cfg := harness.Config(client.JSON)
	noRealm := cfg
	noRealm.Realm = ""
	for name, connect := range map[string]func(opts ...transparency.Option) (*transparency.Session, error){
		"no realm, net": func(...transparency.Option) (*transparency.Session, error) {
			return transparency.ConnectNet(harness.Timeout(t), r.WebSocketURL(), noRealm, ring)
		},
		"no realm, local": func(...transparency.Option) (*transparency.Session, error) {
			return transparency.ConnectLocal(r.Router(), noRealm, ring)
		},
		"no realm, wrap": func(...transparency.Option) (*transparency.Session, error) { return transparency.Wrap(c, "", ring) },
		"no ring, net": func(...transparency.Option) (*transparency.Session, error) {
			return transparency.ConnectNet(harness.Timeout(t), r.WebSocketURL(), cfg, nil)
		},
		"no ring, local": func(...transparency.Option) (*transparency.Session, error) {
			return transparency.ConnectLocal(r.Router(), cfg, nil)
		},
		"no ring, wrap": func(...transparency.Option) (*transparency.Session, error) {
			return transparency.Wrap(c, harness.Realm, nil)
		},
		"nil client": func(...transparency.Option) (*transparency.Session, error) {
			return transparency.Wrap((*client.Client)(nil), harness.Realm, ring)
		},
		"no client": func(...transparency.Option) (*transparency.Session, error) {
			return transparency.Wrap(nil, harness.Realm, ring)
		},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := connect()
			require.ErrorIs(t, err, transparency.ErrOption)
			require.Nil(t, s)
		})
	}
	for name, opts := range map[string][]transparency.Option{
		"nil":         {nil},
		"nil memory":  {transparency.WithReplayMemory(nil)},
		"nil padding": {transparency.WithPadding(nil)},
		"no age":      {transparency.WithMaxAge(0)},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := transparency.Wrap(c, harness.Realm, ring, opts...)
			require.ErrorIs(t, err, transparency.ErrOption)
			_, err = transparency.ConnectNet(harness.Timeout(t), r.WebSocketURL(), cfg, ring, opts...)
			require.ErrorIs(t, err, transparency.ErrOption)
			_, err = transparency.ConnectLocal(r.Router(), cfg, ring, opts...)
			require.ErrorIs(t, err, transparency.ErrOption)
		})
	}
	t.Run("nobody listens", func(t *testing.T) {
		s, err := transparency.ConnectNet(harness.Timeout(t), "ws://127.0.0.1:1/ws", cfg, ring)
		require.Error(t, err)
		require.Nil(t, s)
	})
	t.Run("cancelled", func(t *testing.T) {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		_, err := transparency.ConnectNet(ctx, r.WebSocketURL(), cfg, ring)
		require.ErrorContains(t, err, "canceled")
	})
}

func TestConnectLeavesTheConfigurationAlone(t *testing.T) {
	r := startRouter(t)
	cfg := harness.Config(client.JSON)
	cfg.HelloDetails = wamp.Dict{"authid": "me"}
	s, err := transparency.ConnectNet(harness.Timeout(t), r.WebSocketURL(), cfg, keyring.New())
	require.NoError(t, err)
	require.NoError(t, s.Close())
	require.Equal(t, wamp.Dict{"authid": "me"}, cfg.HelloDetails)
}

func TestWrapAnExistingClient(t *testing.T) {
	r := startRouter(t)
	k := harness.NewKeys()
	c := links[1].plain(t, r)
	s, err := transparency.Wrap(c, harness.Realm, harness.RingOf(t, k.ResponderKey()))
	require.NoError(t, err)
	require.Equal(t, c.ID(), s.ID())
	require.True(t, s.Connected())
	require.Equal(t, c.RealmDetails(), s.RealmDetails())
	require.True(t, s.HasFeature(wamp.RoleBroker, wamp.FeaturePatternSub))
	require.False(t, s.HasFeature(wamp.RoleBroker, "no such feature"))
	require.NoError(t, s.Register(harness.Prefix+"echo", harness.Echo, nil))
	_, registered := s.RegistrationID(harness.Prefix + "echo")
	require.True(t, registered)
	originator := local.session(t, r, harness.RingOf(t, k.OriginatorKey()))
	res, err := originator.Call(harness.Timeout(t), harness.Prefix+"echo", nil, wamp.List{"x"}, nil, nil)
	require.NoError(t, err)
	require.Equal(t, wamp.List{"x"}, res.Arguments)
	require.NoError(t, s.Close())
	harness.Receive(t, s.Done())
	require.False(t, s.Connected())
	require.NotNil(t, s.RouterGoodbye())
	require.ErrorIs(t, s.Close(), client.ErrAlreadyClosed)
}

func TestUnsubscribeAndUnregister(t *testing.T) {
	r := startRouter(t)
	k := harness.NewKeys()
	s := links[1].session(t, r, harness.RingOf(t, keyring.Pair(k.Originator, k.Responder)))
	got := events(t, s, harness.Prefix+"x", nil)
	_, subscribed := s.SubscriptionID(harness.Prefix + "x")
	require.True(t, subscribed)
	require.NoError(t, s.Unsubscribe(harness.Prefix+"x"))
	_, subscribed = s.SubscriptionID(harness.Prefix + "x")
	require.False(t, subscribed)
	require.ErrorIs(t, s.Unsubscribe(harness.Prefix+"x"), client.ErrNotSubscribed)
	require.NoError(t, s.Publish(harness.Prefix+"x", wamp.Dict{"exclude_me": false, "acknowledge": true}, nil, nil))
	harness.Nothing(t, got)
	require.NoError(t, s.Register(harness.Prefix+"x", harness.Echo, nil))
	require.NoError(t, s.Unregister(harness.Prefix+"x"))
	require.ErrorIs(t, s.Unregister(harness.Prefix+"x"), client.ErrNotRegistered)
	_, err := s.Call(harness.Timeout(t), harness.Prefix+"x", nil, nil, nil, nil)
	require.Equal(t, wamp.ErrNoSuchProcedure, harness.Raised(t, err).Error)
}

func TestSubscribeChan(t *testing.T) {
	r := startRouter(t)
	k := harness.NewKeys()
	s := links[1].session(t, r, harness.RingOf(t, k.ResponderKey()))
	originator := links[2].session(t, r, harness.RingOf(t, k.OriginatorKey()))
	c := make(chan *wamp.Event)
	require.NoError(t, s.SubscribeChan(harness.Prefix+"x", c, nil))
	require.NoError(t, originator.Publish(harness.Prefix+"x", nil, wamp.List{"hi"}, nil))
	require.Equal(t, wamp.List{"hi"}, harness.Receive(t, c).Arguments)
	harness.RequireReason(t, originator.SubscribeChan(harness.Prefix+"x", c, nil), transparency.WrongRole)

	// Nobody reads the channel any more: Close has to get through.
	require.NoError(t, originator.Publish(harness.Prefix+"x", wamp.Dict{"acknowledge": true}, nil, nil))
	closed := harness.Go(func() error { return s.Close() })
	require.NoError(t, harness.Receive(t, closed))
}

func TestTheCallersDictsAreNotChanged(t *testing.T) {
	r := startRouter(t)
	k := harness.NewKeys()
	s := local.session(t, r, harness.RingOf(t, keyring.Pair(k.Originator, k.Responder)))
	require.NoError(t, s.Register(harness.Prefix+"x", harness.Echo, nil))
	require.NoError(t, s.Register("com.plain.x", harness.Echo, nil))
	options := wamp.Dict{"acknowledge": true, "exclude_me": false}
	kwargs := wamp.Dict{"a": wamp.Dict{"b": wamp.List{1, []byte("x")}}}
	args := wamp.List{1, kwargs}
	beforeOptions, beforeKwargs, beforeArgs := maps.Clone(options), fmt.Sprintf("%#v", kwargs), fmt.Sprintf("%#v", args)
	for _, uri := range []string{harness.Prefix + "x", "com.plain.x"} {
		require.NoError(t, s.Publish(uri, options, args, kwargs))
		_, err := s.Call(harness.Timeout(t), uri, options, args, kwargs, func(*wamp.Result) {})
		require.NoError(t, err)
		_, err = s.CallProgressive(harness.Timeout(t), uri, func(context.Context) (wamp.Dict, wamp.List, wamp.Dict, error) {
			return options, args, kwargs, nil
		}, func(*wamp.Result) {})
		require.NoError(t, err)
	}
	require.Equal(t, beforeOptions, options)
	require.Equal(t, beforeKwargs, fmt.Sprintf("%#v", kwargs))
	require.Equal(t, beforeArgs, fmt.Sprintf("%#v", args))
}

// TestReceiversDontShareMemory: on local links nexus hands one event to all.
func TestReceiversDontShareMemory(t *testing.T) {
	r := startRouter(t)
	k := harness.NewKeys()
	var got []<-chan *wamp.Event
	for range 3 {
		got = append(got, events(t, local.session(t, r, harness.RingOf(t, k.ResponderKey())), harness.Prefix+"x", nil))
	}
	s := local.session(t, r, harness.RingOf(t, k.OriginatorKey()))
	require.NoError(t, s.Publish(harness.Prefix+"x", nil, wamp.List{[]byte("bytes")}, wamp.Dict{"k": wamp.Dict{}}))
	var wg sync.WaitGroup
	for _, c := range got {
		ev := harness.Receive(t, c)
		require.Equal(t, "cryptobox", ev.Details["enc_algo"])
		wg.Go(func() { // the race detector watches
			ev.Arguments[0].([]byte)[0]++
			ev.ArgumentsKw["k"].(map[string]any)["new"] = 1
			ev.Details["new"] = 1
		})
	}
	wg.Wait()
}

func TestInfo(t *testing.T) {
	r := startRouter(t)
	k := harness.NewKeys()
	s := links[1].session(t, r, harness.RingOf(t, k.ResponderKey()))
	originator := links[2].session(t, r, harness.RingOf(t, k.OriginatorKey()))
	got := events(t, s, harness.Prefix+"x", nil)
	before := time.Now().Add(-time.Second)
	require.NoError(t, originator.Publish(harness.Prefix+"x", nil, nil, nil))
	info, ok := transparency.InfoFrom(harness.Receive(t, got).Details)
	require.True(t, ok)
	require.Equal(t, k.OriginatorKey().ID(), info.KeyID)
	require.Equal(t, k.ResponderKey().ID(), info.KeyID)
	require.Equal(t, cryptobox.Wampbox, info.Dialect)
	require.Equal(t, cryptobox.SuiteBox, info.Suite)
	require.Equal(t, cryptobox.KindPublish, info.Kind)
	require.EqualValues(t, 1, info.Counter)
	require.NotZero(t, info.Session)
	require.WithinRange(t, info.Sent, before, time.Now().Add(time.Second))
	_, ok = transparency.InfoFrom(nil)
	require.False(t, ok)
	_, ok = transparency.InfoFrom(wamp.Dict{"x_cryptobox_info": info})
	require.False(t, ok, "only the package can say what was proved")
}

func TestStats(t *testing.T) {
	k := harness.NewKeys()
	forge := harness.NewForger(t, harness.RingOf(t, k.OriginatorKey()), keyring.RoleOriginator)
	v := newVictim(t, harness.RingOf(t, k.ResponderKey()), harness.Prefix+"x")
	require.Empty(t, v.Stats().Rejected)
	_, err := v.router.Call(harness.Timeout(t), harness.Prefix+"x", nil, nil, forge.Seal(harness.Prefix+"x", forge.Bind(cryptobox.KindCall, nil)), nil)
	require.NoError(t, err)
	harness.Receive(t, v.served)
	v.refuses(t, harness.Prefix+"x", nil, nil, transparency.Plaintext, harness.OpaquePlain)
	stats := v.Stats()
	require.Len(t, stats.Keys, 2)
	require.NotZero(t, stats.Replay.Bytes)
	stats.Keys, stats.Replay.Bytes = nil, 0 // see the tests of these
	require.Equal(t, transparency.Stats{
		Sealed: 1, Opened: 1,
		Rejected: map[transparency.Reason]uint64{transparency.Plaintext: 2},
		Replay:   transparency.ReplayStats{Senders: 1},
	}, stats)
	text, err := json.Marshal(stats)
	require.NoError(t, err)
	require.JSONEq(t, `{"Sealed":1,"Opened":1,"Plain":0,"Missed":0,"Rejected":{"payload is not sealed":2},"Replay":{"Senders":1,"Messages":0,"Bytes":0},"Keys":null}`, string(text))
}

// lines is a logger that counts.
type lines struct {
	mu   sync.Mutex
	text []string
}

func (l *lines) Print(v ...any)            { l.add(fmt.Sprint(v...)) }
func (l *lines) Println(v ...any)          { l.add(fmt.Sprint(v...)) }
func (l *lines) Printf(f string, v ...any) { l.add(fmt.Sprintf(f, v...)) }
func (l *lines) add(s string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text = append(l.text, s)
}

func TestRefusalsAreLoggedAtABoundedRate(t *testing.T) {
	k := harness.NewKeys()
	r := startRouter(t)
	logger := &lines{}
	cfg := harness.Config(client.JSON)
	cfg.Logger = logger
	refused, option := harness.Collect()
	s, err := transparency.ConnectNet(harness.Timeout(t), r.WebSocketURL(), cfg, harness.RingOf(t, k.ResponderKey()), option)
	require.NoError(t, err)
	defer s.Close()
	got := events(t, s, harness.Prefix+"x", nil)
	router := local.plain(t, r)
	const flood = 200
	for i := range flood {
		require.NoError(t, router.Publish(harness.Prefix+"x", wamp.Dict{"acknowledge": true}, wamp.List{fmt.Sprint("payload-", i)}, nil))
		refused.Next(t)
	}
	require.EqualValues(t, flood, s.Stats().Rejected[transparency.Plaintext])
	logger.mu.Lock()
	defer logger.mu.Unlock()
	require.NotEmpty(t, logger.text)
	require.Less(t, len(logger.text), flood/4)
	for _, line := range logger.text {
		require.Contains(t, line, harness.Prefix+"x")
		require.NotContains(t, line, "payload-")
	}
	harness.Nothing(t, got)
}

func TestErrorsSayWhatToBranchOn(t *testing.T) {
	cause := errors.New("cause")
	err := error(&transparency.Error{Op: "call", URI: "a.b", Reason: transparency.Gap, Err: cause})
	require.ErrorIs(t, err, transparency.Gap)
	require.NotErrorIs(t, err, transparency.WrongKind)
	require.ErrorIs(t, err, cause)
	require.Equal(t, `transparency: call "a.b": chunk missing or out of order: cause`, err.Error())
	long := &transparency.Error{Op: "event", URI: strings.Repeat("a", 1<<20), Reason: transparency.NoKey}
	require.Less(t, len(long.Error()), 300)
	require.ErrorIs(t, long, transparency.NoKey)
	texts := map[string]bool{}
	for r := transparency.Plaintext; r <= transparency.ReservedOption; r++ {
		require.NotContains(t, r.Error(), "reason ")
		require.False(t, texts[r.Error()], "two reasons share a text")
		texts[r.Error()] = true
	}
	require.Equal(t, "reason 0", transparency.Reason(0).Error())
	require.Equal(t, "reason 255", transparency.Reason(255).Error())
}

// TestPlaintextNeverStandsInOurErrors: values that can't be sealed have
// neighbours that could.
func TestPlaintextNeverStandsInOurErrors(t *testing.T) {
	s, err := transparency.Wrap(&scripted{}, harness.Realm, harness.RingOf(t, harness.NewKeys().OriginatorKey()))
	require.NoError(t, err)
	for _, bad := range []any{make(chan int), "\xff", func() {}, map[int]int{1: 1}} {
		err := s.Publish(harness.Prefix+"x", nil, wamp.List{"hush", wamp.Dict{"hush": bad}}, wamp.Dict{"hush": "hush"})
		harness.RequireReason(t, err, transparency.Unsealable)
		require.NotContains(t, fmt.Sprintf("%v %+v %#v", err, err, err), "hush")
	}
}

func TestEmptyURIsAreRefused(t *testing.T) {
	ring := keyring.New()
	require.NoError(t, ring.Set(keyring.Prefix(""), harness.NewKeys().OriginatorKey()))
	s, err := transparency.Wrap(&scripted{}, harness.Realm, ring)
	require.NoError(t, err)
	harness.RequireReason(t, s.Publish("", nil, wamp.List{"secret"}, nil), transparency.Misuse)
	_, err = s.Call(harness.Timeout(t), "", nil, wamp.List{"secret"}, nil, nil)
	harness.RequireReason(t, err, transparency.Misuse)
	_, err = s.CallProgressive(harness.Timeout(t), "", nil, nil)
	harness.RequireReason(t, err, transparency.Misuse)
	harness.RequireReason(t, s.Subscribe("", func(*wamp.Event) {}, nil), transparency.Misuse)
	harness.RequireReason(t, s.Register("", harness.Echo, nil), transparency.Misuse)
	require.NoError(t, s.Subscribe("", func(*wamp.Event) {}, wamp.Dict{"match": "prefix"}))
}
