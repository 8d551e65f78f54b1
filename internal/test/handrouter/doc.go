// Package handrouter is a router that a test plays by hand, over a real
// connection. The test reads the messages of a client as lists. It sends lists, or bytes
// that are no message at all. Nothing is checked, so that tests can do what no router in its
// senses does.
//
//	r := handrouter.Start(t, handrouter.WebSocket, "json")
//	go connect(r.URL())
//	c := r.Welcome("payload_transparency")
//	call := c.Next()                      // [48, 1, {}, "com.x", [2, 3]]
//	c.Send(50, call[1], wamp.Dict{}, []any{5})
package handrouter
