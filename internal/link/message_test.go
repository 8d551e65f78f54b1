package link_test

import (
	"math"
	"testing"

	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/link"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/wire"
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

// TestSameAsNexus: what isn't ours is read exactly as nexus reads it.
func TestSameAsNexus(t *testing.T) {
	for serializer := range serializations {
		codec := newCodec(t, serializer)
		for name, list := range plain {
			t.Run(serializer+" "+name, func(t *testing.T) {
				data := serialized(t, codec, list)
				want, err := codec.Serializer().Deserialize(data)
				require.NoError(t, err)
				got, err := codec.Decode(data)
				require.NoError(t, err)
				require.Equal(t, want, got)
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
			msg, err := codec.Decode(serialized(t, codec, list))
			require.NoError(t, err, list)
			require.Nil(t, msg, list)
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
				codec := newCodec(t, serializer)
				data, err := codec.Serializer().SerializeDataItem(item)
				require.NoError(t, err)
				msg, err := codec.Decode(data)
				require.ErrorIs(t, err, link.ErrMessage)
				require.NotContains(t, err.Error(), "secret")
				require.Nil(t, msg)
			})
		}
	}
}

// Among them maps that would be an EVENT as lists.
func TestNoSerialization(t *testing.T) {
	for serializer, bad := range map[string][]string{
		"json":    {"", "[", "[36,1,2", `[36,1,2,{"secret`, "secret", "{}{}"},
		"msgpack": {"", "\x94", "\x94\x24\x01\x02", "\xc1", "\x82\x24\x01\x02\x80", "\xdd\xff\xff\xff\xff", "\x91\xc6\xff\xff\xff\xffsecret"},
		"cbor":    {"", "\x84", "\x84\x18\x24\x01\x02", "\xff", "\xa2\x18\x24\x01\x02\xa0", "\x9b\x7f\xff\xff\xff\xff\xff\xff\xff", "\x81\x5b\x7f\xff\xff\xff\xff\xff\xff\xffsecret"},
	} {
		for _, data := range bad {
			msg, err := newCodec(t, serializer).Decode([]byte(data))
			require.ErrorIs(t, err, link.ErrMessage, "%s %q", serializer, data)
			require.NotContains(t, err.Error(), "secret")
			require.Nil(t, msg)
		}
	}
}

// Nested too deep to be read on a stack of any size.
func TestDepthIsBounded(t *testing.T) {
	for serializer, open := range map[string]byte{"json": '[', "msgpack": 0x91, "cbor": 0x81} {
		deep := make([]byte, 8<<20)
		for i := range deep {
			deep[i] = open
		}
		_, err := newCodec(t, serializer).Decode(deep)
		require.ErrorIs(t, err, link.ErrMessage, serializer)
	}
}

func TestFloatIDs(t *testing.T) {
	msg, err := newCodec(t, "json").Decode([]byte(`[36.0,1e3,9007199254740992.0,{}]`))
	require.NoError(t, err)
	require.Equal(t, &wamp.Event{Subscription: 1000, Publication: 1 << 53, Details: wamp.Dict{}}, msg)
	_, err = newCodec(t, "json").Decode([]byte(`[36,1,9007199254740994.0,{}]`))
	require.ErrorIs(t, err, link.ErrMessage, "no longer exact")
}

func TestBinaryPayload(t *testing.T) {
	for name, tt := range map[string]struct {
		payload any
		want    wire.Raw
	}{
		"bytes":            {[]byte{1, 2}, wire.Raw{1, 2}},
		"no bytes":         {[]byte{}, wire.Raw{}},
		"NUL text":         {"\x00AQI=", wire.Raw{1, 2}},
		"NUL and no bytes": {"\x00", wire.Raw{}},
	} {
		for serializer := range serializations {
			if _, binary := tt.payload.([]byte); binary && serializer == "json" {
				continue // JSON has none
			}
			t.Run(serializer+" "+name, func(t *testing.T) {
				codec := newCodec(t, serializer)
				msg, err := codec.Decode(serialized(t, codec, []any{50, 1, wamp.Dict{}, tt.payload}))
				require.NoError(t, err)
				require.Equal(t, &wamp.Result{Request: 1, Details: wamp.Dict{}, Arguments: wamp.List{tt.want}}, msg)
			})
		}
	}
	msg, err := newCodec(t, "cbor").Decode([]byte("\x84\x18\x32\x01\xa0\xd8\x40\x41\x07")) // tag 64
	require.NoError(t, err)
	require.Equal(t, wamp.List{wire.Raw{7}}, msg.(*wamp.Result).Arguments)
}

// A payload that can't be taken is said to be one: the request it answers must
// not wait for ever.
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
					msg, err := codec.Decode(serialized(t, codec, append(head[:len(head):len(head)], payload...)))
					require.NoError(t, err)
					part, ok := wire.PartOf(msg)
					require.True(t, ok)
					require.Equal(t, wamp.Dict{"d": true}, part.Dict)
					require.Nil(t, part.Kwargs)
					require.Nil(t, part.Raw)
					_, err = wire.Carried(part)
					require.ErrorIs(t, err, wire.ErrParts)
					require.NotContains(t, err.Error(), "secret")
				})
			}
		}
	}
}
