package wire_test

import (
	"fmt"
	"maps"
	"testing"

	"github.com/gammazero/nexus/v3/transport/serialize"
	"github.com/gammazero/nexus/v3/wamp"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/wire"
)

var serializers = map[string]serialize.Serializer{
	"json":    &serialize.JSONSerializer{},
	"msgpack": &serialize.MessagePackSerializer{},
	"cbor":    &serialize.CBORSerializer{},
}

// envelope returns an envelope of a dialect, as it is received.
func envelope(d cryptobox.Dialect) *wire.Envelope {
	env := &wire.Envelope{Dialect: d, Payload: []byte{0, 1, 2, 0xfe, 0xff}}
	switch d {
	case cryptobox.Autobahn:
		env.Algorithm = cryptobox.AlgorithmBox
	case cryptobox.Passthru:
		env.Algorithm, env.KeyID = cryptobox.AlgorithmSecretBox, "key-1"
	default:
		env.Payload = append([]byte{1}, make([]byte, cryptobox.MinSealed-1)...)
	}
	return env
}

// eachDialect runs a test for every dialect that there is.
func eachDialect(t *testing.T, test func(*testing.T, cryptobox.Dialect)) {
	t.Helper()
	require.Equal(t, 3, wire.Dialects)
	for d := range cryptobox.Dialect(wire.Dialects) {
		t.Run(d.String(), func(t *testing.T) { test(t, d) })
	}
}

func TestTraits(t *testing.T) {
	prefixes := map[string]bool{}
	var features []string
	eachDialect(t, func(t *testing.T, d cryptobox.Dialect) {
		traits := wire.TraitsOf(d)
		require.False(t, prefixes[traits.Prefix], "a prefix of its own")
		prefixes[traits.Prefix] = true
		features = append(features, traits.Announce...)
		if traits.Require != "" {
			require.Contains(t, traits.Announce, traits.Require, "who demands a feature has it")
		}
	})
	require.Equal(t, map[string]bool{"": true, "enc_": true, "ppt_": true}, prefixes)
	require.Equal(t, []string{"payload_transparency", "payload_encryption_cryptobox", "payload_passthru_mode"}, features)
	require.Equal(t, features, wire.Announced())
	require.Equal(t, wire.Traits{}, wire.TraitsOf(cryptobox.Wampbox), "any router carries it, and nothing is announced")
}

func TestReserved(t *testing.T) {
	for name, reserved := range map[string]bool{
		"enc_algo": true, "enc_": true, "ppt_scheme": true, "ppt_": true,
		"enc": false, "ppt": false, "": false, "topic": false, "ENC_algo": false, "xenc_": false,
	} {
		require.Equal(t, reserved, wire.Reserved(name), name)
		found, ok := wire.ReservedIn(wamp.Dict{"topic": 1, name: nil})
		require.Equal(t, reserved, ok)
		if reserved {
			require.Equal(t, name, found)
		}
	}
}

// TestPutThenTake: what Put makes, Take takes, and neither changes what it was
// given.
func TestPutThenTake(t *testing.T) {
	eachDialect(t, func(t *testing.T, d cryptobox.Dialect) {
		env := envelope(d)
		want := *env
		options := wamp.Dict{"acknowledge": true}
		args, kwargs := wamp.List{"secret"}, wamp.Dict{"k": "secret"}
		part := &wire.Part{Dict: options, Args: args, Kwargs: kwargs, Raw: []byte("secret")}
		wire.Put(part, env)
		require.Equal(t, wamp.Dict{"acknowledge": true}, options)
		require.Equal(t, wamp.List{"secret"}, args)
		require.Equal(t, wamp.Dict{"k": "secret"}, kwargs)
		require.Equal(t, true, part.Dict["acknowledge"])
		require.NotContains(t, printed(part), "secret")

		before := printed(part)
		got, err := wire.Take(part)
		require.NoError(t, err)
		require.Equal(t, &want, got)
		require.Equal(t, before, printed(part))
		require.Same(t, &env.Payload[0], &got.Payload[0], "not copied")
	})
}

func TestPlainIsNoEnvelope(t *testing.T) {
	for name, part := range map[string]wire.Part{
		"nothing":          {},
		"empty":            {Dict: wamp.Dict{}, Args: wamp.List{}, Kwargs: wamp.Dict{}},
		"arguments":        {Args: wamp.List{"enc"}, Kwargs: wamp.Dict{"Enc": 1, "enclosed": 1}},
		"harmless details": {Dict: wamp.Dict{"topic": "a", "encrypted": true, "ppt": 1, "enc": 1}},
		"binary data":      {Args: wamp.List{[]byte{1, 2, 3}}},
		"two of them":      {Args: wamp.List{[]byte{1}, []byte{2}}},
	} {
		env, err := wire.Take(&part)
		require.NoError(t, err, name)
		require.Nil(t, env, name)
	}
}

// TestTwoDialects: no message is of two, and nothing of one passes beside another.
func TestTwoDialects(t *testing.T) {
	pieces := map[string]wire.Part{
		"enc_ detail": {Dict: wamp.Dict{"enc_x": nil}}, "ppt_ detail": {Dict: wamp.Dict{"ppt_x": nil}},
		"enc argument": {Kwargs: wamp.Dict{"enc": nil}}, "raw": {Raw: []byte{1}}, "empty raw": {Raw: []byte{}},
	}
	eachDialect(t, func(t *testing.T, d cryptobox.Dialect) {
		var whole wire.Part
		wire.Put(&whole, envelope(d))
		others := maps.Clone(pieces)
		for other := range cryptobox.Dialect(wire.Dialects) {
			if other != d {
				var part wire.Part
				wire.Put(&part, envelope(other))
				others[other.String()] = part
			}
		}
		for name, other := range others {
			if (name == "raw" || name == "empty raw") && d == cryptobox.Autobahn {
				continue // that is where its payload is
			}
			part := merged(whole, other)
			env, err := wire.Take(&part)
			require.ErrorIs(t, err, wire.ErrParts, name)
			require.Nil(t, env, name)
			require.NotContains(t, err.Error(), "key-1")
			require.Equal(t, part.Kwargs["enc"] != nil || name == "enc argument", isEnc(err), name)
		}
	})
	for name, part := range pieces {
		env, err := wire.Take(&part)
		require.ErrorIs(t, err, wire.ErrParts, name+" alone")
		require.Nil(t, env)
		require.Equal(t, name == "enc argument", isEnc(err), name)
	}
}

// merged gives a whole envelope with the details, keyword arguments and raw data of
// another part added.
func merged(part, other wire.Part) wire.Part {
	dict, kwargs := wamp.Dict{}, wamp.Dict{}
	maps.Copy(dict, part.Dict)
	maps.Copy(dict, other.Dict)
	maps.Copy(kwargs, part.Kwargs)
	maps.Copy(kwargs, other.Kwargs)
	part.Dict, part.Kwargs = dict, kwargs
	if other.Raw != nil {
		part.Raw = other.Raw
	}
	return part
}

// FuzzTake: whatever a router sends, Take doesn't panic, and what it accepts is
// put back as the same envelope.
func FuzzTake(f *testing.F) {
	for d := range cryptobox.Dialect(wire.Dialects) {
		for _, s := range serializers {
			var part wire.Part
			wire.Put(&part, envelope(d))
			message := map[string]any{"kwargs": part.Kwargs, "args": part.Args, "details": part.Dict}
			if part.Raw != nil {
				message["raw"] = serialize.BinaryData(part.Raw)
			}
			data, err := s.SerializeDataItem(message)
			require.NoError(f, err)
			require.NotZero(f, fuzzTake(f, data), "%v: a seed is an envelope", d)
			f.Add(data)
		}
	}
	f.Add([]byte(`{"kwargs":{"enc":[1,2,3]},"args":[],"details":{"enc_algo":"x"}}`))
	f.Add([]byte(`{"details":{},"args":["AAEC/v8="],"first":"k"}`))
	f.Fuzz(func(t *testing.T, data []byte) { fuzzTake(t, data) })
}

// fuzzTake returns how many envelopes it has found.
func fuzzTake(t testing.TB, data []byte) (found int) {
	for _, s := range serializers {
		var message map[string]any
		if s.DeserializeDataItem(data, &message) != nil {
			continue
		}
		part := partFrom(message)
		before := printed(part)
		env, err := wire.Take(part)
		require.Equal(t, before, printed(part))
		if err != nil || env == nil {
			require.Nil(t, env)
			continue
		}
		found++
		var again wire.Part
		wire.Put(&again, env)
		same, err := wire.Take(&again)
		require.NoError(t, err)
		require.Equal(t, env, same)
	}
	return found
}

// partFrom makes a part of what was fuzzed.
func partFrom(message map[string]any) *wire.Part {
	part := new(wire.Part)
	part.Dict, _ = wamp.AsDict(message["details"])
	part.Args, _ = message["args"].([]any)
	kwargs, _ := message["kwargs"].(map[string]any)
	part.Kwargs = kwargs
	if raw, ok := wire.Bytes(message["raw"]); ok {
		part.Raw = raw
	}
	if _, ok := message["first"].(string); ok {
		part.First = envelope(cryptobox.Passthru)
	}
	return part
}

func printed(v any) string { return fmt.Sprintf("%#v", v) }
