package main

import (
	"math"
	"slices"
)

// negative are conversations in which something is refused.
func negative() []vector {
	return slices.Concat(wrongBindings(), wrongFields(), wrongRecords(), wrongEnvelopes(), wrongFramings(), wrongPlaces())
}

// wrongBindings are well formed, and not those of their place.
func wrongBindings() (all []vector) {
	set := func(name, kind, field string, value any, reason string) {
		c := talk("binding/"+name, "enc", "cbor", "pair", verbs[kind])
		bind := c.bind(kind).set(field, value)
		if value == nil {
			bind = bind.without(field)
		}
		c.refused(kind, c.record(kind).set("bind", bind), reason)
		all = append(all, c.vector)
	}
	for _, kind := range kinds {
		set("realm of "+kind, kind, "realm", "realm2", "WrongRealm")
		for _, other := range kinds {
			if other != kind {
				c := talk("binding/"+other+" as "+kind, "enc", "cbor", "pair", verbs[kind])
				c.refused(kind, c.record(kind).set("bind", c.bind(other)), "WrongKind")
				all = append(all, c.vector)
			}
		}
		c := talk("binding/uri of "+kind, "enc", "cbor", "pair", verbs[kind])
		c.refused(kind, c.record(kind).set("uri", prefix+"other"), "WrongURI")
		all = append(all, c.vector)
		c = talk("binding/none on "+kind, "enc", "cbor", "pair", verbs[kind])
		c.refused(kind, c.record(kind).without("bind"), "Unbound")
		all = append(all, c.vector)
		set("too old a "+kind, kind, "ts", now-5*minute-1, "Stale")
		set("ahead of the clock, a "+kind, kind, "ts", now+30*second+1, "ClockSkew")
	}
	for _, kind := range []string{"result", "progress", "error"} {
		set("no re on "+kind, kind, "re", nil, "WrongRequest")
		set("another re on "+kind, kind, "re", nonceOf("another call"), "WrongRequest")
		set("short re on "+kind, kind, "re", nonceOf("x")[:12], "WrongRequest")
		set("gap before "+kind, kind, "seq", 1, "Gap")
	}
	set("re on a publication", "publish", "re", nonceOf("another call"), "WrongRequest")
	set("re of 64 bytes", "result", "re", make([]byte, 64), "WrongRequest")
	set("re on a call", "call", "re", nonceOf("another call"), "WrongRequest")
	set("call that had chunks before it", "call", "seq", 1, "Gap")
	set("own event unasked", "publish", "from", sender("own"), "Replayed")
	set("before it was asked for", "publish", "ts", now-30*second-1, "Stale")
	set("earliest ts", "publish", "ts", int64(math.MinInt64), "Stale")
	set("latest ts", "publish", "ts", int64(math.MaxInt64), "ClockSkew")
	return append(all, sequences()...)
}

// sequences are refused because of what came before.
func sequences() (all []vector) {
	add := func(c *conversation) { all = append(all, c.vector) }
	for _, kind := range []string{"publish", "call"} {
		c := talk("sequence/replayed "+kind, "enc", "cbor", "pair", verbs[kind])
		m := *c.accepted(kind, c.record(kind))
		m.Expect = refusal(kind, "Replayed")
		c.Messages = append(c.Messages, m)
		add(c)
		c = talk("sequence/counter used twice by "+kind, "enc", "cbor", "pair", verbs[kind])
		c.accepted(kind, c.record(kind))
		c.refused(kind, c.record(kind).set("bind", c.bind(kind).set("n", 1)), "Replayed")
		add(c)
		c = talk("sequence/replayed unbound "+kind, "enc", "cbor", "pair", verbs[kind])
		c.Unbound = true
		m = *c.accepted(kind, c.record(kind).without("bind"))
		m.Expect = refusal(kind, "Replayed")
		c.Messages = append(c.Messages, m)
		add(c)
	}
	for _, last := range []string{"progress", "result", "error"} {
		for name, seq := range map2("again", "0", "left out", "2") {
			c := talk("sequence/"+last+" behind progress, chunk "+name, "enc", "cbor", "pair", "call")
			c.accepted("progress", c.chunk("progress", 0))
			c.refused(last, c.chunk(last, int(seq[0]-'0')), "Gap")
			add(c)
		}
		c := talk("sequence/another session sends "+last, "enc", "cbor", "pair", "call")
		c.accepted("progress", c.chunk("progress", 0))
		record := c.chunk(last, 1)
		c.refused(last, record.set("bind", record[3].value.(pairs).set("from", sender("another"))), "WrongRequest")
		add(c)
		c = talk("sequence/unbound "+last+" behind bound progress", "enc", "cbor", "pair", "call")
		c.Unbound = true
		c.accepted("progress", c.chunk("progress", 0))
		m := c.refused(last, c.chunk(last, 1).without("bind").set("uri", map[bool]string{true: prefix + "failed", false: uri}[last == "error"]), "Unbound")
		if last == "error" {
			m.Error = prefix + "failed"
		}
		add(c)
	}
	return append(all, callChunks()...)
}

// callChunks are later chunks of a call.
func callChunks() (all []vector) {
	for _, v := range []struct {
		name, field string
		value       any
		reason      string
	}{
		{"chunk again", "seq", 0, "Gap"},
		{"chunk left out", "seq", 2, "Gap"},
		{"another session goes on", "from", sender("another"), "WrongRequest"},
		{"re of another call", "re", nonceOf("another call"), "WrongRequest"},
		{"no re", "re", nil, "WrongRequest"},
	} {
		for _, kind := range []string{"call_progress", "call"} {
			c := talk("sequence/"+kind+": "+v.name, "enc", "cbor", "pair", "register")
			c.accepted("call_progress", c.chunk("call_progress", 0))
			record := c.chunk(kind, 1)
			bind := record[3].value.(pairs).set(v.field, v.value)
			if v.value == nil {
				bind = bind.without(v.field)
			}
			c.refused(kind, record.set("bind", bind), v.reason)
			all = append(all, c.vector)
		}
	}
	c := talk("sequence/call: plain behind a sealed chunk", "enc", "cbor", "pair", "register")
	c.accepted("call_progress", c.chunk("call_progress", 0))
	c.plain("call", refusal("call", "Plaintext")).Args = []any{"plain"}
	return append(all, c.vector)
}

// wrongFields are missing, of another type, or none that there are.
func wrongFields() (all []vector) {
	set := func(name, kind, field string, value any) {
		c := talk("fields/"+field+" "+name+" on "+kind, "enc", "cbor", "pair", verbs[kind])
		c.refused(kind, c.record(kind).set("bind", c.bind(kind).set(field, value)), "Malformed")
		all = append(all, c.vector)
	}
	for _, field := range []string{"v", "kind", "realm", "from", "n", "ts", "seq"} {
		c := talk("fields/no "+field, "enc", "cbor", "pair", "register")
		c.refused("call", c.record("call").set("bind", c.bind("call").without(field)), "Malformed")
		all = append(all, c.vector)
	}
	for _, v := range []struct {
		field  string
		values []any
	}{
		{"v", []any{0, 2, "1", 1.0, nil, true}},
		{"kind", []any{"", "yield", 1, nil}},
		{"realm", []any{"", 1, nil, []byte(realm)}},
		{"from", []any{make([]byte, 16), sender("peer")[:15], append(sender("peer"), 0), "sixteen letters.", nil}},
		{"n", []any{0, -1, 1.0, "1", nil, power(64)}},
		{"ts", []any{float64(now), "2026-01-01T00:00:00Z", nil, uint64(1 << 63)}},
		{"seq", []any{-1, 0.0, "0", nil, power(64)}},
		{"re", []any{nil, []byte{}, make([]byte, 65), "text", 1}},
		{"self", []any{nil, 1, "true"}},
		{"keep", []any{nil, 0, "true"}},
	} {
		for _, value := range v.values {
			name := string(appendJSON(nil, value))
			set(name, "call", v.field, value)
		}
	}
	for _, value := range []any{nil, []any{}, "bind", 1, pairs{}} {
		c := talk("fields/bind "+string(appendJSON(nil, value)), "enc", "cbor", "pair", "subscribe")
		c.refused("publish", c.record("publish").set("bind", value), "Malformed")
		all = append(all, c.vector)
	}
	for _, v := range []pair{
		{"uri", 1}, {"uri", ""}, {"uri", []byte(uri)}, {"args", pairs{}}, {"args", "list"}, {"kwargs", []any{}}, {"kwargs", 0},
	} {
		c := talk("fields/"+v.key+" "+string(appendJSON(nil, v.value)), "enc", "cbor", "pair", "subscribe")
		c.refused("publish", c.record("publish").set(v.key, v.value), "Malformed")
		all = append(all, c.vector)
	}
	for name, c := range map[string]func(pairs) pairs{
		"null":    func(r pairs) pairs { return r.set("uri", nil) },
		"missing": func(r pairs) pairs { return r.without("uri") },
	} {
		v := talk("fields/uri "+name, "enc", "cbor", "pair", "subscribe")
		v.refused("publish", c(v.record("publish")), "WrongURI")
		all = append(all, v.vector)
	}
	sortByName(all)
	return all
}
