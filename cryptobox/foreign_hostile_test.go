package cryptobox_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/cryptobox"
)

const (
	cborArgs = "a1 6461726773 "
)

// hostile are plaintexts that a holder of the key may seal, by what they are.
type hostile map[string]string

// text of JSON; hex of CBOR.
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
}

func TestMalformedForeignRecords(t *testing.T) {
	for name, text := range hostileJSON {
		t.Run("json "+name, func(t *testing.T) {
			requireRefused(t, cryptobox.ErrMalformed, cryptobox.Autobahn, []byte(text))
		})
	}
	for name, text := range hostileCBOR {
		t.Run("cbor "+name, func(t *testing.T) {
			requireRefused(t, cryptobox.ErrMalformed, cryptobox.Passthru, unhex(t, text))
		})
	}
}

// TestMapKeysAreNamed: other systems have keys that are not text, and the
// error says that this is it.
func TestMapKeysAreNamed(t *testing.T) {
	_, err := decode(t, cryptobox.Passthru, unhex(t, cborArgs+"81 a1 01 02"))
	require.ErrorContains(t, err, "map key is not")
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
		rec, err := decode(t, cryptobox.Passthru, unhex(t, cborArgs+text))
		require.NoError(t, err, text)
		requireSame(t, want, rec.Args())
	}
	for text, want := range map[string]any{
		"[-0]": []any{int64(0)}, "[1E2]": []any{100.0}, `["\u0000"]`: []any{[]byte{}}, `[ "\u00e9\/" , 1 ]`: []any{"é/", int64(1)},
		"[18446744073709551615,-9223372036854775809]": []any{^uint64(0), bigInt("-9223372036854775809")},
	} {
		rec, err := decode(t, cryptobox.Autobahn, []byte(`{"args":`+text+`}`))
		require.NoError(t, err, text)
		requireSame(t, want, rec.Args())
	}
}

// TestDialectsAreNotMistaken: nothing that is sealed says of which dialect it is, and one
// key may be used in several. What begins a record in one begins none in another.
func TestDialectsAreNotMistaken(t *testing.T) {
	box := known(t, 1)
	public := cryptobox.GenerateKey().Public()
	key, err := cryptobox.NewPairKey(cryptobox.SuiteBox, box, public, public)
	require.NoError(t, err)
	enc, _, err := key.Seal(nil, event([]any{1}, map[string]any{"a": "b"}))
	require.NoError(t, err)
	for _, d := range foreign {
		requireNoRecord(t, cryptobox.ErrMalformed, box, d, enc[17:])
		payload, _, err := cryptobox.SealForeign(box, d, cryptobox.NewForeignRecord("com.x", []any{1}, nil))
		require.NoError(t, err)
		_, err = open(t, key, append(bytes.Clone(enc[:17]), payload...), cryptobox.Message)
		require.ErrorIs(t, err, cryptobox.ErrMalformed)
		for _, other := range foreign {
			if other != d {
				requireNoRecord(t, cryptobox.ErrMalformed, box, other, payload)
			}
		}
	}
	begins := map[cryptobox.Dialect]func(b byte) bool{
		cryptobox.Autobahn: func(b byte) bool { return bytes.IndexByte([]byte("{ \t\r\n"), b) >= 0 },
		cryptobox.Passthru: func(b byte) bool { return b>>5 == 5 },
		cryptobox.Wampbox:  func(b byte) bool { return b == 0x8b || b == 0x8c },
	}
	for i := range 256 {
		b, n := byte(i), 0
		for d, begins := range begins {
			if begins(b) {
				n++
				continue
			}
			for _, tail := range []string{"", "{}", "\x80", "\xa0", "\xff"} {
				record := append([]byte{b}, tail...)
				if d == cryptobox.Wampbox {
					_, err := openRecord(t, record, cryptobox.Message)
					require.ErrorIs(t, err, cryptobox.ErrMalformed)
					continue
				}
				requireRefused(t, cryptobox.ErrMalformed, d, record)
			}
		}
		require.LessOrEqual(t, n, 1, "%#x", b)
	}
}

// TestTruncatedForeignRecords: no record is the beginning of another.
func TestTruncatedForeignRecords(t *testing.T) {
	rec := cryptobox.NewForeignRecord("com.x", []any{1, 2.5, "é", []byte{1}, []any{nil, true}}, map[string]any{"a": map[string]any{}})
	for _, d := range foreign {
		data, err := encode(t, d, rec)
		require.NoError(t, err)
		for n := range data {
			got, err := decode(t, d, data[:n])
			require.ErrorIs(t, err, cryptobox.ErrMalformed, "%v cut at %d", d, n)
			require.Nil(t, got)
		}
	}
}
