package attacks_test

import (
	"context"
	"errors"
	"hash/fnv"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/proxy"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/testrouter"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// These tests attack Sessions from the router between them: a real one, with
// an evil one in front. Each attack is tried in our dialect, or in each where all keep it
// off, and then everything has to work as before.

// URIs that both ends have the same key for. A topic may be called as a procedure is.
const (
	attackedURI = harness.Prefix + "attacked"
	otherURI    = harness.Prefix + "other"
	failureURI  = harness.Prefix + "failure"
)

// theatre is a caller and a callee, who publish and subscribe too, and the router
// between them.
type theatre struct {
	t       *testing.T
	evil    *proxy.Proxy
	scheme  scheme
	dialect proxy.Dialect
	realm   string // of its own
	harness.Keys

	caller, callee *actor
	actors         []*actor      // all there were
	timeout        time.Duration // that the router has for replies; zero for patience
	doing          string        // of many attacks, for when one fails
	patient        int           // chunks that are sent; the next one waits for the end of the call
}

// actor is a Session on the evil router, and what reached its handlers.
type actor struct {
	*transparency.Session
	ring    *keyring.Ring
	t       *testing.T
	conn    *proxy.Conn
	refused *harness.Rejections
	expects map[transparency.Reason]uint64 // what Stats has to say in the end
	events  chan *wamp.Event
	served  chan *wamp.Invocation
}

// scheme is a dialect, and keys of a kind.
type scheme struct {
	name    string
	dialect proxy.Dialect
	keys    func() harness.Keys
}

func signedScheme(name string, suite cryptobox.Suite, once bool) scheme {
	return scheme{name, proxy.Wampbox, func() harness.Keys { return harness.SignedKeys(suite, once) }}
}

// schemes are those of tests that don't choose a suite.
var schemes = []scheme{
	{"box", proxy.Wampbox, harness.NewKeys},
	signedScheme("signed", cryptobox.SuiteSigned, false),
	signedScheme("signed-once", cryptobox.SuiteSigned, true),
	signedScheme("signed-pq", cryptobox.SuiteSignedPQ, false),
	signedScheme("signed-pq-once", cryptobox.SuiteSignedPQ, true),
	{"autobahn", proxy.Autobahn, func() harness.Keys { return harness.NewKeys().In(cryptobox.Autobahn) }},
	{"passthru", proxy.Passthru, func() harness.Keys { return harness.NewKeys().In(cryptobox.Passthru) }},
}

// theatreRealms are two for each scheme, so that they don't meet on a router.
var theatreRealms = func() (realms []string) {
	for _, s := range schemes {
		realms = append(realms, "realm1."+s.name, "realm2."+s.name)
	}
	return realms
}()

// attack runs the test in our dialect, with options for both.
func attack(t *testing.T, test func(t *testing.T, th *theatre), opts ...transparency.Option) {
	t.Helper()
	attackIn(t, inOurs, test, opts...)
}

// attackBox runs the test with a pair of keys in our dialect, in suite box, or in those
// that the test chooses.
func attackBox(t *testing.T, test func(t *testing.T, th *theatre)) {
	t.Helper()
	attackWith(t, schemes[:1], test)
}

// attackPairs runs the test with pairs of keys in each dialect.
func attackPairs(t *testing.T, test func(t *testing.T, th *theatre)) {
	t.Helper()
	attackWith(t, slices.Concat(schemes[:1], schemes[5:]), test)
}

// attackSigned runs the test with signed keys.
func attackSigned(t *testing.T, test func(t *testing.T, th *theatre), opts ...transparency.Option) {
	t.Helper()
	attackWith(t, schemes[1:5], test, opts...)
}

// attackEach runs the test in each dialect: what it claims holds without a binding too.
func attackEach(t *testing.T, test func(t *testing.T, th *theatre), opts ...transparency.Option) {
	t.Helper()
	attackIn(t, proxy.Dialects, test, opts...)
}

func attackIn(t *testing.T, dialects []proxy.Dialect, test func(t *testing.T, th *theatre), opts ...transparency.Option) {
	t.Helper()
	turn := inTurn(t, schemes[1:5])
	attackWith(t, slices.DeleteFunc(slices.Concat(schemes[:1], turn, schemes[5:]), func(s scheme) bool { return !slices.Contains(dialects, s.dialect) }), test, opts...)
}

// began is what differs between runs.
var began = time.Now().UnixNano()

// inTurn gives one of several for a test, in each run another; all where there is time, which
// WAMPBOX_HOSTILE says.
func inTurn[T any](t *testing.T, all []T) []T {
	if _, long := os.LookupEnv("WAMPBOX_HOSTILE"); long {
		return all
	}
	name := fnv.New64a()
	_, _ = name.Write([]byte(t.Name())) // a hash has no error
	at := (name.Sum64() + uint64(began)/1000) % uint64(len(all))
	return all[at : at+1]
}

func attackWith(t *testing.T, schemes []scheme, test func(t *testing.T, th *theatre), opts ...transparency.Option) {
	t.Helper()
	t.Parallel()
	honest := testrouter.Start(t, theatreRealms...)
	for _, s := range schemes {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			evil := proxy.Start(t, honest.RawSocketURL(), proxy.Hostile(s.dialect))
			th := &theatre{t: t, evil: evil, scheme: s, dialect: s.dialect, realm: "realm1." + s.name, Keys: s.keys()}
			th.caller = th.join(th.OriginatorKey(), th.realm, opts...)
			th.callee = th.join(th.ResponderKey(), th.realm, opts...)
			th.callee.serve(attackedURI, otherURI)
			th.callee.subscribe(attackedURI, nil)
			th.callee.subscribe(otherURI, nil)
			t.Cleanup(func() {
				if t.Failed() && th.doing != "" {
					t.Log("the attack was:", th.doing)
				}
			})
			test(t, th)
			th.requireHonest()
		})
	}
}

// join connects one more Session.
func (th *theatre) join(key keyring.Key, realm string, opts ...transparency.Option) *actor {
	th.t.Helper()
	refused, collecting := harness.Collect()
	cfg := harness.Config(client.JSON)
	cfg.Realm, cfg.Serialization = realm, client.MSGPACK
	if th.timeout != 0 {
		cfg.ResponseTimeout = th.timeout
	}
	opts = append(slices.Clone(opts), collecting)
	ring := harness.RingOf(th.t, key)
	s, err := transparency.ConnectNet(context.Background(), th.evil.URL(), cfg, ring, opts...)
	require.NoError(th.t, err)
	th.t.Cleanup(func() { _ = s.Close() })
	a := &actor{
		Session: s, t: th.t, ring: ring, conn: th.evil.Conn(s.ID()), refused: refused,
		expects: map[transparency.Reason]uint64{},
		events:  make(chan *wamp.Event, 1000),
		served:  make(chan *wamp.Invocation, 1000),
	}
	th.actors = append(th.actors, a)
	return a
}

func (a *actor) subscribe(topic string, options wamp.Dict) {
	a.t.Helper()
	require.NoError(a.t, a.Subscribe(topic, func(ev *wamp.Event) { a.events <- ev }, options))
}

// serve registers procedures that do what their first argument says, and keep what
// they are called with.
func (a *actor) serve(procedures ...string) {
	a.t.Helper()
	a.serveWith(nil, procedures...)
}

func (a *actor) serveWith(options wamp.Dict, procedures ...string) {
	a.t.Helper()
	for _, procedure := range procedures {
		require.NoError(a.t, a.Register(procedure, func(ctx context.Context, inv *wamp.Invocation) client.InvokeResult {
			a.served <- inv
			if wamp.OptionFlag(inv.Details, wamp.OptProgress) {
				return client.InvokeResult{Err: wamp.InternalProgressiveOmitResult}
			}
			if len(inv.Arguments) == 0 {
				return client.InvokeResult{} // nothing that a test sends
			}
			switch what, _ := inv.Arguments[0].(string); what {
			case "fail":
				return client.InvokeResult{Err: failureURI, Args: wamp.List{"why"}}
			case "fail plainly":
				return client.InvokeResult{Err: "com.plain.failure"}
			case "fail alike":
				return client.InvokeResult{Err: attackedURI, Args: wamp.List{"why"}}
			case "progress":
				for i := range 3 {
					if err := a.SendProgress(ctx, wamp.List{"part", i}, nil); err != nil {
						break
					}
				}
			}
			return client.InvokeResult{Args: inv.Arguments}
		}, options))
	}
}

// refuses waits until the Session has refused a message, which it has to count.
func (a *actor) refuses(op string, reason transparency.Reason) {
	a.t.Helper()
	err := a.refused.Next(a.t)
	require.Equal(a.t, op, err.Op, err)
	harness.RequireReason(a.t, err, reason)
	a.expects[reason]++
}

// refusal is what a Session says of a message that it refuses.
type refusal struct {
	op     string
	reason transparency.Reason
}

// refusesAll waits for refusals that several goroutines make.
func (a *actor) refusesAll(want ...refusal) {
	a.t.Helper()
	var got []refusal
	for range want {
		err := a.refused.Next(a.t)
		got = append(got, refusal{err.Op, err.Reason})
		a.expects[err.Reason]++
	}
	require.ElementsMatch(a.t, want, got)
}

// quiet requires that nothing reached a handler but what was taken from the channels,
// and that nothing was refused but what was expected.
func (a *actor) quiet() {
	a.t.Helper()
	harness.Nothing(a.t, a.events)
	harness.Nothing(a.t, a.served)
	require.Equal(a.t, a.expects, a.Stats().Rejected)
}

// requireHonest: the router is honest again, and everything works.
func (th *theatre) requireHonest() {
	t := th.t
	t.Helper()
	for _, c := range th.evil.Conns() {
		c.On(proxy.Up, nil)
		c.On(proxy.Down, nil)
	}
	th.quiet()
	require.NoError(t, th.call("honest"))
	require.Equal(t, wamp.List{"honest"}, harness.Receive(t, th.callee.served).Arguments)
	require.Equal(t, failureURI, string(harness.Raised(t, th.call("fail")).Error))
	harness.Receive(t, th.callee.served)
	require.NoError(t, th.call("progress"))
	harness.Receive(t, th.callee.served)
	require.NoError(t, th.callInChunks("honest", 3))
	th.requireServed("honest", 3)
	require.NoError(t, th.publish("honest"))
	require.Equal(t, wamp.List{"honest"}, harness.Receive(t, th.callee.events).Arguments)
	th.quiet()
}

func (th *theatre) quiet() {
	th.t.Helper()
	for _, a := range th.actors {
		a.quiet()
	}
}

// call calls the attacked procedure, and requires what a result may be.
func (th *theatre) call(what string) error {
	_, err := th.callFor(what)
	return err
}

// callFor also returns the progress that the caller got.
func (th *theatre) callFor(what string) (progress int, err error) {
	t := th.t
	t.Helper()
	result, err := th.caller.Call(harness.Timeout(t), attackedURI, nil, wamp.List{what}, nil, func(part *wamp.Result) {
		if len(part.Arguments) == 2 && part.Arguments[1] == int64(progress) {
			progress++
		} else {
			t.Error("progress that wasn't sent, or not then")
		}
	})
	require.NotErrorIs(t, err, context.DeadlineExceeded, "the caller hangs")
	if err != nil {
		require.Nil(t, result)
		return progress, err
	}
	require.Equal(t, wamp.List{what}, result.Arguments)
	if what == "progress" {
		require.Equal(t, 3, progress)
	}
	return progress, nil
}

// callInChunks calls the attacked procedure with a payload in chunks.
func (th *theatre) callInChunks(what string, chunks int) error {
	th.t.Helper()
	next, patient := 0, th.patient
	result, err := th.caller.CallProgressive(harness.Timeout(th.t), attackedURI, func(ctx context.Context) (wamp.Dict, wamp.List, wamp.Dict, error) {
		next++
		if next > patient && patient > 0 {
			<-ctx.Done()
			return nil, nil, nil, ctx.Err()
		}
		return wamp.Dict{wamp.OptProgress: next < chunks}, wamp.List{what, next - 1}, nil, nil
	}, nil)
	require.NotErrorIs(th.t, err, context.DeadlineExceeded, "the caller hangs")
	if err == nil {
		require.Equal(th.t, wamp.List{what, int64(chunks - 1)}, result.Arguments)
	}
	return err
}

// callUntilRefused sends so many chunks, and waits for the call to be ended.
func (th *theatre) callUntilRefused(chunks int) error {
	th.t.Helper()
	th.patient = chunks
	defer func() { th.patient = 0 }()
	return th.callInChunks("x", chunks+1)
}

// requireServed: so many chunks have reached the handler, in order.
func (th *theatre) requireServed(what string, chunks int) {
	th.t.Helper()
	for i := range chunks {
		require.Equal(th.t, wamp.List{what, int64(i)}, harness.Receive(th.t, th.callee.served).Arguments)
	}
}

// publish publishes to the attacked topic.
func (th *theatre) publish(what string) error {
	return th.caller.Publish(attackedURI, wamp.Dict{wamp.OptAcknowledge: true}, wamp.List{what}, nil)
}

// await returns the first message in the record that matches all.
func (th *theatre) await(conn *proxy.Conn, d proxy.Direction, matches ...func(*proxy.Message) bool) *proxy.Message {
	th.t.Helper()
	m, err := th.evil.Await(harness.Timeout(th.t), func(m *proxy.Message) bool {
		for _, match := range matches {
			if !match(m) {
				return false
			}
		}
		return m.Conn == conn && m.Direction == d
	})
	require.NoError(th.t, err)
	return m
}

func typed(want wamp.MessageType) func(*proxy.Message) bool {
	return func(m *proxy.Message) bool { return m.Is(want) }
}

// withKeys replaces both ends by Sessions with other keys.
func (th *theatre) withKeys(keys harness.Keys) {
	th.t.Helper()
	th.Keys = keys
	require.NoError(th.t, th.caller.Close())
	th.caller = th.join(keys.OriginatorKey(), th.realm)
	th.rejoin()
}

// signed tells whether both ends hold signed keys.
func (th *theatre) signed() bool { return th.Parties() != nil }

// opener is a holder of the key who opens what the caller sends, and may send as well.
func (th *theatre) opener() *harness.Forger {
	th.t.Helper()
	if th.signed() {
		return harness.Holding(th.t, harness.RingOf(th.t, th.PairKey()))
	}
	return harness.Holding(th.t, harness.RingOf(th.t, th.OriginatorKey()))
}

// otherDirection is the reason why nothing is taken that was sealed in the other direction.
// Suite box has one key for both, so that the kind has to say it.
func (th *theatre) otherDirection() transparency.Reason {
	if th.signed() {
		return transparency.NotOpened
	}
	return transparency.WrongKind
}

// foreign tells whether the dialect isn't ours: nothing is bound in it.
func (th *theatre) foreign() bool { return th.dialect != proxy.Wampbox }

// endings are the reasons that a caller may find for a call that the callee has refused.
// The first is what an honest router makes of it; for the others it has changed the call,
// so that the answer to that isn't one to this.
var endings = []transparency.Reason{transparency.Refused, transparency.Plaintext, transparency.NotOpened, transparency.WrongRequest}

// requireRefused checks what a caller learns of a call that the callee has refused for
// that reason: nothing that a router could have made up.
func (th *theatre) requireRefused(err error, reason transparency.Reason) {
	th.t.Helper()
	if refused, ok := errors.AsType[*transparency.Error](err); ok {
		require.Contains(th.t, endings, refused.Reason, refused)
		require.Equal(th.t, th.foreign(), refused.Ref == "")
		if refused.Peer != nil {
			require.Equal(th.t, reason, refused.Peer.Reason)
		}
		th.caller.refuses("error", refused.Reason)
		return
	}
	answer := harness.Raised(th.t, err)
	require.Contains(th.t, []wamp.URI{harness.OpaqueNoDetail, harness.OpaquePlain}, answer.Error)
	require.Empty(th.t, answer.Arguments)
	require.Empty(th.t, answer.ArgumentsKw)
	require.Empty(th.t, answer.Details)
}
