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

// usable returns an envelope that framing carries, as its peers receive it.
func usable(framing wire.Framing, keyID string) *cryptobox.Envelope {
	env := envelope(keyID)
	env.Serializer = framing.Traits().Serializers[0]
	if framing == (wire.PPT{}) {
		env.Algorithm = cryptobox.AlgorithmSecretBox
	}
	return env
}

// eachFraming runs a test for every framing that there is.
func eachFraming(t *testing.T, test func(*testing.T, wire.Framing)) {
	t.Helper()
	require.Len(t, wire.Framings(), 3)
	for _, framing := range wire.Framings() {
		t.Run(framing.Traits().Name, func(t *testing.T) { test(t, framing) })
	}
}

func TestTraits(t *testing.T) {
	names := map[string]bool{}
	eachFraming(t, func(t *testing.T, framing wire.Framing) {
		traits := framing.Traits()
		require.False(t, names[traits.Name], "a name of its own")
		names[traits.Name] = true
		for _, s := range traits.Serializers {
			known, err := cryptobox.ParseSerializer(string(s))
			require.NoError(t, err)
			require.Equal(t, s, known)
		}
		if traits.Require != "" {
			require.Contains(t, traits.Announce, traits.Require, "who demands a feature has it")
		}
	})
	require.Equal(t, map[string]bool{"enc": true, "native": true, "ppt": true}, names)
	require.Equal(t, wire.EncArgument{}, wire.Framings()[0], "the default")
	wire.Framings()[0] = nil
	require.NotNil(t, wire.Framings()[0], "the list is a copy")
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
	eachFraming(t, func(t *testing.T, framing wire.Framing) {
		for _, s := range framing.Traits().Serializers {
			for _, keyID := range []string{"", "key-1"} {
				env := usable(framing, keyID)
				env.Serializer = s
				want := *env
				options := wamp.Dict{"acknowledge": true}
				args, kwargs := wamp.List{"secret"}, wamp.Dict{"k": "secret"}
				part := &wire.Part{Dict: options, Args: args, Kwargs: kwargs, Raw: []byte("secret")}
				require.NoError(t, framing.Put(part, env))
				require.Equal(t, wamp.Dict{"acknowledge": true}, options)
				require.Equal(t, wamp.List{"secret"}, args)
				require.Equal(t, wamp.Dict{"k": "secret"}, kwargs)
				require.Equal(t, true, part.Dict["acknowledge"])
				require.NotContains(t, printed(part), "secret")

				before := printed(part)
				got, err := framing.Take(part)
				require.NoError(t, err)
				require.Equal(t, &want, got)
				require.Equal(t, before, printed(part))
				require.Same(t, &env.Payload[0], &got.Payload[0], "not copied")
			}
		}
	})
}

func TestPutRefusesAnUnusableEnvelope(t *testing.T) {
	eachFraming(t, func(t *testing.T, framing wire.Framing) {
		empty := usable(framing, "")
		empty.Payload = []byte{}
		control := usable(framing, "a\nb")
		for name, env := range map[string]*cryptobox.Envelope{"nil": nil, "zero": {}, "no payload": empty, "key id": control} {
			part := wire.Part{Dict: wamp.Dict{"a": 1}, Args: wamp.List{"plain"}, Kwargs: wamp.Dict{"k": 1}}
			require.Error(t, framing.Put(&part, env), name)
			require.Equal(t, wire.Part{Dict: wamp.Dict{"a": 1}, Args: wamp.List{"plain"}, Kwargs: wamp.Dict{"k": 1}}, part)
		}
	})
}

func TestPutRefusesReservedOptions(t *testing.T) {
	eachFraming(t, func(t *testing.T, framing wire.Framing) {
		for _, name := range []string{"enc_key", "enc_algo", "ppt_keyid", "ppt_x"} {
			part := wire.Part{Dict: wamp.Dict{name: "x"}, Args: wamp.List{"plain"}}
			require.ErrorIs(t, framing.Put(&part, usable(framing, "")), wire.ErrFraming, name)
			require.Equal(t, wire.Part{Dict: wamp.Dict{name: "x"}, Args: wamp.List{"plain"}}, part)
		}
	})
}

func TestPlainIsNoEnvelope(t *testing.T) {
	eachFraming(t, func(t *testing.T, framing wire.Framing) {
		for name, part := range map[string]wire.Part{
			"nothing":          {},
			"empty":            {Dict: wamp.Dict{}, Args: wamp.List{}, Kwargs: wamp.Dict{}},
			"arguments":        {Args: wamp.List{"enc"}, Kwargs: wamp.Dict{"Enc": 1, "enclosed": 1}},
			"harmless details": {Dict: wamp.Dict{"topic": "a", "encrypted": true, "ppt": 1, "enc": 1}},
			"binary data":      {Args: wamp.List{[]byte{1, 2, 3}}},
			"two of them":      {Args: wamp.List{[]byte{1}, []byte{2}}},
		} {
			env, err := framing.Take(&part)
			require.NoError(t, err, name)
			require.Nil(t, env, name)
		}
	})
}

// TestForeignFramings: nothing of another framing passes as plain, nor beside
// an envelope.
func TestForeignFramings(t *testing.T) {
	eachFraming(t, func(t *testing.T, framing wire.Framing) {
		for _, other := range wire.Framings() {
			if other == framing {
				continue
			}
			var whole wire.Part
			require.NoError(t, other.Put(&whole, usable(other, "key-1")))
			for name, part := range marksAlone(other.Traits().Marks, whole) {
				for _, part := range []wire.Part{part, beside(t, framing, part)} {
					env, err := framing.Take(&part)
					require.ErrorIs(t, err, wire.ErrParts, name)
					require.Nil(t, env, name)
					require.NotContains(t, err.Error(), "key-1")
				}
			}
		}
	})
}

// marksAlone gives parts with the whole of another framing, and with each of
// its marks alone.
func marksAlone(marks wire.Marks, whole wire.Part) map[string]wire.Part {
	parts := map[string]wire.Part{"whole": whole}
	if marks.Prefix != "" {
		parts["attribute"] = wire.Part{Dict: wamp.Dict{marks.Prefix + "x": nil}}
	}
	if marks.Keyword != "" {
		parts["keyword"] = wire.Part{Kwargs: wamp.Dict{marks.Keyword: nil}}
		parts["keyword of two"] = wire.Part{Kwargs: wamp.Dict{marks.Keyword: 1, "k": 2}}
	}
	if marks.Raw {
		parts["raw"] = wire.Part{Raw: []byte{1}}
		parts["empty raw"] = wire.Part{Raw: []byte{}}
	}
	return parts
}

// beside gives a whole envelope with the details, keyword arguments and raw
// data of foreign added.
func beside(t *testing.T, framing wire.Framing, foreign wire.Part) wire.Part {
	t.Helper()
	var part wire.Part
	require.NoError(t, framing.Put(&part, usable(framing, "")))
	dict, kwargs := wamp.Dict{}, wamp.Dict{}
	maps.Copy(dict, part.Dict)
	maps.Copy(dict, foreign.Dict)
	maps.Copy(kwargs, part.Kwargs)
	maps.Copy(kwargs, foreign.Kwargs)
	part.Dict, part.Kwargs = dict, kwargs
	if foreign.Raw != nil {
		part.Raw = foreign.Raw
	}
	return part
}

// FuzzTake: whatever a router sends, Take doesn't panic, and what it accepts is
// put back as the same envelope.
func FuzzTake(f *testing.F) {
	seeds := 0
	for _, framing := range wire.Framings() {
		for _, s := range serializers {
			for _, keyID := range []string{"", "key-1"} {
				var part wire.Part
				require.NoError(f, framing.Put(&part, usable(framing, keyID)))
				message := map[string]any{"kwargs": part.Kwargs, "args": part.Args, "details": part.Dict}
				if part.Raw != nil {
					message["raw"] = serialize.BinaryData(part.Raw)
				}
				data, err := s.SerializeDataItem(message)
				require.NoError(f, err)
				require.NotZero(f, fuzzTake(f, data), "%s: a seed is an envelope", framing.Traits().Name)
				f.Add(data)
				seeds++
			}
		}
	}
	require.Equal(f, 18, seeds)
	f.Add([]byte(`{"kwargs":{"enc":{"algo":"cryptobox","serializer":"json","payload":[1,2,3]}},"args":[],"details":{"enc_algo":"x"}}`))
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
		for _, framing := range wire.Framings() {
			part := partFrom(message)
			before := printed(part)
			env, err := framing.Take(part)
			require.Equal(t, before, printed(part))
			if err != nil || env == nil {
				require.Nil(t, env)
				continue
			}
			found++
			require.NoError(t, env.Validate())
			var again wire.Part
			require.NoError(t, framing.Put(&again, env))
			same, err := framing.Take(&again)
			require.NoError(t, err)
			require.Equal(t, env, same)
		}
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
	if keyID, ok := message["first"].(string); ok {
		part.First = usable(wire.PPT{}, "")
		part.First.KeyID = keyID
	}
	return part
}

func printed(v any) string { return fmt.Sprintf("%#v", v) }
