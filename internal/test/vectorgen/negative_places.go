package main

// wrongFramings hold parts of an envelope, one that is not alone, or one of another
// framing.
func wrongFramings(b *book) {
	bad := func(framing, name string, edit func(*message)) {
		c := b.talk("framings/"+framing+"/"+name, framing, "cbor", "pair", "publish")
		edit(c.refused("publish", c.record("publish"), "Malformed"))
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
}

// wrongPlaces are plain where they have to be sealed, without a key, or outside of
// what was asked for.
func wrongPlaces(b *book) {
	for _, kind := range []string{"publish", "call", "result", "error"} {
		c := b.usual("places/plain "+kind, kind)
		c.plain(kind, refusal(kind, "Plaintext")).Args = []any{"plain"}
	}
	for _, kind := range []string{"publish", "call"} {
		c := b.usual("places/no key for "+kind, kind)
		c.Exchange.URI = "com.myapp.plain"
		m := c.refused(kind, c.record(kind), "NoKey")
		if kind == "call" {
			m.Expect.Answer = "wamp.error.no_payload_codec"
		}
	}
	for match, pattern := range map2("prefix", prefix+"x.", "wildcard", "com.myapp.encrypted..z") {
		c := b.usual("places/topic outside a "+match, "publish")
		c.Exchange.URI, c.Exchange.Match = pattern, match
		c.refused("publish", c.record("publish").set("uri", prefix+"y"), "WrongURI").Details["topic"] = prefix + "y"
		c.refused("publish", c.record("publish").set("uri", prefix+"y"), "WrongURI")
		c = b.usual("places/sealed for another topic inside a "+match, "publish")
		c.Exchange.URI, c.Exchange.Match = pattern, match
		c.refused("publish", c.record("publish").set("uri", prefix+"x.y"), "WrongURI").Details["topic"] = prefix + "x.z"
	}
	c := b.usual("places/event for the holder of the originator's half", "publish")
	c.Role, c.Exchange.URI, c.Exchange.Match = "originator", prefix+"x.", "prefix"
	c.refused("publish", c.record("publish").set("uri", prefix+"x.y"), "WrongRole").Details["topic"] = prefix + "x.y"
	c = b.usual("places/sealed result of a plain call", "result")
	c.Exchange.URI, c.Exchange.Re = "com.myapp.plain", nil
	c.refused("result", c.record("result").unbound("re"), "WrongRequest")
	c = b.usual("places/sealed error of a plain call, without a key", "error")
	c.Exchange.URI, c.Exchange.Re = "com.myapp.plain", nil
	c.refused("error", c.record("error").unbound("re"), "NoKey")
	c = b.usual("places/error under another error URI", "error")
	c.refused("error", c.record("error"), "WrongURI").Error = "com.myapp.error.other"
	c = b.usual("places/unbound record without a uri, not in ppt", "publish")
	c.Unbound = true
	c.refused("publish", c.record("publish").without("bind").without("uri"), "WrongURI")
	c = b.talk("places/bound record without a uri in ppt", "ppt", "cbor", "pair", "publish")
	c.Unbound = true
	c.refused("publish", c.record("publish").without("uri"), "WrongURI")
}

// wrongRetained are old events of which something doesn't say that they may be.
func wrongRetained(b *book) {
	for name, v := range map[string]struct{ keep, said, asked bool }{
		"not sealed to be kept": {false, true, true},
		"not said to be kept":   {true, false, true},
		"not asked for":         {true, true, false},
		"twice":                 {true, true, true},
	} {
		c := b.usual("places/retained, "+name, "publish")
		c.Exchange.GetRetained = v.asked
		record := c.record("publish").bound("ts", now-1000*minute)
		if v.keep {
			record = record.bound("keep", true)
		}
		m := c.refused("publish", record, "Stale")
		if v.said {
			m.Details["retained"] = true
		}
		if name == "twice" {
			m.Expect = expected{Record: openedOf(record)}
			c.add(*m, expected{Reason: "Replayed"})
		}
	}
}
