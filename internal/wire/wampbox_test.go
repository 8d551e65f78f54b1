package wire_test

import (
	"encoding/base64"
	"errors"
	"testing"

	"github.com/gammazero/nexus/v3/transport/serialize"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"
	"github.com/ugorji/go/codec"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/link/message"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/wire"
)

func isEnc(err error) bool { return errors.Is(err, wire.ErrEnc) }

// TestWampboxCrossesNexus writes and reads a PUBLISH with each of nexus's
// serializers.
func TestWampboxCrossesNexus(t *testing.T) {
	for name, s := range serializers {
		t.Run(name, func(t *testing.T) {
			part := wire.Part{Args: wamp.List{"secret"}, Kwargs: wamp.Dict{"k": "secret"}}
			wire.Put(&part, envelope(cryptobox.Wampbox))
			data, err := s.Serialize(&wamp.Publish{Request: 1, Options: wamp.Dict{}, Topic: "a.b", Arguments: part.Args, ArgumentsKw: part.Kwargs})
			require.NoError(t, err)
			require.NotContains(t, string(data), "secret")
			msg, err := s.Deserialize(data)
			require.NoError(t, err)
			publish := msg.(*wamp.Publish)
			require.NotNil(t, publish.Arguments, "the list is empty, not null")
			got, err := wire.Take(&wire.Part{Dict: publish.Options, Args: publish.Arguments, Kwargs: publish.ArgumentsKw})
			require.NoError(t, err)
			require.Equal(t, envelope(cryptobox.Wampbox), got)
		})
	}
}

func TestWampboxOnTheWire(t *testing.T) {
	env := envelope(cryptobox.Wampbox)
	for local, want := range map[bool]any{false: serialize.BinaryData(env.Payload), true: env.Payload} {
		part := wire.Part{Local: local, Dict: wamp.Dict{"acknowledge": true}}
		wire.Put(&part, env)
		require.Equal(t, wire.Part{Local: local, Dict: wamp.Dict{"acknowledge": true}, Args: wamp.List{}, Kwargs: wamp.Dict{"enc": want}}, part, "no option is added")
	}
	part := wire.Part{}
	wire.Put(&part, env)
	data, err := serializers["json"].SerializeDataItem([]any{part.Args, part.Kwargs})
	require.NoError(t, err)
	require.Equal(t, `[[],{"enc":"\u0000`+base64.StdEncoding.EncodeToString(env.Payload)+`"}]`, string(data))
}

func codecs(t testing.TB) (codecs []*message.Codec) {
	t.Helper()
	for _, s := range []serialize.Serialization{serialize.JSON, serialize.MSGPACK, serialize.CBOR} {
		c, err := message.New(s)
		require.NoError(t, err)
		codecs = append(codecs, c)
	}
	return codecs
}

// draft is an event that is yet to be sealed, and the key that opens it.
func draft(t *testing.T) (*cryptobox.Draft, *cryptobox.SuiteKey) {
	t.Helper()
	key, err := cryptobox.NewSharedKey(cryptobox.GenerateSymmetricKey())
	require.NoError(t, err)
	rec := cryptobox.NewRecord(cryptobox.Head{Kind: cryptobox.KindPublish, From: cryptobox.NewSenderID(), N: 1}, "realm1", "a.b", []any{"secret"}, nil)
	draft := new(cryptobox.Draft)
	require.NoError(t, key.Encode(&rec, draft))
	return draft, key
}

// TestWampboxWritesItself as our own codec has it: the same bytes as by nexus, whether it is
// sealed already or where it is written.
func TestWampboxWritesItself(t *testing.T) {
	for _, c := range codecs(t) {
		sealing, key := draft(t)
		sealed := &wire.Envelope{Payload: sealing.Append(nil)}
		for _, env := range []*wire.Envelope{sealed, {Sealing: sealing}} {
			part := wire.Part{Encoded: true, Args: wamp.List{"secret"}, Kwargs: wamp.Dict{"k": "secret"}, Raw: []byte("secret")}
			wire.Put(&part, env)
			require.Nil(t, part.Args)
			require.Nil(t, part.Kwargs)
			require.Nil(t, part.Raw)
			room := part.Payload.Room(c) + len("\x00, enc and signs")
			written := part.Payload.AppendPayload(c, nil)
			require.LessOrEqual(t, len(written), room)
			var nexus wire.Part
			wire.Put(&nexus, sealed)
			want, err := serializers[c.Name()].SerializeDataItem([]any{nexus.Args, nexus.Kwargs})
			require.NoError(t, err)
			require.Equal(t, want, c.CloseList(append(c.OpenList(nil, 2), written...)), c.Name())
		}
		require.Zero(t, sealing.Size(), "it was released where it was written")
		var opened cryptobox.Opened
		require.NoError(t, key.Open(sealed.Payload, cryptobox.Message, &opened))
		opened.Release()
	}
}

// TestWampboxSealsForNexus what is yet to be sealed.
func TestWampboxSealsForNexus(t *testing.T) {
	sealing, key := draft(t)
	env := &wire.Envelope{Sealing: sealing}
	var part wire.Part
	wire.Put(&part, env)
	require.Zero(t, sealing.Size(), "it was released")
	got, err := wire.Take(&part)
	require.NoError(t, err)
	var opened cryptobox.Opened
	defer opened.Release()
	require.NoError(t, key.Open(got.Payload, cryptobox.Message, &opened))
}

// encForms are the shapes in which routers pass enc on.
func encForms(payload []byte) map[string]any {
	list := make([]any, len(payload))
	for i, b := range payload {
		list[i] = uint64(b)
	}
	text := base64.StdEncoding.EncodeToString(payload)
	return map[string]any{
		"bytes": payload, "binary data": serialize.BinaryData(payload), "NUL and base64": "\x00" + text, "base64": text,
		"tag 64": codec.RawExt{Tag: 64, Value: payload}, "list": list,
	}
}

// TestWampboxTakesWholeEnvelopesOnly: an enc argument is an envelope, whole
// and alone, or an error.
func TestWampboxTakesWholeEnvelopesOnly(t *testing.T) {
	enc := envelope(cryptobox.Wampbox).Payload
	for name, form := range encForms(enc) {
		for _, part := range []wire.Part{
			{Kwargs: wamp.Dict{"enc": form}},
			{Dict: wamp.Dict{"topic": "a"}, Args: wamp.List{}, Kwargs: wamp.Dict{"enc": form}},
			{Kwargs: wamp.Dict{"enc": form}, First: envelope(cryptobox.Passthru)},
		} {
			env, err := wire.Take(&part)
			require.NoError(t, err, name)
			require.Equal(t, envelope(cryptobox.Wampbox), env, name)
		}
	}
	with := func(first byte, size int) []byte { return append([]byte{first}, make([]byte, size-1)...) }
	for name, c := range map[string]struct {
		part wire.Part
		want error
	}{
		"null":             {wire.Part{Kwargs: wamp.Dict{"enc": nil}}, wire.ErrParts},
		"map":              {wire.Part{Kwargs: wamp.Dict{"enc": wamp.Dict{"payload": enc}}}, wire.ErrParts},
		"text":             {wire.Part{Kwargs: wamp.Dict{"enc": "no base64"}}, wire.ErrParts},
		"tag 24":           {wire.Part{Kwargs: wamp.Dict{"enc": codec.RawExt{Tag: 24, Value: enc}}}, wire.ErrParts},
		"list of 256":      {wire.Part{Kwargs: wamp.Dict{"enc": []any{uint64(256)}}}, wire.ErrParts},
		"arguments beside": {wire.Part{Args: wamp.List{1}, Kwargs: wamp.Dict{"enc": enc}}, wire.ErrParts},
		"null beside":      {wire.Part{Args: wamp.List{nil}, Kwargs: wamp.Dict{"enc": enc}}, wire.ErrParts},
		"keywords beside":  {wire.Part{Kwargs: wamp.Dict{"enc": enc, "k": 1}}, wire.ErrParts},
		"empty":            {wire.Part{Kwargs: wamp.Dict{"enc": []byte{}}}, cryptobox.ErrMalformed},
		"empty list":       {wire.Part{Kwargs: wamp.Dict{"enc": wamp.List{}}}, cryptobox.ErrMalformed},
		"short":            {wire.Part{Kwargs: wamp.Dict{"enc": enc[:56]}}, cryptobox.ErrMalformed},
		"suite 0":          {wire.Part{Kwargs: wamp.Dict{"enc": with(0, 57)}}, cryptobox.ErrMalformed},
		"suite 6":          {wire.Part{Kwargs: wamp.Dict{"enc": with(6, 57)}}, cryptobox.ErrMalformed},
		"too long":         {wire.Part{Kwargs: wamp.Dict{"enc": with(1, cryptobox.MaxSealed+1)}}, cryptobox.ErrTooLarge},
	} {
		env, err := wire.Take(&c.part)
		require.ErrorIs(t, err, c.want, name)
		require.True(t, isEnc(err), name)
		require.Nil(t, env, name)
	}
	for _, enc := range [][]byte{with(5, 57), with(1, cryptobox.MaxSealed)} {
		_, err := wire.Take(&wire.Part{Kwargs: wamp.Dict{"enc": enc}})
		require.NoError(t, err, "the key decides")
	}
}

// raw is what a codec has of a payload, before it becomes values.
func raw(t *testing.T, c *message.Codec, value any) []byte {
	t.Helper()
	data, err := serializers[c.Name()].SerializeDataItem(value)
	require.NoError(t, err)
	return data
}

// TestTakeRaw takes what Take takes, in the forms that most routers pass on, and leaves all
// else to it.
func TestTakeRaw(t *testing.T) {
	enc := envelope(cryptobox.Wampbox).Payload
	for _, c := range codecs(t) {
		for args, want := range map[string]bool{"empty": true, "null": false, "one": false} {
			list := map[string]any{"empty": []any{}, "null": nil, "one": []any{1}}[args]
			env := wire.Envelope{Algorithm: "left"}
			require.Equal(t, want, wire.TakeRaw(c, raw(t, c, list), raw(t, c, wamp.Dict{"enc": serialize.BinaryData(enc)}), wamp.Dict{"topic": "a"}, &env), "%s %s", c.Name(), args)
			if want {
				require.Equal(t, *envelope(cryptobox.Wampbox), env)
				continue
			}
			require.Equal(t, wire.Envelope{Algorithm: "left"}, env)
		}
		for name, kwargs := range map[string]wamp.Dict{
			"nothing": {}, "another": {"end": serialize.BinaryData(enc)}, "null": {"enc": nil}, "map": {"enc": wamp.Dict{}}, "beside": {"enc": serialize.BinaryData(enc), "k": 1},
			"short": {"enc": serialize.BinaryData(enc[:56])}, "suite": {"enc": serialize.BinaryData(make([]byte, 57))}, "list": {"enc": []any{1}}, "text": {"enc": "text"},
		} {
			var env wire.Envelope
			require.False(t, wire.TakeRaw(c, raw(t, c, []any{}), raw(t, c, kwargs), nil, &env), "%s %s", c.Name(), name)
			require.Zero(t, env)
		}
		for _, detail := range []string{"enc_algo", "ppt_scheme"} {
			var env wire.Envelope
			require.False(t, wire.TakeRaw(c, raw(t, c, []any{}), raw(t, c, wamp.Dict{"enc": serialize.BinaryData(enc)}), wamp.Dict{detail: nil}, &env), "of two dialects")
		}
	}
}
