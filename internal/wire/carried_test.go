package wire_test

import (
	"errors"
	"testing"

	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/wire"
)

var errTest = errors.New("test")

// carried puts a part through a message and tells what it then holds.
func carried(t *testing.T, part *wire.Part) (*cryptobox.Envelope, error) {
	t.Helper()
	received, ok := wire.PartOf(part.In(&wamp.Event{}))
	require.True(t, ok)
	return wire.Carried(received)
}

func TestCarry(t *testing.T) {
	env := envelope("key-1")
	part := &wire.Part{Dict: wamp.Dict{"d": 1}, Args: wamp.List{"secret"}, Kwargs: wamp.Dict{"k": "secret"}, Raw: []byte("secret")}
	wire.Carry(part, env)
	require.Equal(t, &wire.Part{Dict: wamp.Dict{"d": 1}, Args: wamp.List{env}}, part)
	got, err := carried(t, part)
	require.NoError(t, err)
	require.Same(t, env, got)
}

func TestRefuse(t *testing.T) {
	part := &wire.Part{Dict: wamp.Dict{"d": 1}, Args: wamp.List{"secret"}, Kwargs: wamp.Dict{"k": "secret"}, Raw: []byte("secret")}
	wire.Refuse(part, errTest)
	require.Equal(t, &wire.Part{Dict: wamp.Dict{"d": 1}, Args: wamp.List{&wire.Refusal{Err: errTest}}}, part)
	got, err := carried(t, part)
	require.Equal(t, errTest, err)
	require.Nil(t, got)

	refusal := &wire.Refusal{Err: errTest}
	require.EqualError(t, refusal, "test")
	require.ErrorIs(t, refusal, errTest)
}

func TestPlainIsNotCarried(t *testing.T) {
	env, refusal := envelope(""), &wire.Refusal{Err: errTest}
	for name, args := range map[string]wamp.List{
		"nil":               nil,
		"empty":             {},
		"plain":             {"x"},
		"envelope and more": {env, 1},
		"more and envelope": {1, env},
		"refusal and more":  {refusal, 1},
		"envelope by value": {*env},
		"refusal by value":  {*refusal},
		"in a list":         {wamp.List{env}},
	} {
		got, err := carried(t, &wire.Part{Args: args})
		require.NoError(t, err, name)
		require.Nil(t, got, name)
	}
}

func TestReceipts(t *testing.T) {
	var told []error
	receipt := wire.Receipt(func(err error) { told = append(told, err) })
	shared := append(make(wamp.List, 0, 8), "a", "b")
	for _, args := range []wamp.List{nil, {"a"}, shared} {
		with := wire.WithReceipt(args, receipt)
		require.Len(t, with, len(args)+1)
		cut, got := wire.CutReceipt(with)
		require.Equal(t, args, cut)
		require.Equal(t, len(cut), cap(cut), "what is added goes elsewhere")
		require.NotNil(t, got)
		got(errTest)
	}
	require.Equal(t, []error{errTest, errTest, errTest}, told)
	require.Nil(t, shared[:3][2], "the list given is not written into")

	for _, args := range []wamp.List{nil, {}, {"a"}, {receipt, "a"}, {func(error) {}}} {
		cut, got := wire.CutReceipt(args)
		require.Nil(t, got)
		require.Len(t, cut, len(args))
	}
}

// TestForeign: nothing that stands for an envelope below a Session comes in
// from elsewhere.
func TestForeign(t *testing.T) {
	for name, arg := range map[string]any{
		"envelope": envelope("key-1"),
		"refusal":  &wire.Refusal{Err: errTest},
		"receipt":  wire.Receipt(func(error) {}),
		"raw":      wire.Raw("secret"),
	} {
		for _, args := range []wamp.List{{arg}, {1, arg}, {arg, 1}} {
			err := wire.Foreign(args)
			require.ErrorIs(t, err, wire.ErrParts, name)
			require.NotContains(t, err.Error(), "secret")
			require.NotContains(t, err.Error(), "key-1")
		}
	}
	for _, args := range []wamp.List{nil, {}, {"a", []byte("b"), nil, wamp.List{}}} {
		require.NoError(t, wire.Foreign(args))
	}
}
