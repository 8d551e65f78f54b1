package transparency_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gammazero/nexus/v3/client"
	"github.com/gammazero/nexus/v3/stdlog"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/handrouter"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/harness"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/test/leak"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/wire"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// secretText is the payload of all that is sealed here.
const secretText = "Zebra crossing 41, quokka jumps"

// secretKeys are the same in each process.
func secretKeys(t testing.TB) harness.Keys {
	t.Helper()
	var k harness.Keys
	for i, key := range []*cryptobox.PrivateKey{&k.Originator, &k.Responder} {
		var err error
		*key, err = cryptobox.NewPrivateKey(bytes.Repeat([]byte{0x91, byte(i) + 0xa3, 0xc7, 0x85}, 8))
		require.NoError(t, err)
	}
	return k
}

func secretsOf(k harness.Keys) [][]byte {
	return [][]byte{[]byte(secretText), k.Originator.UnsafeBytes(), k.Responder.UnsafeBytes()}
}

// scrambleSecret is the same in each process.
func scrambleSecret(t testing.TB) cryptobox.ScrambleSecret {
	t.Helper()
	secret, err := cryptobox.NewScrambleSecret(bytes.Repeat([]byte{0x5d, 0xe1, 0x9b, 0x37}, 8))
	require.NoError(t, err)
	return secret
}

// loud is a scripted Client that logs, of a Session that can be attacked.
type loud struct {
	*scripted
	lines bytes.Buffer
}

func (l *loud) Logger() stdlog.StdLog { return log.New(&l.lines, "", 0) }

// attacked is a Session over a loud Client, and what it refused.
type attacked struct {
	*posted
	loud    *loud
	secrets [][]byte
}

func newAttacked(t *testing.T, opts ...transparency.Option) *attacked {
	t.Helper()
	k := secretKeys(t)
	a := &attacked{loud: &loud{scripted: &scripted{}}, secrets: secretsOf(k)}
	a.posted = &posted{t: t, box: a.loud.scripted, Forger: harness.NewForger(t, harness.RingOf(t, k.OriginatorKey()), keyring.RoleOriginator)}
	opts = append(opts, transparency.WithOnReject(func(err *transparency.Error) { a.refused = append(a.refused, err) }))
	var err error
	a.Session, err = transparency.Wrap(a.loud, harness.Realm, harness.RingOf(t, k.ResponderKey()), opts...)
	require.NoError(t, err)
	return a
}

// sealed seals the secret text for topic x, and keeps the nonce as a secret.
func (a *attacked) sealed(change func(*harness.Bound)) wamp.Dict {
	return a.keep(a.Seal(harness.Prefix+"x", a.Bind(cryptobox.KindPublish, change), secretText, []byte(secretText), map[string]any{secretText: secretText}))
}

// nonceAt is where the nonce begins in a payload of our dialect.
const nonceAt, nonceSize = 17, 24

// refSize is how much of a nonce errors and logs show, so that people find both ends.
const refSize = 8

func (a *attacked) keep(kwargs wamp.Dict) wamp.Dict {
	a.t.Helper()
	enc, ok := wire.Bytes(kwargs["enc"])
	require.True(a.t, ok)
	a.secrets = append(a.secrets, enc[nonceAt+refSize:nonceAt+nonceSize])
	return kwargs
}

// bare seals bytes that are no record.
func (a *attacked) bare(plaintext string) wamp.Dict {
	a.t.Helper()
	k := secretKeys(a.t)
	box, err := cryptobox.NewBox(k.Originator, k.Responder.Public())
	require.NoError(a.t, err)
	sealed, err := box.Seal([]byte(plaintext))
	require.NoError(a.t, err)
	id := a.Version.Key().ID()
	return a.keep(wamp.Dict{"enc": slices.Concat([]byte{byte(cryptobox.SuiteBox)}, id[:], sealed)})
}

// deep is a record whose args are nested too deep, in CBOR.
func deep() string {
	text := func(s string) string {
		if len(s) < 24 {
			return string(rune(0x60+len(s))) + s
		}
		return "\x78" + string(rune(len(s))) + s
	}
	head := "\x8b\x01" + text(harness.Realm) + text(harness.Prefix+"x") + "\x50" + strings.Repeat("f", 16) + "\x01\x00\xf6\x00\x00"
	return head + "\x82" + text(secretText) + strings.Repeat("\x81", 200) + "\x80" + "\xf6"
}

// refusals has a message refused for each reason, and returns what was reported.
func refusals(t *testing.T) (a *attacked, errs map[transparency.Reason]error, lines string) {
	t.Helper()
	a = newAttacked(t)
	sub := a.subscribe(harness.Prefix+"x", nil)
	refuse := func(reason transparency.Reason, args wamp.List, kwargs wamp.Dict) {
		t.Helper()
		a.judges(sub, &wamp.Event{Details: wamp.Dict{"topic": harness.Prefix + "x"}, Arguments: args, ArgumentsKw: kwargs}, reason)
	}
	seen := a.sealed(nil)
	a.takes(sub, seen)
	refuse(transparency.Replayed, nil, seen)
	refuse(transparency.Plaintext, wamp.List{secretText}, wamp.Dict{secretText: secretText})
	refuse(transparency.Malformed, wamp.List{secretText}, a.sealed(nil))
	refuse(transparency.Malformed, nil, a.bare(secretText))
	refuse(transparency.Malformed, nil, wamp.Dict{"enc": secretText})
	refuse(transparency.Malformed, nil, wamp.Dict{"enc": wamp.Dict{"algo": secretText, "serializer": secretText, "payload": secretText}})
	refuse(transparency.TooLarge, nil, a.bare(deep()))
	stranger := harness.Holding(t, harness.RingOf(t, harness.NewKeys().OriginatorKey()))
	refuse(transparency.NotOpened, nil, a.keep(stranger.Seal(harness.Prefix+"x", a.Bind(cryptobox.KindPublish, nil), secretText)))
	refuse(transparency.WrongURI, nil, a.keep(a.Seal(harness.Prefix+"y", a.Bind(cryptobox.KindPublish, nil), secretText)))
	for reason, change := range map[transparency.Reason]func(*harness.Bound){
		transparency.WrongRealm: func(b *harness.Bound) { b.Realm = secretText },
		transparency.WrongKind:  func(b *harness.Bound) { b.Kind = cryptobox.KindCall },
		transparency.Stale:      sentAgo(time.Hour),
		transparency.ClockSkew:  sentAgo(-time.Hour),
	} {
		refuse(reason, nil, a.sealed(change))
	}
	serve := a.serves(nil)
	_, other := a.SealToken(harness.Prefix+"x", a.Bind(cryptobox.KindCall, nil), secretText)
	a.judgesCall(serve, a.keep(a.Seal(harness.Prefix+"x", a.Bind(cryptobox.KindCall, func(b *harness.Bound) { b.Re = other }), secretText)), transparency.WrongRequest)
	a.judgesCall(serve, a.keep(a.Seal(harness.Prefix+"x", a.Bind(cryptobox.KindCall, func(b *harness.Bound) { b.Seq = 1 }), secretText)), transparency.Gap)

	errs = map[transparency.Reason]error{}
	down := newAttacked(t, transparency.WithReplayMemory(harness.BrokenMemory{ReplayMemory: transparency.NewReplayMemory()}))
	down.refuses(down.subscribe(harness.Prefix+"x", nil), down.sealed(nil), transparency.StoreDown)
	plain := a.subscribe("com.plain.x", nil)
	a.judges(plain, &wamp.Event{ArgumentsKw: a.sealed(nil)}, transparency.NoKey)
	for _, err := range []error{
		a.Publish(harness.Prefix+"x", nil, wamp.List{secretText}, nil), // a responder
		a.Publish(harness.Prefix+"x", wamp.Dict{"enc_" + secretText: secretText}, wamp.List{secretText}, nil),
		a.Publish("com.plain.x", nil, wamp.List{secretText}, wamp.Dict{"enc": secretText}),
		a.Subscribe("com.", func(*wamp.Event) {}, wamp.Dict{"match": "prefix"}), // keyed and plain
		notCarried(t),
		unsealable(t), brokenByDevice(t),
		refusedCall(t), unlisted(t), invalidated(t),
	} {
		a.refused = append(a.refused, asTransparency(t, err))
	}
	for _, err := range append(a.refused, down.refused...) {
		errs[err.Reason] = errors.Join(errs[err.Reason], err)
	}
	a.secrets = append(a.secrets, down.secrets...)
	return a, errs, a.loud.lines.String() + down.loud.lines.String()
}

// notCarried is the error of a Session over a client that carries our dialect alone.
func notCarried(t *testing.T) error {
	t.Helper()
	s, _ := stubbed(t, harness.RingOf(t, secretKeys(t).In(cryptobox.Passthru).OriginatorKey()))
	return s.Publish(harness.Prefix+"x", nil, wamp.List{secretText}, nil)
}

// brokenByDevice is the error of a key whose device fails.
func brokenByDevice(t *testing.T) error {
	t.Helper()
	k := secretKeys(t)
	s, _ := stubbed(t, harness.RingOf(t, keyring.OriginatorDevice(unplugged{k.Originator.Public()}, k.Responder.Public())))
	return s.Publish(harness.Prefix+"x", nil, wamp.List{secretText}, nil)
}

// unlisted is the error of a caller that doesn't list the callee who answers.
func unlisted(t *testing.T) error {
	t.Helper()
	k := harness.SignedKeys(cryptobox.SuiteSigned, false).Parties()
	r := startRouter(t)
	responder := local.session(t, r, harness.RingOf(t, k.ResponderKey()))
	require.NoError(t, responder.Register(harness.Prefix+"x", harness.Echo, nil))
	caller := k.Originator(k.Sign[harness.Originating])
	caller.Answerers = []keyring.Party{k.Party(harness.DoingBoth)}
	_, err := local.session(t, r, harness.RingOf(t, keyring.Signed(caller))).Call(harness.Timeout(t), harness.Prefix+"x", nil, wamp.List{secretText}, nil, nil)
	harness.RequireReason(t, err, transparency.WrongSender)
	return err
}

func unsealable(t *testing.T) error {
	t.Helper()
	s, _ := stubbed(t, harness.RingOf(t, secretKeys(t).OriginatorKey()))
	return s.Publish(harness.Prefix+"x", nil, wamp.List{secretText, make(chan int)}, nil)
}

// refusedCall is the error of a call that its callee refuses for its clock, and says so.
func refusedCall(t *testing.T) error {
	t.Helper()
	k := secretKeys(t)
	r := startRouter(t)
	responder := local.session(t, r, harness.RingOf(t, k.ResponderKey()), transparency.WithMaxAge(time.Nanosecond), transparency.WithClockSkew(0))
	require.NoError(t, responder.Register(harness.Prefix+"x", harness.Echo, nil))
	_, err := local.session(t, r, harness.RingOf(t, k.OriginatorKey())).Call(harness.Timeout(t), harness.Prefix+"x", nil, wamp.List{secretText}, nil, nil)
	harness.RequireRefused(t, err, transparency.Stale)
	return err
}

// invalidated is the error of a Session whose validator quotes what it refuses.
func invalidated(t *testing.T) error {
	t.Helper()
	quoting := transparency.WithValidator(validatorFunc(func(p *transparency.Payload) error {
		return fmt.Errorf("%v: %w", p.Args(), &transparency.InvalidError{Path: "args[0]", Why: "const"})
	}))
	s := local.session(t, startRouter(t), harness.RingOf(t, secretKeys(t).OriginatorKey()), quoting)
	return s.Publish(harness.Prefix+"x", nil, wamp.List{secretText}, nil)
}

func asTransparency(t *testing.T, err error) *transparency.Error {
	t.Helper()
	var e *transparency.Error
	require.ErrorAs(t, err, &e)
	return e
}

// TestRefusalsShowNothing: no error and no line of the log, for whatever reason, holds
// a payload, a key or a nonce.
func TestRefusalsShowNothing(t *testing.T) {
	a, errs, lines := refusals(t)
	for reason := transparency.Reason(1); !strings.HasPrefix(reason.Error(), "reason "); reason++ {
		require.Contains(t, errs, reason, reason.Error())
	}
	for _, err := range errs {
		leak.RequireAbsent(t, err, a.secrets...)
		for _, one := range err.(interface{ Unwrap() []error }).Unwrap() {
			leak.RequireAbsent(t, one, a.secrets...)
			leak.RequireAbsent(t, *asTransparency(t, one), a.secrets...)
		}
	}
	require.NotEmpty(t, lines)
	leak.RequireTextWithout(t, "the log", lines, a.secrets...)
}

// secretValues are values of each exported type that have had to do with secrets.
var secretValues = map[string]func(*testing.T) (values []any, secrets [][]byte){
	"Session": func(t *testing.T) ([]any, [][]byte) {
		a := newAttacked(t, transparency.WithPadding(cryptobox.Padme))
		a.takes(a.subscribe(harness.Prefix+"x", nil), a.sealed(nil))
		serve := a.serves(nil)
		a.judgesCall(serve, a.keep(a.Seal(harness.Prefix+"x", a.Bind(cryptobox.KindCall, nil), secretText)), 0)
		return []any{a.Session, struct{ s *transparency.Session }{a.Session}}, a.secrets
	},
	"Error": func(t *testing.T) (values []any, _ [][]byte) {
		a, errs, _ := refusals(t)
		for _, err := range errs {
			values = append(values, err)
		}
		for _, err := range a.refused {
			values = append(values, err, *err)
		}
		return values, a.secrets
	},
	"Reason": func(t *testing.T) (values []any, _ [][]byte) {
		a, errs, _ := refusals(t)
		for reason := range errs {
			values = append(values, reason)
		}
		return values, a.secrets
	},
	"Payload": func(*testing.T) ([]any, [][]byte) {
		p := transparency.NewPayload(cryptobox.KindCall, "com.x", wamp.List{secretText}, wamp.Dict{secretText: secretText})
		return []any{p, *p}, [][]byte{[]byte(secretText)}
	},
	"InvalidError": func(t *testing.T) ([]any, [][]byte) {
		var invalid *transparency.InvalidError
		require.ErrorAs(t, invalidated(t), &invalid)
		return []any{invalid, *invalid}, [][]byte{[]byte(secretText)}
	},
	"DecodeError": func(t *testing.T) ([]any, [][]byte) {
		var into map[string][]int
		err := transparency.Decode(map[string]any{secretText: []any{secretText}}, &into)
		require.Error(t, err)
		return []any{err}, [][]byte{[]byte(secretText)}
	},
	"Stats": func(t *testing.T) ([]any, [][]byte) {
		a, _, _ := refusals(t)
		return []any{a.Stats()}, a.secrets
	},
	"KeyStats": func(t *testing.T) ([]any, [][]byte) {
		a, _, _ := refusals(t)
		a.takes(a.subscribe(harness.Prefix+"x", nil), a.sealed(nil))
		keys := a.Stats().Keys
		require.Len(t, keys, 3)
		return []any{keys, keys[0], keys[1], &keys[2]}, a.secrets
	},
	"ReplayStats": func(t *testing.T) ([]any, [][]byte) {
		a := newAttacked(t)
		a.takes(a.subscribe(harness.Prefix+"x", nil), a.sealed(nil))
		require.NotZero(t, a.Stats().Replay)
		return []any{a.Stats().Replay}, a.secrets
	},
	"Observation": func(t *testing.T) ([]any, [][]byte) {
		o := &observer{}
		a := newAttacked(t, transparency.WithObserver(o))
		a.takes(a.subscribe(harness.Prefix+"x", nil), a.sealed(nil))
		require.Len(t, o.opened, 1)
		return []any{o.opened[0], &o.opened[0]}, a.secrets
	},
	"Info": func(t *testing.T) ([]any, [][]byte) {
		a := newAttacked(t)
		sub := a.subscribe(harness.Prefix+"x", nil)
		a.takes(sub, a.sealed(nil))
		info, ok := transparency.InfoFrom(sub.got[0].Details)
		require.True(t, ok)
		return []any{info, &info, sub.got[0].Details}, a.secrets
	},
	"ReplayMessage": func(t *testing.T) (values []any, _ [][]byte) {
		asked := &asking{ReplayMemory: transparency.NewReplayMemory()}
		a := newAttacked(t, transparency.WithReplayMemory(asked))
		a.takes(a.subscribe(harness.Prefix+"x", nil), a.sealed(nil))

		k := secretKeys(t).In(cryptobox.Passthru)
		s := serve(play(t, passthru, handrouter.WebSocket, "cbor", k.ResponderKey(), k.OriginatorKey(), transparency.WithReplayMemory(asked)), keyedURI)
		env, _ := s.Envelope(&harness.Record{URI: keyedURI, Args: []any{secretText}})
		s.sendEvent(s.tail(passthru, env, nil))
		harness.Receive(t, s.events)
		a.secrets = append(a.secrets, env.Payload[:nonceSize])
		require.Len(t, asked.messages, 2)
		for _, m := range asked.messages {
			values = append(values, m, &m)
		}
		return values, a.secrets
	},
	"Peer": func(t *testing.T) ([]any, [][]byte) {
		peer := asTransparency(t, refusedCall(t)).Peer
		return []any{peer, *peer}, secretsOf(secretKeys(t))
	},
	"RouterURI": func(t *testing.T) (values []any, _ [][]byte) {
		const hidden = "quokka jumps"
		k, secret := secretKeys(t), scrambleSecret(t)
		ring := scrambledRing(t, k.ResponderKey(), secret)
		s, _ := stubbed(t, ring)
		uris, err := s.RouterURIs(harness.Prefix+hidden, nil)
		require.NoError(t, err)
		leak.RequireAbsent(t, uris, []byte(hidden))
		return []any{uris, uris[0], s, ring}, append(secretsOf(k), secret.UnsafeBytes())
	},
	"Sender": func(*testing.T) ([]any, [][]byte) {
		k := harness.SignedKeys(cryptobox.SuiteSigned, false).Parties()
		sender := transparency.Sender{Name: harness.Originating, Key: k.Party(harness.Originating).Key}
		return []any{sender, &sender}, [][]byte{k.Sign[harness.Originating].UnsafeBytes()}
	},
	"Origin": func(t *testing.T) ([]any, [][]byte) {
		a, _, _ := refusals(t)
		return []any{a.refused[0].From, *a.refused[0].From}, a.secrets
	},
	"ReconnectPolicy": func(t *testing.T) ([]any, [][]byte) {
		k := secretKeys(t)
		policy := transparency.ReconnectPolicy{Dial: func(context.Context) (string, client.Config, error) {
			return "ws://user:" + secretText + "@127.0.0.1/", harness.Config(client.JSON), nil
		}}
		return []any{policy, &policy, transparency.WithReconnect(policy)}, append(secretsOf(k), []byte(secretText))
	},
	"Option": func(t *testing.T) ([]any, [][]byte) {
		return []any{
			transparency.WithReplayMemory(transparency.NewReplayMemory()),
		}, secretsOf(secretKeys(t))
	},
}

// asking keeps what it is asked.
type asking struct {
	transparency.ReplayMemory
	messages []transparency.ReplayMessage
}

func (a *asking) Accept(ctx context.Context, m *transparency.ReplayMessage) error {
	a.messages = append(a.messages, *m)
	return a.ReplayMemory.Accept(ctx, m)
}

// TestNothingPrintsSecrets: no exported type does, those included that are added later.
func TestNothingPrintsSecrets(t *testing.T) {
	var covered []string
	for name, build := range secretValues {
		covered = append(covered, name)
		t.Run(name, func(t *testing.T) {
			values, secrets := build(t)
			require.NotEmpty(t, values)
			for _, v := range values {
				leak.RequireAbsent(t, v, secrets...)
			}
		})
	}
	require.ElementsMatch(t, leak.ExportedTypes(t, "."), covered, "a type without a value in secretValues, or the other way round")
}

// TestNoPanicPrintsSecrets: of a process that ends by one.
func TestNoPanicPrintsSecrets(t *testing.T) {
	for name, build := range secretValues {
		t.Run(name, func(t *testing.T) {
			out, code := harness.InVictim(t, func(t *testing.T) {
				values, _ := build(t)
				go func() { panic(values[0]) }() // testing would catch it
				time.Sleep(harness.Hang)
				os.Exit(0)
			})
			require.Equal(t, 2, code, out)
			require.Contains(t, out, "panic: ")
			leak.RequireTextWithout(t, "the panic", out, secretsOf(secretKeys(t))...)
		})
	}
}
