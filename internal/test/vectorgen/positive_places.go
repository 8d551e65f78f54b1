package main

import (
	"maps"
	"math"
	"strings"
)

// bindings are right in less common ways.
func bindings(b *book) {
	set := func(name, kind, field string, value any) {
		c := b.usual("binding/"+name, kind)
		c.accepted(kind, c.record(kind).bound(field, value))
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

	c := b.usual("binding/own event that was asked for", "publish")
	c.accepted("publish", c.record("publish").bound("from", sender("own")).bound("self", true))

	c = b.usual("binding/an event as old as the age", "publish")
	c.Skew = 60 * minute
	c.accepted("publish", c.record("publish").bound("ts", now-5*minute))

	c = b.usual("binding/counters out of order, within the window", "publish")
	for _, n := range []int{10000, 10001, 1, 5000, 1810} {
		record := c.record("publish").bound("n", n)
		if n == 1 {
			c.refused("publish", record, "Replayed") // behind the window
			continue
		}
		c.accepted("publish", record)
	}

	c = b.usual("binding/two senders with one counter", "publish")
	for _, from := range []string{"peer", "another"} {
		c.accepted("publish", c.record("publish").bound("n", 1).bound("from", sender(from)))
	}

	c = b.usual("binding/answers use counters twice", "result")
	for i, kind := range []string{"progress", "progress", "result"} {
		c.accepted(kind, c.chunk(kind, i).bound("n", 1))
	}
}

// shapes in which routers pass binary data on.
func shapes(b *book) {
	for _, shape := range []string{"base64", "NUL and base64", "list of integers"} {
		for _, framing := range []string{"enc", "ppt", "native"} {
			if framing == "native" && shape != "NUL and base64" {
				continue
			}
			b.talk("shapes/"+framing+"/"+shape, framing, "cbor", "pair", "publish").
				withEnvelope("publish", expected{}, func(e *sealed) { e.payload = reshape(shape, e.payload.([]byte)) })
		}
	}
	for _, f := range framings {
		b.talk("shapes/"+f.name+"/no key id", f.name, "cbor", "pair", "publish").
			withEnvelope("publish", expected{}, func(e *sealed) { e.keyID = "" })
	}
	c := b.talk("shapes/both ends with one key pair", "native", "json", "both", "publish")
	c.accepted("publish", c.record("publish"))
}

// withEnvelope adds a right message of a kind whose envelope is changed. The zero
// expectation is that it opens.
func (c *conversation) withEnvelope(kind string, want expected, edit func(*sealed)) *message {
	record := c.record(kind)
	if want == (expected{}) {
		want.Record = openedOf(record)
	}
	return c.seal(kind, encode(c.serializer, record), want, edit)
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
func places(b *book) {
	for match, pattern := range map2("prefix", prefix+"x.", "wildcard", "com.myapp.encrypted..z") {
		c := b.usual("places/"+match+" subscription", "publish")
		c.Exchange.URI, c.Exchange.Match = pattern, match
		topic := map[string]string{"prefix": prefix + "x.z", "wildcard": prefix + "y.z"}[match]
		c.accepted("publish", c.record("publish").set("uri", topic)).Details["topic"] = topic
	}
	c := b.usual("places/prefix registration", "call")
	c.Exchange.URI, c.Exchange.Match = prefix+"x.", "prefix"
	c.accepted("call", c.record("call").set("uri", prefix+"x.z")).Details["procedure"] = prefix + "x.z"

	c = b.usual("places/exact subscription, whatever the details say", "publish")
	c.accepted("publish", c.record("publish")).Details["topic"] = prefix + "other"

	c = b.talk("places/later chunks without attributes", "ppt", "cbor", "secretbox", "call")
	c.whole("call_progress")
	for _, m := range c.Messages[1:] {
		maps.DeleteFunc(m.Details, func(name string, _ any) bool { return strings.HasPrefix(name, "ppt_") })
	}

	c = b.usual("places/progress, then an error", "error")
	c.accepted("progress", c.chunk("progress", 0))
	c.accepted("error", c.chunk("error", 1))

	c = b.usual("places/sealed error of a plain call", "error")
	c.Exchange.URI, c.Exchange.Re = "com.myapp.plain", nil
	c.accepted("error", c.record("error").set("uri", prefix+"failed").unbound("re")).Error = prefix + "failed"

	c = b.usual("places/plain error of the protocol loses its arguments", "error")
	m := c.plain("error", expected{Plain: true})
	m.Error, m.Args = "wamp.error.no_such_procedure", []any{"made up"}

	// Retained events may be old, and come once.
	c = b.usual("places/retained event", "publish")
	c.Exchange.GetRetained = true
	c.accepted("publish", c.record("publish").bound("ts", now-1000*minute).bound("keep", true)).Details["retained"] = true
	c.accepted("publish", c.record("publish"))
}

// map2 is a map of two entries that is walked in their order.
func map2(k1, v1, k2, v2 string) func(func(string, string) bool) {
	return func(yield func(string, string) bool) {
		_ = yield(k1, v1) && yield(k2, v2)
	}
}
