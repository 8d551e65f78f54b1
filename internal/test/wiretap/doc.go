// Package wiretap stands between a WAMP client and its router and records what
// really crosses the connection. The quickstart shows with it what a router
// sees, and tests look in it for plaintext that should have been sealed.
//
//	tap, err := wiretap.WebSocket(r.WebSocketURL())
//	defer tap.Close()
//	c, err := client.ConnectNet(ctx, tap.URL(), cfg) // in place of the router's URL
//	...
//	found, err := tap.Contains("attack at dawn")
//
// # What is recorded
//
// Every WAMP message, both ways, as the serializer wrote it: WebSocket frames
// unmasked and put together, RawSocket frames without their header. What else
// can carry bytes is kept apart, marked [Message.Control], and searched as well:
// request and response headers, handshakes, pings, pongs and close reasons. A
// message is recorded before it is passed on, so whoever has seen its effect
// finds it in the record. The tap doesn't negotiate WebSocket compression; the
// two sides then don't use any.
//
// # What is searched for
//
// [Tap.Find] and [Tap.Contains] look for the needle as it is and in the
// encodings that hide it from a plain search: base64 (each alignment, standard
// and URL alphabets), hex, JSON string escapes, and lists of small integers in
// JSON, MessagePack and CBOR, which bytes turn into where a router doesn't know
// them for bytes. Absence is only ever reported by a tap that can know it: one
// that has recorded messages, and all of them.
package wiretap
