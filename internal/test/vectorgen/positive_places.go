package main

import "math"

// bindings are right in less common ways.
func bindings() (all []vector) {
	bound := func(name, kind string, edit func(*conversation, pairs) pairs) *conversation {
		c := talk("binding/"+name, "enc", "cbor", "pair", verbs[kind])
		c.accepted(kind, c.record(kind).set("bind", edit(c, c.bind(kind))))
		return c
	}
	set := func(name, kind, field string, value any) {
		c := bound(name, kind, func(_ *conversation, b pairs) pairs { return b.set(field, value) })
		all = append(all, c.vector)
	}
	set("unknown field", "publish", "later", pairs{{"x", 1}})
	set("seq on publish is not looked at", "publish", "seq", "any")
	set("self false", "publish", "self", false)
	set("keep false", "call", "keep", false)
	set("self of another session", "publish", "self", true)
	set("keep without retention", "publish", "keep", true)
	set("greatest n", "publish", "n", uint64(math.MaxUint64))
	set("ahead by the skew", "publish", "ts", now+30*second)
	set("behind by the skew", "publish", "ts", now-30*second)
	set("a result as old as the age", "result", "ts", now-5*minute)
	set("an error ahead by the skew", "error", "ts", now+30*second)

	c := bound("own event that was asked for", "publish", func(_ *conversation, b pairs) pairs {
		return b.set("from", sender("own")).set("self", true)
	})
	all = append(all, c.vector)

	c = talk("binding/an event as old as the age", "enc", "cbor", "pair", "subscribe")
	c.Skew = 60 * minute
	c.accepted("publish", c.record("publish").set("bind", c.bind("publish").set("ts", now-5*minute)))
	all = append(all, c.vector)

	c = talk("binding/counters out of order, within the window", "enc", "cbor", "pair", "subscribe")
	for _, n := range []int{10000, 10001, 1, 5000, 1810} {
		record := c.record("publish").set("bind", c.bind("publish").set("n", n))
		if n == 1 {
			c.refused("publish", record, "Replayed") // behind the window
			continue
		}
		c.accepted("publish", record)
	}
	all = append(all, c.vector)

	c = talk("binding/two senders with one counter", "enc", "cbor", "pair", "subscribe")
	for _, from := range []string{"peer", "another"} {
		c.accepted("publish", c.record("publish").set("bind", c.bind("publish").set("n", 1).set("from", sender(from))))
	}
	all = append(all, c.vector)

	c = talk("binding/answers use counters twice", "enc", "cbor", "pair", "call")
	for i, kind := range []string{"progress", "progress", "result"} {
		record := c.chunk(kind, i)
		c.accepted(kind, record.set("bind", record[3].value.(pairs).set("n", 1)))
	}
	return append(all, c.vector)
}

// shapes in which routers pass binary data on.
func shapes() (all []vector) {
	for _, shape := range []string{"base64", "NUL and base64", "list of integers"} {
		for _, framing := range []string{"enc", "ppt", "native"} {
			if framing == "native" && shape != "NUL and base64" {
				continue
			}
			c := talk("shapes/"+framing+"/"+shape, framing, "cbor", "pair", "subscribe")
			m := c.incoming("publish")
			record := c.record("publish")
			env := c.envelope(&m, encode("cbor", record))
			env.payload = reshape(shape, env.payload.([]byte))
			env.put(framing, &m)
			m.Expect = expected{Record: openedOf(record)}
			c.Messages = append(c.Messages, m)
			all = append(all, c.vector)
		}
	}
	for _, f := range framings {
		c := talk("shapes/"+f.name+"/no key id", f.name, "cbor", "pair", "subscribe")
		c.withEnvelope("publish", expected{}, func(e *sealed) { e.keyID = "" })
		all = append(all, c.vector)
	}
	c := talk("shapes/both ends with one key pair", "native", "json", "both", "subscribe")
	c.accepted("publish", c.record("publish"))
	return append(all, c.vector)
}

// withEnvelope adds a right message of a kind whose envelope is changed. The zero
// expectation is that it opens.
func (c *conversation) withEnvelope(kind string, want expected, edit func(*sealed)) *message {
	m := c.incoming(kind)
	record := c.record(kind)
	env := c.envelope(&m, encode(c.serializer, record))
	edit(&env)
	env.put(c.Framing, &m)
	if m.Expect = want; want == (expected{}) {
		m.Expect = expected{Record: openedOf(record)}
	}
	c.Messages = append(c.Messages, m)
	return &c.Messages[len(c.Messages)-1]
}

func reshape(shape string, b []byte) any {
	text := stated(b).(map[string]any)["$bytes"].(string)
	switch shape {
	case "base64":
		return text
	case "NUL and base64":
		return "\x00" + text
	}
	list := make([]any, len(b))
	for i := range b {
		list[i] = int(b[i])
	}
	return list
}

// places are URIs, patterns and exchanges.
func places() (all []vector) {
	for match, pattern := range map2("prefix", prefix+"x.", "wildcard", "com.myapp.encrypted..z") {
		c := talk("places/"+match+" subscription", "enc", "cbor", "pair", "subscribe")
		c.Exchange.URI, c.Exchange.Match = pattern, match
		topic := prefix + "x.z"
		if match == "wildcard" {
			topic = prefix + "y.z"
		}
		c.accepted("publish", c.record("publish").set("uri", topic)).Details["topic"] = topic
		all = append(all, c.vector)
	}
	c := talk("places/prefix registration", "enc", "cbor", "pair", "register")
	c.Exchange.URI, c.Exchange.Match = prefix+"x.", "prefix"
	c.accepted("call", c.record("call").set("uri", prefix+"x.z")).Details["procedure"] = prefix + "x.z"
	all = append(all, c.vector)

	c = talk("places/exact subscription, whatever the details say", "enc", "cbor", "pair", "subscribe")
	c.accepted("publish", c.record("publish")).Details["topic"] = prefix + "other"
	all = append(all, c.vector)

	c = talk("places/later chunks without attributes", "ppt", "cbor", "secretbox", "register")
	c.whole("call_progress")
	for i := range c.Messages[1:] {
		m := &c.Messages[i+1]
		for _, name := range []string{"ppt_scheme", "ppt_serializer", "ppt_cipher", "ppt_keyid"} {
			delete(m.Details, name)
		}
	}
	all = append(all, c.vector)

	c = talk("places/progress, then an error", "enc", "cbor", "pair", "call")
	c.accepted("progress", c.chunk("progress", 0))
	c.accepted("error", c.chunk("error", 1))
	all = append(all, c.vector)

	c = talk("places/sealed error of a plain call", "enc", "cbor", "pair", "call")
	c.Exchange.URI, c.Exchange.Re = "com.myapp.plain", nil
	record := c.record("error").set("uri", prefix+"failed")
	c.accepted("error", record.set("bind", c.bind("error").without("re"))).Error = prefix + "failed"
	all = append(all, c.vector)

	c = talk("places/plain error of the protocol loses its arguments", "enc", "cbor", "pair", "call")
	m := c.plain("error", expected{Plain: true})
	m.Error, m.Args = "wamp.error.no_such_procedure", []any{"made up"}
	all = append(all, c.vector)
	return append(all, retained()...)
}

// retained events may be old, and come once.
func retained() (all []vector) {
	old := func(c *conversation) pairs {
		return c.record("publish").set("bind", c.bind("publish").set("ts", now-1000*minute).set("keep", true))
	}
	c := talk("places/retained event", "enc", "cbor", "pair", "subscribe")
	c.Exchange.GetRetained = true
	c.accepted("publish", old(c)).Details["retained"] = true
	c.accepted("publish", c.record("publish"))
	return append(all, c.vector)
}

// map2 is a map of two entries that is walked in their order.
func map2(k1, v1, k2, v2 string) func(func(string, string) bool) {
	return func(yield func(string, string) bool) {
		_ = yield(k1, v1) && yield(k2, v2)
	}
}
