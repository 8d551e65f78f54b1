package main

import (
	"math"
	"math/big"
	"slices"
)

// positive are conversations in which everything opens.
func positive() []vector {
	return slices.Concat(matrix(), unboundPeers(), values(), foreignRecords(), shapes(), bindings(), places())
}

// matrix is each kind in each framing, serializer and algorithm.
func matrix() (all []vector) {
	for _, f := range framings {
		for _, serializer := range f.serializers {
			for _, keys := range f.keys {
				for _, kind := range kinds {
					c := talk(f.name+"/"+serializer+"/"+keys+"/"+kind, f.name, serializer, keys, verbs[kind])
					c.whole(kind)
					all = append(all, c.vector)
				}
			}
		}
	}
	return all
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
	bind := c.bind(kind).set("seq", i)
	if verbs[kind] == "register" && i > 0 {
		bind = bind.set("re", nonceFor(keySets[c.Keys].algorithm, c.Name+"0"))
	}
	return c.record(kind).set("bind", bind)
}

// unboundPeers write no binding, where the key allows that.
func unboundPeers() (all []vector) {
	for _, f := range framings {
		for _, kind := range kinds {
			c := talk("unbound/"+f.name+"/"+kind, f.name, f.serializers[0], f.keys[0], verbs[kind])
			c.Unbound = true
			record := c.record(kind).without("bind")
			if kind == "error" {
				// Under the key of the error URI.
				record = record.set("uri", prefix+"failed")
			}
			m := c.accepted(kind, record)
			if kind == "error" {
				m.Error = prefix + "failed"
			}
			all = append(all, c.vector)
		}
	}
	for _, keys := range []string{"secretbox", "aesgcm"} {
		c := talk("unbound/ppt/no uri/"+keys, "ppt", "cbor", keys, "subscribe")
		c.Unbound = true
		c.accepted("publish", c.record("publish").without("bind").without("uri"))
		all = append(all, c.vector)
	}
	c := talk("unbound/a bound record under such a key", "enc", "cbor", "pair", "subscribe")
	c.Unbound = true
	c.accepted("publish", c.record("publish"))
	all = append(all, c.vector)
	c = talk("unbound/plain error with arguments", "enc", "cbor", "pair", "call")
	c.Unbound = true
	c.plain("error", expected{Plain: true}).Args = []any{"why"}
	return append(all, c.vector)
}

// plain adds a message of a kind without an envelope.
func (c *conversation) plain(kind string, want expected) *message {
	m := c.incoming(kind)
	m.Expect = want
	c.Messages = append(c.Messages, m)
	return &c.Messages[len(c.Messages)-1]
}

// event adds a vector of one event to all, with args in its record.
func event(all []vector, name, serializer string, args any) []vector {
	c := talk(name+"/"+serializer, "enc", serializer, "pair", "subscribe")
	c.accepted("publish", c.record("publish").set("args", args).set("kwargs", nil))
	return append(all, c.vector)
}

func power(exponent uint) *big.Int { return new(big.Int).Lsh(big.NewInt(1), exponent) }

// values keep their types and sizes.
func values() (all []vector) {
	for _, serializer := range []string{"json", "cbor", "msgpack"} {
		all = event(all, "values/integers", serializer, []any{
			int64(math.MinInt64), int64(math.MaxInt64), uint64(math.MaxUint64), int64(1<<53 + 1),
			int64(-1<<53 - 1), 0, 23, 24, 127, 128, -32, -33, 255, 256, 65536, int64(math.MaxUint32) + 1})
		all = event(all, "values/floats", serializer, []any{
			3.0, -0.5, 0.1, 1e300, 5e-324, math.MaxFloat64, math.Copysign(0, -1), float64(1 << 53)})
		all = event(all, "values/texts and bytes", serializer, []any{
			"", "é", "\U0001f512", "\u2028<>&\"\\/", []byte{}, []byte("\x00\xff"), "AAEC", make([]byte, 300)})
		all = event(all, "values/lists and maps", serializer, []any{
			[]any{}, pairs{}, []any{nil, []any{pairs{{"", nil}, {"a", []any{1}}}}}, true, false})
		all = event(all, "values/nested 128 deep", serializer, []any{nested(128)})
		all = event(all, "values/empty list", serializer, []any{})
		all = event(all, "values/no args", serializer, nil)
	}
	for _, serializer := range []string{"json", "cbor"} {
		all = event(all, "values/integers beyond 64 bits", serializer, []any{
			power(64), new(big.Int).Neg(power(64)), new(big.Int).Sub(power(1024), big.NewInt(1)),
			new(big.Int).Sub(big.NewInt(math.MinInt64), big.NewInt(1))})
	}
	for _, serializer := range []string{"msgpack", "cbor"} {
		all = event(all, "values/no numbers", serializer, []any{math.NaN(), math.Inf(1), math.Inf(-1)})
		all = event(all, "values/text that begins with NUL", serializer, []any{"\x00AAEC"})
	}
	return all
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
func foreignRecords() (all []vector) {
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
		c := talk("records/"+v.name+"/"+v.serializer, "enc", v.serializer, "pair", "subscribe")
		record := c.record("publish").set("kwargs", nil)
		c.send("publish", record.set("args", []any{v.wire}), expected{Record: openedOf(record.set("args", []any{v.value}))})
		all = append(all, c.vector)
	}
	for _, serializer := range []string{"json", "cbor", "msgpack"} {
		c := talk("records/padding/"+serializer, "enc", serializer, "pair", "subscribe")
		c.accepted("publish", c.record("publish").set("pad", make([]byte, 100)))
		c.accepted("publish", c.record("publish").set("pad", nil).set("future", []any{1}))
		all = append(all, c.vector)
		c = talk("records/bind first, no kwargs/"+serializer, "enc", serializer, "pair", "subscribe")
		c.accepted("publish", pairs{{"bind", c.bind("publish")}, {"args", []any{1}}, {"uri", uri}})
		all = append(all, c.vector)
	}
	return all
}
