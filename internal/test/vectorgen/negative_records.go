package main

import "bytes"

// wrongRecords open, and are no records.
func wrongRecords(b *book) {
	for _, serializer := range serializers {
		bad := func(name, reason string, edit func(right []byte) []byte) {
			c := b.talk("records/"+name+"/"+serializer, "enc", serializer, "pair", "publish")
			c.seal("publish", edit(encode(serializer, c.record("publish"))), expected{Reason: reason}, func(*sealed) {})
		}
		bad("nothing", "Malformed", func([]byte) []byte { return []byte{} })
		bad("a byte behind", "Malformed", func(right []byte) []byte { return append(right, '0') })
		bad("twice", "Malformed", func(right []byte) []byte { return append(right, right...) })
		bad("cut short", "Malformed", func(right []byte) []byte { return right[:len(right)-1] })

		other := func(name, reason string, edit func(right pairs) any) {
			c := b.talk("records/"+name+"/"+serializer, "enc", serializer, "pair", "publish")
			c.refused("publish", edit(c.record("publish")), reason)
		}
		other("a list", "Malformed", func(r pairs) any { return []any{r} })
		other("null", "Malformed", func(pairs) any { return nil })
		other("uri twice", "Malformed", func(r pairs) any { return r.also("uri", uri) })
		other("bind twice", "Malformed", func(r pairs) any { return r.also("bind", r.get("bind")) })
		other("n twice", "Malformed", func(r pairs) any { return r.set("bind", r.get("bind").(pairs).also("n", 2)) })
		other("kwargs with a key twice", "Malformed", func(r pairs) any { return r.set("kwargs", pairs{{"a", 1}, {"a", 1}}) })
		other("an unknown key twice", "Malformed", func(r pairs) any { return r.also("x", 1).also("x", 1) })
		other("nested 129 deep", "TooLarge", func(r pairs) any { return r.set("args", []any{nested(129)}) })
		for _, foreign := range serializers {
			if foreign != serializer {
				other("in "+foreign, "Malformed", func(r pairs) any { return verbatim(encode(foreign, r)) })
			}
		}
	}
}

// elements that are wrong anywhere in a record.
var elements = []struct {
	name, serializer string
	wire             verbatim
}{
	{"map key that is no text", "cbor", "\xa1\x01\x01"},
	{"map key of bytes", "cbor", "\xa1\x41a\x01"},
	{"invalid UTF-8", "cbor", "\x62\xff\xfe"},
	{"time as text", "cbor", "\xc0\x74" + "2026-01-01T00:00:00Z"},
	{"time as a number", "cbor", "\xc1\x01"},
	{"tag of CBOR itself", "cbor", "\xd9\xd9\xf7\x01"},
	{"tag 64 on text", "cbor", "\xd8\x40\x61a"},
	{"bignum beyond 1024 bits", "cbor", "\xc2\x58\x81\x01" + verbatim(make([]byte, 128))},
	{"simple value", "cbor", "\xf0"},
	{"simple value of 8 bits", "cbor", "\xf8\xff"},
	{"length beyond the data", "cbor", "\x9b\x7f\xff\xff\xff\xff\xff\xff\xff"},
	{"reserved information", "cbor", "\x1c"},
	{"break alone", "cbor", "\xff"},
	{"pieces of another type", "cbor", "\x7f\x41a\xff"},
	{"map key that is no text", "msgpack", "\x81\x01\x01"},
	{"map key of bytes", "msgpack", "\x81\xc4\x01a\x01"},
	{"invalid UTF-8", "msgpack", "\xa2\xff\xfe"},
	{"timestamp", "msgpack", "\xd6\xff\x00\x00\x00\x00"},
	{"extension", "msgpack", "\xd4\x05\x00"},
	{"code that is never used", "msgpack", "\xc1"},
	{"length beyond the data", "msgpack", "\xdd\x7f\xff\xff\xff"},
	{"invalid UTF-8", "json", "\"\xff\xfe\""},
	{"half of a surrogate pair", "json", `"\ud83d"`},
	{"bytes that are no base64", "json", `"\u0000A?=="`},
	{"bytes as a name", "json", `{"\u0000AAEC":1}`},
	{"number beyond float64", "json", "1e400"},
	{"integer beyond 1024 bits", "json", verbatim("1" + string(bytes.Repeat([]byte("0"), 309)))},
	{"NaN", "json", "NaN"},
	{"comma behind the last", "json", "1,"},
	{"zero in front", "json", "01"},
	{"comment", "json", "/**/1"},
}

// wrongElements stand in args.
func wrongElements(b *book) {
	for _, v := range elements {
		c := b.talk("records/"+v.name+"/"+v.serializer, "enc", v.serializer, "pair", "publish")
		c.refused("publish", c.record("publish").set("args", []any{v.wire}), "Malformed")
	}
	for name, head := range map2("tag 55799", "\xd9\xd9\xf7", "tag 24", "\xd8\x18") {
		c := b.usual("records/root with "+name, "publish")
		c.refused("publish", verbatim(head+string(encode("cbor", c.record("publish")))), "Malformed")
	}
}

// algorithms that the key doesn't have, or the framing doesn't know.
var algorithms = []struct{ framing, keys, algorithm, reason string }{
	{"enc", "pair", "unknown", "NotOpened"},
	{"enc", "pair", "xsalsa20poly1305", "NotOpened"},
	{"enc", "pair", "aes256gcm", "NotOpened"},
	{"enc", "secretbox", "cryptobox", "NotOpened"},
	{"enc", "aesgcm", "xsalsa20poly1305", "NotOpened"},
	{"enc", "pair", string(bytes.Repeat([]byte("a"), 64)), "NotOpened"},
	{"enc", "pair", string(bytes.Repeat([]byte("a"), 65)), "Malformed"},
	{"native", "pair", "mqtt", "NotOpened"},
	{"native", "pair", "x_other", "NotOpened"},
	{"native", "pair", "xsalsa20poly1305", "Malformed"},
	{"native", "pair", "unknown", "Malformed"},
	{"ppt", "pair", "aes256gcm", "NotOpened"},
	{"ppt", "aesgcm", "xsalsa20poly1305", "NotOpened"},
	{"ppt", "pair", "unknown", "Malformed"},
}

// wrongEnvelopes name other keys or algorithms, or were changed on the way.
func wrongEnvelopes(b *book) {
	bad := func(name, framing, keys, reason string, edit func(*sealed)) {
		b.talk("envelopes/"+framing+"/"+keys+"/"+name, framing, "cbor", keys, "call").
			withEnvelope("call", refusal("call", reason), edit)
	}
	for _, f := range framings {
		for _, keys := range f.keys {
			for name, at := range map[string]func(int) int{
				"nonce":     func(int) int { return 0 },
				"box":       func(n int) int { return n / 2 },
				"last byte": func(n int) int { return n - 1 },
			} {
				bad("bit changed in "+name, f.name, keys, "NotOpened", func(e *sealed) {
					b := bytes.Clone(e.payload.([]byte))
					b[at(len(b))] ^= 1
					e.payload = b
				})
			}
			for name, n := range map[string]int{"to its nonce": 12, "to one byte": 1, "by a tag": -16, "by a byte": -1} {
				bad("cut "+name, f.name, keys, "NotOpened", func(e *sealed) {
					b := e.payload.([]byte)
					e.payload = b[:(n+len(b))%len(b)]
				})
			}
			bad("a byte behind", f.name, keys, "NotOpened", func(e *sealed) {
				e.payload = append(bytes.Clone(e.payload.([]byte)), 0)
			})
			bad("unknown key id", f.name, keys, "NotOpened", func(e *sealed) { e.keyID = "another" })
			bad("key id with a control character", f.name, keys, "Malformed", func(e *sealed) { e.keyID += "\n" })
			bad("another key id of 256 bytes", f.name, keys, "NotOpened", func(e *sealed) {
				e.keyID = string(bytes.Repeat([]byte("k"), 256))
			})
			bad("key id of 257 bytes", f.name, keys, "Malformed", func(e *sealed) {
				e.keyID = string(bytes.Repeat([]byte("k"), 257))
			})
			bad("unknown serializer", f.name, keys, "Malformed", func(e *sealed) { e.serializer = "ubjson" })
			bad("no serializer", f.name, keys, "Malformed", func(e *sealed) { e.serializer = "" })
			bad("no algorithm", f.name, keys, "Malformed", func(e *sealed) { e.algorithm = "" })
			bad("empty payload", f.name, keys, "Malformed", func(e *sealed) { e.payload = []byte{} })
		}
	}
	for _, v := range algorithms {
		bad("algorithm "+v.algorithm, v.framing, v.keys, v.reason, func(e *sealed) { e.algorithm = v.algorithm })
	}
	c := b.usual("envelopes/by the holder of another key", "call")
	plaintext := encode("cbor", c.record("call"))
	c.withEnvelope("call", refusal("call", "NotOpened"), func(e *sealed) {
		e.payload = keySets["stranger"].seal(nonceOf("stranger"), plaintext)
	})
}
