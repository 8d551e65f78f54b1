package main

import (
	"math"
	"math/big"
)

// positive are conversations in which everything opens.
func positive() book {
	return write(matrix, unboundPeers, values, foreignRecords, shapes, bindings, places)
}

// matrix is each kind in each framing, serializer and algorithm.
func matrix(b *book) {
	for _, f := range framings {
		for _, serializer := range f.serializers {
			for _, keys := range f.keys {
				for _, kind := range kinds {
					b.talk(f.name+"/"+serializer+"/"+keys+"/"+kind, f.name, serializer, keys, kind).whole(kind)
				}
			}
		}
	}
}

// whole adds the messages of an exchange that has a kind in it.
func (c *conversation) whole(kind string) {
	if kind != "progress" && kind != "call_progress" {
		c.accepted(kind, c.record(kind))
		return
	}
	last := map[string]string{"progress": "result", "call_progress": "call"}[kind]
	for i, kind := range []string{kind, kind, last} {
		c.accepted(kind, c.chunk(kind, i))
	}
}

// chunk is the record of chunk i of a call or its result, or of what ends them.
func (c *conversation) chunk(kind string, i int) pairs {
	record := c.record(kind).bound("seq", i)
	if verbs[kind] == "register" && i > 0 {
		record = record.bound("re", nonceFor(keySets[c.Keys].algorithm, c.Name+"0"))
	}
	return record
}

// unboundPeers write no binding, where the key allows that.
func unboundPeers(b *book) {
	unbound := func(name, framing, serializer, keys, kind string) *conversation {
		c := b.talk("unbound/"+name, framing, serializer, keys, kind)
		c.Unbound = true
		return c
	}
	for _, f := range framings {
		for _, kind := range kinds {
			c := unbound(f.name+"/"+kind, f.name, f.serializers[0], f.keys[0], kind)
			record := c.record(kind).without("bind")
			if kind != "error" {
				c.accepted(kind, record)
				continue
			}
			// Under the key of the error URI.
			c.accepted(kind, record.set("uri", prefix+"failed")).Error = prefix + "failed"
		}
	}
	for _, keys := range []string{"secretbox", "aesgcm"} {
		c := unbound("ppt/no uri/"+keys, "ppt", "cbor", keys, "publish")
		c.accepted("publish", c.record("publish").without("bind").without("uri"))
	}
	c := unbound("a bound record under such a key", "enc", "cbor", "pair", "publish")
	c.accepted("publish", c.record("publish"))
	c = unbound("plain error with arguments", "enc", "cbor", "pair", "error")
	c.plain("error", expected{Plain: true}).Args = []any{"why"}
}

func power(exponent uint) *big.Int { return new(big.Int).Lsh(big.NewInt(1), exponent) }

// values keep their types and sizes.
func values(b *book) {
	// event is a vector of one event, with args in its record.
	event := func(name, serializer string, args any) {
		c := b.talk("values/"+name+"/"+serializer, "enc", serializer, "pair", "publish")
		c.accepted("publish", c.record("publish").set("args", args).set("kwargs", nil))
	}
	for _, serializer := range serializers {
		event("integers", serializer, []any{
			int64(math.MinInt64), int64(math.MaxInt64), uint64(math.MaxUint64), int64(1<<53 + 1),
			int64(-1<<53 - 1), 0, 23, 24, 127, 128, -32, -33, 255, 256, 65536, int64(math.MaxUint32) + 1})
		event("floats", serializer, []any{
			3.0, -0.5, 0.1, 1e300, 5e-324, math.MaxFloat64, math.Copysign(0, -1), float64(1 << 53)})
		event("texts and bytes", serializer, []any{
			"", "é", "\U0001f512", "\u2028<>&\"\\/", []byte{}, []byte("\x00\xff"), "AAEC", make([]byte, 300)})
		event("lists and maps", serializer, []any{
			[]any{}, pairs{}, []any{nil, []any{pairs{{"", nil}, {"a", []any{1}}}}}, true, false})
		event("nested 128 deep", serializer, []any{nested(128)})
		event("empty list", serializer, []any{})
		event("no args", serializer, nil)
	}
	for _, serializer := range []string{"json", "cbor"} {
		event("integers beyond 64 bits", serializer, []any{
			power(64), new(big.Int).Neg(power(64)), new(big.Int).Sub(power(1024), big.NewInt(1)),
			new(big.Int).Sub(big.NewInt(math.MinInt64), big.NewInt(1))})
	}
	for _, serializer := range []string{"msgpack", "cbor"} {
		event("no numbers", serializer, []any{math.NaN(), math.Inf(1), math.Inf(-1)})
		event("text that begins with NUL", serializer, []any{"\x00AAEC"})
	}
}

// nested is a list of lists, so many in one another.
func nested(levels int) any {
	list := []any{}
	for range levels - 1 {
		list = []any{list}
	}
	return list
}

// foreignRecords are written in other ways than a Session does.
func foreignRecords(b *book) {
	for _, v := range []struct {
		name, serializer string
		wire             verbatim // an element of args
		value            any
	}{
		{"indefinite list", "cbor", "\x9f\x01\xff", []any{1}},
		{"indefinite map", "cbor", "\xbf\x61a\x01\xff", pairs{{"a", 1}}},
		{"text in pieces", "cbor", "\x7f\x61a\x61b\xff", "ab"},
		{"bytes in pieces", "cbor", "\x5f\x41\x01\x41\x02\xff", []byte{1, 2}},
		{"float of 16 bits", "cbor", "\xf9\x3e\x00", 1.5},
		{"float of 32 bits", "cbor", "\xfa\x3f\xc0\x00\x00", 1.5},
		{"undefined", "cbor", "\xf7", nil},
		{"tag 64", "cbor", "\xd8\x40\x42\x01\x02", []byte{1, 2}},
		{"integer longer than needed", "cbor", "\x1b\x00\x00\x00\x00\x00\x00\x00\x01", 1},
		{"small bignum", "cbor", "\xc2\x41\x07", 7},
		{"small negative bignum", "cbor", "\xc3\x41\x07", -8},
		{"float of 32 bits", "msgpack", "\xca\x3f\xc0\x00\x00", 1.5},
		{"undefined", "msgpack", "\xd4\x00\x00", nil},
		{"integer longer than needed", "msgpack", "\xcf\x00\x00\x00\x00\x00\x00\x00\x01", 1},
		{"white space", "json", " [ 1 ,\n\t2\r] ", []any{1, 2}},
		{"escapes", "json", `"\u00e9\ud83d\udd12\/"`, "é\U0001f512/"},
		{"exponent", "json", "1e2", 100.0},
		{"minus zero", "json", "-0", 0},
	} {
		c := b.talk("records/"+v.name+"/"+v.serializer, "enc", v.serializer, "pair", "publish")
		record := c.record("publish").set("kwargs", nil)
		c.send("publish", record.set("args", []any{v.wire}), expected{Record: openedOf(record.set("args", []any{v.value}))})
	}
	for _, serializer := range serializers {
		c := b.talk("records/padding/"+serializer, "enc", serializer, "pair", "publish")
		c.accepted("publish", c.record("publish").set("pad", make([]byte, 100)))
		c.accepted("publish", c.record("publish").set("pad", nil).set("future", []any{1}))
		c = b.talk("records/bind first, no kwargs/"+serializer, "enc", serializer, "pair", "publish")
		c.accepted("publish", pairs{{"bind", c.bind("publish")}, {"args", []any{1}}, {"uri", uri}})
	}
}
