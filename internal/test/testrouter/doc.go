// Package testrouter runs a nexus router inside the process, for tests: two
// realms, anonymous clients, WebSocket and RawSocket on free ports of the loopback
// interface, and no log.
//
//	r := testrouter.Start(t)
//	c, err := client.ConnectNet(ctx, r.WebSocketURL(), client.Config{Realm: "realm1"})
//	c, err := client.ConnectLocal(r.Router(), client.Config{Realm: "realm2"})
//
// # Shutdown
//
// nexus's own servers close their listener and nothing else, and a nexus
// router can end the process with "send on closed channel" when a client says
// HELLO after Close, or leaves between its HELLO and its WELCOME. This package
// accepts connections itself and stands between nexus and each connection
// (see [Router.Router]), so that [Router.Close] is complete: when it returns,
// every session has had its GOODBYE or is cut off, and no goroutine of the
// router or of a connection is left.
package testrouter
