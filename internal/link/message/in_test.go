package message_test

import (
	"math"
	"testing"

	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/link/message"
)

// values are of every kind that serializers know.
var values = wamp.List{
	nil, true, "text", "\x00AAE=", uint64(math.MaxUint64), int64(math.MinInt64), -1, 0, 1.5, 1e300, []byte{1, 2},
	wamp.List{}, wamp.Dict{}, wamp.List{wamp.Dict{"a": wamp.List{1, []byte{3}}}}, wamp.URI("a.b"), wamp.ID(1 << 53),
}

// plain are messages that a client receives and nexus reads rightly.
var plain = map[string][]any{
	"WELCOME":                 {2, 1 << 53, wamp.Dict{"roles": wamp.Dict{"broker": wamp.Dict{"features": wamp.Dict{"x": true}}}}},
	"WELCOME without details": {2, 9},
	"WELCOME null details":    {2, 9, nil},
	"ABORT":                   {3, wamp.Dict{"message": "m"}, "wamp.error.no_such_realm"},
	"ABORT null details":      {3, nil, "wamp.error.no_such_realm"},
	"CHALLENGE":               {4, "wampcra", wamp.Dict{"challenge": "{}"}},
	"CHALLENGE without extra": {4, "ticket"},
	"GOODBYE":                 {6, wamp.Dict{}, "wamp.close.normal"},
	"ERROR":                   {8, 48, 7, wamp.Dict{"d": 1}, "a.b"},
	"ERROR null details":      {8, 48, 7, nil, "a.b", values, wamp.Dict{"values": values}},
	"ERROR empty payload":     {8, 48, 7, wamp.Dict{}, "a.b", wamp.List{}, wamp.Dict{}},
	"PUBLISHED":               {17, 1, 2},
	"SUBSCRIBED":              {33, 1, 2},
	"UNSUBSCRIBED":            {35, 1},
	"UNSUBSCRIBED revoked":    {35, 0, wamp.Dict{"subscription": 3}},
	"EVENT":                   {36, 1, 2, wamp.Dict{"topic": "a.b"}},
	"EVENT without details":   {36, 1, 2},
	"EVENT with args":         {36, 1, 2, nil, values},
	"EVENT with kwargs":       {36, 1, 2, wamp.Dict{}, nil, wamp.Dict{"values": values}},
	"EVENT null kwargs":       {36, 1, 2, wamp.Dict{}, values, nil},
	"REGISTERED":              {65, 1, 2},
	"UNREGISTERED":            {67, 1},
	"INVOCATION":              {68, 1, 2, wamp.Dict{"progress": true}, values, wamp.Dict{"values": values}},
	"INTERRUPT":               {69, 1, wamp.Dict{"mode": "kill"}},
	"INTERRUPT, no options":   {69, 1},
	"RESULT":                  {50, 1, wamp.Dict{"values": values}, values, wamp.Dict{"values": values}},
	"RESULT alone":            {50, 1, wamp.Dict{}},
}

// whole decodes a message into nexus's.
func whole(t testing.TB, codec *message.Codec, in *message.In) wamp.Message {
	t.Helper()
	details, err := codec.Dict(in.Details)
	require.NoError(t, err)
	args, kwargs, err := codec.Values(&in.Payload)
	require.NoError(t, err)
	return assembled(in, details, args, kwargs)
}

func assembled(in *message.In, details wamp.Dict, args wamp.List, kwargs wamp.Dict) wamp.Message {
	uri := wamp.URI(in.URI)
	switch in.Type {
	case wamp.WELCOME:
		return &wamp.Welcome{ID: in.ID, Details: details}
	case wamp.ABORT:
		return &wamp.Abort{Details: details, Reason: uri}
	case wamp.CHALLENGE:
		return &wamp.Challenge{AuthMethod: in.URI, Extra: details}
	case wamp.GOODBYE:
		return &wamp.Goodbye{Details: details, Reason: uri}
	case wamp.ERROR:
		if details == nil {
			details = wamp.Dict{} // as nexus fills it in
		}
		return &wamp.Error{Type: in.Answers, Request: in.Request, Details: details, Error: uri, Arguments: args, ArgumentsKw: kwargs}
	case wamp.PUBLISHED:
		return &wamp.Published{Request: in.Request, Publication: in.ID}
	case wamp.SUBSCRIBED:
		return &wamp.Subscribed{Request: in.Request, Subscription: in.ID}
	case wamp.UNSUBSCRIBED:
		return &wamp.Unsubscribed{Request: in.Request}
	case wamp.EVENT:
		return &wamp.Event{Subscription: in.ID, Publication: in.Publication, Details: details, Arguments: args, ArgumentsKw: kwargs}
	case wamp.REGISTERED:
		return &wamp.Registered{Request: in.Request, Registration: in.ID}
	case wamp.UNREGISTERED:
		return &wamp.Unregistered{Request: in.Request}
	case wamp.INVOCATION:
		return &wamp.Invocation{Request: in.Request, Registration: in.ID, Details: details, Arguments: args, ArgumentsKw: kwargs}
	case wamp.INTERRUPT:
		return &wamp.Interrupt{Request: in.Request, Options: details}
	case wamp.RESULT:
		return &wamp.Result{Request: in.Request, Details: details, Arguments: args, ArgumentsKw: kwargs}
	}
	return nil
}

// TestSameAsNexus: messages are read exactly as nexus reads them.
func TestSameAsNexus(t *testing.T) {
	for serializer := range serializations {
		codec := newCodec(t, serializer)
		for name, list := range plain {
			t.Run(serializer+" "+name, func(t *testing.T) {
				data := serialized(t, serializer, list)
				want, err := nexus[serializer].Deserialize(data)
				require.NoError(t, err)
				var in message.In
				ok, err := codec.Read(data, &in)
				require.NoError(t, err)
				require.True(t, ok)
				require.Equal(t, want, whole(t, codec, &in))
			})
		}
	}
}

func TestEveryMessageToAClientIsRead(t *testing.T) {
	seen := map[wamp.MessageType]bool{}
	for _, list := range plain {
		seen[wamp.MessageType(list[0].(int))] = true
	}
	require.Len(t, seen, 14)
}

func TestIgnored(t *testing.T) {
	for serializer := range serializations {
		codec := newCodec(t, serializer)
		for _, list := range [][]any{
			{1, "realm1", wamp.Dict{}}, {5, "signature", wamp.Dict{}}, {16, 1, wamp.Dict{}, "a.b"}, {32, 1, wamp.Dict{}, "a.b"},
			{34, 1, 2}, {48, 1, wamp.Dict{}, "a.b"}, {49, 1, wamp.Dict{}}, {64, 1, wamp.Dict{}, "a.b"}, {66, 1, 2},
			{70, 1, wamp.Dict{}}, {7, 1, 2}, {0}, {99, "x"}, {1 << 40}, {uint64(math.MaxUint64)},
		} {
			in := message.In{Type: wamp.EVENT, Details: []byte("before")}
			ok, err := codec.Read(serialized(t, serializer, list), &in)
			require.NoError(t, err, list)
			require.False(t, ok, list)
			require.Zero(t, in)
		}
	}
}

func TestMalformed(t *testing.T) {
	for name, item := range map[string]any{
		"null": nil, "text": "secret", "number": 36, "map": wamp.Dict{"secret": 1}, "bytes": []byte("secret"),
		"nothing":         []any{},
		"no type":         []any{"secret", 1, 2},
		"null type":       []any{nil},
		"negative type":   []any{-36, 1, 2},
		"fractional type": []any{36.5, 1, 2},
		"text id":         []any{36, "secret", 2},
		"negative id":     []any{36, -1, 2},
		"fractional id":   []any{36, 1.5, 2},
		"huge id":         []any{36, 1e300, 2},
		"null id":         []any{36, nil, 2},
		"missing id":      []any{36, 1},
		"list id":         []any{36, []any{1}, 2},
		"details text":    []any{36, 1, 2, "secret"},
		"details list":    []any{36, 1, 2, []any{"secret", 1}},
		"details bytes":   []any{36, 1, 2, []byte("secret")},
		"options number":  []any{69, 1, 5},
		"uri number":      []any{8, 48, 1, wamp.Dict{}, 65},
		"uri bytes":       []any{8, 48, 1, wamp.Dict{}, []any{"secret"}},
		"uri null":        []any{8, 48, 1, wamp.Dict{}, nil},
		"uri missing":     []any{3, wamp.Dict{}},
		"method number":   []any{4, 5, wamp.Dict{}},
	} {
		for serializer := range serializations {
			t.Run(serializer+" "+name, func(t *testing.T) {
				in := message.In{Type: wamp.EVENT}
				ok, err := newCodec(t, serializer).Read(serialized(t, serializer, item), &in)
				require.ErrorIs(t, err, message.ErrMessage)
				require.NotContains(t, err.Error(), "secret")
				require.False(t, ok)
				require.Zero(t, in)
			})
		}
	}
}

// Among them maps that would be an EVENT as lists.
func TestNoSerialization(t *testing.T) {
	for serializer, bad := range map[string][]string{
		"json":    {"", "[", "[36,1,2", `[36,1,2,{"secret`, "secret", "{}{}", "[17,1,2", "[17,1,2,", "[17,1 2]", "[17,,1,2]", "[99", "[17,1,2}", `[17,1,2,{"a" 1}]`},
		"msgpack": {"", "\x94", "\x94\x24\x01\x02", "\xc1", "\x82\x24\x01\x02\x80", "\xdd\xff\xff\xff\xff", "\x91\xc6\xff\xff\xff\xffsecret", "\x94\x11\x01\x02"},
		"cbor":    {"", "\x84", "\x84\x18\x24\x01\x02", "\xff", "\xa2\x18\x24\x01\x02\xa0", "\x9b\x7f\xff\xff\xff\xff\xff\xff\xff", "\x81\x5b\x7f\xff\xff\xff\xff\xff\xff\xffsecret", "\x9f\x11\x01\x02", "\x84\x11\x01\x02"},
	} {
		for _, data := range bad {
			var in message.In
			ok, err := newCodec(t, serializer).Read([]byte(data), &in)
			require.ErrorIs(t, err, message.ErrMessage, "%s %q", serializer, data)
			require.NotContains(t, err.Error(), "secret")
			require.False(t, ok)
		}
	}
}

func TestFloatIDs(t *testing.T) {
	var in message.In
	ok, err := newCodec(t, "json").Read([]byte(`[36.0,1e3,9007199254740992.0,{}]`), &in)
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, message.In{Type: wamp.EVENT, ID: 1000, Publication: 1 << 53, Details: []byte("{}"), Payload: message.Payload{Memory: in.Payload.Memory}}, in)
	_, err = newCodec(t, "json").Read([]byte(`[36,1,9007199254740994.0,{}]`), &in)
	require.ErrorIs(t, err, message.ErrMessage, "no longer exact")
}
