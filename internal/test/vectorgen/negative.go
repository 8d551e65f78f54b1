package main

import "math"

// negative are conversations in which something is refused.
func negative() book {
	return write(wrongBindings, sequences, callChunks, sorted(wrongFields),
		wrongRecords, wrongElements, sorted(wrongEnvelopes), wrongFramings, wrongPlaces, sorted(wrongRetained))
}

// wrongBindings are well formed, and not those of their place.
func wrongBindings(b *book) {
	set := func(name, kind, field string, value any, reason string) {
		c := b.usual("binding/"+name, kind)
		c.refused(kind, c.record(kind).bound(field, value), reason)
	}
	for _, kind := range kinds {
		set("realm of "+kind, kind, "realm", "realm2", "WrongRealm")
		for _, other := range kinds {
			if other != kind {
				c := b.usual("binding/"+other+" as "+kind, kind)
				c.refused(kind, c.record(kind).set("bind", c.bind(other)), "WrongKind")
			}
		}
		c := b.usual("binding/uri of "+kind, kind)
		c.refused(kind, c.record(kind).set("uri", prefix+"other"), "WrongURI")
		c = b.usual("binding/none on "+kind, kind)
		c.refused(kind, c.record(kind).without("bind"), "Unbound")
		set("too old a "+kind, kind, "ts", now-5*minute-1, "Stale")
		set("ahead of the clock, a "+kind, kind, "ts", now+30*second+1, "ClockSkew")
	}
	for _, kind := range []string{"result", "progress", "error"} {
		c := b.usual("binding/no re on "+kind, kind)
		c.refused(kind, c.record(kind).unbound("re"), "WrongRequest")
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
}

// sequences are refused because of what came before.
func sequences(b *book) {
	for _, kind := range []string{"publish", "call"} {
		c := b.usual("sequence/replayed "+kind, kind)
		c.add(*c.accepted(kind, c.record(kind)), refusal(kind, "Replayed"))
		c = b.usual("sequence/counter used twice by "+kind, kind)
		c.accepted(kind, c.record(kind))
		c.refused(kind, c.record(kind).bound("n", 1), "Replayed")
		c = b.usual("sequence/replayed unbound "+kind, kind)
		c.Unbound = true
		c.add(*c.accepted(kind, c.record(kind).without("bind")), refusal(kind, "Replayed"))
	}
	for _, last := range []string{"progress", "result", "error"} {
		for name, seq := range map2("again", "0", "left out", "2") {
			c := b.usual("sequence/"+last+" behind progress, chunk "+name, last)
			c.accepted("progress", c.chunk("progress", 0))
			c.refused(last, c.chunk(last, int(seq[0]-'0')), "Gap")
		}
		c := b.usual("sequence/another session sends "+last, last)
		c.accepted("progress", c.chunk("progress", 0))
		c.refused(last, c.chunk(last, 1).bound("from", sender("another")), "WrongRequest")
		c = b.usual("sequence/unbound "+last+" behind bound progress", last)
		c.Unbound = true
		c.accepted("progress", c.chunk("progress", 0))
		record := c.chunk(last, 1).without("bind")
		if last != "error" {
			c.refused(last, record, "Unbound")
			continue
		}
		c.refused(last, record.set("uri", prefix+"failed"), "Unbound").Error = prefix + "failed"
	}
}

// callChunks are later chunks of a call.
func callChunks(b *book) {
	for _, v := range []struct {
		name   string
		edit   func(record pairs) pairs
		reason string
	}{
		{"chunk again", func(r pairs) pairs { return r.bound("seq", 0) }, "Gap"},
		{"chunk left out", func(r pairs) pairs { return r.bound("seq", 2) }, "Gap"},
		{"another session goes on", func(r pairs) pairs { return r.bound("from", sender("another")) }, "WrongRequest"},
		{"re of another call", func(r pairs) pairs { return r.bound("re", nonceOf("another call")) }, "WrongRequest"},
		{"no re", func(r pairs) pairs { return r.unbound("re") }, "WrongRequest"},
	} {
		for _, kind := range []string{"call_progress", "call"} {
			c := b.usual("sequence/"+kind+": "+v.name, kind)
			c.accepted("call_progress", c.chunk("call_progress", 0))
			c.refused(kind, v.edit(c.chunk(kind, 1)), v.reason)
		}
	}
	c := b.usual("sequence/call: plain behind a sealed chunk", "call")
	c.accepted("call_progress", c.chunk("call_progress", 0))
	c.plain("call", refusal("call", "Plaintext")).Args = []any{"plain"}
}

// wrongFields are missing, of another type, or none that there are.
func wrongFields(b *book) {
	bad := func(name, kind, reason string, edit func(record pairs) pairs) {
		c := b.usual("fields/"+name, kind)
		c.refused(kind, edit(c.record(kind)), reason)
	}
	for _, field := range []string{"v", "kind", "realm", "from", "n", "ts", "seq"} {
		bad("no "+field, "call", "Malformed", func(r pairs) pairs { return r.unbound(field) })
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
			bad(v.field+" "+string(appendJSON(nil, value))+" on call", "call", "Malformed", func(r pairs) pairs { return r.bound(v.field, value) })
		}
	}
	for _, v := range []pair{
		{"bind", nil}, {"bind", []any{}}, {"bind", "bind"}, {"bind", 1}, {"bind", pairs{}},
		{"uri", 1}, {"uri", ""}, {"uri", []byte(uri)}, {"args", pairs{}}, {"args", "list"}, {"kwargs", []any{}}, {"kwargs", 0},
	} {
		bad(v.key+" "+string(appendJSON(nil, v.value)), "publish", "Malformed", func(r pairs) pairs { return r.set(v.key, v.value) })
	}
	bad("uri null", "publish", "WrongURI", func(r pairs) pairs { return r.set("uri", nil) })
	bad("uri missing", "publish", "WrongURI", func(r pairs) pairs { return r.without("uri") })
}
