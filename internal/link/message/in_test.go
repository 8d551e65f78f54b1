package message_test

import (
	"bytes"
	"math"
	"strings"
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
	"WELCOME":                 {2, int64(1 << 53), wamp.Dict{"roles": wamp.Dict{"broker": wamp.Dict{"features": wamp.Dict{"x": true}}}}},
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
			{70, 1, wamp.Dict{}}, {7, 1, 2}, {0}, {99, "x"}, {int64(1 << 40)}, {uint64(math.MaxUint64)},
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

// A payload that can't be taken is said to be one: the request it answers must not wait
// for ever.
func TestRefusedPayload(t *testing.T) {
	for name, payload := range map[string][]any{
		"text":               {"secret"},
		"empty text":         {""},
		"base64 alone":       {"c2VjcmV0"},
		"no base64":          {"\x00secret!"},
		"unpadded base64":    {"\x00c2VjcmV"},
		"number":             {5},
		"dict":               {wamp.Dict{"secret": 1}},
		"kwargs text":        {wamp.List{}, "secret"},
		"kwargs list":        {wamp.List{}, wamp.List{"secret", 1}},
		"kwargs binary":      {nil, "\x00c2VjcmV0"},
		"more":               {wamp.List{}, wamp.Dict{}, "secret"},
		"more, null":         {nil, nil, nil},
		"binary and kwargs":  {"\x00c2VjcmV0", wamp.Dict{"secret": 1}},
		"binary and null":    {"\x00c2VjcmV0", nil},
		"binary and 2 nulls": {"\x00c2VjcmV0", nil, nil},
	} {
		for serializer := range serializations {
			for _, head := range [][]any{{36, 1, 2, wamp.Dict{"d": true}}, {68, 1, 2, wamp.Dict{"d": true}}, {50, 1, wamp.Dict{"d": true}}, {8, 48, 1, wamp.Dict{"d": true}, "a.b"}} {
				t.Run(serializer+" "+name, func(t *testing.T) {
					codec := newCodec(t, serializer)
					var in message.In
					ok, err := codec.Read(serialized(t, serializer, append(head[:len(head):len(head)], payload...)), &in)
					require.NoError(t, err)
					require.True(t, ok)
					require.Equal(t, wamp.MessageType(head[0].(int)), in.Type)
					require.True(t, codec.Flag(in.Details, "d"))
					args, kwargs, err := codec.Values(&in.Payload)
					require.ErrorIs(t, err, message.ErrPayload)
					require.NotContains(t, err.Error(), "secret")
					require.Nil(t, args)
					require.Nil(t, kwargs)
					_, ok = codec.BinaryValue(in.Payload.Args)
					require.False(t, ok)
				})
			}
		}
	}
}

// What another client may write into a payload that can't be decoded, and a router pass
// on: none of it ends the connection.
func TestUndecodableValues(t *testing.T) {
	for serializer, list := range map[string][]string{
		"json":    {"NaN", "Infinity", "-Infinity", "1.2.3", "nul", `"\x"`, `"\ud83d"`, `{"a":NaN}`},
		"msgpack": {"\x81\x01\x02", "\x81\xc3\x01", "\xd4\xff\x01"},
		"cbor":    {"\xa1\x01\x02", "\xc4\x82\x20\x0b", "\xc4\x52\x20\x0b0123456789abcdef", "\xc5\x82\x20\x0b", "\xf0", "\xf8\x20", "\x3b\xff\xff\xff\xff\xff\xff\xff\xff", "\xc0\x61a"},
	} {
		codec := newCodec(t, serializer)
		for _, value := range list {
			t.Run(serializer+" "+value, func(t *testing.T) {
				p := read(t, codec, listOf(serializer, value))
				require.NoError(t, p.Err)
				_, _, err := codec.Values(p)
				require.ErrorIs(t, err, message.ErrPayload)
				require.NotErrorIs(t, err, message.ErrTooLarge)
			})
		}
	}
}

// What isn't even well-formed in a payload is its own affair, too.
func TestBrokenPayload(t *testing.T) {
	for serializer, list := range map[string][]string{
		"json":    {"[", "[1", "[1 2]", "[1}", "{]", `["a]`, `["a\"]`, `{"a"}`, `{"a":}`, "[,]", "[1,]", "]", ":", "[1]x"},
		"msgpack": {"\x91", "\x91\xc1", "\xdd\xff\xff\xff\xff", "\x91\xdf\xff\xff\xff\xff", "\x91\xc6\xff\xff\xff\xff", "\x91\xdb\xff\xff\xff\xff", "\x91\xc9\xff\xff\xff\xff\x05", "\x91\xcd\x01"},
		"cbor":    {"\x81", "\x81\x1c", "\x81\xff", "\x9f", "\x9f\x01", "\x9b\xff\xff\xff\xff\xff\xff\xff\xff", "\x9b\x0f\xff\xff\xff\xff\xff\xff\xff", "\x81\xbb\x7f\xff\xff\xff\xff\xff\xff\xff", "\x81\x5b\xff\xff\xff\xff\xff\xff\xff\xff", "\x81\x7b\x7f\xff\xff\xff\xff\xff\xff\xff", "\x81\x7f\x61a", "\x81\x7f\x41a\xff", "\x81\xbf\x61a\xff", "\x81\xc6"},
	} {
		codec := newCodec(t, serializer)
		for _, args := range list {
			t.Run(serializer+" "+args, func(t *testing.T) {
				data := event(serializer, []byte(args))
				if serializer == "json" {
					data = data[:len(data)-1]
				}
				var in message.In
				ok, err := codec.Read(data, &in)
				require.NoError(t, err)
				require.True(t, ok)
				require.ErrorIs(t, in.Payload.Err, message.ErrPayload)
				require.NotErrorIs(t, in.Payload.Err, message.ErrTooLarge)
				require.Nil(t, in.Payload.Args)
				_, _, err = codec.Values(&message.Payload{Args: []byte(args)})
				require.ErrorIs(t, err, message.ErrPayload)
				require.Zero(t, testing.AllocsPerRun(5, func() { _, _ = codec.Read(data, &in) }))
			})
		}
	}
}

// TestDepth: what is nested as deep as nexus reads is read, and nothing deeper, of
// whatever it is made.
func TestDepth(t *testing.T) {
	for serializer, kinds := range map[string][][2]string{
		"json":    {{"[", "]"}, {`{"":`, "}"}},
		"msgpack": {{"\x91", ""}, {"\x81\xa0", ""}, {"\xdd\x00\x00\x00\x01", ""}},
		"cbor":    {{"\x81", ""}, {"\xa1\x60", ""}, {"\x9f", "\xff"}, {"\xbf\x60", "\xff"}, {"\xc6", ""}},
	} {
		codec := newCodec(t, serializer)
		for _, kind := range kinds {
			nested := func(n int) []byte {
				one := map[string]string{"json": "1"}[serializer]
				if one == "" {
					one = "\x01"
				}
				return listOf(serializer, strings.Repeat(kind[0], n)+one+strings.Repeat(kind[1], n))
			}
			const deepest = 1021 // within the message's list and that of the arguments
			p := read(t, codec, nested(deepest))
			require.NoError(t, p.Err)
			_, _, err := codec.Values(p)
			require.NoError(t, err, "%s %q", serializer, kind)
			if kind[0] != "\xc6" { // nexus doesn't count tags
				var v any
				require.NoError(t, nexus[serializer].DeserializeDataItem(event(serializer, nested(deepest)), &v))
				require.Error(t, nexus[serializer].DeserializeDataItem(event(serializer, nested(deepest+1)), &v))
			}
			p = read(t, codec, nested(deepest+1))
			require.ErrorIs(t, p.Err, message.ErrTooLarge)

			endless := bytes.Repeat([]byte(kind[0]), (8<<20)/len(kind[0]))
			p = read(t, codec, endless)
			require.ErrorIs(t, p.Err, message.ErrPayload, "%s %q", serializer, kind)
			var in message.In
			for _, head := range []string{"[99,", "\x92\x63", "\x82\x18\x63"} {
				ok, err := codec.Read(append([]byte(head), endless...), &in)
				require.ErrorIs(t, err, message.ErrMessage)
				require.False(t, ok)
			}
		}
	}
}

// TestDetailsAreBounded: details that would take too much end what has no payload, and
// are a refused payload elsewhere.
func TestDetailsAreBounded(t *testing.T) {
	many := wamp.List{}
	for range 5000 {
		many = append(many, wamp.Dict{"": 0})
	}
	for serializer := range serializations {
		codec := newCodec(t, serializer)
		for _, head := range [][]any{{36, 1, 2}, {68, 1, 2}, {50, 1}, {8, 48, 1}} {
			var in message.In
			ok, err := codec.Read(serialized(t, serializer, append(head, wamp.Dict{"d": many}, "a.b")), &in)
			require.NoError(t, err)
			require.True(t, ok)
			require.Nil(t, in.Details)
			require.ErrorIs(t, in.Payload.Err, message.ErrTooLarge)
			require.ErrorIs(t, in.Payload.Err, message.ErrPayload)
		}
		for _, list := range [][]any{{2, 1, wamp.Dict{"d": many}}, {69, 1, wamp.Dict{"d": many}}, {6, wamp.Dict{"d": many}, "a.b"}} {
			var in message.In
			ok, err := codec.Read(serialized(t, serializer, list), &in)
			require.ErrorIs(t, err, message.ErrMessage)
			require.ErrorIs(t, err, message.ErrTooLarge)
			require.False(t, ok)
		}
	}
}
