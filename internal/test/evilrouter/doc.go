// Package evilrouter makes a hostile router of an honest one: it stands between
// WAMP clients and a nexus router, records every message, and lets a test decide
// what goes on in its place.
//
//	r, err := evilrouter.Start(honest.RawSocketURL(), evilrouter.PPT)
//	defer r.Close()
//	s, err := transparency.ConnectNet(ctx, r.URL(), cfg, ring, transparency.WithFraming(transparency.PPT))
//	victim := r.Conn(s.ID())
//
//	victim.On(evilrouter.Down, func(m *evilrouter.Message, send func(...*evilrouter.Message)) {
//		send(m)
//		if m.Is(wamp.EVENT) {
//			send(m.Clone()) // once more
//		}
//	})
//	...
//	call, err := r.Await(ctx, func(m *evilrouter.Message) bool { return m.Is(wamp.CALL) })
//	victim.Send(victim.Message(evilrouter.Down, wamp.RESULT, call.ID(1), map[string]any{}))
//
// # Connections
//
// Clients connect by RawSocket with any of nexus's serializers. Each connection has
// one of its own to the honest router, with the same serializer; it ends with it.
// Frames that hold no message are passed on.
//
// # Hooks
//
// A [Hook] is set for a direction of one connection or of all, by [Conn.On] and
// [Router.On]. It is called for each message in the order of arrival, by the
// goroutine that reads it, and decides by send what goes on: nothing, the message,
// changed copies of it, others. Where a message goes is said by its Conn and its
// Direction, so send reaches every connection, and may be called later, by other
// goroutines too. Without a hook everything is passed on. What a hook sends goes to
// no other hook and is not recorded.
//
// # Messages
//
// A [Message] is a list as the client writes or reads it. [Message.Details],
// [Message.Get] and [Message.Set] find options or details and the fields of an
// envelope in the seven messages that carry a payload, in each framing. They know
// the framings from their specifications: nothing here is code under test.
//
// Clients refuse invocations whose request ids go back. So ids are given anew on the
// way to a client, and hooks and record know nothing of that: [Conn.Invoke] injects
// an INVOCATION at any time, and those of nexus's go on.
//
// A nexus router carries no native payload transparency. With [Native] the
// attributes and the binary payload travel as a keyword argument of this package's
// own between here and nexus, and WELCOME announces payload_transparency. So the
// clients at both ends speak the real framing, and hooks see it.
package evilrouter
