package cryptobox_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

const (
	cborArgs    = "a1 6461726773 "
	msgpackArgs = "81 a461726773 "
)

// hostile are plaintexts that a holder of the key may seal, by what they are.
type hostile map[string]string

// text of JSON; hex of the other two.
var hostileJSON = hostile{
	"nothing": "", "blank": " ", "null": "null", "list": "[]", "string": `"args"`, "number": "1",
	"trailing value": `{}{}`, "trailing text": `{}x`, "trailing NUL": "{}\x00", "byte order mark": "\ufeff{}",
	"args twice": `{"args":[],"args":[]}`, "unknown twice": `{"x":1,"x":1}`, "nested twice": `{"args":[{"a":1,"a":2}]}`,
	"twice by escape": `{"args":[{"a":1,"\u0061":2}]}`,
	"invalid UTF-8":   "{\"args\":[\"\xff\"]}", "invalid UTF-8 key": "{\"args\":[{\"\xff\":1}]}", "lone surrogate": `{"args":["\ud800"]}`,
	"NaN": `{"args":[NaN]}`, "infinity": `{"args":[Infinity]}`, "too big a float": `{"args":[1e400]}`,
	"too long an integer": `{"args":[1` + strings.Repeat("0", 400) + `]}`, "1025 bits": `{"args":[` + strings.Repeat("9", 309) + `]}`,
	"leading zero": `{"args":[01]}`, "plus sign": `{"args":[+1]}`, "bare point": `{"args":[1.]}`,
	"not base64": `{"args":["\u0000?"]}`, "base64 without padding": `{"args":["\u0000AA"]}`, "bytes as name": `{"args":[{"\u0000AAAA":1}]}`,
	"trailing comma": `{"args":[1,]}`, "single quotes": `{'args':[]}`, "comment": `{"args":[]/**/}`,
	"args a map": `{"args":{}}`, "args a string": `{"args":"a"}`, "args bytes": `{"args":"\u0000AAAA"}`, "kwargs a list": `{"kwargs":[]}`, "kwargs a bool": `{"kwargs":false}`,
	"uri a number": `{"uri":1}`, "uri bytes": `{"uri":"\u0000AAAA"}`, "uri empty": `{"uri":""}`,
	"bind null": `{"bind":null}`, "bind a list": `{"bind":[]}`, "bind empty": `{"bind":{}}`,
}

var hostileCBOR = hostile{
	"nothing": "", "null": "f6", "list": "80", "text": "6461726773", "tagged root": "d9d9f7 a0", "tag 64 root": "d840 a0",
	"trailing value": "a0 a0", "trailing byte": "a0 00", "root cut short": "a1 6461726773",
	"args twice": "a2 6461726773 80 6461726773 80", "unknown twice": "a2 6178 01 6178 01", "nested twice": cborArgs + "81 a2 6161 01 6161 02",
	"indefinite twice": cborArgs + "81 bf 6161 01 6161 02 ff", "twice by chunks": cborArgs + "81 a2 626161 01 7f 6161 6161 ff 02",
	"integer key": cborArgs + "81 a1 01 02", "bytes key": cborArgs + "81 a1 4161 01", "null key": cborArgs + "81 a1 f6 01", "root integer key": "a1 01 01", "tagged key": cborArgs + "81 a1 d840 4161 01",
	"invalid UTF-8": cborArgs + "81 61ff", "invalid UTF-8 key": cborArgs + "81 a1 61ff 01", "character across chunks": cborArgs + "81 7f 61c3 61a9 ff",
	"time text": cborArgs + "81 c0 74323031332d30332d32315432303a30343a30305a", "epoch time": cborArgs + "81 c1 00", "self-described bytes": cborArgs + "81 d9d9f7 4161",
	"self-described": cborArgs + "81 d9d9f7 00",
	"URI tag":        cborArgs + "81 d820 6161", "tag 64 on text": cborArgs + "81 d840 6161", "tag 64 on tag": cborArgs + "81 d840 d840 4161", "tag 64 on list": cborArgs + "81 d840 80",
	"bignum of an integer": cborArgs + "81 c2 00", "1025 bits": cborArgs + "81 c2 5881 01" + strings.Repeat("00", 128), "negative 1032 bits": cborArgs + "81 c3 5881" + strings.Repeat("ff", 129),
	"simple value": cborArgs + "81 e0", "long simple value": cborArgs + "81 f8ff", "false as long simple value": cborArgs + "81 f814",
	"reserved length": cborArgs + "81 1c", "reserved float": cborArgs + "81 fc", "lone break": cborArgs + "81 ff", "break in a definite list": cborArgs + "82 01 ff", "indefinite integer": cborArgs + "81 1f", "indefinite tag": cborArgs + "81 df 40",
	"odd indefinite map": cborArgs + "81 bf 6161 ff", "endless list": cborArgs + "9f 01", "endless bytes": cborArgs + "81 5f 4101", "chunk of another type": cborArgs + "81 5f 6161 ff", "chunk without length": cborArgs + "81 5f 5f ff ff",
	"list beyond data": cborArgs + "9a 00010000", "list of 2^63": cborArgs + "9b 8000000000000000", "list of 2^64-1": cborArgs + "9b ffffffffffffffff", "map of 2^63": cborArgs + "81 bb 8000000000000000", "map beyond data": cborArgs + "81 a2 6161",
	"bytes beyond data": cborArgs + "81 5a 00010000 00", "bytes of 2^63": cborArgs + "81 5b 8000000000000000", "text of 2^64-1": cborArgs + "81 7b ffffffffffffffff", "chunk of 2^63": cborArgs + "81 5f 5b 8000000000000000 ff",
	"args a map": cborArgs + "a0", "args text": cborArgs + "6161", "args bytes": cborArgs + "4161", "args tag 64": cborArgs + "d840 4161", "kwargs a list": "a1 666b7761726773 80",
	"uri a number": "a1 63757269 01", "uri bytes": "a1 63757269 4161", "uri empty": "a1 63757269 60",
	"bind null": "a1 6462696e64 f6", "bind undefined": "a1 6462696e64 f7", "bind a list": "a1 6462696e64 80", "bind empty": "a1 6462696e64 a0",
}

var hostileMessagePack = hostile{
	"nothing": "", "nil": "c0", "list": "90", "string": "a461726773", "never used": "c1",
	"trailing value": "80 80", "trailing byte": "80 00", "root cut short": "81 a461726773",
	"args twice": "82 a461726773 90 a461726773 90", "unknown twice": "82 a178 01 a178 01", "nested twice": msgpackArgs + "91 82 a161 01 a161 02", "twice by length": msgpackArgs + "91 82 a161 01 d90161 02",
	"integer key": msgpackArgs + "91 81 01 02", "bytes key": msgpackArgs + "91 81 c40161 01", "nil key": msgpackArgs + "91 81 c0 01", "root integer key": "81 01 01",
	"invalid UTF-8": msgpackArgs + "91 a1ff", "invalid UTF-8 key": msgpackArgs + "91 81 a1ff 01",
	"never used within": msgpackArgs + "91 c1", "timestamp": msgpackArgs + "91 d6ff 00000000", "fixext 1 type 1": msgpackArgs + "91 d4 01 00", "fixext 2 type 0": msgpackArgs + "91 d5 00 0000", "ext 8": msgpackArgs + "91 c7 01 00 00", "ext 32": msgpackArgs + "91 c9 ffffffff 00",
	"ext 16": msgpackArgs + "91 c8 0001 00 00", "fixext 1 cut short": msgpackArgs + "91 d4 00", "complex": msgpackArgs + "91 d7 03 0000000000000000", "long complex": msgpackArgs + "91 d8 04 00000000000000000000000000000000",
	"list beyond data": msgpackArgs + "dc 0100", "list of 2^32-1": msgpackArgs + "dd ffffffff", "map beyond data": msgpackArgs + "91 de 0002 a161", "map of 2^32-1": msgpackArgs + "91 df ffffffff",
	"bytes beyond data": msgpackArgs + "91 c5 0100 00", "bytes of 2^32-1": msgpackArgs + "91 c6 ffffffff", "string beyond data": msgpackArgs + "91 da 0100 61", "string of 2^31": msgpackArgs + "91 db 80000000", "string of 2^32-1": msgpackArgs + "91 db ffffffff",
	"integer cut short": msgpackArgs + "91 cf 00", "float cut short": msgpackArgs + "91 cb 00", "float32 cut short": msgpackArgs + "91 ca 00",
	"args a map": msgpackArgs + "80", "args a string": msgpackArgs + "a161", "args bytes": msgpackArgs + "c40161", "kwargs a list": "81 a66b7761726773 90",
	"uri a number": "81 a3757269 01", "uri bytes": "81 a3757269 c40161", "uri empty": "81 a3757269 a0",
	"bind nil": "81 a462696e64 c0", "bind undefined": "81 a462696e64 d40000", "bind a list": "81 a462696e64 90", "bind empty": "81 a462696e64 80",
}

// openPlaintext seals bytes as they are and opens them as a record.
func openPlaintext(t testing.TB, s cryptobox.Serializer, plaintext []byte) (*cryptobox.Record, cryptobox.Token, error) {
	t.Helper()
	ours, theirs := pair(t)
	payload, err := ours.Seal(plaintext)
	require.NoError(t, err)
	return cryptobox.Open(theirs, &cryptobox.Envelope{Algorithm: cryptobox.AlgorithmBox, Serializer: s, Payload: payload})
}

func requireRefused(t testing.TB, want error, s cryptobox.Serializer, plaintext []byte) {
	t.Helper()
	rec, token, err := openPlaintext(t, s, plaintext)
	require.ErrorIs(t, err, want)
	require.Nil(t, rec)
	require.True(t, token.IsZero())
}

func TestMalformedRecords(t *testing.T) {
	for name, text := range hostileJSON {
		t.Run("json "+name, func(t *testing.T) {
			requireRefused(t, cryptobox.ErrMalformed, cryptobox.JSON, []byte(text))
		})
	}
	for name, text := range hostileCBOR {
		t.Run("cbor "+name, func(t *testing.T) {
			requireRefused(t, cryptobox.ErrMalformed, cryptobox.CBOR, unhex(t, text))
		})
	}
	for name, text := range hostileMessagePack {
		t.Run("msgpack "+name, func(t *testing.T) {
			requireRefused(t, cryptobox.ErrMalformed, cryptobox.MessagePack, unhex(t, text))
		})
	}
}

// TestMapKeysAreNamed: other systems have keys that are not text, and the
// error says that this is it.
func TestMapKeysAreNamed(t *testing.T) {
	for s, text := range map[cryptobox.Serializer]string{
		cryptobox.CBOR: cborArgs + "81 a1 01 02", cryptobox.MessagePack: msgpackArgs + "91 81 01 02",
	} {
		_, err := s.Decode(unhex(t, text))
		require.ErrorContains(t, err, "map key is not")
	}
}

// TestLenientForms: what peers write and we don't.
func TestLenientForms(t *testing.T) {
	for text, want := range map[string]any{
		"9f 01 ff": []any{int64(1)}, "9f ff": []any{}, "f7": []any(nil),
		"81 f7": []any{nil}, "81 f93e00": []any{1.5}, "81 fa3fc00000": []any{1.5},
		"81 5f 4101 420203 ff": []any{[]byte{1, 2, 3}}, "81 7f 6161 6162 ff": []any{"ab"}, "81 d840 5f 4101 ff": []any{[]byte{1}},
		"81 c2 4101": []any{int64(1)}, "81 c2 48ffffffffffffffff": []any{^uint64(0)}, "81 c3 4100": []any{int64(-1)}, "81 c2 40": []any{int64(0)},
		"81 c2 49010000000000000000": []any{bigInt("18446744073709551616")}, "81 c2 5f 4101 480000000000000000 ff": []any{bigInt("18446744073709551616")},
		"81 3bffffffffffffffff": []any{bigInt("-18446744073709551616")}, "81 1b0000000000000001": []any{int64(1)}, "81 bf 6161 01 ff": []any{map[string]any{"a": int64(1)}},
	} {
		rec, _, err := openPlaintext(t, cryptobox.CBOR, unhex(t, cborArgs+text))
		require.NoError(t, err, text)
		requireSame(t, want, rec.Args())
	}
	for text, want := range map[string]any{
		"91 d40000": []any{nil}, "91 ca3fc00000": []any{1.5}, "dc 0001 01": []any{int64(1)}, "dd 00000001 01": []any{int64(1)},
		"91 cf0000000000000001": []any{int64(1)}, "91 cfffffffffffffffff": []any{^uint64(0)}, "91 d3ffffffffffffffff": []any{int64(-1)}, "91 d2 ffffffff": []any{int64(-1)},
		"91 d90161": []any{"a"}, "91 da000161": []any{"a"}, "91 db0000000161": []any{"a"}, "91 de0001a16101": []any{map[string]any{"a": int64(1)}},
	} {
		rec, _, err := openPlaintext(t, cryptobox.MessagePack, unhex(t, msgpackArgs+text))
		require.NoError(t, err, text)
		requireSame(t, want, rec.Args())
	}
	for text, want := range map[string]any{
		"[-0]": []any{int64(0)}, "[1E2]": []any{100.0}, `["\u0000"]`: []any{[]byte{}}, `[ "\u00e9\/" , 1 ]`: []any{"é/", int64(1)},
		"[18446744073709551615,-9223372036854775809]": []any{^uint64(0), bigInt("-9223372036854775809")},
	} {
		rec, _, err := openPlaintext(t, cryptobox.JSON, []byte(`{"args":`+text+`}`))
		require.NoError(t, err, text)
		requireSame(t, want, rec.Args())
	}
}

// TestSerializersAreNotMistaken: the serializer's name is not authenticated.
// What begins a map in one is a map in no other.
func TestSerializersAreNotMistaken(t *testing.T) {
	rec := cryptobox.NewRecord("com.x", []any{1}, map[string]any{"a": "b"}, nil)
	for _, sealed := range serializers {
		data, err := sealed.Encode(rec)
		require.NoError(t, err)
		for _, named := range serializers {
			if named != sealed {
				requireRefused(t, cryptobox.ErrMalformed, named, data)
			}
		}
	}
	isJSON := func(b byte) bool { return bytes.IndexByte([]byte("{ \t\r\n"), b) >= 0 }
	isCBOR := func(b byte) bool { return b>>5 == 5 }
	isMessagePack := func(b byte) bool { return b>>4 == 8 || b == 0xde || b == 0xdf }
	for i := range 256 {
		b := byte(i)
		n := 0
		for _, is := range []bool{isJSON(b), isCBOR(b), isMessagePack(b)} {
			if is {
				n++
			}
		}
		require.LessOrEqual(t, n, 1, "%#x", b)
		for s, is := range map[cryptobox.Serializer]bool{cryptobox.JSON: isJSON(b), cryptobox.CBOR: isCBOR(b), cryptobox.MessagePack: isMessagePack(b)} {
			if !is {
				for _, tail := range []string{"", "{}", "\x80", "\xa0", "\xff"} {
					_, err := s.Decode(append([]byte{b}, tail...))
					require.ErrorIs(t, err, cryptobox.ErrMalformed)
				}
			}
		}
	}
}

// TestTruncatedRecords: no record is the beginning of another.
func TestTruncatedRecords(t *testing.T) {
	bind := &cryptobox.Bind{Kind: cryptobox.KindCall, Realm: "realm1", From: cryptobox.NewSenderID(), N: 1 << 40, TS: 1}
	rec := cryptobox.NewRecord("com.x", []any{1, 2.5, "é", []byte{1}, []any{nil, true}}, map[string]any{"a": map[string]any{}}, bind)
	for _, s := range serializers {
		data, err := s.Encode(rec)
		require.NoError(t, err)
		for n := range data {
			got, err := s.Decode(data[:n])
			require.ErrorIs(t, err, cryptobox.ErrMalformed, "%s cut at %d", s, n)
			require.Nil(t, got)
		}
	}
}
