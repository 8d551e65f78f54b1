package main

import "maps"

// wrongFramings hold parts of an envelope, one that is not alone, or one of another
// framing.
func wrongFramings() (all []vector) {
	bad := func(framing, name string, edit func(*message)) {
		c := talk("framings/"+framing+"/"+name, framing, "cbor", "pair", "subscribe")
		edit(c.withEnvelope("publish", expected{Reason: "Malformed"}, func(*sealed) {}))
		all = append(all, c.vector)
	}
	enc := func(m *message) map[string]any { return m.Kwargs.(map[string]any)["enc"].(map[string]any) }
	bad("enc", "an argument beside it", func(m *message) { m.Args = []any{1} })
	bad("enc", "a keyword argument beside it", func(m *message) { m.Kwargs.(map[string]any)["x"] = 1 })
	bad("enc", "no map", func(m *message) { m.Kwargs = map[string]any{"enc": "text"} })
	bad("enc", "null", func(m *message) { m.Kwargs = map[string]any{"enc": nil} })
	bad("enc", "an unknown field", func(m *message) { enc(m)["x"] = 1 })
	bad("enc", "no payload", func(m *message) { delete(enc(m), "payload") })
	bad("enc", "payload that is no base64", func(m *message) { enc(m)["payload"] = "\x00?" })
	bad("enc", "payload that is a number", func(m *message) { enc(m)["payload"] = 1 })
	bad("enc", "payload with numbers beyond a byte", func(m *message) { enc(m)["payload"] = []any{256} })
	bad("enc", "algorithm that is a number", func(m *message) { enc(m)["algo"] = 1 })
	bad("enc", "serializer that is null", func(m *message) { enc(m)["serializer"] = nil })
	bad("enc", "key id that is empty", func(m *message) { enc(m)["key"] = "" })
	bad("enc", "key id that is a number", func(m *message) { enc(m)["key"] = 1 })
	for _, name := range []string{"enc_algo", "enc_x", "ppt_scheme", "ppt_x"} {
		bad("enc", "detail "+name, func(m *message) { m.Details[name] = "wamp" })
	}
	for _, framing := range []string{"native", "ppt"} {
		bad(framing, "an enc argument", func(m *message) {
			m.Binary, m.Args, m.Kwargs = nil, []any{}, map[string]any{"enc": map[string]any{}}
		})
		bad(framing, "attributes without a payload", func(m *message) { m.Binary, m.Args = nil, []any{} })
		bad(framing, "attributes beside a plain payload", func(m *message) { m.Binary, m.Args = nil, []any{"text", 1} })
	}
	bad("native", "algorithm that is a number", func(m *message) { m.Details["enc_algo"] = 1 })
	bad("native", "key id that is null", func(m *message) { m.Details["enc_key"] = nil })
	bad("native", "key id that is empty", func(m *message) { m.Details["enc_key"] = "" })
	bad("native", "an unknown attribute", func(m *message) { m.Details["enc_x"] = "x" })
	bad("native", "attributes of ppt", func(m *message) { m.Details["ppt_scheme"] = "wamp" })
	bad("native", "keyword arguments behind the payload", func(m *message) { m.Kwargs = map[string]any{} })
	bad("native", "payload without attributes", func(m *message) { m.Details = map[string]any{} })
	bad("enc", "payload in place of the arguments", func(m *message) {
		m.Binary, m.Args, m.Kwargs = enc(m)["payload"], nil, nil
	})
	bad("ppt", "scheme of others", func(m *message) { m.Details["ppt_scheme"] = "mqtt" })
	bad("ppt", "no scheme", func(m *message) { delete(m.Details, "ppt_scheme") })
	bad("ppt", "cipher that is the name of an algorithm", func(m *message) { m.Details["ppt_cipher"] = "cryptobox" })
	bad("ppt", "serializer json", func(m *message) { m.Details["ppt_serializer"] = "json" })
	bad("ppt", "serializer native", func(m *message) { m.Details["ppt_serializer"] = "native" })
	bad("ppt", "key id that is null", func(m *message) { m.Details["ppt_keyid"] = nil })
	bad("ppt", "an unknown attribute", func(m *message) { m.Details["ppt_x"] = "x" })
	bad("ppt", "attributes of native", func(m *message) { m.Details["enc_algo"] = "cryptobox" })
	bad("ppt", "an argument beside it", func(m *message) { m.Args = append(m.Args.([]any), 1) })
	bad("ppt", "a keyword argument beside it", func(m *message) { m.Kwargs = map[string]any{"x": 1} })
	return all
}

// wrongPlaces are plain where they have to be sealed, without a key, or outside of
// what was asked for.
func wrongPlaces() (all []vector) {
	add := func(c *conversation) { all = append(all, c.vector) }
	for _, kind := range []string{"publish", "call", "result", "error"} {
		c := talk("places/plain "+kind, "enc", "cbor", "pair", verbs[kind])
		c.plain(kind, refusal(kind, "Plaintext")).Args = []any{"plain"}
		add(c)
	}
	for _, kind := range []string{"publish", "call"} {
		c := talk("places/no key for "+kind, "enc", "cbor", "pair", verbs[kind])
		c.Exchange.URI = "com.myapp.plain"
		m := c.refused(kind, c.record(kind), "NoKey")
		if kind == "call" {
			m.Expect.Answer = "wamp.error.no_payload_codec"
		}
		add(c)
	}
	for match, pattern := range map2("prefix", prefix+"x.", "wildcard", "com.myapp.encrypted..z") {
		c := talk("places/topic outside a "+match, "enc", "cbor", "pair", "subscribe")
		c.Exchange.URI, c.Exchange.Match = pattern, match
		c.refused("publish", c.record("publish").set("uri", prefix+"y"), "WrongURI").Details["topic"] = prefix + "y"
		c.refused("publish", c.record("publish").set("uri", prefix+"y"), "WrongURI")
		add(c)
		c = talk("places/sealed for another topic inside a "+match, "enc", "cbor", "pair", "subscribe")
		c.Exchange.URI, c.Exchange.Match = pattern, match
		c.refused("publish", c.record("publish").set("uri", prefix+"x.y"), "WrongURI").Details["topic"] = prefix + "x.z"
		add(c)
	}
	c := talk("places/event for the holder of the originator's half", "enc", "cbor", "pair", "subscribe")
	c.Role, c.Exchange.URI, c.Exchange.Match = "originator", prefix+"x.", "prefix"
	c.refused("publish", c.record("publish").set("uri", prefix+"x.y"), "WrongRole").Details["topic"] = prefix + "x.y"
	add(c)
	c = talk("places/sealed result of a plain call", "enc", "cbor", "pair", "call")
	c.Exchange.URI, c.Exchange.Re = "com.myapp.plain", nil
	c.refused("result", c.record("result").set("bind", c.bind("result").without("re")), "WrongRequest")
	add(c)
	c = talk("places/sealed error of a plain call, without a key", "enc", "cbor", "pair", "call")
	c.Exchange.URI, c.Exchange.Re = "com.myapp.plain", nil
	c.refused("error", c.record("error").set("bind", c.bind("error").without("re")), "NoKey")
	add(c)
	c = talk("places/error under another error URI", "enc", "cbor", "pair", "call")
	c.refused("error", c.record("error"), "WrongURI").Error = "com.myapp.error.other"
	add(c)
	c = talk("places/unbound record without a uri, not in ppt", "enc", "cbor", "pair", "subscribe")
	c.Unbound = true
	c.refused("publish", c.record("publish").without("bind").without("uri"), "WrongURI")
	add(c)
	c = talk("places/bound record without a uri in ppt", "ppt", "cbor", "pair", "subscribe")
	c.Unbound = true
	c.refused("publish", c.record("publish").without("uri"), "WrongURI")
	add(c)
	return append(all, wrongRetained()...)
}

// wrongRetained are old events of which something doesn't say that they may be.
func wrongRetained() (all []vector) {
	for name, v := range map[string]struct{ keep, said, asked bool }{
		"not sealed to be kept": {false, true, true},
		"not said to be kept":   {true, false, true},
		"not asked for":         {true, true, false},
		"twice":                 {true, true, true},
	} {
		c := talk("places/retained, "+name, "enc", "cbor", "pair", "subscribe")
		c.Exchange.GetRetained = v.asked
		bind := c.bind("publish").set("ts", now-1000*minute)
		if v.keep {
			bind = bind.set("keep", true)
		}
		record := c.record("publish").set("bind", bind)
		m := c.send("publish", record, expected{Record: openedOf(record)})
		if v.said {
			m.Details["retained"] = true
		}
		if name == "twice" {
			again := *m
			again.Details = maps.Clone(m.Details)
			c.Messages = append(c.Messages, again)
		}
		last := &c.Messages[len(c.Messages)-1]
		last.Expect = expected{Reason: map[bool]string{true: "Replayed", false: "Stale"}[name == "twice"]}
		all = append(all, c.vector)
	}
	sortByName(all)
	return all
}
