// Package proxy stands between WAMP clients and their router. It records what really
// crosses the connections, looks in it for plaintext that should have been sealed, and
// makes a hostile router of an honest one: a test decides what goes on in place of each
// message.
//
//	p := proxy.Start(t, r.WebSocketURL()) // or RawSocketURL
//	c, err := client.ConnectNet(ctx, p.URL(), cfg) // in place of the router's URL
//	...
//	found, err := p.Contains("attack at dawn")
//
// # What is recorded
//
// Every WAMP message, both ways, as the serializer wrote it: WebSocket frames unmasked
// and put together, RawSocket frames without their header. What else can carry bytes is
// kept apart, marked [Message.Control], and searched as well: request and response
// headers, handshakes, pings, pongs, close reasons, and what broke off. A message is
// recorded before it is passed on, so whoever has seen its effect finds it in the record.
// The proxy doesn't negotiate WebSocket compression; the two sides then don't use any.
//
// # What is searched for
//
// [Proxy.Find] and [Proxy.Contains] look for the needle as it is and in the encodings
// that hide it from a plain search: base64 (each alignment, standard and URL alphabets),
// hex, JSON string escapes, and lists of small integers in JSON, MessagePack and CBOR,
// which bytes turn into where a router doesn't know them for bytes. Absence is only ever
// reported by a proxy that can know it: one that has recorded messages, and all of them.
//
// # Attacks
//
// With [Hostile] the proxy reads every message, and writes it anew. A [Hook] is set for a
// direction of one connection or of all, by [Conn.On] and [Proxy.On]:
//
//	p := proxy.Start(t, r.RawSocketURL(), proxy.Hostile(proxy.Passthru))
//	s, err := transparency.ConnectNet(ctx, p.URL(), cfg, ring)
//	victim := p.Conn(s.ID())
//	victim.On(proxy.Down, func(m *proxy.Message, send func(...*proxy.Message)) {
//		send(m)
//		if m.Is(wamp.EVENT) {
//			send(m.Clone()) // once more
//		}
//	})
//	...
//	call, err := p.Await(ctx, func(m *proxy.Message) bool { return m.Is(wamp.CALL) })
//	victim.Send(victim.Message(proxy.Down, wamp.RESULT, call.ID(1), map[string]any{}))
//
// A hook is called for each message in the order of arrival, by the goroutine that reads
// it, and decides by send what goes on: nothing, the message, changed copies of it,
// others. Where a message goes is said by its Conn and its Direction, so send reaches
// every connection, and may be called later, by other goroutines too. Without a hook
// everything is passed on. What a hook sends goes to no other hook and is not recorded.
//
// A [Message] is a list as the client writes or reads it. [Message.Details],
// [Message.Get] and [Message.Set] find options or details and the fields of an
// envelope in the seven messages that carry a payload, in each dialect. They know
// the dialects from their specifications: nothing here is code under test.
//
// Clients refuse invocations whose request ids go back. So ids are given anew on the
// way to a client, and hooks and record know nothing of that: [Conn.Invoke] injects
// an INVOCATION at any time, and those of nexus's go on.
//
// A nexus router doesn't carry Autobahn's dialect. With [Autobahn] the
// attributes and the binary payload travel as a keyword argument of this package's
// own between here and nexus, and WELCOME announces payload_transparency. So the
// clients at both ends speak the real dialect, and hooks see it.
package proxy
