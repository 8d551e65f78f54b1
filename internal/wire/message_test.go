package wire_test

import (
	"fmt"
	"testing"

	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/wire"
)

// printed gives a value as text, to compare before and after.
func printed(v any) string { return fmt.Sprintf("%#v", v) }

// carriers are the seven messages that carry a payload, each with the parts
// given and with all else set.
func carriers(dict wamp.Dict, args wamp.List, kwargs wamp.Dict) []wamp.Message {
	return []wamp.Message{
		&wamp.Publish{Request: 1, Options: dict, Topic: "a.b", Arguments: args, ArgumentsKw: kwargs},
		&wamp.Event{Subscription: 1, Publication: 2, Details: dict, Arguments: args, ArgumentsKw: kwargs},
		&wamp.Call{Request: 1, Options: dict, Procedure: "a.b", Arguments: args, ArgumentsKw: kwargs},
		&wamp.Invocation{Request: 1, Registration: 2, Details: dict, Arguments: args, ArgumentsKw: kwargs},
		&wamp.Yield{Request: 1, Options: dict, Arguments: args, ArgumentsKw: kwargs},
		&wamp.Result{Request: 1, Details: dict, Arguments: args, ArgumentsKw: kwargs},
		&wamp.Error{Type: wamp.CALL, Request: 1, Details: dict, Error: "a.b", Arguments: args, ArgumentsKw: kwargs},
	}
}

// TestPartsOfTheSevenMessages: a part that is read is what stands there, one
// that is written changes nothing else, and the message that it was read from
// not at all.
func TestPartsOfTheSevenMessages(t *testing.T) {
	was := carriers(wamp.Dict{"d": 1}, wamp.List{"x", 2}, wamp.Dict{"k": 3})
	want := carriers(wamp.Dict{"e": 4}, wamp.List{"y"}, nil)
	bare := carriers(nil, nil, nil)
	require.Len(t, was, 7)
	for i, msg := range was {
		t.Run(msg.MessageType().String(), func(t *testing.T) {
			before := printed(msg)
			part, ok := wire.PartOf(msg)
			require.True(t, ok)
			require.Equal(t, &wire.Part{Dict: wamp.Dict{"d": 1}, Args: wamp.List{"x", 2}, Kwargs: wamp.Dict{"k": 3}}, part)

			same := part.In(msg)
			require.Equal(t, msg, same)
			require.NotSame(t, msg, same)

			changed := (&wire.Part{Dict: wamp.Dict{"e": 4}, Args: wamp.List{"y"}}).In(msg)
			require.Equal(t, want[i], changed)
			require.Equal(t, bare[i], (&wire.Part{}).In(msg))
			require.Equal(t, before, printed(msg))
		})
	}
}

// TestRawInMessages: binary data in place of the arguments goes in and out as
// the only argument.
func TestRawInMessages(t *testing.T) {
	raw := []byte{1, 2}
	for i, msg := range carriers(wamp.Dict{"d": 1}, wamp.List{"plain"}, wamp.Dict{"k": "plain"}) {
		put := (&wire.Part{Dict: wamp.Dict{"d": 1}, Raw: raw}).In(msg)
		require.Equal(t, carriers(wamp.Dict{"d": 1}, wamp.List{wire.Raw(raw)}, nil)[i], put)
		part, ok := wire.PartOf(put)
		require.True(t, ok)
		require.Equal(t, &wire.Part{Dict: wamp.Dict{"d": 1}, Raw: raw}, part)
	}
	// Empty is not absent: it is parts of an envelope.
	part, ok := wire.PartOf((&wire.Part{Raw: []byte{}}).In(&wamp.Event{}))
	require.True(t, ok)
	require.NotNil(t, part.Raw)
	// Raw data is alone, or no raw data; bytes are an argument.
	for _, args := range []wamp.List{{wire.Raw(raw), 1}, {raw}, {}} {
		part, ok := wire.PartOf(&wamp.Event{Arguments: args})
		require.True(t, ok)
		require.Nil(t, part.Raw)
		require.Equal(t, args, part.Args)
	}
}

// TestFramingsInMessages: what a framing puts into each of the seven messages,
// it takes out of it.
func TestFramingsInMessages(t *testing.T) {
	eachFraming(t, func(t *testing.T, framing wire.Framing) {
		for _, msg := range carriers(wamp.Dict{"d": 1}, wamp.List{"secret"}, wamp.Dict{"k": "secret"}) {
			before := printed(msg)
			part, ok := wire.PartOf(msg)
			require.True(t, ok)
			require.NoError(t, framing.Put(part, usable(framing, "key-1")))
			sealed := part.In(msg)
			require.Equal(t, before, printed(msg))
			require.NotContains(t, printed(sealed), "secret")
			received, ok := wire.PartOf(sealed)
			require.True(t, ok)
			env, err := framing.Take(received)
			require.NoError(t, err)
			require.Equal(t, usable(framing, "key-1"), env)
		}
	})
}

func TestOtherMessagesHaveNoPart(t *testing.T) {
	for _, msg := range []wamp.Message{
		&wamp.Hello{}, &wamp.Welcome{}, &wamp.Abort{}, &wamp.Goodbye{}, &wamp.Subscribe{}, &wamp.Subscribed{},
		&wamp.Published{}, &wamp.Register{}, &wamp.Cancel{}, &wamp.Interrupt{}, nil,
	} {
		part, ok := wire.PartOf(msg)
		require.False(t, ok)
		require.Nil(t, part)
		require.Equal(t, msg, (&wire.Part{Args: wamp.List{1}}).In(msg))
	}
}
